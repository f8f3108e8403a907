"""The published vectors (Wycheproof) against what verifies signatures: under the key that they are for, and under no wrong algorithm."""

import json
from collections import Counter

import pytest
from joserfc.jwk import OctKey, import_key

from imgate.http.client_assertion import algorithms_of
from imgate.keys.signatures import SignatureRefused, signed_payload, unverified_header, verified_statement

OURS = ("ES256", "Ed25519", "EdDSA", "RS256")


@pytest.fixture(scope="module")
def vectors(shared):
    groups = json.loads((shared / "data/vectors/jws.json").read_text(encoding="utf-8"))["testGroups"]
    return [(group.get("public") or group["private"], vector) for group in groups for vector in group["tests"]]


def read(token: str, published: dict, algorithms: tuple[str, ...]) -> bytes:
    key = import_key(published)
    unverified_header(token, 16_384)
    return signed_payload(token, key, *algorithms)


def named(vector) -> str:
    return f"{vector['tcId']} {vector['comment']}"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_nothing_invalid_is_accepted_and_what_is_valid_and_ours_is(vectors):
    read_as_valid: Counter[str] = Counter()
    for published, vector in vectors:
        key = import_key(published)
        algorithms = () if isinstance(key, OctKey) else algorithms_of(key)
        ours = vector["result"] == "valid" and published.get("alg") in algorithms
        try:
            assert algorithms or not ours
            payload = read(vector["jws"], published, algorithms) if algorithms else None
        except SignatureRefused:
            assert not ours, named(vector)
        else:
            assert vector["result"] == "valid" or payload is None, named(vector)
            read_as_valid[str(published.get("alg"))] += ours
    assert set(read_as_valid) >= {"ES256", "RS256"}
    assert sum(read_as_valid.values()) >= 8


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("algorithm", OURS)
def test_no_algorithm_that_we_take_reads_what_is_invalid_or_was_signed_by_another(vectors, algorithm):
    for published, vector in vectors:
        if vector["result"] == "invalid" or published.get("alg") != algorithm:
            try:
                read(vector["jws"], published, (algorithm,))
            except SignatureRefused:
                continue
            pytest.fail(named(vector))


def test_no_token_of_others_is_a_statement(vectors):
    for _, vector in vectors:
        for kind in ("imgate-bundle+jws", ""):
            with pytest.raises(SignatureRefused):
                verified_statement(vector["jws"], kind, trusted=None)
