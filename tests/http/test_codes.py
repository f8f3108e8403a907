"""Every code that a caller can see is in the catalogue, and the reference page is the catalogue."""

import re
from pathlib import Path

from imgate.http.codes import CODE_OF_STATUS, CODES, PLACES, error_reference
from imgate.record import JsonRefusal, ProblemCode
from imgate.web.labels import REFUSALS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/imgate"


REFUSED = r"Refused\(\s*(\d{3}),\s*\"([a-z_]+)\""


def sources() -> str:
    return "\n".join(file.read_text() for file in SOURCE.rglob("*.py"))


def of_pages() -> str:
    return "\n".join(file.read_text() for file in (SOURCE / "web").rglob("*.py"))


def test_the_reference_page_is_what_the_catalogue_writes():
    page = ROOT / "docs/reference/errors.md"
    assert page.read_text() == error_reference(), "run: python -m imgate.http.codes > docs/reference/errors.md"


def test_each_code_that_is_refused_with_is_in_the_catalogue_under_its_status():
    raised = set(re.findall(REFUSED, sources())) - set(re.findall(REFUSED, of_pages()))
    assert raised
    for status, code in raised:
        assert code in CODES, code
        assert CODES[code].status == int(status), code


def test_a_page_refuses_in_words_of_the_catalogue_or_in_a_sentence_of_its_own():
    raised = re.findall(REFUSED, of_pages())
    assert raised
    for status, code in raised:
        assert code in REFUSALS or CODES[code].status == int(status), code


def test_each_code_of_the_catalogue_is_used():
    everything = sources().replace((SOURCE / "http/codes.py").read_text(), "") + " ".join([*JsonRefusal, *CODE_OF_STATUS.values()])
    everything += " already_acknowledged already_rejected "  # made of a state's name
    for name in CODES:
        assert re.search(rf"\b{name}\b", everything), name


def test_the_refusals_of_the_json_reader_are_in_the_catalogue():
    assert {CODES[refusal].status for refusal in JsonRefusal} == {400}


def test_the_codes_at_a_place_are_listed():
    assert set(ProblemCode) <= set(PLACES)
    corridor = "\n".join(file.read_text() for file in (SOURCE / "exchange").glob("*.py"))
    for code in re.findall(r"Problem\(\"([a-z_]+)\"", corridor):
        assert code in PLACES, code
    declaration = (SOURCE / "consent/declaration.py").read_text()
    for code in re.findall(r"yield \"([a-z_]+)\", ", declaration):
        assert code in PLACES, code
