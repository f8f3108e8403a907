"""The form says everything that a declaration must name (domain §2.2), in German and in the client's language, and nothing else."""

import hashlib
import json

import pypdfium2
import pytest
import rfc8785

from imgate.documents.clients_copy import Office
from imgate.documents.languages import LANGUAGES
from imgate.documents.runs import plain
from imgate.documents.wording import WordingUnknown, words_of
from imgate.record import CATALOGUE
from tests.documents.declared import CONTENT, attached, form_of, letters, pages, poppler_text, shown, structure, text_of

HOSTILE = """#panic("boom") $x^2$ @ref ] [ *bold* _it_ <label> \\ // `raw` {curly} {recipient} #import "/etc/passwd": x"""
SCOPES = list(CATALOGUE.scopes)


@pytest.mark.parametrize(
    "said",
    [
        "K-2026-0815",
        "Integrationsmanagement Winnenden",
        "Vera Beispiel",
        "Dr. Ömer Çelik",
        "Jobcenter Rems-Murr, Team 412",
        "gegenseitig von der Schweigepflicht (§ 203 StGB)",
        "§ 67b Abs. 2 SGB X",
        "Gegenseitig:",
        "Arbeit oder Ausbildung finden",
        "Deutsch lernen",
        "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst 2026",
        "Aufenthaltstitel besonders geschützt",
        "Ausländerbehörde Winnenden",
        "Vom 15.01.2026 bis einschließlich 31.12.2026",
        "Ich muss nicht unterschreiben",
        "Wenn ich nicht unterschreibe",
        "Ich kann jederzeit alles oder einzelne Angaben widerrufen",
        "widerruf@winnenden.example",
        "Ein Widerruf ändert daran nichts",
        "Dr. D. Schutz",
        "In welcher Sprache wurde mir alles erklärt?",
        "Klientin oder Klient",
        "Sorgeberechtigte Person",
        "Samir Haddad",
        "Mir wurde der ganze Text gezeigt",
        "Seite 1 von",
    ],
)
def test_it_names_what_makes_a_declaration_hold(said):
    assert said in text_of(form_of("de"))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_scope_is_found_in_both_languages(tag):
    pdf = form_of(tag, scopes=SCOPES)
    words = words_of("1", tag)
    for found in (letters(text_of(pdf)), letters(poppler_text(pdf) or text_of(pdf))):
        for scope in SCOPES:
            assert letters(plain(words.german.scope(scope)[0])) in found
            # Word by word: a reader of right-to-left text may put a German word before or behind its neighbours, or read backwards.
            for word in plain((words.other or words.german).scope(scope)[0]).split():
                assert letters(word) in found or letters(word)[::-1] in found, (scope, word)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_placeholder_and_no_missing_glyph_is_left(tag):
    text = text_of(form_of(tag, scopes=SCOPES, direction="from_partner"))
    assert "{" not in text
    assert "[U+" not in text
    assert "\ufffd" not in text


def test_what_is_permitted_one_way_is_said_one_way():
    there, back = text_of(form_of(direction="to_partner")), text_of(form_of(direction="from_partner"))
    assert "Zurück kommt nichts" in there
    assert "Gegenseitig" not in there + back
    # Who discloses stands first: with from_partner that is the partner's unit, and ours receives.
    assert "Wer darf Auskunft geben? Jobcenter Rems-Murr, Team 412" in back
    assert "Wer darf die Angaben erhalten? Integrationsmanagement Winnenden" in back
    assert "Wer darf Auskunft geben? Integrationsmanagement Winnenden" in there


@pytest.mark.parametrize(
    ("clauses", "absent"),
    [
        (["confidentiality_release"], "keine Einwilligung nach dem Datenschutzrecht"),
        (["data_protection_consent"], "keine Entbindung von der Schweigepflicht"),
    ],
)
def test_a_clause_that_is_not_there_is_said_to_be_absent(clauses, absent):
    assert absent in text_of(form_of(clauses=clauses))
    assert absent not in text_of(form_of())


def test_the_land_s_law_stands_in_the_clause_where_it_applies():
    text = text_of(form_of(wording="1-gdpr-land"))
    assert "mit dem Datenschutzgesetz des Landes" in text
    assert "SGB X" not in text


def test_information_that_was_not_given_is_printed_and_marked():
    assert "(nicht als erklärt vermerkt)" not in text_of(form_of())
    text = text_of(form_of(informed_of=["voluntariness"]))
    assert text.count("(nicht als erklärt vermerkt)") == 3
    assert "Ein Widerruf ändert daran nichts" in text


@pytest.mark.parametrize(
    ("roles", "lines", "beside"),
    [
        (["client"], 1, ""),
        (["guardian", "guardian"], 2, "Sorgeberechtigt als"),
        (["client", "betreuer"], 2, "Aufgabenkreis laut Beschluss"),
    ],
)
def test_each_role_that_has_to_sign_has_its_lines(roles, lines, beside):
    text = text_of(form_of(signers_required=roles))
    assert text.count("Name in Druckbuchstaben") == lines
    assert beside in text
    assert ("Aufgabenkreis" in text) is ("betreuer" in roles)
    assert ("Sorgeberechtigt als" in text) is ("guardian" in roles)


def test_nobody_who_interpreted_is_said_to_be_nobody_and_leaves_a_line():
    text = text_of(form_of(interpreter=None, signers_required=["client"]))
    assert "Es wurde niemand zum Dolmetschen angegeben" in text
    assert text.count("Name in Druckbuchstaben") == 2


def test_nothing_is_said_to_be_passed_on_where_nothing_is():
    assert "Nein. Es werden nur Angaben weitergegeben, die ich selbst gemacht habe." in text_of(form_of(onward_from=[]))


def test_it_is_the_same_sheet_before_and_after_it_was_signed():
    assert form_of(state="draft") == form_of(state="active")


def test_a_partner_that_is_not_configured_any_more_is_named_by_its_id():
    assert "gone-partner" in text_of(form_of(onward_from=["gone-partner"]))


@pytest.mark.parametrize(
    ("state", "mark"),
    [("revoked", "widerrufen oder ersetzt"), ("expired", "abgelaufen"), ("paused", "ruht")],
)
def test_every_page_says_where_a_form_does_not_hold(state, mark):
    assert all(mark in page for page in pages(form_of(state=state)))
    assert mark not in text_of(form_of(state="active"))


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "de"])
def test_every_page_says_that_the_translation_is_a_machine_draft(tag):
    assert all("Maschineller Übersetzungsentwurf" in " ".join(page.split()) for page in pages(form_of(tag)))


def test_german_alone_is_no_draft_of_a_translation():
    assert "Übersetzungsentwurf" not in text_of(form_of("de"))


def test_the_digest_is_that_of_the_file_inside():
    declared = shown()
    pdf = form_of()
    inside = attached(pdf)["declaration.json"]
    assert inside == rfc8785.dumps(CONTENT)
    assert hashlib.sha256(inside).hexdigest() == declared["digest"]
    text = text_of(pdf).replace(" ", "")
    assert declared["digest"] in text
    assert json.loads(inside) == CONTENT


def test_hostile_text_is_printed_as_it_is():
    text = text_of(form_of("ar", occasion=HOSTILE, discloser={"unit": HOSTILE, "persons": [HOSTILE]}, recipient=HOSTILE, client="K#1"))
    assert text.replace(" ", "").count(HOSTILE.replace(" ", "")) >= 4


def test_what_has_no_glyph_or_turns_the_text_is_shown_by_its_number():
    text = text_of(form_of(occasion="Der Anlass ist 漢字 \U0001f600 und \u202everkehrt herum\u2066 \ue000"))
    for number in ("[U+6F22]", "[U+5B57]", "[U+1F600]", "[U+202E]", "[U+2066]", "[U+E000]"):
        assert number in text


def test_an_occasion_of_blank_lines_says_how_many_there_are():
    text = text_of(form_of(occasion="Anfang" + "\n" * 1900 + "Ende"))
    assert "Anfang [U+000A × 1900] Ende" in text
    assert len(pages(form_of(occasion="Anfang" + "\n \n" * 600 + "Ende"))) == len(pages(form_of(occasion="Anfang\n\n\nEnde")))


def test_a_tower_of_marks_is_not_drawn_through_other_lines():
    text = letters(text_of(form_of(occasion="A" + "\u0301\u0323" * 30 + " Ende")))
    assert text.count("U0301") == text.count("U0323") == 28


def test_a_hidden_character_is_shown():
    text = text_of(form_of(occasion="Ver\u200bmitt\u00adlung\ufe0f"))
    assert "Ver[U+200B]mitt[U+00AD]lung[U+FE0F]" in text


def test_a_form_as_long_as_one_can_be_keeps_its_layout():
    persons = [f"Person {number} mit einem recht langen Namen-Doppelnamen" for number in range(50)]
    pdf = form_of(
        "ar",
        scopes=SCOPES,
        discloser={"unit": "U" * 200, "persons": persons},
        occasion="Wort " * 400,
        recipient="Ohneleerzeichen" * 13,
        signers_required=["client"] * 5 + ["guardian"] * 5 + ["betreuer"] * 10,
    )
    text = text_of(pdf)
    assert all(person.replace("-", "") in text.replace("-", "") for person in persons)
    assert text.count("Druckbuchstaben") == 20
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            for thing in page.get_objects(max_depth=4):
                left, bottom, right, top = thing.get_bounds()
                assert left >= 0
                assert bottom >= 0
                assert right <= width
                assert top <= height


def test_it_is_tagged_and_each_column_has_its_language():
    elements = structure(form_of("prs"))
    kinds = {kind for kind, _ in elements}
    assert {"/H1", "/P", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    assert "fa-AF" in {language for _, language in elements}
    assert {language for _, language in structure(form_of("de"))} <= {None, "de", "de-DE"}


def test_the_same_declaration_is_the_same_bytes():
    assert form_of("ar") == form_of("ar")
    assert form_of("ar") != form_of("ar", nonce="ff" * 16)


def test_a_wording_of_another_release_is_refused():
    for wording in ("2", "1-other", "1-sgb-x", "..", "1-", "x"):
        with pytest.raises(WordingUnknown):
            words_of(wording, "de")


def test_an_office_without_settings_leaves_no_empty_labels():
    text = text_of(form_of(office=Office()))
    assert "So erreiche ich die Stelle" not in text
    assert "Datenschutzbeauftragte" not in text
