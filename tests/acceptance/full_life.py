"""Everything that imgate can hold of one client, lived through the corridor: what the proof of erasure searches for."""

import base64
import json
from datetime import timedelta

from imgate.exchange import boxes, end_of_use_answers, scope_requests
from imgate.exchange.client_page import give_number, make_page
from imgate.exchange.declarations import register, signing
from imgate.exchange.end_of_use_answers import EndOfUseByTelephone
from imgate.exchange.looking import Looker, looked
from imgate.exchange.requests import RevocationRequest, SignatureRequest
from imgate.exchange.stored import KnownValue
from imgate.vocabulary.words import Door
from tests.acceptance.inbound_writers import ABH, JOBCENTER, message

PURPOSE = {JOBCENTER: "labour_market_integration", ABH: "residence_matters"}
SCOPES = ["contact_persons.jobcenter", "person.name", "work.proposals"]


class Life:
    """Everything that imgate can hold of one client. ``word`` gives what nobody else's says."""

    def __init__(self, world, client, word, record):
        self.world, self.client, self.word, self.record = world, client, word, record
        self.corridor = world.corridor

    def live(self):
        self._unknown_at_first()
        self._declare_and_revoke()
        self._send()
        self._receive()
        self._own_page()
        self._beside()

    def _unknown_at_first(self):
        """A partner names the client before anybody has said under what it knows them, and by a reference that was replaced later."""
        self.first, self.reference = self.word(), self.word()
        self._post(self.first)
        self.world.link(self.first, client=self.client)
        self._declared(JOBCENTER)
        self._handed_out(JOBCENTER)
        self.world.link(self.reference, client=self.client)
        self._post(self.first)
        self.world.link(self.word(), client=self.client, partner=ABH)

    def _declare_and_revoke(self):
        self._declared(JOBCENTER, signed=False)
        partly, wholly = self._declared(JOBCENTER), self._declared(ABH, scopes=["person.name"])
        self._handed_out(ABH)
        self.world.pause(self._declared(JOBCENTER))
        self._revoke(partly, ["work.proposals"])
        told = self._revoke(wholly, None)["revocation"]
        by_telephone = EndOfUseByTelephone.model_validate({"answer": "kept_under_statute", "statute": f"§ 67c {self.word()}"})
        end_of_use_answers.answer_by_telephone(self.corridor, self.world.call(), told, by_telephone)
        again = self._declared(ABH, scopes=["person.name"])
        self._handed_out(ABH)
        self._revoke(again, None)  # of this one the partner has yet to be told
        self._declared(ABH, scopes=["person.name"], supersedes=None)

    def _send(self):
        key = self.world.call(key=self.word(), body=self.word().encode(), path=f"/v1/clients/{self.client}")
        self.world.send(self._part(), call=key, client=self.client, by=self.word(), provenance={"person.name": "self"})
        self.waiting = self.world.send(self._part(), client=self.client, partner=ABH, provenance={"person.name": "self"})["id"]

    def _receive(self):
        self._post(self.reference)
        self.world.inbox()
        self._post(self.reference)

    def _own_page(self):
        make_page(self.corridor, "manager", self.client)
        give_number(self.corridor, "manager", self.client, timedelta(days=1))
        store, now = self.world.gateway.store, self.world.now
        store.people.sessions.begin(None, self._digest(), now, now + timedelta(days=1), confirmed=False)

    def _beside(self):
        handed_out = self._handed_out(JOBCENTER, acked=False)
        scope_requests.ask(self.corridor, self.world.call(), JOBCENTER, handed_out, ("work.status",))
        looked(self.corridor, Looker("operator", Door.COMMAND, "exchange show"), self.client)
        with self.corridor.store.transaction() as tx:
            tx.known.put(self._digest(), JOBCENTER, PURPOSE[JOBCENTER], {"residence.status": KnownValue("c" * 64, handed_out)})
            tx.awaited.add(handed_out, JOBCENTER, None, self.world.now)

    def _digest(self):
        return self.world.gateway.store.vault.client_digest(self.client)

    def _declared(self, partner, *, signed=True, **changes):
        said = {
            "scopes": SCOPES,
            "discloser": {"unit": self.word(), "persons": [self.word(), self.word()]},
            "occasion": f"Vermittlung in die Ausbildung mit {self.word()}",
            "interpreter": self.word(),
            "valid_until": "2028-12-31",
        }
        made = self.world.declare(client=self.client, partner=partner, signed=False, **(said | changes))
        if signed:
            scan = base64.b64encode(f"%PDF-1.7 {self.word()}".encode()).decode()
            evidence = {"kind": "paper_scan", "media_type": "application/pdf", "content": scan}
            named = {"attested_by": self.word(), "signer": self.word()}
            request = SignatureRequest.model_validate({"role": "client", "signed_on": "2026-01-14", "evidence": evidence} | named)
            signing.sign(self.corridor, self.world.call(), made, request)
        return made

    def _handed_out(self, partner, *, acked=True):
        """Send, and have the partner fetch it."""
        sent = self.world.send(self._part(), client=self.client, partner=partner, provenance={"person.name": "self"})["id"]
        assert sent in {item["id"] for item in self.world.outbox(partner)}
        if acked:
            boxes.outbox_ack(self.corridor, self.world.call(), partner, sent)
        return sent

    def _revoke(self, declaration, scopes):
        request = RevocationRequest.model_validate({"scopes": scopes, "reason": self.word()})
        return json.loads(register.revoke(self.corridor, self.world.call(), declaration, request).body)

    def _part(self):
        return {"person": {"name": self.record["person"]["name"]}, "notes": self.record["notes"], "health": self.record["health"]}

    def receive(self, *, work=True):
        """Have the Jobcenter send something about the client."""
        self._post(self.reference, work=work)

    def _post(self, reference, *, work=True):
        self.world.post(message(JOBCENTER, reference, self.record, PURPOSE[JOBCENTER]))
        if work:
            self.world.work()


class Plain:
    """Words that are no marks."""

    def __init__(self):
        self.number = 0

    def word(self):
        self.number += 1
        return f"Anderswort{self.number:06}"


def plainly(record):
    """Write a record without marks: the language level and the residence status are all that leaves of this client."""
    text = json.dumps(record)
    for beacon in ("Kanarienquarz", "49137913", "491Q37"):
        text = text.replace(beacon, beacon.translate(str.maketrans("Kq4", "Xz5")))
    return json.loads(text.replace("2913-", "2012-").replace("+59", "+49"))
