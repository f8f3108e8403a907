"""What callers ask of a gateway, as data: written down before it is asked, and asked again under the same key by whoever comes after."""

import asyncio
import base64
import json
import random
import uuid
from typing import Any

import orjson

from imgate.consent.declaration import DeclarationRequest
from imgate.exchange import inbound, outbound
from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register, signing
from imgate.exchange.requests import ExchangeRequest, RevocationRequest, SignatureRequest
from tests.acceptance.inbound_writers import ABH, JOBCENTER, MEDIA_TYPES, message
from tests.acceptance.process import PURPOSES

CASE_SYSTEM = "case-system-1"
PUSHED, FETCHED = JOBCENTER, ABH
PARTNERS = (PUSHED, FETCHED)
CLIENTS = tuple(f"K-2026-{number}" for number in range(1101, 1161))
OUTGOING = ("language.level", "work.status", "contact.phone")
# None of it is sent back: what came from a partner would need its provenance.
INCOMING = {PUSHED: ("benefits.regime", {"code": "sgb2"}), FETCHED: ("residence.status", {"code": "3", "since": "2022-03-01"})}


def reference(client: str) -> str:
    """Give the number under which both partners know a client."""
    return f"355A00{client[-4:]}"


def content(client: str, partner: str) -> dict[str, Any]:
    """Give a declaration for everything that is sent here."""
    return {
        "client": client,
        "partner": partner,
        "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
        "clauses": ["confidentiality_release", "data_protection_consent"],
        "direction": "both",
        "purposes": [PURPOSES[partner]],
        "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft",
        "scopes": sorted((*OUTGOING, INCOMING[partner][0])),
        "onward_from": [],
        "valid_from": "2026-01-15",
        "valid_until": "2028-12-31",
        "signers_required": ["client"],
        "language": "ar",
        "interpreter": None,
        "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
        "supersedes": None,
    }


def exchange(rng: random.Random, client: str, partner: str) -> dict[str, Any]:
    """Ask to send some scopes; the values differ from one request to the next."""
    values = {
        "language.level": {"cefr": rng.choice(("A1", "A2", "B1", "B2", "C1")), "evidence": "dtz"},
        "work.status": {"kind": "self_employed", "since": "2025", "hours": rng.randrange(40)},
        "contact.phone": f"+49151{rng.randrange(10**7, 10**8)}",
    }
    record: dict[str, dict[str, Any]] = {}
    for scope in rng.sample(OUTGOING, rng.randrange(1, 4)):
        section, _, item = scope.partition(".")
        record.setdefault(section, {})[item] = values[scope]
    return _request("send", {"client": client, "partner": partner, "purpose": PURPOSES[partner], "record": record})


def incoming(rng: random.Random, client: str, partner: str) -> dict[str, Any]:
    """Post a message as this partner, with an Idempotency-Key or with its own message id alone."""
    scope, value = INCOMING[partner]
    section, _, item = scope.partition(".")
    message_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    body = message(partner, reference(client), {section: {item: value}}, message_id=message_id).decode()
    return _request("post", {"partner": partner, "body": body, "keyed": rng.random() < 0.5})


def revocation(rng: random.Random, declaration: str, scopes: list[str]) -> dict[str, Any]:
    """Revoke all of a declaration, or now and then one of its scopes."""
    return _request("revoke", {"declaration": declaration, "scopes": [rng.choice(scopes)] if rng.random() < 0.25 else None})


def declaration(client: str, partner: str) -> dict[str, Any]:
    """Ask to record a declaration."""
    return _request("declare", content(client, partner))


def successor(rng: random.Random, client: str, partner: str, declaration: str) -> dict[str, Any]:
    """Ask to record a declaration that takes the place of another, and holds less."""
    declared = content(client, partner)
    scopes = [scope for scope in declared["scopes"] if scope != rng.choice(OUTGOING)]
    return _request("declare", declared | {"supersedes": declaration, "scopes": scopes})


def signature(declaration: str) -> dict[str, Any]:
    """Ask to record that the client has signed it."""
    scan = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(b"%PDF-1.7 scan").decode()}
    signed = {"role": "client", "signed_on": "2026-01-14", "evidence": scan, "attested_by": "Vera Beispiel"}
    return _request("sign", {"declaration": declaration, "signature": signed})


def _request(task: str, asked: dict[str, Any]) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "task": task, "asked": asked}


def read(request: dict[str, Any]) -> Any:
    """Read what is asked as the HTTP door does: the corridor's own request, or a partner's bytes."""
    asked = request["asked"]
    match request["task"]:
        case "send":
            return ExchangeRequest.model_validate(asked)
        case "post":
            return asked["body"].encode()
        case "declare":
            return DeclarationRequest.model_validate(asked)
        case "sign":
            return SignatureRequest.model_validate_json(json.dumps(asked["signature"]))
        case "revoke":
            return RevocationRequest.model_validate({"scopes": asked["scopes"]})
    raise AssertionError(request["task"])


async def ask(corridor: Corridor, request: dict[str, Any]) -> Answer:
    """Ask it, as the HTTP door does. Raises Refused."""
    asked, task, wanted = request["asked"], request["task"], read(request)
    call = Call(CASE_SYSTEM, f"/{task}", request["key"], orjson.dumps(asked))
    match task:
        case "send":
            async with corridor.cohort:
                return await outbound.send(corridor, call, wanted)
        case "post":
            partner = asked["partner"]
            call = Call(partner, f"/{partner}", request["key"] if asked["keyed"] else None, wanted)
            return await inbound.accept(corridor, call, partner, MEDIA_TYPES[partner], wanted)
        case "declare":
            return await asyncio.to_thread(register.create, corridor, call, wanted)
        case "sign":
            return await asyncio.to_thread(signing.sign, corridor, call, asked["declaration"], wanted)
        case "revoke":
            return await asyncio.to_thread(register.revoke, corridor, call, asked["declaration"], wanted)
    raise AssertionError(task)
