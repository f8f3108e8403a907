"""The guard: each attack is refused under its own stable code, and the error repeats nothing of the input."""

import pytest

from imgate.conformance.hostile import CANARY, HOSTILE, too_large
from imgate.plugin_api import MessageUnreadable
from imgate.plugin_api.xml_read import MAX_DEPTH, parse_message

CODES = {
    "nothing": "empty",
    "blanks": "empty",
    "null bytes": "not_utf8",
    "not text": "not_utf8",
    "not UTF-8": "not_utf8",
    "declared as Latin-1": "not_utf8",
    "UTF-16 with mark": "not_utf8",
    "UTF-16 without mark": "not_utf8",
    "UTF-7": "not_utf8",
    "document type": "dtd_refused",
    "document type in small letters": "dtd_refused",
    "entity bomb": "dtd_refused",
    "quadratic entity": "dtd_refused",
    "external entity": "dtd_refused",
    "external document type": "dtd_refused",
    "parameter entity": "dtd_refused",
    "1,000 levels deep": "too_deep",
    "65 levels deep": "too_deep",
    "never closed": "not_wellformed",
    "two roots": "not_wellformed",
    "unbound prefix": "not_wellformed",
    "zip of nothing": "not_utf8",
    "old workbook": "not_utf8",
}
# Well-formed and harmless as XML: these are for the schema to refuse, and must reach nothing on the way.
FOR_THE_SCHEMA = {"inclusion", "foreign schema", "unknown root"}


def test_every_attack_is_sorted():
    assert CODES.keys() | FOR_THE_SCHEMA == HOSTILE.keys()


@pytest.mark.parametrize("attack", CODES)
def test_attack_is_refused_under_its_code(attack):
    with pytest.raises(MessageUnreadable) as caught:
        parse_message(HOSTILE[attack])
    error = caught.value
    assert error.code == CODES[attack]
    assert CANARY not in f"{error!r} {error} {error.line} {error.column}"
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("attack", sorted(FOR_THE_SCHEMA))
def test_nothing_is_fetched(attack):
    assert "root:" not in "".join(parse_message(HOSTILE[attack]).itertext())


def test_size_is_refused_before_anything_reads_it():
    with pytest.raises(MessageUnreadable, match="too_large"):
        parse_message(too_large())


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe<\x00a\x00/\x00>\x00",
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
        b"<?xml version='1.0'  encoding = 'us-ascii' ?><a/>",
        b'<?xml version="1.0"\nencoding="cp037"?><a/>',
        b"<a>\xc3\x28</a>",
        b"<a>\xed\xa0\x80</a>",
        b"<a>\xc0\xbcb></a>",
    ],
    ids=["UTF-16", "declared UTF-16", "declared ASCII", "declared EBCDIC", "broken sequence", "surrogate", "overlong <"],
)
def test_only_utf8(body):
    with pytest.raises(MessageUnreadable, match="not_utf8"):
        parse_message(body)


@pytest.mark.parametrize("reference", ["&x;", "&#0;", "&#xFFFE;", "&#xD800;", "&lt"])
def test_bad_references_are_not_wellformed(reference):
    with pytest.raises(MessageUnreadable, match="not_wellformed") as caught:
        parse_message(f"<a>\n{CANARY}{reference}</a>".encode())
    assert caught.value.line in (2, 3)
    assert caught.value.__context__ is None


def test_document_type_is_refused_even_where_it_is_only_text_of_a_comment():
    with pytest.raises(MessageUnreadable, match="dtd_refused") as caught:
        parse_message(b"<a>\n<!-- <!DOCTYPE a> --></a>")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "body", [b"<a/>", b"\xef\xbb\xbf<a/>", b'<?xml version="1.0" encoding="UTF-8"?>\n<a/>', b"<?xml version='1.0' encoding='utf-8'?><a/>"]
)
def test_utf8_is_read(body):
    assert parse_message(body).tag == "a"


def test_depth_up_to_the_limit_is_read():
    parse_message(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
