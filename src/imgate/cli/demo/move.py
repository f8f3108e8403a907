"""The act about the move: what she allows goes from gateway to gateway, and the new office checks her own word for it."""

from typing import Any

from imgate.cli.demo.configuration import IM, JOBKRAFTWERK, NEXT_IM, NEXT_UNIT
from imgate.cli.demo.play import CLIENT, Play
from imgate.cli.demo.telling import expect

# Her number at the new office.
CLIENT_THERE = "M-0042"
_PURPOSE = "case_handover"
_MAY_GO = ["person.name", "language.level", "plan.goals", "plan.steps"]
_MAY_COME = ["language.level", "person.name", "plan.goals", "needs.support"]
_OCCASION = "Umzug nach Musterstadt, Übergabe der Beratung an das dortige Integrationsmanagement"


class Move(Play):
    """Two gateways, one move."""

    def _move(self) -> None:
        self._telling.step("She has moved. Here she signs what may go, and takes her copy along")
        draft = self._sign(NEXT_IM, _MAY_GO, _PURPOSE, direction="to_partner", onward_from=[JOBKRAFTWERK], occasion=_OCCASION)
        code = draft["digest"]
        self._telling.tell(f"The handover code is the digest on her copy: {code[:16]}…, as text and as QR code.")
        self._new_office_begins(code)
        self._telling.step("Then the old office sends: the whole record goes in, from gateway to gateway")
        self._link_under(code)
        sent = self._exchange(NEXT_IM, _PURPOSE)
        expect(set(sent["released"]) == set(_MAY_GO), f"the move released {sent['released']}")
        self._telling.tell(
            f"{', '.join(sent['released'])} go; {len(sent['withheld'])} scopes stay here. Her declaration travels as a bundle."
        )
        self._reaches(sent, "delivered")
        self._new_office_reads(draft["digest"], set(sent["released"]))

    def _new_office_begins(self, code: str) -> None:
        self._telling.step("The new office opens the case, has her say what may come, and links the code")
        there = self._stage.neighbour.case_system
        who = {"unit": NEXT_UNIT, "persons": ["Jonas Beispiel"]}
        self._sign(IM, _MAY_COME, _PURPOSE, there, client=CLIENT_THERE, discloser=who, direction="from_partner", occasion=_OCCASION)
        self._call("PUT", f"/v1/clients/{CLIENT_THERE}/links/{IM}", None, there, json={"reference": code})
        self._telling.table(
            "Two declarations, two offices, one code",
            ("office", "her number", "what she allows"),
            [(IM, CLIENT, f"may go: {', '.join(_MAY_GO)}"), (NEXT_IM, CLIENT_THERE, f"may come: {', '.join(_MAY_COME)}")],
        )

    def _link_under(self, code: str) -> None:
        answer = self._call("PUT", f"/v1/clients/{CLIENT}/links/{NEXT_IM}", None, json={"reference": code})
        expect(answer.is_success, f"the link to {NEXT_IM} was answered with {answer.status_code}")

    def _new_office_reads(self, digest: str, released: set[str]) -> None:
        self._telling.step("The new office finds in its inbox what both declarations allow, proved")
        there = self._stage.neighbour.case_system
        item = self._until(lambda: next(iter(self._call("GET", "/v1/inbox", 200, there).json()["items"]), None), "nothing arrived there")
        arrived = {f"{section}.{part}" for section, parts in item["record"].items() for part in parts}
        expect((item["client"], item["partner"]) == (CLIENT_THERE, IM), "it arrived about somebody else")
        expect(arrived == released & set(_MAY_COME), f"the new office holds {sorted(arrived)}")
        (report,) = self._call("GET", "/v1/intake", 200, there).json()["items"]
        (bundle,) = report["attachments"]
        expect((bundle["holds"], bundle["declaration_digest"]) == (True, digest), "her declaration is not proved")
        self._telling.table("Inbox and intake of the new office", ("what", "says"), list(_told(item, report, bundle)))
        expect(self._call("POST", f"/v1/inbox/{item['id']}/ack", None, there).is_success, "the inbox does not take the acknowledgement")


def _told(item: dict[str, Any], report: dict[str, Any], bundle: dict[str, Any]) -> list[tuple[str, str]]:
    (person,) = report["people"]
    withheld = ", ".join(f"{entry['scope']}: {entry['reason']}" for entry in person["withheld"])
    passed = ", ".join(check["name"] for check in bundle["checks"] if check["outcome"] == "passed")
    return [
        (f"taken, of {item['client']}", ", ".join(person["taken"])),
        ("not taken", withheld),
        ("the bundle holds", passed),
    ]
