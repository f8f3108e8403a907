"""A receipt is what it says to the last byte, or it is no receipt: whatever was changed, exchanged or made up is refused."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jsonschema_rs
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from imgate.consent import receipt_checks
from imgate.consent.receipt import KIND, by_declaration, payload_of, read_payload, scopes_of
from imgate.consent.receipt_checks import FILE_MAX
from imgate.keys.pairs import public_members, sign
from tests.conftest import ROOT
from tests.consent.bundled import TRUSTED
from tests.consent.receipted import DECLARATIONS, EXCHANGE, KEYS, MESSAGE, a_receipt, failures, outcomes, signed, verified

NOW = datetime(2026, 3, 3, tzinfo=UTC)
TOKEN = signed(a_receipt())
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SCHEMA = json.loads((ROOT / "schemas/receipt.schema.json").read_text(encoding="utf-8"))


def b64(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def header_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))


def refused(token, **how):
    """Check what must not hold; give the checks that failed. Nothing of it may be shown as the gateway's word."""
    checked = verified(token, NOW, **how)
    assert checked.report.failed
    if checked.receipt is None:
        assert outcomes(checked.report)["content"] != "passed"
    return failures(checked.report)


@pytest.mark.parametrize("key", ["ES256", "Ed25519"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_genuine_receipt_of_this_message_holds(key, end):
    checked = verified(signed(a_receipt(), key=key) + end, NOW, message=MESSAGE)
    assert outcomes(checked.report) == {
        **dict.fromkeys(["form", "type", "signature", "key", "content", "times", "message"], "passed"),
        **dict.fromkeys(["log", "checkpoint"], "not_checked"),
    }
    assert checked.receipt == a_receipt()
    assert checked.report.key == KEYS[key].thumbprint()


def test_without_a_key_set_and_a_message_these_stay_open_and_nothing_fails():
    checked = verified(TOKEN, NOW, trusted=None)
    assert checked.report.failed == ()
    assert [name for name, outcome in outcomes(checked.report).items() if outcome == "not_checked"] == [
        "key",
        "message",
        "log",
        "checkpoint",
    ]


def test_another_message_is_refused():
    for other in (b"", MESSAGE + b"\n", b"<a />"):
        assert refused(TOKEN, message=other) == ["message"]


def test_a_receipt_by_another_key_is_refused_and_its_word_is_not_the_gateways():
    assert refused(signed(a_receipt(), key="another")) == ["key"]
    assert refused(TOKEN, trusted=frozenset()) == ["key"]


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET + ".=+/ \n"))
def test_no_character_can_be_changed(place, other):
    if TOKEN[place] != other:
        assert refused(TOKEN[:place] + other + TOKEN[place + 1 :])


def test_every_other_spelling_of_the_last_character_of_a_part_is_refused():
    """The bits that base64url leaves over are those that a lenient reader throws away."""
    ends = [len(TOKEN.split(".")[0]) - 1, len(TOKEN.rpartition(".")[0]) - 1, len(TOKEN) - 1]
    for end in ends:
        for other in ALPHABET:
            if other != TOKEN[end]:
                assert refused(TOKEN[:end] + other + TOKEN[end + 1 :])


@pytest.mark.parametrize("spell", [lambda t: t + "=", lambda t: t.replace(".", "=."), lambda t: " " + t, lambda t: t + "\n\n", str.upper])
def test_no_other_spelling_of_it_is_a_receipt(spell):
    assert refused(spell(TOKEN))


@pytest.mark.parametrize(
    "released",
    [
        {DECLARATIONS[0]: ["language.level", "residence.status", "health.constraints"], DECLARATIONS[1]: ["plan.goals"]},
        {DECLARATIONS[0]: ["language.level"]},
        {DECLARATIONS[1]: ["language.level", "residence.status"], DECLARATIONS[0]: ["plan.goals"]},
    ],
)
def test_scopes_cannot_be_replaced(released):
    header, _, signature = TOKEN.split(".")
    assert refused(f"{header}.{b64(payload_of(a_receipt(released=released)))}.{signature}") == ["signature"]


def test_an_algorithm_of_none_is_refused_with_and_without_a_signature():
    payload = TOKEN.split(".")[1]
    for alg in ("none", "None", "NONE", ""):
        header = b64(header_of(TOKEN) | {"alg": alg})
        assert refused(f"{header}.{payload}.") == ["form"]
        assert refused(f"{header}.{payload}.AA") == ["type"]


@pytest.mark.parametrize("key", ["ES256", "Ed25519"])
def test_a_public_key_is_no_secret_of_an_hmac(key):
    pair = KEYS[key]
    secrets = [
        pair.as_pem(private=False),
        json.dumps(public_members(pair)).encode(),
        base64.urlsafe_b64decode(public_members(pair)["x"] + "=="),
    ]
    for alg, digest in (("HS256", "sha256"), ("HS512", "sha512")):
        head = f"{b64(header_of(TOKEN) | {'alg': alg})}.{TOKEN.split('.')[1]}"
        for secret in secrets:
            assert refused(f"{head}.{b64(hmac.digest(secret, head.encode(), digest))}") == ["type"]


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES384", "ES512", "EdDSA", "Ed448", None, 1, ["ES256"]])
def test_no_other_algorithm_is_looked_at(alg):
    _, payload, signature = TOKEN.split(".")
    assert refused(f"{b64(header_of(TOKEN) | {'alg': alg})}.{payload}.{signature}") == ["type"]


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "imgate-declaration-bundle+jws", "application/imgate-receipt+jwt", KIND.upper(), ""])
def test_another_statement_of_the_same_key_is_no_receipt(kind):
    assert refused(signed(a_receipt(), kind=kind)) == ["type"]


@pytest.mark.parametrize("more", [{"crit": ["b64"], "b64": False}, {"jku": "https://example.org"}, {"x5c": []}, {"nonce": "x"}])
def test_a_header_with_more_in_it_is_refused_although_it_is_signed(more):
    pair = KEYS["ES256"]
    head = f"{b64(header_of(TOKEN) | more)}.{TOKEN.split('.')[1]}".encode()
    assert refused(f"{head.decode()}.{b64(sign(pair, head))}") == ["signature"]


def test_a_key_that_is_shown_under_another_name_is_refused():
    head = f"{b64(header_of(TOKEN) | {'jwk': public_members(KEYS['another'])})}.{TOKEN.split('.')[1]}".encode()
    assert refused(f"{head.decode()}.{b64(sign(KEYS['another'], head))}") == ["signature"]


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b".",
        b"..",
        b"a.b",
        b"a.b.c.d",
        b"\xff.\xff.\xff",
        b"{}",
        "ä.b.c".encode(),
        b"a" * 10 + b"." + b"a" * FILE_MAX + b".a",
        b"." * FILE_MAX,
    ],
)
def test_what_is_no_jws_is_refused_at_once(file):
    assert refused(file) == ["form"]


def test_a_file_without_end_is_not_looked_into(monkeypatch):
    monkeypatch.setattr(receipt_checks, "parse_json", lambda _: pytest.fail("it was parsed"))
    checked = receipt_checks.verify(TOKEN.encode() + b"A" * FILE_MAX, lambda *_: pytest.fail("it was read"), {"ES256"}, TRUSTED, NOW)
    assert failures(checked.report) == ["form"]


def test_a_header_that_is_no_object_is_refused():
    for header in (b"[]", b"1", b"{", b'{"alg":"ES256","alg":"none"}', b"[" * 5000):
        assert refused(f"{b64(header)}.e30.AA") == ["type"]


@pytest.mark.parametrize(
    "changed",
    [
        {"iat": -1},
        {"iat": 1772442001.5},
        {"iat": "1772442001"},
        {"iat": 10**12},
        {"iss": "Winnenden"},
        {"exchange": EXCHANGE.upper()},
        {"exchange": "4711"},
        {"partner": "a b"},
        {"purpose": "Vermittlung in Arbeit"},
        {"released": {DECLARATIONS[0]: []}},
        {"released": {DECLARATIONS[0]: ["language"]}},
        {"released": {DECLARATIONS[0]: ["*"]}},
        {"released": {DECLARATIONS[0]: ["language.level", "language.level"]}},
        {"released": {DECLARATIONS[0]: ["language.level"], DECLARATIONS[1]: ["language.level"]}},
        {"released": {"d": ["language.level"]}},
        {"released": ["language.level"]},
        {"decided_at": "2026-03-02T09:00:00Z"},
        {"decided_at": "2026-02-30T09:00:00.000000Z"},
        {"decided_at": "2026-03-02T09:00:00.000000+00:00"},
        {"adapter": {"id": "jobcenter"}},
        {"schema": {"name": "x", "sha256": "A" * 64}},
        {"message": {"media_type": "application/xml", "sha256": "a" * 63}},
        {"message": {"media_type": "application/xml\n", "sha256": "a" * 64}},
        {"log": {}},
        {"client": "K-2026-1101"},
        {"aud": "somebody"},
    ],
)
def test_what_a_receipt_does_not_say_is_refused_although_it_is_signed(changed):
    assert refused(signed(a_receipt(**changed))) == ["content"]


@pytest.mark.parametrize("missing", ["iss", "iat", "exchange", "partner", "released", "decided_at", "message", "log"])
def test_what_a_receipt_must_say_must_be_there(missing):
    assert refused(signed({name: value for name, value in a_receipt().items() if name != missing})) == ["content"]


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'{"iss":"a","iss":"b"}', b"\xff", b"[" * 1000, b"1" * 5000])
def test_a_payload_that_is_no_receipt_is_refused(payload):
    assert read_payload(payload) is None
    if payload:
        assert refused(signed(payload)) == ["content"]


def test_what_may_be_left_out_may_be():
    notice = {name: value for name, value in a_receipt(released={}).items() if name not in ("purpose", "adapter", "schema")}
    assert failures(verified(signed(notice), NOW).report) == []


def test_times_that_cannot_be_are_refused():
    assert refused(signed(a_receipt(decided_at="2026-03-02T09:06:00.000000Z"))) == ["times"]
    early = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)
    assert failures(verified(TOKEN, early).report) == ["times"]
    assert failures(verified(TOKEN, early + timedelta(minutes=6)).report) == []  # clocks differ


def test_a_receipt_of_long_ago_holds_for_ever():
    assert failures(verified(TOKEN, NOW + timedelta(days=36_500)).report) == []


def test_the_published_schema_takes_a_receipt_and_nothing_more():
    assert jsonschema_rs.is_valid(SCHEMA, a_receipt())
    assert not jsonschema_rs.is_valid(SCHEMA, a_receipt(client="K-1"))
    assert not jsonschema_rs.is_valid(SCHEMA, {name: value for name, value in a_receipt().items() if name != "log"})


def test_the_payload_is_in_the_canonical_form():
    assert payload_of(a_receipt()) == rfc8785.dumps(a_receipt())


def test_a_declaration_stands_once_with_all_its_scopes():
    named = {"language.level": DECLARATIONS[0], "plan.goals": DECLARATIONS[1], "residence.status": DECLARATIONS[0]}
    assert by_declaration(named) == {DECLARATIONS[0]: ["language.level", "residence.status"], DECLARATIONS[1]: ["plan.goals"]}
    assert sorted(scopes_of(a_receipt(released=by_declaration(named)))) == sorted(named)


def test_the_digest_is_the_plain_one_of_the_bytes():
    assert a_receipt()["message"]["sha256"] == hashlib.sha256(MESSAGE).hexdigest()


def test_a_report_repeats_nothing_that_nobody_signed():
    """Sentences are printed at a terminal: what a stranger wrote into a file must not steer it, or pass for the gateway's word."""
    forged = a_receipt(partner="\x1b[2J")
    checked = verified(f"{b64(header_of(TOKEN) | {'kid': 'KANARIE'})}.{b64(forged)}.AA", NOW)
    assert "KANARIE" not in str(checked.report)
    assert "\x1b" not in str(checked.report)
