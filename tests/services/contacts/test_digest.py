"""Coaches and liaisons are told by mail what changed: in their rhythm, once, in counts, and not at all otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncsvc.core.contacts import Event, Kind
from syncsvc.core.digest import COACH, LIAISON, News, Rhythm, gather, last_due, sentences
from syncsvc.core.fields.contract import DirectoryOrganisation
from syncsvc.core.model import BaseRow
from syncsvc.errors import NotDelivered, NotFound, UsageError
from syncsvc.ports.notify import Letter, NullNotifier
from syncsvc.providers.registry import Registry
from syncsvc.services import notices, vocabularies
from syncsvc.services.contacts import digest
from syncsvc.services.runtime import Digests, Runtime
from syncsvc.store import bases, contact_events, contacts, organisations, projects, records, responsibilities
from syncsvc.store.database import Database
from syncsvc.store.responsibilities import NewResponsibility
from tests.example import FakeClock
from tests.factories import NOW, make_contact, make_record, make_table
from tests.notifiers.mailserver import NOTIFIER, mail_server, notifier_for
from tests.services.bench import Bench
from tests.services.hostile.tables import long_table, references

BERLIN = ZoneInfo("Europe/Berlin")
COACH_MAIL, LIAISON_MAIL = "leyla.demir@traeger.example", "petra.lange@jobcenter-beispielstadt.example"
REFS = ("BSP-0137-E", "BSP-0138-C", "BSP-0139-A")
OTHERS = "BSP-0141-M"
"""A participant of another coach."""


@dataclass
class Post:
    """A notifier that keeps its letters, or fails with ``trouble``."""

    letters: list[Letter]
    trouble: Exception | None = None
    site: str = "https://sync.example"
    recipient = staticmethod(NOTIFIER.recipient)
    check = NullNotifier().check

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self.trouble is not None:
            raise self.trouble


@dataclass
class Programme:
    """Four participants in one table, a coach who has three of them, a liaison at the job centre; all subscribed."""

    rt: Runtime
    clock: FakeClock
    post: Post

    def happens(
        self, kind: Kind, *refs: str, role: str = "contact_jc", table: bool = True, undone: bool = False
    ) -> None:
        with self.rt.database.write() as session:
            contact_events.add(
                session,
                kind=kind,
                role=role,
                from_key="c-1",
                to_key=None if kind is Kind.VACANCY else "c-2",
                refs=refs,
                group_key="g",
                at=self.clock.now(),
                day=self.rt.today(),
                table_id=1 if table else None,
            )
            if undone:
                contact_events.latest(session)[0].undone_at = self.clock.now()
            if kind is Kind.VACANCY:
                responsibilities.add(session, [vacant(ref, self.clock.now()) for ref in refs])

    def morning(self, *, days: int = 1) -> list[Letter]:
        """The letters of the morning some days later."""
        self.clock.pass_by(days=days)
        before = len(self.post.letters)
        digest.post(self.rt)
        notices.deliver(self.rt)
        return self.post.letters[before:]


def vacant(ref: str, at: datetime) -> NewResponsibility:
    return NewResponsibility(
        ref=ref, role="contact_jc", side="jobcentre", contact=None, valid_from=at.date(), source="test", seen_at=at
    )


@pytest.fixture
def programme(database: Database, tmp_path: Path) -> Programme:
    with database.write() as session:
        organisations.upsert(session, DirectoryOrganisation("traeger", "provider", "Beispielträger"))
        table_id = make_table(session)
        project = projects.get(session, "bsp")
        project.organisation_id = organisations.get(session, "traeger").id
        refs = (*REFS, OTHERS)
        women = [make_record(ref, coach="c-other" if ref == OTHERS else "c-coach") for ref in refs]
        records.create(session, project.id, women, NOW)
        bases.save(session, table_id, ["entry_date"], [BaseRow(ref, (None,), (None,)) for ref in refs])
        contacts.upsert(session, make_contact())
        leyla = {"organisation": "traeger", "family": "Demir", "given": "Leyla", "role": "coach", "email": COACH_MAIL}
        contacts.upsert(session, make_contact("c-coach", **leyla))
        petra = {"family": "Lange", "given": "Petra", "role": "liaison", "email": LIAISON_MAIL}
        contacts.upsert(session, make_contact("c-liaison", **petra))
        contacts.upsert(session, make_contact("c-mute", email=""))
    clock, post = FakeClock(), Post([])
    rt = Runtime(
        database, Registry(tmp_path), clock, vocabularies.load(), "test", notifier=post, digests=Digests(on=True)
    )
    for key in ("c-coach", "c-liaison"):
        digest.subscribe(rt, key, Rhythm.DAILY)
    return Programme(rt, clock, post)


@pytest.mark.parametrize(
    ("now", "rhythm", "due"),
    [  # 2 March 2026 is a Monday
        ("2026-03-04T07:00", Rhythm.DAILY, "2026-03-04"),
        ("2026-03-04T06:59", Rhythm.DAILY, "2026-03-03"),
        ("2026-03-08T12:00", Rhythm.DAILY, "2026-03-06"),  # on Sunday: Friday's
        ("2026-03-09T06:00", Rhythm.DAILY, "2026-03-06"),
        ("2026-03-04T12:00", Rhythm.WEEKLY, "2026-03-02"),
        ("2026-03-02T06:59", Rhythm.WEEKLY, "2026-02-23"),
        ("2026-03-31T12:00", Rhythm.WEEKLY, "2026-03-30"),  # the clocks went forward on Sunday
    ],
)
def test_letters_leave_at_seven_on_working_days_or_on_mondays(now: str, rhythm: Rhythm, due: str) -> None:
    """Local time; a service that was down at seven catches up."""
    moment = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    assert last_due(rhythm, moment) == datetime.fromisoformat(f"{due}T07:00").replace(tzinfo=BERLIN)


def test_news_are_counted_by_participant() -> None:
    """Who got a new contact twice is one participant; a coach hears of contacts, a liaison of hand-overs too."""
    happened = [
        Event(Kind.CHANGE, "contact_jc", "a", "b", ("1", "2")),
        Event(Kind.HANDOVER, "contact_jc", "b", "c", ("1", "2", "3")),
        Event(Kind.VACANCY, "contact_jc", "b", None, ("4",)),
        Event(Kind.CHANGE, "coach", "x", "y", ("9",)),
    ]
    assert gather(happened, COACH) == {News.NEW_CONTACT: frozenset("123")}
    assert gather(happened, LIAISON) == {News.HANDOVER: frozenset("123"), News.VACANCY: frozenset("4")}


def test_a_letter_says_how_many_and_who_only_if_it_may() -> None:
    """The reference is a pseudonym, and still leaves the house only where the operator wants it."""
    news = {News.VACANCY: frozenset({"BSP-0138-C"}), News.NEW_CONTACT: frozenset(REFS[:2])}
    assert sentences(news, references=False) == (
        "2 Ihrer Teilnehmerinnen haben eine neue Ansprechperson. Eine Teilnehmerin ist ohne Ansprechperson."
    )
    assert sentences(news, references=True) == (
        "2 Ihrer Teilnehmerinnen haben eine neue Ansprechperson (BSP-0137-E, BSP-0138-C). "
        "Eine Teilnehmerin ist ohne Ansprechperson (BSP-0138-C)."
    )
    assert sentences({}, references=True) == ""


def test_the_coach_hears_of_her_participants_and_the_liaison_of_her_house(programme: Programme) -> None:
    """By a real mail, which says nothing but counts, the house and where to look."""
    with mail_server() as server:
        programme.rt = replace(programme.rt, notifier=notifier_for(server))
        programme.happens(Kind.HANDOVER, *REFS, OTHERS)
        programme.happens(Kind.VACANCY, REFS[0])
        programme.morning()

        mails = {mail["To"]: mail for mail in server.mails}

    assert set(mails) == {COACH_MAIL, LIAISON_MAIL}
    coach, liaison = (mails[to].get_content() for to in (COACH_MAIL, LIAISON_MAIL))
    assert "Jobcenter Beispielstadt: 3 Ihrer Teilnehmerinnen haben eine neue Ansprechperson." in coach
    assert "ohne Ansprechperson" not in coach
    assert "4 Teilnehmerinnen wurden an eine andere Ansprechperson übergeben." in liaison
    assert "Eine Teilnehmerin ist ohne Ansprechperson." in liaison
    for text in (coach, liaison):
        assert "https://sync.example/monatsabgleich/bsp-beispielstadt" in text
        for personal in ("BSP-", "Müller", "Demir", "Lange", "@", "030"):
            assert personal not in text


def test_nothing_happened_means_no_letter(programme: Programme) -> None:
    """Neither does what was taken back, what a person was told already, or what is somebody else's."""
    assert programme.morning() == []
    programme.happens(Kind.HANDOVER, *REFS, undone=True)
    programme.happens(Kind.CHANGE, OTHERS)
    programme.happens(Kind.CHANGE, REFS[0], role="coach")
    assert programme.morning() == []

    programme.happens(Kind.CHANGE, REFS[0])
    assert len(programme.morning()) == 1
    assert programme.morning() == []


def test_a_place_filled_meanwhile_is_no_vacancy(programme: Programme) -> None:
    """Who was told by Monday that somebody is missing would ask for nothing."""
    programme.happens(Kind.VACANCY, REFS[0])
    with programme.rt.database.write() as session:
        [row] = [one for one in responsibilities.of_record(session, REFS[0]) if one.contact_key is None]
        row.valid_to = row.valid_from
    assert programme.morning() == []


def test_what_happened_on_our_side_is_told_by_the_participants_table(programme: Programme) -> None:
    """A hand-over from the directory names no table."""
    programme.happens(Kind.LEFT, *REFS, role="", table=False)
    (letter,) = programme.morning()
    assert letter.recipient == LIAISON_MAIL
    assert "Bei 3 Teilnehmerinnen ist die eingetragene Ansprechperson nicht mehr da." in letter.text
    assert "/monatsabgleich/bsp-beispielstadt" in letter.text


def test_weekly_gathers_a_week(programme: Programme) -> None:
    """Until Monday nothing, then one letter about all of it."""
    digest.subscribe(programme.rt, "c-coach", Rhythm.WEEKLY)
    programme.happens(Kind.CHANGE, REFS[0])
    assert programme.morning() == []
    programme.happens(Kind.CHANGE, REFS[1])
    assert programme.morning() == []

    (letter,) = programme.morning(days=5)

    assert "2 Ihrer Teilnehmerinnen" in letter.text


def test_a_letter_that_may_have_arrived_keeps_its_number_and_is_never_made_twice(programme: Programme) -> None:
    """The outbox repeats it; the digest does not add another."""
    programme.happens(Kind.CHANGE, REFS[0])
    programme.post.trouble = NotDelivered()
    assert len(programme.morning()) == 1
    programme.post.trouble = None

    programme.happens(Kind.CHANGE, REFS[1])
    (letter,) = programme.morning()

    assert letter.text.count("Eine Ihrer Teilnehmerinnen") == 2, "both, once each"
    assert programme.morning() == []


@pytest.mark.parametrize("change", [{"digests": Digests()}, {"notifier": NullNotifier()}])
def test_switched_off_or_without_mail_nothing_is_put_into_the_outbox(
    programme: Programme, change: dict[str, object]
) -> None:
    """And switched on later it tells what happened since it was last told."""
    programme.happens(Kind.CHANGE, REFS[0])
    programme.clock.pass_by(days=1)
    digest.post(replace(programme.rt, **change))  # type: ignore[arg-type]  # the fields' own values
    assert notices.unread(programme.rt) == []
    assert len(programme.morning()) == 1


def test_letters_to_one_person_are_not_shown_to_all(programme: Programme) -> None:
    """While the mail server is away the overview shows what waits for everybody only."""
    programme.happens(Kind.CHANGE, REFS[0])
    programme.clock.pass_by(days=1)
    digest.post(programme.rt)
    assert notices.unread(programme.rt) == []


def test_whoever_left_or_unsubscribed_gets_nothing(programme: Programme) -> None:
    """Without anybody having to think of it."""
    with programme.rt.database.write() as session:
        coach = contacts.find(session, "c-coach")
        assert coach is not None
        contacts.upsert(session, replace(coach, left_on=NOW.date()))
    digest.subscribe(programme.rt, "c-liaison", Rhythm.OFF)
    programme.happens(Kind.HANDOVER, *REFS)
    assert programme.morning() == []

    digest.subscribe(programme.rt, "c-liaison", Rhythm.DAILY)
    assert programme.morning() == [], "what happened while it was off stays untold"


def test_a_preview_shows_what_would_be_told_and_tells_nothing(programme: Programme) -> None:
    """The letter of the next morning is still complete."""
    programme.happens(Kind.CHANGE, REFS[0])
    text = "Jobcenter Beispielstadt: Eine Ihrer Teilnehmerinnen hat eine neue Ansprechperson."
    assert [(one.contact, one.rhythm, one.parts) for one in digest.preview(programme.rt)] == [
        ("c-coach", "daily", (digest.Part("bsp-beispielstadt", text),)),
        ("c-liaison", "daily", ()),
    ]
    assert len(programme.morning()) == 1


def test_who_has_no_address_or_is_nobody_cannot_subscribe(programme: Programme) -> None:
    """With a sentence that says why."""
    with pytest.raises(UsageError):
        digest.subscribe(programme.rt, "c-mute", Rhythm.DAILY)
    with pytest.raises(NotFound):
        digest.subscribe(programme.rt, "c-nobody", Rhythm.DAILY)


def test_rows_that_join_a_hand_over_after_a_letter_are_told_of_too(bench: Bench) -> None:
    """Three rows on Monday afternoon, seven on Tuesday: one hand-over, and nobody may miss its larger part."""
    refs = references(10)
    bench.given(long_table(10))
    bench.sync()
    with bench.database.write() as session:
        petra = {"family": "Lange", "given": "Petra", "role": "liaison", "email": LIAISON_MAIL}
        contacts.upsert(session, make_contact("c-liaison", **petra))
    post = Post([])
    rt = replace(bench.rt, notifier=post, digests=Digests(on=True))
    digest.subscribe(rt, "c-liaison", Rhythm.DAILY)
    for some, hours in ((refs[:3], 8), (refs[3:], 7)):
        bench.clock.moment += timedelta(hours=hours)
        for ref in some:
            bench.people_type(ref, "Ansprechperson JC", "Schulz, Peter")
        bench.sync()
        bench.clock.moment += timedelta(hours=24 - hours)
        digest.post(rt)
        notices.deliver(rt)
    assert len(post.letters) == 2
    assert "10 Teilnehmerinnen wurden an eine andere Ansprechperson übergeben." in post.letters[1].text


def test_what_a_run_writes_down_while_letters_leave_is_told_the_next_time(programme: Programme) -> None:
    """It began before seven and ended after: a letter that says "until now" would have passed it over for ever."""
    programme.clock.moment = datetime(2026, 3, 3, 6, 59, 58, tzinfo=BERLIN)
    began = programme.clock.now()
    programme.clock.pass_by(minutes=1)
    digest.post(programme.rt)
    programme.clock.moment, later = began, programme.clock.now()
    programme.happens(Kind.CHANGE, REFS[0])
    programme.clock.moment = later
    assert len(programme.morning()) == 1
    assert programme.morning() == []
