"""Workbooks on SharePoint from their address to their first agreement, as an admin types it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.fakes.graph import faults
from tests.fakes.graph.people import Person
from tests.fakes.graph.tokens import Application
from tests.fakes.graph_server import HOST, TENANT, GraphServer

ROOT = Path(__file__).parents[2]
KEY, OTHER = "bsp-beispielstadt", "bsp-probestadt"
PROGRAMME = """
organisations:
  - {{key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}}
  - {{key: jc-probestadt, kind: jobcentre, name: Jobcenter Probestadt}}
projects: [{{key: bsp, prefix: BSP, name: Beispielprojekt}}]
tables:
  - key: bsp-beispielstadt
    project: bsp
    jobcentre: jc-beispielstadt
    mapping: standard
    location: {{provider: sharepoint, site: "https://{host}/sites/myturn", path: Listen/BSP.xlsx, worksheet: Tabelle1}}
  - key: bsp-probestadt
    project: bsp
    jobcentre: jc-probestadt
    mapping: standard
    location: {{provider: sharepoint, link: "{link}", worksheet: Tabelle1}}
"""


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphServer]:
    with GraphServer() as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        yield server


@pytest.fixture(name="app")
def _app(server: GraphServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    """The application, signed in by its certificate."""
    app = server.application()
    given = {
        "TENANT": TENANT,
        "CLIENT_ID": app.client_id,
        "CERTIFICATE_FILE": str(app.certificates[0].file(tmp_path / "sharepoint.pem")),
        "AUTHORITY": server.authority,
        "GRAPH_ROOT": server.graph_root,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SYNCSVC_SHAREPOINT__{name}", value)
    return app


@pytest.fixture(name="anna")
def _anna(server: GraphServer, app: Application, shell: Shell, tmp_path: Path) -> Person:
    """Somebody whose empty tab is bound to the example project, beside a second workbook."""
    file, other = server.workbook(), server.workbook(name="Probe.xlsx")
    (tmp_path / "programm.yaml").write_text(PROGRAMME.format(host=HOST, link=other.url), "utf-8")
    applied = shell("apply", ROOT / "mappings" / "standard.yaml", tmp_path / "programm.yaml")
    assert applied.exit_code == 0, applied.output
    return server.person("anna.muster@projekt.example", file)


def test_from_an_empty_tab_to_an_agreement(shell: Shell, anna: Person, server: GraphServer) -> None:
    """Set up, typed into, synced; then nothing is left to do, at the price of one request."""
    assert shell("tables", "setup", KEY).exit_code == 0
    (header,) = anna.rows()
    anna.type(f"{chr(ord('A') + header.index('Eintritt'))}2", "01.02.2026")
    (outcome,) = shell.json("sync", KEY)
    assert (outcome["state"], outcome["records_created"], outcome["receipt"]["lost"]) == ("ok", 1, 0)
    assert str(anna.rows()[1][0]).startswith("BSP-")

    server.forget()
    (outcome,) = shell.json("sync", KEY)
    assert (outcome["state"], outcome["requests"]) == ("unchanged", {"meta": 1, "read": 0, "write": 0})
    assert server.counts() == {"meta": 1}
    assert shell("tables", "check", KEY).exit_code == 0


def test_a_changed_table_stays_within_the_bars(shell: Shell, anna: Person, server: GraphServer) -> None:
    """Scattered changes of many records: at most 3 metadata requests, 3 reads and 5 writes, as Graph counts them."""
    shell("tables", "setup", KEY)
    (header,) = anna.rows()
    entry, remark = (chr(ord("A") + header.index(name)) for name in ("Eintritt", "Notiz für beide"))
    for row in range(2, 14):
        anna.type(f"{entry}{row}", f"{row:02}.02.2026")
    shell("sync", KEY)
    shell("sync", KEY)
    refs = [str(row[0]) for row in anna.rows()[1:]]
    for ref in refs[::3]:
        shell("records", "set", ref, "custom.note=01067", f"entry_date={15 + refs.index(ref)}.03.2026")
    anna.type(f"{remark}3", "bitte zurückrufen")
    server.forget()
    (outcome,) = shell.json("sync", KEY)

    assert (outcome["state"], outcome["cells_written"], outcome["records_changed"]) == ("ok", 8, 1)
    requests = outcome["requests"]
    assert requests == dict(server.counts())
    assert (requests["meta"] <= 3, requests["read"] <= 3, requests["write"] <= 5) == (True, True, True), requests


def test_a_throttled_application_rests_for_all_its_tables(shell: Shell, anna: Person, server: GraphServer) -> None:
    """The pause stands in the database, so it holds for every process: nobody asks Graph meanwhile."""
    server.fault("meta", faults.throttle(315))
    assert shell("sync", KEY).exit_code == 3
    server.forget()
    (outcome,) = shell.json("sync", OTHER)

    assert (outcome["state"], dict(server.counts())) == ("held", {})
    assert "bremst das Konto" in outcome["message"]


def test_a_workbook_that_somebody_keeps_is_waited_for_by_name(shell: Shell, anna: Person) -> None:
    """Nothing is written, and the table is held until the workbook is checked in."""
    shell("tables", "setup", KEY)
    (header,) = anna.rows()
    anna.type(f"{chr(ord('A') + header.index('Eintritt'))}2", "01.02.2026")
    anna.check_out()
    (outcome,) = shell.json("sync", KEY)

    assert (outcome["state"], outcome["cells_written"]) == ("held", 0)
    assert outcome["message"].startswith("Die Mappe ist von Anna Muster ausgecheckt; der Abgleich wartet.")


def test_the_doctor_tries_the_sign_in(shell: Shell, app: Application, tmp_path: Path) -> None:
    found = shell("doctor").stdout
    assert f"gut   SharePoint: die Anmeldung der Anwendung {app.client_id} gelingt" in found
    assert "gut   SharePoint: das Zertifikat gilt bis" in found

    app.certificates.clear()
    result = shell("doctor")
    assert result.exit_code == 1
    assert "FEHLT SharePoint: Microsoft kennt das Zertifikat der Anwendung nicht" in result.stdout


def test_the_doctor_names_what_is_missing(shell: Shell) -> None:
    """Only where somebody began to set it up."""
    assert "SharePoint" not in shell("doctor").stdout
    result = shell("doctor", env={"SYNCSVC_SHAREPOINT__TENANT": TENANT})

    assert result.exit_code == 1
    assert "Es fehlt: SYNCSVC_SHAREPOINT__CLIENT_ID." in result.stdout


def test_a_secret_never_shows(shell: Shell, anna: Person, app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """The id in place of the secret is the usual mistake; neither is repeated."""
    monkeypatch.setenv("SYNCSVC_SHAREPOINT__CERTIFICATE_FILE", "")
    monkeypatch.setenv("SYNCSVC_SHAREPOINT__CLIENT_SECRET", app.secret_id)
    result = shell("sync", KEY)

    assert result.exit_code == 1
    assert "„Wert“" in result.output
    assert app.secret_id not in result.output
