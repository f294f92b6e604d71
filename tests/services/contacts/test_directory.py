"""The directory: found, shown and changed in one place; lists of staff make no second person and lose none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from syncsvc.core.fields import DirectoryContact, DirectoryOrganisation
from syncsvc.errors import InvalidFile, NotFound, UsageError
from syncsvc.services import programme
from syncsvc.services.contacts import directory, lists
from syncsvc.services.runtime import Runtime
from syncsvc.store import contacts, organisations
from tests.factories import make_contact
from tests.services.bench import Bench

TODAY = date(2026, 3, 2)
ANNA, PETER = "c-1", "c-2"


@pytest.fixture
def rt(bench: Bench) -> Runtime:
    """On the small database: the queries are tested on both with the store."""
    return bench.rt


@pytest.fixture(autouse=True)
def staff(rt: Runtime) -> None:
    """Two people of a job centre, and another job centre."""
    with rt.database.write() as session:
        for key, name in (("jc-beispielstadt", "Jobcenter Beispielstadt"), ("jc-musterkreis", "Jobcenter Musterkreis")):
            domain = f"{name.casefold().replace(' ', '-')}.example"
            house = DirectoryOrganisation(key, "jobcentre", name, (), "030 23125", (domain,))
            organisations.upsert(session, house)
        contacts.upsert(session, make_contact(ANNA))
        contacts.upsert(
            session,
            make_contact(
                PETER, family="Schulz", given="Peter", phone="030 23125-102",
                email="peter.schulz@jobcenter-beispielstadt.example",
            ),
        )  # fmt: skip


@pytest.fixture
def take(rt: Runtime, tmp_path: Path) -> Callable[..., lists.ContactReport]:
    """Import a list typed as CSV."""

    def take(text: str, **options: object) -> lists.ContactReport:
        path = tmp_path / "liste.csv"
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
        return lists.import_contacts(rt, path, actor="leitung", **options)  # type: ignore[arg-type]  # a test's options

    return take


def people(rt: Runtime) -> dict[str, DirectoryContact]:
    with rt.database.read() as session:
        return {contact.key: contact for contact in contacts.directory(session)}


class TestFinding:
    @pytest.mark.parametrize(
        "who", [ANNA, "Müller, Anna", "Frau Mueller", "anna.mueller@jobcenter-beispielstadt.example"]
    )
    def test_somebody_is_found_by_key_name_or_mail(self, rt: Runtime, who: str) -> None:
        assert directory.show_contact(rt, who)["key"] == ANNA

    def test_where_two_may_be_meant_both_are_listed(self, rt: Runtime) -> None:
        directory.add_contact(rt, {"organisation": "jc-musterkreis", "family": "Müller", "given": "Ina"}, actor="x")
        with pytest.raises(UsageError, match=r"Müller, Anna, jc-beispielstadt\n.*Müller, Ina, jc-musterkreis"):
            directory.show_contact(rt, "Müller")

    def test_nobody_of_that_name_is_said_without_repeating_it(self, rt: Runtime) -> None:
        with pytest.raises(NotFound) as caught:
            directory.show_contact(rt, "Yilmaz")
        assert "Yilmaz" not in caught.value.message

    @pytest.mark.parametrize(
        ("options", "keys"),
        [
            ({}, [ANNA, PETER]),
            ({"search": "mueller beispielstadt"}, [ANNA]),
            ({"search": "125-102"}, [PETER]),
            ({"search": "niemand"}, []),
            ({"role": "IFK"}, [ANNA, PETER]),
            ({"role": "BCA"}, []),
            ({"organisation": "JC Musterkreis"}, []),
        ],
    )
    def test_the_list_is_searched_by_words_numbers_role_and_house(
        self, rt: Runtime, options: dict[str, str], keys: list[str]
    ) -> None:
        assert [one["key"] for one in directory.list_contacts(rt, **options)] == keys

    def test_a_confirmation_holds_for_35_days(self, rt: Runtime) -> None:
        directory.set_details(rt, ANNA, {"confirmed_on": "26.01.2026"}, actor="x")
        directory.set_details(rt, PETER, {"confirmed_on": "25.01.2026"}, actor="x")
        assert [one["key"] for one in directory.list_contacts(rt, stale=True)] == [PETER]
        directory.confirm(rt, ["Schulz"], actor="x")
        assert directory.list_contacts(rt, stale=True) == []


class TestChanging:
    def test_what_changed_is_told_and_kept(self, rt: Runtime) -> None:
        changed = directory.set_details(rt, ANNA, {"phone": "030/23125 140", "deputy": "Schulz"}, actor="leitung")
        assert changed == [
            {"detail": "phone", "old": "030 23125-101", "new": "030 23125-140"},
            {"detail": "deputy", "old": None, "new": PETER},
        ]
        history = directory.show_contact(rt, ANNA)["history"]
        assert [(one["detail"], one["old"], one["actor"]) for one in history] == [
            ("phone", "030 23125-101", "leitung"),
            ("deputy", None, "leitung"),
        ]

    def test_an_absence_lasts_from_the_first_to_the_last_day(self, rt: Runtime) -> None:
        directory.set_details(rt, ANNA, {"absent_from": "02.03.2026", "absent_to": "2026-03-02"}, actor="x")
        assert directory.show_contact(rt, ANNA)["state"] == "absent"
        directory.set_details(rt, ANNA, {"absent_from": "03.03.2026", "absent_to": ""}, actor="x")
        assert directory.show_contact(rt, ANNA)["state"] == "unconfirmed"

    def test_the_last_day_is_a_day_at_work(self, rt: Runtime) -> None:
        assert directory.mark_left(rt, ANNA, "02.03.2026", actor="x")["state"] == "unconfirmed"
        assert directory.mark_left(rt, ANNA, None, actor="x")["left_on"] == "2026-03-01"
        assert directory.show_contact(rt, ANNA)["state"] == "left"

    @pytest.mark.parametrize(
        ("details", "sentence"),
        [
            ({"email": "anna@gmx.de"}, "gehört nicht zu Jobcenter Beispielstadt"),
            ({"phone": "kommt noch"}, "Telefon"),
            ({"role": "Zauberin"}, "Diese Rolle gibt es nicht"),
            ({"deputy": "Müller, Anna"}, "Niemand vertritt sich selbst"),
            ({"deputy": "Yilmaz"}, "steht nicht im Verzeichnis dieser Organisation"),
            ({"absent_from": "05.03.2026", "absent_to": "04.03.2026"}, "Ende der Abwesenheit liegt vor ihrem Anfang"),
            ({"absent_to": "04.03.2026"}, "fehlt ihr Anfang"),
            ({"left_on": "morgen"}, "Ein Tag wird erwartet"),
            ({"family": ""}, "Nachname fehlt"),
            ({"phon": "1"}, "Meinten Sie „phone“"),
        ],
    )
    def test_what_cannot_be_is_refused_with_a_sentence(
        self, rt: Runtime, details: dict[str, str], sentence: str
    ) -> None:
        before = people(rt)
        with pytest.raises(UsageError, match=sentence):
            directory.set_details(rt, ANNA, details, actor="x")
        assert people(rt) == before

    def test_private_mail_of_an_office_without_known_domains_is_refused_too(self, rt: Runtime) -> None:
        with rt.database.write() as session:
            organisations.upsert(session, DirectoryOrganisation("aa", "agency", "Agentur für Arbeit Beispielstadt"))
        with pytest.raises(UsageError, match="dienstliche Mailadresse"):
            directory.add_contact(rt, {"organisation": "aa", "family": "Weiß", "email": "weiss@web.de"}, actor="x")

    def test_nobody_is_added_twice(self, rt: Runtime) -> None:
        twice = {"organisation": "Jobcenter Beispielstadt", "family": "Mueller", "given": "Anna"}
        with pytest.raises(UsageError, match="steht schon Müller, Anna"):
            directory.add_contact(rt, twice, actor="x")


class TestImport:
    LIST = """
        Personalliste Stand März 2026;;;;
        NAME, Vorname ;Funktion;Tel.;e-mail;Vertr.
        Müller, Anna;IFK;-140;anna.mueller@jobcenter-beispielstadt.example;Weiß, Tom
        Weiß, Tom;Fallmanager;030 / 23125 - 203;tom.weiss@jobcenter-beispielstadt.example;
        """

    def test_a_list_as_offices_send_it_is_understood(
        self, rt: Runtime, take: Callable[..., lists.ContactReport]
    ) -> None:
        """A title above, one column for the name, numbers as extensions, a deputy who is new in the same list."""
        report = take(self.LIST, organisation="Jobcenter Beispielstadt")
        assert [(row.number, row.name, row.action) for row in report.rows] == [
            (3, "Müller, Anna", "update"),
            (4, "Weiß, Tom", "new"),
        ]
        tom = next(one for one in people(rt).values() if one.family == "Weiß")
        anna = people(rt)[ANNA]
        assert (tom.given, tom.role, tom.phone) == ("Tom", "case_management", "030 23125-203")
        assert (anna.phone, anna.deputy, anna.confirmed_on) == ("030 23125-140", tom.key, TODAY)

    def test_who_is_not_in_the_list_stays_and_is_asked_about(
        self, rt: Runtime, take: Callable[..., lists.ContactReport]
    ) -> None:
        report = take(self.LIST, organisation="jc-beispielstadt")
        assert report.missing == ((PETER, "Schulz, Peter"),)
        assert people(rt)[PETER].left_on is None

    def test_a_second_time_changes_nothing(self, rt: Runtime, take: Callable[..., lists.ContactReport]) -> None:
        take(self.LIST, organisation="jc-beispielstadt")
        before = people(rt)
        report = take(self.LIST, organisation="jc-beispielstadt")
        assert report.counts == {"new": 0, "update": 0, "same": 2, "error": 0}
        assert people(rt) == before

    def test_a_preview_says_the_same_and_writes_nothing(
        self, rt: Runtime, take: Callable[..., lists.ContactReport]
    ) -> None:
        before = people(rt)
        report = take(self.LIST, organisation="jc-beispielstadt", preview=True)
        assert report.counts == {"new": 1, "update": 1, "same": 0, "error": 0}
        assert people(rt) == before

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            (";;IFK;;", "Der Name fehlt"),
            ("Neu;Ina;;ina@gmx.de;", "gehört nicht zu Jobcenter Beispielstadt"),
            ("Neu;Ina;;anna.mueller@jobcenter-beispielstadt.example;", "hat im Verzeichnis jemand mit anderem Namen"),
            ("Müller;A.;;;", "Ist das Müller, Anna"),
            ("Müller;;;;", "Ist das Müller, Anna"),
            ("Neu;Ina;;;Niemand, Nora", "Die Vertretung steht nicht im Verzeichnis"),
            ("Schulz;Peter;;;\nSchulz;Peter;;;", "steht schon in Zeile 2"),
        ],
    )
    def test_a_doubtful_row_is_left_out_and_named(
        self, rt: Runtime, take: Callable[..., lists.ContactReport], row: str, sentence: str
    ) -> None:
        """Nobody new is made of somebody half known, and good rows are taken all the same."""
        text = f"Nachname;Vorname;Rolle;E-Mail;Vertretung\n{row}\nRoth;Sabine;;;\n"
        report = take(text, organisation="jc-beispielstadt")
        assert [sentence in " ".join(one.messages) for one in report.rows if one.action == "error"] == [True]
        assert {one.family for one in people(rt).values()} == {"Müller", "Schulz", "Roth"}

    def test_somebody_who_sounds_like_another_is_new_but_pointed_out(
        self, take: Callable[..., lists.ContactReport]
    ) -> None:
        (row,) = take("Nachname;Vorname\nSchulze;Peter\n", organisation="jc-beispielstadt").rows
        assert (row.action, row.messages) == ("new", ("Klingt wie Schulz, Peter (c-2): bitte prüfen.",))

    def test_a_new_name_at_the_same_address_is_the_same_person(
        self, rt: Runtime, take: Callable[..., lists.ContactReport]
    ) -> None:
        """People marry; their address shows who they are."""
        text = "Nachname;Vorname;E-Mail\nMüller-Roth;Anna;Anna.Mueller@jobcenter-beispielstadt.example\n"
        (row,) = take(text, organisation="jc-beispielstadt").rows
        assert (row.action, row.key, people(rt)[ANNA].family) == ("update", ANNA, "Müller-Roth")

    def test_colleagues_may_share_a_mailbox(self, rt: Runtime, take: Callable[..., lists.ContactReport]) -> None:
        box = "team512@jobcenter-beispielstadt.example"
        text = f"Nachname;Vorname;E-Mail\nRoth;Sabine;{box}\nWeiß;Tom;{box}\n"
        assert take(text, organisation="jc-beispielstadt").counts["new"] == 2
        assert len(people(rt)) == 4

    def test_a_list_without_names_is_refused(self, take: Callable[..., lists.ContactReport]) -> None:
        with pytest.raises(InvalidFile, match="Spalte für den Namen"):
            take("Durchwahl;E-Mail\n030 23125-101;x\n")

    def test_a_row_without_organisation_is_named(self, take: Callable[..., lists.ContactReport]) -> None:
        (row,) = take("Nachname;Vorname\nRoth;Sabine\n").rows
        assert "Die Organisation fehlt" in row.messages[0]

    @pytest.mark.parametrize("name", ["liste.csv", "liste.xlsx"])
    def test_what_was_exported_comes_back_unchanged(self, rt: Runtime, tmp_path: Path, name: str) -> None:
        directory.set_details(
            rt, ANNA, {"absent_from": "05.03.2026", "deputy": PETER, "team": "=512", "confirmed_on": "01.03.2026"},
            actor="x",
        )  # fmt: skip
        before = people(rt)
        lists.export_contacts(rt, tmp_path / name)
        report = lists.import_contacts(rt, tmp_path / name, actor="x")
        assert report.counts == {"new": 0, "update": 0, "same": 2, "error": 0}
        assert people(rt) == before


class TestProgrammeFile:
    FILE = """
        contacts:
          - {organisation: jc-beispielstadt, key: c-1, family: Müller, given: Anna, deputy: "Schulz, Peter",
             absent_from: 2026-10-01, absent_to: 14.10.2026, left_on: 2026-12-31, confirmed_on: 2026-03-01}
          - {organisation: jc-musterkreis, family: Team, given: Leistung, kind: mailbox, deputy: "Neu, Ina"}
          - {organisation: jc-musterkreis, family: Neu, given: Ina}
        """

    def apply(self, rt: Runtime, path: Path, text: str) -> list[str]:
        (path / "programm.yaml").write_text(dedent(text), encoding="utf-8")
        return [str(change.action) for change in programme.apply_files(rt, [path / "programm.yaml"])]

    def test_all_details_arrive_and_a_second_time_changes_nothing(self, rt: Runtime, tmp_path: Path) -> None:
        assert self.apply(rt, tmp_path, self.FILE) == ["changed", "created", "created"]
        assert self.apply(rt, tmp_path, self.FILE) == ["unchanged"] * 3
        anna = people(rt)[ANNA]
        box, ina = (next(c for c in people(rt).values() if c.family == family) for family in ("Team", "Neu"))
        assert (anna.deputy, anna.absent_from, anna.absent_to) == (PETER, date(2026, 10, 1), date(2026, 10, 14))
        assert (anna.left_on, anna.confirmed_on) == (date(2026, 12, 31), date(2026, 3, 1))
        assert (box.kind, box.deputy) == ("mailbox", ina.key)

    def test_an_empty_day_takes_it_back_and_one_left_out_stays(self, rt: Runtime, tmp_path: Path) -> None:
        self.apply(rt, tmp_path, self.FILE)
        text = "contacts: [{organisation: jc-beispielstadt, family: Müller, given: Anna, left_on: }]"
        assert self.apply(rt, tmp_path, text) == ["changed"]
        assert (people(rt)[ANNA].left_on, people(rt)[ANNA].absent_from) == (None, date(2026, 10, 1))

    @pytest.mark.parametrize("detail", ["left_on: bald", "kind: Roboter", "deputy: Niemand"])
    def test_a_mistake_is_told_with_its_place(self, rt: Runtime, tmp_path: Path, detail: str) -> None:
        text = f"contacts:\n  - {{organisation: jc-beispielstadt, family: Roth, {detail}}}"
        with pytest.raises(InvalidFile, match=r"programm.yaml, Zeile 2, Spalte 52"):
            self.apply(rt, tmp_path, text)


def test_an_organisation_cannot_be_emptied(rt: Runtime) -> None:
    with pytest.raises(UsageError, match="Organisation"):
        directory.set_details(rt, ANNA, {"organisation": ""}, actor="lead")
