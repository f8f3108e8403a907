"""The benchmark's subjects in a very small form: what they check about the work that was measured must hold, and must be able to fail."""

import importlib
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def subject(monkeypatch):
    """Import a module of the folder `benchmarks`: scripts, and not installed."""
    monkeypatch.syspath_prepend(str(_ROOT))
    yield lambda name: importlib.import_module(f"benchmarks.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def test_every_subject_that_can_be_asked_for_is_there(subject):
    assert all(callable(subject(name).measure) for name in subject("run").SUBJECTS)


def test_exchanges_that_overtake_are_measured_apart_from_those_that_do_not(subject, tmp_path):
    promised, overtaking, _, found, overtakers, *_ = subject("exchange").enforced(tmp_path, seconds=0.3, rounds=1)
    assert promised.goal == ">= 0.30"
    assert promised.value > 0 < promised.reference
    assert overtaking.goal is None
    assert overtaking.reference == promised.reference
    assert found.value > 0 < overtakers.value


@pytest.mark.long
def test_a_client_that_is_posted_about_twice_in_a_round_is_no_result(subject, tmp_path):
    """Short form: the other subjects, which are measured in the same way."""
    with pytest.raises(subject("table").CheckFailed, match="too few clients"):
        subject("exchange").enforced(tmp_path, seconds=0.3, rounds=1, clients=20)


def test_both_sides_deliver_the_same_messages_and_the_database_says_so(subject, tmp_path):
    rows = subject("delivery").deliver(tmp_path, messages=12, rounds=1, together=1)
    promised, found, *_ = rows
    assert promised.goal == ">= 0.50"
    assert promised.value > 0 < promised.reference
    assert found.value == 3 * 12


def test_a_message_that_comes_twice_or_changed_is_no_result(subject):
    delivery = subject("delivery")
    receiver = delivery.Receiver(0)
    for messages in ([("a", "1"), ("a", "1")], [("a", "1"), ("b", "3")], [("a", "1")], []):

        class Told(delivery.Receiver):
            def asked(self, path, messages=messages):
                return {"messages": messages, "seconds": 1.0}

        with pytest.raises(subject("table").CheckFailed):
            Told(receiver.port).rate({"a": "1", "b": "2"})


@pytest.mark.long
def test_a_file_of_updates_is_imported_once_and_its_memory_seen(subject, tmp_path):
    """Short form: the other subjects, which are measured in the same way."""
    first, again, own, resident, found = subject("updates").small_and_large(tmp_path, 4, 40)
    assert found.value == 44
    assert first.value > 0 < again.value
    assert 0 < own.value <= resident.value


@pytest.mark.long
def test_an_inbox_is_measured_against_an_empty_one_with_all_that_it_loads(subject, tmp_path):
    """Short form: the other subjects, which are measured in the same way."""
    again, first, weight, *painted, _ = subject("pages").inboxes(tmp_path, 150, 2, 1)
    assert [row.goal for row in (again, first, weight)] == ["<= 5.00", None, "<= 1.00"]
    assert again.value > 0 < first.value
    assert 20 < weight.value < 100
    assert len(painted) <= 1


def test_finished_exchanges_are_whole_and_new_ones_go_beside_them(subject, tmp_path):
    promised, _, sent = subject("finished").few_and_many(tmp_path, 2_000, 1, 1, clients=160)
    assert promised.goal == "<= 1.30"
    assert sent.value == 2 * 16


@pytest.mark.postgres
@pytest.mark.long
def test_what_two_gateways_answer_stands_in_their_database(subject, tmp_path):
    """Short form: the other subjects, which are measured in the same way."""
    gateways = subject("gateways")
    with gateways.postgresql() as address:
        both, found = gateways.one_and_two(tmp_path, address, seconds=0.5, rounds=1)
    assert both.goal is None
    assert found.value > 0


def test_rows_of_jobkraftwerk_are_read_alike_by_hand_and_imported_into_a_database(subject, tmp_path):
    jobkraftwerk = subject("jobkraftwerk")
    (promised,) = jobkraftwerk.read(tmp_path, 1_200, rounds=1)
    assert promised.value > 0 < promised.reference
    rate, own, resident = jobkraftwerk.imported(tmp_path, 4, 40)
    assert rate.value > 0
    assert own.goal == "<= 2.00"
    assert 0 < own.value <= resident.value


def test_a_file_that_is_read_by_hand_as_something_else_is_no_result(subject, tmp_path, monkeypatch):
    jobkraftwerk = subject("jobkraftwerk")
    monkeypatch.setattr(jobkraftwerk, "_iso", lambda _: "1990-01-01")
    with pytest.raises(subject("table").CheckFailed, match="something else"):
        jobkraftwerk.read(tmp_path, 10, rounds=1)


def test_both_sides_append_as_much_and_the_log_verifies(subject, tmp_path):
    promised, together = subject("log").appended("SQLite", f"sqlite:///{tmp_path / 'log.db'}", entries=300, rounds=1)
    assert promised.goal == "<= 1.15"
    assert promised.value > 0 < promised.reference
    assert together.goal is None


def test_what_is_verified_is_sound_and_all_of_it_is_proven(subject, tmp_path):
    export, rows, *informing = subject("log").verified(tmp_path, entries=1500, rounds=1)
    assert export.goal == rows.goal == "<= 3.00"
    assert export.value > 0 < rows.value
    assert all(row.goal is None for row in informing)
