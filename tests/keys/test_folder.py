"""Whatever dies while the keys' folder is being changed, it can be loaded: the change is in effect as a whole, or not at all."""

import errno
import itertools
import multiprocessing
import os
import stat
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from imgate.keys import Custody, KeysMissing, KeysUnusable, KeyUse, Passphrase, complete_keys, load_keys, make_keys, protect, rotate
from imgate.keys import folder as files
from imgate.keys import passphrase as module
from tests.keys.quick import Quick

ON = date(2026, 1, 1)
BEFORE, AFTER = "drei Äpfel im Schnee", "vier Birnen im Regen"
NAMES = {f"{use}.json" for use in KeyUse}
FORK = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "Argon2id", Quick)


def under(words: str | None) -> Custody:
    return Custody(None if words is None else Passphrase(words))


def passphrase(words: str | None) -> Passphrase | None:
    return under(words).passphrase


def dies_at(monkeypatch, count: int, *, done: bool, how) -> None:
    """Have the process end at its ``count``-th step that the disk sees: before it, or after it was ``done``."""
    steps = itertools.count()

    def counted(real):
        def step(*arguments, **named):
            mine = next(steps) == count
            if mine and not done:
                how()
            result = real(*arguments, **named)
            if mine:
                how()
            return result

        return step

    for owner, name in ((Path, "rename"), (Path, "rmdir"), (Path, "unlink"), (os, "fsync"), (os, "write")):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))


def killed() -> None:
    os._exit(9)


def full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def ended_at(monkeypatch, count: int, action, *, done: bool) -> bool:
    """Do it in a process of its own that is killed at this step; tell whether it came that far."""
    child = FORK.Process(target=_do_and_die, args=(monkeypatch, count, action, done))
    child.start()
    child.join()
    assert child.exitcode in {0, 9}
    return child.exitcode == 9


def _do_and_die(monkeypatch, count, action, done) -> None:
    dies_at(monkeypatch, count, done=done, how=killed)
    action()
    os._exit(0)


def opens(folder, *candidates: str | None) -> tuple[str | None, tuple]:
    """Load under the one of these that opens it."""
    found = []
    for words in candidates:
        with suppress(KeysUnusable):
            found.append((words, load_keys(folder, under(words)).keys))
    if None in candidates and len(found) == 2:  # in clear: a passphrase that is there as well does no harm
        found = [entry for entry in found if entry[0] is None]
    (one,) = found
    return one


@pytest.mark.parametrize(("before", "after"), [(None, AFTER), (BEFORE, AFTER), (BEFORE, None)], ids=["encrypt", "change", "decrypt"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_kill_while_protecting_leaves_all_or_nothing(tmp_path, monkeypatch, before, after, done):
    seen = []
    for count in itertools.count():
        folder = tmp_path / f"{count}.keys"
        keyring, _ = make_keys(folder, ON, under(before))
        came = ended_at(monkeypatch, count, lambda folder=folder: protect(folder, passphrase(before), passphrase(after)), done=done)
        words, keys = opens(folder, before, after)
        assert keys == keyring.keys
        seen.append(words)
        protect(folder, passphrase(words), passphrase(AFTER))  # what follows tidies up
        assert load_keys(folder, under(AFTER)).keys == keyring.keys
        assert {file.name for file in folder.iterdir()} == NAMES
        if not came:
            break
    assert seen == sorted(seen, key=lambda words: words == after), "once it counts it stays"
    assert set(seen) == {before, after}


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_full_disk_while_protecting_leaves_all_or_nothing(tmp_path, monkeypatch, done):
    for count in itertools.count():
        folder = tmp_path / f"{count}.keys"
        keyring, _ = make_keys(folder, ON, under(BEFORE))
        with monkeypatch.context() as patched:
            dies_at(patched, count, done=done, how=full)
            try:
                protect(folder, passphrase(BEFORE), passphrase(AFTER))
            except OSError:
                came = True
            else:
                came = False
        _, keys = opens(folder, BEFORE, AFTER)
        assert keys == keyring.keys
        assert not list(folder.glob(".*"))
        if not came:
            break
    assert count > 10


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_kill_while_rotating_leaves_the_one_or_the_other(tmp_path, monkeypatch, done):
    for count in itertools.count():
        folder = tmp_path / f"{count}.keys"
        keyring, _ = make_keys(folder, ON, under(BEFORE))
        came = ended_at(monkeypatch, count, lambda folder=folder: rotate(folder, KeyUse.SIGNING, ON, under(BEFORE)), done=done)
        after = load_keys(folder, under(BEFORE))
        assert all(key in after.keys for key in keyring.keys)
        assert len(after.keys) in {len(keyring.keys), len(keyring.keys) + 1}
        rotate(folder, KeyUse.TOKENS, ON, under(BEFORE))
        assert {file.name for file in folder.iterdir()} == NAMES
        if not came:
            break
    assert len(after.keys) == len(keyring.keys) + 1


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_kill_while_the_folder_is_made_leaves_none_or_a_whole_one(tmp_path, monkeypatch, done):
    for count in itertools.count():
        folder = tmp_path / str(count) / "imgate.keys"
        folder.parent.mkdir()
        came = ended_at(monkeypatch, count, lambda folder=folder: make_keys(folder, ON, under(BEFORE)), done=done)
        keyring, made = make_keys(folder, ON, under(BEFORE))
        assert load_keys(folder, under(BEFORE)).keys == keyring.keys
        if not came:
            break
    assert not made


def without_signing(folder):
    keyring, _ = make_keys(folder, ON, under(BEFORE))
    (folder / "signing.json").unlink()
    return [key for key in keyring.keys if key.use is not KeyUse.SIGNING]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_kill_while_the_new_key_is_added_leaves_none_or_a_whole_one(tmp_path, monkeypatch, done):
    for count in itertools.count():
        folder = tmp_path / f"{count}.keys"
        older = without_signing(folder)
        came = ended_at(monkeypatch, count, lambda folder=folder: complete_keys(folder, ON, under(BEFORE)), done=done)
        made = complete_keys(folder, ON, under(BEFORE))
        assert list(load_keys(folder, under(BEFORE)).keys[:-1]) == older
        assert {file.name for file in folder.iterdir()} == NAMES
        if not came:
            break
    assert made is None


def test_a_folder_from_before_is_completed_by_the_signing_key_only(tmp_path):
    older = without_signing(tmp_path / "imgate.keys")
    with pytest.raises(KeysMissing, match=r"no file signing\.json: `imgate keys make` makes the key that is new"):
        load_keys(tmp_path / "imgate.keys", under(BEFORE))
    key = complete_keys(tmp_path / "imgate.keys", ON, under(BEFORE))
    assert load_keys(tmp_path / "imgate.keys", under(BEFORE)).keys == (*older, key)
    assert complete_keys(tmp_path / "imgate.keys", ON, under(BEFORE)) is None


@pytest.mark.parametrize("use", [use for use in KeyUse if use is not KeyUse.SIGNING])
def test_a_folder_that_lost_another_key_is_not_completed(tmp_path, use):
    folder = tmp_path / "imgate.keys"
    without_signing(folder)
    (folder / f"{use}.json").unlink()
    with pytest.raises(KeysMissing, match=rf"no file {use}\.json: without this key what was stored cannot be used"):
        complete_keys(folder, ON, under(BEFORE))
    assert not (folder / "signing.json").exists()


def test_a_folder_is_not_completed_by_who_cannot_open_it(tmp_path):
    without_signing(tmp_path / "imgate.keys")
    with pytest.raises(KeysUnusable, match="passphrase is wrong"):
        complete_keys(tmp_path / "imgate.keys", ON, under(AFTER))
    assert complete_keys(tmp_path / "nothing", ON) is None


def test_what_is_coming_is_closed_to_others_too(tmp_path):
    folder = tmp_path / "imgate.keys"
    keyring, _ = make_keys(folder, ON)
    coming = folder / "next"
    coming.mkdir(mode=0o700)
    (folder / "index.json").rename(coming / "index.json")
    assert load_keys(folder).keys == keyring.keys
    (coming / "index.json").chmod(0o644)
    with pytest.raises(KeysUnusable, match=r"index\.json has mode 0644"):
        load_keys(folder)


def test_only_what_was_begun_here_is_tidied_away(tmp_path):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON)
    for name in (".gitignore", "notes.txt", ".index.json"):
        (folder / name).write_text("mine")
    (folder / ".index.json.abc").write_text("begun")
    (folder / ".next.abc").mkdir()
    rotate(folder, KeyUse.TOKENS, ON)
    assert {file.name for file in folder.iterdir()} == NAMES | {".gitignore", "notes.txt", ".index.json"}


def test_every_file_that_is_written_is_closed_to_others_from_the_first_byte(tmp_path, monkeypatch):
    modes = []
    real = os.write

    def write(handle, content):
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        return real(handle, content)

    monkeypatch.setattr(files.os, "write", write)
    folder = tmp_path / "imgate.keys"
    before = os.umask(0)
    try:
        make_keys(folder, ON)
        rotate(folder, KeyUse.TOKENS, ON)
        protect(folder, None, Passphrase(BEFORE))
    finally:
        os.umask(before)
    assert set(modes) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
