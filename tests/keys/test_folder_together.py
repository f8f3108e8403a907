"""Processes that change the keys' folder at the same time, or read it meanwhile, see all keys, and lose none."""

import itertools
import multiprocessing
from datetime import date

import pytest

from imgate.keys import Custody, KeysUnusable, KeyUse, Passphrase, complete_keys, load_keys, make_keys, protect, rotate
from imgate.keys import passphrase as module
from tests.keys.quick import Quick

ON = date(2026, 1, 1)
BEFORE, AFTER = "drei Äpfel im Schnee", "vier Birnen im Regen"
FORK = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "Argon2id", Quick)


def under(words: str) -> Custody:
    return Custody(Passphrase(words))


def _together(action, folder, gate, results):
    gate.wait()
    results.put(action(folder))


def together(action, folder, count=4):
    gate, results = FORK.Barrier(count), FORK.Queue()
    processes = [FORK.Process(target=_together, args=(action, folder, gate, results)) for _ in range(count)]
    for process in processes:
        process.start()
    found = [results.get(timeout=30) for _ in processes]
    for process in processes:
        process.join()
    return found


def _completed(folder):
    return complete_keys(folder, ON, under(BEFORE)) is not None, load_keys(folder, under(BEFORE)).current(KeyUse.SIGNING).id


def _rotated(folder):
    return rotate(folder, KeyUse.TOKENS, ON, under(BEFORE))[1].id


def test_processes_that_complete_a_folder_together_end_with_one_key(tmp_path):
    for round_ in range(5):
        folder = tmp_path / f"{round_}.keys"
        make_keys(folder, ON, under(BEFORE))
        (folder / "signing.json").unlink()
        found = together(_completed, folder)
        assert len({key for _, key in found}) == 1
        assert [made for made, _ in found].count(True) == 1
        assert {file.name for file in folder.iterdir()} == {f"{use}.json" for use in KeyUse}


def test_rotations_at_the_same_time_lose_no_key(tmp_path):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON, under(BEFORE))
    made = together(_rotated, folder)
    assert {key.id for key in load_keys(folder, under(BEFORE)).keys if key.use is KeyUse.TOKENS} >= set(made)


def _protected_often(folder):
    words = itertools.cycle((AFTER, BEFORE))
    present = BEFORE
    for _ in range(20):
        coming = next(words)
        protect(folder, Passphrase(present), Passphrase(coming))
        present = coming
    return True


def test_whoever_loads_while_the_passphrase_changes_gets_all_keys_or_a_wrong_passphrase(tmp_path):
    folder = tmp_path / "imgate.keys"
    keyring, _ = make_keys(folder, ON, under(BEFORE))
    results = FORK.Queue()
    changing = FORK.Process(target=_together, args=(_protected_often, folder, FORK.Barrier(1), results))
    changing.start()
    loaded, sentences = 0, set[str]()
    while changing.is_alive():
        for words in (BEFORE, AFTER):
            try:
                found = load_keys(folder, under(words)).keys
            except KeysUnusable as refused:
                sentences.add(str(refused))
            else:
                assert found == keyring.keys
                loaded += 1
    changing.join()
    assert results.get(timeout=5)
    assert loaded
    assert sentences <= {"the passphrase is wrong"}
