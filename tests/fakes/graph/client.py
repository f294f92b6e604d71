"""Plain requests to one workbook, as the reference pages write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from tests.fakes.graph.items import File
from tests.fakes.graph.tokens import Application

if TYPE_CHECKING:
    from tests.fakes.graph_server import GraphServer

TAB = "/worksheets/Tabelle1"


class Excel:
    """A client with a token at hand. ``call`` answers whatever comes, the others insist on success."""

    def __init__(self, server: GraphServer, app: Application, file: File) -> None:
        self.server = server
        self.app = app
        self.file = file
        self.session = requests.Session()
        self.session.trust_env = False  # the machine's own bundle must not displace the test's authority
        self.session.verify = str(server.ca_file)
        self.session.headers["Authorization"] = f"Bearer {server.tokens.issue(app)}"

    @property
    def item(self) -> str:
        return f"/drives/{self.file.drive.id}/items/{self.file.id}"

    def graph(self, verb: str, path: str, **given: Any) -> requests.Response:
        """A request below ``/v1.0``."""
        return self.session.request(verb, f"{self.server.graph_root}{path}", timeout=5, **given)

    def call(self, verb: str, path: str, **given: Any) -> requests.Response:
        """A request below the workbook."""
        return self.graph(verb, f"{self.item}/workbook{path}", **given)

    def get(self, path: str) -> Any:
        response = self.call("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    def values(self, address: str, what: str = "values") -> Any:
        """A property of a range on ``Tabelle1``."""
        return self.get(f"{TAB}/range(address='{address}')?$select={what}")[what]

    def write(self, address: str, values: Any, what: str = "values") -> None:
        response = self.call("PATCH", f"{TAB}/range(address='{address}')", json={what: values})
        assert response.status_code == 200, response.text

    def refused(self, verb: str, path: str, **given: Any) -> tuple[int, str, str]:
        """Status, code and second-level code of a refusal."""
        response = self.call(verb, path, **given)
        error = response.json()["error"]
        return response.status_code, error["code"], error["innerError"].get("code", "")
