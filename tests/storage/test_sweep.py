"""What has run out goes, nothing goes a second too early, and a dry run says exactly what a sweep takes."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.exchange.ports import Look, ScopeRequest, Unavailable
from imgate.exchange.retention import Terms
from imgate.exchange.stored import Cursor, Disclosure, Notice, PersonReport, Revocation
from imgate.storage import sweep as sweeping
from imgate.storage.due import HISTORIES, Aged
from imgate.storage.erase import erase_client, owe_compaction, owes_compaction, years_later
from imgate.storage.log_tables import access_log
from imgate.storage.proof import verify_store
from imgate.storage.retention import KEPT_TABLES, RULES, standing
from imgate.storage.schema import metadata
from imgate.storage.sweep import sweep
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, Door, EndCause, EndOfUseAnswer, ExchangeState, Kept, UserRole
from tests.acceptance.chance import chance

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
STORED = [kind for kind in Kept if kind is not Kept.MESSAGES]
REPORTED = "00000000-0000-4000-8000-0000000000{:02d}"


def exchanged(tx, sample, at, client="K-1"):
    """Pass something to a partner, who acknowledges it."""
    keys = tx.clients.open(client)
    exchange = sample.exchange(tx, keys, created_at=at, state=ExchangeState.ACKNOWLEDGED)
    tx.exchanges.move(exchange.id, ExchangeState.ACKNOWLEDGED, at)
    tx.disclosures.add(Disclosure(exchange.id, keys.digest, "jobcenter", Direction.TO_PARTNER, None, ("language.level",), (), at))
    return keys, exchange


def reported(tx, at, *people, number=0):
    """Take a partner's message."""
    receipt = REPORTED.format(number)
    tx.intake.add(receipt, "jobcenter", at, "application/xml", b"x", None)
    tx.intake.done(receipt, at, people, [])
    return receipt


def look(tx, at, client=None):
    tx.looks.add([Look(at, "case-system-1", Door.API, "GET /v1/inbox", None, client)])


def one_of(kind, store, sample, at):
    """Make one thing of a kind, as old as that."""
    if kind is Kept.SESSIONS:
        user = (
            store.people.users.by_login("vera")
            or store.people.users.add(UserRole.INTEGRATION_MANAGER, None, "Vera", "vera", None, sample.at, "operator")[0]
        )
        store.people.sessions.begin(user.id, None, at - HOUR, at, confirmed=False)
    elif kind is Kept.ASSERTIONS:
        assert store.access.use_assertion("c", new_id(), at)
    elif kind is Kept.PROOF:
        number = len(sample.made)
        with store.transaction() as tx:
            sample.declaration(tx, tx.clients.open(f"K-proof-{number}"))
        sample.made.append(new_id())
        assert erase_client(store, f"K-proof-{number}", at.replace(year=at.year - 3), "operator")
    else:
        with store.transaction() as tx:
            _row_of(tx, kind, sample, at)


def _row_of(tx, kind, sample, at):
    number = len(sample.made)
    sample.made.append(new_id())
    if kind is Kept.HISTORY:
        exchanged(tx, sample, at, f"K-{number}")
    elif kind is Kept.REFERENCES:
        reported(tx, at, PersonReport(None, None, "355Z"), number=number)
    elif kind is Kept.INTAKE:
        reported(tx, at, number=number)
    elif kind is Kept.AWAITED:
        _, exchange = exchanged(tx, sample, at, f"K-{number}")
        tx.awaited.add(exchange.id, "jobcenter", None, at)
    elif kind is Kept.ACCESS_LOG:
        look(tx, at)
    elif kind is Kept.ANSWERS:
        tx.idempotency.keep("c", "/p", new_id(), b"d" * 32, 201, b"{}", at)
    else:
        raise AssertionError(kind)


def ends(kind, at):
    """Give the moment at which a thing of that age has run out."""
    terms = {
        Kept.REFERENCES: timedelta(days=30),
        Kept.INTAKE: timedelta(days=1096),
        Kept.AWAITED: timedelta(days=180),
        Kept.ACCESS_LOG: timedelta(days=184),
        Kept.ANSWERS: timedelta(hours=24),
    }
    return at.replace(year=at.year + 10) if kind is Kept.HISTORY else at + terms.get(kind, timedelta())


@pytest.mark.parametrize("kind", STORED)
def test_a_second_before_its_term_nothing_goes_and_then_it_does(store, sample, kind):
    one_of(kind, store, sample, sample.at)
    moment = ends(kind, sample.at)
    assert sweep(store, moment - SECOND)[kind] == 0
    assert {each.rule.kind: each.count for each in standing(store, moment, Terms())}[kind] == 1
    assert sweep(store, moment)[kind] == 1
    assert sweep(store, moment)[kind] == 0


def test_a_dry_run_says_exactly_what_the_sweep_takes(store, sample, monkeypatch):
    """Things of all kinds and ages, and sweeps at all times; batches are so small that there are several."""
    monkeypatch.setattr(sweeping, "_BATCH", 3)
    rng = chance(7)
    for _ in range(60):
        one_of(rng.choice(STORED), store, sample, sample.at - rng.random() * 3 * 365 * DAY)
    for days in sorted(rng.sample(range(-800, 4200), 12)):
        at = sample.at + days * DAY
        said = {each.rule.kind: each.count for each in standing(store, at, Terms()) if each.count}
        assert said == sweep(store, at)
    assert sum(each.count for each in standing(store, at, Terms())) == 0


def test_the_oldest_is_told_by_its_date(store, sample):
    for days in (2, 9, 5):
        one_of(Kept.ACCESS_LOG, store, sample, sample.at - days * DAY)
    found = {each.rule.kind: each for each in standing(store, sample.at + 184 * DAY, Terms())}[Kept.ACCESS_LOG]
    assert (found.count, found.oldest, found.term) == (3, sample.at - 9 * DAY, "184 days")


def test_the_oldest_go_first(store, sample):
    for days in (1, 3, 2):
        one_of(Kept.ACCESS_LOG, store, sample, sample.at - days * DAY)
    with store.transaction() as tx:
        assert Aged(access_log, access_log.c.at).take(tx.session, sample.at, ("all",), 2) == (2, ("all",))
        assert [each.at for each in tx.looks.page(Cursor()).items] == [sample.at - DAY]


def test_each_transaction_takes_a_batch_and_says_so_on_the_log(store, sample, monkeypatch):
    monkeypatch.setattr(sweeping, "_BATCH", 4)
    for _ in range(6):
        one_of(Kept.ACCESS_LOG, store, sample, sample.at)
    one_of(Kept.ANSWERS, store, sample, sample.at)
    went = sweep(store, sample.at + 184 * DAY, actor="operator")
    assert went == {Kept.ACCESS_LOG: 6, Kept.ANSWERS: 1}
    entries = [json.loads(entry) for entry in entries_of(store) if b"retention_swept" in entry]
    assert [(entry["actor"], entry["fields"]) for entry in entries] == [
        ("operator", {"access_log": 4}),
        ("operator", {"access_log": 2, "answers": 1}),
    ]
    assert verify_store(store).sound


def test_a_sweep_that_takes_nothing_leaves_no_entry(store, sample):
    before = len(entries_of(store))
    assert sweep(store, sample.at) == {}
    assert len(entries_of(store)) == before


def entries_of(store):
    with store.engine.connect() as connection:
        return list(connection.execute(text("SELECT entry FROM audit_log ORDER BY position")).scalars())


def flaws_of_the_log(store):
    """Verify the log; what the samples' declarations lack are entries of their own."""
    return [finding.flaw for finding in verify_store(store).findings if finding.declaration is None]


def test_what_dies_in_between_has_said_what_it_took(store, sample, monkeypatch):
    monkeypatch.setattr(sweeping, "_BATCH", 2)
    for _ in range(5):
        one_of(Kept.ACCESS_LOG, store, sample, sample.at)
    take, taken = Aged.take, []

    def dies(self, on, before, keys, limit):
        taken.append(limit)
        if len(taken) == 2:
            raise KeyboardInterrupt
        return take(self, on, before, keys, limit)

    with monkeypatch.context() as dying:
        dying.setattr(Aged, "take", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(store, sample.at + 184 * DAY)
    with store.reading() as tx:
        left = len(tx.looks.page(Cursor()).items)
    said = sum(json.loads(entry)["fields"]["access_log"] for entry in entries_of(store) if b"retention_swept" in entry)
    assert left + said == 5
    assert left > 0
    assert sweep(store, sample.at + 184 * DAY)[Kept.ACCESS_LOG] == left


def _in_outbox(tx, sample, keys, exchange):
    sample.message(tx, keys, created_at=exchange.created_at)


def _in_inbox(tx, sample, keys, exchange):
    tx.inbox.add(keys, exchange.id, {}, b"sealed")


def _awaited(tx, sample, keys, exchange):
    tx.awaited.add(exchange.id, "jobcenter", None, exchange.created_at + 4000 * DAY)


def _declared(tx, sample, keys, exchange):
    sample.declaration(tx, keys)


def _asked(tx, sample, keys, exchange):
    asked = ScopeRequest(new_id(), keys.digest, "jobcenter", exchange.id, "language_support", ("language.level",), "user-1", sample.at)
    tx.scope_requests.add(asked)


def _told(tx, sample, keys, exchange, answered=False):
    head = sample.declaration(tx, keys)
    tx.declarations.ended(keys, "jobcenter", head.id, sample.at)
    run = Revocation(new_id(), keys.digest, "jobcenter", head.id, EndCause.REVOKED, ("language.level",), sample.at)
    tx.revocations.add(run)
    notice = Notice(new_id(), run.id, keys.digest, "355A", ("language.level",), exchange.id, 0, None, None, None, None)
    tx.revocations.add_notice(keys, notice)
    if answered:
        tx.revocations.answer(keys, notice.id, EndOfUseAnswer.KEPT_UNDER_STATUTE, "§ 67c SGB X", sample.at)


def _later_exchange(tx, sample, keys, exchange):
    exchanged(tx, sample, sample.at + SECOND)


def _handed_out_later(tx, sample, keys, exchange):
    tx.disclosures.add(Disclosure(exchange.id, keys.digest, "jobcenter", Direction.TO_PARTNER, None, (), (), sample.at + SECOND))


@pytest.mark.parametrize(
    "needed", [_in_outbox, _in_inbox, _awaited, _declared, _asked, _told, _later_exchange, _handed_out_later], ids=lambda why: why.__name__
)
def test_a_history_that_something_still_needs_stays(store, sample, needed):
    with store.transaction() as tx:
        keys, exchange = exchanged(tx, sample, sample.at)
        needed(tx, sample, keys, exchange)
    at = ends(Kept.HISTORY, sample.at)
    assert standing(store, at, Terms())[0].count == 0
    assert sweep(store, at)[Kept.HISTORY] == 0
    with store.reading() as tx:
        assert tx.exchanges.get(exchange.id) is not None
        assert tx.disclosures.any_of(keys.digest, exchange.id)


def test_what_is_needed_again_by_the_time_it_would_be_taken_stays(store, sample):
    """Somebody may use a history between the look for what is due and the sweep's turn."""
    with store.transaction() as tx:
        keys, exchange = exchanged(tx, sample, sample.at)
    before = years_later(ends(Kept.HISTORY, sample.at), -10)
    with store.reading() as tx:
        found = HISTORIES.keys(tx.session, before)
    assert found == [keys.digest]
    with store.transaction() as tx:
        exchanged(tx, sample, before + SECOND)
    with store.transaction() as tx:
        assert HISTORIES.take(tx.session, before, found, 10) == (0, [])
        assert tx.exchanges.get(exchange.id) is not None


def test_a_history_goes_as_a_whole_and_nobody_elses(store, sample):
    with store.transaction() as tx:
        keys, exchange = exchanged(tx, sample, sample.at)
        _told(tx, sample, keys, exchange, answered=True)
        receipt = reported(tx, sample.at + 5000 * DAY, PersonReport(keys.digest, exchange.id, None))
        _, anothers = exchanged(tx, sample, sample.at + SECOND, "K-2")
        link = tx.links.put(keys, "jobcenter", "355A", sample.at)
    assert sweep(store, ends(Kept.HISTORY, sample.at))[Kept.HISTORY] == 1
    with store.reading() as tx:
        assert tx.exchanges.get(exchange.id) is None
        assert tx.disclosures.to_partners(keys.digest) == ()
        assert tx.revocations.of_client(keys.digest) == ()
        assert tx.intake.get(receipt).people[0].exchange is None
        assert tx.exchanges.get(anothers.id) is not None
        assert tx.clients.find("K-1") is not None
        assert tx.links.get(keys, "jobcenter") == link
    assert flaws_of_the_log(store) == []


def test_the_history_of_an_erased_client_has_its_term_from_the_erasure(store, sample):
    with store.transaction() as tx:
        exchanged(tx, sample, sample.at)
    erased_at = sample.at + 400 * DAY
    erase_client(store, "K-1", erased_at, "operator")
    assert sweep(store, ends(Kept.HISTORY, erased_at) - SECOND)[Kept.HISTORY] == 0
    assert sweep(store, ends(Kept.HISTORY, erased_at))[Kept.HISTORY] == 1


def test_without_a_term_it_is_kept(store, sample):
    for kind in (Kept.HISTORY, Kept.INTAKE):
        one_of(kind, store, sample, sample.at)
    kept = Terms(history_years=0, intake_days=0)
    at = sample.at.replace(year=2126)
    assert {each.rule.kind: each.term for each in standing(store, at, kept) if each.term == "kept"}.keys() == {Kept.HISTORY, Kept.INTAKE}
    assert sweep(store, at, kept) == {}


def test_a_report_of_which_something_lies_in_the_inbox_stays(store, sample):
    with store.transaction() as tx:
        keys = tx.clients.open("K-1")
        incoming = sample.exchange(tx, keys, direction=Direction.FROM_PARTNER, state=ExchangeState.RECEIVED)
        tx.inbox.add(keys, incoming.id, {}, b"sealed")
        reported(tx, sample.at, PersonReport(keys.digest, incoming.id, None))
    at = ends(Kept.INTAKE, sample.at)
    assert sweep(store, at)[Kept.INTAKE] == 0
    with store.transaction() as tx:
        tx.inbox.delete(incoming.id)
    assert sweep(store, at)[Kept.INTAKE] == 1


def test_a_message_that_nobody_took_yet_stays(store, sample):
    with store.transaction() as tx:
        tx.intake.add(REPORTED.format(1), "jobcenter", sample.at, "application/xml", b"x", "message-1")
    assert sweep(store, sample.at.replace(year=2099))[Kept.INTAKE] == 0


def test_a_message_that_is_sent_again_after_its_report_went_has_no_second_effect(store, sample):
    with store.transaction() as tx:
        first = tx.intake.add(REPORTED.format(1), "jobcenter", sample.at, "application/xml", b"x", "message-1")
        tx.intake.done(first, sample.at, [], [])
    assert sweep(store, ends(Kept.INTAKE, sample.at))[Kept.INTAKE] == 1
    with store.transaction() as tx:
        assert tx.intake.add(REPORTED.format(2), "jobcenter", sample.at, "application/xml", b"x", "message-1") == first
        assert tx.intake.get(REPORTED.format(2)) is None


def test_with_the_proof_key_goes_what_only_it_could_open(store, sample):
    with store.transaction() as tx:
        kept = sample.declaration(tx, tx.clients.open("K-2"))
    one_of(Kept.PROOF, store, sample, sample.at)
    assert sweep(store, sample.at) == {Kept.PROOF: 1}
    with store.engine.connect() as connection:
        contents = dict(connection.execute(text("SELECT id, length(content) FROM declarations")).all())
    assert {declaration for declaration, length in contents.items() if length} == {kept.id}
    assert len(contents) == 2
    assert flaws_of_the_log(store) == []


def test_the_log_itself_and_its_heads_stay(store, sample):
    one_of(Kept.PROOF, store, sample, sample.at)
    entries = entries_of(store)
    sweep(store, sample.at.replace(year=2126))
    assert entries_of(store)[: len(entries)] == entries
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM declaration_heads")).scalar_one() == 1


def test_what_was_not_overwritten_yet_is_by_the_next_sweep(sqlite_store, sqlite_sample):
    with sqlite_store.transaction() as tx:
        owe_compaction(tx.session)
    assert owes_compaction(sqlite_store)
    sweep(sqlite_store, sqlite_sample.at)
    assert not owes_compaction(sqlite_store)


def test_a_reader_who_holds_up_the_overwriting_after_an_erasure_only_puts_it_off(sqlite_store, sqlite_sample):
    with sqlite_store.transaction() as tx:
        exchanged(tx, sqlite_sample, sqlite_sample.at)
    with sqlite_store.alone() as writer:
        writer.driver.execute("PRAGMA busy_timeout=10")
    with sqlite_store.reading() as reading:
        reading.exchanges.get(new_id())
        with pytest.raises(Unavailable, match="the next sweep does it"):
            erase_client(sqlite_store, "K-1", sqlite_sample.at, "operator")
    assert owes_compaction(sqlite_store)
    sweep(sqlite_store, sqlite_sample.at)
    assert not owes_compaction(sqlite_store)


def test_every_table_is_swept_or_said_to_be_kept_with_a_reason():
    """A table that somebody adds needs a term, or a reason."""
    swept = {
        "exchanges",
        "exchange_history",
        "disclosures",
        "scope_requests",
        "known",
        "notices",
        "revocations",
        "intake",
        "intake_people",
        "awaited",
        "access_log",
        "sessions",
        "idempotency",
        "used_assertions",
        "evidence",
        "declaration_reasons",
        "outbox",
        "inbox",
    }
    assert swept | KEPT_TABLES.keys() == set(metadata.tables)
    assert not swept & KEPT_TABLES.keys()
    assert [rule.kind for rule in RULES] == list(Kept)
    assert all(rule.what and rule.why for rule in RULES)
    assert all(KEPT_TABLES.values())


@pytest.mark.parametrize(("year", "month", "day", "years", "found"), [(2028, 2, 29, 3, (2025, 2, 28)), (2026, 3, 2, 10, (2016, 3, 2))])
def test_years_are_counted_back_also_from_the_29th_of_february(sample, year, month, day, years, found):
    before = years_later(sample.at.replace(year=year, month=month, day=day), -years)
    assert (before.year, before.month, before.day) == found
