"""A wire between a store and PostgreSQL that a test can cut: at once, or just before or after the server is told to commit."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

_COMMIT = b"COMMIT\x00"


class Cut(StrEnum):
    """What becomes of the next COMMIT."""

    UNHEARD = "the server loses the connection and was told nothing"
    HELD = "the server was told nothing, and has not noticed that anybody is gone"
    UNANSWERED = "the server did it, and its answer is lost"


class Wire:
    """Takes connections at ``url`` while it is up."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._database = parts.path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.next_commit: Cut | None = None
        self._accept()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}{self._database}"

    def down(self) -> None:
        """Cut every connection, and take no new one."""
        self.take_no_more()
        self.cut()

    def take_no_more(self) -> None:
        """Take no new connection; those that are there go on."""
        _end(self._listener)

    def cut(self) -> None:
        """Cut every connection."""
        for end in tuple(self._open):
            _end(end)

    def up(self) -> None:
        """Take connections again, at the same address."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._accept()

    def close(self) -> None:
        self.down()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        self._start(self._take, self._listener)

    def _take(self, listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX)
            self._open |= {client, server}
            server.connect(self._server)
            told = threading.Event()
            self._start(self._to_server, client, server, told)
            self._start(self._to_client, client, server, told)

    def _to_server(self, client: socket.socket, server: socket.socket, told: threading.Event) -> None:
        while said := _received(client):
            if _COMMIT in said and self.next_commit is not None:
                cut, self.next_commit = self.next_commit, None
                match cut:
                    case Cut.UNANSWERED:
                        told.set()
                        server.sendall(said)
                    case Cut.HELD:
                        _end(client)
                    case Cut.UNHEARD:
                        _end(client)
                        _end(server)
                return
            server.sendall(said)
        if not told.is_set():
            _end(server)

    def _to_client(self, client: socket.socket, server: socket.socket, told: threading.Event) -> None:
        while said := _received(server):
            if told.is_set():
                break
            client.sendall(said)
        _end(client)
        _end(server)

    def _start(self, run, *arguments) -> None:
        def until_cut():
            with contextlib.suppress(OSError):
                run(*arguments)

        thread = threading.Thread(target=until_cut, daemon=True)
        self._threads.append(thread)
        thread.start()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wired(url: str) -> Iterator[Wire]:
    """Lay a wire to the PostgreSQL at this address."""
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()
