"""Notices reach the mailbox of whoever has to act: once, gathered, and again when nobody can have got them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from syncsvc.errors import Actor, DeliveryUnknown, NotDelivered
from syncsvc.ports.notify import Letter, NullNotifier
from syncsvc.providers.registry import Registry
from syncsvc.services import notices, vocabularies
from syncsvc.services.runtime import Runtime
from syncsvc.store import notices as outbox
from syncsvc.store import tables
from syncsvc.store.database import Database
from tests.example import FakeClock
from tests.factories import make_mapping, make_project, make_table
from tests.notifiers.mailserver import NOTIFIER, mail_server, notifier_for

GONE = "Die Datei der Tabelle ist nicht da. Bitte zurücklegen."


@dataclass
class Post:
    """A notifier that keeps its letters, or fails with ``trouble``; ``on_send`` is what happens meanwhile."""

    letters: list[Letter] = field(default_factory=list)
    trouble: Exception | None = None
    site: str = "https://sync.example"
    recipient = staticmethod(NOTIFIER.recipient)
    check = NullNotifier().check

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self.trouble is not None:
            raise self.trouble


@dataclass(frozen=True)
class Office:
    rt: Runtime
    post: Post
    clock: FakeClock

    def add(self, text: str = GONE, *, audience: Actor = Actor.TABLE, table: str | None = "bsp-beispielstadt") -> None:
        with self.rt.database.write() as session:
            table_id = tables.get(session, table).id if table else None
            outbox.add(session, audience=audience, code="gone", text=text, now=self.clock.now(), table_id=table_id)

    def round(self) -> list[Letter]:
        """The letters of one round of delivery."""
        before = len(self.post.letters)
        notices.deliver(self.rt)
        return self.post.letters[before:]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """Two projects with a table each; the first has an office with a mailbox."""
    with database.write() as session:
        make_table(session, "bsp-beispielstadt")
        tables.upsert(
            session,
            "abc-beispielstadt",
            project_id=make_project(session, "abc", prefix="ABC"),
            mapping_id=make_mapping(session),
            location={"provider": "memory", "name": "abc"},
        )
    post, clock = Post(), FakeClock()
    return Office(Runtime(database, Registry(tmp_path), clock, vocabularies.load(), "test", notifier=post), post, clock)


def test_one_letter_per_mailbox_gathers_what_waits(office: Office) -> None:
    office.add()
    office.add("Die Tabelle lässt sich wieder öffnen.")
    office.add("Die Platte ist voll.", audience=Actor.OPERATOR, table=None)

    letters = {letter.recipient: letter for letter in office.round()}

    assert set(letters) == {"buero@bsp.example", "betrieb@traeger.example"}
    text = letters["buero@bsp.example"].text
    assert letters["buero@bsp.example"].subject == "Tabellenabgleich: 2 Mitteilungen"
    assert text.index(GONE) < text.index("wieder öffnen")
    assert f"02.03.2026 09:00 Uhr: {GONE}" in text, "08:00 UTC is 09:00 in Berlin"
    assert "https://sync.example/tabellen/bsp-beispielstadt" in text
    assert "Platte" not in text


def test_a_project_reads_of_its_own_tables_only(office: Office) -> None:
    office.add()
    office.add("Fremd.", table="abc-beispielstadt")

    letters = {letter.recipient: letter.text for letter in office.round()}

    assert "abc-beispielstadt" not in letters["buero@bsp.example"]
    assert "Fremd." in letters["betrieb@traeger.example"], "a project without an office is the operator's"


def test_what_was_delivered_is_never_sent_again(office: Office) -> None:
    office.add()
    assert len(office.round()) == 1

    office.clock.pass_by(days=30)

    assert office.round() == []


def test_a_letter_that_did_not_leave_is_tried_again_ever_more_rarely(office: Office) -> None:
    """After one minute, two, four; and what came meanwhile goes into the same letter."""
    office.add()
    office.post.trouble = NotDelivered()
    assert len(office.round()) == 1
    for minutes in (1, 2, 4):
        office.clock.pass_by(minutes=minutes, seconds=-1)
        assert office.round() == [], minutes
        office.clock.pass_by(seconds=1)
        assert len(office.round()) == 1, minutes

    office.post.trouble = None
    office.clock.pass_by(hours=6)
    office.add("Neu.")
    (letter,) = office.round()

    assert GONE in letter.text
    assert "Neu." in letter.text


def test_the_longest_pause_is_six_hours(office: Office) -> None:
    office.add()
    office.post.trouble = NotDelivered()
    for _ in range(30):
        office.clock.pass_by(hours=6)
        assert len(office.round()) == 1


def test_a_refused_mailbox_keeps_nobody_else_waiting(office: Office) -> None:
    with mail_server() as server:
        server.refused = {"buero@bsp.example"}
        rt = replace(office.rt, notifier=notifier_for(server))
        office.add()
        office.add("Die Platte ist voll.", audience=Actor.OPERATOR, table=None)

        notices.deliver(rt)

        assert [mail["To"] for mail in server.mails] == ["betrieb@traeger.example"]
        assert [notice.text for notice in notices.unread(rt)] == [GONE]

        server.refused.clear()
        office.clock.pass_by(minutes=1)
        notices.deliver(rt)

        assert [mail["To"] for mail in server.mails] == ["betrieb@traeger.example", "buero@bsp.example"]
        assert notices.unread(rt) == []


def test_a_letter_that_may_have_arrived_goes_out_again_unchanged_under_its_number(office: Office) -> None:
    """So that servers and mail programs drop the copy; what is new goes into a letter of its own."""
    office.add()
    office.post.trouble = DeliveryUnknown()
    (first,) = office.round()

    office.post.trouble = None
    office.clock.pass_by(minutes=1)
    office.add("Neu.")
    again, new = office.round()

    assert again == first
    assert "Neu." in new.text
    assert new.number != first.number


def test_a_process_that_dies_while_sending_leaves_the_letter_to_a_later_round(office: Office) -> None:
    office.add()
    office.post.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        office.round()
    (first,) = office.post.letters

    office.post.trouble = None
    assert office.round() == [], "its claim still stands"
    office.clock.pass_by(minutes=15)

    assert office.round() == [first], "the same number: what arrived before is dropped"


def test_two_processes_that_deliver_at_once_send_one_letter(office: Office) -> None:
    """The second round begins while the first is at the mail server."""

    class Slow(Post):
        def send(self, letter: Letter) -> None:
            super().send(letter)
            notices.deliver(replace(office.rt, notifier=other))

    slow, other = Slow(), Post()
    office.add()

    notices.deliver(replace(office.rt, notifier=slow))

    assert (len(slow.letters), len(other.letters)) == (1, 0)


def test_a_sleeper_does_not_take_a_notice_from_whoever_claimed_it_meanwhile(office: Office) -> None:
    """A process suspended for longer than its claim wakes up at a dead connection."""
    other = Post()

    class Suspended(Post):
        def send(self, letter: Letter) -> None:
            office.clock.pass_by(minutes=20)
            notices.deliver(replace(office.rt, notifier=other))
            raise NotDelivered

    office.add()
    notices.deliver(replace(office.rt, notifier=Suspended()))

    office.clock.pass_by(days=1)
    assert office.round() == []
    assert len(other.letters) == 1


def test_without_mail_notices_wait_until_somebody_has_read_them(office: Office) -> None:
    silent = replace(office.rt, notifier=NullNotifier())
    office.add()
    notices.deliver(silent)
    (waiting,) = notices.unread(silent)
    assert (waiting.table, waiting.text, waiting.at) == ("bsp-beispielstadt", GONE, office.clock.now())

    notices.mark_read(silent, [waiting.id])

    assert notices.unread(silent) == []
    assert office.round() == [], "mail switched on later does not tell it again"


def test_counts_tell_what_waits_and_what_does_not_get_away(office: Office) -> None:
    office.add()
    office.post.trouble = NotDelivered()
    for _ in range(3):
        office.round()
        office.clock.pass_by(hours=6)
    office.add("Neu.")

    with office.rt.database.read() as session:
        assert outbox.count_waiting(session) == (2, 1)
