"""Two worlds that differ only in what a liaison may not know look the same to the liaison: every page, every byte, every header."""

import io
import logging
import re

import pypdfium2
import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange import reading_list
from imgate.settings import load_settings
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from tests.acceptance.marks import TEXT
from tests.acceptance.search import found_in
from tests.exchange.conftest import ABH, CONFIG, CONTACT, JOBCENTER, PROPOSAL, message
from tests.web.conftest import Pages
from tests.web.liaison.waiting import BOTH, LEVEL, STATUS, ids_on

SHOWN = 27  # two pages
# Each reference has the same length, so that answers that repeat what was typed can be compared.
HIDDEN = ("unlinked", "undeclared", "draft", "revoked", "seen_revoked", "expired", "paused", "erased", "inward", "elsewhere", "unsent")
_MASKS = (
    (
        re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        lambda _: "<id>",
    ),  # ids are random, or made of random ones
    (re.compile(r"(Erklärung(?:</dt><dd[^>]*>|\s+))[0-9a-f]{12}"), lambda found: f"{found[1]}<id>"),  # an id's last part
    (re.compile(r"(after=|name=\"after\" value=\")([\w-]+)"), lambda found: f"{found[1]}<{len(found[2])}>"),  # sealed, but for its length
)


def mark(kind, number=0):
    """Give a name that stands nowhere else."""
    return TEXT + f"{kind:a<7}"[:7].replace("_", "x") + chr(ord("a") + number)


class Office:
    """What happens in an office on one day, with or without those of whom the liaison learns nothing."""

    def __init__(self, pages, *, crowded):
        self.pages, self.crowded = pages, crowded
        self.hidden = {}
        self._hide("unlinked", "undeclared", "draft", "expired", "elsewhere")
        self.shown = [self._show(number) for number in range(SHOWN)]
        self._hide("revoked", "paused", "erased", "inward", "unsent", "seen_revoked")
        self.narrowed, self.partly = self._narrowed(), self._partly()
        self._notice()
        self._received()
        pages.later(hours=18)

    def _show(self, number):
        client = f"K-2026-1{number:03}"
        self.pages.link(f"355A5{number:05}", client=client)
        self.pages.declare("language.level", client=client)
        return self.pages.send(LEVEL, client=client)["id"]

    def _hide(self, *kinds):
        for kind in kinds if self.crowded else ():
            for number in range(2):
                self.hidden[kind] = getattr(self, f"_{kind}")(f"K-{mark(kind, number)}", mark(f"r{kind}", number), mark(f"n{kind}", number))

    def _sent(self, client, reference, name, *, partner=JOBCENTER, **declared):
        self.pages.link(reference, client=client, partner=partner)
        declared = {"occasion": f"Beratung {name}"} | declared
        declaration = self.pages.declare("language.level", "person.name", client=client, partner=partner, **declared)
        record = LEVEL | {"person": {"name": {"family": name, "given": name}}}
        return declaration, self.pages.send(record, client=client, partner=partner).get("id", new_id())

    def _unlinked(self, client, reference, name):
        self.pages.declare("language.level", client=client, occasion=name)
        return new_id()

    def _undeclared(self, client, reference, name):
        self.pages.link(reference, client=client)
        return self.pages.send(LEVEL, client=client)["id"]

    def _draft(self, client, reference, name):
        return self._sent(client, reference, name, signed=False)[1]

    def _revoked(self, client, reference, name):
        declaration, sent = self._sent(client, reference, name)
        self.pages.revoke(declaration)
        return sent

    def _seen_revoked(self, client, reference, name):
        """Another's look at another partner's is no look of this partner's."""
        declaration, sent = self._sent(client, reference, name, partner=ABH)
        self.pages.liaison(ABH, login="abh").get(f"/pages/inbox/{sent}")
        self.pages.revoke(declaration)
        return sent

    def _expired(self, client, reference, name):
        return self._sent(client, reference, name, valid_until="2026-03-02")[1]

    def _paused(self, client, reference, name):
        declaration, sent = self._sent(client, reference, name)
        self.pages.pause(declaration)
        return sent

    def _erased(self, client, reference, name):
        _, sent = self._sent(client, reference, name)
        erase_client(self.pages.gateway.store, client, self.pages.now, "operator")
        return sent

    def _inward(self, client, reference, name):
        return self._sent(client, reference, name, direction="from_partner")[1]

    def _elsewhere(self, client, reference, name):
        return self._sent(client, reference, name, partner=ABH)[1]

    def _unsent(self, client, reference, name):
        """Everything is allowed, and nothing was sent."""
        self.pages.link(reference, client=client)
        return self.pages.declare("language.level", client=client, occasion=name)

    def _narrowed(self):
        """Part of it was taken back before anybody saw it; or it was never allowed."""
        self.pages.link("355A600001", client="K-2026-2001")
        scopes = ("language.level", "residence.status") if self.crowded else ("language.level",)
        declaration = self.pages.declare(*scopes, client="K-2026-2001")
        sent = self.pages.send(BOTH if self.crowded else LEVEL, client="K-2026-2001")["id"]
        if self.crowded:
            self.pages.revoke(declaration, ["residence.status"])
        return sent

    def _partly(self):
        """The record says more than the client allows; or there is no more."""
        self.pages.link("355A600002", client="K-2026-2002")
        self.pages.declare("language.level", client="K-2026-2002")
        more = STATUS | {"person": {"name": {"family": mark("partly"), "given": "x"}}}
        return self.pages.send(LEVEL | (more if self.crowded else {}), client="K-2026-2002")["id"]

    def _notice(self):
        self.pages.link("355A600003", client="K-2026-2003")
        declaration = self.pages.declare("language.level", client="K-2026-2003")
        sent = self.pages.send(LEVEL, client="K-2026-2003")["id"]
        liaison = self.pages.liaison()
        assert liaison.get(f"/pages/inbox/{sent}").status == 200
        liaison.post(f"/pages/inbox/{sent}/ack", follow=False)  # not on to the list, which would hand out whatever waits
        self.pages.revoke(declaration)

    def _received(self):
        """What the partner sent is known to it; what was taken of it is not."""
        for reference, record in (("355A500000", CONTACT), ("355A600009", PROPOSAL)):
            self.pages.post(message(JOBCENTER, reference, record))
        if self.crowded:
            self.pages.declare("contact_persons.jobcenter", client="K-2026-1000")
        self.pages.work()


def walked(office):
    """Have the liaison look at everything there is; give each answer by what was asked."""
    liaison, seen = office.pages.liaison(), {}

    def note(what, page):
        seen[what] = page
        return page

    for order in ("", "?order=newest"):
        first = note(f"inbox{order}", liaison.get(f"/pages/inbox{order}"))
        note(f"inbox{order} page two", first.follow("Weitere anzeigen"))
    (notice,) = [each for each in ids_on(seen["inbox page two"]) if each not in {*office.shown, office.narrowed, office.partly}]
    for name, item in (("message", office.shown[0]), ("narrowed", office.narrowed), ("partly", office.partly), ("notice", notice)):
        _look_at(note, liaison, name, f"/pages/inbox/{item}")
    _answer(note, liaison, f"/pages/inbox/{office.shown[0]}/answer/contact_persons.jobcenter")
    _search(note, liaison)
    for kind in HIDDEN:
        _look_at(note, liaison, kind, f"/pages/inbox/{office.hidden.get(kind, new_id())}")
    note("asked", liaison.post(f"/pages/inbox/{office.partly}/ask", {"scopes": "residence.status"}))
    note("given back", liaison.post(f"/pages/inbox/{office.narrowed}/reject", {"why": "already_known"}))
    note("acknowledged", liaison.post(f"/pages/inbox/{office.shown[1]}/ack"))
    for path in (
        "notifications",
        "account",
        "confirm",
        "nirgends",
        "inbox?after=x",
        "inbox?after=" + "A" * 60,
        "clients",
        "office",
        "desk",
    ):
        note(path, liaison.get(f"/pages/{path}"))
    note("notifications refused", liaison.post("/pages/notifications", {"notify": "at_once", "email": "x"}))
    note("trial", liaison.post("/pages/notifications/trial"))
    note("inbox afterwards", liaison.get("/pages/inbox"))
    return seen


def _look_at(note, liaison, name, path):
    for view in ("", "/print", "/pdf", "/file", "/answer", "/answer/appointments.upcoming", f"/answered/{new_id()}"):
        note(f"{name}{view.partition('/answered')[0] or view[:9]}", liaison.get(path + view))
    for act, fields in (("ack", {"x": ""}), ("reject", {"why": ""}), ("ask", {"x": ""}), ("end-of-use", {"answer": "nein"})):
        if act != "ack" or name in HIDDEN:
            note(f"{name} {act}", liaison.post(f"{path}/{act}", fields))


def _answer(note, liaison, path):
    typed = {"value-unit": "Team 412", "value-name-family": "Müßig", "value-channels-0-kind": "phone", "value-channels-0-value": "0715 1"}
    note("answer wrong", liaison.get(path).send("Weiter zur Durchsicht"))
    review = note("answer review", liaison.get(path).send("Weiter zur Durchsicht", **typed))
    note("answer sent", review.send("Antwort senden"))


def _search(note, liaison):
    for reference in ("355A500000", "355A600001", "355A600003", "355A999999", *(mark(f"r{kind}") for kind in HIDDEN)):
        note(f"search {reference}", liaison.post("/pages/search", {"reference": reference}))
    every = note("search all", liaison.post("/pages/search", {"purpose": "labour_market_integration"}))
    note("search all page two", every.send("Weitere anzeigen"))
    for field, text in (("scope", "person.name"), ("scope", "residence.status"), ("until", "2026-03-02"), ("since", "x"), ("after", "A")):
        note(f"search {field} {text}", liaison.post("/pages/search", {field: text}))


def bytes_of(page):
    """Give all of an answer that does not differ by chance."""
    headers = dict(page.headers)
    if headers.get("content-type") == "application/pdf":
        text = text_of(page.answer.content)
        headers.pop("content-length")  # the id in it is compressed with the rest
    else:
        text = page.answer.content.decode()
    parts = [text, *(f"{name}: {value}" for name, value in headers.items()), str(page.status), page.path]
    for pattern, instead in _MASKS:
        parts = [pattern.sub(instead, part) for part in parts]
    return tuple(parts)


def text_of(pdf):
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.fixture
def offices(tmp_path):
    """``offices(crowded)`` gives a world with or without those of whom the liaison learns nothing."""
    opened = []

    def made(*, crowded):
        folder = tmp_path / ("crowded" if crowded else "alone")
        folder.mkdir()
        (folder / "imgate.toml").write_text(CONFIG, encoding="utf-8")
        opened.append(open_gateway(load_settings(folder / "imgate.toml"), make_keys=True))
        return Office(Pages(opened[-1]), crowded=crowded)

    yield made
    for gateway in opened:
        gateway.close()


def differing(alone, crowded):
    """Name what the liaison sees otherwise in the one world than in the other."""
    assert alone.keys() == crowded.keys()
    return [what for what in alone if bytes_of(alone[what]) != bytes_of(crowded[what])]


def test_nobody_can_be_told_from_nobody(offices, caplog, capfd):
    caplog.set_level(logging.INFO)
    alone, crowded = walked(offices(crowded=False)), walked(offices(crowded=True))
    assert differing(alone, crowded) == []
    for what, page in crowded.items():
        typed = {mark(f"r{kind}") for kind in HIDDEN if what == f"search {mark(f'r{kind}')}"}
        content = page.answer.content
        text = text_of(content) if content.startswith(b"%PDF") else ""
        assert found_in(content + text.encode() + str(page.headers).encode()) <= typed, what
    out, err = capfd.readouterr()
    assert found_in(f"{out}{err}{caplog.text}".encode()) == set()


def test_the_walk_sees_what_it_is_to_compare(offices):
    """Every page of the liaison's is in it, answered as it should be: of nothing but errors nothing could be learned."""
    seen = walked(offices(crowded=True))
    statuses = {what: page.status for what, page in seen.items()}
    for what in ("inbox", "inbox page two", "message", "message/print", "message/pdf", "message/file", "partly", "narrowed/pdf", "notice"):
        assert statuses[what] == 200, what
    assert len(ids_on(seen["inbox"])) == 25
    assert len(ids_on(seen["inbox page two"])) == 5
    assert len(ids_on(seen["search 355A500000"])) == 1
    assert {statuses[f"{kind}{view}"] for kind in HIDDEN for view in ("", "/print", "/pdf", "/file", "/answer", " ack")} == {404}


def as_it_was(real):
    """Decide as of the moment in which a message was sent: what ended since then goes on being allowed."""
    return lambda tx, partner, client, item, at: real(tx, partner, client, item, item.exchange.created_at)


FAULTS = {
    "the list decides as of the past": lambda patch: patch.setattr(reading_list, "ground_of", as_it_was(reading_list.ground_of)),
    "what is dropped leaves a gap": lambda patch: patch.setattr(reading_list, "_MOST_PASSES", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_is_put_in_is_found(offices, monkeypatch, fault):
    FAULTS[fault](monkeypatch)
    assert differing(walked(offices(crowded=False)), walked(offices(crowded=True))) != []
