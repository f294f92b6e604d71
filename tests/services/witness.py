"""Somebody who saw every value being typed, and judges from that alone what a sync may have done.

Nothing here uses the service's own merging: the rules are those of the design, written down a second time.
A *token* is a value without its spelling; None is a blank.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from syncsvc.core.cells import decode
from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Json, Logical, RecordState
from syncsvc.store.changes import Change, Where
from syncsvc.store.questions import Question
from tests.services.world import COLUMNS, FIELDS, Kept, Picture, RowPicture

Token: TypeAlias = Hashable
UNSET: Final = ("never settled",)
ANYTHING: Final = ("unknown",)
_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")


def token(field_: str, cell: Cell | Json) -> Token:
    """The value of a cell or a record, however it is written."""
    if isinstance(cell, Formula):
        return ("formula", cell.text) if cell.value is None else token(field_, cell.value)
    if isinstance(cell, str):
        text = cell.strip() or None
        if text and FIELDS[field_].type == "date" and (day := _DAY.fullmatch(text)):
            return f"{day[3]}-{day[2]}-{day[1]}"
        if text and FIELDS[field_].type == "number" and text.isdigit():
            return int(text)
        return text
    if isinstance(cell, ErrorValue):
        return ("error", cell.code)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float | int):
        return str(int(cell)) if FIELDS[field_].type == "text" else int(cell)
    return ("cell", repr(cell)) if isinstance(cell, Covered | Logical) else None


def readable(column: Kept, cell: Cell) -> bool:
    """Whether the cell means something in this column."""
    if isinstance(cell, Formula):
        return cell.value is not None and readable(column, cell.value)
    if token(column.field, cell) is None:
        return True
    if column.type == "text":
        return isinstance(cell, str)
    if column.type == "date":
        return isinstance(cell, date) or (isinstance(cell, str) and _is_day(cell))
    return isinstance(cell, float) or (isinstance(cell, str) and cell.strip().isdigit())


def _is_day(text: str) -> bool:
    day = _DAY.fullmatch(text.strip())
    return day is not None and 1 <= int(day[1]) <= 28 and 1 <= int(day[2]) <= 12


@dataclass(frozen=True, slots=True)
class Ending:
    """What may stand on both sides after a run; ``asked``: and a question about the cell is open."""

    sheet: Token
    record: Token
    asked: bool = False


def ending(column: Kept, owner_types: bool, base: Token, cell: Cell, record: Token) -> Ending:
    """The merge table of the design, for one cell: base, sheet and record in, both sides out."""
    sheet = token(column.field, cell)
    stay = Ending(sheet, record, asked=True)
    if not readable(column, cell):
        return stay
    if column.required and sheet is None and base not in (None, UNSET):
        return stay
    if sheet == record:
        return Ending(sheet, record)
    if base == UNSET and (record is None or sheet is None):
        both = record if sheet is None else sheet
        return stay if sheet is None and isinstance(cell, Formula) else Ending(both, both)
    if sheet != base and record == base:
        return Ending(sheet, sheet) if owner_types else stay
    if sheet == base:
        if isinstance(cell, Formula) or column.owner == "jobcentre":
            return stay
        return Ending(record, record)
    if column.owner == "project" and not isinstance(cell, Formula):
        return Ending(record, record)
    if column.owner == "jobcentre" and owner_types:
        return Ending(sheet, sheet)
    return stay


@dataclass
class Witness:
    """What was typed for whom, what must not be lost, and what both sides last agreed on.

    ``family`` joins the women whose rows were copied from one another: their values may stand with each of them.
    ``bases`` are per cell the values that may count as last agreed, ``doubtful`` the cells an unfinished write of the
    service may have reached, ``settled`` the references a person put away.
    """

    edited_by: tuple[str, ...]
    family: dict[str, str] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    ever: set[tuple[str, str]] = field(default_factory=set)
    typed: dict[tuple[str, str], set[Token]] = field(default_factory=lambda: defaultdict(set))
    owed: dict[tuple[str, str], set[Token]] = field(default_factory=lambda: defaultdict(set))
    bases: dict[tuple[str, str], set[Token]] = field(default_factory=dict)
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    void: set[str] = field(default_factory=set)

    # -- what people do ----------------------------------------------------------------------------------------

    def meet(self, who: str) -> None:
        self.family.setdefault(who, who)

    def join(self, one: str, other: str) -> None:
        """One row was copied from another: nobody can tell their values apart any more."""
        self.meet(one)
        old, new = self.family[one], self.family[other]
        if old == new:
            return
        for who, root in self.family.items():
            if root == old:
                self.family[who] = new
        for book in (self.typed, self.owed):
            for root, name in [key for key in book if key[0] == old]:
                book[new, name] |= book.pop((root, name))

    def binds(self, who: str, ref: str) -> None:
        """This woman's record is ``ref``; what stands with an earlier one of hers is still hers."""
        self.refs[who] = ref
        self.ever.add((who, ref))

    def types(self, who: str, name: str, value: Token) -> None:
        self.typed[self.family[who], name].add(value)

    def takes_away(self, who: str, name: str, value: Token, records: Picture) -> None:
        """A person removed a value from the table: if no record holds it, nobody else has to keep it."""
        refs = self._refs(self.family[who])
        held = {token(name, records.records[ref].values.get(name)) for ref in refs if ref in records.records}
        if value not in held:
            self.owed[self.family[who], name].discard(value)

    def knows_nothing(self, who: str, name: str | None = None) -> None:
        """A person decided about this woman: what counts as agreed now is not for the witness to say."""
        for column in COLUMNS:
            if name in (None, column.field):
                self.bases[who, column.field] = {ANYTHING}
                self.doubtful.discard((who, column.field))

    def _refs(self, root: str) -> set[str]:
        return {ref for who, ref in self.ever if self.family[who] == root}

    def who_has(self, ref: str) -> str | None:
        return next((who for who, known in self.refs.items() if known == ref), None)

    # -- what a run starts from --------------------------------------------------------------------------------

    def looks(self, picture: Picture) -> None:
        """Everything that stands on a side when a run starts must stand somewhere afterwards."""
        for who, name, value in self._values(picture):
            self.owed[self.family[who], name].add(value)

    def _values(self, picture: Picture) -> Iterator[tuple[str, str, Token]]:
        for row in picture.rows:
            for name, cell in row.cells.items():
                if row.who and (value := token(name, cell)) is not None:
                    yield row.who, name, value
        for who, ref in self.refs.items():
            if ref in picture.records:
                for name in FIELDS:
                    if (value := token(name, picture.records[ref].values.get(name))) is not None:
                        yield who, name, value

    # -- what must be true at any time -------------------------------------------------------------------------

    def nothing_lost(self, picture: Picture, history: Callable[[str], list[Change]]) -> None:
        """Every value owed stands on a side, in the history or in an open question about its cell."""
        standing: dict[tuple[str, str], set[Token]] = defaultdict(set)
        for who, name, value in self._values(picture):
            standing[self.family[who], name].add(value)
        for (root, name), values in self.owed.items():
            missing = values - standing[root, name]
            if missing:
                refs = self._refs(root)
                missing -= set(_asked(picture.questions, refs, name))
            if missing:
                logged = {value for ref in refs for value in _logged(history(ref), name)}
                values -= logged  # the log is append-only: these are safe for ever
                missing -= logged
            assert not missing, f"lost: {missing} of {root} in {name}"

    def nothing_misplaced(self, picture: Picture) -> None:
        """Every value stands with the woman it was typed for."""
        for who, name, value in self._values(picture):
            assert value in self.typed[self.family[who], name], f"{value} stands with {who} in {name}"

    def nobody_doubled(self, picture: Picture) -> None:
        """A reference stands in one row, except where a question says so."""
        seen: dict[Cell, int] = {}
        for row in picture.rows:
            if row.ref is not None and row.ref in seen:
                codes = {question.code for question in picture.questions}
                assert codes & {"reference_doubled"}, f"{row.ref} stands in rows {seen[row.ref]} and {row.number}"
            seen[row.ref] = row.number

    # -- what a run did ----------------------------------------------------------------------------------------

    def judges(self, before: Picture, after: Picture) -> None:
        """A run that nothing disturbed: every cell ended as the design says, every row kept its place."""
        claims = [row.ref for row in before.rows if row.ref is not None]
        for row in before.rows:
            if not row.who:
                continue  # the service put this row back after its mark was gone: a stranger to us
            now = after.row(row.who)
            assert now is not None, f"the row of {row.who} is gone"
            ref = self.refs.get(row.who)
            if claims.count(row.ref) > 1 or (row.ref != ref and ref is not None and ref in claims):
                self._judge_claimed(row, now, after)
            elif ref is None:
                self._judge_new(row, now, before, after)
            elif now.ref == ref:
                if after.records[ref].state is RecordState.ACTIVE:
                    self._judge_known(row, now, ref, before, after)
            else:
                self._judge_strayed(row, now, ref, before, after)
        self._judge_missing(before, after)

    def _judge_known(self, row: RowPicture, now: RowPicture, ref: str, before: Picture, after: Picture) -> None:
        for column in COLUMNS:
            name = column.field
            record = token(name, before.records[ref].values.get(name))
            found = token(name, now.cells[name]), token(name, after.records[ref].values.get(name))
            asked = {question.code for question in after.asked(ref, name)}
            bases = self.bases.get((row.who, name), {UNSET})
            place = f"{row.who} {ref} {name}: base {bases}, sheet {row.cells[name]!r}, record {record!r}"
            if ANYTHING in bases:
                continue
            endings = {ending(column, self._owner_types(column), base, row.cells[name], record) for base in bases}
            stays = found == (token(name, row.cells[name]), record)
            if stays and (asked & {"flip"} or (asked & {"interrupted"} and (row.who, name) in self.doubtful)):
                continue
            assert Ending(*found, asked=bool(asked)) in endings, f"{place} ended as {found}, asked {asked}"
            if found == (token(name, row.cells[name]),) * 2 or not readable(column, row.cells[name]):
                assert now.cells[name] == row.cells[name], f"{place} was rewritten"

    def _owner_types(self, column: Kept) -> bool:
        return column.owner == "both" or column.owner in self.edited_by

    def _judge_new(self, row: RowPicture, now: RowPicture, before: Picture, after: Picture) -> None:
        """A row without a participant: taken over whole once its required cells are filled, else left as it is."""
        assert now.cells == row.cells, f"the new row of {row.who} was changed"
        ready = all(token(c.field, row.cells[c.field]) is not None for c in COLUMNS if c.required)
        ready = ready and any(readable(c, row.cells[c.field]) and row.cells[c.field] is not None for c in COLUMNS)
        if isinstance(now.ref, str) and now.ref in before.records and self.who_has(now.ref) is None:
            self.binds(row.who, now.ref)  # her record was made by a run that died before it could write the reference
            self.knows_nothing(row.who)
            return
        if row.ref is not None or not ready:
            assert now.ref == row.ref, f"the reference of {row.who} became {now.ref}"
            assert len(after.records) >= len(before.records)
            return
        if now.ref is None:
            # rows alike in every cell share one question; each has its note
            assert now.note is not None, f"{row.who} was not taken over, and nothing says why"
            return
        assert isinstance(now.ref, str)
        assert self.who_has(now.ref) is None, f"{row.who} got {now.ref}, which is somebody else's"
        self.binds(row.who, now.ref)
        for column in COLUMNS:
            cell = row.cells[column.field]
            wanted = token(column.field, cell) if readable(column, cell) else None
            found = token(column.field, after.records[now.ref].values.get(column.field))
            assert found == wanted, f"{row.who} {column.field}: {cell!r} became {found!r}"
            assert readable(column, cell) or after.asked(now.ref, column.field), f"{cell!r} raised no question"

    def _judge_claimed(self, row: RowPicture, now: RowPicture, after: Picture) -> None:
        """One of several rows with one reference: whoever keeps it, the cells stay; the other one is shown."""
        for name, cell in row.cells.items():
            if token(name, now.cells[name]) != token(name, cell):
                assert now.ref is not None
        if isinstance(now.ref, str) and now.ref in after.records and now.ref != self.refs.get(row.who):
            self.binds(row.who, now.ref)
        self.knows_nothing(row.who)

    def _judge_strayed(self, row: RowPicture, now: RowPicture, ref: str, before: Picture, after: Picture) -> None:
        """A row whose reference was wiped or spoiled and not restored: somebody is asked, nothing moves."""
        assert now.cells == row.cells, f"{row.who}: cells moved although nobody knows whose row it is"
        about = [q for q in after.questions if ref in (q.ref, *_candidates(q)) or (q.row == row.number and not q.ref)]
        about += [q for q in after.questions if now.ref is not None and q.ref == now.ref]
        assert about or ref in self.settled or ref in self.void, f"{row.who} lost {ref} and nobody is asked"
        assert after.records[ref] == before.records[ref]
        untouched = all(
            self.bases.get((row.who, name)) == {token(name, cell)} and cell is not None
            for name, cell in row.cells.items()
        )
        alone = len(self._refs(self.family[row.who])) == 1
        gone = {question.ref for question in before.questions if question.kind == "deletion"} | self.settled
        assert not (untouched and alone and ref not in gone), (
            f"{row.who} is all herself and was not recognised as {ref}"
        )
        if isinstance(now.ref, str) and now.ref in after.records and now.ref not in before.records:
            self.binds(row.who, now.ref)
        self.knows_nothing(row.who)

    def _judge_missing(self, before: Picture, after: Picture) -> None:
        """A woman without a row: nothing about her changes, and somebody is asked or her row is put back."""
        rows = {row.ref for row in after.rows}
        for ref, record in before.records.items():
            assert ref in after.records, f"the record {ref} is gone"
            if ref in {row.ref for row in before.rows}:
                continue
            if ref in rows:
                row = next(row for row in after.rows if row.ref == ref)
                if not row.who:
                    for name, cell in row.cells.items():
                        assert token(name, cell) == token(name, record.values.get(name)), (
                            f"{ref} {name} came as {cell!r}"
                        )
                        assert readable(FIELDS[name], cell), f"{ref} {name} came as {cell!r}"
                continue
            assert after.records[ref] == record, f"{ref} changed without a row"
            about = [q for q in after.questions if ref in (q.ref, *_candidates(q))]
            assert about or ref in self.settled | self.void, f"{ref} has no row and nobody is asked"

    def remembers(self, before: Picture, after: Picture, *, clean: bool, raced: bool = False) -> None:
        """Move what counts as agreed, after a run that finished (``clean``) or did not."""
        for row in after.rows:
            ref = self.refs.get(row.who)
            if ref is None or row.ref != ref or ref not in after.records:
                continue
            was = before.row(row.who)
            for name, cell in row.cells.items():
                key = (row.who, name)
                known = self.bases.get(key, {UNSET})
                sheet, record = token(name, cell), token(name, after.records[ref].values.get(name))
                old = before.records.get(ref)
                old_record = token(name, old.values.get(name)) if old is not None else None
                old_sheet = token(name, was.cells[name]) if was is not None else None
                if sheet == record and readable(FIELDS[name], cell):
                    moved = old_record != record or (old_sheet != sheet and not raced)
                    self.bases[key] = {record} if clean or moved or was is None else known | {record}
                    if clean:
                        self.doubtful.discard(key)
                elif not clean:
                    moved = old is not None and old_record != record
                    self.bases[key] = {record} if moved and not raced else known | {record} if raced else known

    def doubts(self, picture: Picture) -> None:
        """A write of the service may have got lost: what it meant to change may be asked about."""
        for row in picture.rows:
            ref = self.refs.get(row.who)
            if ref in picture.records:
                self.doubtful |= {
                    (row.who, name)
                    for name, cell in row.cells.items()
                    if token(name, cell) != token(name, picture.records[ref].values.get(name))
                }


def _candidates(question: Question) -> tuple[str, ...]:
    found = question.document.get("candidates")
    return tuple(str(ref) for ref in found) if isinstance(found, list) else ()


def _asked(questions: Iterable[Question], refs: set[str], name: str) -> Iterator[Token]:
    for question in questions:
        if question.ref in refs and question.field == name:
            document: Mapping[str, Json] = question.document
            for part in ("sheet", "record", "proposal"):
                yield token(name, document.get(part))
            if "raw" in document:
                yield token(name, decode(document["raw"]))


def _logged(log: Iterable[Change], name: str) -> Iterator[Token]:
    for change in log:
        if change.field == name:
            for value in (change.old, change.new):
                yield token(name, value if change.side is Where.RECORD else decode(value))
