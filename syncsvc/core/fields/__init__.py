"""What a field promises: read a cell, write a value, say when two values are the same.

One family per file; ``registry.field_for`` picks the field of a mapping column.
"""

from syncsvc.core.fields.contract import (
    Context,
    DirectoryContact,
    DirectoryOrganisation,
    Field,
    Kind,
    Reading,
    Vocabulary,
    VocabularyEntry,
)
from syncsvc.core.fields.proposals import proposed
from syncsvc.core.fields.registry import field_for
from syncsvc.core.fields.sentences import explain

__all__ = [
    "Context",
    "DirectoryContact",
    "DirectoryOrganisation",
    "Field",
    "Kind",
    "Reading",
    "Vocabulary",
    "VocabularyEntry",
    "explain",
    "field_for",
    "proposed",
]
