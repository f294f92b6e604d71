"""What must not stand in a shared table, and is not repeated anywhere."""

from __future__ import annotations

import re

from syncsvc.core.fields.contract import Context, Vocabulary
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.words import WordSearch

VOCABULARY = "sensitive"
_MAIL = re.compile(r"\S+@\S+")
_search = Derived[Vocabulary, WordSearch](lambda vocabulary: WordSearch(vocabulary.entries))


def sensitive_code(text: str, context: Context) -> str:
    """``health_data``, ``negative_label`` or ``highly_sensitive`` where the text speaks of it, else ``""``.

    A mail address is nobody's state of health, whatever the mailbox is called.
    """
    vocabulary = context.vocabularies.get(VOCABULARY)
    found = _search(vocabulary).find(_MAIL.sub(" ", text)) if vocabulary else None
    return found.key if found else ""
