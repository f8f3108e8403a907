"""The act about the two ways over an infrastructure of the administration, each to a stand-in."""

from imgate.cli.demo.configuration import NEXT_ABH, NEXT_JOBCENTER
from imgate.cli.demo.play import Play, in_short
from imgate.cli.demo.telling import expect


class FurtherWays(Play):
    """FIT-Connect and XTA."""

    def _further_ways(self) -> None:
        self._telling.step("She is going to move. Two more ways, each to a stand-in here: not the real services")
        fit_connect, xta = self._sent[NEXT_JOBCENTER], self._sent[NEXT_ABH]
        self._reaches(fit_connect, "acknowledged")
        (submitted,) = self._stage.fit_connect.held
        state = self._stage.fit_connect.submission(submitted.id).state
        expect((submitted.id, state) == (fit_connect["id"], "accepted"), f"the submission is {state}")
        expect(b"urn:imgate:jobcenter:1" in submitted.content, "something else was submitted")
        self._reaches(xta, "acknowledged")
        (handed_over,) = self._stage.xta.held.values()
        expect(xta["id"].encode() in handed_over.content, "something else was handed over")
        (item,) = self._inbox(NEXT_ABH)
        (letter,) = self._stage.xta.box.values()
        expect(letter.closed, "the message box still shows the letter as new")
        self._telling.table(
            "What happened there",
            ("partner", "way", "what"),
            [
                (NEXT_JOBCENTER, "fit-connect", f"out: {', '.join(fit_connect['released'])}; submitted, accepted: acknowledged"),
                (NEXT_ABH, "xta", f"out: {', '.join(xta['released'])}; taken, transport report green: acknowledged"),
                (NEXT_ABH, "xta", f"in: {in_short(item['record'])}; fetched from the message box, and closed there"),
            ],
        )
