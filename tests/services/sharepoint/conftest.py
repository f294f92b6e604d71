"""A local Graph; and two mornings there, made once and brought back before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.graph_server import GraphServer
from tests.providers.sharepoint.conftest import Graph, make_graph
from tests.services.sharepoint.story import GraphStory


@pytest.fixture(scope="package", name="mornings")
def _mornings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, GraphStory]]:
    """By the name of the Excel table; empty: the plain list."""
    stories = {table: GraphStory(tmp_path_factory.mktemp("graph"), table=table) for table in ("", "Liste")}
    yield stories
    for story in stories.values():
        story.close()


@pytest.fixture(name="story", params=["", "Liste"], ids=["plain", "table"])
def _story(mornings: dict[str, GraphStory], request: pytest.FixtureRequest) -> GraphStory:
    mornings[request.param].rewind()
    return mornings[request.param]


@pytest.fixture(name="graph")
def _graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    with GraphServer() as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        yield make_graph(server)
