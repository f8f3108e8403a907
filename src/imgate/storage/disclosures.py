"""Who received or sent which scopes, when, under which declaration: one row per hand-out, never shortened."""

from sqlalchemy import bindparam

from imgate.exchange.stored import Cursor, Disclosure, Page
from imgate.storage.pages import Listing
from imgate.storage.schema import disclosures
from imgate.storage.session import Session
from imgate.storage.statement import Row, insert_into
from imgate.vocabulary.words import Direction

_c = disclosures.c
_ADD = insert_into(disclosures)
_COLUMNS = (_c.exchange, _c.client, _c.partner, _c.direction, _c.purpose, _c.scopes, _c.declarations, _c.at)
_LISTING = Listing(disclosures, _COLUMNS, _c.client == bindparam("client"))


class SqlDisclosures:
    """Who received or sent which scopes."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, disclosure: Disclosure) -> None:
        """Record one hand-out."""
        _ADD.run(
            self._on,
            exchange=disclosure.exchange,
            client=disclosure.client,
            partner=disclosure.partner,
            direction=disclosure.direction.value,
            purpose=disclosure.purpose,
            scopes=disclosure.scopes,
            declarations=disclosure.declarations,
            at=disclosure.at,
        )

    def page(self, client: str, cursor: Cursor) -> Page[Disclosure]:
        """List a client's (by digest) disclosures in their order."""
        return _LISTING.page(self._on, cursor, _disclosure, client=client)


def _disclosure(row: Row) -> Disclosure:
    exchange, client, partner, direction, purpose, scopes, declarations, at = row
    return Disclosure(exchange, client, partner, Direction(direction), purpose, tuple(scopes), tuple(declarations), at)
