"""Tables of a local Graph as a run opens them."""

from __future__ import annotations

from syncsvc.providers.http import Patience
from syncsvc.providers.sharepoint.table import SharePointTable
from tests.fakes.graph.items import File
from tests.providers.sharepoint.conftest import Graph, alone

TAB = "Teilnehmerinnen"
ANNA = "anna.muster@projekt.example"


def open_table(graph: Graph, file: File, **ids: str) -> SharePointTable:
    """By the file's ids, unless others are given, with the patience of a run that the server's clock measures."""
    location = {"drive": file.drive.id, "item": file.id, "worksheet": TAB} | ids
    patience = Patience(sleep=graph.server.clock.advance)
    return SharePointTable(graph.account, location, gate=alone, patience=patience)
