"""The newest checkpoint of the audit log, for auditors who fetch it and keep it elsewhere."""

from imgate.exchange.context import Corridor
from imgate.exchange.refusals import not_found


def newest(corridor: Corridor) -> str:
    """Give the signed note. Raises Refused 404 where nothing was signed yet."""
    with corridor.store.reading() as tx:
        note = tx.checkpoints.newest_note()
    if not note:  # none, or a row that somebody made something else of
        raise not_found()
    return note
