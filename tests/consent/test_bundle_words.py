"""What a report says, word for word: whoever is shown one reads its sentences and nothing else."""

from datetime import UTC, datetime

import pytest

from imgate.consent import bundle_checks
from imgate.consent.bundle_checks import Signed, prove
from imgate.consent.bundle_coverage import Asked, coverage
from imgate.consent.bundle_evidence import SignedDocument, document_checks
from imgate.consent.bundle_report import Check, some_of
from imgate.keys.statements import read_signature
from imgate.vocabulary.words import EvidenceKind
from tests.consent.bundled import GENUINE, KEYS, PROFILES, TRUSTED, parts_of, signed, vector, verify
from tests.consent.test_bundle import changed
from tests.consent.test_bundle_coverage import ASKED
from tests.consent.test_bundle_life import CONTRADICTIONS, PAPER, event, report_of, sentence


def told(report):
    """Write a report as lines."""
    return [f"{check.name}: {check.outcome.value}: {check.sentence} {' '.join(check.parts)}".rstrip() for check in report.checks]


@pytest.mark.parametrize("name", [*GENUINE, "changed.json", "signed-by-somebody.json"])
def test_each_bundle_that_was_ever_made_is_told_about_as_it_was(name, snapshot):
    assert told(verify(vector(name))) == snapshot


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_each_contradiction_is_told_in_its_own_words(case, snapshot):
    name, change, _ = CONTRADICTIONS[case]
    assert sentence(report_of(name, change), "life") == snapshot


SPOILED = {
    "zone": lambda parts: parts["gateway"].update(timezone="Europe/Winnenden"),
    "event": lambda parts: event(parts, "handed_over"),
    "two contradictions": lambda parts: (event(parts, "resumed"), parts["life"].update(state="draft")),
    "another algorithm": lambda parts: parts["profile"].update(algorithm="Ed25519"),
    "a profile that nobody knows": lambda parts: parts["profile"].update(name="imgate-2099"),
    "evidence that is no base64": lambda parts: parts["evidence"][0].update(content="é"),
    "other evidence": lambda parts: parts["evidence"][0].update(content="JVBERi0xLjcK"),
    "nobody signed": lambda parts: (parts["evidence"].clear(), parts["declaration"]["content"].update(signers_required=[])),
}


@pytest.mark.parametrize("case", SPOILED)
def test_what_stays_open_is_told_in_its_own_words(case, snapshot):
    assert told(report_of(PAPER, SPOILED[case])) == snapshot


CHANGED = {
    "another digest": lambda bundle: bundle["declaration"].update(digest="0" * 64),
    "a signature that is none": lambda bundle: bundle.update(signature="a.b.c"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_was_changed_is_told_in_its_own_words(case, snapshot):
    assert told(verify(changed(PAPER, CHANGED[case]))) == snapshot


def test_what_was_signed_and_is_no_manifest_is_told_in_its_own_words(snapshot):
    assert told(bundle_checks.verify(vector(PAPER), lambda unverified_token, kind: Signed("k", "ES256", b"[]"), PROFILES, None)) == snapshot


def test_a_profile_that_is_known_for_another_algorithm_is_told_in_its_own_words(snapshot):
    parts = parts_of(vector("paper-ed25519.json"))
    parts["profile"]["name"] = parts_of(vector(PAPER))["profile"]["name"]
    assert told(verify(signed(parts, KEYS["Ed25519"]))) == snapshot


def test_of_many_names_the_first_twenty_are_told_and_how_many_more():
    names = [f"n{number}" for number in range(22)]
    assert some_of(names[:20]) == ", ".join(names[:20])
    assert some_of(names[:21]).endswith(", n19, and 1 more")
    assert some_of(names, "; ").endswith("; n19; and 2 more")


UNREADABLE = {
    "empty": b"",
    "no JSON": b"{",
    "more values than any bundle has": b"[" * 300_000,
    "something else": b'{"a":1}',
    "another version": vector(PAPER).replace(b'"version":1', b'"version":2', 1),
    "not canonical": vector(PAPER) + b"\n",
    "an unknown member": vector(PAPER).replace(b'{"bundle"', b'{"birth":"1990","bundle"', 1),
    "a wrong value": vector(PAPER).replace(b'"paused"', b'"asleep"').replace(b'"state":"active"', b'"state":"asleep"'),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_bundle_is_told_in_its_own_words(case, snapshot):
    lines = told(verify(UNREADABLE[case]))
    assert "1990" not in " ".join(lines)
    assert lines == snapshot


def document(read, changed=(), kind=EvidenceKind.PADES, content="AAEC"):
    piece = {"kind": kind, "recorded_at": "2026-03-02T09:00:00.000000Z", "content": content}
    bundle = {"declaration": {"digest": "d" * 64}, "evidence": [piece]}
    (check,) = document_checks(bundle, read, tuple(changed))
    return check


@pytest.mark.parametrize("holds", [True, False, None])
def test_what_is_found_in_a_signed_document_is_told_as_it_was_found(holds, snapshot):
    check = document(lambda about: (holds, f"Found in {len(about.content)} bytes, about {about.digest[:2]}, {about.signer}."))
    assert (check.name, check.outcome.value, check.sentence, check.parts) == snapshot


@pytest.mark.parametrize(
    "asked",
    [
        {"changed": ["/declaration"]},
        {"changed": ["/evidence/0"]},
        {"content": ""},
        {"content": "no base64"},
        {"content": "AAE"},
        {"content": "AAEC!"},
        {"kind": EvidenceKind.EID},
        {"read": None},
    ],
    ids=["declaration changed", "piece changed", "no content", "no base64", "cut off", "another sign", "eid", "no reader"],
)
def test_a_document_that_cannot_be_looked_into_is_not_read_at_all(asked, snapshot):
    def read(about):
        raise AssertionError("was read")

    check = document(**{"read": read, **asked})
    assert check.outcome.value == "not_checked"
    assert check.sentence == snapshot


def test_whoever_looks_into_a_document_is_told_what_it_has_to_be_about():
    seen = []
    piece = {"kind": EvidenceKind.PADES, "recorded_at": "2026-03-02T09:00:00.000085Z", "content": "AAEC", "signer": "guardian"}
    bundle = {"declaration": {"digest": "d" * 64}, "evidence": [piece]}
    list(document_checks(bundle, lambda about: (seen.append(about), (True, "Read."))[1], ()))
    assert seen == [SignedDocument(b"\x00\x01\x02", "d" * 64, "guardian", datetime(2026, 3, 2, 9, 0, 0, 85, tzinfo=UTC))]


def test_a_change_elsewhere_does_not_keep_a_document_from_being_read():
    assert document(lambda about: (True, "Read."), changed=["/history", "/evidence/1"]) == Check(
        "document 0", document(lambda about: (True, "")).outcome, "Read.", ()
    )


def test_a_bundle_may_revoke_every_scope_and_the_whole():
    def change(parts):
        scopes = parts["declaration"]["content"]["scopes"]
        at = parts["made_at"]
        parts["life"]["revocations"] = [{"at": at, "scope": scope} for scope in ["*", *scopes]]
        event(parts, "partly_revoked")
        event(parts, "revoked")
        parts["life"]["state"] = "revoked"

    assert told(report_of(PAPER, change))[-1].startswith("life: passed")


NOT_US = Asked(frozenset(), None, datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("holds", [True, False])
def test_what_a_bundle_covers_is_told_in_its_own_words(holds, snapshot):
    _, bundle = prove(vector(PAPER), read_signature, PROFILES, TRUSTED)
    if not holds:
        bundle["declaration"]["content"] |= {"clauses": [], "direction": "from_partner"}
        bundle["life"]["state"] = "paused"
    covers = coverage(bundle, ASKED if holds else NOT_US)
    assert {check.outcome.value for check in covers.checks} == {"passed" if holds else "failed"}
    assert told(covers) == snapshot
