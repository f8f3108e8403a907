"""One gateway with marks in everything that is told to it, and a bookkeeper who knows by himself which marks may leave.

The bookkeeper is not the judge: he keeps what the test itself did (who signed, what was revoked) and takes for granted nothing that the
gateway answers. He is coarse on the safe side: what he forbids must not leave, what he allows may be withheld.
"""

import base64
import json
from dataclasses import dataclass, field

from tests.acceptance.inbound_writers import PARTNERS, message
from tests.acceptance.marks import Marks, items_of
from tests.acceptance.search import found_in

from imgate.exchange import boxes, declarations, history, intake
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import ExchangeRequest, RevocationRequest, SignatureRequest
from imgate.exchange.stored import Cursor
from imgate.http.body import read_model
from imgate.record.catalogue import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction

PURPOSES = ("labour_market_integration", "residence_matters", "case_documentation")
INTERNAL = CATALOGUE.by_sensitivity[Sensitivity.INTERNAL]


@dataclass
class Paper:
    """A declaration as the one who made it remembers it."""

    id: str
    partner: str
    scopes: set[str]
    direction: str
    purposes: list[str]
    counts: bool

    def covers(self, partner: str, direction: str, purpose: str) -> bool:
        return self.counts and partner == self.partner and self.direction in (direction, "both") and purpose in self.purposes


@dataclass
class Case:
    """One client with a record full of marks."""

    client: str
    record: dict
    marks: dict[str, frozenset[str]]
    links: dict[str, str] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)

    def may_leave(self, partner: str, direction: str, purpose: str) -> set[str]:
        """Name the scopes that at least one declaration covers."""
        return set().union(*(paper.scopes for paper in self.papers if paper.covers(partner, direction, purpose)))

    def marks_of(self, scopes) -> set[str]:
        return set().union(*(self.marks[scope] for scope in scopes))


class Canary:
    """Plays clients, one after the other. ``leaks`` holds what was found where it must not be."""

    def __init__(self, world, rng):
        self.world, self.rng, self.marks = world, rng, Marks(rng)
        self.exchanges = 0
        self.seen: set[str] = set()
        self.leaks: list[tuple[str, set[str]]] = []
        self._sent: dict[str, tuple[Case, str, str]] = {}

    def play(self):
        """One client from the first declaration to what the partners fetch. What they do not acknowledge goes on waiting."""
        case = self._case()
        for partner in PARTNERS:
            for _ in range(self.rng.randrange(3)):
                self._declare(case, partner)
        for _ in range(self.rng.randrange(2, 6)):
            self._send(case, self.rng.choice(PARTNERS))
        for _ in range(self.rng.randrange(3)):
            self._receive(case, self.rng.choice(PARTNERS))
        self._refuse(case)
        if self.rng.random() < 0.5:
            self._revoke(case)
        if self.rng.random() < 0.7:
            self.world.work()
            self._inbox()
        for partner in PARTNERS:
            if self.rng.random() < 0.5:
                self._fetch(partner)
        self._look(case)

    def expect_nothing(self, where: str, haystack: bytes):
        """Keep a look-out for any mark at all."""
        self.expect_only(where, haystack, set())

    def expect_only(self, where: str, haystack: bytes, allowed: set[str]):
        """Keep a look-out for marks that may not be there."""
        found = found_in(haystack)
        self.seen |= found & allowed
        if found - allowed:
            self.leaks.append((where, found - allowed))

    def _case(self) -> Case:
        record, marks = self.marks.record()
        case = Case(f"K-{self.marks.word()}", record, marks)
        for partner in PARTNERS:
            case.links[partner] = self.marks.word()
            self.world.link(case.links[partner], client=case.client, partner=partner)
        return case

    def _declare(self, case: Case, partner: str):
        policy = self.world.corridor.partners[partner].policy
        offered = sorted(set().union(*policy.ceiling.values()) - (CATALOGUE.closed - policy.open))
        scopes = self.rng.sample(offered, self.rng.randint(1, len(offered)))
        direction = self.rng.choice(("to_partner", "from_partner", "both", "both"))
        purposes = self.rng.sample(PURPOSES, self.rng.randint(1, 3))
        expired = self.rng.random() < 0.1
        incomplete = self.rng.random() < 0.1
        made = self.world.declare(
            *scopes,
            client=case.client,
            partner=partner,
            signed=False,
            direction=direction,
            purposes=purposes,
            discloser={"unit": "Integrationsmanagement Winnenden", "persons": [self.marks.word()]},
            occasion=f"Vermittlung in die Ausbildung, besprochen mit {self.marks.word()}",
            interpreter=self.marks.word(),
            valid_until="2026-02-28" if expired else "2026-12-31",
            clauses=["confidentiality_release"] if incomplete else ["confidentiality_release", "data_protection_consent"],
        )
        signed, oral = self.rng.random() < 0.9, self.rng.random() < 0.15
        if signed:
            self._sign(made, "oral_record" if oral else "paper_scan")
        live = set(scopes) & INTERNAL if oral else set(scopes)
        case.papers.append(Paper(made, partner, live, direction, purposes, signed and not expired and not incomplete))

    def _sign(self, declaration: str, kind: str):
        scan = f"%PDF-1.7 {self.marks.word()}".encode()
        request = SignatureRequest.model_validate(
            {
                "role": "client",
                "signed_on": "2026-01-14",
                "evidence": {"kind": kind, "media_type": "application/pdf", "content": base64.b64encode(scan).decode()},
                "attested_by": self.marks.word(),
                "signer": self.marks.word(),
            }
        )
        self.expect_nothing("signature", declarations.sign(self.world.corridor, self.world.call(), declaration, request).body)

    def _send(self, case: Case, partner: str):
        purpose = self.rng.choice(PURPOSES)
        said = {} if self.rng.random() < 0.5 else {"provenance": dict.fromkeys((scope for scope, _ in items_of(case.record)), "self")}
        more = {"client": case.client, "partner": partner, "purpose": purpose, "by": self.marks.word()}
        try:
            self._preview(case, partner, purpose, more | said)
            answer = self.world.send(case.record, call=self.world.call(key=self.marks.word(), path=f"/{self.exchanges}"), **more, **said)
        except Refused as refused:
            self.expect_nothing("refusal", f"{refused} {refused.code} {refused.details} {refused.problems}".encode())
            assert refused.code == "provenance_required"
            return
        self.exchanges += 1
        self._sent[answer["id"]] = (case, partner, purpose)
        self.expect_nothing("answer", json.dumps(answer).encode())
        if not set(answer["released"]) <= case.may_leave(partner, "to_partner", purpose):
            self.leaks.append(("released", set(answer["released"])))

    def _preview(self, case: Case, partner: str, purpose: str, request: dict):
        shown = self.world.preview(case.record, **request)
        content = base64.b64decode(shown.pop("message", {"content": ""})["content"])
        self.expect_nothing("preview", json.dumps(shown).encode())
        allowed = case.marks_of(case.may_leave(partner, "to_partner", purpose) & set(shown["released"]))
        self.expect_only(f"preview for {partner}", content, allowed | {case.links[partner]})
        for scope in shown["released"]:
            if case.marks[scope] and not case.marks[scope] & found_in(content):
                self.leaks.append((f"{scope} is said to be released to {partner} and is not in the message", set()))

    def _receive(self, case: Case, partner: str):
        purpose = self.rng.choice(PURPOSES)
        body = message(partner, case.links[partner], case.record, purpose)
        receipt = self.world.post(body, partner=partner)
        self.exchanges += 1
        self._sent[receipt] = (case, partner, purpose)
        case.receipts.append(receipt)

    def _refuse(self, case: Case):
        """Send what is refused, with marks in it, and what nobody knows."""
        self.world.post(message(PARTNERS[0], self.marks.word(), case.record), partner=PARTNERS[0])
        broken = {**case.record, "person": {**case.record["person"], self.marks.word(): self.marks.word(), "sex": self.marks.word()}}
        request = {"client": case.client, "partner": PARTNERS[0], "purpose": PURPOSES[0], "record": broken}
        try:
            read_model(ExchangeRequest, json.dumps(request).encode())
        except Refused as refused:
            self.expect_nothing("refused record", f"{refused!r} {refused.problems} {refused.__context__!r} {refused.__cause__!r}".encode())
        for partner in PARTNERS:
            try:
                self.world.post(message(partner, case.links[partner], case.record)[:-40].replace(b"\n", b"\r\n\x01"), partner=partner)
            except Refused as refused:
                self.expect_nothing("refused message", f"{refused!r} {refused.details}".encode())

    def _revoke(self, case: Case):
        for paper in self.rng.sample(case.papers, len(case.papers) // 2):
            part = self.rng.sample(sorted(paper.scopes), len(paper.scopes) // 2)
            request = RevocationRequest.model_validate({"scopes": part or None, "reason": self.marks.word()})
            self.expect_nothing("revocation", declarations.revoke(self.world.corridor, self.world.call(), paper.id, request).body)
            paper.scopes -= set(part)
            paper.counts = paper.counts and bool(part)

    def _look(self, case: Case):
        """Look at what the case system and the auditor are shown about it all."""
        corridor, own = self.world.corridor, {case.client.removeprefix("K-")}
        self.expect_only("exchanges", json.dumps(history.page(corridor, case.client, Cursor())).encode(), own)
        self.expect_nothing("disclosures", json.dumps(history.disclosures(corridor, case.client, Cursor())).encode())
        for receipt in case.receipts:
            self.expect_only("intake", json.dumps(intake.show(corridor, receipt)).encode(), own)

    def _fetch(self, partner: str):
        for item in self.world.outbox(partner):
            case, of, purpose = self._sent[item["id"]]
            content = base64.b64decode(item.pop("content"))
            self.expect_nothing("outbox", json.dumps(item).encode())
            allowed = case.marks_of(case.may_leave(of, Direction.TO_PARTNER.value, purpose)) if of == partner else set()
            self.expect_only(f"message to {partner}", content, allowed | {case.links[partner]})
            if self.rng.random() < 0.5:
                boxes.outbox_ack(self.world.corridor, self.world.call(), partner, item["id"])

    def _inbox(self):
        for item in self.world.inbox():
            case, partner, purpose = self._sent[self.world.shown(item["id"])["receipt"]]
            allowed = case.marks_of(case.may_leave(partner, Direction.FROM_PARTNER.value, purpose))
            self.expect_only(f"inbox from {partner}", json.dumps(item["record"]).encode(), allowed)
            self.expect_only("inbox", json.dumps({**item, "record": {}}).encode(), {case.client.removeprefix("K-")})
            if self.rng.random() < 0.5:
                boxes.inbox_ack(self.world.corridor, self.world.call(), item["id"])
