"""Loading one declaration: as much of it as a step needs, and no more, so that damage elsewhere is not in its way."""

from datetime import datetime

from imgate.consent import life
from imgate.consent.judge import now
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.stored import StoredDeclaration, VerifiedHead


def existing(tx: Transaction, declaration: str) -> tuple[ClientKeys, StoredDeclaration]:
    """Load one declaration with everything, as long as all of it is what its head says (see ``StoredDeclaration.sound``).

    Raises Refused: 404, and 409 ``declaration_unreadable``.
    """
    client, stored = under_its_mac(tx, declaration)
    if stored.sound is None:
        raise _unreadable()
    return client, stored


def under_its_mac(tx: Transaction, declaration: str) -> tuple[ClientKeys, StoredDeclaration]:
    """Load one declaration whose head matches its MAC, and as much as is left of the rest. Raises Refused as ``existing`` does."""
    try:
        found = tx.declarations.get(declaration)
    except Unreadable:
        raise _unreadable() from None
    if found is None:
        raise not_found()
    if found[1].verified is None:
        raise _unreadable()
    return found


def deciding(tx: Transaction, declaration: str) -> tuple[ClientKeys, VerifiedHead]:
    """Load what decides about one declaration, without opening anything else. Raises Refused as ``existing`` does."""
    try:
        found = tx.declarations.head(declaration)
    except Unreadable:
        raise _unreadable() from None
    if found is None:
        raise not_found()
    return found


def state_of(tx: Transaction, declaration: str, at: datetime) -> str:
    """Give the state that the declaration has after a change."""
    _, stands = deciding(tx, declaration)
    return life.state(stands.verified, stands.siblings, now(at)).value


def _unreadable() -> Refused:
    return Refused(409, "declaration_unreadable")
