"""A proxy between a worker and a partner that does to each request what the test says: what networks, load balancers and partners do."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

_ENOUGH_SECONDS = 5.0


@dataclass
class Turn:
    """One request on one connection, of which the first byte has come, and the way to the partner behind."""

    proxy: "FaultProxy"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes
    body: bytes = b""

    async def read_head(self) -> None:
        self.head += await self.reader.readuntil(b"\r\n\r\n")
        self.proxy.begun.append(self.header(b"webhook-id"))

    async def read(self) -> None:
        """Read the whole request."""
        await self.read_head()
        self.body = await self.reader.readexactly(int(self.header(b"content-length")))

    async def passed_on(self) -> bytes:
        """Let the partner take the request; give its whole answer."""
        await self.read()
        self.proxy.passed.append((self.header(b"webhook-id"), self.body))
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.partner)
        writer.write(self.head.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n") + self.body)
        answer = await reader.read()
        writer.close()
        return answer.replace(b"connection: close\r\n", b"")

    async def write(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    def header(self, name: bytes) -> str:
        lines = dict(line.split(b": ", 1) for line in self.head.split(b"\r\n")[1:] if line)
        return {each.lower(): value for each, value in lines.items()}[name].decode()

    def hang_up(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Hang up as a process does that died, or a firewall."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Fault = Callable[[Turn], Awaitable[None]]


async def none(turn: Turn) -> None:
    """Pass on, and back."""
    await turn.write(await turn.passed_on())


async def reset_at_once(turn: Turn) -> None:
    turn.reset()


async def reset_before_body(turn: Turn) -> None:
    await turn.read_head()
    turn.reset()


async def reset_after_body(turn: Turn) -> None:
    await turn.read()
    turn.reset()


async def reset_after_taken(turn: Turn) -> None:
    await turn.passed_on()
    turn.reset()


async def hung_up_after_taken(turn: Turn) -> None:
    await turn.passed_on()
    turn.hang_up()


async def silent(turn: Turn) -> None:
    """Nobody takes it, and nobody answers, until the worker has waited enough."""
    await turn.read()
    await turn.reader.read()
    turn.hang_up()


async def silent_after_taken(turn: Turn) -> None:
    await turn.passed_on()
    await turn.reader.read()
    turn.hang_up()


async def trickled(turn: Turn) -> None:
    """The answer comes byte by byte: the whole takes longer than the worker waits, no byte does."""
    for byte in await turn.passed_on():
        await turn.write(bytes([byte]))
        await asyncio.sleep(0.005)


async def stalled_in_the_head(turn: Turn) -> None:
    answer = await turn.passed_on()
    await turn.write(answer[: len(answer) // 2])
    await turn.reader.read()
    turn.hang_up()


async def half_a_status(turn: Turn) -> None:
    await turn.passed_on()
    await turn.write(b"HTTP/1.1 20")
    turn.hang_up()


async def half_a_head(turn: Turn) -> None:
    answer = await turn.passed_on()
    await turn.write(answer[: len(answer) // 2])
    turn.hang_up()


async def a_head_without_its_body(turn: Turn) -> None:
    await turn.passed_on()
    await turn.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")
    turn.hang_up()


async def half_a_body(turn: Turn) -> None:
    await turn.passed_on()
    await turn.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab")
    turn.hang_up()


async def reset_in_the_body(turn: Turn) -> None:
    await turn.passed_on()
    await turn.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab")
    await asyncio.sleep(0.02)
    turn.reset()


async def no_http(turn: Turn) -> None:
    await turn.read()
    await turn.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    turn.hang_up()


async def continued(turn: Turn) -> None:
    """Interim answers that nobody asked for come first."""
    answer = await turn.passed_on()
    await turn.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + answer)


async def continued_and_left(turn: Turn) -> None:
    """An interim answer is no answer."""
    await turn.passed_on()
    await turn.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    turn.hang_up()


async def left_after_the_answer(turn: Turn) -> None:
    """The connection was said to stay, and is gone when the next message wants it."""
    await turn.write(await turn.passed_on())
    turn.hang_up()


def answered(status: int, *, taken: bool = False, **headers: str) -> Fault:
    """Answer so; ``taken``: the partner has it, and something between says otherwise."""

    async def answer(turn: Turn) -> None:
        await (turn.passed_on() if taken else turn.read())
        lines = [f"HTTP/1.1 {status} x", "content-length: 0", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        await turn.write("\r\n".join([*lines, "", ""]).encode())

    return answer


@dataclass(eq=False)
class FaultProxy:
    """Listens on one port of its own; each request meets the next of ``faults``, and ``always`` where none is left. A context manager.

    ``begun`` are the ids of which it saw the head, ``passed`` are the ids and bodies that the partner was sent.
    """

    partner: int
    tls: ssl.SSLContext | None = None
    always: Fault = none
    faults: list[Fault] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    passed: list[tuple[str, bytes]] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._thread.start()
        self._serving: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}/messages"

    def open(self) -> None:
        """Listen, with the certificate of ``tls``."""
        self._run(self._open())

    def close(self) -> None:
        """Listen no more, and end every connection: whoever comes is refused."""
        self._run(self._close())

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections inside the block."""
        self.close()
        yield
        self.open()

    def _run(self, work: Awaitable[None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_ENOUGH_SECONDS)

    async def _open(self) -> None:
        self._serving = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._serving.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._serving is not None:
            self._serving.close()
            self._serving = None
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        self._connections.add(this)
        try:
            while not writer.is_closing() and (first := await reader.read(1)):
                await self._next()(Turn(self, reader, writer, first))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the worker has hung up, or the test is over
        finally:
            self._connections.discard(this)
            writer.transport.abort()

    def _next(self) -> Fault:
        return self.faults.pop(0) if self.faults else self.always
