"""A witness signs a log that goes on as it was, and no other: none that was cut, forked, or put back to an earlier state."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from imgate.audit.signing import Cosigner, LogSigner
from imgate.audit.tree import consistency_proof
from imgate.audit.verify import Checkpoint, Note, NotProven, Tree, leaf_hash, verified_checkpoint
from imgate.audit.witness import ConsistencyProof, NotTheSameLog, ProofNeeded, check_next

ORIGIN = "imgate/im"
LEAVES = [leaf_hash(b"%d" % number) for number in range(9)]
OTHERS = [leaf_hash(b"other"), *LEAVES[1:]]
LOG = LogSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESS = Cosigner("amt.example.org", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"1"))
AT = datetime(2023, 3, 20, 12, 25, 47, tzinfo=UTC)


def subtrees(leaves):
    tree = Tree(leaves)
    return lambda height, index: tree.levels[height][index]


def checkpoint(size, leaves=LEAVES):
    return Checkpoint(ORIGIN, size, Tree(leaves).root(size))


def proof(first, second, leaves=LEAVES):
    return ConsistencyProof(ORIGIN, first, second, consistency_proof(subtrees(leaves), first, second))


def test_the_first_checkpoint_is_taken_as_it_is():
    check_next(None, checkpoint(5), None)


@pytest.mark.parametrize("first", range(1, 10))
def test_a_log_that_goes_on_is_signed(first):
    for second in range(first, 10):
        check_next(checkpoint(first), checkpoint(second), proof(first, second) if second > first else None)


def test_nothing_goes_before_everything():
    check_next(checkpoint(0), checkpoint(5), None)


@pytest.mark.parametrize("first", range(1, 10))
def test_a_log_that_is_shorter_than_before_is_refused(first):
    for second in range(first):
        with pytest.raises(NotTheSameLog, match="it was cut, or is an old one"):
            check_next(checkpoint(first), checkpoint(second), None)


@pytest.mark.parametrize("size", range(1, 10))
def test_two_logs_of_one_length_are_a_fork(size):
    with pytest.raises(NotTheSameLog, match="forked"):
        check_next(checkpoint(size), checkpoint(size, OTHERS), None)


def test_a_longer_log_that_begins_otherwise_is_refused_whatever_proof_it_brings():
    for first in range(1, 9):
        for second in range(first + 1, 10):
            for leaves in (LEAVES, OTHERS):
                with pytest.raises(NotTheSameLog, match="does not show"):
                    check_next(checkpoint(first), checkpoint(second, OTHERS), proof(first, second, leaves))


def test_each_changed_hash_of_a_proof_is_found():
    good = proof(6, 9)
    for place, each in enumerate(good.hashes):
        for changed in (bytes(32), each[::-1], each[:31], each + b"0", b""):
            hashes = [*good.hashes[:place], changed, *good.hashes[place + 1 :]]
            with pytest.raises(NotTheSameLog):
                check_next(checkpoint(6), checkpoint(9), replace(good, hashes=hashes))
    for hashes in ([], good.hashes[1:], good.hashes[:-1], [*good.hashes, bytes(32)]):
        with pytest.raises(NotTheSameLog):
            check_next(checkpoint(6), checkpoint(9), replace(good, hashes=hashes))


@pytest.mark.parametrize("given", [None, proof(5, 9), proof(6, 8), replace(proof(6, 9), origin="imgate/other")])
def test_a_proof_of_something_else_is_none(given):
    with pytest.raises(ProofNeeded, match="--consistency 6 9"):
        check_next(checkpoint(6), checkpoint(9), given)


def test_the_log_signs_a_note_of_three_lines():
    note = LOG.sign(5, checkpoint(5).root)
    assert note.text == f"imgate/im\n5\n{base64.b64encode(Tree(LEAVES).root(5)).decode()}\n"
    assert note == Note.parsed(str(note).encode())
    note.verify(LOG.public)


def test_a_cosignature_says_when_it_was_seen_and_leaves_the_text_and_other_signatures_alone():
    note = LOG.sign(5, checkpoint(5).root)
    cosigned = WITNESS.cosign(note, AT)
    assert str(cosigned).startswith(str(note))
    assert cosigned.verify(WITNESS.public) == int(AT.timestamp())
    cosigned.verify(LOG.public)


def test_a_cosignature_is_what_c2sp_says_it_is():
    note = LOG.sign(5, checkpoint(5).root)
    line = str(WITNESS.cosign(note, AT)).splitlines()[-1]
    dash, name, encoded = line.split(" ")
    content = base64.b64decode(encoded)
    public = WITNESS.key.public_key()
    assert (dash, name) == ("—", "amt.example.org")
    assert content[:4] == hashlib.sha256(b"amt.example.org\n\x04" + public.public_bytes_raw()).digest()[:4]
    assert int.from_bytes(content[4:12], "big") == 1679315147
    public.verify(content[12:], f"cosignature/v1\ntime 1679315147\n{note.text}".encode())


def test_the_keys_of_log_and_witness_cannot_be_taken_for_one_another():
    same = Cosigner(ORIGIN, LOG.key)
    note = LOG.sign(5, checkpoint(5).root)
    with pytest.raises(NotProven):
        note.verify(same.public)
    with pytest.raises(NotProven):
        Note(note.text, same.cosign(note, AT).signatures[1:]).verify(LOG.public)


def test_each_changed_byte_of_a_checkpoint_is_found():
    raw = str(WITNESS.cosign(LOG.sign(5, checkpoint(5).root), AT)).encode()
    for place in range(len(raw)):
        for flip in (0x01, 0x20, 0x80):
            changed = raw[:place] + bytes([raw[place] ^ flip]) + raw[place + 1 :]
            with pytest.raises(NotProven):
                verified_checkpoint(changed, LOG.public, [WITNESS.public])
