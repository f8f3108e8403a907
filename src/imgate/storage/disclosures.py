"""Who received or sent which scopes, when, under which declaration: one row per hand-out, never shortened."""

from sqlalchemy import bindparam, insert, select

from imgate.exchange.stored import Cursor, Disclosure, Page
from imgate.storage.pages import Listing
from imgate.storage.schema import disclosures, exchanges
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement
from imgate.vocabulary.words import Direction

_c = disclosures.c
_GIVEN = (_c.exchange, _c.partner, _c.direction, _c.purpose, _c.scopes, _c.declarations, _c.at)
# The client is read off the exchange: where erasing came in between, the digest in the caller's hands is one that must not come back.
_ADD = Statement(
    insert(disclosures).from_select(
        [_c.client, *_GIVEN],
        select(exchanges.c.client, *(bindparam(f"the_{column.key}", type_=column.type) for column in _GIVEN)).where(
            exchanges.c.id == bindparam("the_exchange")
        ),
        include_defaults=False,
    )
)
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
            the_exchange=disclosure.exchange,
            the_partner=disclosure.partner,
            the_direction=disclosure.direction.value,
            the_purpose=disclosure.purpose,
            the_scopes=disclosure.scopes,
            the_declarations=disclosure.declarations,
            the_at=disclosure.at,
        )

    def page(self, client: str, cursor: Cursor) -> Page[Disclosure]:
        """List a client's (by digest) disclosures in their order."""
        return _LISTING.page(self._on, cursor, _disclosure, client=client)


def _disclosure(row: Row) -> Disclosure:
    exchange, client, partner, direction, purpose, scopes, declarations, at = row
    return Disclosure(exchange, client, partner, Direction(direction), purpose, tuple(scopes), tuple(declarations), at)
