"""Erasing leaves no trace of who it was, and everything of what happened."""

import itertools
import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.exchange.ports import ScopeRequest, Unreadable
from imgate.exchange.stored import Cursor, Disclosure, KnownValue, PersonReport
from imgate.storage.client_keys import SqlClients
from imgate.storage.erase import erase_client
from imgate.storage.erasures import ErasuresInvalid, ErasuresMissing, read_erasures
from imgate.storage.proof import verify_store
from imgate.storage.schema import metadata
from imgate.storage.sweep import sweep
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, ExchangeState, Kept


def full(tx, sample, reference, partner_reference):
    """Give a client everything that can be kept about somebody."""
    client = tx.clients.open(reference)
    head = sample.declaration(tx, client)
    link = tx.links.put(client, "jobcenter", partner_reference, sample.at)
    waiting, handed_out = sample.message(tx, client), sample.message(tx, client, state=ExchangeState.DELIVERED)
    tx.outbox.handed_out(handed_out.id, sample.at, "a" * 64)
    incoming = sample.exchange(tx, client, direction=Direction.FROM_PARTNER, state=ExchangeState.RECEIVED)
    tx.inbox.add(client, incoming.id, {}, client.seal("inbox", "record", incoming.id, b"{}"))
    tx.origins.add(client.digest, "jobcenter", ["language.level"])
    tx.known.put(client.digest, "jobcenter", "legal_circle", {"residence.status": KnownValue("c" * 64, incoming.id)})
    tx.disclosures.add(
        Disclosure(handed_out.id, client.digest, "jobcenter", Direction.TO_PARTNER, None, ("language.level",), (head.id,), sample.at)
    )
    tx.intake.add(f"{random.getrandbits(32):08x}-0000-4000-8000-000000000000", "jobcenter", sample.at, "application/xml", b"x", None)
    (item,) = tx.intake.claim(sample.at, sample.at + timedelta(minutes=1), 1)
    tx.intake.done(item.receipt, sample.at, [PersonReport(client.digest, incoming.id, None)], [])
    tx.client_pages.put(client, f"code of {reference}", sample.at)
    tx.client_pages.set_factor(client, "1234", sample.at)
    asked = ScopeRequest(new_id(), client.digest, "jobcenter", handed_out.id, "language_support", ("language.level",), "user-1", sample.at)
    tx.scope_requests.add(asked)
    tx.audit(sample.event(client.subject))
    return client, link, head, waiting, handed_out, incoming, item.receipt


@pytest.fixture
def kept(store, sample):
    with store.transaction() as tx:
        others = [full(tx, sample, f"K-other-{number}", f"355B{number}") for number in range(3)]
        mine = full(tx, sample, "K-2026-0815", "355A123456")
    return mine, others


def test_nobody_is_erased_by_an_unknown_reference(store, sample, kept):
    assert erase_client(store, "K-unknown", sample.at, "operator") is False
    with pytest.raises(ErasuresMissing):
        read_erasures(store.erasures, store.vault.erasure)


def test_without_a_file_of_erasures_nobody_is_erased(store, sample, kept):
    store.erasures = None
    with pytest.raises(ErasuresMissing):
        erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.reading() as tx:
        assert tx.clients.find("K-2026-0815") is not None


def test_after_erasing_nobody_is_found_and_the_history_stays(store, sample, kept):
    (client, _, head, waiting, handed_out, incoming, receipt), _ = kept
    assert erase_client(store, "K-2026-0815", sample.at, "operator") is True
    with store.reading() as tx:
        assert tx.clients.find("K-2026-0815") is None
        assert tx.clients.by_digest(client.digest) is None
        assert SqlClients(tx.session).by_id(client.id) is None
        assert tx.links.by_reference("jobcenter", "355A123456") is None
        assert tx.declarations.of(client.digest, "jobcenter") == ()
        assert tx.declarations.get(head.id) is None
        assert tx.disclosures.page(client.digest, Cursor()).items == ()
        assert tx.intake.get(receipt).people[0].client not in (None, client.digest)
        assert tx.known.of(client.digest, "jobcenter", "legal_circle") == {}
        assert tx.outbox.box(waiting.id) is None
        assert tx.outbox.box(handed_out.id) is None
        assert tx.inbox.sealed(incoming.id) is None
        assert tx.client_pages.by_code("code of K-2026-0815") is None
        assert len(tx.scope_requests.open(Cursor()).items) == 3
        states = [tx.exchanges.get(exchange.id) for exchange in (waiting, handed_out, incoming)]
    assert [exchange.state.value for exchange in states] == ["cancelled", "delivered", "cancelled"]
    assert states[0].history[-1][1:] == ("cancelled", "client_erased")
    assert len({exchange.client for exchange in states} - {client.digest}) == 1


def test_an_item_whose_appointments_were_handed_out_by_themselves_is_not_called_cancelled(store, sample, kept):
    (client, _, head, _, _, incoming, _), _ = kept
    with store.transaction() as tx:
        scopes = ("appointments.upcoming",)
        tx.disclosures.add(Disclosure(incoming.id, client.digest, "jobcenter", Direction.FROM_PARTNER, None, scopes, (head.id,), sample.at))
    erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.reading() as tx:
        assert tx.exchanges.get(incoming.id).state is ExchangeState.RECEIVED


def test_no_row_of_any_table_names_the_client_afterwards(store, sample, kept):
    (client, *_), _ = kept
    store.people.sessions.begin(None, client.digest, sample.at, sample.at + timedelta(days=1), confirmed=False)
    named = {table.name for table in metadata.sorted_tables if "client" in table.c}
    assert {"client_pages", "scope_requests", "sessions"} < named
    counted = "SELECT count(*) FROM {} WHERE client = :client"

    def rows(digest):
        with store.engine.connect() as connection:
            return {name: connection.execute(text(counted.format(name)), {"client": digest}).scalar_one() for name in named}

    before = rows(client.digest)
    assert min(before[name] for name in ("client_pages", "scope_requests", "sessions", "links")) == 1
    erase_client(store, "K-2026-0815", sample.at, "operator")
    assert set(rows(client.digest).values()) == {0}
    with store.engine.connect() as connection:
        after = connection.execute(text("SELECT client FROM client_keys WHERE erased_at IS NOT NULL")).scalar_one()
    assert {name for name, count in rows(after).items() if count} & {"client_pages", "scope_requests", "sessions", "links"} == set()


def test_others_keep_everything(store, sample, kept):
    _, others = kept
    erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.reading() as tx:
        for client, link, head, waiting, _, incoming, _ in others:
            assert tx.clients.find(client.reference) is not None
            assert tx.client_pages.by_code(f"code of {client.reference}")[0].digest == client.digest
            assert len(tx.scope_requests.of(client.digest, "jobcenter")) == 1
            assert tx.links.get(client, "jobcenter") == link
            assert [d.id for d in tx.declarations.of(client.digest, "jobcenter")] == [head.id]
            assert client.open("outbox", "message", waiting.id, tx.outbox.box(waiting.id).message) == b"<message/>"
            assert tx.inbox.sealed(incoming.id) is not None


def test_the_log_stays_sound_and_names_nobody(store, sample, kept):
    before = verify_store(store).entries
    erase_client(store, "K-2026-0815", sample.at, "operator")
    report = verify_store(store)
    assert [finding.flaw for finding in report.findings if finding.declaration is None] == []
    assert report.entries == before + 1


def test_the_same_reference_is_somebody_new_afterwards(store, sample, kept):
    (client, *_), _ = kept
    erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.transaction() as tx:
        again = tx.clients.open("K-2026-0815")
        assert again.subject != client.subject
        assert tx.declarations.page(again, Cursor()).items == ()
        assert tx.links.get(again, "jobcenter") is None
        assert tx.origins.of(again.digest) == frozenset()


def test_the_proof_key_goes_at_the_end_of_the_term_and_not_before(store, sample, kept):
    erase_client(store, "K-2026-0815", sample.at, "operator")
    keys = "SELECT data_key IS NULL, proof_key IS NULL FROM client_keys WHERE erased_at IS NOT NULL"
    assert sweep(store, sample.at.replace(year=2029) - timedelta(seconds=1))[Kept.PROOF] == 0
    with store.engine.connect() as connection:
        assert connection.execute(text(keys)).one() == (True, False)
    assert sweep(store, sample.at.replace(year=2029))[Kept.PROOF] == 1
    with store.engine.connect() as connection:
        assert connection.execute(text(keys)).one() == (True, True)


def test_until_then_what_is_sealed_as_proof_still_opens(store, sample, kept):
    (client, _, head, *_), _ = kept
    erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.engine.connect() as connection:
        row = connection.execute(text("SELECT client, id, wrapping_key, proof_key FROM client_keys WHERE erased_at IS NOT NULL")).one()
        content = connection.execute(text("SELECT content FROM declarations WHERE id = :id"), {"id": head.id}).scalar_one()
    from imgate.storage.sealing import place, unseal

    key = store.vault.unwrap(row.wrapping_key, "proof_key", row.id, row.client, row.proof_key)
    assert b"Canary-Anlass" in unseal(key, content, place("declarations", "content", head.id, client.id))
    with pytest.raises(Unreadable):
        store.vault.unwrap(row.wrapping_key, "proof_key", row.id, client.digest, row.proof_key)


def test_a_forged_head_is_not_made_genuine_by_erasing(store, sample, kept):
    (_, _, head, *_), _ = kept
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE declaration_heads SET unit = mac WHERE id = :id"), {"id": head.id})
    erase_client(store, "K-2026-0815", sample.at, "operator")
    assert ("head_unreadable", head.id) in [(f.flaw.value, f.declaration) for f in verify_store(store).findings]


def test_references_that_came_in_before_the_link_are_forgotten_too(store, sample, kept):
    receipt = "00000000-0000-4000-8000-000000000001"
    with store.transaction() as tx:
        tx.intake.add(receipt, "jobcenter", sample.at, "application/xml", b"x", None)
        tx.intake.done(receipt, sample.at, [PersonReport(None, None, "355A123456"), PersonReport(None, None, "355Z")], [])
    erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.reading() as tx:
        assert [person.reference for person in tx.intake.get(receipt).people] == [None, "355Z"]


def test_what_ends_after_the_erasure_brings_nothing_back(store, sample, kept):
    (client, _, _, waiting, *_), _ = kept
    with store.transaction() as tx:
        tx.outbox.begun(waiting.id, sample.at)
    erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.transaction() as tx:
        assert tx.exchanges.get(waiting.id).state is ExchangeState.QUEUED  # the worker that delivers will say how it ended
        tx.disclosures.add(Disclosure(waiting.id, client.digest, "jobcenter", Direction.TO_PARTNER, None, (), (), sample.at))
        tx.exchanges.move(waiting.id, ExchangeState.DELIVERED, sample.at)
        assert tx.disclosures.page(client.digest, Cursor()).items == ()


def test_no_trace_is_left_in_the_files(sqlite_store, sqlite_sample, tmp_path):
    store, sample = sqlite_store, sqlite_sample
    made = {}
    random.seed(7)
    for round_, number in itertools.product(range(3), random.sample(range(60), 60)):
        with store.transaction() as tx:
            made.setdefault(number, full(tx, sample, f"K-{number}", f"355A-{number}")) if round_ == 0 else sample.message(
                tx, tx.clients.open(f"K-{number}")
            )
    erased = random.sample(range(60), 20)
    for number in erased:
        assert erase_client(store, f"K-{number}", sample.at, "operator")
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for number, (client, link, *_) in made.items():
        found = [client.digest.encode() in files, link.reference_digest.encode() in files]
        assert found == ([False, False] if number in erased else [True, True])


def test_the_file_of_erasures_names_nobody_and_shows_every_change(store, sample, kept):
    (client, *_), _ = kept
    erase_client(store, "K-2026-0815", sample.at, "operator")
    erase_client(store, "K-other-1", sample.at, "operator")
    assert read_erasures(store.erasures, store.vault.erasure)[0].client == client.id
    lines = store.erasures.read_text().splitlines(keepends=True)
    assert "K-" not in "".join(lines)
    assert client.digest not in "".join(lines)
    assert store.erasures.stat().st_mode & 0o077 == 0
    for changed in (
        [lines[1]],
        [lines[1], lines[0]],
        [lines[0].replace("2026", "2027"), lines[1]],
        ["{}\n"],
        ["x\n"],
        [lines[0], lines[0]],
    ):
        store.erasures.write_text("".join(changed))
        with pytest.raises(ErasuresInvalid, match="line"):
            read_erasures(store.erasures, store.vault.erasure)
