"""People whom a partner wrote about under a reference that belongs to nobody here: somebody has to say who they are, or nobody is."""

from dataclasses import dataclass, field

from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Cursor, IntakeReport

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class UnknownPerson:
    """One person of one message. ``line`` is their place in it, from 1."""

    receipt: str
    line: int
    partner: str
    received_at: str
    reference: str = field(repr=False)


def unknown_people(corridor: Corridor, limit: int = 100) -> tuple[UnknownPerson, ...]:
    """List those whom nobody has linked since, oldest first. References are kept for 30 days, so the list ends by itself."""
    found: list[UnknownPerson] = []
    with corridor.store.reading() as tx:
        cursor = Cursor(limit=_AT_ONCE)
        while len(found) < limit:
            page = tx.intake.with_unknown(cursor)
            found += [person for report in page.items for person in _unknown(tx, report)]
            if page.next in (None, cursor.after):  # where all of a page may still have neighbours, nothing leads beyond it
                break
            cursor = Cursor(page.next, _AT_ONCE)
    return tuple({(person.receipt, person.line): person for person in found}.values())[:limit]


def unknown_person(corridor: Corridor, receipt: str, line: int) -> UnknownPerson:
    """Give one of them. Raises Refused 404 also where the person was linked in the meantime."""
    with corridor.store.reading() as tx:
        report = tx.intake.get(receipt)
        people = () if report is None else _unknown(tx, report)
    for person in people:
        if person.line == line:
            return person
    raise not_found()


def _unknown(tx: Transaction, report: IntakeReport) -> tuple[UnknownPerson, ...]:
    return tuple(
        UnknownPerson(report.receipt, line, report.partner, shown_at(report.received_at), person.reference)
        for line, person in enumerate(report.people, start=1)
        if person.reference is not None and tx.links.by_reference(report.partner, person.reference) is None
    )
