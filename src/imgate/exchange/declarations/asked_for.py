"""What a partner asked a client for, as the beginning of a declaration."""

from imgate.exchange.context import Corridor
from imgate.exchange.ports import ScopeRequest
from imgate.exchange.refusals import not_found
from imgate.vocabulary.identifiers import is_uuid


def asked_for(corridor: Corridor, client: str, request: str) -> ScopeRequest:
    """Give what a partner asked this client, if nobody has answered yet. Raises Refused 404, the same for another client's."""
    if not is_uuid(request):
        raise not_found()
    with corridor.store.reading() as tx:
        keys, asked = tx.clients.find(client), tx.scope_requests.get(request)
    if keys is None or asked is None or asked.client != keys.digest or asked.answer is not None:
        raise not_found()
    return asked
