"""JSON that can be understood in two ways is refused, and the refusal carries nothing of the body."""

import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.record import JsonRefused, parse_json
from imgate.record.strict_json import DEPTH_MAX, INTEGER_MAX, _exact, _fast

REFUSED = {
    # not JSON
    b"": "not_json",
    b"  ": "not_json",
    b"nul": "not_json",
    b"{": "not_json",
    b"[1,]": "not_json",
    b'{"a":1,}': "not_json",
    b"{'a':1}": "not_json",
    b"{a:1}": "not_json",
    b"01": "not_json",
    b"+1": "not_json",
    b".5": "not_json",
    b"1.": "not_json",
    b"0x10": "not_json",
    b"1 2": "not_json",
    b"1\x00": "not_json",
    b"\x0c1": "not_json",
    b"\xc2\xa01": "not_json",
    b'"\x00"': "not_json",
    b'"a\nb"': "not_json",
    b'"\\x41"': "not_json",
    b'"\\u12"': "not_json",
    b"/* c */ 1": "not_json",
    b"\xef\xbb\xbf{}": "not_json",
    b"\xef\xbb\xbf": "not_json",
    # not UTF-8
    b'"\xff"': "not_utf8",
    b'"\xe4"': "not_utf8",
    b'"\xc0\x80"': "not_utf8",
    b'"\xed\xa0\x80"': "not_utf8",
    '{"a":"ä"}'.encode("latin-1"): "not_utf8",
    '{"a":1}'.encode("utf-16"): "not_utf8",
    # the same key twice
    b'{"a":1,"a":1}': "duplicate_key",
    b'{"a":1,"a":2}': "duplicate_key",
    b'{"a" :1,"a" :2}': "duplicate_key",
    b'{"a"\n\t\r :1,"a":2}': "duplicate_key",
    b'{"a":1,"\\u0061":2}': "duplicate_key",
    b'{"":1,"":2}': "duplicate_key",
    b'[[{"b":{"a":1,"c":{},"a":[]}}]]': "duplicate_key",
    b'{"a":{"x":1,"y":2},"a":1}': "duplicate_key",
    b'{"a":"\\u003a","a":":","b":"\\":"}': "duplicate_key",
    '{"ä":1,"ä":2}'.encode(): "duplicate_key",
    # half a surrogate pair
    b'"\\ud800"': "lone_surrogate",
    b'"\\udc00"': "lone_surrogate",
    b'"\\uDFFF\\ud800"': "lone_surrogate",
    b'"\\ud800\\u0041"': "lone_surrogate",
    b'{"\\ud83d":1}': "lone_surrogate",
    b'[{"a":["\\udead"]}]': "lone_surrogate",
    # numbers
    b"NaN": "number_not_finite",
    b"[Infinity]": "number_not_finite",
    b'{"a":-Infinity}': "number_not_finite",
    b"1e999": "number_not_finite",
    b"-1E+400": "number_not_finite",
    b"9007199254740992": "integer_too_large",
    b"-9007199254740992": "integer_too_large",
    b"18446744073709551616": "integer_too_large",
    b'{"a":[1,123456789012345678901234567890]}': "integer_too_large",
    b"1" * 5000: "integer_too_large",
    # depth
    b"[" * 65 + b"]" * 65: "too_deep",
    b"[" * 65 + b"1" + b"]" * 65: "too_deep",
    b'{"a":' * 65 + b"1" + b"}" * 65: "too_deep",
    b"[" * 1025 + b"]" * 1025: "too_deep",
    b"[" * 200_000 + b"]" * 200_000: "too_deep",
    b"[" * 200_000: "too_deep",
}


@pytest.mark.parametrize(("body", "code"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_ambiguous_or_broken_is_refused_with_its_code(body, code):
    with pytest.raises(JsonRefused) as refused:
        parse_json(body)
    assert refused.value.code == code


def test_the_refusal_carries_nothing_of_the_body():
    for body in (b'{"canary":1,"canary":2}', b'{"canary"', b'"canary\xff"', b'"canary\\ud800"', b'["canary",NaN]', b'["canary",1e999]'):
        with pytest.raises(JsonRefused) as refused:
            parse_json(body)
        error = refused.value
        assert error.__cause__ is None
        assert error.__context__ is None
        assert "canary" not in f"{error!r} {error.args}" + "".join(traceback.format_exception_only(error))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b' {"a" : [true, false, null, 0, -0, 1.5, "\\u00e4"]}\n', {"a": [True, False, None, 0, 0, 1.5, "ä"]}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"9007199254740991", INTEGER_MAX),
        (b"-9007199254740991", -INTEGER_MAX),
        (b'{"a":": not a key","b":"\\": nor this","c":{"a":":"}}', {"a": ": not a key", "b": '": nor this', "c": {"a": ":"}}),
        ('"\ufeff"'.encode(), "\ufeff"),
        (b"[" * DEPTH_MAX + b"1" + b"]" * DEPTH_MAX, None),
        (b'{"a":' * DEPTH_MAX + b"1" + b"}" * DEPTH_MAX, None),
    ],
)
def test_what_is_clear_is_read(body, value):
    assert parse_json(body) == (value if value is not None else json.loads(body))


# Bodies near the border: little alphabets, so that equal keys, colons in strings, escapes and blanks meet often.
_keys = st.text(alphabet='a":\\', max_size=2)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats(allow_nan=False, allow_infinity=False) | _keys,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(_keys, inner), max_size=3),
    max_leaves=12,
)


@st.composite
def _bodies(draw):
    """JSON texts in which keys may stand twice (objects are lists of pairs here), with blanks and escapes strewn in."""
    blank = st.sampled_from(["", "", " ", "\n", "\t ", "\r"])

    def text(value):
        plain = json.dumps(value)
        return "".join(f"\\u{ord(c):04x}" if c in "a:" and draw(st.booleans()) else c for c in plain)

    def write(value):
        if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
            pairs = (f"{draw(blank)}{text(key)}{draw(blank)}:{draw(blank)}{write(one)}" for key, one in value)
            return "{" + ",".join(pairs) + draw(blank) + "}"
        if isinstance(value, list):
            return "[" + ",".join(draw(blank) + write(one) for one in value) + draw(blank) + "]"
        return text(value) if isinstance(value, str) else json.dumps(value)

    return write(draw(_values)).encode()


@given(_bodies() | st.text(alphabet='{}[]":,\\ua0 1e-', max_size=30).map(str.encode) | st.binary(max_size=12))
def test_the_fast_reader_is_believed_only_where_the_exact_one_agrees(body):
    value, settled = _fast(body)
    exact, refusal = _exact(body)
    if settled:
        assert refusal is None
        assert json.dumps(value) == json.dumps(exact)


@given(_bodies())
def test_no_key_is_ever_lost(body):
    def pairs(found):
        assert len(dict(found)) == len(found)
        return dict(found)

    try:
        value = parse_json(body)
    except JsonRefused:
        return
    assert json.loads(body, object_pairs_hook=pairs) == value


def test_a_record_as_it_is_usually_sent_takes_the_fast_way(sample):
    record = json.loads(sample.read_text(encoding="utf-8"))
    for body in (
        sample.read_bytes(),
        json.dumps(record).encode(),
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(),
        json.dumps(record, indent="\t", separators=(" , ", " : ")).encode(),
    ):
        assert _fast(body) == (record, True)
