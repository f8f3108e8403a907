"""Who received or sent which scopes, when, under which declaration: one row per hand-out, never shortened."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select

from imgate.exchange.ports import Flow
from imgate.exchange.stored import Cursor, Disclosure, Page
from imgate.storage.message_tables import disclosures, exchanges
from imgate.storage.pages import Listing
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement
from imgate.vocabulary.words import Direction

_c = disclosures.c
_GIVEN = (_c.exchange, _c.partner, _c.direction, _c.purpose, _c.scopes, _c.declarations, _c.at, _c.provenance, _c.reference)
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
_COLUMNS = (
    _c.exchange,
    _c.client,
    _c.partner,
    _c.direction,
    _c.purpose,
    _c.scopes,
    _c.declarations,
    _c.at,
    _c.provenance,
    _c.reference,
)
_LISTING = Listing(disclosures, _COLUMNS, _c.client == bindparam("client"))
_OF_CLIENT = Statement(select(*_COLUMNS).where(_c.client == bindparam("client")).order_by(_c.written_in, _c.position))
_HANDED_OUT = (_c.client == bindparam("client"), _c.direction == Direction.TO_PARTNER.value)
_TO_PARTNERS = select(*_COLUMNS).where(*_HANDED_OUT).order_by(_c.written_in, _c.position)
_TO_ALL = Statement(_TO_PARTNERS)
_TO_ONE = Statement(_TO_PARTNERS.where(_c.partner == bindparam("partner")))
_ANY_OF = Statement(select(_c.position).where(_c.client == bindparam("client"), _c.exchange == bindparam("exchange_id")).limit(1))

# Few lists of scopes are asked for again and again: the database counts equal ones, and they are taken apart here.
_COUNTED = Statement(
    select(_c.partner, _c.direction, _c.scopes, func.count())
    .where(_c.at >= bindparam("since"))
    .group_by(_c.partner, _c.direction, _c.scopes)
)


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
            the_provenance=disclosure.provenance or None,
            the_reference=disclosure.reference,
        )

    def page(self, client: str, cursor: Cursor) -> Page[Disclosure]:
        """List a client's (by digest) disclosures in their order."""
        return _LISTING.page(self._on, cursor, _disclosure, client=client)

    def of(self, client: str) -> tuple[Disclosure, ...]:
        """Give all of a client's (by digest) disclosures in both directions, in their order, each once."""
        return tuple(_disclosure(row) for row in _OF_CLIENT.all(self._on, client=client))

    def any_of(self, client: str, exchange: str) -> bool:
        """Tell whether anything of this client's exchange was handed out."""
        return _ANY_OF.first(self._on, client=client, exchange_id=exchange) is not None

    def to_partners(self, client: str, partner: str | None = None) -> tuple[Disclosure, ...]:
        """Give what was handed out to partners, or to this one, in its order."""
        rows = _TO_ALL.all(self._on, client=client) if partner is None else _TO_ONE.all(self._on, client=client, partner=partner)
        return tuple(_disclosure(row) for row in rows)

    def flows(self, since: datetime) -> Sequence[Flow]:
        """Count what was handed out at this moment or later, scope by scope."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for partner, direction, scopes, count in _COUNTED.all(self._on, since=since):
            counts.update({(partner, direction, scope): count for scope in scopes})
        return [Flow(partner, Direction(direction), scope, count) for (partner, direction, scope), count in sorted(counts.items())]


def _disclosure(row: Row) -> Disclosure:
    exchange, client, partner, direction, purpose, scopes, declarations, at, provenance, reference = row
    return Disclosure(
        exchange=exchange,
        client=client,
        partner=partner,
        direction=Direction(direction),
        purpose=purpose,
        scopes=tuple(scopes),
        declarations=tuple(declarations),
        at=at,
        provenance=provenance,
        reference=reference,
    )
