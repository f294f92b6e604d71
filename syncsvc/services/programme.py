"""Apply programme and mapping files to the database: all of them or none, again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, DirectoryOrganisation
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side
from syncsvc.core.programme import Entry, Programme, programme_from
from syncsvc.core.schedules import ZONE
from syncsvc.core.schema import mapping_from, mapping_to
from syncsvc.core.staff import is_staff
from syncsvc.core.strict import Path as Place
from syncsvc.core.strict import Problem, unknown
from syncsvc.errors import ConfigurationError, InvalidFile, UsageError
from syncsvc.services.contacts import directory
from syncsvc.services.contacts.entries import Mistake, Reader
from syncsvc.services.contacts.events import Origin
from syncsvc.services.contacts.stafflist import open_list
from syncsvc.services.documents import Document, FileProblem, read
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, contacts, heartbeats, mappings, organisations, projects, records, tables
from syncsvc.store.models import Mapping as MappingRow
from syncsvc.store.models import Table
from syncsvc.store.outcome import Outcome

_Id = TypeVar("_Id")

_TWICE = "Das steht in diesen Dateien schon einmal; gleichnamige Personen brauchen einen key."

_TIMES = {"schedule": "", "zone": ZONE, "quiet_hours": "", "land": ""}
"""What says when a table is due, and what it is where no file says anything."""


@dataclass(frozen=True, slots=True)
class Change:
    """What applying did to one object: ``kind`` is mapping, organisation, project, contact or table.

    ``details`` names what changed, never a value of a person.
    """

    kind: str
    key: str
    action: Outcome
    details: str = ""


def apply_files(
    rt: Runtime, paths: Iterable[Path | str], *, dry_run: bool = False, actor: str = "apply"
) -> list[Change]:
    """Bring organisations, projects, contacts, mappings and tables to what these files say, in one transaction.

    The files may come in any order and refer to each other; a file with ``columns`` is a mapping. What a file leaves
    out stays as it is. A second time changes nothing. With ``dry_run`` nothing is written and the answer is the same.
    Raises ``InvalidFile`` with every mistake of every file, one to a line; then nothing was applied.
    """
    read_files = [_content(Path(path)) for path in paths]
    _refuse([problem for problems in read_files if isinstance(problems, list) for problem in problems])
    contents = [content for content in read_files if not isinstance(content, list)]
    with rt.database.write() as session:
        application = _Application(rt, session)
        application.run(contents)
        _refuse(application.problems)
        _note_in_audit(rt, session, application.changes, actor)
        if dry_run:
            session.rollback()
    return application.changes


def _note_in_audit(rt: Runtime, session: Session, changes: Iterable[Change], actor: str) -> None:
    """One entry for each object that is not as it was. A contact's names its organisation: keys can be names."""
    houses = {one.key: one.organisation for one in contacts.directory(session)}
    owners = {("project", one.key): one.id for one in projects.all_projects(session)}
    owners |= {("table", one.key): one.project_id for one in tables.all_tables(session)}
    for change in changes:
        if change.action is not Outcome.UNCHANGED:
            done = "added" if change.action is Outcome.CREATED else "changed"
            audit.note(
                session, f"{change.kind}.{done}", houses[change.key] if change.kind == "contact" else change.key,
                actor=actor, now=rt.clock.now(),
                project_id=owners.get((change.kind, change.key)), details={"settings": change.details},
            )  # fmt: skip


def apply_content(rt: Runtime, session: Session, programme: Programme, *, source: str) -> list[Change]:
    """Do what applying a file with this content does, as a part of the caller's transaction.

    ``source`` is what the revisions of its mappings name as their origin. Raises ``UsageError`` with everything that is
    wrong; then the transaction must not be committed.
    """
    application = _Application(rt, session)
    application.run([(Document(Path(source), {}), programme)])
    if application.problems:
        raise UsageError(" ".join(problem.message for problem in application.problems))
    return application.changes


def change_table(rt: Runtime, key: str, changes: Entry, *, actor: str) -> list[Problem]:
    """Change settings of one table as a programme file would: ``changes`` are keys of its entry there.

    What they leave out stays as it is. Returns everything that is wrong; then nothing was changed. Raises ``NotFound``.
    """
    with rt.database.write() as session:
        table = tables.get(session, key)
        entry = {
            "key": key,
            **_belongs_to(session, table),
            "mapping": session.get_one(MappingRow, table.mapping_id).key,
            "location": dict(table.location),
            **changes,
        }
        programme = programme_from({"tables": [entry]})
        if isinstance(programme, list):
            return [Problem(problem.path[2:], problem.message) for problem in programme]
        try:
            details = _Application(rt, session).change_table(programme.tables[0])
        except Mistake as mistake:
            session.rollback()
            return [Problem((mistake.name,), mistake.message)]
        if details:
            audit.note(
                session, "table.changed", key, actor=actor, now=rt.clock.now(), project_id=table.project_id,
                details={"settings": details},
            )  # fmt: skip
    return []


def _belongs_to(session: Session, table: Table) -> dict[str, str]:
    """The part of a table's entry that says whose it is."""
    project = projects.by_id(session, table.project_id)
    house = organisations.key_of(session, table.jobcentre_id)
    return {"directory": house or ""} if project.is_list else {"project": project.key}


def _refuse(problems: Sequence[FileProblem]) -> None:
    if problems:
        raise InvalidFile("\n".join(map(str, problems)))


def _content(path: Path) -> tuple[Document, TableMapping | Programme] | list[FileProblem]:
    document = read(path)
    if isinstance(document, FileProblem):
        return [document]
    is_mapping = isinstance(document.data, dict) and "columns" in document.data
    content = mapping_from(document.data) if is_mapping else programme_from(document.data)
    if isinstance(content, list):
        return document.problems(content)
    return document, content


class _Application:
    """Applies files within one session, in the order in which objects refer to each other.

    Collects the changes, and the problems instead of raising them.
    """

    def __init__(self, rt: Runtime, session: Session) -> None:
        self.changes: list[Change] = []
        self.problems: list[FileProblem] = []
        self._rt, self._session = rt, session
        self._houses = {house.key: house for house in organisations.directory(session)}
        self._people = {contact.key: contact for contact in contacts.directory(session)}

    def run(self, contents: Iterable[tuple[Document, TableMapping | Programme]]) -> None:
        """Apply everything."""
        programmes: list[tuple[Document, Programme]] = []
        for document, content in contents:
            if isinstance(content, Programme):
                programmes.append((document, content))
            else:
                with self._at(document, ()):
                    self._mapping(document, content)
        for document, programme in programmes:
            for number, mapping in enumerate(programme.mappings):
                with self._at(document, ("mappings", number)):
                    self._mapping(document, mapping)
        for document, place, entry in _entries(programmes, "organisations"):
            with self._at(document, place):
                self._organisation(entry)
        for document, place, entry in _entries(programmes, "projects"):
            with self._at(document, place):
                self._project(entry)
        self._contacts(_entries(programmes, "contacts"))
        for document, place, entry in _entries(programmes, "tables"):
            with self._at(document, place):
                self._table(entry, document.path.parent)
        self._wake_tables()

    def change_table(self, entry: Entry) -> str:
        """Apply one table's entry; what changed, empty for nothing. Raises ``Mistake``."""
        self._table(entry, Path())  # its location is absolute already
        self._wake_tables()
        return self.changes[-1].details

    @contextmanager
    def _at(self, document: Document, place: Place) -> Iterator[None]:
        try:
            yield
        except Mistake as mistake:
            self.problems.append(document.problem(Problem((*place, mistake.name), mistake.message)))

    def _mapping(self, document: Document, mapping: TableMapping) -> None:
        self._once("mapping", mapping.key)
        known = {one.key: one.id for one in mappings.all_mappings(self._session)}
        if mapping.key in known and self._is_staff(known[mapping.key]) != is_staff(mapping):
            raise Mistake("columns", "Listen von Ansprechpersonen und von Teilnehmerinnen brauchen eigene Zuordnungen.")
        outcome = mappings.add_revision(
            self._session,
            mapping.key,
            title=mapping.title,
            body=mapping_to(mapping),
            source=document.path.name,
            now=self._rt.clock.now(),
        )
        row = mappings.get(self._session, mapping.key)
        number = mappings.current(self._session, row.id).number
        self._note("mapping", mapping.key, outcome, f"Fassung {number}")

    def _organisation(self, entry: Entry) -> None:
        key = entry["key"]
        self._once("organisation", key)
        known = self._houses.get(key)
        before = asdict(known) if known else {}
        lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
        house = DirectoryOrganisation(**{**before, **entry, **lists})
        self._houses[key] = house
        outcome = organisations.upsert(self._session, house)
        self._note("organisation", key, outcome, _differences(before, asdict(house)))

    def _project(self, entry: Entry) -> None:
        key, prefix = entry["key"], entry["prefix"]
        self._once("project", key)
        known = {project.key: project for project in projects.all_projects(self._session)}.get(key)
        before = {"prefix": known.prefix, "name": known.name, "organisation": known.organisation_id} if known else {}
        house = self._house(entry, "organisation")
        after = {"prefix": prefix, "name": entry["name"], "organisation": house or before.get("organisation")}
        if known and known.prefix != prefix and records.any_of(self._session, known.id):
            raise Mistake("prefix", f"Das Kürzel {known.prefix} steht schon in TN-Nummern und bleibt.")
        try:
            outcome = projects.upsert(
                self._session, key, prefix=prefix, name=entry["name"], organisation_id=after["organisation"]
            )
        except UsageError as error:
            raise Mistake("prefix", error.message) from error
        self._note("project", key, outcome, _differences(before, after))

    def _contacts(self, entries: Iterable[tuple[Document, Place, Entry]]) -> None:
        """Apply the contacts: first who they are, because each may name another as her deputy."""
        houses, people = tuple(self._houses.values()), tuple(self._people.values())
        reader = Reader(
            Context(self._rt.today(), organisations=houses, contacts=people, vocabularies=self._rt.vocabularies)
        )
        meant: dict[str, tuple[Document, Place, Entry]] = {}
        for document, place, entry in entries:
            with self._at(document, place):
                self._house(entry, "organisation")
                key, _ = reader.meet(entry)
                if key in meant:
                    raise Mistake("key", _TWICE)
                meant[key] = (document, place, entry)
        described = []
        for key, (document, place, entry) in meant.items():
            with self._at(document, place):
                described.append(reader.described(key, entry, self._people.get(key)))
        outcomes = directory.save(self._rt, self._session, described, Origin("apply", "apply"))
        for contact, outcome in zip(described, outcomes, strict=True):
            known = self._people.get(contact.key)
            self._note("contact", contact.key, outcome, _differences(asdict(known) if known else {}, asdict(contact)))

    def _table(self, entry: Entry, folder: Path) -> None:
        key = entry["key"]
        self._once("table", key)
        known = {table.key: table for table in tables.all_tables(self._session)}.get(key)
        project = self._list_id(entry) if "directory" in entry else self._project_id(entry)
        mapping = self._mapping_id(entry)
        before = (
            {
                "key": key,
                "project": known.project_id,
                "jobcentre": known.jobcentre_id,
                "mapping": known.mapping_id,
                "edited_by": known.edited_by,
                **{name: getattr(known, name) for name in _TIMES},
                "location": known.location,
            }
            if known
            else {}
        )
        usual = {"jobcentre": None, "edited_by": [str(Side.PROJECT), str(Side.JOBCENTRE)], **_TIMES}
        named = [name for name in ("jobcentre", "directory") if name in entry]
        house = {"jobcentre": self._house(entry, named[0])} if named else {}
        own = {"project": project, "mapping": mapping, "location": self._location(entry["location"], folder)}
        after: dict[str, Any] = {**usual, **before, **entry, **house, **own}
        after["zone"] = after["zone"] or ZONE  # an emptied zone is the usual one
        if known and known.last_agreed_at and known.project_id != project:
            raise Mistake("project", "Diese Tabelle wird schon für ein anderes Projekt abgeglichen.")
        try:
            outcome = tables.upsert(
                self._session,
                key,
                project_id=project,
                jobcentre_id=after["jobcentre"],
                mapping_id=mapping,
                location=after["location"],
                edited_by=[Side(side) for side in after["edited_by"]],
                **{name: after[name] for name in _TIMES},
                enabled=known.enabled if known else True,
            )
        except UsageError as error:
            raise Mistake("location", error.message) from error
        table = tables.get(self._session, key)
        if before and before["mapping"] != mapping and table.approved_revision is not None:
            table.approved_revision = 0  # counts revisions of the mapping it had: none of the new one is approved
        self._note("table", key, outcome, _differences(before, after))

    def _list_id(self, entry: Entry) -> int:
        """The id of the project that stands for an organisation's list of staff."""
        house = _referred("Organisation", "directory", entry, {key: key for key in self._houses})
        try:
            project = open_list(self._rt, self._session, house)
        except UsageError as error:
            raise Mistake("directory", error.message) from error
        others = [one.key for one in tables.all_tables(self._session, project.id) if one.key != entry["key"]]
        if others:
            raise Mistake("directory", f"Diese Organisation hat schon eine Liste: die Tabelle „{others[0]}“.")
        return project.id

    def _project_id(self, entry: Entry) -> int:
        known = {project.key: project.id for project in projects.all_projects(self._session)}
        return _referred("Projekt", "project", entry, known)

    def _mapping_id(self, entry: Entry) -> int:
        known = {mapping.key: mapping.id for mapping in mappings.all_mappings(self._session)}
        found = _referred("Zuordnung", "mapping", entry, known)
        if self._is_staff(found) != ("directory" in entry):
            kind = "Ansprechpersonen (staff.…)" if "directory" in entry else "Teilnehmerinnen"
            raise Mistake("mapping", f"Hier gehört eine Zuordnung für eine Liste von {kind} hin.")
        return found

    def _is_staff(self, mapping_id: int) -> bool:
        mapping = mapping_from(mappings.current(self._session, mapping_id).body)
        return isinstance(mapping, TableMapping) and is_staff(mapping)

    def _house(self, entry: Entry, name: str) -> int | None:
        """The id of the organisation that an entry names, None if it names none."""
        if not entry.get(name):
            return None
        key = _referred("Organisation", name, entry, {key: key for key in self._houses})
        return organisations.get(self._session, key).id

    def _location(self, typed: Mapping[str, str], folder: Path) -> dict[str, str]:
        """The location as it is stored; ``folder`` is where it was written down."""
        try:
            return self._rt.tables.locate(typed, folder)
        except ConfigurationError as error:
            raise Mistake("location", f"{error.message} {error.hint}".strip()) from error

    def _once(self, kind: str, key: str) -> None:
        if any((change.kind, change.key) == (kind, key) for change in self.changes):
            raise Mistake("key", _TWICE)

    def _note(self, kind: str, key: str, outcome: Outcome, details: str) -> None:
        self.changes.append(Change(kind, key, outcome, details if outcome is Outcome.CHANGED else ""))

    def _wake_tables(self) -> None:
        """Have tables looked at again whose files did not change, but what their cells mean did."""
        moved = {change.kind for change in self.changes if change.action is not Outcome.UNCHANGED}
        tables_moved = {c.key for c in self.changes if c.kind == "table" and c.action is Outcome.CHANGED}
        everywhere = bool(moved & {"organisation", "contact"})
        for table in tables.all_tables(self._session):
            if everywhere or table.key in tables_moved:
                table.seen_version = None
            if table.key in tables_moved:
                table.next_due_at = None  # its schedule may be another one, its place the right one now
        if moved - {"contact"}:
            heartbeats.forget(self._session, heartbeats.COACHING)  # who coaches and what may be compared may be others


def _entries(programmes: Iterable[tuple[Document, Programme]], name: str) -> Iterator[tuple[Document, Place, Entry]]:
    for document, programme in programmes:
        for number, entry in enumerate(getattr(programme, name)):
            yield document, (name, number), entry


def _referred(noun: str, name: str, entry: Entry, known: Mapping[str, _Id]) -> _Id:
    if entry[name] not in known:
        raise Mistake(name, unknown(noun, entry[name], known))
    return known[entry[name]]


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return ", ".join(name for name, value in after.items() if before.get(name) != value)
