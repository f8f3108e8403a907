"""The form that imgate prints is recognised under a signature, in its language; any other page is not."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from imgate.documents import printed
from imgate.documents.languages import LANGUAGES
from imgate.documents.office import Office
from imgate.documents.printed import ComparingExaminer, language_printed
from imgate.documents.typesetting import PapersUnavailable
from imgate.exchange.ports import Examination, Statement
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole
from tests.documents.declared import MADE_ON, OFFICE, PARTNERS, form_of, shown
from tests.documents.signed_pdf.authority import AT, TestAuthority
from tests.documents.signed_pdf.papers import archived, sign, stamper


@pytest.fixture(scope="module")
def authority():
    return TestAuthority()


@pytest.fixture(scope="module")
def signed(authority):
    """The form in the declaration's own language, Arabic, signed."""
    return sign(form_of("ar"), authority.signer, authority.issuer)


def found(file, *, state="draft", office=OFFICE, partners=PARTNERS, made_on=MADE_ON, **changes):
    language = language_printed(file, shown(state, **changes), office, partners=partners, made_on=made_on)
    return None if language is None else language.tag


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_signed_form_is_found_in_the_language_it_was_printed_in(authority, tag):
    assert found(sign(form_of(tag), authority.signer, authority.issuer)) == tag


def test_it_is_found_under_a_second_signature_and_an_archive_time_stamp(authority, signed):
    twice = sign(signed, authority.signer, authority.issuer, field="Zweite")
    assert found(archived(twice, stamper(authority.stamper, AT))) == "ar"


def test_it_is_found_whatever_became_of_the_declaration_since(signed):
    assert [found(signed, state=state) for state in ("active", "paused", "revoked", "expired")] == ["ar"] * 4


def test_the_declarations_language_is_tried_first_and_then_german(authority, signed, monkeypatch):
    tried = []
    monkeypatch.setattr(printed, "form", lambda _, words, *more, **named: tried.append(words) or b"another")
    assert found(signed) is None
    tags = ["de" if words.other is None else words.other.language.tag for words in tried]
    assert tags[:2] == ["ar", "de"]
    assert sorted(tags) == sorted(LANGUAGES)


def test_a_declaration_in_a_language_without_papers_is_looked_for_in_german(authority):
    assert found(sign(form_of("de", language="ku"), authority.signer, authority.issuer), language="ku") == "de"


@pytest.mark.parametrize("at", [0, 100, 0.25, 0.5, 0.75, -1])
def test_a_form_with_one_byte_changed_is_not_found(signed, at):
    length = len(form_of("ar"))
    place = int(at * length) if isinstance(at, float) else at % length
    spoiled = bytearray(signed)
    spoiled[place] ^= 1
    assert found(bytes(spoiled)) is None


def test_what_is_no_form_of_this_declaration_is_not_found(authority, signed):
    assert found(signed, nonce="ff" * 16) is None
    assert found(signed, occasion="Etwas anderes") is None
    assert found(signed, wording="99") is None
    for file in (b"", b"%PDF-1.7", form_of("ar")[:-1], b"x" + signed):
        assert found(file) is None


def test_a_form_that_names_another_office_partner_or_day_is_not_found(signed):
    assert found(signed, office=Office()) is None
    assert found(signed, partners={}) is None
    assert found(signed, made_on=MADE_ON + timedelta(days=1)) is None


class Found:
    """An examiner that always finds the same."""

    def __init__(self, examination):
        self._examination = examination

    def examine(self, *_):
        return self._examination


def report_of(file, kind=EvidenceKind.PADES, examination=None, **changes):
    accepted = Examination(EvidenceLevel.WRITTEN, None, {"checks": []})
    examiner = ComparingExaminer(Found(examination or accepted), OFFICE, PARTNERS, ZoneInfo("Europe/Berlin"))
    recorded = {"history": [{"at": f"{MADE_ON.isoformat()}T09:00:00Z", "event": "created"}]}
    about = Statement("id", "digest", SignerRole.CLIENT, None, shown("draft", **changes) | recorded)
    return examiner.examine(kind, "application/pdf", file, about, AT)


def test_the_report_of_a_signed_form_says_in_which_language_it_was_printed(signed):
    assert report_of(signed).report == {"checks": [], "printed_in": "ar"}
    assert report_of(signed).level is EvidenceLevel.WRITTEN


def test_other_pages_with_the_right_attachment_are_accepted_and_told(signed):
    assert report_of(b"%PDF-1.7 other pages").report == {"checks": [], "printed_in": None}


def test_what_was_refused_and_what_is_no_signed_document_is_left_as_it_is(signed):
    refused = Examination(None, "signature_invalid", {"checks": []})
    assert report_of(signed, examination=refused) is refused
    assert "printed_in" not in report_of(signed, EvidenceKind.PAPER_SCAN).report
    assert "printed_in" not in report_of(None).report


def test_without_the_extra_nothing_is_said_about_the_pages(signed, monkeypatch):
    def missing(*_, **__):
        raise PapersUnavailable

    monkeypatch.setattr(printed, "form", missing)
    assert "printed_in" not in report_of(signed).report
