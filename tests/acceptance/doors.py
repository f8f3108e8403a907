"""Two ways into a gateway, for the same story: the corridor in this process, and HTTP to a process of its own.

Each method gives the status of HTTP and what was answered, whatever it was.
"""

import asyncio
import json
from typing import Any

import orjson

from imgate.exchange import boxes, foreseen, history, inbound, intake, links, outbound
from imgate.exchange.declarations import register, signing
from imgate.exchange.declarations.register import DeclarationRequest
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import ExchangeRequest, LinkRequest, RevocationRequest, SignatureRequest
from imgate.exchange.stored import Cursor
from imgate.http.body import read_model
from tests.acceptance.inbound_writers import MEDIA_TYPES
from tests.acceptance.process import every

Answer = tuple[int, Any]


class CorridorDoor:
    """The corridor of a ``World``."""

    def __init__(self, world) -> None:
        self._world = world

    def link(self, client, partner, reference) -> Answer:
        return self._done(lambda: links.put(self._corridor, self._world.call(), client, partner, LinkRequest(reference=reference)))

    def declare(self, content) -> Answer:
        return self._done(lambda: register.create(self._corridor, self._world.call(), read(DeclarationRequest, content)))

    def sign(self, declaration, content) -> Answer:
        return self._done(lambda: signing.sign(self._corridor, self._world.call(), declaration, read(SignatureRequest, content)))

    def revoke(self, declaration, content) -> Answer:
        return self._done(lambda: register.revoke(self._corridor, self._world.call(), declaration, read(RevocationRequest, content)))

    def preview(self, content) -> Answer:
        return self._done(lambda: foreseen.preview(self._corridor, read(ExchangeRequest, content)))

    def send(self, content, key) -> Answer:
        call = self._world.call(key=key, body=orjson.dumps(content))
        return self._done(lambda: asyncio.run(outbound.send(self._corridor, call, read(ExchangeRequest, content))))

    def post(self, partner, body) -> Answer:
        call = self._world.call(body=body)
        return self._done(lambda: asyncio.run(inbound.accept(self._corridor, call, partner, MEDIA_TYPES[partner], body)))

    def take(self) -> None:
        """Let a worker take what has come."""
        inbound.take_due(self._corridor)

    def inbox(self) -> list:
        return boxes.inbox(self._corridor, self._world.call(), Cursor(limit=500))["items"]

    def ack_inbox(self, exchange) -> None:
        boxes.inbox_ack(self._corridor, self._world.call(), exchange)

    def outbox(self, partner) -> list:
        return boxes.outbox(self._corridor, self._world.call(), partner, Cursor(limit=500))["items"]

    def ack(self, partner, exchange) -> None:
        boxes.outbox_ack(self._corridor, self._world.call(), partner, exchange)

    def exchanges(self, client) -> list:
        return history.page(self._corridor, client, Cursor())["items"]

    def disclosures(self, client) -> list:
        return history.disclosures(self._corridor, client, Cursor())["items"]

    def report(self, receipt) -> Any:
        return intake.show(self._corridor, receipt)

    @property
    def _corridor(self):
        return self._world.corridor

    def _done(self, step) -> Answer:
        try:
            answer = step()
        except Refused as refused:
            said = f"{refused} {refused!r} {refused.problems} {refused.__context__!r} {refused.__cause__!r}"
            return refused.status, {"code": refused.code, "said": said, **refused.details}
        return (200, answer) if isinstance(answer, dict) else (answer.status, json.loads(answer.body))


class HttpDoor:
    """A gateway's HTTP, as the case system and each of the partners see it."""

    def __init__(self, case_system, partners) -> None:
        self._case_system, self._partners = case_system, partners

    def link(self, client, partner, reference) -> Answer:
        return self._json("PUT", f"/v1/clients/{client}/links/{partner}", {"reference": reference})

    def declare(self, content) -> Answer:
        return self._json("POST", "/v1/declarations", content)

    def sign(self, declaration, content) -> Answer:
        return self._json("POST", f"/v1/declarations/{declaration}/signatures", content)

    def revoke(self, declaration, content) -> Answer:
        return self._json("POST", f"/v1/declarations/{declaration}/revocation", content)

    def preview(self, content) -> Answer:
        return self._json("POST", "/v1/exchanges/preview", content)

    def send(self, content, key) -> Answer:
        return self._json("POST", "/v1/exchanges", content, headers={"idempotency-key": key})

    def post(self, partner, body) -> Answer:
        headers = {"content-type": MEDIA_TYPES[partner]}
        return _answer(self._partners[partner].call("POST", f"/v1/partners/{partner}/messages", content=body, headers=headers))

    def take(self) -> None:
        """A worker of the gateway's own does it in its own time."""

    def inbox(self) -> list:
        return every(self._case_system, "/v1/inbox")

    def ack_inbox(self, exchange) -> None:
        assert self._case_system.call("POST", f"/v1/inbox/{exchange}/ack").status_code == 204

    def outbox(self, partner) -> list:
        return every(self._partners[partner], f"/v1/partners/{partner}/outbox")

    def ack(self, partner, exchange) -> None:
        assert self._partners[partner].call("POST", f"/v1/partners/{partner}/outbox/{exchange}/ack").status_code == 204

    def exchanges(self, client) -> list:
        return every(self._case_system, "/v1/exchanges", client=client)

    def disclosures(self, client) -> list:
        return every(self._case_system, f"/v1/clients/{client}/disclosures")

    def report(self, receipt) -> Any:
        return self._case_system.call("GET", f"/v1/intake/{receipt}").json()

    def _json(self, method, path, content, **options) -> Answer:
        return _answer(self._case_system.call(method, path, json=content, **options))


def _answer(answer) -> Answer:
    said = answer.json()
    return answer.status_code, said if answer.status_code < 400 else said | {"headers": repr(answer.headers)}


def read(model, content):
    """Read a request as the door does."""
    return read_model(model, orjson.dumps(content))
