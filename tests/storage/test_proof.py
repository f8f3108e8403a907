"""What proves a declaration outlives the client's erasure, until the term of proof ends; then nothing opens it."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.exchange.ports import ProofOver
from imgate.exchange.stored import Evidence
from imgate.storage.erase import erase_client
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole

SCAN = b"%PDF-1.7 scan"
REFERENCE = "K-2026-0815"


@pytest.fixture
def declared(store, sample):
    """A declaration with a scan and a note of what was said."""
    with store.transaction() as tx:
        client = tx.clients.open(REFERENCE)
        head = sample.declaration(tx, client)
        for content in (SCAN, None):
            piece = Evidence(
                id=str(uuid.uuid4()),
                role=SignerRole.CLIENT,
                kind=EvidenceKind.PAPER_SCAN,
                level=EvidenceLevel.WRITTEN,
                signed_on="2026-03-01",
                recorded_at=sample.at,
                attested_by="Vera Beispiel",
                signer=None,
                media_type="application/pdf",
                sha256="0" * 64,
                content=content,
            )
            tx.declarations.add_evidence(client, head.id, piece)
        return head.id, client.subject


def contents(proof):
    return {proof.content(piece.id) for piece in proof.stored.evidence}


def test_of_what_is_not_there_nothing_is_given(store):
    with store.reading() as tx:
        assert tx.declarations.proof(str(uuid.uuid4())) is None


def test_before_erasure_it_is_what_is_stored_and_names_the_subject(store, declared):
    declaration, subject = declared
    with store.reading() as tx:
        proof = tx.declarations.proof(declaration)
        assert proof.stored == tx.declarations.get(declaration)[1]
        assert proof.subject == subject
        assert contents(proof) == {SCAN, None}
        assert proof.content(str(uuid.uuid4())) is None


def test_after_erasure_it_is_still_all_there_under_its_mac_and_names_nobody(store, sample, declared):
    declaration, _ = declared
    with store.reading() as tx:
        before = tx.declarations.proof(declaration).stored
    erase_client(store, REFERENCE, sample.at, "operator")
    with store.reading() as tx:
        assert tx.declarations.get(declaration) is None
        proof = tx.declarations.proof(declaration)
        assert proof.stored == before
        assert proof.stored.verified is not None
        assert proof.subject is None
        assert contents(proof) == {SCAN, None}


def test_after_the_term_of_proof_nothing_opens_it(store, sample, declared):
    declaration, _ = declared
    erase_client(store, REFERENCE, sample.at, "operator", 1)
    sweep(store, sample.at + timedelta(days=364))
    with store.reading() as tx:
        assert tx.declarations.proof(declaration) is not None
    sweep(store, sample.at + timedelta(days=366))
    with store.reading() as tx, pytest.raises(ProofOver):
        tx.declarations.proof(declaration)


def test_the_proof_of_one_client_does_not_open_under_anothers_key(store, sample, declared):
    declaration, _ = declared
    with store.transaction() as tx:
        other = sample.declaration(tx, tx.clients.open("K-2"))
    erase_client(store, REFERENCE, sample.at, "operator")
    with store.engine.begin() as connection:
        sealed = "(SELECT content FROM declarations WHERE id = :other)"
        connection.execute(text(f"UPDATE declarations SET content = {sealed} WHERE id = :id"), {"id": declaration, "other": other.id})  # noqa: S608
    with store.reading() as tx:
        stored = tx.declarations.proof(declaration).stored
    assert (stored.content, stored.sound) == ({}, None)
