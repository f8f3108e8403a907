"""Hand the messages of a file in, one after the other, and do the worker's part for each at once.

Each message goes the way of every message of this partner, with a receipt of its own; one that cannot be used keeps no other from being
taken. Its content is its Idempotency-Key: a file that is imported a second time within 24 hours, or goes on after an interruption, has
no second effect.
"""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from imgate.cli.messages.progress import progress
from imgate.cli.messages.source import ADAPTER_FAULT, messages_in, problem_of
from imgate.cli.output import Failed, say

if TYPE_CHECKING:
    from imgate.adapters.errors import AdapterFault
    from imgate.cli.messages.report import Report
    from imgate.exchange.context import Corridor, Partner
    from imgate.exchange.refusals import Refused
    from imgate.exchange.stored import IntakeReport
    from imgate.plugin_api import Part

# How long all messages of a file together are waited for, where another worker has them or they could not be taken.
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
_WAITING = "waiting"


@dataclass
class _Counts:
    """What became of the messages, and of the people in them."""

    messages: int = 0
    before: int = 0
    refused: int = 0
    waiting: int = 0
    people: int = 0
    taken: int = 0
    withheld: int = 0
    unknown: int = 0
    receipts: list[dict[str, Any]] = field(default_factory=list)


def hand_in(corridor: "Corridor", partner: "Partner", file: BinaryIO, media_type: str, told: "Report", *, again: bool) -> dict[str, Any]:
    """Hand a file in. Gives receipts and counts, never whom they are about. Raises Failed where nothing of it can be used."""
    from imgate.adapters.errors import AdapterFault
    from imgate.plugin_api import MessageUnreadable, Part

    try:
        parts = messages_in(partner.adapter, file)
        with asyncio.Runner() as runner, progress("Taking", parts.number) as advance:
            desk = _Desk(corridor, partner, media_type, told, runner, alone=parts.number == 1, again=again)
            for part in parts.each:
                desk.take(part)
                advance(desk.counts.people)
    except MessageUnreadable as unreadable:
        told.tell(Part(b"", ()), [problem_of(unreadable)])
        raise Failed("The file cannot be used.") from None
    except AdapterFault as fault:
        raise Failed(f"{fault}. Its author must mend that.") from None
    _say(desk.counts, told.number)
    return {**vars(desk.counts), "problems": told.shown, "problem_count": told.number}


class _Desk:
    """Where one message after the other is handed in and taken. ``alone`` is a file that is one message."""

    def __init__(
        self,
        corridor: "Corridor",
        partner: "Partner",
        media_type: str,
        told: "Report",
        runner: asyncio.Runner,
        *,
        alone: bool,
        again: bool,
    ) -> None:
        self.counts = _Counts()
        self._corridor = corridor
        self._partner = partner
        self._media_type = media_type
        self._told = told
        self._runner = runner
        self._alone = alone
        self._again = again
        self._begun_at: datetime = corridor.clock()
        self._patience = _PATIENCE_SECONDS

    def take(self, part: "Part") -> None:
        """Hand in one message, have it taken, and count what became of it."""
        from imgate.adapters.errors import AdapterFault
        from imgate.exchange.refusals import Refused

        self.counts.messages += 1
        try:
            receipt = self._accepted(part.content)
        except (Refused, AdapterFault) as error:
            self._told.tell(part, _problems_of(error))
            if self._alone:
                raise Failed("The file cannot be used.") from None
            self.counts.refused += 1
            return
        report = self._taken(receipt)
        self._told.tell(part, report.problems)
        self._count(report)

    def _accepted(self, content: bytes) -> str:
        from imgate.exchange.answers import Call
        from imgate.exchange.inbound import accept

        key = None if self._again else hashlib.sha256(self._media_type.encode() + b"\n" + content).hexdigest()
        call = Call("operator", f"messages import {self._partner.id}", key, content)
        answer = self._runner.run(accept(self._corridor, call, self._partner.id, self._media_type, content))
        return str(json.loads(answer.body)["receipt"])

    def _taken(self, receipt: str) -> "IntakeReport":
        """Do the worker's part. The report may still say that it waits: then a worker will take it."""
        from imgate.exchange.inbound import take_due

        while (report := self._report(receipt)).outcome == _WAITING and self._patience > 0:
            if not take_due(self._corridor, limit=1):  # a worker has it, or it could not be taken and is left in peace for a while
                time.sleep(_PAUSE_SECONDS)
                self._patience -= _PAUSE_SECONDS
        return report

    def _report(self, receipt: str) -> "IntakeReport":
        with self._corridor.store.reading() as tx:
            report = tx.intake.get(receipt)
        if report is None:
            raise Failed(f"The receipt {receipt} is no longer there.")
        return report

    def _count(self, report: "IntakeReport") -> None:
        counts = self.counts
        attached = {"attachments": list(report.attachments)} if report.attachments else {}
        counts.receipts.append({"receipt": report.receipt, "outcome": report.outcome} | attached)
        counts.before += report.received_at < self._begun_at
        counts.waiting += report.outcome == _WAITING
        counts.people += len(report.people)
        counts.taken += sum(bool(person.released) for person in report.people)
        counts.withheld += sum(bool(person.withheld) for person in report.people)
        counts.unknown += sum(person.client is None for person in report.people)


def _problems_of(error: "Refused | AdapterFault") -> list[dict[str, Any]]:
    from imgate.adapters.errors import AdapterFault

    if isinstance(error, AdapterFault):
        return [{"code": ADAPTER_FAULT}]
    problems: Any = error.details.get("message_problems")
    return list(problems) if problems else [{"code": error.code}]


def _say(counts: _Counts, problems: int) -> None:
    if counts.before:
        say(
            f"{counts.before} of {counts.messages} messages were handed in before, within 24 hours; the numbers tell what became of them "
            "then. --again takes them anew."
        )
    if counts.waiting:
        say(f"{counts.waiting} of {counts.messages} messages still wait; a worker takes them.")
    if counts.refused:
        say(f"{counts.refused} of {counts.messages} messages cannot be used.")
    people = f"{counts.people:,} {'person' if counts.people == 1 else 'people'}"
    numbers = [f"{counts.taken:,} taken", f"{counts.withheld:,} withheld", f"{counts.unknown:,} unknown"]
    say(f"{', '.join([people, *numbers])}, {problems:,} {'problem' if problems == 1 else 'problems'}.")
