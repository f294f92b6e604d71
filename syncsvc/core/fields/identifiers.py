"""Numbers that name a person, a household or a place: participant reference, Kundennummer, BG-Nummer, postcode."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable

from syncsvc.core.fields.base import StructuredField, Typed, ask, normalise, ok, reject, typed_text
from syncsvc.core.fields.contract import Context, Reading
from syncsvc.core.fields.slips import corrected
from syncsvc.core.folding import dashes, fold
from syncsvc.core.model import Json
from syncsvc.core.references import Reference, completed, read_reference

NOT_REGISTERED = "– (nicht gemeldet)"
"""How a table shows that somebody is registered with no office (domain: sample table)."""

_TWO = re.compile(r" ?[/;,] | und | u\. ?| oder ")
_REFERENCE_PREFIX = re.compile(r"^(?:TN-?(?:Nr|Nummer)?|Nr|Ref)\b[.:]* *", re.IGNORECASE)
_REFERENCE_SHAPE = re.compile(r"([A-Z][A-Z0-9]*-)([0-9OIl]+)(-[A-Z0-9])", re.ASCII)


class ReferenceField(StructuredField):
    """A participant reference in its one spelling, ``BSP-0137-E``; any prefix is read."""

    type = "reference"

    def read_line(self, line: str, context: Context) -> Reading:
        line = _REFERENCE_PREFIX.sub("", line).lstrip("'")
        found = read_reference(line, context.prefix)
        if isinstance(found, Reference):
            return ok(str(found))
        if found == "ref_incomplete":
            return ask("ref_incomplete", str(completed(line, context.prefix)))
        both = [read_reference(part, context.prefix) for part in _TWO.split(line)]
        if len(both) > 1 and all(isinstance(one, Reference) for one in both):
            return ask("two_values", [str(one) for one in both])
        return self._slip(line, context) or reject(found)

    def _slip(self, line: str, context: Context) -> Reading | None:
        shape = _REFERENCE_SHAPE.fullmatch(dashes(line))
        if shape is None:
            return None
        digits, code = corrected(shape[2], "#" * len(shape[2]))
        meant = read_reference(f"{shape[1]}{digits}{shape[3]}", context.prefix)
        return ask(code, str(meant)) if code and isinstance(meant, Reference) else None

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        whole = completed(typed_text(cell), context.prefix) if isinstance(cell, float) else None
        return ask("ref_incomplete", str(whole)) if whole else reject("not_a_reference")

    def show(self, value: Json, context: Context) -> str:
        return str(value)


_CUSTOMER_PREFIX = re.compile(
    r"^(?:(?:KD?|Kd|Kunden?|BA|BA-Kunden)[-. ]*(?:Nr|Nummer|nummer)?|KdNr|KuNr|KNR|Kundennummer)\b[.:]* *",
    re.IGNORECASE,
)
_OFFICE_PREFIX = re.compile(r"^[0-9]{3} +(?=[0-9]{3}[A-Za-z][0-9]{6}$)")
_CUSTOMER = re.compile(r"[0-9]{3}[A-Z][0-9]{6}", re.ASCII)
_DIGITS_OR_LIKE = r"[0-9OoIl]"
_CUSTOMER_SLIP = re.compile(rf"{_DIGITS_OR_LIKE}{{3}}[A-Za-z]{_DIGITS_OR_LIKE}{{6}}", re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


class CustomerNumberField(StructuredField):
    """A Kundennummer, three digits, a letter, six digits; or ``{"customer_no": null, "reason": …}`` for having none.

    It has no check character (domain 2.1), so a letter that looks like a digit is asked about and never corrected.
    A number cell is damage: ``123E000004`` becomes 1230000 in a spreadsheet, and is proposed again where only one
    Kundennummer can have become that number.
    """

    type = "text"
    free_text = False
    blanks = {
        reason: normalise({"customer_no": None, "reason": reason})
        for reason in ("unknown", "pending", "not_registered")
    } | {"none": ask("empty_unclear"), "by_arrangement": ask("empty_unclear")}

    def read_line(self, line: str, context: Context) -> Reading:
        if _SCIENTIFIC.fullmatch(line):
            return reject("number_in_text_column")
        parts = [_customer_number(part) for part in _TWO.split(line)]
        if len(parts) > 1 and all(part.accepted for part in parts):
            return ask("two_values", [part.value for part in parts])
        return _customer_number(line)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if not isinstance(cell, float):
            return reject("customer_no_pattern")
        found = _before_damage(cell)
        return ask("number_in_text_column", found) if found else reject(_customer_fault(typed_text(cell)))

    def key(self, value: Json) -> Hashable:
        return fold(value) or None if isinstance(value, str) else super().key(value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            return str(value)
        return {"not_registered": NOT_REGISTERED, "pending": "beantragt", "unknown": "unbekannt"}[str(value["reason"])]


def _customer_number(line: str) -> Reading:
    line = _CUSTOMER_PREFIX.sub("", dashes(line)).strip(" '")
    plain = re.sub(r"[ .-]", "", _OFFICE_PREFIX.sub("", line))
    if _CUSTOMER.fullmatch(plain.upper()) and not (plain[3].islower() and plain[3] == "l"):
        return ok(plain.upper())
    if _CUSTOMER_SLIP.fullmatch(plain):
        fixed, code = corrected(plain, "###-######")
        if code:
            return ask(code, fixed.upper())
    return reject(_customer_fault(plain))


def _customer_fault(plain: str) -> str:
    if plain.isdigit():
        return "customer_no_letter_missing"
    if re.fullmatch(r"[0-9]{1,3}[A-Za-z][0-9]*", plain, re.ASCII) and len(plain) != 10:
        return "customer_no_too_short" if len(plain) < 10 else "customer_no_too_long"
    return "customer_no_pattern"


def _before_damage(number: float) -> str:
    """The only Kundennummer with the letter E that a spreadsheet reads as this number; ``""``: none, or several."""
    if not math.isfinite(number):
        return ""
    wholes = ((power, number / 10**power) for power in range(13))
    found = [f"{int(whole):03d}E{power:06d}" for power, whole in wholes if whole.is_integer() and 0 < whole < 1000]
    return found[0] if len(found) == 1 else ""


_HOUSEHOLD_PREFIX = re.compile(r"^BG\b[-. ]*(?:Nr|Nummer)?\b[.:]* *", re.IGNORECASE)
_HOUSEHOLD = re.compile(r"([0-9]{5}) ?(?://|/|BG|-|) ?([0-9]{7})", re.IGNORECASE)
_HOUSEHOLD_SHORT = re.compile(r"([0-9]{5}) ?(?://|BG) ?([0-9]{1,6})", re.IGNORECASE)
_FILE_PREFIX = re.compile(r"^(?:Az|Aktenzeichen|Akte|Gz|Geschäftszeichen)\b[.:]* *", re.IGNORECASE)
_FILE = re.compile(r"[0-9A-Za-z.-]*[0-9][0-9A-Za-z.-]*/[0-9]{2,4}", re.ASCII)
_FILE_LIMIT = 40


class HouseholdNumberField(StructuredField):
    """A BG-Nummer, ``98765//0001234``; a municipal job centre's own file number is asked about."""

    type = "text"
    free_text = False

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line).lstrip("'")
        named = _FILE_PREFIX.sub("", line)
        if (named != line or _FILE.fullmatch(named)) and 0 < len(named) <= _FILE_LIMIT:
            return ask("local_file_no", named)
        number = _HOUSEHOLD_PREFIX.sub("", line)
        if found := _HOUSEHOLD.fullmatch(number):
            return ok(f"{found[1]}//{found[2]}")
        if found := _HOUSEHOLD_SHORT.fullmatch(number):
            return ask("bg_no_short", f"{found[1]}//{found[2].zfill(7)}")
        return reject("bg_no_pattern")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("number_in_text_column")

    def key(self, value: Json) -> Hashable:
        return fold(value) or None if isinstance(value, str) else super().key(value)

    def show(self, value: Json, context: Context) -> str:
        return str(value)


_POSTCODE_PREFIX = re.compile(r"^(?:PLZ\b[.:]* *|(?:D|DE)\b ?-? ?(?=[0-9O]))", re.IGNORECASE)
_POSTCODE = re.compile(r"(?P<code>[0-9Ool]{2} ?[0-9Ool]{0,8})(?:,? +(?P<city>[^\W\d].*))?")
_CITY_FIRST = re.compile(r"(?P<city>[^\W\d][^\d]*?),? +(?P<code>[0-9]{5})")
_OUR_POSTCODES = re.compile(r"(?!00)[0-9]{5}")


class PostcodeField(StructuredField):
    """A German postcode, ``09111``, with the town where one was typed: ``{"postcode": …, "city": …}``."""

    type = "text"

    def read_line(self, line: str, context: Context) -> Reading:
        line = _POSTCODE_PREFIX.sub("", dashes(line).lstrip("'"))
        found = _CITY_FIRST.fullmatch(line) or _POSTCODE.fullmatch(line)
        if found is None:
            return reject("postcode_missing")
        typed = found["code"].replace(" ", "")
        digits, slip = corrected(typed, "#" * len(typed))
        if len(digits) != 5:
            return _wrong_length(digits)
        if not _OUR_POSTCODES.fullmatch(digits):
            return reject("postcode_invalid")
        value: Json = {"postcode": digits, "city": found["city"]} if found["city"] else digits
        return ask(slip, value) if slip else normalise(value) if found["city"] else ok(value)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if not isinstance(cell, float) or not cell.is_integer() or not 1000 <= cell <= 99999:
            return reject("postcode_length")
        return ask("number_in_text_column", f"{int(cell):05d}")  # five digits leave one reading of lost zeros

    def show(self, value: Json, context: Context) -> str:
        return f"{value['postcode']} {value['city']}" if isinstance(value, dict) else str(value)


def _wrong_length(digits: str) -> Reading:
    if len(digits) > 5:
        return reject("postcode_length")
    if len(digits) == 4 and not digits.startswith("0"):
        return ask("leading_zero_lost", f"0{digits}")
    return ask("postcode_short")
