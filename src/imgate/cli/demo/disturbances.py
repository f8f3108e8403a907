"""Acts about what changes while things are under way: a record, a partner's server, and the client's mind."""

from typing import Any

from lxml import etree

from imgate.cli.demo.configuration import ABH, JOBCENTER
from imgate.cli.demo.play import CLIENT, Play, releases
from imgate.cli.demo.telling import expect

_NOTICE = "{urn:imgate:notice:1}"
_RETRY_AFTER = 1


class Disturbances(Play):
    """What changed is sent once; what is newer overtakes; what is revoked is ended."""

    def _updates(self) -> None:
        self._telling.step("She has passed an examination: the case system posts the record once, and names no partner")
        self._record["language"]["level"] = {"cefr": "B2", "evidence": "certificate"}
        answer = self._update(201)
        (sent,) = answer["exchanges"]
        (subscribed,) = answer["partners"]
        expect((sent["partner"], sent["released"]) == (JOBCENTER, ["language.level"]), f"the update sent {sent['released']}")
        (message,) = self._stage.jobcenter.poll()
        scopes = [scope for scope, _, _ in releases(message)]
        expect(scopes == ["language.level"] and b"B2" in message.content, f"the update holds {scopes}")
        again = self._update(200)
        expect(again["exchanges"] == [] and self._stage.jobcenter.poll() == (), "the same record again was sent again")
        self._telling.table(
            "One partner has subscribed",
            ("partner", "sent", "not sent: it has that already"),
            [(JOBCENTER, ", ".join(sent["released"]), ", ".join(subscribed["unchanged"]))],
        )
        self._telling.tell("The same record posted again sends nothing, to nobody.")

    def _update(self, status: int) -> dict[str, Any]:
        body = {"client": CLIENT, "record": self._record, "provenance": self._provenance}
        answer: dict[str, Any] = self._call("POST", "/v1/updates", status, json=body).json()
        return answer

    def _partner_is_down(self) -> None:
        self._telling.step("The Ausländerbehörde's server is down, and a slip of the pen waits to be sent to it")
        with self._stage.abh.answering(status=503, retry_after=_RETRY_AFTER):
            slip = self._level("C1")
            # An attempt that was answered may have been seen, and is on record as soon as it has ended.
            self._until(lambda: slip["id"] in self._disclosed(), "no attempt was made")
            expect(self._state(slip) == "queued", "the message that was not taken does not wait")
            self._sent[ABH] = self._level("B2")
        expect(self._state(slip) == "overtaken", "the later message did not overtake the earlier one")
        self._telling.table(
            "Of what waits only the newest goes, scope by scope",
            ("message", "what became of it"),
            [
                ("language.level: C1", f"answered 503, Retry-After: {_RETRY_AFTER}; then overtaken by the correction"),
                ("language.level: B2", "waits its turn"),
            ],
        )

    def _partner_is_back(self) -> None:
        self._telling.step("The Ausländerbehörde's server is back")
        self._reaches(self._sent[ABH], "delivered")
        _, *arrived = self._stage.abh.held
        expect([one.id for one in arrived] == [self._sent[ABH]["id"]], "not exactly one message arrived")
        expect(b"B2" in arrived[0].content and b"C1" not in arrived[0].content, "the slip of the pen arrived")
        self._telling.tell("One message arrived, once, with B2. The slip never did.")

    def _level(self, cefr: str) -> dict[str, Any]:
        record = {"language": {"level": {"cefr": cefr, "evidence": "certificate"}}}
        return self._exchange(ABH, "residence_matters", record=record, provenance={})

    def _disclosed(self) -> set[str]:
        return {one["exchange"] for one in self._call("GET", f"/v1/clients/{CLIENT}/disclosures", 200).json()["items"]}

    def _revoke(self) -> None:
        self._telling.step("She revokes, while a message is waiting")
        before = self._held()
        waiting = self._exchange(JOBCENTER, "labour_market_integration")
        expect(self._state(waiting) == "queued", "the message does not wait")
        answer = self._call("POST", f"/v1/declarations/{self._declarations[JOBCENTER]}/revocation", 200, json={"scopes": None}).json()
        expect((answer["state"], answer["cancelled"]) == ("revoked", 1), f"the revocation was answered with {answer}")
        expect(self._state(waiting) == "cancelled", "the waiting message was not cancelled")
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
                ("the next exchange", "withheld: revoked"),
            ],
        )
        self._end_of_use(answer["revocation"], before)

    def _end_of_use(self, revocation: str, before: dict[str, list[str]]) -> None:
        self._telling.step("What the Jobcenter was handed before: it is told that consent no longer carries further use")
        (notice,) = self._stage.jobcenter.poll()
        told = etree.fromstring(notice.content)
        scopes = told.findtext(f"{_NOTICE}scopes", "").split()
        expect(told.tag == f"{_NOTICE}endOfUse" and sorted(scopes) == sorted(before[JOBCENTER]), "the notice is about something else")
        values = ("B2", "Maßschneiderin", "Kälberer", self._record["person"]["name"]["family"])
        expect(not any(value in notice.content.decode() for value in values), "the notice carries a value")
        self._stage.jobcenter.answer_end_of_use(notice.id, "ended")
        self._telling.tell(f"The notice names her reference and {len(scopes)} scopes, and carries no value. The Jobcenter answers: ended.")
        (run,) = self._call("GET", "/v1/revocations", 200).json()["items"]
        answers = [one["answer"] for one in run["notices"]]
        expect((run["id"], run["state"], answers) == (revocation, "answered", ["ended"]), f"the revocation is {run['state']}")
        after = self._held()
        expect(JOBCENTER not in after and len(after) == len(before) - 1, "the ledger still shows what was ended")
        rows = [(partner, ", ".join(held), "the same" if after.get(partner) == held else "nothing") for partner, held in before.items()]
        self._telling.table("The ledger: which partner holds what", ("partner", "before", "now"), rows)

    def _held(self) -> dict[str, list[str]]:
        """Give from the ledger what each partner holds now."""
        held: dict[str, list[str]] = {}
        for one in self._call("GET", f"/v1/clients/{CLIENT}/ledger", 200).json()["items"]:
            held.setdefault(one["partner"], []).append(one["scope"])
        return held
