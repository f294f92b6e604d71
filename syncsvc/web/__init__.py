"""The pages admins use. ``create_app`` builds them and starts nothing else; ``serve`` lets waitress answer with them.

The command line composes a process from these blocks and ``syncsvc.jobs.local.LocalScheduler``.
"""

from syncsvc.web.app import create_app
from syncsvc.web.server import serve

__all__ = ["create_app", "serve"]
