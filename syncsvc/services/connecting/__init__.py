"""Connect a table step by step: where it lies, which tab, what its columns mean, when it is synced, then switch it on.

Nothing but a sealed draft is kept before the last step; no step asks a platform for what the draft knows already.
"""
