"""One declaration as a page about its client shows it."""

from typing import Any

from imgate.exchange.context import Corridor
from imgate.exchange.declarations.register import shown
from imgate.exchange.ports import Unreadable
from imgate.exchange.refusals import not_found
from imgate.vocabulary.identifiers import is_uuid


def show_of(corridor: Corridor, client: str, declaration: str) -> dict[str, Any]:
    """Show a declaration of this client as ``register.show`` does.

    Raises Refused 404, the same for another client's, for none at all, and for one of which nobody can read whose it is.
    """
    if not is_uuid(declaration):
        raise not_found()
    try:
        with corridor.store.reading() as tx:
            found = tx.declarations.get(declaration)
    except Unreadable:
        raise not_found() from None
    if found is None or found[0].reference != client:
        raise not_found()
    return shown(found[1], corridor.clock())
