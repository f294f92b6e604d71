"""The two mornings at SharePoint, made once for each file and brought back before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.sharepoint.story import GraphStory


@pytest.fixture(scope="module", name="mornings")
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
