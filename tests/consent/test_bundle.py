"""A bundle holds only as it was signed: what is put together from others, signed by others or no bundle at all fails, and says why."""

import base64
import hashlib
import json
import random
import time
from datetime import datetime

import pytest
import rfc8785

from imgate.consent import bundle_checks
from imgate.consent.bundle import FORMAT, KIND, PARTS, SIZE_MAX, BundleTooLarge, instant, manifest_of
from imgate.consent.bundle_checks import Signed
from imgate.keys.pairs import made_pair, public_members, sign
from imgate.keys.profiles import SignatureAlgorithm
from imgate.keys.signatures import StatementSignature
from imgate.keys.statements import read_signature
from tests.consent.bundled import (
    GENUINE,
    KEYS,
    PROFILES,
    TRUSTED,
    failures,
    named_parts,
    outcome,
    parts_of,
    signed,
    vector,
    verify,
)

PAPER, SEVERAL, DRAWN = "paper-es256.json", "several-signers-with-evidence.json", "drawn-with-evidence.json"
PERSONAL = ("K-2026-0815", "Vera Beispiel", "Amal Beispiel", "Rahel Beispiel", "Pflegefachkraft", "12 F 345/25", "Am Telefon")


def changed(name, change):
    """Spoil a bundle and write it in its canonical form again, under the signature that it had."""
    bundle = json.loads(vector(name))
    change(bundle)
    return rfc8785.dumps(bundle)


def test_a_bundle_holds_under_a_key_that_is_trusted():
    report = verify(vector(PAPER))
    assert failures(report) == []
    assert outcome(report, "key") == "passed"
    assert report.key == KEYS["ES256"].thumbprint()


def test_whose_key_it_is_stays_open_unless_somebody_says_so():
    report = verify(vector(PAPER), trusted=None)
    assert failures(report) == []
    assert outcome(report, "key") == "not_checked"
    assert "Anybody" in next(check.sentence for check in report.checks if check.name == "key")


@pytest.mark.parametrize("trusted", [frozenset(), frozenset({KEYS["Ed25519"].thumbprint()})])
def test_a_key_that_is_not_among_those_given_fails(trusted):
    assert failures(verify(vector(PAPER), trusted)) == ["key"]


@pytest.mark.parametrize("part", [part for part in PARTS if part not in ("bundle", "gateway")])
def test_a_part_of_another_bundle_is_named(part):
    theirs = json.loads(vector(SEVERAL))[part]

    def swap(bundle):
        assert bundle[part] != theirs
        bundle[part] = theirs

    report = verify(changed(PAPER, swap))
    assert "parts" in failures(report)
    assert {named.split("/")[1] for named in named_parts(report)} == {part}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda evidence: evidence.pop(), {"/evidence/3"}),
        (lambda evidence: evidence.pop(0), {f"/evidence/{place}" for place in range(4)}),
        (lambda evidence: evidence.append(dict(evidence[0])), {"/evidence/4"}),
        (lambda evidence: evidence.reverse(), {f"/evidence/{place}" for place in range(4)}),
        (lambda evidence: evidence.clear(), {f"/evidence/{place}" for place in range(4)}),
        (lambda evidence: evidence[0].pop("content"), {"/evidence/0"}),
        (lambda evidence: evidence[1].update(content=""), {"/evidence/1"}),
        (lambda evidence: evidence[2].pop("signer"), {"/evidence/2"}),
    ],
)
def test_evidence_that_was_taken_out_added_moved_or_stripped_is_named(change, named):
    report = verify(changed(SEVERAL, lambda bundle: change(bundle["evidence"])))
    assert named_parts(report) == named
    assert outcome(report, "signers") == outcome(report, "life") == "not_checked"


def test_the_signature_of_another_bundle_does_not_hold_here():
    theirs = json.loads(vector(DRAWN))["signature"]
    report = verify(changed(PAPER, lambda bundle: bundle.update(signature=theirs)))
    assert "parts" in failures(report)
    assert {"/declaration", "/evidence/0"} <= named_parts(report)


def test_who_changes_a_bundle_and_signs_it_with_another_key_is_found_out_by_whoever_knows_the_gateways_key():
    somebody = made_pair(SignatureAlgorithm.ES256)
    parts = parts_of(vector(PAPER))
    parts["evidence"][0]["attested_by"] = "Eva Beispiel"
    forged = signed(parts, somebody)
    assert failures(verify(forged)) == ["key"]
    unknown = verify(forged, trusted=None)
    assert failures(unknown) == []
    assert outcome(unknown, "key") == "not_checked"
    assert unknown.key == somebody.thumbprint()


def token(header, payload, signature):
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, payload, signature))


def forged_tokens():
    """Sign the true manifest in ways that must not count."""
    manifest = rfc8785.dumps(manifest_of(json.loads(vector(PAPER))))
    pair = KEYS["ES256"]
    shown, kid = public_members(pair), pair.thumbprint()
    proper = {"alg": "ES256", "typ": KIND, "kid": kid, "jwk": shown}

    def made(header, by=lambda message: sign(pair, message)):
        encoded = json.dumps(header, separators=(",", ":")).encode()
        message = token(encoded, manifest, b"").rsplit(".", 1)[0].encode()
        return token(encoded, manifest, by(message))

    yield "none", made(proper | {"alg": "none"}, lambda message: b"")
    yield "hs256", made(proper | {"alg": "HS256"}, lambda message: hashlib.sha256(pair.as_pem(private=False) + message).digest())
    yield "algorithm of another key", made(proper | {"alg": "Ed25519"})
    yield "access token", made(proper | {"typ": "at+jwt"})
    yield "another statement", made(proper | {"typ": "imgate-receipt+jws"})
    yield "typ in other letters", made(proper | {"typ": KIND.upper()})
    yield "no typ", made({name: value for name, value in proper.items() if name != "typ"})
    yield "no key", made({name: value for name, value in proper.items() if name != "jwk"})
    yield "critical", made(proper | {"crit": ["exp"], "exp": 1})
    yield "key from elsewhere", made(proper | {"jku": "https://example.org/jwks.json"})
    yield "name of another key", made(proper | {"kid": KEYS["Ed25519"].thumbprint()})
    yield "key of another", made(proper | {"jwk": public_members(KEYS["Ed25519"])})
    yield "payload taken out", (lambda proper: f"{proper[0]}..{proper[2]}")(made(proper).split("."))
    yield "signature taken out", made(proper).rsplit(".", 1)[0] + "."
    yield "four parts", made(proper) + ".AAAA"


FORGED = dict(forged_tokens())


@pytest.mark.parametrize("how", FORGED)
def test_a_signature_that_must_not_count_does_not(how):
    report = verify(changed(PAPER, lambda bundle: bundle.update(signature=FORGED[how])))
    assert failures(report) == ["signature"]
    assert named_parts(report) == {"/signature"}
    assert outcome(report, "parts") == outcome(report, "key") == outcome(report, "profile") == "not_checked"


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(version=2),
        lambda manifest: manifest.update(format="imgate-receipt"),
        lambda manifest: manifest.update(parts=[]),
        lambda manifest: manifest.update(more=1),
        lambda manifest: manifest["parts"].reverse(),
        lambda manifest: manifest["parts"].pop(),
        lambda manifest: manifest["parts"].append(manifest["parts"][0]),
        lambda manifest: manifest["parts"][0].update(bytes=-1),
        lambda manifest: manifest["parts"][0].update(bytes=10**15),
        lambda manifest: manifest["parts"][2].update(part="/evidence/1"),
    ],
)
def test_a_manifest_that_does_not_name_every_part_once_is_none(change):
    def spoil(bundle):
        manifest = manifest_of(bundle)
        change(manifest)
        pair = KEYS["ES256"]
        bundle["signature"] = StatementSignature(pair, lambda message: sign(pair, message)).sign(rfc8785.dumps(manifest), KIND)

    report = verify(changed(PAPER, spoil))
    assert failures(report) == ["signature"]
    assert outcome(report, "parts") == "not_checked"


@pytest.mark.parametrize("size", [0, 49, 51])
def test_a_manifest_that_has_a_wrong_length_does_not_fit_the_file(size):
    def spoil(bundle):
        manifest = manifest_of(bundle)
        assert manifest["parts"][0]["bytes"] == 50
        manifest["parts"][0]["bytes"] = size
        pair = KEYS["ES256"]
        bundle["signature"] = StatementSignature(pair, lambda message: sign(pair, message)).sign(rfc8785.dumps(manifest), KIND)

    report = verify(changed(PAPER, spoil))
    assert failures(report) == ["parts"]
    assert "/bundle" in named_parts(report)


def test_a_manifest_whose_last_part_is_longer_than_the_file_does_not_fit_there():
    def spoil(bundle):
        manifest = manifest_of(bundle)
        manifest["parts"][-1]["bytes"] += 1
        pair = KEYS["ES256"]
        bundle["signature"] = StatementSignature(pair, lambda message: sign(pair, message)).sign(rfc8785.dumps(manifest), KIND)

    assert named_parts(verify(changed(PAPER, spoil))) == {"/profile"}


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b"\xff", b'{"a":1,"a":2}', b"[" * 100])
def test_what_is_signed_may_be_anything_and_is_then_no_manifest(payload):
    report = bundle_checks.verify(vector(PAPER), lambda unverified_token, kind: Signed("k", "ES256", payload), PROFILES, None)
    assert failures(report) == ["signature"]


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "empty"),
        (b"\n", "not JSON"),
        (b"null", "does not say"),
        (b"7", "does not say"),
        (b"[]", "does not say"),
        (b"{}", "does not say"),
        (b'{"bundle":7}', "does not say"),
        (b'{"bundle":{"format":"imgate-receipt","version":1}}', "does not say"),
        (b'{"bundle":{"format":"%s","version":2}}' % FORMAT.encode(), "another version"),
        (b'{"bundle":{"format":"%s","version":"1"}}' % FORMAT.encode(), "another version"),
        (b'{"bundle":{"format":"%s","version":true}}' % FORMAT.encode(), "another version"),
        (b'{"bundle":{"format":"%s","version":1}}' % FORMAT.encode(), "at /declaration"),
        (b"%PDF-1.7", "not JSON"),
        (b"PK\x03\x04", "not JSON"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b'{"a":1,"a":2}', "twice"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":NaN}', "not finite"),
        (b'{"a":9007199254740993}', "too large"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested too deeply"),
        (b"\xef\xbb\xbf" + vector(PAPER), "not JSON"),
        (vector(PAPER).decode().encode("utf-16"), "not UTF-8"),
        (vector(PAPER)[:-1], "not all of it is there"),
        (vector(PAPER)[: len(vector(PAPER)) // 2], "not all of it is there"),
        (vector(PAPER) + b"\n", "canonical"),
        (json.dumps(json.loads(vector(PAPER)), indent=1).encode(), "canonical"),
        (vector(PAPER) * 2, "not JSON"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_no_bundle_is_told_so_in_a_sentence(file, says):
    report = verify(file)
    form = report.checks[0]
    assert (form.name, form.outcome.value) == ("form", "failed")
    assert says in form.sentence
    assert all(check.outcome.value != "passed" for check in report.checks[4:])


def test_a_newer_version_is_refused_even_if_it_is_signed():
    report = verify(changed(PAPER, lambda bundle: bundle["bundle"].update(version=2)))
    assert "use a newer imgate" in report.checks[0].sentence
    assert named_parts(report) == {"/bundle"}


def test_a_file_that_is_too_large_is_not_looked_into():
    report = verify(b" " * (SIZE_MAX + 1))
    assert [check.name for check in report.checks] == ["form"]
    assert "over 64 MiB" in report.checks[0].sentence


def test_a_file_as_large_as_may_be_is_read_and_no_byte_more(monkeypatch):
    file = vector(PAPER)
    whole = [check.name for check in verify(file).checks]
    monkeypatch.setattr(bundle_checks, "SIZE_MAX", len(file))
    assert (failures(verify(file)), [check.name for check in verify(file).checks]) == ([], whole)
    monkeypatch.setattr(bundle_checks, "SIZE_MAX", len(file) - 1)
    assert [check.name for check in verify(file).checks] == ["form"]


def test_a_signature_as_long_as_may_be_is_looked_at_and_no_byte_more():
    for length, says in ((131_072, "does not hold"), (131_073, "does not end in a signature")):
        report = verify(changed(PAPER, lambda bundle, length=length: bundle.update(signature="x" * length)))
        assert says in report.checks[1].sentence


@pytest.mark.parametrize("mark", [b",", b"[", b"{"])
def test_a_quarter_of_a_million_values_are_read_and_no_more(mark):
    assert "more values" not in verify(mark * 250_000).checks[0].sentence
    assert "more values" in verify(mark * 250_001).checks[0].sentence


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1", b'""'])
def test_a_file_of_a_million_values_is_not_read(value):
    report = verify(b'{"bundle":[' + b",".join([value] * 1_000_001) + b"]}")
    assert "more values" in report.checks[0].sentence


def test_a_member_that_nobody_knows_is_not_repeated():
    report = verify(changed(PAPER, lambda bundle: bundle["evidence"][0].update({"Amal Beispiel": 1})))
    assert "/evidence/0/?" in report.checks[0].sentence
    assert named_parts(report) == {"/evidence/0"}


@pytest.mark.parametrize("name", GENUINE)
def test_no_sentence_says_anything_about_the_client(name):
    spoiled = [lambda bundle: bundle["declaration"].update(digest="0" * 64), lambda bundle: bundle["evidence"].clear()]
    for file in (vector(name), vector(name)[:-9], *(changed(name, change) for change in spoiled)):
        said = repr(verify(file))
        assert not [word for word in PERSONAL if word in said]


def test_a_bundle_that_would_be_too_large_is_not_written():
    parts = parts_of(vector(DRAWN))
    parts["evidence"][0]["content"] = "A" * SIZE_MAX
    with pytest.raises(BundleTooLarge):
        signed(parts)


def test_a_bundle_as_large_as_may_be_is_written_and_no_byte_more(monkeypatch):
    parts = parts_of(vector(DRAWN))
    size = len(signed(parts))
    monkeypatch.setattr("imgate.consent.bundle.SIZE_MAX", size)
    assert len(signed(parts)) == size
    monkeypatch.setattr("imgate.consent.bundle.SIZE_MAX", size - 1)
    with pytest.raises(BundleTooLarge):
        signed(parts)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_time_is_written_in_utc_with_microseconds_wherever_the_machine_stands(zone, monkeypatch):
    at = datetime.fromisoformat("2026-03-29T03:00:00+02:00")
    with monkeypatch.context() as meanwhile:
        meanwhile.setenv("TZ", zone)
        time.tzset()
        written = [instant(at), instant(at.replace(microsecond=120))]
    time.tzset()
    assert written == ["2026-03-29T01:00:00.000000Z", "2026-03-29T01:00:00.000120Z"]


def test_the_reader_of_signatures_gives_the_key_and_its_algorithm():
    token_of = json.loads(vector("paper-ed25519.json"))["signature"]
    read = read_signature(token_of, KIND)
    assert (read.key, read.algorithm) == (KEYS["Ed25519"].thumbprint(), "Ed25519")
    assert read_signature(token_of, "at+jwt") is None
    assert read.key in TRUSTED


def nodes(value, path=()):
    """Give the path of everything that stands in a JSON value."""
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in steps:
        yield from nodes(below, (*path, step))


STRANGE = (
    None,
    True,
    -1,
    0.5,
    2**53 - 1,
    "",
    "x" * 1000,
    "é\u0000",
    [],
    {},
    [[]],
    {"": {"": []}},
    "2026-02-30T00:00:00.000000Z",
    "0001-01-01",
)


def test_whatever_is_signed_the_answer_is_a_report():
    chance, pair = random.Random(8), KEYS["ES256"]  # noqa: S311  # chance that can be repeated
    signature = StatementSignature(pair, lambda message: sign(pair, message))
    for _ in range(2000):
        bundle = json.loads(vector(chance.choice(GENUINE)))
        *way, last = chance.choice([path for path in nodes(bundle) if path and path[0] != "signature"])
        place = bundle
        for step in way:
            place = place[step]
        place[last] = chance.choice(STRANGE)
        try:
            manifest = manifest_of(bundle)
        except (KeyError, TypeError):
            continue  # not even a gateway could have signed that
        bundle["signature"] = signature.sign(rfc8785.dumps(manifest), KIND)
        report = verify(rfc8785.dumps(bundle))
        assert {check.name for check in report.checks} >= {"form", "signature", "key", "parts"}
        assert outcome(report, "signature") in ("passed", "failed")
