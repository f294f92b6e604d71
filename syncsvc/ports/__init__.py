"""Promises about what we do not own."""
