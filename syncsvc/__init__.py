"""Two-way sync of shared participant tables between projects and job centres."""

__version__ = "0.1.0"
