"""One answer for one key, caller and path, for 24 hours."""

import threading
from datetime import timedelta

import pytest

from imgate.exchange.ports import KeyInUse
from imgate.exchange.stored import StoredAnswer
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import Kept

DAY = timedelta(hours=24)


def keep(store, at, caller="c", path="/p", key="k", body=b"{}"):
    with store.transaction() as tx:
        tx.idempotency.keep(caller, path, key, tx.idempotency.digest(body), 201, b"answer", at)


def find(store, at, caller="c", path="/p", key="k"):
    with store.reading() as tx:
        return tx.idempotency.find(caller, path, key, at)


def test_an_answer_is_found_for_its_caller_path_and_key_only(store, sample):
    keep(store, sample.at)
    with store.reading() as tx:
        assert find(store, sample.at) == StoredAnswer(tx.idempotency.digest(b"{}"), 201, b"answer")
    assert find(store, sample.at, caller="d") is None
    assert find(store, sample.at, path="/q") is None
    assert find(store, sample.at, key="l") is None
    assert find(store, sample.at, caller="c\x00/p", path="k", key="") is None


def test_an_answer_runs_out_after_a_day_and_can_then_be_replaced(store, sample):
    keep(store, sample.at)
    assert find(store, sample.at + DAY - timedelta(seconds=1)) is not None
    assert find(store, sample.at + DAY) is None
    keep(store, sample.at + DAY)
    assert find(store, sample.at + DAY) is not None


def test_a_key_that_is_in_use_is_refused(store, sample):
    keep(store, sample.at)
    with pytest.raises(KeyInUse):
        keep(store, sample.at + timedelta(hours=1))


def test_of_two_at_the_same_time_one_is_refused(store, sample):
    outcomes = []
    gate = threading.Barrier(2)

    def work():
        gate.wait()
        try:
            keep(store, sample.at)
            outcomes.append("kept")
        except KeyInUse:
            outcomes.append("refused")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "refused"]


def test_sweeping_deletes_what_ran_out(store, sample):
    keep(store, sample.at)
    assert sweep(store, sample.at + timedelta(hours=23))[Kept.ANSWERS] == 0
    assert sweep(store, sample.at + DAY)[Kept.ANSWERS] == 1


def test_digests_are_keyed(store, sample):
    with store.reading() as tx:
        assert tx.idempotency.digest(b"a") != tx.idempotency.digest(b"b")
        assert len(tx.idempotency.digest(b"a")) == 32
