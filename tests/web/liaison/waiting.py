"""Messages that wait for a partner, and what may be wrong with an id."""

import re

from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
STATUS = {"residence": {"status": {"code": "1", "since": "2024-05-02"}}}
BOTH = LEVEL | STATUS
# Every page that is about one message, below its own address.
VIEWS = ("", "/print", "/pdf", "/file")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def waiting(pages, record=BOTH, **declared):
    """Have a message wait for the Jobcenter; give its declaration and its id."""
    pages.link()
    declaration = pages.declare("language.level", "residence.status", **declared)
    return declaration, pages.send(record)["id"]


def many(world, number, exchange):
    """Have so many messages wait, all the same as this one; none of them was handed out. A list opens no payload, so it may be a copy."""
    with world.corridor.store.transaction() as tx:
        run = tx.session.driver.execute
        ids = [(new_id(), exchange) for _ in range(number - 1)]
        for table, key in (("exchanges", "id"), ("outbox", "exchange")):
            known = [row[1] for row in run(f"PRAGMA table_info({table})")]
            others = ", ".join(f'"{name}"' for name in known if name not in {"position", key})
            copy = f"INSERT INTO {table} ({key}, {others}) SELECT ?, {others} FROM {table} WHERE {key} = ?"  # noqa: S608  # our own names
            for pair in ids:
                run(copy, pair)


def told(pages, liaison):
    """Have the end of use told to who has the message; give the notice's id."""
    declaration, exchange = waiting(pages)
    liaison.get(f"/pages/inbox/{exchange}").send("Erhalt bestätigen")
    pages.later(minutes=1)
    pages.revoke(declaration)
    (notice,) = ids_on(liaison.get("/pages/inbox"))
    return notice


def ids_on(page):
    """Give the messages that a list shows, in its order."""
    return [href.rpartition("/")[2] for href in page.tree.xpath("//main//h2/a/@href")]


def without_ids(page):
    """Give a page's bytes, apart from the id that was asked for: it stands in the way back from the choice of a language."""
    return _IDS.sub("-", page.answer.text)


def _anothers(pages, liaison):
    pages.link("ABH-1", partner=ABH)
    pages.declare("language.level", partner=ABH)
    sent = pages.send(LEVEL, partner=ABH)
    assert sent["state"] == "queued"
    return sent["id"]


def _revoked(pages, liaison):
    declaration, exchange = waiting(pages)
    pages.revoke(declaration)
    return exchange


def _revoked_after_it_was_read(pages, liaison):
    declaration, exchange = waiting(pages)
    liaison.get(f"/pages/inbox/{exchange}")
    pages.revoke(declaration)
    return exchange


def _paused(pages, liaison):
    declaration, exchange = waiting(pages)
    pages.pause(declaration)
    return exchange


def _expired(pages, liaison):
    _, exchange = waiting(pages, valid_until="2026-03-02")
    pages.later(hours=18)
    liaison.http.cookies.set("imgate", pages.liaison().http.cookies["imgate"])  # the session has ended too
    return exchange


def _erased(pages, liaison):
    _, exchange = waiting(pages)
    erase_client(pages.gateway.store, CLIENT, pages.now, "operator")
    return exchange


def _acknowledged(pages, liaison):
    _, exchange = waiting(pages)
    liaison.get(f"/pages/inbox/{exchange}").send("Erhalt bestätigen")
    return exchange


def _given_back(pages, liaison):
    _, exchange = waiting(pages)
    liaison.get(f"/pages/inbox/{exchange}").send("Zurückgeben", why="not_for_me")
    return exchange


# Why a message is not there; each makes it so and gives the id.
NOT_THERE = {
    "another partner's": _anothers,
    "unknown": lambda pages, liaison: new_id(),
    "revoked": _revoked,
    "revoked after it was read": _revoked_after_it_was_read,
    "paused": _paused,
    "expired": _expired,
    "erased": _erased,
    "acknowledged": _acknowledged,
    "given back": _given_back,
}
