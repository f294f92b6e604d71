"""Where a workbook is, as people say it: one spelling for each place, or a sentence."""

from __future__ import annotations

import pytest

from syncsvc.errors import ConfigurationError
from syncsvc.providers.sharepoint.links import place, quoted_path, share_token

TAB = {"provider": "sharepoint", "worksheet": "Tabelle1"}
HOST = "contoso.sharepoint.com"


@pytest.mark.parametrize(
    ("typed", "site"),
    [
        (f"{HOST}:/sites/myturn", f"{HOST}:/sites/myturn"),
        (f"{HOST}:/sites/myturn/", f"{HOST}:/sites/myturn"),
        (f" {HOST}/sites/myturn ", f"{HOST}:/sites/myturn"),
        (f"https://{HOST}/sites/myturn", f"{HOST}:/sites/myturn"),
        (f"https://{HOST}/sites/My%20Turn/", f"{HOST}:/sites/My Turn"),
        ("Contoso.SharePoint.com:/teams/x/y", f"{HOST}:/teams/x/y"),
        (f"https://{HOST}/sites/myturn/SitePages/Home.aspx?web=1", f"{HOST}:/sites/myturn"),
        (f"{HOST},2c712604-1370-44e7-a1f5-426573fda80a,2d2244c3-251a-49ea-93a8-39e1c3a060fe",) * 2,
        (HOST, HOST),
        (f"https://{HOST}/", HOST),
    ],
)
def test_a_site_has_one_spelling(typed: str, site: str) -> None:
    """The form of the documents, the address in a browser, and the root site."""
    assert place({**TAB, "site": typed, "path": "/BSP.xlsx"})["site"] == site


@pytest.mark.parametrize("typed", ["/Listen/BSP.xlsx", "Listen/BSP.xlsx", "Listen\\BSP.xlsx", " //Listen//BSP.xlsx"])
def test_a_path_has_one_spelling(typed: str) -> None:
    assert place({**TAB, "site": HOST, "path": typed})["path"] == "/Listen/BSP.xlsx"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ({}, "welche Mappe"),
        ({"site": HOST}, "welche Mappe"),
        ({"path": "/BSP.xlsx"}, "welche Mappe"),
        ({"drive": "b!1"}, "welche Mappe"),
        ({"site": "sites/my turn?", "path": "/BSP.xlsx"}, "site"),
        ({"site": HOST, "path": "/BSP.xls"}, r"\.xlsx"),
        ({"site": HOST, "path": "/"}, r"\.xlsx"),
        ({"site": HOST, "path": "/x/../../../../users/anna/drive/root:/BSP.xlsx"}, "path"),
        ({"site": f"{HOST}:/sites/a/%2e%2e/%2e%2e/../me", "path": "/BSP.xlsx"}, "site"),
        ({"link": "http://contoso.sharepoint.com/:x:/s/myturn/abc"}, "https"),
        ({"link": "BSP.xlsx"}, "https"),
    ],
)
def test_a_location_that_names_no_workbook_is_refused(location: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as raised:
        place({**TAB, **location})
    assert raised.value.hint


def test_a_location_needs_a_tab() -> None:
    with pytest.raises(ConfigurationError, match="worksheet oder table"):
        place({"provider": "sharepoint", "site": HOST, "path": "/BSP.xlsx"})
    assert place({"provider": "sharepoint", "drive": "b!1", "item": "01A", "worksheet_id": "{1}", "table_id": ""})


def test_a_link_becomes_the_token_that_graph_documents() -> None:
    """The example of the page "Accessing shared DriveItems": base64url without padding, after ``u!``."""
    link = "https://onedrive.live.com/redir?resid=1231244193912!12&authKey=1201919!12921!1"

    assert share_token(link) == (
        "u!aHR0cHM6Ly9vbmVkcml2ZS5saXZlLmNvbS9yZWRpcj9yZXNpZD0xMjMxMjQ0MTkzOTEyITEyJmF1dGhLZXk9MTIwMTkxOSExMjkyMSEx"
    )


def test_umlauts_and_signs_in_a_path_are_encoded() -> None:
    assert quoted_path("/Müller #1/50 %.xlsx") == "M%C3%BCller%20%231/50%20%25.xlsx"
