"""Anybody can write a file and hand it to whoever verifies: the answer comes soon and is short, whatever stands in it."""

import time

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from imgate.consent import life
from imgate.consent.bundle import FORMAT, KIND, LENGTHS_MAX, VERSION, BundleTooLarge
from imgate.consent.bundle_life import missing_roles, reached
from imgate.consent.declaration import DeclarationRequest
from imgate.keys.pairs import made_pair, sign
from imgate.keys.profiles import SignatureAlgorithm
from imgate.keys.signatures import StatementSignature
from imgate.vocabulary.words import EvidenceLevel, SignerRole
from tests.consent.bundled import failures, parts_of, signed, vector, verify

PAPER = "paper-es256.json"
SENTENCE_MAX = 4000


def spoiled(change):
    """Write a file under a signature that is none, as anybody can."""
    parts = parts_of(vector(PAPER))
    change(parts)
    return rfc8785.dumps({"bundle": {"format": FORMAT, "version": VERSION}, **parts, "signature": "a.b.c"})


def put(parts, pointer, value):
    *way, last = pointer[1:].split("/")
    for step in way:
        parts = parts[step]
    parts[last] = value


def quickly(file):
    """Verify within a few seconds of the processor's time; each of these took a minute, or gigabytes."""
    began = time.process_time()
    report = verify(file)
    assert time.process_time() - began < 5
    assert all(len(check.sentence) < SENTENCE_MAX for check in report.checks)
    return report


def many_signers(parts):
    parts["declaration"]["content"]["signers_required"] = ["guardian"] * 100_000
    parts["evidence"] = parts["evidence"] * 8000


FLOODS = {
    "signers and pieces": many_signers,
    "pieces that are none": lambda parts: parts.update(evidence=[{}] * 100_000),
    "lines that are none": lambda parts: parts.update(history=[{}] * 100_000),
    "members that nobody knows": lambda parts: parts["life"].update({f"x{number}": 1 for number in range(500_000)}),
    "pauses": lambda parts: parts["life"].update(pauses=[{"begun": parts["made_at"]}] * 100_000),
    "revocations": lambda parts: parts["life"].update(revocations=[{"at": parts["made_at"], "scope": "*"}] * 100_000),
}


@pytest.mark.parametrize("how", FLOODS)
def test_a_file_that_anybody_can_write_is_answered_soon_and_shortly(how):
    assert "form" in failures(quickly(spoiled(FLOODS[how])))


def test_a_manifest_that_anybody_can_sign_is_answered_soon():
    pair = made_pair(SignatureAlgorithm.ES256)
    signature = StatementSignature(pair, lambda message: sign(pair, message))
    for entries in (b"{}," * 20_000 + b"{}", b"{}," * 300_000 + b"{}"):
        token = signature.sign(b'{"digest":"","format":"","parts":[' + entries + b'],"version":1}', KIND)
        file = vector(PAPER)[: vector(PAPER).rindex(b'"signature":"')] + b'"signature":"' + token.encode() + b'"}'
        assert "signature" in failures(quickly(file))


@pytest.mark.parametrize("pointer", LENGTHS_MAX)
def test_a_list_that_is_longer_than_any_gateway_makes_is_named(pointer):
    most = LENGTHS_MAX[pointer]
    report = quickly(spoiled(lambda parts: put(parts, pointer, [None] * (most + 1))))
    assert report.checks[0].sentence == f"This is no bundle: {pointer} is longer than in any bundle."
    assert "what stands at" in quickly(spoiled(lambda parts: put(parts, pointer, [None] * most))).checks[0].sentence


@pytest.mark.parametrize("place", ["declaration", "evidence", "life", "history"])
@pytest.mark.parametrize("value", [None, 7, "x" * 20_000, [], {}, [[]], {"content": "x" * 100}, {"content": []}])
def test_what_is_no_list_where_one_belongs_is_no_bundle(place, value):
    report = verify(spoiled(lambda parts: parts.update({place: value})))
    assert ("form" in failures(report)) == (not (value == [] and place in ("evidence", "history")))


def test_as_many_signers_and_scopes_are_read_as_a_request_may_name():
    request = DeclarationRequest.model_json_schema()["properties"]
    assert LENGTHS_MAX["/declaration/content/signers_required"] == request["signers_required"]["maxItems"]
    assert LENGTHS_MAX["/declaration/content/scopes"] > request["scopes"]["maxItems"]
    assert LENGTHS_MAX["/life/revocations"] > request["scopes"]["maxItems"] + 1


@pytest.mark.parametrize("pointer", LENGTHS_MAX)
def test_a_gateway_writes_nothing_that_nobody_would_read(pointer):
    parts = parts_of(vector(PAPER))
    put(parts, pointer, [None] * (LENGTHS_MAX[pointer] + 1))
    with pytest.raises(BundleTooLarge):
        signed(parts)


def full(parts):
    """Fill every list, with what fits nowhere."""
    parts["declaration"]["content"]["signers_required"] = ["guardian"] * 20
    parts["declaration"]["content"]["scopes"] = ["language.level"] * 1000
    parts["evidence"] = [{**parts["evidence"][0], "level": "qualified"} for _ in range(500)]
    parts["history"] = [{"at": parts["made_at"], "event": "paused"}] * 10_000
    parts["life"]["pauses"] = [{"begun": parts["made_at"]}] * 5000


def test_a_file_as_long_as_may_be_is_answered_soon_and_shortly():
    report = quickly(spoiled(full))
    assert "form" not in failures(report)
    sentences = {check.name: check.sentence for check in report.checks}
    assert sentences["signers"].count("guardian") == 20
    assert "and 9" in sentences["life"]
    changed = signed(parts_of(vector(PAPER)))
    changed = rfc8785.dumps({**parts_of(spoiled(full)), "bundle": {"format": FORMAT, "version": VERSION}, "signature": _signature(changed)})
    report = quickly(changed)
    (parts,) = (check for check in report.checks if check.name == "parts")
    assert len(parts.parts) > 500
    assert parts.sentence.endswith("more.")


def test_the_longest_file_that_a_gateway_writes_is_read():
    parts = parts_of(vector(PAPER))
    full(parts)
    report = quickly(signed(parts))
    assert {check.name: check.outcome.value for check in report.checks if check.name in ("form", "signature", "key", "parts")} == {
        "form": "passed",
        "signature": "passed",
        "key": "passed",
        "parts": "passed",
    }


def _signature(file):
    return file[file.rindex(b'"signature":"') + 13 : -2].decode()


ROLES = st.sampled_from(list(SignerRole)[:3])


@given(required=st.lists(ROLES, max_size=6), evidence=st.lists(st.tuples(ROLES, st.sampled_from(EvidenceLevel)), max_size=12))
def test_the_levels_are_those_that_all_evidence_up_to_each_piece_gives(required, evidence):
    bundle = {
        "declaration": {"content": {"signers_required": required}},
        "evidence": [{"role": role, "level": level} for role, level in evidence],
    }
    expected = []
    for place in range(len(evidence)):
        level = life.reached_level(required, evidence[: place + 1])
        if level is not None and (not expected or expected[-1][1] is not level):
            expected.append((place, level))
    assert reached(bundle) == expected
    missing = list(required)
    for role, _ in evidence:
        if role in missing:
            missing.remove(role)
    assert sorted(missing_roles(bundle)) == sorted(missing)
