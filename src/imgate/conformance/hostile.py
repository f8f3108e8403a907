"""Bytes that no adapter may choke on, named after the attack."""

from collections.abc import Iterator

from imgate.plugin_api.xml_read import MAX_BYTES

# Stands in hostile input; no error may repeat it.
CANARY = "Geheimnis-4711"

_BOMB = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "null bytes": b"\x00" * 64,
    "not text": bytes(range(256)) * 4,
    "not UTF-8": f'<?xml version="1.0" encoding="UTF-8"?><a>{CANARY}ü</a>'.encode("latin-1"),
    "declared as Latin-1": f'<?xml version="1.0" encoding="ISO-8859-1"?><a>{CANARY}ü</a>'.encode("latin-1"),
    "UTF-16 with mark": f"<a>{CANARY}</a>".encode("utf-16"),
    "UTF-16 without mark": f"<!DOCTYPE a><a>{CANARY}</a>".encode("utf-16-le"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
    "document type": f"<!DOCTYPE a><a>{CANARY}</a>".encode(),
    "document type in small letters": f"<!doctype a><a>{CANARY}</a>".encode(),
    "entity bomb": b'<!DOCTYPE a [<!ENTITY l0 "ha">' + _BOMB + b"]><a>&l9;</a>",
    "quadratic entity": b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 1000 + b"</a>",
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external document type": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
    "inclusion": b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>',
    "foreign schema": b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x file:///etc/passwd"/>',
    "1,000 levels deep": b"<a>" * 1000 + CANARY.encode() + b"</a>" * 1000,
    "65 levels deep": b"<a>" * 65 + CANARY.encode() + b"</a>" * 65,
    "never closed": f"<a><b>{CANARY}".encode(),
    "two roots": f"<a>{CANARY}</a><b/>".encode(),
    "unbound prefix": f"<x:a>{CANARY}</x:a>".encode(),
    "unknown root": f"<a>{CANARY}</a>".encode(),
    "zip of nothing": b"PK\x03\x04" + b"\x00" * 100,
    "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
}


def too_large() -> bytes:
    """Make bytes that are just over the largest message; not kept, because of their size."""
    return b"<a>" + b"x" * MAX_BYTES + b"</a>"


def truncations(message: bytes, pieces: int = 40) -> Iterator[bytes]:
    """Cut a good message off at many places."""
    step = max(1, len(message) // pieces)
    for length in range(1, len(message.rstrip()) - 1, step):
        yield message[:length]
