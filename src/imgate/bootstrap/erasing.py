"""Erasing a client as the gateway does it: what came in about them and was not looked at yet is taken first, so that it goes too."""

from imgate.bootstrap.gateway import Gateway
from imgate.exchange.inbound import take_due
from imgate.storage.erase import erase_client


def erase(gateway: Gateway, client: str, actor: str) -> bool:
    """Erase a client; False where nobody is known by this reference. Raises ErasuresMissing. Blocks (see ``erase_client``).

    A partner's message that lies sealed until a worker takes it would be about a stranger afterwards, and its reference be kept as one.
    """
    while take_due(gateway.corridor):
        pass
    return erase_client(gateway.store, client, gateway.corridor.clock(), actor, gateway.settings.retention.proof_years)
