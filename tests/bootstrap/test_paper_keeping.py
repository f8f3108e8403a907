"""What the papers say is kept each time that it changed, once, and stays readable; that it was changed by hand is seen."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from imgate.audit.events import EventName
from imgate.bootstrap import open_gateway, record_start, work
from imgate.bootstrap.paper_facts import facts_of
from imgate.bootstrap.paper_keeping import FactsKeeper, NoFactsThen, facts_at, facts_kept
from imgate.documents.office_papers.facts import FactsUnreadable
from imgate.storage.audit_log import SqlAuditLog
from imgate.storage.engine import make_engine
from imgate.storage.log_tables import paper_facts
from tests.bootstrap.opened import OPENED, SCOPE, opened_office
from tests.exchange.conftest import JOBCENTER

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is told."""

    now: datetime = field(default=START)

    def __call__(self):
        return self.now


def papers_changed(gateway):
    """Give the digests of the events, in their order."""
    with gateway.store.reading() as tx:
        entries = [entry.content.decode() for entry in SqlAuditLog(tx.session).entries()]
    return [entry.split('"sha256":"')[1][:64] for entry in entries if f'"{EventName.PAPERS_CHANGED}"' in entry]


def test_a_start_keeps_the_facts_once_and_the_next_keeps_them_if_they_are_others(configure):
    clock = Clock()
    with open_gateway(configure(), make_keys=True, clock=clock) as gateway:
        record_start(gateway, "serve")
        record_start(gateway, "worker")
        first = facts_of(gateway)
        assert facts_kept(gateway) == [(START, first.sha256)]
    clock.now += timedelta(days=2)
    with open_gateway(configure("[retention]\nmessage_days = 30\n"), make_keys=True, clock=clock) as gateway:
        record_start(gateway, "serve")
        second = facts_of(gateway)
        assert facts_kept(gateway) == [(START, first.sha256), (clock.now, second.sha256)]
        assert papers_changed(gateway) == [first.sha256, second.sha256]
        assert facts_at(gateway, clock.now) == second
        assert facts_at(gateway, clock.now - timedelta(seconds=1)) == first == facts_at(gateway, START)
        with pytest.raises(NoFactsThen) as none:
            facts_at(gateway, START - timedelta(microseconds=1))
        assert none.value.first == START


def test_what_two_processes_find_at_once_is_kept_once(configure):
    with open_gateway(configure(), make_keys=True) as one, open_gateway(configure(), make_keys=True) as two:
        with ThreadPoolExecutor(2) as threads:
            kept = list(threads.map(lambda gateway: FactsKeeper(gateway).keep("operator"), (one, two)))
        assert sorted(kept) == [False, True]
        assert len(facts_kept(one)) == len(papers_changed(one)) == 1


def test_processes_that_are_configured_otherwise_do_not_take_turns_for_ever(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        facts = facts_of(gateway)
        other = facts.model_copy(update={"gateway": facts.gateway.model_copy(update={"release": "0.0.1"})})
        keepers = [FactsKeeper(gateway), FactsKeeper(gateway, lambda _: other)]
        kept = [keeper.keep("worker") for _ in range(3) for keeper in keepers]
        assert kept == [True, True, False, False, False, False]


def test_facts_that_were_changed_in_the_database_are_not_believed(configure):
    settings = configure()
    with open_gateway(settings, make_keys=True) as gateway:
        FactsKeeper(gateway).keep("operator")
        kept = facts_of(gateway).kept()
        kept["gateway"]["name"] = "Jemand anders"
        engine = make_engine(settings.database.url.get_secret_value())
        with engine.begin() as connection:
            connection.execute(update(paper_facts).values(facts=kept))
        engine.dispose()
        with pytest.raises(FactsUnreadable) as refused:
            facts_at(gateway, gateway.corridor.clock())
        assert "Jemand" not in str(refused.value)


def test_an_opening_that_the_office_confirms_while_it_runs_is_kept_too(tmp_path):
    with opened_office(tmp_path, OPENED) as office:
        keeper = FactsKeeper(office.gateway)
        office.confirm("erste")
        assert keeper.keep("worker")
        assert waits(facts_of(office.gateway)) == (SCOPE, True)
        office.confirm("zweite")
        assert keeper.keep("worker")
        assert not keeper.keep("worker")
        assert waits(facts_of(office.gateway)) == (SCOPE, False)
        assert len(papers_changed(office.gateway)) == 2


def test_the_worker_keeps_them_on_its_clock_and_comes_again(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        assert not asyncio.run(work._papers(FactsKeeper(gateway)))
        assert [sha256 for _, sha256 in facts_kept(gateway)] == [facts_of(gateway).sha256]


def waits(facts):
    partner = next(partner for partner in facts.partners if partner.id == JOBCENTER)
    assert (SCOPE in partner.waiting) is (SCOPE in partner.shut) is not (SCOPE in partner.to_partner)
    return SCOPE, SCOPE in partner.waiting


def test_what_cannot_be_kept_is_tried_again(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        facts = facts_of(gateway)
        keeper = FactsKeeper(replace(gateway, corridor=replace(gateway.corridor, clock=lambda: datetime(2026, 1, 1))), lambda _: facts)  # noqa: DTZ001
        for _ in range(2):
            with pytest.raises(ValueError, match="zone"):
                keeper.keep("worker")
        assert facts_kept(gateway) == []
