"""Which files came with what partners sent: the intake knows them by the receipt, and whoever looks at an item asks by the exchange."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imgate.exchange.context import Corridor


def received_files(corridor: Corridor, exchanges: Iterable[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Give what the intake tells of attachments, by exchange; one whose message brought none is left out."""
    found: dict[str, Sequence[Mapping[str, Any]]] = {}
    with corridor.store.reading() as tx:
        for each in exchanges:
            exchange = tx.exchanges.get(each)
            report = None if exchange is None or exchange.receipt is None else tx.intake.get(exchange.receipt)
            if report is not None and report.attachments:
                found[each] = report.attachments
    return found
