"""All that is on file about one client: loaded once, on one snapshot, for what is told of it and for what is given out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from imgate.exchange.context import Corridor
from imgate.exchange.ports import ClientKeys, ClientPage, ScopeRequest, Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import (
    Cursor,
    Disclosure,
    Headless,
    InboxItem,
    Notice,
    OutboxItem,
    Page,
    Revocation,
    StoredDeclaration,
    StoredExchange,
)

T = TypeVar("T")
_LIST_MAX = 500


@dataclass(frozen=True, slots=True)
class OnFile:
    """What is kept about a client. ``leaving`` and ``arriving`` are messages that wait, notices of the end of use not among them.

    ``linked`` names the partners for whom a link is stored, ``partners`` all who occur anywhere.
    """

    client: ClientKeys
    declarations: Mapping[str, StoredDeclaration | Headless]
    exchanges: Mapping[str, StoredExchange]
    disclosures: tuple[Disclosure, ...]
    leaving: tuple[OutboxItem, ...]
    arriving: tuple[InboxItem, ...]
    linked: tuple[str, ...]
    notices: tuple[tuple[Revocation, Notice], ...] = field(repr=False)
    requests: tuple[ScopeRequest, ...]
    own_page: ClientPage | None = field(repr=False)
    partners: tuple[str, ...]


def on_file(corridor: Corridor, tx: Transaction, client: str) -> OnFile:
    """Load it. Raises Refused 404 for a client whom nobody knows, or who was erased: the two cannot be told apart."""
    keys = tx.clients.find(client)
    if keys is None:
        raise not_found()
    declarations = {_id(declared): declared for declared in _every(tx, keys)}
    exchanges = {exchange.id: exchange for exchange in _whole(tx, keys.digest)}
    disclosures = tx.disclosures.of(keys.digest)
    linked = tx.links.partners(keys)
    notices = tx.revocations.of_client(keys.digest)
    partners = dict.fromkeys(
        [
            *corridor.partners,
            *linked,
            *(exchange.partner for exchange in exchanges.values()),
            *(disclosure.partner for disclosure in disclosures),
            *(declared.head.partner for declared in declarations.values() if isinstance(declared, StoredDeclaration)),
            *(run.partner for run, _ in notices),
        ]
    )
    return OnFile(
        client=keys,
        declarations=declarations,
        exchanges=exchanges,
        disclosures=disclosures,
        leaving=tuple(item for partner in partners for item in tx.outbox.waiting(keys.digest, partner) if item.exchange.notice is None),
        arriving=tuple(item for partner in partners for item in tx.inbox.waiting(keys.digest, partner)),
        linked=linked,
        notices=notices,
        requests=tuple(request for partner in partners for request in tx.scope_requests.of(keys.digest, partner)),
        own_page=tx.client_pages.get(keys),
        partners=tuple(partners),
    )


def _every(tx: Transaction, keys: ClientKeys) -> Iterator[StoredDeclaration | Headless]:
    return _pages(lambda cursor: tx.declarations.page(keys, cursor))


def _whole(tx: Transaction, digest: str) -> Iterator[StoredExchange]:
    return _pages(lambda cursor: tx.exchanges.page(digest, cursor))


def _pages(listed: Callable[[Cursor], Page[T]]) -> Iterator[T]:
    """Follow ``next`` to the end. What is listed twice (see ``storage.pages``) is one and the same, and falls together by its id."""
    after: str | None = None
    while True:
        page = listed(Cursor(after, _LIST_MAX))
        yield from page.items
        after = page.next
        if after is None:
            return


def _id(declared: StoredDeclaration | Headless) -> str:
    return declared.id if isinstance(declared, Headless) else declared.head.id
