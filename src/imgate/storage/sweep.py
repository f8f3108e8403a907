"""The sweep: what has run out goes, a bounded batch in each transaction, and each transaction puts on record what went in it.

So a million rows hold up nobody for long, and whatever dies in between leaves nothing half done and nothing unsaid.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from imgate.audit.events import Event, EventName
from imgate.exchange.retention import Terms
from imgate.exchange.turns import in_turn
from imgate.storage.due import Keys
from imgate.storage.erase import compact, owe_compaction, owes_compaction
from imgate.storage.retention import RULES, Rule
from imgate.storage.store import SqlStore
from imgate.vocabulary.words import Kept

# As many rows as are deleted in some hundredths of a second.
_BATCH = 500
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left to take of one kind."""

    rule: Rule
    before: datetime
    keys: Keys


def sweep(store: SqlStore, at: datetime, terms: Terms | None = None, actor: str = WORKER) -> Mapping[Kept, int]:
    """Take what has run out at this moment, but for messages (see ``exchange.retention``); give how many of each kind went. Blocks."""
    terms = Terms() if terms is None else terms
    went: Counter[Kept] = Counter()
    while took := _pass(store, at, terms, actor):  # one more than takes anything: so much may be due that it is not found at once
        went.update(took)
    if went[Kept.PROOF] or owes_compaction(store):
        compact(store)
    return went


def _pass(store: SqlStore, at: datetime, terms: Terms, actor: str) -> Counter[Kept]:
    """Look for what is due, which holds up nobody, and take it; give how many of each kind went."""
    left: Sequence[_Left] = ()
    with store.reading() as tx:
        rules = [(rule, before) for rule in RULES if (before := rule.before(terms, at)) is not None]
        left = [_Left(rule, before, keys) for rule, before in rules if (keys := rule.due.keys(tx.session, before))]
    went: Counter[Kept] = Counter()
    while left:
        took, left = _batch(store, left, at, actor)
        went.update(took)
    return went


@in_turn
def _batch(store: SqlStore, left: Sequence[_Left], at: datetime, actor: str) -> tuple[Counter[Kept], Sequence[_Left]]:
    """Take a batch, of one kind after the other; give how many went, and what is left to take."""
    went: Counter[Kept] = Counter()
    further: list[_Left] = []
    with store.transaction() as tx:
        for each in left:
            room = _BATCH - went.total()
            count, keys = each.rule.due.take(tx.session, each.before, each.keys, room) if room > 0 else (0, each.keys)
            went[each.rule.kind] += count
            if keys:
                further.append(replace(each, keys=keys))
        went += Counter()  # drops the kinds of which none went
        if went[Kept.PROOF]:
            owe_compaction(tx.session)
        if went:
            tx.audit(Event(EventName.RETENTION_SWEPT, at, actor, None, {kind.value: count for kind, count in went.items()}))
    return went, further
