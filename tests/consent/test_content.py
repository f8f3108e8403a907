"""The content that is signed: what imgate adds to it, that it never changes, and its digest over the RFC 8785 form."""

import hashlib
import json
import random
from dataclasses import FrozenInstanceError

import pytest
import rfc8785
from pydantic import ValidationError

from imgate.consent.declaration import complete_content, content_digest, first_head
from tests.consent.specimen import CONTENT, ID, NAME, POSTED, partner, policy, request


def test_imgate_adds_recipient_catalogue_wording_and_nonce_and_nothing_else():
    """Everything that was posted stands in it as it was posted."""
    content = complete_content(request(), policy())
    assert content == POSTED | {"recipient": NAME, "catalogue": 1, "wording": "1", "nonce": content["nonce"]}


def test_the_recipient_is_the_partners_name_of_that_day():
    """Renaming a partner cannot redirect what was signed before."""
    assert complete_content(request(), policy(partner(name="Jobcenter Stuttgart")))["recipient"] == "Jobcenter Stuttgart"


def test_a_nonce_has_128_bits_and_never_comes_again():
    """Two declarations of the same words are two, with two digests."""
    contents = [complete_content(request(), policy()) for _ in range(100)]
    assert len({content["nonce"] for content in contents}) == len({content_digest(content) for content in contents}) == 100
    assert all(len(bytes.fromhex(content["nonce"])) == 16 for content in contents)


def test_the_digest_is_sha256_over_the_canonical_form():
    """As anybody can recompute it from what GET shows: 64 lower-case hex digits."""
    plain = json.dumps(CONTENT, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content_digest(CONTENT) == hashlib.sha256(plain.encode()).hexdigest()


def test_the_digest_does_not_depend_on_the_order_of_the_keys():
    """Nor on a way through JSON text."""
    keys = list(CONTENT)
    for seed in range(20):
        random.Random(seed).shuffle(keys)  # noqa: S311  # an order of keys is no secret
        assert content_digest({key: CONTENT[key] for key in keys}) == content_digest(CONTENT)
    assert content_digest(json.loads(json.dumps(CONTENT))) == content_digest(CONTENT)


@pytest.mark.parametrize("name", list(CONTENT))
def test_the_digest_covers_every_part(name):
    """Whichever part is another, the digest is another; also where it is only missing."""
    assert content_digest(CONTENT | {name: "?"}) != content_digest(CONTENT)
    assert content_digest({key: part for key, part in CONTENT.items() if key != name}) != content_digest(CONTENT)


def test_the_order_of_scopes_and_signers_is_part_of_what_was_signed():
    """Lists are lists: who reorders one has another paper."""
    assert content_digest(CONTENT | {"scopes": CONTENT["scopes"][::-1]}) != content_digest(CONTENT)


def test_the_library_writes_the_published_vectors(shared):
    """RFC 8785, by the test data that its author published."""
    vectors = json.loads((shared / "data/vectors/jcs.json").read_text(encoding="utf-8"))["pairs"]
    assert len(vectors) >= 5
    for pair in vectors:
        assert rfc8785.dumps(json.loads(pair["input"])) == pair["output"].encode(), pair["name"]


def test_a_head_is_made_of_the_content_and_says_what_it_says():
    """Unsigned, unrevoked, in its first version."""
    head = first_head(ID, CONTENT)
    assert head.digest == content_digest(CONTENT)
    assert (head.partner, head.recipient, head.catalogue) == (POSTED["partner"], NAME, 1)
    assert (head.scopes, head.purposes, head.clauses) == tuple(tuple(POSTED[name]) for name in ("scopes", "purposes", "clauses"))
    assert (head.direction, head.valid_from, head.valid_until) == ("both", "2026-01-15", "2026-12-31")
    assert (head.version, head.levels, head.revoked, head.pauses, head.superseded_by, head.evidence) == (1, (), {}, (), (), ())


def test_what_was_posted_and_what_decides_cannot_be_changed_in_place():
    """A change is another version, or another declaration."""
    with pytest.raises(ValidationError):
        request().occasion = "something else altogether"  # type: ignore[misc]  # is what must fail
    with pytest.raises(FrozenInstanceError):
        first_head(ID, CONTENT).scopes = ("notes.counselling",)  # type: ignore[misc]  # as above


def test_the_content_is_plain_json():
    """Enumerations and dates stand in it as their words, so that any library writes the same bytes."""
    content = complete_content(request(), policy())
    assert {type(leaf) for value in content.values() for leaf in (value if isinstance(value, list) else [value])} <= {
        str,
        int,
        dict,
        type(None),
    }
