"""On paper leaves what would leave without it, and nothing else: at every place where a message is made, or made anew."""

import asyncio
import base64
import dataclasses
import re
import threading

import pytest

from imgate.codelists import CodeList, Column, Entry
from imgate.documents import message_paper
from imgate.exchange import boxes, outbound
from imgate.exchange.declarations.would_be import AnnexRequest, would_be_sent
from imgate.exchange.delivery import deliver_due
from imgate.exchange.ports import PaperFault
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.vocabulary.words import AttachmentKind
from tests.documents.declared import attached, pages, text_of
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, REFERENCE, ScriptedTransport
from tests.exchange.updating import DOCUMENTATION, JOBKRAFTWERK, LABOUR, Updating

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {"status": {"code": "1", "since": "2024-05-02"}},
    "needs": {"support": [{"field": "childcare", "text": "GEHEIM Kita-Platz"}]},
    "appointments": {"upcoming": [{"at": "2026-03-10T09:30:00+01:00", "with": "VHS Winnenden"}]},
}
SCOPES = ("language.level", "residence.status", "appointments.upcoming")


def takes_paper(world, *partners, paper=True):
    configured = {
        partner: dataclasses.replace(one, paper=paper) if partner in partners else one for partner, one in world.corridor.partners.items()
    }
    world.corridor = dataclasses.replace(world.corridor, partners=configured)


@pytest.fixture
def paper(world):
    world.link()
    takes_paper(world, JOBCENTER)
    return world


def content(item):
    return base64.b64decode(item["content"])


def without_id(message):
    return re.sub(rb"<e:messageId>[^<]*</e:messageId><e:createdAt>[^<]*<", b"<", message)


def test_what_leaves_is_a_pdf_with_the_message_that_would_leave_without(paper):
    paper.declare(*SCOPES)
    exchange = paper.send(RECORD)["id"]
    (item,) = paper.outbox()
    assert item["media_type"] == "application/pdf"
    message = attached(content(item))["message.xml"]
    assert exchange.encode() in message
    adapter = paper.corridor.partners[JOBCENTER].adapter
    assert adapter.forms["to_partner"].misfit(message, frozenset(SCOPES)) is None
    takes_paper(paper, JOBCENTER, paper=False)
    paper.send(RECORD)
    assert without_id(content(paper.outbox()[-1])) == without_id(message)


def test_what_was_not_released_is_nowhere_in_the_file(paper):
    paper.declare(*SCOPES)
    paper.send(RECORD)
    pdf = content(paper.outbox()[0])
    whole = text_of(pdf) + "".join(file.decode() for file in attached(pdf).values()) + pdf.decode("latin-1")
    assert "B1" in whole
    for secret in ("GEHEIM", "Kita", "Unterstützungsbedarf", CLIENT):
        assert secret not in whole


def test_another_partner_is_sent_its_own_format(paper):
    paper.link("ABH-17", partner=ABH)
    paper.declare("language.level", partner=ABH)
    paper.send(RECORD, partner=ABH)
    assert [item["media_type"] for item in paper.outbox(ABH)] == ["application/xml"]


@pytest.mark.parametrize(
    ("partner", "purpose", "file"), [(ABH, "residence_matters", "message.xml"), (JOBKRAFTWERK, DOCUMENTATION, "message.csv")]
)
def test_every_adapters_message_can_be_had_on_paper(paper, partner, purpose, file):
    takes_paper(paper, partner)
    paper.link("ABC-17", partner=partner)
    paper.declare("language.level", partner=partner, purposes=[purpose])
    paper.send(RECORD, partner=partner, purpose=purpose)
    (item,) = paper.outbox(partner)
    message = attached(content(item))[file]
    adapter = paper.corridor.partners[partner].adapter
    assert adapter.forms["to_partner"].misfit(message, frozenset({"language.level"})) is None
    assert "Deutsch-Test für Zuwanderer" in text_of(content(item))


def test_what_is_attached_to_the_message_lies_beside_it_in_the_paper(paper):
    partners = dict(paper.corridor.partners)
    partners[JOBCENTER] = dataclasses.replace(partners[JOBCENTER], attach=(AttachmentKind.DECLARATION_BUNDLE, AttachmentKind.CALENDAR))
    paper.corridor = dataclasses.replace(paper.corridor, partners=partners)
    declaration = paper.declare(*SCOPES)
    paper.send(RECORD)
    files = attached(content(paper.outbox()[0]))
    assert set(files) == {"message.xml", "appointments.ics", f"declaration-{declaration}.json"}
    for name in set(files) - {"message.xml"}:
        assert base64.b64encode(files[name]) in files["message.xml"]


def test_many_at_once_are_set_one_after_the_other(paper):
    paper.declare(*SCOPES)
    corridor, request = paper.corridor, paper.request(RECORD)

    async def one(number):
        async with corridor.cohort:
            return await outbound.send(corridor, paper.call(key=str(number)), request)

    async def all_of_them():
        return await asyncio.gather(*(one(number) for number in range(12)))

    assert [answer.status for answer in asyncio.run(all_of_them())] == [201] * 12
    assert {item["media_type"] for item in paper.outbox()} == {"application/pdf"}


def test_where_nothing_is_released_nothing_is_set(paper, monkeypatch):
    monkeypatch.setattr(message_paper, "typeset", None)
    paper.declare("person.name")
    assert paper.send(RECORD)["state"] == "withheld"
    assert "message" not in paper.preview(RECORD)


def test_a_preview_is_what_leaves_but_for_id_and_time(paper):
    paper.declare(*SCOPES)
    shown = paper.preview(RECORD)["message"]
    exchange = paper.send(RECORD)["id"]
    (item,) = paper.outbox()
    assert shown["media_type"] == item["media_type"] == "application/pdf"

    def bare(pdf, number, moment):
        return [page.replace(number, "…").replace(moment, "…") for page in pages(pdf)]

    assert bare(content(shown), "00000000-0000-0000-0000-000000000000", "01.01.1970, 01:00") == bare(
        content(item), exchange, "02.03.2026, 10:00"
    )
    files, sent = attached(content(shown)), attached(content(item))
    assert without_id(files["message.xml"]) == without_id(sent["message.xml"])
    assert set(files) == set(sent) == {"message.xml", "appointments.ics"}


def test_the_annex_shows_the_paper_that_would_leave(paper):
    declaration = paper.declare(*SCOPES, signed=False)
    looked_at = would_be_sent(paper.corridor, declaration, AnnexRequest.model_validate({"purpose": LABOUR, "record": RECORD}))
    assert looked_at.message.media_type == "application/pdf"
    assert "GEHEIM" not in text_of(looked_at.message.content)


def test_what_became_narrower_leaves_as_a_narrower_paper_of_the_same_number(paper):
    declaration = paper.declare(*SCOPES)
    exchange = paper.send(RECORD)["id"]
    before = content(paper.outbox()[0])
    paper.revoke(declaration, ["residence.status"])
    (item,) = [item for item in paper.outbox() if item["id"] == exchange]
    pdf = content(item)
    assert item["media_type"] == "application/pdf"
    assert "Aufenthaltserlaubnis" in text_of(before)
    assert "Aufenthalt" not in text_of(pdf)
    assert b"residence" not in attached(pdf)["message.xml"]
    assert f"Mitteilung {exchange}" in text_of(pdf)


def test_another_reference_makes_another_paper(paper):
    paper.declare(*SCOPES)
    paper.send(RECORD)
    paper.link("355A000816")
    text = text_of(content(paper.outbox()[0]))
    assert "Ihr Zeichen 355A000816" in text
    assert REFERENCE not in text


def test_what_still_holds_leaves_as_the_bytes_that_were_stored(paper, monkeypatch):
    paper.declare(*SCOPES)
    paper.send(RECORD)
    before = paper.outbox()
    monkeypatch.setattr(message_paper, "typeset", None)
    assert [content(item) for item in paper.outbox()] == [content(item) for item in before]


@pytest.mark.parametrize("first", [True, False])
def test_what_waits_keeps_its_form_when_the_partner_changes_its_mind(paper, first):
    """Its media type is on record, and the bytes that are built anew are of that type."""
    takes_paper(paper, JOBCENTER, paper=first)
    declaration = paper.declare(*SCOPES)
    paper.send(RECORD)
    takes_paper(paper, JOBCENTER, paper=not first)
    paper.revoke(declaration, ["residence.status"])
    (item,) = paper.outbox()
    assert (item["media_type"], content(item)[:5]) == (("application/pdf", b"%PDF-") if first else ("application/xml", b"<?xml"))
    assert b"residence" not in (attached(content(item))["message.xml"] if first else content(item))


@pytest.mark.parametrize("fault", [Refused(501, "papers_unavailable"), PaperFault()])
def test_a_revocation_holds_even_if_no_paper_can_be_set_any_more(paper, monkeypatch, fault):
    declaration = paper.declare(*SCOPES)
    exchange = paper.send(RECORD)["id"]

    def fails(*_, **__):
        raise fault

    monkeypatch.setattr(message_paper.MessagePaper, "_set", fails)
    assert paper.revoke(declaration, ["residence.status"])["cancelled"] == 1
    assert paper.outbox() == []
    assert paper.shown(exchange)["state"] == "cancelled"


def test_a_partner_that_is_handed_its_messages_gets_the_paper(paper):
    transport = ScriptedTransport()
    paper.by(transport)
    paper.declare(*SCOPES)
    exchange = paper.send(RECORD)["id"]
    asyncio.run(deliver_due(paper.corridor))
    (parcel,) = transport.parcels
    assert (parcel.message_id, parcel.media_type, parcel.content[:5]) == (exchange, "application/pdf", b"%PDF-")
    assert "message.xml" in attached(parcel.content)


def test_a_paper_is_rejected_and_acknowledged_as_any_message(paper):
    paper.declare(*SCOPES)
    first = paper.send(RECORD)["id"]
    paper.outbox()
    second = paper.send(RECORD)["id"]
    paper.outbox()
    boxes.outbox_ack(paper.corridor, paper.call(), JOBCENTER, first)
    boxes.outbox_reject(paper.corridor, paper.call(), JOBCENTER, second, RejectRequest(code="not_ours"))
    assert [paper.shown(one)["state"] for one in (first, second)] == ["acknowledged", "rejected"]


def test_an_update_sends_what_changed_on_paper(paper):
    update = Updating(paper)
    update.subscribe({JOBCENTER: {LABOUR: frozenset({"language.level", "residence.status"})}})
    paper.declare(*SCOPES)
    update(RECORD)
    paper.outbox()
    update(RECORD | {"language": {"level": {"cefr": "B2", "evidence": "dtz"}}})
    first, second = (text_of(content(item)) for item in paper.outbox())
    assert "B1" in first
    assert "Aufenthaltserlaubnis" in first
    assert "B2" in second
    assert "Aufenthaltserlaubnis" not in second


def test_a_digest_is_one_paper(paper):
    update = Updating(paper)
    update.subscribe({JOBCENTER: {LABOUR: frozenset({"language.level", "residence.status"})}}, digest=WeeklyDigest.of("friday 06:00"))
    paper.declare(*SCOPES)
    update({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    update({"residence": {"status": {"code": "1"}}})
    paper.later(days=7)
    (item,) = paper.outbox()
    text = text_of(content(item))
    assert "B1" in text
    assert "Aufenthaltserlaubnis" in text


def test_more_than_a_paper_can_hold_is_refused_and_nothing_is_stored(paper):
    paper.declare("needs.support")
    long = {"needs": {"support": [{"field": "language", "text": "x" * 1900}] * 60}}
    for asked in (paper.send, paper.preview):
        with pytest.raises(Refused, match="paper_too_long"):
            asked(long)
    assert paper.outbox() == []
    takes_paper(paper, JOBCENTER, paper=False)
    assert paper.send(long)["state"] == "queued"


def test_the_loop_does_not_set_papers(paper, monkeypatch):
    threads = []
    typeset = message_paper.typeset

    def noted(*args, **more):
        threads.append(threading.current_thread())
        return typeset(*args, **more)

    monkeypatch.setattr(message_paper, "typeset", noted)
    paper.declare(*SCOPES)
    paper.send(RECORD)
    assert [thread is threading.main_thread() for thread in threads] == [False]


def test_without_paper_nothing_of_it_is_asked(world):
    world.link()
    world.declare(*SCOPES)
    world.corridor = dataclasses.replace(world.corridor, presenter=None, typesetting=None)
    assert world.send(RECORD)["state"] == "queued"
    assert world.preview(RECORD)["message"]["media_type"] == "application/xml"
    assert world.outbox()


def test_codes_are_told_by_the_imported_lists_at_first_and_when_it_is_set_anew(paper):
    """Also in the transaction in which it is set anew: one that looked by another way could wait for itself."""
    uri = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit"
    entries = (Entry("475", "Syrien", None, {}),)
    imported = CodeList(uri, "1", f"{uri}_1", "Staatsangehörigkeiten", (Column("Schluessel", "Schlüssel"),), "Schluessel", None, entries)
    with paper.corridor.store.transaction() as tx:
        tx.code_lists.put(imported, "a" * 64, paper.now)
    declaration = paper.declare("person.nationality", *SCOPES)
    paper.send(RECORD | {"person": {"nationality": ["475", "998"]}})
    assert "Syrien; Schlüssel 998 der Liste „Staatsangehörigkeiten“" in text_of(content(paper.outbox()[0]))
    paper.revoke(declaration, ["residence.status"])
    assert "Syrien; Schlüssel 998 der Liste „Staatsangehörigkeiten“" in text_of(content(paper.outbox()[0]))
