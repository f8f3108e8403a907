"""A search within what is the partner's own: what waits and may be had now, and nothing else.

Somebody unknown, a client without a running permission, another partner's client and one who was erased are one and the same answer: the
search compares digests among what waits, so in none of these cases is there anything that it could read. What little another way through
the database may cost does not show, because no answer goes before its time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import anyio
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from imgate.exchange import reading_list
from imgate.exchange.context import Corridor
from imgate.exchange.ports import Wanted
from imgate.exchange.reading_list import Line
from imgate.exchange.stored import Page
from imgate.vocabulary.words import PURPOSES, Direction, Purpose
from imgate.web.days import ENDS_BEFORE, NO_DAY, begin_of, day_of, end_of
from imgate.web.forms import Form, Posted
from imgate.web.house import call_of, corridor_of
from imgate.web.liaison.addresses import after_of, cursor_of
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import Liaison, Visitor

router = APIRouter()

# Answers go at multiples of this: a search takes a tenth of it.
STEP_SECONDS = 0.15
_FIELDS = ("reference", "purpose", "scope", "since", "until")
_REFERENCE_MAX = 64
_TOO_LONG = _("Höchstens 64 Zeichen.")
_NOT_LISTED = _("Bitte wählen Sie aus der Liste.")


@dataclass(frozen=True, slots=True)
class _Sought:
    """What was typed, read; ``problems`` are the fields that cannot be read, with what is wrong."""

    wanted: Wanted
    problems: Mapping[str, str]


@router.get("/pages/search")
def show_search(visitor: Liaison, request: Request) -> Response:
    """Show the form. What is sought is posted: it stands in no address."""
    return _shown(request, visitor, dict.fromkeys(_FIELDS, ""), {}, None)


@router.post("/pages/search")
async def search(visitor: Liaison, request: Request, form: Form) -> Response:
    """Search, and answer at the next full step of time."""
    begun = anyio.current_time()
    typed = {name: form.one(name) for name in _FIELDS}
    sought = _sought(corridor_of(request), visitor, typed)
    if sought.problems:
        return _shown(request, visitor, typed, sought.problems, None, status=422)
    found = await run_in_threadpool(_found, request, visitor, form, sought.wanted)
    steps = (anyio.current_time() - begun) // STEP_SECONDS + 1
    await anyio.sleep_until(begun + steps * STEP_SECONDS)
    return _shown(request, visitor, typed, {}, found)


def _found(request: Request, visitor: Visitor, form: Posted, wanted: Wanted) -> Page[Line]:
    cursor = cursor_of(request, visitor, form.one("after"))
    return reading_list.page(corridor_of(request), call_of(request, visitor), visitor.partner, cursor, wanted)


def _shown(
    request: Request,
    visitor: Visitor,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    found: Page[Line] | None,
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "liaison/search.html",
        status=status,
        typed=typed,
        problems=problems,
        purposes=[purpose.value for purpose in Purpose],
        scopes=_scopes(corridor_of(request), visitor),
        found=found,
        following=None if found is None else after_of(request, visitor, found.next),
    )


def _scopes(corridor: Corridor, visitor: Visitor) -> list[str]:
    """Name what this partner could be sent at all; that is the configuration's, and nobody's."""
    policy = corridor.partners[visitor.partner].policy
    return [scope for scope in policy.catalogue.scopes if scope in policy.ceiling_of(Direction.TO_PARTNER) - policy.closed]


def _sought(corridor: Corridor, visitor: Visitor, typed: Mapping[str, str]) -> _Sought:
    """Read what was typed. Whether it can be read depends on the text alone."""
    problems = {}
    if len(typed["reference"]) > _REFERENCE_MAX:
        problems["reference"] = _TOO_LONG
    if typed["purpose"] and typed["purpose"] not in PURPOSES:
        problems["purpose"] = _NOT_LISTED
    if typed["scope"] and typed["scope"] not in _scopes(corridor, visitor):
        problems["scope"] = _NOT_LISTED
    first, last, zone = day_of(typed["since"]), day_of(typed["until"]), corridor.policy.zone
    problems |= {name: NO_DAY for name, day in (("since", first), ("until", last)) if typed[name] and day is None}
    if first is not None and last is not None and last < first:
        problems["until"] = ENDS_BEFORE
    wanted = Wanted(
        reference=typed["reference"] or None,
        purpose=typed["purpose"] or None,
        scope=typed["scope"] or None,
        since=None if first is None else begin_of(first, zone),
        until=None if last is None else end_of(last, zone),
    )
    return _Sought(wanted, problems)
