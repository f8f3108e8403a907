"""What stands on the demo's pages beside the story: other clients, whose matters began some days ago, in every state worth a look.

All of it is done by the corridor's own steps, on a clock that is put back; what is delivered, the running gateway delivers.
"""

import asyncio
import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from imgate.cli.demo import letters
from imgate.cli.demo.configuration import ABH, HEALTH, JOBCENTER, JOBKRAFTWERK, UNIT
from imgate.cli.demo.play import CLIENT, sample
from imgate.cli.demo.telling import expect

if TYPE_CHECKING:
    from imgate.bootstrap import Gateway
    from imgate.cli.demo.stage import Stage
    from imgate.exchange.answers import Call
    from imgate.exchange.context import Corridor

GOLDSMITH, PUPIL = "K-2026-1102", "K-2026-1103"
_REFERENCES = {
    (GOLDSMITH, JOBCENTER): "624D700404",
    (PUPIL, JOBCENTER): "624D700512",
    (GOLDSMITH, ABH): "33/2-07-404",
}
_PURPOSES = {JOBCENTER: "labour_market_integration", ABH: "residence_matters", JOBKRAFTWERK: "case_documentation"}
_ADVISOR = "Ines Beispiel"
_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ClientsOwn:
    """What opens a client's own page: the code on the copy, and the number from the office."""

    code: str
    number: str


class OnPages:
    """One filling of the pages."""

    def __init__(self, stage: "Stage", gateway: "Gateway") -> None:
        """Take the running stage, and its gateway's database beside it."""
        self._stage = stage
        self._gateway = gateway

    def prepare(self) -> ClientsOwn:
        """Fill the pages; give what opens the page of the story's client. Raises OtherwiseThanTold."""
        for (client, partner), reference in _REFERENCES.items():
            self._declared_and_linked(client, partner, reference)
        receipt = self._stage.jobcenter.post(letters.contact_person(_REFERENCES[GOLDSMITH, JOBCENTER]), "application/xml").json()["receipt"]
        self._ended_use()
        self._given_up()
        housing = self._sent(9, GOLDSMITH, JOBCENTER, "language.level", "work.status")
        course = self._sent(2, PUPIL, JOBCENTER, "language.level", "language.course")
        self._asked(housing, course)
        self._declare(1, PUPIL, ABH, ["language.level"], 200, signed=False)
        self._paused()
        self._confirmed("olga")
        self._until(lambda: self._is_taken(receipt), "what the Jobcenter wrote was not taken")
        return self._own_page()

    def _declared_and_linked(self, client: str, partner: str, reference: str) -> None:
        """Declare what several partners may have: of the pupil for so short that it runs out soon."""
        from imgate.exchange import links
        from imgate.exchange.requests import LinkRequest

        scopes = {
            JOBCENTER: ["contact_persons.jobcenter", "language.level", "language.course", "work.status"],
            ABH: ["language.level", "work.status"],
        }[partner]
        self._declare(30, client, partner, scopes, 150 if client == GOLDSMITH else 20)
        links.put(self._corridor(30), self._call(), client, partner, LinkRequest(reference=reference))

    def _ended_use(self) -> None:
        """Hand something out that is revoked afterwards: the Jobcenter is told to end its use."""
        from imgate.exchange.declarations import register
        from imgate.exchange.requests import RevocationRequest

        declaration = self._declare(25, GOLDSMITH, JOBCENTER, ["needs.support", "education.school"], 150)
        self._sent(20, GOLDSMITH, JOBCENTER, "needs.support", "education.school")
        expect(len(self._stage.jobcenter.poll()) == 1, "the Jobcenter was not handed one message")
        register.revoke(self._corridor(0), self._call(), declaration, RevocationRequest())

    def _given_up(self) -> None:
        """Let a message fail at a partner that is handed its messages: it has waited for longer than is tried."""
        with self._stage.abh.answering(status=503):
            exchange = self._sent(8, GOLDSMITH, ABH, "language.level")
            self._until(lambda: self._state(exchange) == "failed", "the message to a partner that is down did not fail")

    def _asked(self, waits: str, declined: str) -> None:
        """Ask as the liaison for more, of two clients; one of them has said no."""
        from imgate.exchange import scope_requests
        from imgate.exchange.scope_requests import RequestAnswer
        from imgate.exchange.stored import Cursor

        corridor, liaison, manager = self._corridor(0), self._user("lea"), self._user("ines")
        scope_requests.ask(corridor, self._call(liaison), JOBCENTER, declined, ("residence.work_permission",))
        (request,) = scope_requests.open_requests(corridor, Cursor())["items"]
        scope_requests.answer(corridor, self._call(manager), request["id"], RequestAnswer.DECLINED)
        scope_requests.ask(corridor, self._call(liaison), JOBCENTER, waits, ("work.job_search", "work.history"))

    def _paused(self) -> None:
        from imgate.exchange.declarations import register
        from imgate.exchange.requests import PauseRequest

        declaration = self._declare(12, GOLDSMITH, JOBKRAFTWERK, ["person.name", "language.level"], 300)
        register.pause(self._corridor(3), self._call(), declaration, PauseRequest())

    def _confirmed(self, login: str) -> None:
        """Let one of the office confirm an opening, so that it waits for the other."""
        from imgate.exchange.openings import confirm_opening

        confirm_opening(self._corridor(0), self._user(login), JOBCENTER, HEALTH)

    def _own_page(self) -> ClientsOwn:
        from imgate.exchange.client_page import code_on_copy, give_number, in_groups, make_page
        from imgate.exchange.declarations import register
        from imgate.exchange.stored import Cursor

        corridor, manager = self._corridor(0), self._user("ines")
        make_page(corridor, manager, CLIENT)
        number = give_number(corridor, manager, CLIENT, timedelta(hours=self._gateway.settings.pages.factor_hours))
        code = code_on_copy(corridor, register.page(corridor, CLIENT, Cursor())["items"][0]["id"])
        expect(code is not None, "the client's page has no code")
        return ClientsOwn(in_groups(code or ""), f"{number[:4]} {number[4:]}")

    def _declare(self, days_ago: int, client: str, partner: str, scopes: Sequence[str], until_days: int, *, signed: bool = True) -> str:
        """Declare, so many days ago, until so many days from now; give the id. For the pupil, the guardian signs too."""
        from imgate.consent.declaration import DeclarationRequest
        from imgate.exchange.declarations import register, signing
        from imgate.exchange.requests import SignatureRequest

        corridor, roles = self._corridor(days_ago), ["client"] if client == GOLDSMITH else ["client", "guardian"]
        today = corridor.clock().date()
        content = {
            "client": client,
            "partner": partner,
            "discloser": {"unit": UNIT, "persons": [_ADVISOR]},
            "clauses": ["confidentiality_release", "data_protection_consent"],
            "direction": "both",
            "purposes": [_PURPOSES[partner]],
            "occasion": "Sprachkurs und Übergang in eine Ausbildung, Abstimmung der nächsten Schritte",
            "scopes": list(scopes),
            "onward_from": [],
            "valid_from": today.isoformat(),
            "valid_until": (_now().date() + timedelta(days=until_days)).isoformat(),
            "signers_required": roles,
            "language": "my" if client == GOLDSMITH else "so",
            "interpreter": None,
            "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
            "supersedes": None,
        }
        declaration: str = json.loads(register.create(corridor, self._call(), DeclarationRequest.model_validate(content)).body)["id"]
        sheet = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(letters.signed_sheet()).decode()}
        for role in roles if signed else ():
            said = {"role": role, "signed_on": today.isoformat(), "evidence": sheet, "attested_by": _ADVISOR}
            signing.sign(corridor, self._call(), declaration, SignatureRequest.model_validate(said))
        return declaration

    def _sent(self, days_ago: int, client: str, partner: str, *scopes: str) -> str:
        """Send these scopes of the sample record, so many days ago; give the exchange's id."""
        from imgate.exchange import outbound
        from imgate.exchange.requests import ExchangeRequest

        record: dict[str, Any] = json.loads(sample(client))
        part: dict[str, dict[str, Any]] = {}
        for section, item in (scope.split(".") for scope in scopes):
            if item in record.get(section, {}):
                part.setdefault(section, {})[item] = record[section][item]
        asked = {"client": client, "partner": partner, "purpose": _PURPOSES[partner], "record": part}
        request = ExchangeRequest.model_validate(asked)
        answer = json.loads(asyncio.run(outbound.send(self._corridor(days_ago), self._call(), request)).body)
        expect(answer["state"] == "queued", f"a message to {partner} does not wait: {answer['withheld']}")
        exchange: str = answer["id"]
        return exchange

    def _corridor(self, days_ago: int) -> "Corridor":
        at = _now() - timedelta(days=days_ago)
        return replace(self._gateway.corridor, clock=lambda: at)

    def _call(self, actor: str | None = None) -> "Call":
        from imgate.exchange.answers import Call

        return Call(actor or self._stage.credentials["case-system"][0], "/demo")

    def _user(self, login: str) -> str:
        user = self._gateway.store.people.users.by_login(login)
        expect(user is not None, f"{login} has no access")
        return "" if user is None else user.id

    def _state(self, exchange: str) -> str:
        from imgate.exchange import history

        state: str = history.show(self._gateway.corridor, exchange)["state"]
        return state

    def _is_taken(self, receipt: str) -> bool:
        from imgate.exchange import intake

        return any(person["taken"] for person in intake.show(self._gateway.corridor, receipt)["people"])

    @staticmethod
    def _until(found: Callable[[], bool], otherwise: str) -> None:
        ends_at = time.monotonic() + _WAIT_SECONDS
        while not found():
            expect(time.monotonic() < ends_at, otherwise)
            time.sleep(0.1)


def _now() -> datetime:
    return datetime.now(UTC)


def fill_pages(stage: "Stage") -> ClientsOwn:
    """Fill the pages of the gateway that runs on this stage."""
    from imgate.bootstrap import open_gateway
    from imgate.cli.demo.running import without_environment
    from imgate.settings import load_settings

    with without_environment(), open_gateway(load_settings(stage.configuration), make_keys=False) as gateway:
        return OnPages(stage, gateway).prepare()
