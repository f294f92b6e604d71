"""The vocabularies that come with the service: measures, roles, statuses, language courses and levels."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from syncsvc.core.fields import Vocabulary, VocabularyEntry

_OWN_KEYS = frozenset({"key", "label", "aliases", "valid_from"})


@cache
def load() -> dict[str, Vocabulary]:
    """Every packaged vocabulary by name. The same objects at every call, so that fields fold their words once."""
    reader = YAML(typ="safe", pure=True)
    folder = files("syncsvc.core.fields") / "vocabularies"
    documents = [reader.load(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {
        document["name"]: Vocabulary(document["name"], tuple(_entry(entry) for entry in document["entries"]))
        for document in documents
    }


def _entry(data: dict[str, Any]) -> VocabularyEntry:
    return VocabularyEntry(
        key=data["key"],
        label=data["label"],
        aliases=tuple(data.get("aliases", ())),
        valid_from=data.get("valid_from"),
        details={name: text for name, text in data.items() if name not in _OWN_KEYS},
    )
