"""Shared .xlsx and .xlsm files: read with their types, written cell by cell."""
