"""Kept facts of the papers, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from imgate.storage.paper_facts import KeptFacts, SqlPaperFacts
from tests.storage.conftest import NOW

FACTS, OTHER = {"version": 1, "name": "Ä"}, {"version": 1, "name": "B"}


def keep(store, facts, sha256, at):
    with store.transaction() as tx:
        return SqlPaperFacts(tx.session).keep(facts, sha256, at)


def test_facts_are_kept_when_they_are_others_than_the_last(store):
    said = [keep(store, facts, sha256, NOW + timedelta(days=day)) for day, (facts, sha256) in enumerate([(FACTS, "a"), (FACTS, "a")])]
    said += [keep(store, OTHER, "b", NOW + timedelta(days=2)), keep(store, FACTS, "a", NOW + timedelta(days=3))]
    assert said == [True, False, True, True]
    with store.reading() as tx:
        kept = SqlPaperFacts(tx.session)
        assert kept.all() == [(NOW, "a"), (NOW + timedelta(days=2), "b"), (NOW + timedelta(days=3), "a")]
        assert kept.held_at(NOW - timedelta(microseconds=1)) is None
        assert kept.held_at(NOW) == KeptFacts(NOW, "a", FACTS)
        assert kept.held_at(NOW + timedelta(days=2, hours=5)) == KeptFacts(NOW + timedelta(days=2), "b", OTHER)


def test_of_two_writers_at_once_one_keeps_them(opened, url):
    stores = [opened(url), opened(url)]
    for number in range(5):
        with ThreadPoolExecutor(2) as threads:
            kept = list(threads.map(lambda store, number=number: keep(store, FACTS, str(number), NOW), stores))
        assert sorted(kept) == [False, True]
