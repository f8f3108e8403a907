"""An export holds every placed entry and every checkpoint and verifies without the database; who cosigned is kept."""

import io
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from imgate.audit.signing import Cosigner, LogSigner
from imgate.audit.verify import Note, NotProven, verified_checkpoint, verify_export
from imgate.storage.checkpoints import SqlCheckpoints
from imgate.storage.cosigning import NotTaken, add_cosignatures
from imgate.storage.log_export import export_log
from imgate.storage.log_signing import sign_log
from imgate.storage.proof import place_entries

WITNESSES = [Cosigner(f"w{number}.example.org", Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)) for number in range(3)]
KEYS = [witness.public for witness in WITNESSES[:2]]


@pytest.fixture
def signer(store):
    return LogSigner("imgate/im", store.vault.checkpoint_key)


@pytest.fixture
def note(store, sample, signer):
    for _ in range(2):
        with store.transaction() as tx:
            for _ in range(3):
                tx.audit(sample.event(subject="canary-subject"))
        place_entries(store)
        signed = sign_log(store, signer, sample.at)
    return Note.parsed(signed.checkpoint.note.encode())


def kept(store, size=6):
    with store.reading() as tx:
        return Note.parsed(SqlCheckpoints(tx.session).find(size).note.encode())


def test_an_export_verifies_without_the_database(store, signer, note):
    out = io.BytesIO()
    assert export_log(store, signer.public, out) == 6
    lines = out.getvalue().splitlines(keepends=True)
    assert len(lines) == 1 + 6 + 2
    report = verify_export(lines, signer.public)
    assert report.sound
    assert (report.entries, report.proven) == (6, 6)
    assert verified_checkpoint(str(note).encode(), signer.public) == report.checkpoint
    with pytest.raises(NotProven):
        verify_export(lines, LogSigner("imgate/other", signer.key).public)


def test_witnesses_signatures_stand_below_the_log_s_own(store, sample, signer, note):
    first, second, stranger = WITNESSES
    cosigned = stranger.cosign(first.cosign(note, sample.at), sample.at)
    assert add_cosignatures(store, cosigned, signer.public, KEYS) == (first.name,)
    assert add_cosignatures(store, second.cosign(note, sample.at), signer.public, KEYS) == (second.name,)
    assert [each.name for each in kept(store).signatures] == ["imgate/im", first.name, second.name], "what a stranger signs is left out"
    verified_checkpoint(str(kept(store)).encode(), signer.public, KEYS)


def test_a_witness_s_later_signature_replaces_its_earlier_one(store, sample, signer, note):
    for minutes in (0, 1):
        add_cosignatures(store, WITNESSES[0].cosign(note, sample.at + timedelta(minutes=minutes)), signer.public, KEYS)
    assert len(kept(store).signatures) == 2
    assert kept(store).verify(KEYS[0]) == int((sample.at + timedelta(minutes=1)).timestamp())


def test_what_is_not_a_witness_s_word_on_our_checkpoint_is_not_taken(store, sample, signer, note):
    at = sample.at
    for spoiled, why in (
        (note, "no witness"),
        (WITNESSES[2].cosign(note, at), "no witness"),
        (WITNESSES[0].cosign(Note(note.text, ()), at), "not signed by imgate/im"),
        (Note(note.text, WITNESSES[0].cosign(signer.sign(6, bytes(32)), at).signatures), "is wrong"),
        (
            Note(note.text, (*note.signatures, *WITNESSES[0].cosign(signer.sign(6, bytes(32)), at).signatures[1:])),
            "wrong",
        ),
        (WITNESSES[0].cosign(signer.sign(6, bytes(32)), at), "forked"),
        (WITNESSES[0].cosign(signer.sign(5, bytes(32)), at), "no checkpoint about 5 entries"),
        (
            WITNESSES[0].cosign(LogSigner("imgate/other", signer.key).sign(6, bytes(32)), at),
            "not signed by imgate/im",
        ),
    ):
        with pytest.raises(NotTaken, match=why):
            add_cosignatures(store, spoiled, signer.public, KEYS)
    assert kept(store) == note


def test_below_a_checkpoint_that_was_changed_nobody_signs(store, sample, signer, note):
    with store.transaction() as tx:
        SqlCheckpoints(tx.session).set_note(6, "no note")
    with pytest.raises(NotTaken, match="was changed"):
        add_cosignatures(store, WITNESSES[0].cosign(note, sample.at), signer.public, KEYS)
