"""The story: what a client allows reaches the partners, what was not allowed does not, and what is revoked stops at once."""

import base64
import csv
import io
from datetime import date, timedelta
from typing import Any

from imgate.cli.demo import letters
from imgate.cli.demo.play import CLIENT, Play, in_short
from imgate.cli.demo.stage import ABH, JOBCENTER, JOBKRAFTWERK, UNIT
from imgate.cli.demo.telling import expect
from imgate.exchange.notice import NAMESPACE

# Under what each partner knows her.
REFERENCES = {JOBCENTER: "624D700318", ABH: "33/2-07-318", JOBKRAFTWERK: "JK-4711"}
# Few enough for 80 columns without breaking a word; the same goes for every other table here.
_SHOWN = ("Nachname", "Ziel", "Maßnahme")


class Story(Play):
    """The acts, in their order. Each checks what it tells; the first thing that is otherwise ends it."""

    def tell(self) -> None:
        """Tell it. Raises OtherwiseThanTold."""
        name = self._record["person"]["name"]
        self._telling.tell(
            f"{name['given']} {name['family']} ({CLIENT}) is counselled by {UNIT}. What she says there is secret (§ 203 StGB)."
        )
        self._declare()
        self._link()
        self._partners_write()
        self._provenance_is_asked_for()
        self._jobcenter_update()
        self._abh_update()
        self._tables()
        self._onward()
        self._disclosures()
        self._revoke()
        self._verify()

    def _declare(self) -> None:
        self._telling.step("She signs three declarations, each for one partner")
        wanted = {
            JOBCENTER: (
                ["contact_persons.jobcenter", "language.level", "work.job_search", "residence.status"],
                "labour_market_integration",
            ),
            ABH: (["residence.status", "residence.applications", "language.level"], "residence_matters"),
            JOBKRAFTWERK: (["person.name", "language.level", "plan.goals", "plan.steps"], "case_documentation"),
        }
        rows = []
        for partner, (scopes, purpose) in wanted.items():
            draft = self._sign(partner, scopes, purpose)
            self._declarations[partner] = draft["id"]
            rows.append((partner, ", ".join(scopes), draft["digest"][:12] + "…"))
        self._telling.table("Recorded as a draft, active once the signed sheet is there", ("partner", "scopes", "digest"), rows)

    def _sign(self, partner: str, scopes: list[str], purpose: str, **more: object) -> dict[str, Any]:
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
        draft: dict[str, Any] = self._call("POST", "/v1/declarations", 201, json=content).json()
        expect(draft["state"] == "draft", "a new declaration is no draft")
        sheet = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(letters.signed_sheet()).decode()}
        signature = {"role": "client", "signed_on": today.isoformat(), "evidence": sheet, "attested_by": "Maike Ölschläger-Nguyễn"}
        state = self._call("POST", f"/v1/declarations/{draft['id']}/signatures", 201, json=signature).json()["state"]
        expect(state == "active", f"the signed declaration for {partner} is {state}, not active")
        return draft

    def _link(self) -> None:
        self._telling.step("The case system says under what each partner knows her")
        for partner, reference in REFERENCES.items():
            answer = self._call("PUT", f"/v1/clients/{CLIENT}/links/{partner}", None, json={"reference": reference})
            expect(answer.is_success, f"the link to {partner} was answered with {answer.status_code}")
        self._telling.table("Links: a message names her by this, and by nothing else", ("partner", "reference"), REFERENCES.items())

    def _partners_write(self) -> None:
        self._telling.step("Jobcenter and Ausländerbehörde write, each in its own format")
        stage = self._stage
        self._post(stage.jobcenter, letters.contact_person(REFERENCES[JOBCENTER]), "application/xml")
        self._post(stage.abh, letters.residence_status(REFERENCES[ABH]), "application/xml")
        self._telling.tell(
            "Both get the same 202: no partner learns whether somebody is a client. A worker finds her, decides, and fills the inbox."
        )
        items = self._inbox(2)
        self._telling.table(
            "Inbox of the case system", ("from", "part of the case record"), [(item["partner"], in_short(item["record"])) for item in items]
        )
        expect(self._record["contact_persons"]["jobcenter"]["name"]["family"] == "Kälberer", "the contact person did not arrive")
        expect(self._record["residence"]["status"]["code"] == "1", "the residence status did not arrive")

    def _provenance_is_asked_for(self) -> None:
        self._telling.step("Who said so? What came from an authority must not pass as the client's own word")
        answer = self._exchange(JOBCENTER, "labour_market_integration", 422, provenance={})
        expect(answer["code"] == "provenance_required", "an exchange without provenance was not refused")
        self._telling.tell(f"Without saying where it came from, the exchange is refused: 422 {answer['code']}.")

    def _jobcenter_update(self) -> None:
        self._telling.step("An update for the Jobcenter: the whole case record goes in, the released part comes out")
        exchange = self._exchange(JOBCENTER, "labour_market_integration")
        released, withheld = self._decision_table(exchange)
        expect(released == {"contact_persons.jobcenter", "language.level", "work.job_search"}, f"released was {sorted(released)}")
        expect(withheld["residence.status"] == "onward_transfer_not_covered", "the Ausländerbehörde's word would go to the Jobcenter")
        expect(withheld["health.constraints"] == "scope_closed", "health data were not closed")
        (message,) = self._stage.jobcenter.poll()
        self._bytes(message, released)
        expect(self._state(exchange) == "acknowledged", "the Jobcenter's acknowledgement did not arrive")

    def _abh_update(self) -> None:
        self._telling.step("A question for the Ausländerbehörde, pushed as a signed webhook")
        exchange = self._exchange(ABH, "residence_matters")
        released = set(exchange["released"])
        expect("residence.applications" in released, "the application was not released")
        message = self._until(lambda: next(iter(self._stage.abh.held), None), "the webhook did not arrive")
        expect(not self._stage.abh.refused_webhooks, "a webhook's signature did not hold")
        self._until(lambda: self._state(exchange) == "delivered", "the exchange was not delivered")
        self._telling.tell("The signature holds (Standard Webhooks), the exchange is delivered, and the gateway has deleted the message.")
        self._bytes(message, released)

    def _tables(self) -> None:
        self._telling.step("Jobkraftwerk: tables, out and in")
        exchange = self._exchange(JOBKRAFTWERK, "case_documentation")
        (message,) = self._stage.jobkraftwerk.poll()
        rows = list(csv.DictReader(io.StringIO(message.content.decode("utf-8-sig"), newline=""), delimiter=";"))
        expect(set(exchange["released"]) == {"person.name", "language.level", "plan.goals", "plan.steps"}, "Jobkraftwerk got other scopes")
        expect("PLZ" not in rows[0], "an address stands in the table")
        self._telling.table(f"Out: {message.media_type}, some of its columns", _SHOWN, [[row[column] for column in _SHOWN] for row in rows])
        receipt = self._post(self._stage.jobkraftwerk, letters.plan(REFERENCES[JOBKRAFTWERK], "JK-9999"), "text/csv")
        self._inbox(1)
        people = self._call("GET", f"/v1/intake/{receipt}", 200).json()["people"]
        strangers = [person["unknown_reference"] for person in people if "unknown_reference" in person]
        expect(strangers == ["JK-9999"], "the stranger's row was not reported")
        self._telling.tell("In: her goal and step reach the inbox. The row about somebody unknown is seen by the case system only.")

    def _onward(self) -> None:
        self._telling.step("She allows more: what the Ausländerbehörde said may go on to the Jobcenter")
        scopes = ["contact_persons.jobcenter", "language.level", "work.job_search", "residence.status"]
        draft = self._sign(JOBCENTER, scopes, "labour_market_integration", onward_from=[ABH], supersedes=self._declarations[JOBCENTER])
        self._declarations[JOBCENTER] = draft["id"]
        old = self._call("GET", "/v1/declarations", 200, params={"client": CLIENT}).json()["items"][0]
        expect(old["state"] == "revoked", f"the superseded declaration is {old['state']}")
        exchange = self._exchange(JOBCENTER, "labour_market_integration")
        expect("residence.status" in exchange["released"], "the residence status was withheld again")
        (message,) = self._stage.jobcenter.poll()
        self._bytes(message, set(exchange["released"]))

    def _disclosures(self) -> None:
        self._telling.step("What she may ask at any time: who received or sent what, and when")
        items = self._call("GET", f"/v1/clients/{CLIENT}/disclosures", 200).json()["items"]
        self._telling.table(
            "Disclosures",
            ("direction", "partner", "scopes"),
            [(one["direction"], one["partner"], ", ".join(one["scopes"])) for one in items],
        )
        expect({one["partner"] for one in items} == set(REFERENCES), "a disclosure is missing")

    def _revoke(self) -> None:
        self._telling.step("She revokes, while a message is waiting")
        waiting = self._exchange(JOBCENTER, "labour_market_integration")
        expect(self._state(waiting) == "queued", "the message does not wait")
        answer = self._call("POST", f"/v1/declarations/{self._declarations[JOBCENTER]}/revocation", 200, json={"scopes": None}).json()
        expect((answer["state"], answer["cancelled"]) == ("revoked", 1), f"the revocation was answered with {answer}")
        expect(self._state(waiting) == "cancelled", "the waiting message was not cancelled")
        told = self._stage.jobcenter.poll()
        expect(
            len(told) == 1 and NAMESPACE.encode() in told[0].content, "the Jobcenter got something else than the notice that use has ended"
        )
        expect(self._unanswered() == [answer["revocation"]], "nobody waits for the Jobcenter's answer")
        after = self._exchange(JOBCENTER, "labour_market_integration")
        expect(after["state"] == "withheld" and not after["released"], "something was released after the revocation")
        reasons = {entry["scope"]: entry["reason"] for entry in after["withheld"]}
        expect(reasons["language.level"] == "revoked", "the reason is not the revocation")
        self._telling.table(
            "From that moment on",
            ("what", "state"),
            [
                ("the declaration", answer["state"]),
                ("the waiting message", "cancelled"),
                ("the Jobcenter's outbox", "a notice: use has ended"),
                ("the answer to it", "awaited"),
                ("the next exchange", "withheld: revoked"),
            ],
        )

    def _unanswered(self) -> list[str]:
        """Give the revocations that a partner has yet to answer, of this client's declaration with the Jobcenter."""
        items = self._call("GET", "/v1/revocations", 200, params={"open": "true"}).json()["items"]
        return [one["id"] for one in items if one["declaration"] == self._declarations[JOBCENTER]]

    def _verify(self) -> None:
        self._telling.step("The audit log is whole: imgate audit verify")
        verified = self._stage.imgate("audit", "verify")
        expect(verified.returncode == 0, f"audit verify failed: {verified.stderr.strip()}")
        self._telling.tell(verified.stdout.strip())
