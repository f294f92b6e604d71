"""Sites, files and their tags, sessions and locks."""

from __future__ import annotations

import base64
import threading

import pytest

from tests.fakes.graph.client import TAB, Excel
from tests.fakes.graph.people import Person
from tests.fakes.graph_server import HOST, GraphServer


@pytest.fixture
def anna(graph: GraphServer, excel: Excel) -> Person:
    return graph.person("anna.muster@projekt.example", excel.file)


def test_a_file_is_found_by_path_by_link_and_by_id(graph: GraphServer, excel: Excel) -> None:
    """Resources/driveitem.md; api/shares-get.md for the encoding of links."""
    link = base64.urlsafe_b64encode(excel.file.url.encode()).decode().rstrip("=")
    site = excel.graph("GET", f"/sites/{HOST}:/sites/myturn").json()["id"]
    drive = excel.graph("GET", f"/sites/{site}/drive").json()["id"]
    for path in (
        f"/sites/{HOST}:/sites/myturn:/drive/root:/Listen/BSP.xlsx",
        f"/sites/{site}/drives/{drive}/root:/Listen/BSP.xlsx:",
        f"/drives/{drive}/root:/listen/bsp.xlsx",
        f"/shares/u!{link}/driveItem",
        excel.item,
    ):
        assert excel.graph("GET", f"{path}?$select=id").json()["id"] == excel.file.id

    assert excel.graph("GET", "/drives/nix/items/nix").json()["error"]["code"] == "itemNotFound"


def test_sites_libraries_and_folders_tell_what_is_in_them(graph: GraphServer, excel: Excel) -> None:
    """Api/site-get.md, api/drive-list.md, api/driveitem-list-children.md."""
    root = excel.graph("GET", "/sites/root?$select=id").json()["id"]
    assert excel.graph("GET", f"/sites/{HOST}?$select=id").json()["id"] == root

    drives = excel.graph("GET", f"/sites/{graph.site.id}/drives?$select=id,name").json()["value"]
    assert drives == [{"id": excel.file.drive.id, "name": "Dokumente"}]
    graph.copy(excel.file, "Kopie.xlsx")
    found = excel.graph("GET", f"/drives/{drives[0]['id']}/root:/Listen:/children?$select=name").json()["value"]
    assert sorted(each["name"] for each in found) == ["BSP.xlsx", "Kopie.xlsx"]


def test_ids_survive_renames_and_moves_and_deleted_files_are_gone(excel: Excel, anna: Person) -> None:
    """Resources/driveitem.md: the id is unique in the drive, whatever the path."""
    anna.rename_file("Neu.xlsx")
    anna.move_file("Archiv/2026")
    found = excel.graph("GET", excel.item).json()

    assert (found["name"], found["parentReference"]["path"].endswith("root:/Archiv/2026")) == ("Neu.xlsx", True)

    anna.delete_file()
    assert excel.graph("GET", excel.item).status_code == 404
    anna.bring_back()
    assert excel.graph("GET", excel.item).status_code == 200


def test_the_ctag_follows_content_only_and_late(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """Resources/driveitem.md: cTag for content, eTag for metadata too; late as in msgraph-sdk-dotnet issue 1892."""
    before = excel.graph("GET", excel.item).json()
    anna.rename_file("Neu.xlsx")
    renamed = excel.graph("GET", excel.item).json()
    assert (renamed["cTag"], renamed["eTag"] == before["eTag"]) == (before["cTag"], False)

    graph.lag(60)
    anna.type("A1", "x")
    assert excel.values("A1") == [["x"]]
    assert excel.graph("GET", excel.item).json()["cTag"] == before["cTag"]
    graph.clock.advance(61)
    assert excel.graph("GET", excel.item).json()["cTag"] != before["cTag"]


def test_the_last_editor_is_named_person_or_application(excel: Excel, anna: Person) -> None:
    """Resources/identityset.md."""
    anna.type("A1", "x")
    assert excel.graph("GET", excel.item).json()["lastModifiedBy"]["user"]["displayName"] == "Anna Muster"

    excel.write("A1", "y")
    assert excel.graph("GET", excel.item).json()["lastModifiedBy"]["application"]["id"] == excel.app.client_id


def test_publication_comes_when_asked_for_and_tells_a_check_out(excel: Excel, anna: Person) -> None:
    """Resources/driveitem.md: ``publication`` is not returned by default; resources/publicationfacet.md."""
    assert "publication" not in excel.graph("GET", excel.item).json()

    anna.check_out()
    found = excel.graph("GET", f"{excel.item}?$select=publication").json()["publication"]
    assert (found["level"], found["checkedOutBy"]["user"]["displayName"]) == ("checkout", "Anna Muster")
    assert excel.refused("PATCH", f"{TAB}/range(address='A1')", json={"values": 1}) == (
        423,
        "notAllowed",
        "resourceLocked",
    )


def test_links_for_anyone_show_in_the_permissions(excel: Excel, anna: Person) -> None:
    """Api/driveitem-list-permissions.md, resources/sharinglink.md."""
    anna.share_with_anyone("edit")

    links = [
        each["link"]["scope"]
        for each in excel.graph("GET", f"{excel.item}/permissions").json()["value"]
        if "link" in each
    ]
    assert links == ["anonymous"]


def test_an_exclusive_lock_says_who_holds_it(excel: Excel, anna: Person) -> None:
    """Workbook-error-handling.md: accessConflict; the code as in docs issue 15111."""
    anna.open_exclusively(reads=True)

    response = excel.call("PATCH", f"{TAB}/range(address='A1')", json={"values": 1})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["innerError"]["code"]) == (
        409,
        "EditModeCannotAcquireLock",
        "accessConflict",
    )
    assert error["message"] == "Anna Muster is editing this workbook."
    assert excel.call("GET", f"{TAB}/usedRange").status_code == 200


def test_open_files_take_cells_but_no_upload(excel: Excel, anna: Person) -> None:
    """OneDrive/onedrive-api-docs issue 912: 423 while somebody has it open."""
    content = excel.file.content()
    upload = f"{excel.item}/content"
    anna.open()
    assert excel.graph("PUT", upload, data=content).status_code == 423
    excel.write("A1", "x")

    anna.close()
    assert excel.graph("PUT", upload, data=content, headers={"If-Match": '"old"'}).status_code == 412
    assert excel.graph("PUT", upload, data=content).status_code == 200
    assert excel.values("A1") == [[""]]


# Sessions


def test_sessions_end_when_idle(graph: GraphServer, excel: Excel) -> None:
    """Docs pull request 5575: five minutes, seven without persistence; refreshing keeps them."""
    for persistent, seconds in ((True, 300), (False, 420)):
        made = excel.call("POST", "/createSession", json={"persistChanges": persistent})
        head = {"workbook-session-id": made.json()["id"]}
        assert made.status_code == 201
        graph.clock.advance(seconds - 1)
        assert excel.call("POST", "/refreshSession", headers=head, json={}).status_code == 204
        graph.clock.advance(seconds - 1)
        assert excel.call("GET", "/worksheets", headers=head).status_code == 200
        graph.clock.advance(seconds + 1)
        assert excel.refused("GET", "/worksheets", headers=head)[::2] == (404, "invalidSessionReCreatable")


def test_a_session_that_keeps_nothing_has_a_copy(excel: Excel) -> None:
    """Resources/excel.md, "Excel Session and persistence"."""
    head = {"workbook-session-id": excel.call("POST", "/createSession", json={"persistChanges": False}).json()["id"]}
    excel.call("PATCH", f"{TAB}/range(address='A1')", json={"values": "x"}, headers=head)

    assert excel.call("GET", f"{TAB}/range(address='A1')", headers=head).json()["values"] == [["x"]]
    assert excel.values("A1") == [[""]]
    assert excel.call("POST", "/closeSession", headers=head, json={}).status_code == 204
    assert excel.call("GET", "/worksheets", headers=head).status_code == 404


def test_writes_must_say_what_they_send(excel: Excel) -> None:
    """Api/workbook-closesession.md sends a Content-Type with an empty body."""
    head = {"workbook-session-id": excel.call("POST", "/createSession", json={"persistChanges": True}).json()["id"]}

    assert excel.call("POST", "/closeSession", headers=head).status_code == 400


def test_slow_operations_are_asked_for_again(graph: GraphServer, excel: Excel) -> None:
    """Concepts/workbook-best-practice.md: 202 with Location, then running, then succeeded with a resourceLocation."""
    graph.service.operations.polls = 2
    made = excel.call("POST", "/createSession", json={"persistChanges": True}, headers={"Prefer": "respond-async"})
    path = made.headers["Location"].removeprefix(graph.graph_root)

    assert made.status_code == 202
    assert excel.graph("GET", path).json()["status"] == "running"
    done = excel.graph("GET", path).json()
    assert done["status"] == "succeeded"
    assert "id" in excel.graph("GET", done["resourceLocation"].removeprefix(graph.graph_root)).json()


def test_two_requests_to_one_workbook_collide(graph: GraphServer, excel: Excel) -> None:
    """Concepts/workbook-best-practice.md: one request at a time; parallel writes get 429."""
    graph.service.latency = 0.15
    threads = [
        threading.Thread(
            target=excel.call, args=("PATCH", f"{TAB}/range(address='A1')"), kwargs={"json": {"values": 1}}
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(each.status for each in graph.log) == [200, 429]
    assert (graph.traffic.most, graph.traffic.most_in[excel.file.id]) == (2, 2)
