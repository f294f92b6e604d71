"""What happens without anybody asking: which tables are due, and the engine that runs them.

The command line composes a process from these blocks and ``syncsvc.web``::

    with exclusive(settings.data_dir):
        scheduler = LocalScheduler(runtime)
        scheduler.start()
        serve(create_app(runtime, secret_key=...))  # returns on SIGTERM and SIGINT
        scheduler.stop()
"""
