"""A declaration's head decides only while it matches its MAC, its client, its partner and its version."""

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from imgate.exchange.ports import BadCursor, Stale, Unreadable
from imgate.exchange.stored import Cursor, Evidence
from imgate.storage.declarations import _ENDING, _LISTING
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole


def run(store, sql, **values):
    with store.engine.begin() as connection:
        return connection.execute(text(sql), values).rowcount


@pytest.fixture
def declared(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        head = sample.declaration(tx, client)
    return client, head


def test_nothing_is_listed_for_somebody_unknown(store):
    with store.reading() as tx:
        assert tx.declarations.of("0" * 32, "jobcenter") == ()


def test_a_declaration_is_listed_for_its_client_and_partner_only(store, sample, declared):
    client, head = declared
    with store.transaction() as tx:
        other = sample.client(tx, "K-2")
        assert [d.id for d in tx.declarations.of(client.digest, "jobcenter")] == [head.id]
        assert tx.declarations.of(client.digest, "abh") == ()
        assert tx.declarations.of(other.digest, "jobcenter") == ()


@pytest.mark.parametrize("column", ["head", "unit", "mac"])
def test_a_tampered_head_row_is_not_listed(store, declared, column):
    client, head = declared
    with store.transaction() as tx:
        before = tx.session.driver.execute(f"SELECT {column} FROM declaration_heads").fetchone()[0]  # noqa: S608  # the parameters of this test
    changed = before.replace(b"language.level", b"residence.name") if column == "head" else before[:-1] + bytes([before[-1] ^ 1])
    assert changed != before
    run(store, f"UPDATE declaration_heads SET {column} = :changed", changed=changed)  # noqa: S608  # the same
    with store.reading() as tx:
        assert tx.declarations.of(client.digest, "jobcenter") == ()
        found = tx.declarations.get(head.id)
        assert found is not None
        assert found[1].verified is None


def test_a_head_that_was_moved_to_another_partner_is_not_listed(store, declared):
    client, _ = declared
    run(store, "UPDATE declaration_heads SET partner = 'abh'")
    with store.reading() as tx:
        assert tx.declarations.of(client.digest, "abh") == ()


def test_a_head_that_was_moved_to_another_client_is_not_listed(store, sample, declared):
    with store.transaction() as tx:
        other = sample.client(tx, "K-2")
    run(store, "UPDATE declaration_heads SET client = :other", other=other.digest)
    with store.reading() as tx:
        assert tx.declarations.of(other.digest, "jobcenter") == ()


def test_a_change_of_a_tampered_head_does_not_make_it_genuine(store, sample, declared):
    client, head = declared
    run(store, "UPDATE declaration_heads SET head = :head", head=head.canonical().replace(b"language.level", b"asylum.grounds"))
    with pytest.raises(Unreadable), store.transaction() as tx:
        tx.declarations.change(client, head.next(pauses=()), sample.at, "paused")


def test_an_older_version_is_stale(store, sample, declared):
    client, head = declared
    with store.transaction() as tx:
        tx.declarations.change(client, head.next(), sample.at, "paused")
    for late in (head.next(), head):
        with pytest.raises(Stale), store.transaction() as tx:
            tx.declarations.change(client, late, sample.at, "paused")


def test_a_declaration_that_is_not_there_is_stale(store, sample, declared):
    client, _ = declared
    with pytest.raises(Stale), store.transaction() as tx:
        tx.declarations.change(client, sample.head().next(), sample.at, "paused")


def test_the_stamp_tells_every_change(store, sample, declared):
    client, head = declared
    stamps = []
    with store.transaction() as tx:
        stamps.append(tx.declarations.stamp(client.digest, "jobcenter"))
        assert tx.declarations.stamp(client.digest, "jobcenter") == stamps[0]
        tx.declarations.change(client, head.next(), sample.at, "paused")
        stamps.append(tx.declarations.stamp(client.digest, "jobcenter"))
        sample.declaration(tx, client)
        stamps.append(tx.declarations.stamp(client.digest, "jobcenter"))
    assert all(one != other for index, one in enumerate(stamps) for other in stamps[index + 1 :])


def test_everything_comes_back_as_it_was_given(store, sample, declared):
    client, head = declared
    piece = Evidence(
        id=str(uuid.uuid4()),
        role=SignerRole.CLIENT,
        kind=EvidenceKind.PAPER_SCAN,
        level=EvidenceLevel.WRITTEN,
        signed_on="2026-01-15",
        recorded_at=sample.at,
        attested_by="Vera Beispiel",
        signer="Amina Muster",
        media_type="application/pdf",
        sha256="e" * 64,
        content=b"%PDF-",
    )
    with store.transaction() as tx:
        tx.declarations.add_evidence(client, head.id, piece)
        tx.declarations.change(client, head.next(), sample.at, "signed", "activated")
        tx.declarations.add_reason(client, head.id, sample.at, "Umzug")
    with store.reading() as tx:
        found = tx.declarations.get(head.id)
        assert found is not None
        keys, stored = found
        assert tx.declarations.evidence_content(client, head.id, piece.id) == b"%PDF-"
        assert tx.declarations.evidence_content(client, head.id, str(uuid.uuid4())) is None
    assert keys.digest == client.digest
    assert stored.head.canonical() == head.next().canonical()
    assert stored.verified is not None
    assert [sibling.id for sibling in stored.siblings] == [head.id]
    assert stored.content["occasion"] == "Canary-Anlass"
    (shown,) = stored.evidence
    assert (shown.role, shown.attested_by, shown.content, shown.recorded_at) == (SignerRole.CLIENT, "Vera Beispiel", None, sample.at)
    assert stored.history == ((sample.at, "created"), (sample.at, "signed"), (sample.at, "activated"))


def test_the_file_names_the_unit_that_discloses_under_each_declaration(store, sample, declared):
    client, _ = declared
    with store.transaction() as tx:
        other = sample.declaration(tx, client, unit="Sozialamt")
        file = tx.declarations.file(client, other.partner)
    assert len(file.verified) == 2
    assert file.discloser(other.id) == "Sozialamt"


def test_the_stamp_of_the_file_is_the_stamp_until_something_changes(store, sample, declared):
    client, head = declared
    with store.transaction() as tx:
        file = tx.declarations.file(client, head.partner)
        assert tx.declarations.stamp(client.digest, head.partner) == file.stamp
        tx.declarations.change(client, head.next(), sample.at, "paused")
        assert tx.declarations.stamp(client.digest, head.partner) != file.stamp


def test_a_unit_that_was_moved_to_another_declaration_is_unreadable(store, sample, declared):
    client, head = declared
    with store.transaction() as tx:
        other = sample.declaration(tx, client, unit="Sozialamt")
    run(store, "UPDATE declaration_heads SET unit = (SELECT unit FROM declaration_heads WHERE id = :id)", id=head.id)
    with store.reading() as tx, pytest.raises(Unreadable):
        tx.declarations.file(client, other.partner).discloser(other.id)


def test_lists_come_in_the_order_of_acceptance(store, sample, declared):
    client, head = declared
    with store.transaction() as tx:
        ids = [head.id] + [sample.declaration(tx, client).id for _ in range(4)]
    with store.reading() as tx:
        first = tx.declarations.page(client, Cursor(limit=3))
        assert first.next is not None
        second = tx.declarations.page(client, Cursor(first.next, 3))
    assert [stored.head.id for stored in first.items + second.items] == ids
    assert second.next is None


def test_times_come_back_aware_and_naive_ones_are_refused(store, sample, declared):
    client, _ = declared
    with pytest.raises(ValueError, match="zone"), store.transaction() as tx:
        tx.declarations.add(client, sample.head(), {"discloser": {"unit": "x"}}, datetime(2026, 1, 1))  # noqa: DTZ001  # the point
    with store.reading() as tx:
        page = tx.declarations.page(client, Cursor())
    assert page.items[0].history[0][0].tzinfo is UTC


def piece_of(sample, **changes):
    fields = {
        "id": str(uuid.uuid4()),
        "role": SignerRole.GUARDIAN,
        "kind": EvidenceKind.PADES,
        "level": EvidenceLevel.QUALIFIED,
        "signed_on": "2026-01-15",
        "recorded_at": sample.at,
        "attested_by": "Vera Beispiel",
        "signer": None,
        "media_type": "application/pdf",
        "sha256": "e" * 64,
    }
    return Evidence(**(fields | changes))


def test_report_authority_interpreter_and_reason_come_back_and_do_not_lie_there_in_clear(store, sample, declared):
    client, head = declared
    report = {"checks": [{"number": 1, "result": "passed"}], "certificate": {"sha256": "a" * 64}, "name": "Canary-Name"}
    authority = {"areas": ["Canary-Bereich"], "order": "Canary-Beschluss"}
    piece = piece_of(sample, report=report, authority=authority, interpreter="Canary-Dolmetscher", reason="Canary-Grund")
    with store.transaction() as tx:
        tx.declarations.add_evidence(client, head.id, piece)
    with store.reading() as tx:
        (kept,) = tx.declarations.get(head.id)[1].evidence
        rows = tx.session.driver.execute("SELECT detail FROM evidence").fetchall()
    assert kept == piece
    assert b"Canary" not in b"".join(bytes(row[0]) for row in rows)
    assert "Canary" not in repr(kept)


def test_evidence_of_an_earlier_release_is_read(store, sample, declared):
    """What releases before 0.4 wrote: nine fields, and none of those that came later."""
    client, head = declared
    piece = piece_of(sample, kind=EvidenceKind.PAPER_SCAN, level=EvidenceLevel.WRITTEN)
    earlier = (
        f'{{"role":"guardian","kind":"paper_scan","level":"written","signed_on":"2026-01-15","recorded_at":"{sample.at.isoformat()}",'
        f'"attested_by":"Vera Beispiel","signer":null,"media_type":"application/pdf","sha256":"{"e" * 64}"}}'
    ).encode()
    with store.transaction() as tx:
        tx.declarations.add_evidence(client, head.id, piece)
    with store.engine.begin() as connection:
        detail = client.seal_proof("evidence", "detail", f"{head.id}/{piece.id}", earlier)
        connection.execute(text("UPDATE evidence SET detail = :detail"), {"detail": detail})
    with store.reading() as tx:
        (kept,) = tx.declarations.get(head.id)[1].evidence
    assert kept == piece


def listed(store, by, **cursor):
    with store.reading() as tx:
        page = tx.declarations.running_out(by, Cursor(**cursor))
    return [(client.reference, declaration) for client, declaration, _ in page.items], page.next


def test_what_runs_out_is_listed_by_its_last_day_in_the_order_of_acceptance(store, sample):
    with store.transaction() as tx:
        one, two = sample.client(tx), sample.client(tx, "K-2")
        late = sample.declaration(tx, one, valid_until="2026-03-31")
        early = sample.declaration(tx, two, partner="abh", valid_until="2026-03-01")
        sample.declaration(tx, one, valid_until="2026-04-01")
    assert listed(store, "2026-03-31") == ([("K-2026-0815", late.id), ("K-2", early.id)], None)
    assert listed(store, "2026-03-30") == ([("K-2", early.id)], None)
    first, following = listed(store, "2026-03-31", limit=1)
    assert first == [("K-2026-0815", late.id)]
    assert listed(store, "2026-03-31", limit=1, after=following) == ([("K-2", early.id)], None)


def test_each_comes_with_all_that_is_readable_of_its_client_and_partner(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        ours = [sample.declaration(tx, client, valid_until="2026-03-01"), sample.declaration(tx, client)]
        sample.declaration(tx, client, partner="abh")
        sample.declaration(tx, sample.client(tx, "K-2"))
    with store.reading() as tx:
        ((_, _, siblings),) = tx.declarations.running_out("2026-03-31", Cursor()).items
    assert {sibling.id for sibling in siblings} == {head.id for head in ours}


def test_one_whose_end_was_dealt_with_and_one_of_an_earlier_day_are_told_apart(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        ended, shortened = sample.declaration(tx, client, valid_until="2026-03-01"), sample.declaration(tx, client)
        tx.declarations.ended(client, ended.partner, ended.id, sample.at)
        tx.declarations.ends_on(client, shortened.partner, shortened.id, "2026-03-05")
    assert listed(store, "2026-03-31")[0] == [("K-2026-0815", shortened.id)]


def test_a_bad_cursor_of_what_runs_out_is_refused(store):
    with pytest.raises(BadCursor):
        listed(store, "2026-03-31", after="nonsense")


def test_sqlite_finds_what_runs_out_by_its_last_day(sqlite_store, sqlite_sample):
    with sqlite_store.engine.begin() as connection:
        sql = str(_ENDING.compile(dialect=connection.dialect))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("2026-03-31",)).fetchall()
    assert "ix_declaration_heads_ends_on" in str(plan)


def test_sqlite_finds_a_clients_declarations_by_the_client(sqlite_store):
    """Not in the order of the list: a client has few, and the heads say which they are."""
    with sqlite_store.reading() as tx:
        form = _LISTING._sqlite._compile(tx.session.dialect)
        plan = [row[3] for row in tx.session.driver.execute(f"EXPLAIN QUERY PLAN {form.sql}", [0] * form.sql.count("?"))]
    assert "id=?" in plan[0]
    assert len([step for step in plan if step.endswith("(client=?)")]) == 2
    assert not any(step.startswith("SCAN") for step in plan)
