"""People at work during the chaos: in the files, on the web pages and in the records; and what they typed."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import requests
from openpyxl.worksheet.worksheet import Worksheet

from syncsvc.core.model import Record
from syncsvc.errors import InvalidAnswer, SyncsvcError
from syncsvc.services import users
from syncsvc.services.questions import answer_question, list_questions
from syncsvc.services.records import set_values
from syncsvc.store import changes, questions, records, tables
from tests.fleet import COLUMNS, FAMILIES, HEADER, Fleet

FIELDS = {str(column["header"]): str(column["field"]) for column in COLUMNS}
FREE = ["Planung", "Notiz", "Stand JC"]
NAME = HEADER.index("Name")


@dataclass(frozen=True)
class Typed:
    """A text nobody else types, put by a person into one woman's cell."""

    key: str
    name: str
    header: str
    text: str


class People:
    """Everybody types each cell at most once on each side, so that no person overwrites her own text."""

    def __init__(self, fleet: Fleet, keys: list[str], seed: int) -> None:
        self.fleet, self.keys = fleet, keys
        self.typed: list[Typed] = []
        self.names = {key: [str(row[NAME]) for row in fleet.rows(key)] for key in keys}
        self.did: Counter[str] = Counter()
        self._source = random.Random(seed)
        self._ended = threading.Event()
        self._refs = {key: {str(row[NAME]): str(row[0]) for row in fleet.rows(key)} for key in keys}
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        users.add_user(fleet.rt, "frau-berger")
        self._links = [users.login_link(fleet.rt, "frau-berger", base_url="") for _ in range(100)]

    def begin(self, addresses: Iterable[str]) -> None:
        """Work until ``stop``, everybody for herself."""
        jobs: list[tuple[float, Callable[[], None]]] = [(0.12, self._in_a_file()), (0.2, self._in_a_record())]
        jobs += [(0.5, self._with_a_question), *((0.7, self._on_the_pages(address)) for address in addresses)]
        for pause, deed in jobs:
            self._threads.append(threading.Thread(target=self._repeat, args=(pause, deed), daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """Finish; raises what nobody expected."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _repeat(self, pause: float, deed: Callable[[], None]) -> None:
        while not self._ended.wait(pause):
            try:
                deed()
            except (SyncsvcError, requests.RequestException) as error:  # told to the person, who tries again
                self.did[f"sah: {type(error).__name__}"] += 1
            except BaseException as error:  # noqa: BLE001  # reported by the thread that waits for us
                self._errors.append(error)
                return

    def _cells(self) -> list[tuple[str, str, str]]:
        cells = [(key, name, header) for key in self.keys for name in self.names[key] for header in FREE]
        self._source.shuffle(cells)
        return cells

    def _in_a_file(self) -> Callable[[], None]:
        cells = self._cells()

        def deed() -> None:
            key = cells[-1][0] if cells else self._source.choice(self.keys)
            what = self._source.random()
            if what < 0.1:
                self._count("sortiert", self.fleet.edit(key, _sort))
            elif what < 0.15:
                name = f"{self._source.choice(FAMILIES)}, {_word(len(self.typed) + self.did.total())}"
                if self.fleet.edit(key, lambda sheet: sheet.append([None, name])):
                    self.names[key].append(name)
                    self._count("neue Zeile")
            elif cells:
                typed = Typed(*cells[-1], f"Blatt {len(cells)}")
                if self.fleet.edit(key, lambda sheet: _type(sheet, typed)):
                    cells.pop()
                    self.typed.append(typed)
                    self._count("im Blatt getippt")

        return deed

    def _in_a_record(self) -> Callable[[], None]:
        cells = [cell for cell in self._cells() if cell[2] != "Notiz" or self._source.random() < 0.5]

        def deed() -> None:
            if cells:
                typed = Typed(*cells[-1], f"Satz {len(cells)}")
                ref = self._refs[typed.key][typed.name]
                set_values(self.fleet.rt, ref, {FIELDS[typed.header]: typed.text}, actor="lead")
                cells.pop()
                self.typed.append(typed)
                self._count("im Datensatz getippt")

        return deed

    def _with_a_question(self) -> None:
        found = [each for each in list_questions(self.fleet.rt, limit=50) if each.kind in ("conflict", "proposal")]
        if found:
            question = self._source.choice(found)
            with suppress(InvalidAnswer):  # somebody or a run was faster
                answer_question(self.fleet.rt, question.id, self._source.choice(question.choices).key, actor="lead")
                self._count("Klärung beantwortet")

    def _on_the_pages(self, address: str) -> Callable[[], None]:
        browser = requests.Session()
        browser.headers["Connection"] = "close"

        def ask(method: str, path: str, **form: str) -> str:
            answer = browser.request(method, address + path, data=form or None, timeout=15)
            assert "Traceback" not in answer.text
            return answer.text if answer.ok else ""

        def press(page: str, path: str) -> str:
            found = re.search(r'name="csrf_token" value="([^"]+)"', page)
            return ask("POST", path, csrf_token=found[1]) if found else ""

        def deed() -> None:
            page = ask("GET", "/")
            if "/abmelden" not in page:
                link = self._links.pop()
                press(ask("GET", link), link)
                return
            key = self._source.choice(self.keys)
            press(ask("GET", f"/tabellen/{key}"), f"/tabellen/{key}/anfordern")
            self._count("Seite benutzt")

        return deed

    def _count(self, what: str, done: bool = True) -> None:
        self.did[what] += done

    # -- afterwards --------------------------------------------------------------------------------------------

    def lost(self) -> list[Typed]:
        """What was typed and now stands on no side, in no history and in no open question."""
        places = {key: _Places(self.fleet, key) for key in self.keys}
        return [typed for typed in self.typed if not places[typed.key].has(typed)]

    def misplaced(self) -> list[Typed]:
        """What stands in another woman's row or record, or in another column."""
        places = {key: _Places(self.fleet, key) for key in self.keys}
        return [typed for typed in self.typed if places[typed.key].has_elsewhere(typed)]

    def unknown(self) -> list[str]:
        """The women whose row has not become exactly one record and one row."""
        found = []
        for key in self.keys:
            places = _Places(self.fleet, key)
            in_rows, in_records = Counter(places.shown), Counter(places.named)
            found += [name for name in self.names[key] if (in_rows[name], in_records[name]) != (1, 1)]
        return found


class _Places:
    """Everything known about one table: rows and records by name, history, open questions."""

    def __init__(self, fleet: Fleet, key: str) -> None:
        rows = fleet.rows(key)
        self.shown = [str(row[NAME]) for row in rows]
        self.rows = {str(row[NAME]): dict(zip(HEADER, row, strict=True)) for row in rows}
        with fleet.rt.database.read() as session:
            table = tables.get(session, key)
            own = {
                ref: each for ref, each in records.of_project(session, table.project_id).items()
                if each.values.get("jobcenter") == f"jc-{key}"
            }  # fmt: skip
            self.records: dict[str, Record] = {_name(each): each for each in own.values()}
            self.named = [_name(each) for each in own.values()]
            self.told: dict[str, str] = defaultdict(str)
            for name, each in self.records.items():
                for change in changes.of_record(session, each.ref):
                    self.told[name] += json.dumps([change.old, change.new])
            for question in questions.open_for(session, table.id):
                name = next((name for name, each in self.records.items() if each.ref == question.ref), "")
                self.told[name] += json.dumps(question.document)

    def has(self, typed: Typed) -> bool:
        row, record = self.rows.get(typed.name, {}), self.records.get(typed.name)
        shown = row.get(typed.header) == typed.text
        kept = record is not None and record.values.get(FIELDS[typed.header]) == typed.text
        return shown or kept or json.dumps(typed.text) in self.told[typed.name]

    def has_elsewhere(self, typed: Typed) -> bool:
        cells = {(name, header) for name, row in self.rows.items() for header in row if row[header] == typed.text}
        values = {(name, field) for name, each in self.records.items() for field in each.values
                  if each.values[field] == typed.text}  # fmt: skip
        return bool(cells - {(typed.name, typed.header)} or values - {(typed.name, FIELDS[typed.header])})


def _name(record: Record) -> str:
    name = record.values["participant_name"]
    return f"{name['family']}, {name['given']}" if isinstance(name, dict) else str(name)


def _word(number: int) -> str:
    """A given name no other woman has: Aaaba."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters += chr(ord("a") + rest)
    return f"A{letters}"


def _type(sheet: Worksheet, typed: Typed) -> None:
    row = next(row for row in sheet.iter_rows(min_row=2) if row[NAME].value == typed.name)
    row[HEADER.index(typed.header)].value = typed.text


def _sort(sheet: Worksheet) -> None:
    rows = sorted(sheet.iter_rows(min_row=2, values_only=True), key=lambda row: str(row[NAME])[::-1])
    for number, row in enumerate(rows, start=2):
        for column, cell in enumerate(row, start=1):
            sheet.cell(number, column).value = cell
