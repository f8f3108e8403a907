"""How the acts of the story do what they tell: calls of the API, waiting for the worker, and a look at the bytes."""

import base64
import json
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import httpx2
from lxml import etree

from imgate.cli.demo import letters
from imgate.cli.demo.configuration import UNIT
from imgate.cli.demo.stage import Stage
from imgate.cli.demo.telling import Telling, expect
from imgate.conformance.api_client import ApiClient
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
        self._record: dict[str, Any] = json.loads(sample(CLIENT))
        self._provenance: dict[str, str] = {}
        self._declarations: dict[str, str] = {}
        self._sent: dict[str, dict[str, Any]] = {}
        self._receipt = ""
        del self._record["contact_persons"]["jobcenter"], self._record["residence"]["status"]

    def _call(self, method: str, path: str, status: int | None, api: ApiClient | None = None, **options: Any) -> httpx2.Response:
        answer = (api or self._api).call(method, path, **options)
        expect(
            status is None or answer.status_code == status, f"{method} {path} was answered with {answer.status_code}: {answer.text[:300]}"
        )
        return answer

    def _exchange(self, partner: str, purpose: str, status: int = 201, **instead: Any) -> dict[str, Any]:
        """Exchange the whole record as it is now; ``instead`` names another ``record`` or ``provenance``."""
        body = {"client": CLIENT, "partner": partner, "purpose": purpose, "record": self._record, "provenance": self._provenance}
        answer: dict[str, Any] = self._call("POST", "/v1/exchanges", status, json=body | instead).json()
        return answer

    def _sign(self, partner: str, scopes: list[str], purpose: str, api: ApiClient | None = None, **more: object) -> dict[str, Any]:
        today = date.today()  # noqa: DTZ011  # the day on this machine is as good as any
        content = {
            "client": CLIENT,
            "partner": partner,
            "discloser": {"unit": UNIT, "persons": ["Maike Ölschläger-Nguyễn"]},
            "clauses": ["confidentiality_release", "data_protection_consent"],
            "direction": "both",
            "purposes": [purpose],
            "occasion": "Ausbildung zur Maßschneiderin, Übergang ins zweite Lehrjahr",
            "scopes": scopes,
            "onward_from": [],
            "valid_from": today.isoformat(),
            "valid_until": (today + timedelta(days=180)).isoformat(),
            "signers_required": ["client"],
            "language": "fa",
            "interpreter": None,
            "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
            "supersedes": None,
            **more,
        }
        draft: dict[str, Any] = self._call("POST", "/v1/declarations", 201, api, json=content).json()
        expect(draft["state"] == "draft", "a new declaration is no draft")
        sheet = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(letters.signed_sheet()).decode()}
        signature = {"role": "client", "signed_on": today.isoformat(), "evidence": sheet, "attested_by": "Maike Ölschläger-Nguyễn"}
        state = self._call("POST", f"/v1/declarations/{draft['id']}/signatures", 201, api, json=signature).json()["state"]
        expect(state == "active", f"the signed declaration for {partner} is {state}, not active")
        return draft

    def _state(self, exchange: dict[str, Any]) -> str:
        state: str = self._call("GET", f"/v1/exchanges/{exchange['id']}", 200).json()["state"]
        return state

    def _reaches(self, exchange: dict[str, Any], state: str) -> None:
        self._until(lambda: self._state(exchange) == state, f"the exchange with {exchange.get('partner', 'a partner')} is not {state}")

    def _post(self, partner: SimulatedPartner, content: bytes, media_type: str) -> str:
        answer = partner.post(content, media_type)
        expect(answer.status_code == 202, f"{partner.partner} was answered with {answer.status_code}: {answer.text[:300]}")
        accepted = answer.json()
        expect(accepted["problems"] == [], f"{partner.partner}'s message has problems: {accepted['problems']}")
        receipt: str = accepted["receipt"]
        return receipt

    def _inbox(self, *partners: str) -> list[dict[str, Any]]:
        """Wait for one item of each, take them into the case record with their provenance, and acknowledge them."""
        items: list[dict[str, Any]] = self._until(lambda: self._arrived(partners), f"nothing arrived from {' or '.join(partners)}")
        for item in items:
            for section, parts in item["record"].items():
                self._record.setdefault(section, {}).update(parts)
            self._provenance |= item["provenance"]
            expect(self._call("POST", f"/v1/inbox/{item['id']}/ack", None).is_success, "the inbox does not take the acknowledgement")
        return items

    def _arrived(self, partners: tuple[str, ...]) -> list[dict[str, Any]] | None:
        items = [item for item in self._call("GET", "/v1/inbox", 200).json()["items"] if item["partner"] in partners]
        return items if len(items) == len(partners) else None

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
        rows = releases(message)
        self._telling.table(f"In the {len(message.content)} bytes that left", ("scope", "said by", "permitted until"), rows)
        expect({scope for scope, _, _ in rows} == released, "the bytes hold other scopes than were released")
        for secret in _texts(self._record["health"], self._record["asylum"], self._record["notes"]):
            expect(secret not in message.content.decode(), "something that was withheld stands in the bytes")


def releases(message: Received) -> list[tuple[str, str, str]]:
    """Read from a message in XML which scopes it holds, whose word each is, and until when it is permitted."""
    each = etree.fromstring(message.content).iter(f"{_ENVELOPE}release")
    return [(scope, one.get("origin", ""), one.get("until", "")) for one in each for scope in one.get("scopes", "").split()]


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


def sample(client: str) -> str:
    """Give the sample record of one client, as JSON."""
    inside = resources.files("imgate") / "samples" / f"{client}.json"
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    # A checkout: the wheel's build moves the top-level folder into the package (pyproject.toml).
    return (Path(__file__).parents[4] / "samples" / f"{client}.json").read_text(encoding="utf-8")
