"""A local Microsoft Graph: sign-in, sites, files and the workbook API, over HTTPS with an authority of its own.

Built from documents alone: the facts in ``graph-excel.md``, the pages of microsoft-graph-docs-contrib, the source of
msal 1.39, and what Microsoft says about typing in Excel. It is strict where Graph is (shapes, properties, options), and
says so where it does not know a request: that one answers 501 and fails the test when the server closes.

    with GraphServer() as server:
        app = server.application()
        file = server.workbook([["TN-Nr.", "Name"], ["BSP-0001-A", "Probe, Katya"]], table="Liste")
        anna = server.person("anna.muster@projekt.example", file)
        server.before("write", lambda: anna.sort("B"))       # while the service is about to write
        server.fault("write", faults.drop(processed=True))   # and its answer gets lost
        ...                                                  # REQUESTS_CA_BUNDLE=server.ca_file, server.graph_root
        assert not server.overwritten_by_service()
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from tests.fakes.google import a1
from tests.fakes.google.clock import Clock
from tests.fakes.google.grid import Entered
from tests.fakes.google.journal import Edit, Overwrite
from tests.fakes.graph import certificates, xlsx
from tests.fakes.graph.book import Book
from tests.fakes.graph.faults import Fault, When
from tests.fakes.graph.https import Https
from tests.fakes.graph.items import File, Site
from tests.fakes.graph.people import Person, filled
from tests.fakes.graph.service import Logged, Service
from tests.fakes.graph.sessions import Sessions
from tests.fakes.graph.tokens import Application, Tokens
from tests.fakes.graph.traffic import Traffic
from tests.fakes.graph.visit import Quirks

TENANT = "5f2a1f7e-0c1d-4b6a-9f5e-2d8c7b6a5e4f"
TENANT_NAME = "beispielprogramm.onmicrosoft.example"
HOST = "beispielprogramm.sharepoint.example"
OWNER = "lena.probe@projekt.example"


class GraphServer:
    """Runs on 127.0.0.1 while its ``with`` block lasts."""

    def __init__(self) -> None:
        self.service = Service()
        self._http = Https(self.service)
        self.service.base = self.service.tokens.root = self.authority
        self.service.tokens.tenants |= {TENANT: TENANT, TENANT_NAME: TENANT}
        self.service.library.sites.append(Site(HOST, "", "Beispielprogramm"))
        self.service.library.sites.append(Site(HOST, "sites/myturn", "MY TURN"))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._http.stop()
        self._thread.join()
        for trouble in self.service.troubles:
            if error is None:
                raise trouble
            error.add_note(f"Before that, in the local Graph or a hook: {trouble!r}")

    # Where it is

    @property
    def authority(self) -> str:
        """Stands for ``https://login.microsoftonline.com``; the tenant is ``TENANT``."""
        return f"https://127.0.0.1:{self._http.server_address[1]}"

    @property
    def graph_root(self) -> str:
        """Stands for ``https://graph.microsoft.com/v1.0``."""
        return f"{self.authority}/v1.0"

    @property
    def scope(self) -> str:
        return f"{self.authority}/.default"

    @property
    def ca_file(self) -> Path:
        """The authority to trust, for ``REQUESTS_CA_BUNDLE``."""
        return certificates.files()[0]

    @property
    def clock(self) -> Clock:
        return self.service.clock

    @property
    def tokens(self) -> Tokens:
        return self.service.tokens

    @property
    def sessions(self) -> Sessions:
        return self.service.sessions

    @property
    def traffic(self) -> Traffic:
        return self.service.traffic

    @property
    def quirks(self) -> Quirks:
        return self.service.quirks

    @property
    def site(self) -> Site:
        """The site ``/sites/myturn``, with one library."""
        return self.service.library.sites[1]

    # Setting the scene

    def application(self, *roles: str, tenant: str = TENANT) -> Application:
        """An app registration with a secret and a certificate, by default with the permissions that work."""
        app = Application(tenant)
        if roles:
            app.roles = set(roles)
        self.tokens.applications[app.client_id] = app
        return app

    def grant(self, app: Application, role: str = "write", site: Site | None = None) -> None:
        """Give an application with ``Sites.Selected`` a role on a site."""
        (site or self.site).grants[app.client_id] = role

    def workbook(
        self,
        rows: Sequence[Sequence[Any]] = (),
        *,
        name: str = "BSP.xlsx",
        folder: str = "Listen",
        tab: str = "Tabelle1",
        table: str = "",
        content: bytes | None = None,
        site: Site | None = None,
    ) -> File:
        """A file of ``OWNER`` with one tab, its rows a table if that has a name; or a given .xlsx."""
        home = site or self.site
        book = Book("", name)
        if content is not None:
            book = xlsx.load(content, "", name)
        else:
            filled(book, tab, rows, table)
        with self.service.lock:
            file = File(book, home, home.drives[0], folder, name, self.clock.now(), OWNER)
            book.id = file.id
            self.service.library.files[file.id] = file
        return file

    def copy(self, file: File, name: str) -> File:
        """A person's copy of the whole file under another name: same contents, same ids within, another item."""
        return self.workbook(content=file.content(), name=name, folder=file.folder, site=file.site)

    def person(self, who: str, file: File, tab: str = "") -> Person:
        """Somebody who has the file open at a tab, the first if none is named."""
        found = file.document.titled(tab) if tab else file.document.tabs[0]
        assert found is not None, f"no tab {tab}"
        return Person(self.service, file, who, found.id)

    def lag(self, seconds: float) -> None:
        """From now on items show changes of content this much later, several of them as one."""
        self.service.tags.lag = seconds

    def haunt(self, file: File, reads: int = 1) -> None:
        """Let the next reads show the state before the last change, as is seen after bulk edits."""
        self.service.haunt(file, reads)

    # What happens in between

    def before(self, when: When, act: Callable[[], object], *, times: int | None = 1) -> None:
        """Let a person act when such a request has arrived, before it takes effect."""
        self.service.before.add(when, act, times)

    def after(self, when: When, act: Callable[[], object], *, times: int | None = 1) -> None:
        """Let a person act when such a request has taken effect, before its answer leaves."""
        self.service.after.add(when, act, times)

    def fault(self, when: When, fault: Fault, *, times: int | None = 1) -> None:
        """Let something go wrong with such requests; "token" and "discovery" are those to Entra ID."""
        script = self.service.discovery_faults if when == "discovery" else self.service.faults
        script.add(when, fault, times)

    def calm(self) -> None:
        """Forget what was to happen and to go wrong."""
        service = self.service
        for script in (service.before, service.after, service.faults, service.discovery_faults):
            script.clear()

    # Looking

    @property
    def log(self) -> list[Logged]:
        """The requests so far, as the platform's log would list them."""
        return self.service.log

    @property
    def token_requests(self) -> int:
        return self.tokens.requests

    def counts(self) -> Counter[str]:
        """Requests so far: meta (items, sites), read (GETs of a workbook), write (all that is sent there).

        Sessions, a kind of their own for faults and hooks, are sent there too; tokens are apart.
        """
        return Counter("write" if each.call.kind == "session" else each.call.kind for each in self.log)

    def too_early(self) -> list[Logged]:
        """Requests that came although Graph had asked to wait, by the server's clock."""
        return [
            later
            for at, asked in enumerate(self.log)
            if asked.retry_after.isdigit()
            for later in self.log[at + 1 :]
            if (later.at - asked.at).total_seconds() < int(asked.retry_after) - 0.5
        ]

    def forget(self) -> None:
        """Start the log and the counts of traffic anew."""
        self.service.log.clear()
        self.traffic.forget()

    def edits(self) -> list[Edit]:
        """What people entered, cell by cell, oldest first."""
        return [edit for edit in self.service.journal.edits if edit.human]

    def written(self) -> list[Edit]:
        """What the service entered, cell by cell, oldest first."""
        return [edit for edit in self.service.journal.edits if not edit.human]

    def authored(self, file: File, *, key: str = "A", header: int = 1) -> list[tuple[str, str, Entered]]:
        """What the service wrote into whose row: the row's text in column ``key`` then, the header, the new value."""
        column = a1.number(key)
        found: list[tuple[str, str, Entered]] = []
        for edit in self.written():
            if edit.file == file.document.id and (book := self._after(file, edit.act)) and not edit.gone:
                tab = book.titled(edit.tab)
                assert tab is not None
                reference = tab.cell(edit.row - 1, column).entered
                title = tab.cell(header - 1, edit.column - 1).entered
                found.append((str(reference or ""), str(title or ""), edit.new))
        return found

    def _after(self, file: File, act: int) -> Book | None:
        """The book as an act left it; None if the act was in another file."""
        later = [each.document for each in file.states[1:]] + [file.document]
        books = dict(zip((each.act for each in file.states), later, strict=True))
        book = books.get(act)
        assert book is None or isinstance(book, Book)
        return book

    def history(self, cell: int) -> list[Edit]:
        """Everything ever entered into one cell, by its identity."""
        return [edit for edit in self.service.journal.edits if edit.cell == cell]

    def replaced(self) -> list[Overwrite]:
        """Writes of the service over what a person had entered."""
        return list(self.service.journal.overwrites)

    def overwritten_by_service(self) -> list[Overwrite]:
        """Those that no answer had shown the service before: lost edits."""
        return [each for each in self.service.journal.overwrites if not each.seen]
