"""How the acts of the story do what they tell: calls of the API, waiting for the worker, and a look at the bytes."""

import json
import time
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import httpx2
from lxml import etree

from imgate.cli.demo.stage import Stage
from imgate.cli.demo.telling import Telling, expect
from imgate.conformance.simulated import Received, SimulatedPartner

CLIENT = "K-2026-1101"
_ENVELOPE = "{urn:imgate:envelope:1}"
_WAIT_SECONDS = 30.0


class Play:
    """One performance on one stage."""

    def __init__(self, telling: Telling, stage: Stage) -> None:
        """Take the sample record of one client, without what the partners are going to say."""
        self._telling = telling
        self._stage = stage
        self._api = stage.case_system
        self._record: dict[str, Any] = json.loads(_sample(CLIENT))
        self._provenance: dict[str, str] = {}
        self._declarations: dict[str, str] = {}
        del self._record["contact_persons"]["jobcenter"], self._record["residence"]["status"]

    def _call(self, method: str, path: str, status: int | None, **options: Any) -> httpx2.Response:
        answer = self._api.call(method, path, **options)
        expect(
            status is None or answer.status_code == status, f"{method} {path} was answered with {answer.status_code}: {answer.text[:300]}"
        )
        return answer

    def _exchange(self, partner: str, purpose: str, status: int = 201, provenance: dict[str, str] | None = None) -> dict[str, Any]:
        body = {"client": CLIENT, "partner": partner, "purpose": purpose, "record": self._record}
        answer: dict[str, Any] = self._call(
            "POST", "/v1/exchanges", status, json={**body, "provenance": self._provenance if provenance is None else provenance}
        ).json()
        return answer

    def _state(self, exchange: dict[str, Any]) -> str:
        state: str = self._call("GET", f"/v1/exchanges/{exchange['id']}", 200).json()["state"]
        return state

    def _post(self, partner: SimulatedPartner, content: bytes, media_type: str) -> str:
        answer = partner.post(content, media_type)
        expect(answer.status_code == 202, f"{partner.partner} was answered with {answer.status_code}: {answer.text[:300]}")
        accepted = answer.json()
        expect(accepted["problems"] == [], f"{partner.partner}'s message has problems: {accepted['problems']}")
        receipt: str = accepted["receipt"]
        return receipt

    def _inbox(self, expected: int) -> list[dict[str, Any]]:
        """Wait for so many items, take them into the case record with their provenance, and acknowledge them."""
        items: list[dict[str, Any]] = self._until(lambda: self._enough(expected), f"the inbox did not fill with {expected} items")
        for item in items:
            for section, parts in item["record"].items():
                self._record.setdefault(section, {}).update(parts)
            self._provenance |= item["provenance"]
            expect(self._call("POST", f"/v1/inbox/{item['id']}/ack", None).is_success, "the inbox does not take the acknowledgement")
        return items

    def _enough(self, expected: int) -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = self._call("GET", "/v1/inbox", 200).json()["items"]
        return items if len(items) == expected else None

    def _until(self, found: Callable[[], Any], otherwise: str) -> Any:
        ends_at = time.monotonic() + _WAIT_SECONDS
        while not (result := found()):
            expect(time.monotonic() < ends_at, otherwise)
            time.sleep(0.1)
        return result

    def _decision_table(self, exchange: dict[str, Any]) -> tuple[set[str], dict[str, str]]:
        """Show what was released, and what was withheld for which reason."""
        withheld = {entry["scope"]: entry["reason"] for entry in exchange["withheld"]}
        by_reason: dict[str, list[str]] = {}
        for scope, reason in withheld.items():
            by_reason.setdefault(reason, []).append(scope)
        outcomes = {"released": exchange["released"], **by_reason}
        rows = [(f"{outcome} ({len(scopes)})", ", ".join(scopes)) for outcome, scopes in outcomes.items()]
        self._telling.table("Decided, scope by scope", ("released, or why withheld", "scopes"), rows)
        present = {f"{section}.{item}" for section, items in self._record.items() for item in items}
        expect({*exchange["released"], *withheld} == present, "released and withheld together are not the record")
        return set(exchange["released"]), withheld

    def _bytes(self, message: Received, released: set[str]) -> None:
        """Show which scopes the bytes that left hold, and check that they are those released and none besides."""
        releases = etree.fromstring(message.content).iter(f"{_ENVELOPE}release")
        rows = [(scope, one.get("origin", ""), one.get("until", "")) for one in releases for scope in one.get("scopes", "").split()]
        self._telling.table(f"In the {len(message.content)} bytes that left", ("scope", "said by", "permitted until"), rows)
        expect({scope for scope, _, _ in rows} == released, "the bytes hold other scopes than were released")
        for secret in _texts(self._record["health"], self._record["asylum"], self._record["notes"]):
            expect(secret not in message.content.decode(), "something that was withheld stands in the bytes")


def _texts(*values: Any) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(*value.values())
        elif isinstance(value, list):
            yield from _texts(*value)


def in_short(record: dict[str, Any]) -> str:
    """Show a partial case record in one line."""
    return "; ".join(
        f"{section}.{item}: {json.dumps(value, ensure_ascii=False)}" for section, items in record.items() for item, value in items.items()
    )


def _sample(client: str) -> str:
    inside = resources.files("imgate") / "samples" / f"{client}.json"
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    # A checkout: the wheel's build moves the top-level folder into the package (pyproject.toml).
    return (Path(__file__).parents[4] / "samples" / f"{client}.json").read_text(encoding="utf-8")
