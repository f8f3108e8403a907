"""A message on paper shows what was released and nothing else, and carries the message itself."""

import base64
import copy
import dataclasses
import json
import re

import pytest

from imgate.conformance.released import release
from imgate.documents import message_paper
from imgate.documents.laid_out import Said, laid_out
from imgate.documents.message_paper import MessagePaper
from imgate.documents.typesetting import PapersUnavailable
from imgate.exchange.code_lists import NoNames
from imgate.exchange.ports import PaperFault
from imgate.exchange.refusals import Refused
from imgate.plugin_api import Attachment, Release, ReleasedRecord
from imgate.record import CATALOGUE
from imgate.vocabulary.words import AttachmentKind, Purpose
from tests.documents.declared import attached, pages, structure, text_of
from tests.documents.papered import BERLIN, ID, PAPER, adapter, ceiling, envelope, made, metadata, outline, paper_of, record

FULL, SPARSE = record("full"), record("sparse")
HOSTILE = """#panic("boom") $x^2$ @ref ] [ *bold* _it_ <label> \\ // `raw` = heading {curly} "quote" ~"""
_SAID = {Said.YES: "ja", Said.NO: "nein", Said.EMPTY: "keine Angabe"}
# Words of closed lists that are also names of elements.
_WORDS = {"phone", "language"}


def bare(text):
    """Take out everything that setting a text may add or take away: blanks, and hyphens at the end of a line."""
    return re.sub(r"-?[\x02\ufffe\u00ad]|[\s\u200b]", "", text)


def shows(pdf, *texts):
    text = bare("".join(pages(pdf)))
    return [wanted for wanted in texts if bare(wanted) not in text] == []


def texts_in(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []


# ---- What stands on it ----


def test_it_says_who_writes_to_whom_about_whom_what_for_and_when():
    assert shows(
        paper_of(SPARSE),
        "Von Integrationsmanagement Winnenden",
        "An Jobcenter Rems-Murr, Team 412",
        "Ihr Zeichen 355A123456",
        "Zweck Arbeit oder Ausbildung finden",
        "Datum 02.03.2026, 10:00 Uhr",
        f"Nummer der Mitteilung {ID}",
    )


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_plain_german(purpose):
    text = text_of(paper_of(SPARSE, about=envelope(purpose=purpose.value)))
    assert purpose.value not in text


@pytest.mark.parametrize("name", ["full", "sparse"])
def test_every_released_scope_stands_in_it_with_its_label_and_values(name):
    case = record(name)
    released = release(case, ceiling())
    pdf = paper_of(case)
    for scope in released.releases:
        section, _, item = scope.partition(".")
        assert shows(pdf, CATALOGUE.section_labels[section], CATALOGUE.scopes[scope].label)
        if scope != "appointments.upcoming":  # written by the clock here, see below
            for line in laid_out(scope, released.record[section][item]):
                content = line.content if line.content is None or isinstance(line.content, Said) or len(line.content) > 3 else None
                assert shows(pdf, line.label or "", _SAID.get(content, content or "")), scope


def test_the_scopes_stand_in_the_order_of_the_catalogue():
    backwards = dict(reversed([(section, dict(reversed(items.items()))) for section, items in FULL.items()]))
    assert outline(paper_of(backwards)) == outline(paper_of(FULL))
    sections = [
        label
        for section, label in CATALOGUE.section_labels.items()
        if any(f"{section}.{item}" in ceiling() for item in FULL.get(section, {}))
    ]
    assert outline(paper_of(FULL)) == [*sections, "Was für diese Angaben gilt"]


def test_codes_are_told_in_words():
    assert shows(paper_of(FULL), "Aufenthaltserlaubnis", "Deutsch-Test für Zuwanderer", "nur mit Erlaubnis der Ausländerbehörde")


def test_a_code_of_a_published_list_is_told_by_its_name_where_somebody_knows_it():
    class Names:
        def name(self, uri, version, code):
            return "Syrien" if uri.endswith(":staatsangehoerigkeit") and code == "432" else None

    assert shows(
        made(FULL, "person.nationality", names=Names())[1].content,
        "Syrien; Schlüssel 997 der Liste „Staatsangehörigkeiten“, Name hier nicht bekannt",
    )


def test_nothing_is_told_as_nothing():
    pdf = paper_of(SPARSE, "family.household", "education.school", "person.name")
    assert shows(pdf, "Haushalt keine", "Schulbildung keine Angabe", "Familienname keine Angabe")


def test_each_scope_says_where_it_came_from_who_tells_and_until_when():
    assert (
        text_of(paper_of(SPARSE, "language.level")).count(
            "Herkunft: betroffene Person · Auskunft durch Integrationsmanagement Winnenden · Erlaubnis bis 31.12.2026"
        )
        == 1
    )


def from_partner(origin):
    """Release one scope that came from a partner."""
    released = release({"residence": {"status": {"code": "1"}}}, {"residence.status"})
    under = Release("Integrationsmanagement Winnenden", origin, "2026-06-30")
    return ReleasedRecord(released.record, {"residence.status": under})


@pytest.mark.parametrize(("origin", "named"), [("abh-winnenden", "Ausländerbehörde Winnenden"), ("unknown-1", "unknown-1")])
def test_what_came_from_a_partner_names_it_as_it_is_called_here(origin, named):
    released = from_partner(origin)
    message = adapter().validate(adapter().translate(released, envelope()))
    text = text_of(PAPER.present(message, released, envelope(), NoNames()).content)
    assert f"Herkunft: {named} · Auskunft durch Integrationsmanagement Winnenden · Erlaubnis bis 30.06.2026" in text


@pytest.mark.parametrize(
    ("wording", "said", "unsaid"), [("1", "§§ 76, 78 SGB X", "DSGVO"), ("1-gdpr-land", "Art. 5 Abs. 1 Buchst. b DSGVO", "SGB X")]
)
def test_it_says_what_holds_for_the_reader_by_the_regime(wording, said, unsaid):
    text = text_of(paper_of(SPARSE, "language.level", paper=MessagePaper(wording, {}, BERLIN))).replace("\u00a0", " ")
    for sentence in ("§ 203 StGB", "Zweckbindung", "§ 88 Abs. 2 AufenthG", "jederzeit widerrufen", said):
        assert sentence in text
    assert unsaid not in text


@pytest.mark.parametrize(
    ("at", "written"),
    [
        ("2026-02-17T09:30:00Z", "17.02.2026, 10:30 (UTC+01:00)"),
        ("2026-07-17T09:30:00.123456789-05:00", "17.07.2026, 16:30 (UTC+02:00)"),
        ("9999-12-31T23:30:00-14:00", "31.12.9999, 23:30 (UTC-14:00)"),
    ],
)
def test_appointments_are_told_by_the_clock_here(at, written):
    assert shows(paper_of({"appointments": {"upcoming": [{"at": at, "with": "Jobcenter"}]}}), written)


def test_every_page_bears_the_message_its_number_and_the_notice():
    read = [re.sub(r"\s+", " ", page).replace("\u00a0", " ") for page in pages(paper_of(FULL))]
    assert len(read) > 3
    for number, page in enumerate(read, start=1):
        assert f"Mitteilung {ID}" in page
        assert f"Seite {number} von {len(read)}" in page
        assert "Diese Angaben unterliegen der Schweigepflicht (§ 203 StGB)" in page


# ---- What does not ----


@pytest.mark.parametrize("scope", release(FULL, ceiling()).releases)
def test_of_one_scope_alone_nothing_of_the_others_is_in_the_file(scope):
    """In the text, in the files inside, in what the PDF says about itself; compressed or not."""
    case = copy.deepcopy(FULL)
    section, _, item = scope.partition(".")
    message, paper = made(case, scope)
    assert paper.scopes == message.scopes == {scope}
    whole = "".join([*pages(paper.content), metadata(paper.content), *(content.decode() for content in attached(paper.content).values())])
    term = "2026-12-31"
    allowed = json.dumps(case[section][item], ensure_ascii=False) + json.dumps(dataclasses.asdict(envelope())) + term
    others = [
        text for other, items in case.items() for name, value in items.items() if f"{other}.{name}" != scope for text in texts_in(value)
    ]
    secrets = {text for text in others if len(text) > 4 and text not in allowed} - _WORDS
    assert len(secrets) > 60
    assert [secret for secret in secrets if bare(secret) in bare(whole)] == []
    assert outline(paper.content) == [CATALOGUE.section_labels[section], "Was für diese Angaben gilt"]
    assert text_of(paper.content).count("Herkunft:") == 1


def test_the_clients_own_reference_is_nowhere():
    pdf = paper_of(FULL)
    assert "K-2026" not in text_of(pdf) + metadata(pdf)


def test_nothing_personal_stands_in_what_the_pdf_says_about_itself():
    said = metadata(paper_of(FULL))
    assert [text for text in texts_in(FULL) if len(text) > 4 and text in said] == []
    assert "355A123456" not in said
    assert "Vertrauliche Mitteilung" in said


def test_a_message_of_other_scopes_than_were_released_is_not_set():
    message, _ = made(FULL, "language.level")
    with pytest.raises(PaperFault):
        PAPER.present(message, release(FULL, {"language.level", "person.name"}), envelope(), NoNames())


# ---- The files inside ----


@pytest.mark.parametrize("name", ["full", "sparse"])
def test_the_message_itself_is_inside_byte_for_byte(name):
    message, paper = made(record(name))
    assert paper.media_type == "application/pdf"
    assert set(attached(paper.content)) == {"message.xml", "appointments.ics"}
    assert attached(paper.content)["message.xml"] == message.content
    assert shows(paper.content, "„message.xml“", "„appointments.ics“")


def test_without_appointments_there_is_no_calendar():
    pdf = paper_of(FULL, "language.level")
    assert set(attached(pdf)) == {"message.xml"}
    assert not shows(pdf, "appointments.ics")


def test_what_is_attached_to_the_message_is_inside_as_a_file_and_only_once():
    calendar = Attachment(AttachmentKind.CALENDAR, "appointments.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    bundle = Attachment(AttachmentKind.DECLARATION_BUNDLE, "declaration-1.json", "application/json", b'{"a":1}')
    message, paper = made(SPARSE, about=envelope(attachments=(calendar, bundle)))
    files = attached(paper.content)
    assert files == {"message.xml": message.content, "appointments.ics": calendar.content, "declaration-1.json": bundle.content}
    assert base64.b64encode(bundle.content) in message.content
    assert shows(paper.content, "der Nachweis der Erlaubnis (Datei „declaration-1.json“")


@pytest.mark.parametrize("kind", AttachmentKind)
def test_there_are_words_for_every_kind_of_attachment(kind):
    assert kind.value in message_paper._words()["files"]


# ---- How it is set ----


def test_the_same_message_is_the_same_bytes():
    assert paper_of(FULL) == paper_of(FULL)


def test_another_message_of_the_same_data_differs_in_its_id_and_time_only():
    one, other = pages(paper_of(FULL)), pages(paper_of(FULL, about=envelope(message_id=ID[:-1] + "2", created_at="2026-03-03T10:30:00Z")))
    same = [page.replace(ID[:-1] + "2", ID).replace("03.03.2026, 11:30", "02.03.2026, 10:00") for page in other]
    assert same == one


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "Kurs 🙂 中文", "vor\u202e hinten \u2066rechts", "x" * 1900, "ሰላም مرحبا Привет", "a\u0301\u0301\u0301\u0301\u0301\u0301"],
)
def test_hostile_text_is_shown_as_text(text):
    case = {
        "needs": {"support": [{"field": "language", "text": text}]},
        "appointments": {"upcoming": [{"at": "2026-02-17T09:30:00Z", "with": text}]},
    }
    pdf = paper_of(case)
    shown = laid_out("needs.support", case["needs"]["support"])[2].content
    assert structure(pdf)
    if text == HOSTILE or text.isascii():
        assert shows(pdf, shown)
    assert "\u202e" not in "".join(pages(pdf))
    if "🙂" in text:
        assert shows(pdf, "Kurs [U+1F642] [U+4E2D][U+6587]")
    if "\u202e" in text:
        assert shows(pdf, "vor[U+202E] hinten [U+2066]rechts")


def test_hostile_names_and_references_are_shown_as_text():
    about = envelope(sender=HOSTILE, recipient=f"{HOSTILE} 2", reference="\u202e#x[]\U0001f642")
    assert shows(paper_of(SPARSE, "language.level", about=about), HOSTILE, f"{HOSTILE} 2", "Ihr Zeichen [U+202E]#x[][U+1F642]")


def test_a_braces_in_a_value_is_no_placeholder():
    case = {"needs": {"support": [{"field": "language", "text": "{origin} {file} {until}"}]}}
    assert shows(paper_of(case), "{origin} {file} {until}")


def many(count):
    return {"needs": {"support": [{"field": "language", "text": f"Bedarf Nummer {number}"} for number in range(count)]}}


def test_a_record_of_many_pages_is_shown_whole():
    pdf = paper_of(many(200))
    assert len(pages(pdf)) >= 10
    assert shows(pdf, *(f"Bedarf Nummer {number}" for number in range(200)))


def test_many_appointments_are_shown_and_can_be_imported():
    upcoming = [{"at": f"2026-02-{1 + number % 28:02}T09:30:00Z", "with": f"Stelle {number}", "bring": ["Pass"]} for number in range(150)]
    pdf = paper_of({"appointments": {"upcoming": upcoming}})
    assert shows(pdf, *(f"Stelle {number}" for number in range(150)))
    assert attached(pdf)["appointments.ics"].count(b"BEGIN:VEVENT") == 150


@pytest.mark.parametrize("case", [many(1000), {"needs": {"support": [{"field": "language", "text": "\u200b" * 2000}] * 7}}])
def test_more_than_a_paper_can_show_is_refused_before_it_is_set(case, monkeypatch):
    monkeypatch.setattr(message_paper, "typeset", None)
    with pytest.raises(Refused, match="paper_too_long") as refused:
        paper_of(case)
    assert (refused.value.status, [problem.pointer for problem in refused.value.problems]) == (422, ["/record"])


def test_more_than_a_partner_can_fetch_is_refused(monkeypatch):
    monkeypatch.setattr(message_paper, "MAX_MESSAGE_BYTES", 20_000)
    with pytest.raises(Refused, match="paper_too_long"):
        paper_of(FULL)


def test_without_the_extra_it_says_so(monkeypatch):
    def unavailable(*_, **__):
        raise PapersUnavailable

    monkeypatch.setattr(message_paper, "typeset", unavailable)
    with pytest.raises(Refused, match="papers_unavailable"):
        paper_of(SPARSE)


def test_what_the_typesetter_says_is_neither_kept_nor_chained(monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("GEHEIM")

    monkeypatch.setattr(message_paper, "typeset", fails)
    with pytest.raises(PaperFault) as fault:
        paper_of(SPARSE)
    assert (str(fault.value), fault.value.__cause__, fault.value.__context__) == ("", None, None)


def test_no_content_stands_in_the_repr():
    _, paper = made(SPARSE)
    assert "Omid" not in repr(paper)
    assert len(repr(paper)) < 600


def test_it_is_tagged_for_screen_readers():
    kinds = {kind for kind, _ in structure(paper_of(SPARSE))}
    assert {"/Title", "/H1"} <= kinds
    assert outline(paper_of(SPARSE, "person.name"))[-2:] == ["Person", "Was für diese Angaben gilt"]


def test_every_word_of_its_own_is_used():
    words = message_paper._words()
    used = {*message_paper._LABELS, "title", "mark", "moment", "yes", "no", "empty", "self", "source", "foot"}
    used |= {"confidentiality", "aliens_authority", "revocation", "purpose_binding", "files"}
    assert set(words) == used
