"""An integration management's office: one gateway behind its HTTP API, with the Jobcenter and the Ausländerbehörde as callers beside it.

The partners' messages are written out here and not made from an adapter's table, and what leaves is compared byte by byte.
"""

import base64
import dataclasses
import uuid
from datetime import UTC, datetime

from imgate.bootstrap import Gateway
from imgate.exchange import inbound
from imgate.exchange.declarations.evidence import ExaminesNothing
from imgate.vocabulary.words import Role
from tests.http.live import CLIENT, Door

JOBCENTER, ABH = "jobcenter-rems-murr", "abh-winnenden"
REFERENCES = {JOBCENTER: "617D123456", ABH: "ABH-4711"}
PURPOSES = {JOBCENTER: "labour_market_integration", ABH: "residence_matters"}
_NAMES = {JOBCENTER: ("jobcenter", "fromJobcenter"), ABH: ("auslaenderbehoerde", "fromAuslaenderbehoerde")}

CONFIG = """
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[database]
url = "sqlite:///imgate.db"

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"

[partners.abh-winnenden]
adapter = "auslaenderbehoerde"
name = "Ausländerbehörde Winnenden"
"""


class Office(Door):
    """The gateway, its clock in the test's hand, and one client whom both partners know."""

    def __init__(self, gateway: Gateway) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
        corridor = dataclasses.replace(gateway.corridor, clock=lambda: self.now, examiner=ExaminesNothing())
        super().__init__(dataclasses.replace(gateway, corridor=corridor))
        for partner, reference in REFERENCES.items():
            assert self.ask("PUT", f"/v1/clients/{CLIENT}/links/{partner}", {"reference": reference}).status_code == 200

    def it_is(self, *date: int) -> None:
        """Move the clock to 9:00 UTC of this day; every caller signs in again."""
        self.now = datetime(*date, 9, 0, tzinfo=UTC)
        self._tokens.clear()

    def allow(self, partner: str, *scopes: str, **changes: object) -> str:
        """Have the client sign for these scopes, both ways unless told otherwise."""
        return self.declare(partner=partner, scopes=list(scopes), purposes=[PURPOSES[partner]], **changes)

    def revoke(self, declaration: str, *scopes: str) -> None:
        answer = self.ask("POST", f"/v1/declarations/{declaration}/revocation", {"scopes": list(scopes) or None})
        assert answer.status_code == 200

    def write(self, partner: str, content: str) -> bytes:
        """Write a message about the client as this partner would."""
        adapter, root = _NAMES[partner]
        return (
            f'<m:{root} xmlns:m="urn:imgate:{adapter}:1" xmlns:e="urn:imgate:envelope:1">'
            f"<e:header><e:messageId>{uuid.uuid4()}</e:messageId>"
            f"<e:createdAt>2026-03-02T08:00:00Z</e:createdAt><e:reference>{REFERENCES[partner]}</e:reference></e:header>"
            f"<m:content>{content}</m:content></m:{root}>"
        ).encode()

    def post(self, partner: str, content: str):
        """Post a partner's message; give the answer."""
        path = f"/v1/partners/{partner}/messages"
        return self.ask("POST", path, self.write(partner, content), role=Role.PARTNER, partner=partner, content_type="application/xml")

    def says(self, partner: str, content: str) -> dict:
        """Have a partner say something, and a worker take it; give the report on this one person."""
        answer = self.post(partner, content)
        assert answer.status_code == 202, answer.text
        self.work()
        (person,) = self.ask("GET", f"/v1/intake/{answer.json()['receipt']}").json()["people"]
        return person

    def work(self) -> None:
        inbound.take_due(self.gateway.corridor)

    def inbox(self) -> list[dict]:
        return self.ask("GET", "/v1/inbox").json()["items"]

    def got(self) -> dict:
        """Fetch the one item that waits, and acknowledge it."""
        (item,) = self.inbox()
        assert self.ask("POST", f"/v1/inbox/{item['id']}/ack").status_code == 204
        return item

    def send(self, partner: str, record: dict, **more: object):
        """Pass a record to a partner; give the answer."""
        asked = {"client": CLIENT, "partner": partner, "purpose": PURPOSES[partner], "record": record} | more
        return self.ask("POST", "/v1/exchanges", asked)

    def preview(self, partner: str, record: dict, **more: object) -> dict:
        asked = {"client": CLIENT, "partner": partner, "purpose": PURPOSES[partner], "record": record} | more
        return self.ask("POST", "/v1/exchanges/preview", asked).json()

    def outbox(self, partner: str) -> list[bytes]:
        """Give the bytes that leave for this partner now."""
        items = self.as_partner("GET", f"/v1/partners/{partner}/outbox", partner=partner).json()["items"]
        return [base64.b64decode(item["content"]) for item in items]

    def left(self, partner: str) -> str:
        """Give the part of the one message that leaves which is about the client, after a look that its envelope names the reference."""
        (message,) = self.outbox(partner)
        envelope, _, rest = message.decode().partition("<m:content>")
        assert f"<e:reference>{REFERENCES[partner]}</e:reference>" in envelope
        return rest.partition("</m:content>")[0]


def reasons(withheld: list[dict]) -> dict[str, str]:
    """Give the reason by scope."""
    return {one["scope"]: one["reason"] for one in withheld}
