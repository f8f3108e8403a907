"""The intake as the case system sees it: every receipt and what became of it."""

from typing import Any

from imgate.exchange.context import Corridor
from imgate.exchange.listing import page_of, shown_at, shown_reasons
from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Cursor, IntakeReport, PersonReport


def show(corridor: Corridor, receipt: str) -> dict[str, Any]:
    """Show what became of one message. Raises Refused 404."""
    with corridor.store.reading() as tx:
        report = tx.intake.get(receipt)
        if report is None:
            raise not_found()
        return shown(tx, report)


def page(corridor: Corridor, partner: str | None, cursor: Cursor) -> dict[str, Any]:
    """List receipts, of one partner or of all, oldest first."""
    with corridor.store.reading() as tx:
        return page_of(tx.intake.page(partner, cursor), lambda report: shown(tx, report))


def shown(tx: Transaction, report: IntakeReport) -> dict[str, Any]:
    """Give the shape of GET /v1/intake/{receipt}."""
    shown = {
        "receipt": report.receipt,
        "partner": report.partner,
        "received_at": shown_at(report.received_at),
        "outcome": report.outcome,
        "people": [_shown_person(tx, person) for person in report.people],
        "problems": [dict(problem) for problem in report.problems],
    }
    if report.attachments:
        shown["attachments"] = [dict(attachment) for attachment in report.attachments]
    return shown | ({"end_of_use": dict(report.end_of_use)} if report.end_of_use else {})


def _shown_person(tx: Transaction, person: PersonReport) -> dict[str, Any]:
    client = None if person.client is None else tx.clients.by_digest(person.client)
    parts = {
        "client": client and client.reference,
        "unknown_reference": person.reference,
        "exchange": person.exchange,
        "taken": list(person.released),
        "withheld": shown_reasons(person.withheld),
    }
    return {name: part for name, part in parts.items() if part is not None}
