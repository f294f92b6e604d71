"""The JSON API under ``/api/v1``: a project's own software reads and writes its records here.

One blueprint; one file per noun adds its operations to it (``operations.py`` says how), ``document.py`` describes them.
"""

from __future__ import annotations

from syncsvc.web.api import document, fields, questions, records, runs, tables  # each adds its operations
from syncsvc.web.api.operations import api

__all__ = ["api", "document", "fields", "questions", "records", "runs", "tables"]
