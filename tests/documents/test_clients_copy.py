"""The client's copy says what was allowed and how it stands today, who signed, how it is revoked, and carries both files."""

import hashlib
import io
import json
import re

import pikepdf
import pypdfium2
import pytest

from imgate.documents.clients_copy import Office, clients_copy
from imgate.documents.consent_record import consent_record
from imgate.documents.languages import LANGUAGES
from imgate.documents.wording import words_of
from imgate.exchange.declarations.course import course_of
from tests.documents.worlds import opened
from tests.exchange.conftest import ABH

OFFICE = Office(("Marktplatz 1, 71364 Winnenden", "+49 7195 13-0"), "Dr. D. Schutz")
HOSTILE = """#panic("boom") $x^2$ @ref ] [ *bold* _it_ <label> \\ // `raw` {curly}"""


@pytest.fixture
def world(tmp_path):
    with opened(tmp_path) as world:
        yield world


def copy_of(world, declaration, tag="de", office=OFFICE):
    return clients_copy(course_of(world.corridor, declaration), words_of("1", tag), office)


def pages(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def text_of(pdf):
    return re.sub(r"-?[\x02\ufffe]\s*|\s+", lambda found: "" if "\x02" in found[0] or "\ufffe" in found[0] else " ", " ".join(pages(pdf)))


def attached(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}


def test_it_says_what_was_allowed_to_whom_what_for_and_how_long(world):
    text = text_of(copy_of(world, world.declare("language.level", "residence.status", onward_from=[ABH])))
    for said in (
        "Kopie für mich: was ich erlaubt habe",
        "Jobcenter Rems-Murr, Team 412",
        "Integrationsmanagement Winnenden",
        "Vera Beispiel",
        "gegenseitig von der Schweigepflicht",
        "Ich willige ein",
        "Arbeit oder Ausbildung finden",
        "Vermittlung in die Ausbildung zur Pflegefachkraft",
        "Sprachniveau",
        "Aufenthaltsstatus",
        "Ausländerbehörde Winnenden",
        "Vom 15.01.2026 bis einschließlich 31.12.2026",
    ):
        assert said in text, said


def test_where_only_the_partner_gives_it_is_the_one_who_may_tell(world):
    text = text_of(copy_of(world, world.declare("language.level", direction="from_partner")))
    assert "Wer darf die Angaben erhalten? Integrationsmanagement Winnenden namentlich Vera Beispiel" in text
    assert "Wer darf Auskunft geben? Jobcenter Rems-Murr, Team 412" in text


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_scope_stands_in_it_in_every_language_that_there_is(world, tag):
    scopes = ["language.level", "residence.status", "work.status", "family.household", "contact_persons.jobcenter", "plan.goals"]
    pdf = copy_of(world, world.declare(*scopes), tag)
    words, text = words_of("1", tag), text_of(pdf)
    for scope in scopes:
        assert all(word in text for word in words.german.scope(scope)[0][0].split()), scope
        if words.other is not None and not words.other.language.right_to_left:
            name = "".join(run if isinstance(run, str) else run["t"] for run in words.other.scope(scope)[0])
            assert all(word in text for word in name.split()), scope


def test_a_revoked_scope_stands_among_the_revoked_and_not_among_the_allowed(world):
    declaration = world.declare("language.level", "residence.status")
    world.revoke(declaration, ["residence.status"])
    text = text_of(copy_of(world, declaration))
    allowed, _, revoked = text.partition("Widerrufen Angabe")
    assert "Sprachniveau" in allowed
    assert "Aufenthaltsstatus" not in allowed
    assert "Aufenthaltsstatus" in revoked
    assert "teilweise widerrufen" in revoked


def test_the_state_is_that_of_the_day(world):
    declaration = world.declare("language.level", signed=False)
    assert "Stand am 02.03.2026 noch nicht vollständig unterschrieben" in text_of(copy_of(world, declaration))
    world.sign(declaration)
    assert "Stand am 02.03.2026 gilt" in text_of(copy_of(world, declaration))
    world.later(days=1)
    world.pause(declaration)
    assert "Stand am 03.03.2026 ruht" in text_of(copy_of(world, declaration))
    world.resume(declaration)
    world.later(days=1)
    world.revoke(declaration)
    text = text_of(copy_of(world, declaration))
    assert "Stand am 04.03.2026 widerrufen oder ersetzt" in text
    assert "Nichts davon darf mehr weitergegeben werden." in text


def test_after_the_term_it_says_that_nothing_may_be_passed_on(world):
    declaration = world.declare("language.level")
    world.later(days=400)
    text = text_of(copy_of(world, declaration))
    assert "abgelaufen" in text
    assert "Nichts davon darf mehr weitergegeben werden." in text


def test_the_day_is_the_gateways_and_not_utcs(world):
    declaration = world.declare("language.level")
    world.later(hours=14, minutes=30)  # 23:30 in UTC, half past midnight in Berlin
    assert "Stand am 03.03.2026" in text_of(copy_of(world, declaration))


def test_each_signature_stands_there_and_who_attests_is_the_units_word(world):
    declaration = world.declare("language.level")
    text = text_of(copy_of(world, declaration))
    piece = course_of(world.corridor, declaration).shown["evidence"][0]
    assert "Art: auf Papier unterschrieben" in text
    assert "Unterschrieben am: 14.01.2026" in text
    assert "Eingetragen am: 02.03.2026" in text
    assert "Bezeugt von (Angabe der Stelle): Vera Beispiel" in text
    assert piece["sha256"] in text


def test_without_a_signature_it_says_so_and_is_marked_as_a_draft(world):
    pdf = copy_of(world, world.declare("language.level", signed=False))
    assert "Es ist noch keine Unterschrift eingetragen." in text_of(pdf)
    assert all("Entwurf: gilt erst mit allen Unterschriften" in page for page in pages(pdf))


def test_it_says_how_to_revoke_where_and_what_further_rights_there_are(world):
    text = text_of(copy_of(world, world.declare("language.level")))
    for said in (
        "So kann ich widerrufen",
        "ohne einen Grund zu nennen",
        "Marktplatz 1, 71364 Winnenden",
        "+49 7195 13-0",
        "Auskunft, Berichtigung und Löschung",
        "Datenschutzbeauftragte Person: Dr. D. Schutz",
        "Ein Widerruf ändert daran nichts",
    ):
        assert said in text, said


@pytest.mark.parametrize(("tag", "named"), [("tr-DE", "Türkçe (tr-DE)"), ("ku", "ku ")])
def test_the_language_in_which_it_was_explained_is_named(world, tag, named):
    text = text_of(copy_of(world, world.declare("language.level", language=tag)))
    assert f"In welcher Sprache wurde mir alles erklärt? {named}" in text


def test_an_office_that_is_not_configured_is_left_out(world):
    text = text_of(copy_of(world, world.declare("language.level"), office=Office()))
    assert "Datenschutzbeauftragte Person" not in text
    assert "So erreiche ich die Stelle" not in text


def test_a_clause_that_was_not_given_is_said_to_be_missing(world):
    text = text_of(copy_of(world, world.declare("language.level", clauses=["data_protection_consent"])))
    assert "Diese Erklärung enthält keine Entbindung von der Schweigepflicht." in text


def test_the_declaration_inside_has_the_digest_that_is_printed(world):
    declaration = world.declare("language.level")
    pdf = copy_of(world, declaration, "ar")
    course = course_of(world.corridor, declaration)
    digest = hashlib.sha256(attached(pdf)["declaration.json"]).hexdigest()
    assert digest == course.shown["digest"]
    assert digest in text_of(pdf).replace(" ", "")
    assert json.loads(attached(pdf)["declaration.json"]) == course.shown["content"]


def test_the_consent_record_inside_is_the_one_that_is_handed_out(world):
    declaration = world.declare("language.level")
    course, words = course_of(world.corridor, declaration), words_of("1", "ar")
    inside = attached(clients_copy(course, words, OFFICE))
    assert inside["consent-record.jsonld"] == consent_record(course, words)
    assert set(inside) == {"declaration.json", "consent-record.jsonld"}


def test_text_that_somebody_wrote_is_never_read_as_markup(world):
    declaration = world.declare("language.level", occasion=f"Vermittlung {HOSTILE}", interpreter=f"Ida {HOSTILE}")
    for tag in ("de", "fa"):
        text = text_of(copy_of(world, declaration, tag)).replace(" ", "")
        assert text.count(HOSTILE.replace(" ", "")) == 2


def test_the_same_day_gives_the_same_bytes(world):
    declaration = world.declare("language.level")
    assert copy_of(world, declaration, "ti") == copy_of(world, declaration, "ti")
