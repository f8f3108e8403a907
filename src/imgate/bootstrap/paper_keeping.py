"""Keeps the facts of the office's papers each time that they changed, and finds those that held at a time."""

from collections.abc import Callable
from datetime import datetime

from imgate.audit.events import Event, EventName
from imgate.bootstrap.gateway import Gateway
from imgate.bootstrap.paper_facts import facts_of
from imgate.documents.office_papers.facts import FactsUnreadable, PaperFacts, digest_of, read_facts
from imgate.storage.paper_facts import SqlPaperFacts


class FactsKeeper:
    """Keeps one process's facts. It remembers what it kept: processes that are configured otherwise do not take turns for ever."""

    def __init__(self, gateway: Gateway, gather: Callable[[Gateway], PaperFacts] = facts_of) -> None:
        """Take the gateway whose facts they are."""
        self._gateway = gateway
        self._gather = gather
        self._own: str | None = None

    def keep(self, actor: str) -> bool:
        """Keep them, and put that on record, if they are others than were kept last; tell whether they are. Blocks."""
        facts = self._gather(self._gateway)
        kept, sha256 = facts.kept(), facts.sha256
        if sha256 == self._own:
            return False
        at = self._gateway.corridor.clock()
        with self._gateway.store.transaction() as tx:
            changed = SqlPaperFacts(tx.session).keep(kept, sha256, at)
            if changed:
                tx.audit(Event(EventName.PAPERS_CHANGED, at, actor, None, {"sha256": sha256}))
        self._own = sha256
        return changed


class NoFactsThen(Exception):
    """The operator must act: no facts had been kept by then. ``first`` is when the first were, None where none were yet."""

    def __init__(self, first: datetime | None) -> None:
        """Say since when there are any."""
        self.first = first
        super().__init__("no facts had been kept by then")


def facts_at(gateway: Gateway, at: datetime) -> PaperFacts:
    """Give the facts that held at a moment. Raises NoFactsThen, FactsUnreadable."""
    with gateway.store.reading() as tx:
        kept = SqlPaperFacts(tx.session)
        found, all_kept = kept.held_at(at), kept.all()
    if found is None:
        raise NoFactsThen(all_kept[0][0] if all_kept else None)
    if digest_of(found.facts) != found.sha256:
        raise FactsUnreadable("these facts are not those that were kept: their digest is another one")
    return read_facts(found.facts)


def facts_kept(gateway: Gateway) -> list[tuple[datetime, str]]:
    """Give when facts were kept, with their digests, the oldest first."""
    with gateway.store.reading() as tx:
        return list(SqlPaperFacts(tx.session).all())
