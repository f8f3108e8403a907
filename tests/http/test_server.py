"""On the real server: bodies that come in pieces, and faults that it must not print."""

import asyncio
import contextlib
import logging
import socket
import threading
import time

import pytest
import uvicorn

from imgate.exchange import history
from imgate.vocabulary.words import Role
from tests.http.live import Door, open_live

MIB = 1024 * 1024
CANARY = "Kanarienvogel-4711"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with open_live(tmp_path_factory.mktemp("server")) as gateway:
        yield Door(gateway)


@pytest.fixture(scope="module")
def port(door):
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(door.app, http="httptools", ws="none", log_config=None, access_log=False, server_header=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def raw(port: int, request: bytes) -> bytes:
    """Send bytes and read until the server has no more to say."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the answer came before we were done
            connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while part := connection.recv(65_536):
                answer += part
        return answer


def head(door, path: str, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {door.token(Role.CASE_SYSTEM)}"]
    lines += ["Content-Type: application/json", "Connection: close", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@pytest.mark.parametrize("path", ["/v1/exchanges", "/v1/exchanges/preview"])
def test_17_mib_in_chunks_are_413(door, port, path):
    chunk = b"%x\r\n" % MIB + b"x" * MIB + b"\r\n"
    answer = raw(port, head(door, path, "Transfer-Encoding: chunked") + chunk * 17 + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body_too_large" in answer


def test_a_body_that_is_only_said_to_be_large_is_413_at_once(door, port):
    answer = raw(port, head(door, "/v1/exchanges", f"Content-Length: {17 * MIB}"))
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_in_many_pieces_is_one_body(door, port):
    chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in b'{"client":1}')
    answer = raw(port, head(door, "/v1/exchanges", "Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 422")
    assert b"/partner" in answer


def test_a_sender_that_goes_away_is_no_fault(door, port, caplog):
    request = head(door, "/v1/exchanges", "Content-Length: 1000")
    with caplog.at_level(logging.DEBUG), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request + b"{")
    time.sleep(0.2)
    assert "Traceback" not in caplog.text
    assert "499" in door.metrics.text({})


def test_a_fault_is_not_printed_by_the_server(door, port, monkeypatch, caplog, capfd):
    def fail(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(history, "show", fail)
    path = "/v1/exchanges/00000000-0000-4000-8000-000000000000"
    with caplog.at_level(logging.DEBUG):
        answer = raw(port, head(door, path).replace(b"POST", b"GET", 1))
    assert answer.startswith(b"HTTP/1.1 500")
    assert CANARY not in answer.decode() + caplog.text + "".join(capfd.readouterr())
    assert "Traceback" not in caplog.text


def test_no_server_header_and_no_path_on_any_stream(door, port, capfd):
    answer = raw(port, f"GET /{CANARY}?{CANARY} HTTP/1.1\r\nHost: {CANARY}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"\r\nserver:" not in answer.lower()
    assert CANARY not in answer.decode() + "".join(capfd.readouterr())
