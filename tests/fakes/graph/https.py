"""The socket: HTTPS on 127.0.0.1, one thread a connection."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.fakes.graph import certificates, files
from tests.fakes.graph.faults import Answer
from tests.fakes.graph.service import Reply, Service


class Https(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificates.files()[1])

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """The handshake comes with the first read, in the connection's own thread."""
        plain, address = super().get_request()
        connection = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]  # stream servers have sockets
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up or do not trust us are expected; anything else must fail the test."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError | ssl.SSLError):
            self.service.troubles.append(error)

    def stop(self) -> None:
        """Break the connections that are still open, so that no thread outlives the test."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Https

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        service = self.server.service
        reply = self._reply(service, {name.lower(): value for name, value in self.headers.items()}, body)
        answer = reply.answer
        gone = self._waited(answer.wait) if answer and answer.wait else False
        if reply.ticket:
            service.traffic.leave(reply.ticket)
        if answer is None or gone:
            self.close_connection = True
            return
        service.journal.show(reply.shows)
        self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # the names http.server looks for

    def _reply(self, service: Service, headers: dict[str, str], body: bytes) -> Reply:
        path, _, query = self.path.partition("?")
        if match := re.fullmatch(r"/v1\.0/download/([^/]+)", path):
            return Reply(files.download(service, match[1]))
        if path.startswith("/v1.0/"):
            return service.handle(self.command, self.path.removeprefix("/v1.0/"), headers, body)
        if self.command == "POST" and (match := re.fullmatch(r"/([^/]+)/oauth2/v2\.0/token", path)):
            return service.token(match[1], headers, body)
        if self.command == "GET" and (match := re.fullmatch(r"/([^/]+)/v2\.0/\.well-known/openid-configuration", path)):
            tenant = match[1]
            return service.entra("discovery", lambda: service.tokens.discovery(tenant))
        if self.command == "GET" and path == "/common/discovery/instance":
            asked = parse_qs(query).get("authorization_endpoint", [""])[0]
            return service.entra("discovery", lambda: service.tokens.instance(asked))
        return Reply(Answer(404, b"", "text/plain"))

    def _waited(self, seconds: float) -> bool:
        """Wait, but not longer than the client does; whether it has given up."""
        for _ in range(int(seconds / 0.05) + 1):
            if self.server.stopping.wait(min(seconds, 0.05)) or self._gone():
                return True
        return False

    def _gone(self) -> bool:
        """A client that waits sends nothing; whatever can be read is its farewell."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        if answer.cut:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Say nothing: tests look at ``GraphServer.log``."""
