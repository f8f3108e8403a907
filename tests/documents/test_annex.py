"""The annex: each released scope stands in it, no withheld value does, and the message is printed and attached as it would leave."""

import dataclasses
import hashlib
import io
import json
import re

import pikepdf
import pypdfium2
import pytest

from imgate.documents.annex import annex
from imgate.documents.languages import LANGUAGES
from imgate.documents.wording import words_of
from imgate.exchange.declarations.would_be import AnnexRequest, WouldBeMessage, would_be_sent
from imgate.exchange.refusals import Refused
from tests.documents.worlds import opened
from tests.exchange.conftest import CLIENT

PURPOSE = "labour_market_integration"
DECLARED = (
    "person.name",
    "contact.address",
    "contact_persons.integration_management",
    "language.level",
    "language.course",
    "education.recognition",
    "work.status",
    "work.job_search",
    "plan.steps",
    "appointments.upcoming",
)
HOSTILE = """#panic("boom") $x^2$ @ref ] [ *bold* _it_ <label> \\ // `raw` = heading {curly} "quote" ~"""


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        world.link()
        yield world


@pytest.fixture
def sample(samples):
    return json.loads((samples / "K-2026-1101.json").read_text(encoding="utf-8"))


def shown(world, record, *scopes, purpose=PURPOSE, signed=False, **more):
    declaration = world.declare(*scopes, signed=signed, **more)
    return would_be_sent(world.corridor, declaration, AnnexRequest.model_validate({"purpose": purpose, "record": record}))


def pages(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def text_of(pdf):
    return "\n".join(pages(pdf)).replace("\r\n", "\n")


def bare(text):
    """Take out everything that setting a text may add or take away: blanks, and hyphens at the end of a line."""
    return re.sub(r"-?[\x02\ufffe]|[\s\u200b]", "", text)


def attached(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}


def words_in(value):
    """Yield what stands in a value: its texts, wherever they are."""
    if isinstance(value, dict):
        for part in value.values():
            yield from words_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from words_in(part)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_released_scope_stands_in_it_and_no_withheld_value(world, sample, tag):
    looked_at = shown(world, sample, *DECLARED)
    assert set(looked_at.origins) == set(DECLARED)
    pdf = annex(looked_at, words_of("1", tag))
    text, german = bare(text_of(pdf)), words_of("1", "de").german
    for scope in looked_at.origins:
        assert all(word in text for word in german.scope(scope)[0][0].split()), scope
        section, _, item = scope.partition(".")
        for written in words_in(looked_at.record[section][item]):
            assert bare(written.replace("\n", "")) in text or re.fullmatch(r"[0-9:TZ+.-]+", written), scope
    released = bare(json.dumps(looked_at.record, ensure_ascii=False)) + bare(looked_at.message.content.decode())
    withheld = [sample[scope.partition(".")[0]][scope.partition(".")[2]] for scope, _ in looked_at.withheld]
    secrets = {word for value in withheld for word in words_in(value) if len(word) > 5 and bare(word) not in released}
    assert len(secrets) > 40
    held = text + "".join(content.decode("utf-8", "replace") for content in attached(pdf).values())
    assert not [secret for secret in secrets if bare(secret) in held]


@pytest.mark.parametrize("tag", ["en", "fr", "uk", "ru", "tr", "ti", "so"])
def test_the_names_of_the_scopes_stand_in_the_clients_language_too(world, sample, tag):
    """Word by word: two columns are read line by line. Right-to-left text is looked at on the pictures."""
    looked_at = shown(world, sample, *DECLARED)
    words = words_of("1", tag)
    text = bare(text_of(annex(looked_at, words)))
    for scope in [*looked_at.origins, *(scope for scope, _ in looked_at.withheld)]:
        name = "".join(run if isinstance(run, str) else run["t"] for run in words.other.scope(scope)[0])
        assert all(word in text for word in name.split()), scope


def test_what_is_withheld_stands_there_with_its_reason_in_words(world):
    record = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "health": {"constraints": {"text": "GEHEIM"}}}
    text = text_of(annex(shown(world, record, "language.level"), words_of("1", "de")))
    assert "Gesundheitliche Einschränkungen" in text
    assert "Diese Angabe ist gesperrt" in text
    assert "GEHEIM" not in text
    assert "scope_closed" not in text


def test_the_message_is_printed_and_attached_byte_for_byte(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    pdf = annex(looked_at, words_of("1", "ar"))
    assert attached(pdf) == {"message.xml": looked_at.message.content}
    assert bare(looked_at.message.content.decode()) in bare(text_of(pdf))
    assert hashlib.sha256(looked_at.message.content).hexdigest() in bare(text_of(pdf))


def test_text_of_a_client_is_never_read_as_markup(world):
    record = {"work": {"job_search": {"occupations": [HOSTILE], "declined_employers": []}}}
    pdf = annex(shown(world, record, "work.job_search", occasion=f"Vermittlung {HOSTILE}"), words_of("1", "fa"))
    assert bare(HOSTILE) in bare(text_of(pdf))


def test_what_no_font_has_is_shown_by_its_number(world):
    record = {"needs": {"support": [{"field": "language", "text": "Kurs 🙂 中文"}]}}
    text = bare(text_of(annex(shown(world, record, "needs.support"), words_of("1", "de"))))
    assert "Kurs[U+1F642][U+4E2D][U+6587]" in text


def test_a_table_of_windows_is_read_as_one(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    table = WouldBeMessage("text/csv", "Vorname;Ort\r\nGüli;Großbottwar\r\n".encode("cp1252"))
    pdf = annex(dataclasses.replace(looked_at, message=table), words_of("1", "de"))
    assert "Güli;Großbottwar" in text_of(pdf)
    assert attached(pdf) == {"message.csv": table.content}


def test_what_is_no_text_is_told_by_type_size_and_digest(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    workbook = WouldBeMessage("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04" + bytes(range(256)))
    pdf = annex(dataclasses.replace(looked_at, message=workbook), words_of("1", "de"))
    text = bare(text_of(pdf))
    assert "spreadsheetml.sheet,260Byte" in text
    assert hashlib.sha256(workbook.content).hexdigest() in text
    assert bare("lässt sich nicht Zeichen für Zeichen abdrucken") in text
    assert attached(pdf) == {"message.xlsx": workbook.content}


def test_of_a_long_message_the_beginning_is_printed_and_the_whole_attached(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    long = WouldBeMessage("application/xml", b"<a>" + b"x" * 60_000 + b"ENDE</a>")
    pdf = annex(dataclasses.replace(looked_at, message=long), words_of("1", "de"))
    assert "Abgedruckt ist nur der Anfang" in text_of(pdf)
    assert "ENDE" not in text_of(pdf)
    assert attached(pdf)["message.xml"] == long.content


def support(*texts):
    return {"needs": {"support": [{"field": "language", "text": text} for text in texts]}}


@pytest.mark.parametrize(
    "texts",
    [
        ("xxx",) * 2000,
        ("x" * 2000,) * 60,
        ("a" + "\n" * 1950 + "a",) * 2,
        ("a\n" * 400 + "a",) * 5,
        ("\u200b" * 2000,) * 7,
    ],
    ids=["entries", "letters", "line feeds", "lines", "numbers of hidden characters"],
)
def test_more_than_a_paper_can_show_is_refused_before_it_is_set(world, monkeypatch, texts):
    monkeypatch.setattr("imgate.documents.annex.typeset", None)
    with pytest.raises(Refused, match="annex_too_long"):
        annex(shown(world, support(*texts), "needs.support"), words_of("1", "de"))


def test_blank_lines_are_told_by_their_number(world):
    text = bare(text_of(annex(shown(world, support("oben" + "\n" * 500 + "unten\n\n\nganz unten"), "needs.support"), words_of("1", "de"))))
    assert "oben[U+000A×500]unten" in text
    assert text.count("[U+000A") == 1


def test_of_a_message_of_many_lines_the_beginning_is_printed(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    for lines, is_cut in ((999, False), (1001, True)):
        long = WouldBeMessage("text/csv", b"\r\n".join(b"Zeile%d" % number for number in range(lines)) + b"\r\nENDE")
        pdf = annex(dataclasses.replace(looked_at, message=long), words_of("1", "de"))
        text = text_of(pdf)
        assert ("ENDE" in text, "Abgedruckt ist nur der Anfang" in text) == (not is_cut, is_cut)
        assert attached(pdf)["message.csv"] == long.content


def test_hidden_characters_of_a_message_take_no_more_room_than_others(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    hidden = WouldBeMessage("text/csv", ("\u200b" * 20_000).encode())
    text = bare(text_of(annex(dataclasses.replace(looked_at, message=hidden), words_of("1", "de"))))
    assert 4_900 < text.count("[U+200B]") <= 5_000
    assert "AbgedrucktistnurderAnfang" in text


def test_where_nothing_would_be_sent_it_says_so_and_attaches_nothing(world):
    pdf = annex(shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "residence.status"), words_of("1", "de"))
    text = text_of(pdf)
    assert "Es würde nichts gesendet." in text
    assert "Steht nicht in der Erklärung" in text
    assert "B1" not in text
    assert attached(pdf) == {}


def test_a_draft_is_marked_on_every_page_and_what_is_signed_is_not(world, sample):
    mark = "Entwurf: gilt erst mit allen Unterschriften"
    draft = pages(annex(shown(world, sample, *DECLARED), words_of("1", "de")))
    assert len(draft) > 1
    assert all(mark in page for page in draft)
    assert mark not in text_of(annex(shown(world, sample, *DECLARED, signed=True), words_of("1", "de")))


def test_origin_and_reference_stand_in_it(world):
    declaration = world.declare("residence.status", signed=False, onward_from=["abh-winnenden"])
    asked = {"purpose": PURPOSE, "record": {"residence": {"status": {"code": "1"}}}, "provenance": {"residence.status": "abh-winnenden"}}
    pdf = annex(would_be_sent(world.corridor, declaration, AnnexRequest.model_validate(asked)), words_of("1", "de"))
    text = text_of(pdf)
    assert "Ausländerbehörde Winnenden" in text
    assert "355A000815" in text
    assert "Aufenthaltserlaubnis" in text


def test_the_same_annex_is_the_same_bytes(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    assert annex(looked_at, words_of("1", "prs")) == annex(looked_at, words_of("1", "prs"))


def test_the_paper_names_its_declaration(world):
    looked_at = shown(world, {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, "language.level")
    text = bare(text_of(annex(looked_at, words_of("1", "de"))))
    assert CLIENT in text
    assert looked_at.shown["digest"][:16] in text
