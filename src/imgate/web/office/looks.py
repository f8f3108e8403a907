"""The access log as the office reads it: which person or system looked at what, when. That it is read stands in it too.

At whom somebody looked is not named: the office sees no clients. Who types a client's reference is shown the looks at that client;
the reference is sent by POST, and stands in no address, also on page two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.exchange.looking import Looker, newest_looks
from imgate.exchange.ports import Look
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import is_client
from imgate.vocabulary.words import Door
from imgate.web.actors import Actor, actors_of, names_of
from imgate.web.days import ENDS_BEFORE, NO_DAY, begin_of, day_of, end_of
from imgate.web.forms import Form
from imgate.web.house import corridor_of, house_of, partner_names, today
from imgate.web.labels import USER_ROLES
from imgate.web.office.words import ACCESS_ROLES, ACTORS, DOORS, looked_at
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import Office, Visitor

router = APIRouter()

_PAGE = "/pages/office/looks"
_SHOWN = 50
_DAYS_AT_FIRST = 7
# Who looks without an id of their own.
_NAMELESS = ("operator", "client", "unknown")
_NO_REFERENCE = _("Ein Fallzeichen hat 1 bis 64 Zeichen: Buchstaben ohne Umlaute, Ziffern, Punkt, Unterstrich und Bindestrich.")


@dataclass(frozen=True, slots=True)
class LookShown:
    """One act of looking, at ``people`` clients: a list shows many at once. ``what`` is the route's template or the command."""

    at: datetime
    actor: str
    door: Door
    what: str
    words: str | None
    partner: str | None
    people: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for, as it was typed."""

    actor: str
    client: str = field(repr=False)
    since: str
    until: str


@router.get(_PAGE)
def show_latest(request: Request, visitor: Office) -> Response:
    """Show the looks of the last days."""
    since = today(corridor_of(request)) - timedelta(days=_DAYS_AT_FIRST)
    return _listed(request, visitor, _Wanted("", "", since.isoformat(), ""), None)


@router.post(_PAGE)
def search_looks(request: Request, visitor: Office, form: Form) -> Response:
    """Show looks by one person or program, at one client, of some days, or all of that; page by page."""
    wanted = _Wanted(form.one("actor"), form.one("client"), form.one("since"), form.one("until"))
    return _listed(request, visitor, wanted, form.one("after") or None)


def _listed(request: Request, visitor: Visitor, wanted: _Wanted, after: str | None) -> Response:
    corridor = corridor_of(request)
    actors = actors_of(house_of(request).gateway.store)
    if wanted.actor and wanted.actor not in {*actors, *_NAMELESS}:
        raise not_found()
    first, last, zone = day_of(wanted.since), day_of(wanted.until), corridor.policy.zone
    wrong = _wrong(wanted, first, last)
    shared: dict[str, Any] = {
        "wanted": wanted,
        "wrong": wrong,
        "actors": _by_name(actors),
        "nameless": _NAMELESS,
        "words_of_actor": ACTORS,
        "doors": DOORS,
    }
    if wrong:
        return page(request, "office/looks.html", status=422, **shared, looks=None, next=None, first=True, names={}, partners={})
    found = newest_looks(
        corridor,
        Looker(visitor.id, Door.PAGES, f"{request.method} {_PAGE}"),
        Cursor(after, _SHOWN),
        client=wanted.client or None,
        actor=wanted.actor or None,
        since=None if first is None else begin_of(first, zone),
        until=None if last is None else end_of(last, zone),
    )
    return page(
        request,
        "office/looks.html",
        **shared,
        looks=_together(found.items),
        next=found.next,
        first=after is None,
        names=names_of(actors),
        partners=partner_names(corridor),
    )


def _wrong(wanted: _Wanted, first: date | None, last: date | None) -> Mapping[str, str]:
    wrong = {}
    if wanted.client and not is_client(wanted.client):
        wrong["client"] = _NO_REFERENCE
    wrong |= {name: NO_DAY for name, said, day in (("since", wanted.since, first), ("until", wanted.until, last)) if said and day is None}
    if first is not None and last is not None and last < first:
        wrong["until"] = ENDS_BEFORE
    return wrong


def _by_name(actors: Mapping[str, Actor]) -> Mapping[str, tuple[str, str]]:
    """Give the name and the role of everybody who has, or had, access, by id and in the order of their names."""
    roles = {**USER_ROLES, **ACCESS_ROLES}
    shown = {each: (actor.name, roles[actor.role]) for each, actor in actors.items()}
    return dict(sorted(shown.items(), key=lambda each: each[1]))


def _together(looks: Sequence[Look]) -> Sequence[LookShown]:
    """Put together what was one act of looking: the same moment, actor and place, at one client after the other."""
    counts: dict[tuple[datetime, str, Door, str, str | None], int] = {}
    for look in looks:
        act = (look.at, look.actor, look.door, look.what, look.partner)
        counts[act] = counts.get(act, 0) + (look.client is not None)
    return [
        LookShown(at, actor, door, what, looked_at(what), partner, people) for (at, actor, door, what, partner), people in counts.items()
    ]
