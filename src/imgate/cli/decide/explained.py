"""What `imgate decide explain` says in a terminal: what is on record, then every premise with its facts, then what makes the difference."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

from imgate.consent.premises import Fact
from imgate.exchange.past.explanation import Explanation, Rules
from imgate.exchange.past.recorded import Limit
from imgate.exchange.past.side_by_side import (
    Column,
    PremiseRow,
    columns_of,
    declarations_of,
    rows_of_both,
    rows_of_declaration,
    rows_of_scope,
    scopes_of,
)
from imgate.vocabulary.reasons import Reason

# What holds where a premise holds.
_PREMISES = {
    Reason.UNKNOWN_SCOPE: "is in the catalogue",
    Reason.SCOPE_CLOSED: "is not closed to this partner",
    Reason.BEYOND_PARTNER_CEILING: "is within this partner's ceiling",
    Reason.NO_DECLARATION: "is on file",
    Reason.NOT_SIGNED: "signed by all who have to",
    Reason.REVOKED: "not revoked, not superseded",
    Reason.PAUSED: "not paused",
    Reason.NOT_YET_VALID: "has begun",
    Reason.EXPIRED: "has not run out",
    Reason.RECIPIENT_CHANGED: "was signed for this partner's name",
    Reason.CLAUSE_MISSING: "has both clauses",
    Reason.DIRECTION_NOT_COVERED: "covers the direction",
    Reason.PURPOSE_NOT_COVERED: "covers the purpose",
    Reason.SCOPE_NOT_COVERED: "covers the scope",
    Reason.EVIDENCE_TOO_WEAK: "evidence is strong enough",
    Reason.ONWARD_TRANSFER_NOT_COVERED: "may be passed on from its origin",
}
_FACTS = {
    "complete_at": "complete {}",
    "revoked_at": "revoked {}",
    "scope_revoked_at": "this scope revoked {}",
    "superseded_by": "superseded by {}",
    "last_begun_at": "paused {}",
    "last_ended_at": "resumed {}",
    "begins_at": "begins {}",
    "last_day": "last day {}",
    "ends_at": "ends {}",
    "signed_for": "signed for {}",
    "configured": "configured {}",
    "formerly": "formerly {}",
    "missing": "without {}",
    "covers": "covers {}",
    "needed": "needs {}",
    "reached": "has {}",
    "origin": "from {}",
    "allowed_from": "allowed from {}",
    "catalogue": "catalogue {}",
    "closed_in_catalogue": "closed in the catalogue: {}",
    "opened_for_partner": "opened for this partner: {}",
    "sensitivity": "{}",
    "direction": "{}",
    "partner": "partner is {}",
}
_OWN_WORD = "not on record, asked as the client's own word"
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class _Row:
    what: str
    cells: tuple[str, ...]
    note: str = ""


def lines_of(told: Explanation) -> Iterator[str]:
    """Say all of it."""
    columns = columns_of(told)
    yield f"Exchange {told.exchange}: {told.direction} {told.partner}, {told.purpose or 'no purpose'}; {told.state}."
    yield "The client was erased." if told.erased else "Whom it is about is not shown."
    yield from _section("On record", _on_record(told))
    yield from _section("Asked again", (f"{_INDENT}[{column.number}] {_title(column)}" for column in columns))
    yield ""
    yield from _table("Scope", _answers(told, columns), ["on record", *(f"[{column.number}]" for column in columns)])
    for declaration in declarations_of(columns):
        yield ""
        yield from _table(f"Declaration {declaration}", _of_declaration(declaration, columns), [f"[{c.number}]" for c in columns])
    for scope in scopes_of(columns):
        yield ""
        yield from _table(scope, _of_scope(scope, columns, told), [f"[{c.number}]" for c in columns])
    yield from _section("What makes the difference", _differences(told, columns))
    yield from _section("Mind", _caveats(told))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", title, *found)


def _table(title: str, rows: Sequence[_Row], columns: Sequence[str]) -> Iterator[str]:
    first = max(len(title), *(len(row.what) for row in rows)) if rows else len(title)
    widths = [max(len(column), *(len(row.cells[place]) for row in rows)) if rows else len(column) for place, column in enumerate(columns)]
    yield "  ".join([title.ljust(first), *(column.ljust(width) for column, width in zip(columns, widths, strict=True))]).rstrip()
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row.cells, widths, strict=True))
        yield "  ".join([row.what.ljust(first), *cells, row.note]).rstrip()


def _title(column: Column) -> str:
    asking = column.asking
    about = "now" if asking.decision is None else "as of then"
    by = "the rules of then" if asking.rules is Rules.OF_THEN else "today's rules"
    same = "; by today's it is the same" if column.is_the_same_today else ""
    return f"{about}, {_time(asking.at)}, by {by}{same}"


def _on_record(told: Explanation) -> Iterator[str]:
    for decision in told.recorded:
        where = "only in the history of exchanges" if decision.entry is None else f"entry {decision.entry} of the audit log"
        where += "" if decision.place is None else f", place {decision.place}"
        again = "decided again: " if decision.again else ""
        under = f" under {', '.join(decision.declarations)}" if decision.declarations else ""
        counted = f"{len(decision.released)} released{under}, {len(decision.withheld)} withheld"
        yield f"{_INDENT}{_time(decision.at)}  {again}{counted} ({where})"
    for at, state, detail in told.history:
        yield f"{_INDENT}{_time(at)}  state {state}" + ("" if detail is None else f": {detail}")


def _answers(told: Explanation, columns: Sequence[Column]) -> list[_Row]:
    rows = []
    for scope in dict.fromkeys(scope for decision in told.recorded for scope in decision.asked):
        said = [decision.reason(scope) or "released" for decision in told.recorded if scope in decision.asked]
        walks = [column.asking.walks.get(scope) for column in columns]
        cells = ["-" if walk is None else "permitted" if walk.reason is None else walk.reason.value for walk in walks]
        rows.append(_Row(scope, (", then ".join(dict.fromkeys(said)), *cells)))
    return rows


def _of_declaration(declaration: str, columns: Sequence[Column]) -> list[_Row]:
    return [_row(row, columns, _INDENT) for row in rows_of_declaration(declaration, columns)]


def _of_scope(scope: str, columns: Sequence[Column], told: Explanation) -> list[_Row]:
    rows = [_row(row, columns, _INDENT) for row in rows_of_scope(scope, columns)]
    for declaration in declarations_of(columns):
        of_both = rows_of_both(scope, declaration, columns)
        if of_both:
            rows.append(_Row(f"{_INDENT}under {declaration}", ("",) * len(columns)))
        for row in of_both:
            unsourced = row.reason is Reason.ONWARD_TRANSFER_NOT_COVERED and scope in told.unsourced
            rows.append(_row(row, columns, _INDENT * 2, _OWN_WORD if unsourced else None))
    return rows


def _row(row: PremiseRow, columns: Sequence[Column], indent: str, note: str | None = None) -> _Row:
    cells = tuple("-" if premise is None else "yes" if premise.holds else "NO" for premise in row.premises)
    notes = [(numbers, _said(facts)) for numbers, facts in row.facts(columns)]
    several = "; ".join(f"{''.join(f'[{number}]' for number in numbers)} {said or 'none'}" for numbers, said in notes)
    return _Row(f"{indent}{_PREMISES[row.reason]}", cells, note or ("".join(said for _, said in notes) if len(notes) < 2 else several))


def _said(facts: Mapping[str, Fact]) -> str:
    return ", ".join(_FACTS[name].format(_fact(fact)) for name, fact in facts.items())


def _fact(fact: Fact) -> str:
    if isinstance(fact, datetime):
        return _time(fact)
    return fact.replace("_", " ") if isinstance(fact, str) else ", ".join(fact) or "nowhere"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _differences(told: Explanation, columns: Sequence[Column]) -> Iterator[str]:
    numbers = {place: column.number for column in columns for place in column.places}
    for each in told.differences:
        earlier, later = told.askings[each.earlier], told.askings[each.later]
        answers = [asking.walks[each.scope].reason or "permitted" for asking in (earlier, later)]
        yield f"{_INDENT}{each.scope}: [{numbers[each.earlier]}] {answers[0]}, [{numbers[each.later]}] {answers[1]}"
        for turned in each.turned:
            whose = "" if turned.declaration is None else f"declaration {turned.declaration} "
            facts = _said(turned.premise.facts)
            holds = "yes" if turned.premise.holds else "NO"
            yield f"{_INDENT * 2}{whose}{_PREMISES[turned.premise.reason]}: {holds}" + (f" ({facts})" if facts else "")


def _caveats(told: Explanation) -> Iterator[str]:
    for number, unexplained in told.unexplained:
        at = _time(told.recorded[number].at)
        yield f"{_INDENT}{unexplained}: what is on record of {at} does not follow from what is on file today. {_why_not(told)}"
    for scope, limit in told.limits:
        match limit:
            case Limit.VALUE_NOT_KEPT:
                yield f"{_INDENT}{scope}: minimising withheld it. No value is kept, so that cannot be asked again."
            case Limit.BUNDLE_NOT_KEPT:
                yield f"{_INDENT}{scope}: it was not proved by a bundle. What came with it is not kept, so that cannot be asked again."
            case Limit.HISTORY_DIFFERS:
                yield f"{_INDENT}The history names another partner or purpose than the audit log: somebody changed it."
            case Limit.ENTRY_NOT_GENUINE:
                yield f"{_INDENT}An entry of the audit log is not genuine: see `imgate audit verify`."
            case Limit.ORIGIN_NOT_RECORDED | Limit.DECIDED_AGAIN | Limit.DECLARATIONS_GONE | Limit.EXCHANGE_GONE:
                continue  # a comparison has these, an explanation says the same in words of its own
            case _:
                assert_never(limit)
    if told.recorded[0].entry is None:
        yield f"{_INDENT}The audit log has no entry of this decision: the history tells what is left of it by now."
    elif not told.knows_rules_of_then:
        yield f"{_INDENT}What was configured then is not in the audit log: it is asked by today's rules only."
    if told.catalogue_then not in (None, told.catalogue_now):
        yield f"{_INDENT}It was decided under catalogue {told.catalogue_then}; it is asked again under catalogue {told.catalogue_now}."
    if told.unreadable:
        yield f"{_INDENT}Nobody can read the head of {', '.join(told.unreadable)}: what cannot be read permits nothing."
    if told.gone:
        yield f"{_INDENT}No longer on file: {', '.join(told.gone)}."


def _why_not(told: Explanation) -> str:
    if told.knows_rules_of_then:
        return "Either clocks differed, or what decides was changed."
    return "What was configured then is not known."
