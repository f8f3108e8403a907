"""Under what the partners know one client, for the eyes of those who look after the client."""

from collections.abc import Mapping

from imgate.exchange.context import Corridor


def known_as(corridor: Corridor, client: str) -> Mapping[str, str]:
    """Give the client's references by configured partner; an unknown client has none."""
    with corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        links = {} if keys is None else {partner: tx.links.get(keys, partner) for partner in corridor.partners}
    return {partner: link.reference for partner, link in links.items() if link is not None}


def is_known(corridor: Corridor, client: str) -> bool:
    """Tell whether anything is on record of a client with this reference."""
    with corridor.store.reading() as tx:
        return tx.clients.find(client) is not None
