"""Telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace

import phonenumbers

from syncsvc.core.fields.base import StructuredField, Typed, ask, frozen, normalise, ok, reject, typed_text
from syncsvc.core.fields.contract import Context, DirectoryContact, Kind, Reading
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.slips import corrected
from syncsvc.core.folding import dashes
from syncsvc.core.model import Json

_EXTENSION = re.compile(
    r"(?:(?:DW|Durchw|Durchwahl|App|Apparat|Nebenstelle|Nst|-)\.?:? ?-? ?)?([0-9]{1,4})", re.IGNORECASE
)
_NUMBER_PREFIX = re.compile(
    r"^(?:Tel|Telefon|Telefonnummer|Tel\.?-?Nr|Mobil|Handy|Fon|Festnetz|Büro|dienstl|dienstlich)\b\.?:? ?",
    re.IGNORECASE,
)
_NUMBER_SUFFIX = re.compile(r",? ?\(?(?:DW|Durchwahl)\)?\.?$", re.IGNORECASE)
_FAX = re.compile(r"\b(?:fax|telefax)\b", re.IGNORECASE)
_BESIDE = re.compile(r"(?P<number>[-+0-9(][-+0-9()/. ]{4,}[0-9])[ ,;]*(?P<note>\(?[^\W\d_].*)")
_TWO_NUMBERS = re.compile(r" (?:o\.|oder|od\.|und|u\.|/|bzw\.) ?|[;,|] ?| / |/(?=-)")
_SERVICE = re.compile(r"\+49(?:800|180|137|138|900|700)")
_SWITCHBOARD = "0"
_EXTENSION_DIGITS = 5
_SHORTEST = 7
"""Digits from which on a number may be a whole one that lost its zero."""
_AREA_CODE = 5
"""Digits of the longest German area code: a first part that is no longer may be one."""
_MOBILE = re.compile(r"\+49(1[5-7][0-9])([0-9]+)")


class PhoneField(StructuredField):
    """A telephone number: ``e164`` and the spelling of DIN 5008, with ``ext`` where an extension is known.

    The column wants a direct dial: a number without extension is taken and logged as normalised, a switchboard is
    asked about, a service number is none (domain 2.2).
    """

    type = "phone"
    free_text = False
    blanks = StructuredField.blanks | {"by_arrangement": normalise(None)}

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line).lstrip("'")
        if _FAX.search(line):
            return reject("fax_number")
        parts = [part for part in _TWO_NUMBERS.split(line) if part]
        if len(parts) > 1 and len(re.sub(r"[^0-9]", "", parts[0])) > _AREA_CODE:
            found = [self._number(part, context) for part in parts]
            if all(isinstance(one.value, dict) for one in found):
                return ask("two_values", [one.value["e164"] for one in found if isinstance(one.value, dict)])
        reading = self._number(line, context)
        if reading.kind is Kind.OK and isinstance(reading.value, dict) and "ext" not in reading.value:
            return normalise(reading.value)
        return reading if reading.value is not None else self._beside(line, context) or reading

    def _of_other_house(self, number: str, context: Context) -> bool:
        house = _houses(context.contacts).get(number)
        return self.column.field.startswith("contact_jc") and house not in (None, context.organisation)

    def _beside(self, line: str, context: Context) -> Reading | None:
        """A number with words behind it: the words would be lost, so the number is only proposed."""
        found = _BESIDE.fullmatch(_NUMBER_PREFIX.sub("", line))
        reading = self._number(found["number"], context) if found else None
        return ask("text_beside_phone", reading.value) if reading and reading.accepted else None

    def _number(self, line: str, context: Context) -> Reading:
        trunk = _trunk(context)
        line = _NUMBER_SUFFIX.sub("", _NUMBER_PREFIX.sub("", line))
        if (extension := _EXTENSION.fullmatch(line)) and not re.fullmatch(r"0[0-9]+", line):
            return _dialled(trunk + extension[1], trunk, trunk) if trunk else ask("trunk_unknown")
        typed = re.sub(r"[ ()/.-]", "", line)
        digits, slip = corrected(typed, "#" * len(typed))
        if not re.fullmatch(r"\+?[0-9]{3,17}", digits):
            return reject("not_a_phone")
        if slip:
            number = _e164(digits) if digits.startswith(("0", "+")) else ""
            return ask(slip, _value(number, _split(number, line, trunk))) if number else reject("not_a_phone")
        if not line.lstrip(" (").startswith(("+", "0")):
            return _lost(digits, trunk)
        number = _e164(line)
        if not number:
            return reject("not_a_phone")
        if self._of_other_house(number, context):
            return ask("phone_of_other_organisation", _value(number, _split(number, line, trunk)))
        return _dialled(number, _split(number, line, trunk), trunk)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if not isinstance(cell, float):
            return reject("not_a_phone")
        # Leading zeros and plus signs do not survive in a number: never taken, only proposed.
        return replace(ask("number_in_text_column"), value=self._number(typed_text(cell), context).value)

    def key(self, value: Json) -> Hashable:
        return frozen(value.get("e164")) if isinstance(value, dict) else super().key(value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        return str(value["display"])


def _split(number: str, line: str, trunk: str) -> str:
    """The number's part before the extension: the job centre's trunk, or what stands before a single hyphen."""
    if trunk and number.startswith(trunk):
        return trunk
    hyphen = re.search(r"[0-9]-([0-9]{1,5})$", line) if line.count("-") == 1 else None
    return number[: -len(hyphen[1])] if hyphen else ""


def _dialled(number: str, split: str, trunk: str) -> Reading:
    """A whole number: taken, unless it reaches a switchboard or a service line instead of a person."""
    if _SERVICE.match(number):
        return ask("service_number")
    value = _value(number, split)
    if len(str(value.get("ext", ""))) > _EXTENSION_DIGITS:
        return reject("not_a_phone")
    return ask("switchboard", value) if trunk and number in (trunk, trunk + _SWITCHBOARD) else ok(value)


def _lost(digits: str, trunk: str) -> Reading:
    """What a number without 0 or + in front was before a spreadsheet took it for a number."""
    area = _area_code(trunk)
    if area and digits.startswith(trunk[len(area) :]):
        return ask("area_code_missing", _value(area + digits, trunk))
    if len(digits) < _SHORTEST:
        return reject("not_a_phone")
    if digits.startswith("49") and (number := _e164(f"+{digits}")):
        return ask("plus_lost", _value(number, trunk if trunk and number.startswith(trunk) else ""))
    if number := _e164(f"0{digits}"):
        return ask("leading_zero_lost", _value(number, trunk if trunk and number.startswith(trunk) else ""))
    return reject("not_a_phone")


def _area_code(trunk: str) -> str:
    """The country and area code of a trunk in E.164 form, ``""`` where it has none."""
    if not trunk.startswith("+49"):
        return ""
    length = phonenumbers.length_of_geographical_area_code(phonenumbers.parse(f"{trunk}0", "DE"))
    return trunk[: 3 + length] if length else ""


def _numbers(contacts: tuple[DirectoryContact, ...]) -> dict[str, str]:
    """Whose house each number of the directory belongs to."""
    return {_e164(contact.phone): contact.organisation for contact in contacts if contact.phone}


_houses = Derived[tuple[DirectoryContact, ...], dict[str, str]](_numbers)


def _trunk(context: Context) -> str:
    """The row's job centre's number without extension, as E.164 digits; ``""`` if it is not known."""
    house = next((o for o in context.organisations if o.key == context.organisation), None)
    digits = re.sub(r"[^0-9+]", "", house.trunk) if house else ""
    return f"+49{digits[1:]}" if digits.startswith("0") else digits


_ITALY = 39
_LEAST_NATIONAL = 10_000
"""Shorter than five digits behind the country code is no number anybody can be called on from outside."""


def _e164(text: str) -> str:
    """The number in E.164 form, ``""`` if it can be none."""
    try:
        number = phonenumbers.parse(text.replace("(0)", ""), "DE")
    except phonenumbers.NumberParseException:
        return ""
    if (
        number.extension
        or not phonenumbers.is_possible_number(number)
        or (number.national_number or 0) < _LEAST_NATIONAL
    ):
        return ""
    e164 = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    zero = e164.startswith(f"+{number.country_code}0") and number.country_code != _ITALY
    return "" if zero else e164  # a 0 behind the country code is dialled within the country only


def _value(e164: str, split: str) -> dict[str, Json]:
    """A number in normal form; ``split`` is its part before the extension (``""``: none known)."""
    extension = e164[len(split) :] if split else ""
    body = e164.removesuffix(extension) if extension else e164
    if mobile := _MOBILE.fullmatch(body):
        display = f"0{mobile[1]} {mobile[2]}"
    elif body.startswith("+49"):
        parsed = phonenumbers.parse(e164, "DE")
        area = body[3 : 3 + phonenumbers.length_of_geographical_area_code(parsed)]
        display = f"0{area} {body[3 + len(area) :]}" if area else f"0{body[3:]}"
    else:
        parsed = phonenumbers.parse(body, None)
        display = f"+{parsed.country_code} {body.removeprefix(f'+{parsed.country_code}')}"
    if not extension:
        return {"e164": e164, "display": display}
    return {"e164": e164, "display": f"{display}-{extension}", "ext": extension}
