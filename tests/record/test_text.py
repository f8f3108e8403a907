"""Text is normalised, trimmed and bounded; codes are taken as they stand or refused."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from imgate.record import text

WRITTEN = [kind for kind in text.TEXT_TYPES if isinstance(kind, text.WrittenText)]
CODED = [kind for kind in text.TEXT_TYPES if isinstance(kind, text.CodedText)]
ADAPTERS = {kind.name: TypeAdapter(text.Annotated[str, kind]) for kind in text.TEXT_TYPES}

EXAMPLES = {
    "line": ["Jobcenter", "Zimmer 2.14 – Eingang B", "خانم رضایی", "🙂", "a\u00a0b"],
    "free_text": ["Ja", "Zeile 1\nZeile 2\n\tdrei", "می‌خواهم", "x" * 2000],
    "person_name": [
        "Müller",
        "ʿAlī",
        "O’Neill",
        "O'Neill",
        "Rezāʾī",
        "Ḫalīl",
        "Al-Ḥasan",
        "Nguyễn",
        "de la Peña",
        "Ǧamāl",
        "K\u035fh",
        "Dr. Weiß, Ed.",
    ],
    "place_name": ["Schloßstraße", "12 a", "1/2", "Straße des 17. Juni", "Bad Krozingen (Tunsel)", "Ḥalab", "Preis 5 €"],
    "organisation_name": ["ТОВ Світанок (TOV Svitanok)", "Weiß & Söhne GmbH", "„Am Neckar“", "Jobcenter Rems-Murr, Team 412", "Αθήνα A.E."],
    "email": ["a@b.de", "rim.alhasan@example.org", "x+y_z@sub.example.co", "jörg@müller.example"],
    "phone": ["+4917612345678", "+380501234567", "+123456"],
    "country": ["475", "997", "000"],
    "language": ["ara", "prs"],
    "postal_code": ["71364", "01067"],
    "ags": ["08119085", "16077055"],
    "ags_prefix": ["08", "081", "08119", "08119085"],
    "jobcenter_number": ["355A123456"],
    "azr_number": ["940312000457"],
    "list_uri": ["urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis", "https://example.org/list"],
    "two_digits": ["03"],
}
REFUSED = {
    "person_name": ["علی", "Ali2", "Свiтлана", "Ali\u0000", "A\nB", "Ali\n", "<b>", "A/B", "李"],
    "place_name": ["شارع", "Київ", "a\tb", "a\u2013b", "Ort\r\n"],
    "organisation_name": ["شركة", "株式会社", "A\tB", "A\nB", "A\u2028B"],
    "line": ["a\nb", "a\tb", "a\n", "\na", "a\u0000", "\u007f", "\u0085", "a\ufffe", "\uffff"],
    "free_text": ["a\r\nb", "a\u0000b", "a\u000bb", "a\u001b[31m", "a\u0085b", "a\ufffe", "x" * 2001],
    "email": [
        "a",
        "a@b",
        "@b.de",
        "a@",
        "a b@c.de",
        "a@b..de",
        "a@@b.de",
        "a@b.de\nBcc: c@d.de",
        "<a@b.de>",
        "a@-b.de",
        "a" * 65 + "@b.de",
    ],
    "phone": [
        "017612345678",
        "+49 176 12345678",
        "+0123456",
        "+4917612345678901",
        "tel:+49176123456",
        "+49",
        "+٤٩١٧٦١٢٣٤٥",
        "+4917612345678\n",
    ],
    "country": ["47", "4755", "DEU", "٤٧٥", " 475", "475\n"],
    "language": ["de", "DEU", "deut", "d3u"],
    "postal_code": ["7136", "713645", "D-71364", "７１３６４"],
    "ags": ["08", "8119085", "17119085", "00119085", "0811908X"],
    "ags_prefix": ["0", "8", "17", "081190850", ""],
    "jobcenter_number": ["35502BG0012345", "355a123456", "355A12345", "355A1234567", " 355A123456", "355A123456\n", "٣٥٥A123456"],
    "azr_number": ["94031200045", "9403120004570", "94031200045A", "９４０３１２０００４５７"],
    "list_uri": ["", "urn", "urn:", "urn:a b", "urn:ä", ":x", "1a:b"],
    "two_digits": ["3", "003", "A1"],
}


def check(name, value):
    return ADAPTERS[name].validate_python(value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in EXAMPLES.items() for value in values])
def test_what_fits_comes_back_as_it_was(name, value):
    assert check(name, value) == value


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_what_does_not_fit_is_refused(name, value):
    with pytest.raises(ValidationError):
        check(name, value)


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("value", ["", " ", "\u3000", "\ud800", "a\udfff", None, 1, 1.5, True, [], {}, b"a", ["a"]], ids=repr)
def test_nothing_empty_broken_or_of_another_type_is_text(name, value):
    with pytest.raises(ValidationError):
        check(name, value)


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.name)
def test_written_text_is_normalised_before_it_is_judged(kind):
    composed = EXAMPLES[kind.name][-1] if kind is text.EMAIL else "Müḥ"
    assert check(kind.name, unicodedata.normalize("NFD", composed)) == composed


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if kind.trimmed and kind is not text.EMAIL], ids=lambda kind: kind.name)
def test_written_text_is_trimmed_and_measured_afterwards(kind):
    assert check(kind.name, "  " + "x" * kind.max_length + " ") == "x" * kind.max_length
    with pytest.raises(ValidationError):
        check(kind.name, "x" * (kind.max_length + 1))


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.name)
def test_what_is_far_too_long_is_too_long_before_anything_is_made_of_it(kind, monkeypatch):
    measured = []
    monkeypatch.setattr(text, "_nfc", lambda value: measured.append(value) or value)
    check = TypeAdapter(text.Annotated[str, kind]).validate_python
    with pytest.raises(ValidationError) as refused:
        check("a" + "\u0315\u0316" * kind.max_length)
    assert [error["type"] for error in refused.value.errors()] == ["string_too_long"]
    assert measured == []


def test_a_text_that_fits_when_composed_may_come_with_its_letters_in_parts():
    assert check("line", "u\u0308" * 2000) == "ü" * 2000


def test_free_text_keeps_its_layout_and_is_measured_with_it():
    assert check("free_text", "  a\n") == "  a\n"
    assert check("free_text", " " * 1999 + "a") == " " * 1999 + "a"
    with pytest.raises(ValidationError):
        check("free_text", " " * 2000 + "a")


@pytest.mark.parametrize("value", [" ", "\n", "\n\t ", "\u2003", "\u00a0" * 5])
def test_blanks_alone_are_no_text(value):
    for kind in WRITTEN:
        with pytest.raises(ValidationError):
            check(kind.name, value)


@pytest.mark.parametrize("kind", CODED, ids=lambda kind: kind.name)
def test_codes_are_not_trimmed(kind):
    for value in EXAMPLES.get(kind.name, ["2026-01-01", "2026-02-03T09:30:00Z"]):
        for changed in (f" {value}", f"{value} ", f"{value}\n", f"\ufeff{value}"):
            with pytest.raises(ValidationError):
                check(kind.name, changed)


@given(st.text(max_size=40))
def test_accepted_text_is_normal_trimmed_free_of_control_characters_and_stays_so(value):
    for kind in WRITTEN:
        try:
            accepted = check(kind.name, value)
        except ValidationError:
            continue
        assert unicodedata.is_normalized("NFC", accepted)
        assert accepted.strip() != ""
        assert not kind.trimmed or accepted == accepted.strip()
        allowed = "\n\t" if kind is text.FREE_TEXT else ""
        assert not any(unicodedata.category(one) == "Cc" and one not in allowed for one in accepted)
        assert check(kind.name, accepted) == accepted


@given(st.text(min_size=1, max_size=40))
def test_free_text_takes_every_script(value):
    value = unicodedata.normalize("NFC", value)
    assume(not any(unicodedata.category(one) in ("Cc", "Cs") or one in "\ufffe\uffff" for one in value))
    assume(value.strip())
    assert check("free_text", value) == value


def test_each_kind_has_its_own_name_and_pattern():
    # The pattern is what tells problems_of which code to give, the name is the key in the published schema.
    assert len({kind.name for kind in text.TEXT_TYPES}) == len(text.TEXT_TYPES) == len({kind.pattern for kind in text.TEXT_TYPES})
