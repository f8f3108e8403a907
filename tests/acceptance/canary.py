"""One gateway with marks in everything that is told to it, and a bookkeeper who knows by himself which marks may leave.

The bookkeeper is not the judge: he keeps what the test itself did (who signed, what was revoked) and takes for granted nothing that the
gateway answers. He is coarse on the safe side: what he forbids must not leave, what he allows may be withheld.
"""

import base64
import json
from dataclasses import dataclass, field

from imgate.record.catalogue import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from tests.acceptance.chance import chance
from tests.acceptance.inbound_writers import JOBCENTER, PARTNERS, message, scopes_offered
from tests.acceptance.marks import Marks, items_of
from tests.acceptance.search import found_in

PURPOSES = ("labour_market_integration", "residence_matters", "case_documentation")
INTERNAL = CATALOGUE.by_sensitivity[Sensitivity.INTERNAL]
# What the configuration of these tests opens, and nothing else that is closed.
OPEN = {JOBCENTER: {"health.constraints"}}


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
        """Tell whether it can be the reason for passing anything at all."""
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

    @property
    def own(self) -> set[str]:
        """The mark of the client's own reference, which the case system is shown."""
        return {self.client.removeprefix("K-")}

    def may_leave(self, partner: str, direction: str, purpose: str) -> set[str]:
        """Name the scopes that at least one declaration covers."""
        return set().union(*(paper.scopes for paper in self.papers if paper.covers(partner, direction, purpose)))

    def marks_of(self, scopes) -> set[str]:
        """Give the marks of these scopes that may leave with them."""
        return set().union(*(self.marks[scope] for scope in scopes))


class Canary:
    """Plays clients, one after the other. ``leaks`` holds what was found where it must not be, ``seen`` what was found where it may."""

    def __init__(self, door, rng):
        self.door, self.rng, self.marks = door, rng, Marks(rng)
        self._later = chance(1)  # for what comes after the partners have fetched
        self._acks = chance(2)  # how much there is to acknowledge depends on the worker; what is played must not
        self.exchanges = 0
        self.notices = 0
        self.seen: set[str] = set()
        self.leaks: list[tuple[str, set[str]]] = []
        self._sent: dict[str, tuple[Case, str, str]] = {}
        self._references: dict[str, set[str]] = {partner: set() for partner in PARTNERS}

    def play(self):
        """One client from the first declaration to what the partners fetch. What they do not acknowledge goes on waiting."""
        case = self._case()
        for partner in PARTNERS:
            for _ in range(self.rng.randrange(3)):
                self._declare(case, partner)
        for _ in range(self.rng.randrange(2, 6)):
            self._send(case, self.rng.choice(PARTNERS), self.rng.choice(PURPOSES), provided=self.rng.random() < 0.5)
        for _ in range(self.rng.randrange(3)):
            self._receive(case, self.rng.choice(PARTNERS), self.rng.choice(PURPOSES))
        self._be_refused(case)
        if self.rng.random() < 0.5:
            self._revoke(case, self.rng)
        if self.rng.random() < 0.7:
            self.door.take()
            self.look_into_inbox()
        for partner in PARTNERS:
            if self.rng.random() < 0.5:
                self._fetch(partner)
        if self._later.random() < 0.3:
            self._revoke(case, self._later)
        self._look(case)

    def leave_waiting(self):
        """One more client, of whom something waits in every box whatever chance does: all is declared, nothing revoked or fetched."""
        case = self._case()
        for partner in PARTNERS:
            self._make(case, self._all_declared(case, partner), "paper_scan", counts=True)
            purpose = self.rng.choice(PURPOSES)
            self._send(case, partner, purpose, provided=True)
            self._receive(case, partner, purpose)
        self._look(case)

    def expect_only(self, where: str, said: object, allowed: set[str] = frozenset()):
        """Keep a look-out for marks that may not be there."""
        found = found_in(said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode())
        self.seen |= found & allowed
        if found - allowed:
            self.leaks.append((where, found - allowed))

    def _case(self) -> Case:
        record, marks = self.marks.record()
        case = Case(f"K-{self.marks.word()}", record, marks)
        for partner in PARTNERS:
            case.links[partner] = self.marks.word()
            self._references[partner].add(case.links[partner])
            self._told("link", 200, self.door.link(case.client, partner, case.links[partner]))
        return case

    def _declare(self, case: Case, partner: str):
        content = self._all_declared(case, partner)
        content["scopes"] = self.rng.sample(content["scopes"], self.rng.randint(1, len(content["scopes"])))
        content["purposes"] = self.rng.sample(PURPOSES, self.rng.randint(1, 3))
        content["direction"] = self.rng.choice(("to_partner", "from_partner", "both", "both"))
        expired, incomplete = self.rng.random() < 0.1, self.rng.random() < 0.1
        if expired:
            content["valid_until"] = "2026-02-28"
        if incomplete:
            content["clauses"] = ["confidentiality_release"]
        signed, oral = self.rng.random() < 0.9, self.rng.random() < 0.15
        evidence = ("oral_record" if oral else "paper_scan") if signed else None
        self._make(case, content, evidence, counts=signed and not expired and not incomplete)

    def _all_declared(self, case: Case, partner: str) -> dict:
        """Fill in a form that leaves nothing out."""
        return {
            "client": case.client,
            "partner": partner,
            "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": [self.marks.word()]},
            "clauses": ["confidentiality_release", "data_protection_consent"],
            "direction": "both",
            "purposes": list(PURPOSES),
            "occasion": f"Vermittlung in die Ausbildung, besprochen mit {self.marks.word()}",
            "scopes": sorted(scopes_offered(partner) - (CATALOGUE.closed - OPEN.get(partner, set()))),
            "valid_from": "2026-01-15",
            "valid_until": "2028-12-31",
            "signers_required": ["client"],
            "language": "ar",
            "interpreter": self.marks.word(),
            "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
        }

    def _make(self, case: Case, content: dict, evidence: str | None, *, counts: bool):
        made = self._told("declaration", 201, self.door.declare(content))["id"]
        if evidence is not None:
            self._sign(made, evidence)
        scopes = set(content["scopes"])
        live = scopes & INTERNAL if evidence == "oral_record" else scopes
        case.papers.append(Paper(made, content["partner"], live, content["direction"], content["purposes"], counts))

    def _sign(self, declaration: str, kind: str):
        scan = base64.b64encode(f"%PDF-1.7 {self.marks.word()}".encode()).decode()
        content = {
            "role": "client",
            "signed_on": "2026-01-14",
            "evidence": {"kind": kind, "media_type": "application/pdf", "content": scan},
            "attested_by": self.marks.word(),
            "signer": self.marks.word(),
        }
        self._told("signature", 201, self.door.sign(declaration, content))

    def _send(self, case: Case, partner: str, purpose: str, *, provided: bool):
        request = {"client": case.client, "partner": partner, "purpose": purpose, "record": case.record}
        if provided:
            request["provenance"] = dict.fromkeys((scope for scope, _ in items_of(case.record)), "self")
        status, shown = self.door.preview(request)
        self._look_at_preview(case, partner, purpose, shown)
        sent, answer = self.door.send(request | {"by": self.marks.word()}, self.marks.word())
        self.expect_only("answer", answer)
        if (status, sent) != (200, 201):
            assert shown["code"] == answer["code"] == "provenance_required", (shown, answer)
            return
        self.exchanges += 1
        self._sent[answer["id"]] = (case, partner, purpose)
        if not set(answer["released"]) <= case.may_leave(partner, "to_partner", purpose):
            self.leaks.append(("released", set(answer["released"])))

    def _look_at_preview(self, case: Case, partner: str, purpose: str, shown: dict):
        content = base64.b64decode(shown.pop("message", {"content": ""})["content"])
        self.expect_only("preview", shown)
        released = shown.get("released", [])
        allowed = case.marks_of(case.may_leave(partner, "to_partner", purpose) & set(released))
        self.expect_only(f"preview for {partner}", content, allowed | {case.links[partner]})
        for scope in released:
            if case.marks[scope] and not case.marks[scope] & found_in(content):
                self.leaks.append((f"{scope} is said to be released to {partner} and is not in the message", set()))

    def _receive(self, case: Case, partner: str, purpose: str):
        body = message(partner, case.links[partner], case.record, purpose)
        receipt = self._told("receipt", 202, self.door.post(partner, body))["receipt"]
        self.exchanges += 1
        self._sent[receipt] = (case, partner, purpose)
        case.receipts.append(receipt)

    def _be_refused(self, case: Case):
        """Send what is refused, with marks in it, and what nobody knows."""
        self._told("unknown person", 202, self.door.post(JOBCENTER, message(JOBCENTER, self.marks.word(), case.record)))
        broken = {**case.record, "person": {**case.record["person"], self.marks.word(): self.marks.word(), "sex": self.marks.word()}}
        request = {"client": case.client, "partner": JOBCENTER, "purpose": PURPOSES[0], "record": broken}
        self._told("refused record", 422, self.door.send(request, self.marks.word()))
        for partner in PARTNERS:
            cut_off = message(partner, case.links[partner], case.record)[:-40] + b'"\x01'
            self._told("refused message", 422, self.door.post(partner, cut_off))

    def _told(self, where: str, status: int, answer):
        assert answer[0] == status, answer
        self.expect_only(where, answer[1])
        return answer[1]

    def _revoke(self, case: Case, rng):
        for paper in rng.sample(case.papers, len(case.papers) // 2):
            part = rng.sample(sorted(paper.scopes), len(paper.scopes) // 2)
            self._told("revocation", 200, self.door.revoke(paper.id, {"scopes": part or None, "reason": self.marks.word()}))
            paper.scopes -= set(part)
            paper.counts = paper.counts and bool(part)

    def _look(self, case: Case):
        """Look at what the case system and the auditor are shown about it all."""
        self.expect_only("exchanges", self.door.exchanges(case.client), case.own)
        self.expect_only("disclosures", self.door.disclosures(case.client))
        for receipt in case.receipts:
            self.expect_only("intake", self.door.report(receipt), case.own)

    def _fetch(self, partner: str):
        for item in self.door.outbox(partner):
            content = base64.b64decode(item.pop("content"))
            self.expect_only("outbox", item)
            if item["id"] in self._sent:
                case, of, purpose = self._sent[item["id"]]
                allowed = case.marks_of(case.may_leave(of, "to_partner", purpose)) if of == partner else set()
                self.expect_only(f"message to {partner}", content, allowed | {case.links[partner]})
            else:  # that use has ended, which nobody sent
                self.notices += 1
                self.expect_only(f"notice to {partner}", content, self._references[partner])
            if self._acks.random() < 0.5:
                self.door.ack(partner, item["id"])

    def look_into_inbox(self):
        """Look at everything that was taken and not fetched."""
        for item in self.door.inbox():
            (receipt,) = {one["receipt"] for one in self.door.exchanges(item["client"]) if one["id"] == item["id"]}
            case, partner, purpose = self._sent[receipt]
            self.expect_only(f"inbox from {partner}", item.pop("record"), case.marks_of(case.may_leave(partner, "from_partner", purpose)))
            self.expect_only("inbox", item, case.own)
            if self._acks.random() < 0.5:
                self.door.ack_inbox(item["id"])
