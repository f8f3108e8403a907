"""How many exchanges stand in which state, for the metrics. Counts show no content and are no attempt."""

from collections.abc import Mapping

from sqlalchemy import func, select

from imgate.storage.message_tables import exchanges
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore

_BY_STATE = Statement(select(exchanges.c.state, func.count()).group_by(exchanges.c.state))


def count_exchanges(store: SqlStore) -> Mapping[str, int]:
    """Count the exchanges of each state that there is. Blocks."""
    with store.reading() as tx:
        return {str(state): int(count) for state, count in _BY_STATE.all(tx.session)}
