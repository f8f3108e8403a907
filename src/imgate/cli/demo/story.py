"""The story: what a client allows reaches the partners, what was not allowed does not, and what is revoked stops at once."""

import csv
import io

from imgate.cli.demo import letters
from imgate.cli.demo.configuration import ABH, JOBCENTER, JOBKRAFTWERK, NEXT_ABH, NEXT_JOBCENTER, UNIT
from imgate.cli.demo.disturbances import Disturbances
from imgate.cli.demo.further_ways import FurtherWays
from imgate.cli.demo.move import Move
from imgate.cli.demo.on_paper import OnPaper
from imgate.cli.demo.play import CLIENT, in_short
from imgate.cli.demo.telling import expect

# Under what each partner knows her.
REFERENCES = {
    JOBCENTER: "624D700318",
    ABH: "33/2-07-318",
    JOBKRAFTWERK: "JK-4711",
    NEXT_JOBCENTER: "999A100027",
    NEXT_ABH: "AB 2026/118",
}
_PURPOSES = {
    JOBCENTER: "labour_market_integration",
    ABH: "residence_matters",
    JOBKRAFTWERK: "case_documentation",
    NEXT_JOBCENTER: "labour_market_integration",
    NEXT_ABH: "residence_matters",
}
_SIGNED = {
    JOBCENTER: ["contact_persons.jobcenter", "language.level", "work.job_search", "residence.status"],
    ABH: ["residence.status", "residence.applications", "language.level"],
    JOBKRAFTWERK: ["person.name", "language.level", "plan.goals", "plan.steps"],
    NEXT_JOBCENTER: ["language.level", "work.job_search"],
    NEXT_ABH: ["residence.applications", "appointments.upcoming"],
}
# Few enough for 80 columns without breaking a word; the same goes for every other table here.
_SHOWN = ("Nachname", "Ziel", "Maßnahme")


class Story(Disturbances, FurtherWays, OnPaper, Move):
    """The acts, in their order. Each checks what it tells; the first thing that is otherwise ends it."""

    def tell(self) -> None:
        """Tell it. Raises OtherwiseThanTold."""
        name = self._record["person"]["name"]
        self._telling.tell(
            f"{name['given']} {name['family']} ({CLIENT}) is counselled by {UNIT}. What she says there is secret (§ 203 StGB)."
        )
        self._declare()
        self._forms()
        self._link()
        self._begin()
        self._partners_write()
        self._provenance_is_asked_for()
        self._jobcenter_update()
        self._updates()
        self._abh_update()
        self._partner_is_down()
        self._tables()
        self._further_ways()
        self._onward()
        self._partner_is_back()
        self._disclosures()
        self._revoke()
        self._bundle()
        self._move()
        self._verify()

    def _declare(self) -> None:
        self._telling.step("She signs five declarations, each for one partner")
        rows = []
        for partner, scopes in _SIGNED.items():
            draft = self._sign(partner, scopes, _PURPOSES[partner])
            self._declarations[partner] = draft["id"]
            rows.append((partner, ", ".join(scopes), draft["digest"][:12] + "…"))
        self._telling.table("Recorded as a draft, active once the signed sheet is there", ("partner", "scopes", "digest"), rows)

    def _link(self) -> None:
        self._telling.step("The case system says under what each partner knows her")
        for partner, reference in REFERENCES.items():
            answer = self._call("PUT", f"/v1/clients/{CLIENT}/links/{partner}", None, json={"reference": reference})
            expect(answer.is_success, f"the link to {partner} was answered with {answer.status_code}")
        self._telling.table("Links: a message names her by this, and by nothing else", ("partner", "reference"), REFERENCES.items())

    def _begin(self) -> None:
        """Begin what the worker does on its own clock and is told further down, so that nobody waits for each of it in turn."""
        self._stage.xta.put(letters.appointment(REFERENCES[NEXT_ABH]))
        self._receipt = self._post(self._stage.jobkraftwerk, letters.plan(REFERENCES[JOBKRAFTWERK], "JK-9999"), "text/csv")
        self._sent = {partner: self._exchange(partner, _PURPOSES[partner]) for partner in (ABH, JOBKRAFTWERK, NEXT_JOBCENTER, NEXT_ABH)}

    def _partners_write(self) -> None:
        self._telling.step("Jobcenter and Ausländerbehörde write, each in its own format")
        stage = self._stage
        self._post(stage.jobcenter, letters.contact_person(REFERENCES[JOBCENTER]), "application/xml")
        self._post(stage.abh, letters.residence_status(REFERENCES[ABH]), "application/xml")
        self._telling.tell(
            "Both get the same 202: no partner learns whether somebody is a client. A worker finds her, decides, and fills the inbox."
        )
        items = self._inbox(JOBCENTER, ABH)
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
        self._telling.step("A message for the Jobcenter: the whole case record goes in, the released part comes out")
        exchange = self._exchange(JOBCENTER, "labour_market_integration")
        released, withheld = self._decision_table(exchange)
        expect(released == {"contact_persons.jobcenter", "language.level", "work.job_search"}, f"released was {sorted(released)}")
        expect(withheld["residence.status"] == "onward_transfer_not_covered", "the Ausländerbehörde's word would go to the Jobcenter")
        expect(withheld["health.constraints"] == "scope_closed", "health data were not closed")
        (message,) = self._stage.jobcenter.poll()
        self._bytes(message, released)
        expect(self._state(exchange) == "acknowledged", "the Jobcenter's acknowledgement did not arrive")

    def _abh_update(self) -> None:
        self._telling.step("A question for the Ausländerbehörde: a signed webhook, encrypted to the key that it publishes")
        exchange = self._sent[ABH]
        released = set(exchange["released"])
        expect("residence.applications" in released, "the application was not released")
        message = self._until(lambda: next(iter(self._stage.abh.held), None), "the webhook did not arrive")
        expect(message.encrypted and not self._stage.abh.refused_webhooks, "a webhook was not signed, or not encrypted")
        self._reaches(exchange, "delivered")
        self._telling.tell(
            "The signature holds (Standard Webhooks), only it can read the message (JWE, ECDH-ES); delivered, and deleted at the gateway."
        )
        self._bytes(message, released)

    def _tables(self) -> None:
        self._telling.step("Jobkraftwerk: tables, out as a file in a folder, and in")
        exchange = self._sent[JOBKRAFTWERK]
        self._reaches(exchange, "acknowledged")
        (message,) = self._stage.jobkraftwerk.held
        rows = list(csv.DictReader(io.StringIO(message.content.decode("utf-8-sig"), newline=""), delimiter=";"))
        expect(set(exchange["released"]) == {"person.name", "language.level", "plan.goals", "plan.steps"}, "Jobkraftwerk got other scopes")
        expect("PLZ" not in rows[0], "an address stands in the table")
        self._telling.table(f"Out: {message.media_type}, some of its columns", _SHOWN, [[row[column] for column in _SHOWN] for row in rows])
        self._telling.tell("It took the file, and laid one beside it by which it acknowledges.")
        self._inbox(JOBKRAFTWERK)
        people = self._call("GET", f"/v1/intake/{self._receipt}", 200).json()["people"]
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
        told: dict[tuple[str, str], list[set[str]]] = {}
        for one in items:
            told.setdefault((one["direction"], one["partner"]), []).append(set(one["scopes"]))
        rows = [(*who, str(len(times)), ", ".join(sorted(set.union(*times)))) for who, times in sorted(told.items())]
        title = "Disclosures; an attempt that was answered with 503 counts too, because it may have been read"
        self._telling.table(title, ("direction", "partner", "times", "scopes"), rows)
        expect({partner for _, partner in told} == set(REFERENCES), "a disclosure is missing")

    def _verify(self) -> None:
        self._telling.step("The audit log is whole: imgate audit verify")
        status, report, trouble = self._stage.imgate("audit", "verify")
        expect(status == 0, f"audit verify failed: {trouble}")
        self._telling.plain(report)
