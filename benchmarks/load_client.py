"""Load: keep-alive connections that each send the next request as soon as the last one is answered.

A process of its own, started with a job on standard input; bare asyncio protocols and requests made beforehand, because a real HTTP
client would be the slower half of what is measured. `exchange` measures how fast it is on an answer that costs nothing.
"""

import asyncio
import gc
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import uvloop


@dataclass(slots=True)
class Load:
    """What all connections share."""

    requests: list[bytes]
    seconds: float
    keep: bool
    position: int = 0
    deadline: float = 0.0
    last_answer_at: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[bytes] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)
    running: int = 0
    done: asyncio.Future[None] | None = None

    def next(self) -> bytes:
        """Give the next request, in turn."""
        request = self.requests[self.position]
        self.position = (self.position + 1) % len(self.requests)
        return request


class Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    __slots__ = ("buffer", "load", "needed", "sent_at", "transport")

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.needed = 0
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(self.load.next())

    def data_received(self, data: bytes) -> None:
        if self.buffer:
            data = self.buffer + data
        if len(data) < self.needed:
            self.buffer = data
            return
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self.buffer = data
            return
        length = _content_length(data[:end])
        self.needed = end + 4 + length
        if len(data) < self.needed:
            self.buffer = data
            return
        self.buffer, self.needed = b"", 0
        self._answered(data, end)

    def _answered(self, data: bytes, end: int) -> None:
        load, at = self.load, time.perf_counter()
        load.latencies.append(at - self.sent_at)
        load.statuses[data[9:12]] += 1
        if load.keep:
            load.bodies.append(data[end + 4 :])
        if at < load.deadline:
            self.send()
            return
        load.last_answer_at = at
        load.running -= 1
        if load.running == 0:
            load.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if self.load.done is not None and not self.load.done.done():
            self.load.done.set_exception(ConnectionError("the server closed a connection") if error is None else error)


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError("an answer without Content-Length")
    return int(head[at + 17 :].split(b"\r\n", 1)[0])


def requests_of(path: str, headers: dict[str, str], bodies: list[bytes]) -> list[bytes]:
    """Write the requests out."""
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


async def drive(ports: list[int], connections: int, load: Load) -> dict[str, object]:
    """Open all connections, spread over the ports, then start them together; give what came of it."""
    loop = asyncio.get_running_loop()
    load.done = loop.create_future()
    opened = [
        (await loop.create_connection(lambda: Connection(load), "127.0.0.1", ports[number % len(ports)]))[1]
        for number in range(connections)
    ]
    gc.collect()
    gc.disable()
    load.running = connections
    begun = time.perf_counter()
    load.deadline = begun + load.seconds
    for connection in opened:
        connection.send()
    await load.done
    for connection in opened:
        connection.transport.close()
    latencies = sorted(load.latencies)
    return {
        "answered": len(latencies),
        "seconds": load.last_answer_at - begun,
        "statuses": {status.decode(): count for status, count in load.statuses.items()},
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
    }


def main() -> None:
    """Read the job, do it, write the outcome to standard output and the answers to the file that the job names."""
    job = json.load(sys.stdin)
    bodies = Path(job["bodies"]).read_bytes().splitlines()
    load = Load(requests_of(job["path"], job["headers"], bodies), job["seconds"], job["answers"] is not None)
    outcome = uvloop.run(drive(job["ports"], job["connections"], load))
    if job["answers"] is not None:
        with Path(job["answers"]).open("ab") as answers:
            answers.writelines(body + b"\n" for body in load.bodies)
    json.dump(outcome, sys.stdout)


if __name__ == "__main__":
    main()
