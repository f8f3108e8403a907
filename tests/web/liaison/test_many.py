"""However much waits, a page does the work for what it shows."""

import time

import pytest

from imgate.exchange.ports import Wanted
from imgate.exchange.stored import Cursor
from imgate.storage.statement import Statement
from tests.web.liaison.waiting import LEVEL, ids_on, many, waiting


@pytest.fixture
def statements(monkeypatch):
    """Note each statement that is run on the database."""
    noted = []
    for name in ("run", "first", "all"):
        real = getattr(Statement, name)

        def run(self, on, /, _real=real, **values):
            noted.append(self)
            return _real(self, on, **values)

        monkeypatch.setattr(Statement, name, run)
    return noted


def work(pages, statements, path):
    """Show a page twice, so that only the repeat is counted: give what is shown and how many statements it took."""
    liaison = pages.liaison()
    liaison.get(path)
    statements.clear()
    return ids_on(liaison.get(path)), len(statements)


@pytest.mark.parametrize("path", ["/pages/inbox", "/pages/inbox?order=newest"])
def test_a_page_of_ten_thousand_takes_no_more_statements_than_one_of_thirty(pages, statements, path):
    _, exchange = waiting(pages, LEVEL)
    many(pages, 30, exchange)
    few = work(pages, statements, path)
    many(pages, 9_970, exchange)
    lots = work(pages, statements, path)
    assert (len(few[0]), len(lots[0])) == (25, 25)
    assert lots[1] == few[1]


@pytest.mark.parametrize("path", ["/pages/inbox", "/pages/inbox?order=newest"])
def test_a_page_of_ten_thousand_is_small_and_only_what_it_shows_is_handed_out(pages, path):
    _, exchange = waiting(pages, LEVEL)
    many(pages, 10_000, exchange)
    page = pages.liaison().get(path)
    assert len(page.answer.content) < 100_000
    with pages.corridor.store.reading() as tx:
        handed_out = tx.session.driver.execute("SELECT count(*) FROM outbox WHERE handed_out_at IS NOT NULL").fetchone()
    assert handed_out == (25,)


def test_no_list_is_sorted_before_it_is_cut(pages):
    """An index gives the order: else ten thousand rows would be read for the sake of twenty-five."""
    _, exchange = waiting(pages, LEVEL)
    many(pages, 100, exchange)
    with pages.corridor.store.reading() as tx:
        explained = []
        tx.session.driver.set_trace_callback(explained.append)
        for newest_first in (False, True):
            tx.outbox.search("jobcenter-rems-murr", Cursor(None, 25), pages.now, Wanted(newest_first=newest_first))
        tx.session.driver.set_trace_callback(None)
        lists = [sql for sql in explained if "FROM outbox" in sql or "JOIN outbox" in sql]
        plans = [" ".join(str(step[3]) for step in tx.session.driver.execute(f"EXPLAIN QUERY PLAN {sql}")) for sql in lists]
    assert len(plans) == 2
    assert not [plan for plan in plans if "TEMP B-TREE" in plan or "SCAN" in plan]


@pytest.mark.long
def test_the_first_look_at_ten_thousand_takes_less_than_five_times_an_empty_page(pages):
    """The browser's own time comes to both alike; this is the worst there is, because everything shown is put on record."""

    def best(path, times=15):
        liaison, taken = pages.liaison(), []
        for _ in range(times):
            begun = time.perf_counter()
            liaison.get(path)
            taken.append(time.perf_counter() - begun)
        return min(taken)

    empty = best("/pages/inbox")
    _, exchange = waiting(pages, LEVEL)
    many(pages, 10_000, exchange)
    assert best("/pages/inbox") < 5 * empty
