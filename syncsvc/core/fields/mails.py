"""Mail addresses."""

from __future__ import annotations

import re

from syncsvc.core.fields.base import StructuredField, Typed, ask, normalise, ok, reject
from syncsvc.core.fields.contract import Context, Reading
from syncsvc.core.folding import dashes, name_forms
from syncsvc.core.model import Json

_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}",
    re.ASCII,
)
SHARED_MAILBOX = re.compile(
    r"(?:team|info|kontakt|post|poststelle|service|zentrale|empfang|eingangszone|office|mail|sekretariat|verwaltung)"
    r"[-_.0-9]*@"
)
"""Addresses that by their name belong to an office, never to one person."""
_AT = re.compile(r" ?[(\[{] ?(?:at|ät|a)[)\]}] ?| at (?=\S+\.[a-z])", re.IGNORECASE)
_DOT = re.compile(r" ?[(\[{] ?(?:punkt|dot|\.)[)\]}] ?", re.IGNORECASE)
_LABEL = re.compile(r"^(?:e-?mail|mail|mailto)\b ?: ?", re.IGNORECASE)
_NAMED = re.compile(r"[^<>@]*<([^<>]+)>")
_STAFF = ("contact_jc_email", "staff.email")
_TWO = re.compile(r" ?[;,/] ?| und | u\. | oder ")
_UMLAUT_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class EmailField(StructuredField):
    """One mail address in small letters. Of a job centre's staff only addresses of its own domains are taken.

    An address that belongs, by its name, to somebody else than the row's contact person is asked about.
    """

    type = "email"
    free_text = False
    blanks = StructuredField.blanks | {"by_arrangement": normalise(None)}

    def read_line(self, line: str, context: Context) -> Reading:
        parts = [part for part in _TWO.split(line) if part]
        if len(parts) > 1:
            found = [self._address(part, context) for part in parts]
            if all(isinstance(one.value, str) for one in found):
                return ask("two_values", [one.value for one in found])
        return self._address(line, context)

    def _address(self, line: str, context: Context) -> Reading:
        named = _NAMED.fullmatch(line)
        line = _LABEL.sub("", dashes(named[1] if named else line).strip("<>;,. "))
        address = _DOT.sub(".", _AT.sub("@", line.lower()))
        plain = address.translate(_UMLAUT_LETTERS)
        if not _ADDRESS.fullmatch(plain):
            return reject("mail_invalid")
        if not self._allowed(plain.partition("@")[2], context):
            return reject("mail_domain_not_allowed")
        if plain != address:
            return ask("umlaut_in_local_part", plain)
        if SHARED_MAILBOX.match(plain):
            return ask("shared_mailbox", plain)
        return ask("mail_name_differs", plain) if self._of_somebody_else(plain, context) else ok(plain)

    def _allowed(self, domain: str, context: Context) -> bool:
        house = next((o for o in context.organisations if o.key == context.organisation), None)
        if self.column.field not in _STAFF or house is None or not house.mail_domains:
            return True
        return any(domain == own or domain.endswith(f".{own}") for own in house.mail_domains)

    def _of_somebody_else(self, address: str, context: Context) -> bool:
        """Whether the directory, or the name in the address, says that it is not the row's contact person's."""
        named = context.values.get("contact_jc")
        key = named.get("contact") if isinstance(named, dict) else None
        if self.column.field != "contact_jc_email" or key is None:
            return False
        owner = next((contact for contact in context.contacts if contact.email.casefold() == address), None)
        if owner is not None:
            return owner.key != key
        person = next((contact for contact in context.contacts if contact.key == key), None)
        words = [word for word in re.split(r"[._-]|[0-9]+", address.partition("@")[0]) if len(word) > 1]
        own = {word for form in name_forms(person.family) for word in form.split()} if person else set()
        return bool(words and own) and not own & set(words) and not any(name in "".join(words) for name in own)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("mail_invalid")

    def show(self, value: Json, context: Context) -> str:
        return str(value)
