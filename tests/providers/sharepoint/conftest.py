"""A local Graph for this folder's tests, and the service's own application there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncsvc.ports.tables import Requests
from syncsvc.providers.http import Patience
from syncsvc.providers.sharepoint.account import Account, Credential
from syncsvc.providers.sharepoint.api import Api
from tests.fakes.graph.tokens import Application
from tests.fakes.graph_server import TENANT, GraphServer


@dataclass
class Graph:
    """The server, and how the service sees it. Waiting lets the server's clock run instead of the real one."""

    server: GraphServer
    app: Application
    account: Account

    def sign_in(
        self,
        *,
        tenant: str = TENANT,
        client_id: str = "",
        secret: str = "",
        certificate: Path | None = None,
        scope: str = "",
    ) -> Account:
        """An account of its own: the application's, but for what is given."""
        client_id = client_id or self.app.client_id
        secret = secret or ("" if certificate else self.app.secret)
        return Account(
            Credential(tenant, client_id, secret, certificate),
            authority=self.server.authority,
            graph_root=self.server.graph_root,
            scope=scope,
            now=seconds(self.server),
        )

    def api(self, account: Account | None = None) -> Api:
        """As a run has it, with the patience of a run."""
        patience = Patience(sleep=self.server.clock.advance)
        return Api(account or self.account, Requests(), patience, alone)


def seconds(server: GraphServer) -> Callable[[], float]:
    """The server's clock, which goes on while the service waits."""
    return lambda: server.clock.now().timestamp()


@contextmanager
def alone(_: str) -> Iterator[Callable[[], None]]:
    """The turn at a workbook, where no other process is."""
    yield lambda: None


@pytest.fixture(name="graph")
def _graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    with GraphServer() as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        yield make_graph(server)


def make_graph(server: GraphServer) -> Graph:
    app = server.application()
    credential = Credential(TENANT, app.client_id, app.secret)
    account = Account(credential, authority=server.authority, graph_root=server.graph_root, now=seconds(server))
    return Graph(server, app, account)
