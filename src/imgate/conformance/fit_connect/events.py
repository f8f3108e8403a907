"""Writes security event tokens as the service and the receiver sign them."""

import time
import uuid
from typing import Any

import orjson
from joserfc import jws
from joserfc.jwk import RSAKey

EVENTS = "https://schema.fitko.de/fit-connect/events/"
PROBLEMS = EVENTS + "problems/"
_SCHEMA = "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json"


def claims(issuer: str, submission: str, case: str, event: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give the claims of one event."""
    return {
        "$schema": _SCHEMA,
        "jti": str(uuid.uuid4()),
        "iss": issuer,
        "iat": int(time.time()),
        "sub": f"submission:{submission}",
        "txn": f"case:{case}",
        "events": {EVENTS + event: payload or {}},
    }


def signed(claimed: dict[str, Any], key: RSAKey, kid: str, algorithm: str = "PS512", typ: str = "secevent+jwt") -> str:
    """Sign claims; a test asks for what is wrong too."""
    header = {"typ": typ, "alg": algorithm, "kid": kid}
    return jws.serialize_compact(header, orjson.dumps(claimed), key, algorithms=[algorithm])


def authentication_tag(encrypted: str) -> str:
    """Give the last part of a JWE, by which an event says what exactly it is about."""
    return encrypted.rpartition(".")[2]


def problem(name: str, instance: str) -> dict[str, str]:
    """Give a problem as a rejection lists it."""
    return {"type": PROBLEMS + name, "title": name, "detail": name, "instance": instance}
