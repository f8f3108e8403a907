"""A client's own page: the code on the copy and the number from the office that open it together, and what stands on it.

The code is 100 random bits on paper, so what guards the page against whoever finds the paper is the number: eight digits, given by
the office, for some time, and for five tries. A client has no account here; what is sent on the page is sent by ``client``.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from imgate.audit.events import Event, EventName
from imgate.exchange import history
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register
from imgate.exchange.declarations.loading import deciding
from imgate.exchange.ports import ClientKeys, ClientPage, Look, Stale, Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Cursor
from imgate.exchange.turns import in_turn

# Who acts on the page, as the audit log names them: which client it was, the log's own subject says.
ACTOR = "client"
TRIES = 5
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: nothing in it is mistaken for anything else in it
_CODE_LENGTH, _GROUP, _NUMBER_LENGTH = 20, 4, 8
_TYPED_MAX = 60  # whatever stands between the signs; NFKC takes the square of the length, and anybody may type here
# What is read as what: signs that look alike, also those of a Cyrillic keyboard.
_ALIKE = str.maketrans("OILАВЕІКМНОРСТУХ", "011ABE1KMH0PCTYX")
_BETWEEN = re.compile(r"[\s‐-―_.-]+")
_LIST_MAX = 500


@dataclass(frozen=True, slots=True)
class PageState:
    """How far a client's page is. ``number_until`` is None while no number holds; ``locked``: five tries have failed."""

    made_at: datetime
    number_until: datetime | None
    locked: bool


def code_of(typed: str) -> str | None:
    """Bring a code into the one form that is compared; None where it is none, however it was meant."""
    if len(typed) > _TYPED_MAX:
        return None
    unified = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).upper()
    code = "".join(_digit(character) for character in unified.translate(_ALIKE))
    return code if len(code) == _CODE_LENGTH and set(code) <= set(_ALPHABET) else None


def number_of(typed: str) -> str | None:
    """Bring a number into the one form that is compared, whichever digits it was written in."""
    if len(typed) > _TYPED_MAX:
        return None
    number = "".join(_digit(character) for character in _BETWEEN.sub("", typed))
    return number if len(number) == _NUMBER_LENGTH and set(number) <= set(_ALPHABET[:10]) else None


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def in_groups(code: str) -> str:
    """Write a code as it is read and typed: ``ABCD-EFGH-…``."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def state_of_page(corridor: Corridor, client: str) -> PageState | None:
    """Say how far this client's page is; None where there is none. Raises Refused 404 for a client whom nobody knows."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        made = tx.client_pages.get(_known(tx, client))
    if made is None:
        return None
    holds = made.factor_until is not None and at < made.factor_until
    return PageState(made.made_at, made.factor_until if holds else None, made.failures >= TRIES)


def make_page(corridor: Corridor, actor: str, client: str) -> None:
    """Make this client's page; one that there is stays as it is. Raises Refused 404 for a client whom nobody knows."""
    _change(corridor, client, lambda tx, keys, at: None if tx.client_pages.get(keys) else _put(tx, keys, actor, at))


def renew_code(corridor: Corridor, actor: str, client: str) -> None:
    """Give the page another code: the earlier copies open nothing any more, and whoever is on it is out. Raises Refused 404."""

    def renewed(tx: Transaction, keys: ClientKeys, at: datetime) -> None:
        _existing(tx, keys)
        _put(tx, keys, actor, at)

    _change(corridor, client, renewed)


def give_number(corridor: Corridor, actor: str, client: str, holds_for: timedelta) -> str:
    """Make the number that the office hands over, in place of what was there; it is not kept. Tries count anew. Raises Refused 404."""
    number = f"{secrets.randbelow(10**_NUMBER_LENGTH):0{_NUMBER_LENGTH}}"

    def given(tx: Transaction, keys: ClientKeys, at: datetime) -> None:
        _existing(tx, keys)
        tx.client_pages.set_factor(keys, number, at + holds_for)
        tx.audit(Event(EventName.CLIENT_PAGE_FACTOR, at, actor, keys.subject, {}))

    _change(corridor, client, given)
    return number


def lock_page(corridor: Corridor, actor: str, client: str) -> None:
    """Take the number away, and end whoever is on the page; the code stays, so that no copy need be printed anew. Raises Refused 404."""

    def locked(tx: Transaction, keys: ClientKeys, at: datetime) -> None:
        page = _existing(tx, keys)
        tx.client_pages.put(keys, page.code, page.made_at)
        tx.audit(Event(EventName.CLIENT_PAGE_LOCKED, at, actor, keys.subject, {"failures": page.failures}))

    _change(corridor, client, locked)


@in_turn
def open_page(corridor: Corridor, typed_code: str, typed_number: str) -> str | None:
    """Give the digest of the client whose page code and number open; None where they open none, and never why.

    The try is counted before the number is compared, so that many at once are no more than five either. Each refusal behind a known
    code takes the same steps; that an unknown code takes fewer, whoever answers has to cover.
    """
    code, number, at = code_of(typed_code), number_of(typed_number) or "", corridor.clock()
    if code is None:
        return None
    with corridor.store.transaction() as tx:
        found = tx.client_pages.by_code(code)
        if found is None:
            return None
        client = found[0]
        tries, matches = tx.client_pages.failed(client), tx.client_pages.factor_matches(client, number)
        page = tx.client_pages.get(client)  # what stands there now that the count has the row: it may just have been given another number
        holds = page is not None and page.factor_until is not None and at < page.factor_until
        if page is None or page.code != code or tries > TRIES or not holds or not matches:
            if tries == TRIES:
                tx.audit(Event(EventName.CLIENT_PAGE_LOCKED, at, ACTOR, client.subject, {"failures": tries}))
            return None
        tx.client_pages.set_factor(client, number, page.factor_until)
        tx.audit(Event(EventName.CLIENT_PAGE_OPENED, at, ACTOR, client.subject, {}))
        return page.client


def still_opens(corridor: Corridor, typed_code: str, digest: str) -> bool:
    """Tell whether the code is that client's now: a session that began while it was replaced must end with it."""
    code = code_of(typed_code)
    with corridor.store.reading() as tx:
        found = None if code is None else tx.client_pages.by_code(code)
        return found is not None and found[1].client == digest


def reference_of_page(corridor: Corridor, digest: str) -> str | None:
    """Give the reference of the client with this digest; None where the client was erased, or has no page any more."""
    with corridor.store.reading() as tx:
        client = tx.clients.by_digest(digest)
        return None if client is None or tx.client_pages.get(client) is None else client.reference


def code_on_copy(corridor: Corridor, declaration: str) -> str | None:
    """Give the code that goes onto the copy of this declaration; None where no page was made for its client. Raises Refused 404, 409."""
    with corridor.store.reading() as tx:
        page = tx.client_pages.get(deciding(tx, declaration)[0])
        return None if page is None else page.code


def declarations_of(corridor: Corridor, client: str) -> Sequence[Mapping[str, Any]]:
    """Give all declarations of a client as GET shows them, the newest first."""
    return _all_of(lambda cursor: register.page(corridor, client, cursor))


def disclosures_of(corridor: Corridor, client: str) -> Sequence[Mapping[str, Any]]:
    """Give all hand-outs and all that partners sent about a client as GET shows them, the newest first."""
    return _all_of(lambda cursor: history.disclosures(corridor, client, cursor))


def looks_of(corridor: Corridor, client: str) -> tuple[Sequence[Look], bool]:
    """Give the newest looks at a client, the last one first, and whether there were more. Whoever answers puts this look on record too."""
    with corridor.store.reading() as tx:
        page = tx.looks.page(Cursor(limit=_LIST_MAX), client=_known(tx, client).digest, newest_first=True)
        return page.items, page.next is not None


def _all_of(listed: Callable[[Cursor], Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    after: str | None = None
    while True:
        page = listed(Cursor(after, _LIST_MAX))
        found += page["items"]
        after = page.get("next")
        if after is None:
            return found[::-1]


def _put(tx: Transaction, client: ClientKeys, actor: str, at: datetime) -> None:
    tx.client_pages.put(client, "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)), at)
    tx.audit(Event(EventName.CLIENT_PAGE_MADE, at, actor, client.subject, {}))


@in_turn
def _change(corridor: Corridor, client: str, work: Callable[[Transaction, ClientKeys, datetime], None]) -> None:
    at = corridor.clock()
    try:
        with corridor.store.transaction() as tx:
            work(tx, _known(tx, client), at)
    except Stale:
        raise not_found() from None


def _known(tx: Transaction, client: str) -> ClientKeys:
    keys = tx.clients.find(client)
    if keys is None:
        raise not_found()
    return keys


def _existing(tx: Transaction, client: ClientKeys) -> ClientPage:
    page = tx.client_pages.get(client)
    if page is None:
        raise not_found()
    return page
