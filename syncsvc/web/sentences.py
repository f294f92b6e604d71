"""The service's own sentences, which are German wherever they are made, in the language of the page that shows them."""

from __future__ import annotations


def say(text: str) -> str:
    """What the service says, in the page's language."""
    return text
