"""Partners' messages between the 202 and the worker, and what became of them.

Until a worker opens a message nobody knows whom it is about: it is sealed with the intake key, and nothing here reads anything
that depends on a person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, or_, select, update

from imgate.exchange.looking import opened
from imgate.exchange.ports import Unreadable
from imgate.exchange.stored import Cursor, IntakeItem, IntakeReport, Page, PersonReport
from imgate.storage.message_tables import intake, intake_message_ids, intake_people
from imgate.storage.pages import Listing
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into
from imgate.storage.vault import DIGEST_HEX

_log = structlog.get_logger()
WAITING, TAKEN, REUSED = "waiting", "taken", "message_id_reused"

_c, _p, _m = intake.c, intake_people.c, intake_message_ids.c
_SHOWN = (_c.receipt, _c.partner, _c.received_at, _c.outcome, _c.problems)
_THIS = _c.receipt == bindparam("receipt_id")
_ADD = insert_into(intake)
_ADD_PERSON = insert_into(intake_people)
# Waits, on PostgreSQL, for another transaction with the same message id, and then leaves the first one standing.
_REMEMBER = Statement(lambda insert: insert(intake_message_ids).on_conflict_do_nothing(), _m)
_REMEMBERED = Statement(select(_m.body_digest, _m.receipt).where(_m.id == bindparam("message_id")))
_CLAIM = Statement(
    select(_c.receipt, _c.partner, _c.received_at, _c.media_type, _c.body)
    .where(_c.outcome == WAITING, or_(_c.leased_until.is_(None), _c.leased_until <= bindparam("at")))
    .order_by(_c.position)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_LEASE = Statement(update(intake).where(_THIS).values(leased_until=bindparam("until")))
_DONE = Statement(update(intake).where(_THIS, _c.outcome == WAITING).values(outcome=TAKEN, body=None, problems=bindparam("to_problems")))
_GET = Statement(select(*_SHOWN).where(_THIS))
_PEOPLE = Statement(
    select(_p.line, _p.client, _p.exchange, _p.reference, _p.released, _p.withheld)
    .where(_p.receipt == bindparam("receipt_id"))
    .order_by(_p.line)
)
_ALL = Listing(intake, _SHOWN)
_OF_PARTNER = Listing(intake, _SHOWN, _c.partner == bindparam("partner"))
# By position: so the few lead to their rows, where by receipt SQLite would look at every row there is.
_found = intake.alias()
_WITH_UNKNOWN = Listing(
    intake,
    _SHOWN,
    _c.position.in_(select(_found.c.position).join(intake_people, _p.receipt == _found.c.receipt).where(_p.reference.is_not(None))),
)


class SqlIntake:
    """Partners' messages between the 202 and the worker."""

    def __init__(self, session: Session) -> None:
        self._on = session
        self._vault = session.vault

    def add(self, receipt: str, partner: str, at: datetime, media_type: str, body: bytes, message_id: str | None) -> str:
        """Seal and store a message; give the receipt id that stands for it.

        A message id that this partner used before with the same bytes gives the earlier receipt and stores nothing;
        with other bytes the new receipt is stored with outcome ``message_id_reused`` and nothing will be taken. The
        work done is the same in each case but for the row itself, and depends on the bytes alone.
        """
        sealed = self._vault.seal_intake("body", receipt, body)
        outcome: str = WAITING
        if message_id is not None:
            digest = self._vault.message_id.of(b"body", body)
            key = self._vault.message_id.of(b"id", partner.encode(), message_id.encode()).hex()[:DIGEST_HEX]
            if _REMEMBER.run(self._on, id=key, body_digest=digest, receipt=receipt) != 1:
                known = _REMEMBERED.first(self._on, message_id=key)
                if known is not None and known[0] == digest:
                    return str(known[1])
                outcome = REUSED
        _ADD.run(
            self._on,
            receipt=receipt,
            partner=partner,
            received_at=at,
            media_type=media_type,
            outcome=outcome,
            leased_until=None,
            problems=[],
            body=sealed if outcome == WAITING else None,
        )
        return receipt

    def claim(self, at: datetime, until: datetime, limit: int) -> tuple[IntakeItem, ...]:
        """Lease messages that wait, oldest first, bodies opened; one that cannot be opened waits on, and holds up no other."""
        rows = _CLAIM.all(self._on, at=at, limit=limit)
        for row in rows:
            _LEASE.run(self._on, receipt_id=row[0], until=until)
        return tuple(item for row in rows if (item := self._opened(*row)) is not None)

    def _opened(self, receipt: str, partner: str, received_at: datetime, media_type: str, sealed: bytes) -> IntakeItem | None:
        try:
            body = self._vault.open_intake("body", receipt, sealed)
        except Unreadable:
            _log.error("message_not_taken", receipt=receipt, partner=partner, kind="unreadable")
            return None
        return IntakeItem(receipt, partner, received_at, media_type, body)

    def done(
        self,
        receipt: str,
        at: datetime,
        people: Sequence[PersonReport],
        problems: Sequence[Mapping[str, object]],
        attachments: Sequence[Mapping[str, object]] = (),
        end_of_use: Mapping[str, object] | None = None,
    ) -> bool:
        """Store what became of a message and delete its body. A second worker, whose lease ran out, changes nothing and is told so."""
        more = {name: part for name, part in (("attachments", list(attachments)), ("end_of_use", end_of_use)) if part}
        found: Any = {"problems": list(problems), **more} if more else list(problems)
        if _DONE.run(self._on, receipt_id=receipt, to_problems=found) != 1:
            return False
        for line, person in enumerate(people, 1):
            reference = person.reference
            _ADD_PERSON.run(
                self._on,
                receipt=receipt,
                line=line,
                client=person.client,
                exchange=person.exchange,
                reported_at=at,
                reference=None if reference is None else self._vault.seal_intake("reference", f"{receipt}/{line}", reference.encode()),
                released=person.released,
                withheld=person.withheld,
            )
        return True

    def get(self, receipt: str) -> IntakeReport | None:
        """Give one report."""
        row = _GET.first(self._on, receipt_id=receipt)
        return None if row is None else self._report(row)

    def page(self, partner: str | None, cursor: Cursor) -> Page[IntakeReport]:
        """List reports, oldest first."""
        if partner is None:
            return _ALL.page(self._on, cursor, self._report)
        return _OF_PARTNER.page(self._on, cursor, self._report, partner=partner)

    def with_unknown(self, cursor: Cursor) -> Page[IntakeReport]:
        """List the reports that hold an unknown person's reference, oldest first."""
        return _WITH_UNKNOWN.page(self._on, cursor, self._report)

    def _report(self, row: Row) -> IntakeReport:
        receipt, partner, received_at, outcome, problems = row
        people = tuple(self._person(receipt, *person) for person in _PEOPLE.all(self._on, receipt_id=receipt))
        found: dict[str, Any] = problems if isinstance(problems, dict) else {"problems": problems}
        attachments, end_of_use = tuple(found.get("attachments", ())), found.get("end_of_use")
        return IntakeReport(receipt, partner, received_at, outcome, people, tuple(found["problems"]), attachments, end_of_use)

    def _person(
        self, receipt: str, line: int, client: str | None, exchange: str | None, sealed: bytes | None, *scopes: Any
    ) -> PersonReport:
        reference = None
        if sealed is not None:
            opened(None)
            reference = self._vault.open_intake("reference", f"{receipt}/{line}", sealed).decode()
        released, withheld = scopes
        return PersonReport(client, exchange, reference, tuple(released), tuple((scope, reason) for scope, reason in withheld))
