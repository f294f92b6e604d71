"""Requests of a batch about what stands around the cells: protections, names, filters, conditional formats."""

from __future__ import annotations

from typing import Any

from tests.fakes.google import ranges, refusals
from tests.fakes.google.a1 import Box
from tests.fakes.google.changes import mask, needed, new_id
from tests.fakes.google.grid import Filter, NamedRange, Protection, Rule, Sheet
from tests.fakes.google.protection import may_edit
from tests.fakes.google.ranges import Area
from tests.fakes.google.resource import protection_shown, rule_shown
from tests.fakes.google.visit import Visit

_PROTECTION = {"range", "description", "warningOnly", "editors", "unprotectedRanges"}


def add_protected_range(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """Whoever adds a protection is among its editors; without editors named, only the owner beside."""
    content = needed(given, "protectedRange")
    area = _area(visit, content)
    protection = Protection(content.get("protectedRangeId", new_id()), area.box)
    if any(each.id == protection.id for sheet in visit.document.sheets for each in sheet.protections):
        raise refusals.invalid(f"Protected range with id {protection.id} already exists.")
    _fill(visit, protection, content, _PROTECTION - {"range"})
    if not protection.warning_only:
        protection.editors = (*protection.editors, visit.email)
    area.sheet.protections.append(protection)
    return {"protectedRange": protection_shown(area.sheet, protection, visit)}


def update_protected_range(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    tree, content = mask(given, "ProtectedRange"), given.get("protectedRange", {})
    sheet, protection = _protection(visit, content.get("protectedRangeId", 0))
    if refused := set(tree) - _PROTECTION:
        raise refusals.invalid(f"Field {min(refused)} cannot be written here.")
    if "range" in tree or not tree:
        area = _area(visit, content)
        if area.sheet is not sheet:
            raise refusals.invalid("A protected range cannot move to another sheet.")
        protection.box = area.box
    _fill(visit, protection, content, set(tree) or _PROTECTION)
    return {}


def delete_protected_range(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    sheet, protection = _protection(visit, given.get("protectedRangeId", 0))
    sheet.protections.remove(protection)
    return {}


def _area(visit: Visit, content: dict[str, Any]) -> Area:
    return ranges.grid_range(visit.document, needed(content, "range"))


def _fill(visit: Visit, protection: Protection, content: dict[str, Any], names: set[str]) -> None:
    if "description" in names:
        protection.description = content.get("description", "")
    if "warningOnly" in names:
        protection.warning_only = content.get("warningOnly", False)
    if "editors" in names:
        protection.editors = () if protection.warning_only else tuple(content.get("editors", {}).get("users", ()))
    if "unprotectedRanges" in names:
        given = content.get("unprotectedRanges", [])
        if given and protection.box != Box():
            raise refusals.invalid("Unprotected ranges are only supported on protected sheets.")
        protection.unprotected = tuple(ranges.grid_range(visit.document, each).box for each in given)


def _protection(visit: Visit, wanted: int) -> tuple[Sheet, Protection]:
    for sheet in visit.document.sheets:
        for protection in sheet.protections:
            if protection.id == wanted:
                if not may_edit(protection, visit.email, visit.owner):
                    raise refusals.protected(visit.document.locale)
                return sheet, protection
    raise refusals.invalid(f"No protected range with id: {wanted}")


def add_named_range(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    content = needed(given, "namedRange")
    name, area = needed(content, "name"), ranges.grid_range(visit.document, needed(content, "range"))
    if any(each.name.casefold() == name.casefold() for each in visit.document.names):
        raise refusals.invalid(f"A named range with name {name} already exists.")
    named = NamedRange(content.get("namedRangeId", str(new_id())), name, area.sheet.id, area.box)
    visit.document.names.append(named)
    return {"namedRange": {"namedRangeId": named.id, "name": name, "range": ranges.given(area)}}


def delete_named_range(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    wanted = needed(given, "namedRangeId")
    if all(each.id != wanted for each in visit.document.names):
        raise refusals.invalid(f"No named range with id: {wanted}")
    visit.document.names = [each for each in visit.document.names if each.id != wanted]
    return {}


def set_basic_filter(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """Filters by hidden values; sorting a filter does not move rows here, use ``sortRange``."""
    content = needed(given, "filter")
    area = ranges.grid_range(visit.document, needed(content, "range"))
    specs = {spec.get("columnIndex", 0): spec.get("filterCriteria", {}) for spec in content.get("filterSpecs", [])}
    criteria = specs or {int(column): criterion for column, criterion in content.get("criteria", {}).items()}
    hidden = tuple((column, frozenset(criterion.get("hiddenValues", []))) for column, criterion in criteria.items())
    area.sheet.filter = Filter(area.box, hidden, tuple(content.get("sortSpecs", [])))
    return {}


def clear_basic_filter(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    visit.document.sheet(given.get("sheetId", 0)).filter = None
    return {}


def add_rule(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    content = dict(needed(given, "rule"))
    areas = [ranges.grid_range(visit.document, each) for each in content.pop("ranges", [])]
    if not areas or any(area.sheet is not areas[0].sheet for area in areas):
        raise refusals.invalid("The rule must have ranges, all on the same grid.")
    if len({"booleanRule", "gradientRule"} & set(content)) != 1:
        raise refusals.invalid("Must specify a boolean or a gradient rule.")
    rules = areas[0].sheet.rules
    rules.insert(given.get("index", 0), Rule(tuple(area.box for area in areas), content))
    return {}


def delete_rule(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    sheet, index = visit.document.sheet(given.get("sheetId", 0)), given.get("index", 0)
    if not 0 <= index < len(sheet.rules):
        raise refusals.invalid(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return {"rule": rule_shown(sheet, sheet.rules.pop(index))}
