"""Whatever in the keys' folder is no file or folder of ours is refused with a sentence: nothing is followed, waited for or emptied."""

import json
import os
from contextlib import suppress
from datetime import date

import pytest

from imgate.keys import KeysMissing, KeysUnusable, KeyUse, are_encrypted, complete_keys, load_keys, make_keys, protect, rotate
from imgate.keys import folder as files

ON = date(2026, 1, 1)
SOMEBODY = 4711


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON)
    return folder


READING = {"load": load_keys, "look": are_encrypted}
CHANGING = {
    "rotate": lambda folder: rotate(folder, KeyUse.TOKENS, ON),
    "protect": lambda folder: protect(folder, None, None),
    "complete": lambda folder: complete(folder),
}


def complete(folder):
    (folder / "signing.json").unlink(missing_ok=True)
    complete_keys(folder, ON)
    load_keys(folder)


def held(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def refused(folder, use, match):
    with pytest.raises(KeysUnusable, match=match) as error:
        use(folder)
    assert str(folder.parent) not in str(error.value)


@pytest.mark.parametrize("how", {**READING, **CHANGING})
@pytest.mark.parametrize("leads_to", ["elsewhere", "elsewhere/another", "."])
def test_a_link_named_next_is_refused_and_what_it_leads_to_stays(folder, tmp_path, how, leads_to):
    elsewhere = tmp_path / "elsewhere"
    make_keys(elsewhere, ON)
    make_keys(elsewhere / "another", ON)
    (folder / "next").symlink_to(tmp_path / leads_to)
    before, theirs = held(elsewhere / "another"), {file.name for file in elsewhere.iterdir()}
    refused(folder, {**READING, **CHANGING}[how], "next is no folder")
    assert held(elsewhere / "another") == before
    assert {file.name for file in elsewhere.iterdir()} == theirs
    assert (folder / "next").is_symlink()


def link(file):
    file.rename(file.with_name("moved"))
    file.symlink_to("moved")


def dangling(file):
    file.unlink()
    file.symlink_to("nowhere")


def pipe(file):
    file.unlink()
    os.mkfifo(file, 0o600)


def directory(file):
    file.unlink()
    file.mkdir(mode=0o700)


@pytest.mark.parametrize("odd", [link, dangling, pipe, directory])
@pytest.mark.parametrize("name", ["wrapping.json", "signing.json"])
def test_what_is_no_file_in_the_place_of_one_is_refused_at_once(folder, odd, name):
    odd(folder / name)
    for use in READING.values():
        refused(folder, use, rf"{name} cannot be read: it is a link, a folder or a pipe")
    refused(folder, lambda folder: rotate(folder, KeyUse.TOKENS, ON), rf"{name} cannot be read")


@pytest.mark.parametrize("odd", [link, dangling, pipe, directory])
def test_a_key_that_cannot_be_read_is_not_taken_for_one_that_is_missing(folder, odd):
    odd(folder / "signing.json")
    assert complete_keys(folder, ON) is None
    refused(folder, load_keys, r"signing\.json cannot be read")


@pytest.mark.parametrize("odd", [link, pipe, directory])
def test_nothing_odd_is_moved_out_of_what_is_coming(folder, odd):
    coming = folder / "next"
    coming.mkdir(mode=0o700)
    for name in ("audit.json", "wrapping.json"):
        (coming / name).write_bytes((folder / name).read_bytes())
        (coming / name).chmod(0o600)
    odd(coming / "wrapping.json")
    (coming / "moved").unlink(missing_ok=True)
    before = (folder / "audit.json").stat().st_ino
    refused(folder, load_keys, "wrapping.json cannot be read")
    refused(folder, lambda folder: rotate(folder, KeyUse.TOKENS, ON), "wrapping.json cannot be read")
    assert (folder / "audit.json").stat().st_ino == before


def test_what_is_no_file_of_keys_keeps_what_is_coming_where_it_is(folder):
    coming = folder / "next"
    coming.mkdir(mode=0o700)
    (folder / "audit.json").rename(coming / "audit.json")
    (coming / "notes.txt").write_text("mine")
    refused(folder, lambda folder: rotate(folder, KeyUse.TOKENS, ON), r"next holds notes\.txt")
    assert (coming / "audit.json").exists()
    (coming / "notes.txt").unlink()
    rotate(folder, KeyUse.TOKENS, ON)
    assert not coming.exists()


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_what_is_coming_in_a_folder_open_to_others_is_not_read(folder, mode):
    (folder / "next").mkdir()
    (folder / "next").chmod(mode)
    for use in (*READING.values(), *CHANGING.values()):
        refused(folder, use, "next has mode")


def test_what_was_begun_is_tidied_away_whatever_it_is(folder, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine")
    (folder / ".next.link").symlink_to(kept)
    (folder / ".next.file").write_text("")
    (folder / ".index.json.link").symlink_to(kept / "file")
    (folder / ".index.json.folder").mkdir()
    rotate(folder, KeyUse.TOKENS, ON)
    assert {file.name for file in folder.iterdir()} == {f"{use}.json" for use in KeyUse}
    assert (kept / "file").read_text() == "mine"


def test_the_folder_itself_may_be_a_link(folder, tmp_path):
    (tmp_path / "link.keys").symlink_to(folder)
    _, key = rotate(tmp_path / "link.keys", KeyUse.TOKENS, ON)
    assert load_keys(tmp_path / "link.keys").current(KeyUse.TOKENS) == key == load_keys(folder).current(KeyUse.TOKENS)


@pytest.mark.parametrize("content", [b"", b"no folder"])
def test_a_file_in_the_place_of_the_folder_is_none(tmp_path, content):
    (tmp_path / "imgate.keys").write_bytes(content)
    with pytest.raises(KeysMissing, match=r"no folder imgate\.keys"):
        load_keys(tmp_path / "imgate.keys")


def belongs(monkeypatch, path, owner):
    """Have it belong to somebody, also where these tests do not run as root."""
    real_fstat, real_stat = os.fstat, os.stat
    given = real_stat(path)

    def as_theirs(found):
        if (found.st_dev, found.st_ino) != (given.st_dev, given.st_ino):
            return found
        return os.stat_result((*found[:4], owner, *found[5:]))

    monkeypatch.setattr(files.os, "fstat", lambda handle: as_theirs(real_fstat(handle)))
    monkeypatch.setattr(files.os, "stat", lambda *path, **how: as_theirs(real_stat(*path, **how)))
    monkeypatch.setattr(files.os, "lstat", lambda path: as_theirs(real_stat(path, follow_symlinks=False)))


@pytest.mark.parametrize("name", [".", "audit.json", "signing.json"])
@pytest.mark.parametrize("how", ["load", "look", "rotate", "protect"])
def test_what_belongs_to_another_user_is_refused(folder, monkeypatch, name, how):
    belongs(monkeypatch, folder / name, SOMEBODY)
    refused(folder, {**READING, **CHANGING}[how], rf"{(folder / name).name} belongs to another user \(uid 4711\)")


@pytest.mark.parametrize("how", {**READING, **CHANGING})
def test_what_is_coming_from_another_user_is_refused(folder, monkeypatch, how):
    (folder / "next").mkdir(mode=0o700)
    belongs(monkeypatch, folder / "next", SOMEBODY)
    refused(folder, {**READING, **CHANGING}[how], r"next belongs to another user \(uid 4711\)")


@pytest.mark.parametrize("name", [".", "audit.json"])
def test_what_belongs_to_root_is_taken(folder, monkeypatch, name):
    if os.geteuid() == 0:  # else this is a user that is not root already
        monkeypatch.setattr(files.os, "geteuid", lambda: SOMEBODY)
    belongs(monkeypatch, folder / name, 0)
    assert load_keys(folder).current(KeyUse.AUDIT)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"keys":' * 100_000, b'{"use":' + b"[" * 900 + b"]" * 900 + b"}", b"\xff", b"", b"null", b"[]", b"7"]
)
def test_what_is_no_file_of_keys_is_refused_however_deep_it_is(folder, content):
    (folder / "audit.json").write_bytes(content)
    refused(folder, load_keys, r"audit\.json is not a file of audit keys")


STRANGE = (None, True, -1, 1.5, "", "é", [], {}, [[]], {"": 1}, "0001-01-01", 10**400)


@pytest.mark.parametrize("use", KeyUse)
@pytest.mark.parametrize("value", STRANGE, ids=lambda value: repr(value)[:12])
def test_whatever_stands_in_a_file_of_keys_a_sentence_refuses_it_or_it_is_read(folder, use, value):
    file = folder / f"{use}.json"
    content = json.loads(file.read_text())
    places = [(content, name) for name in content] + [(content["keys"][0], name) for name in content["keys"][0]] + [(content["keys"], 0)]
    secret = content["keys"][0]["secret"]
    places += [(secret, name) for name in secret] if isinstance(secret, dict) else []
    for place, name in places:
        before, place[name] = place[name], value
        file.write_text(json.dumps(content))
        place[name] = before
        with suppress(KeysUnusable):
            load_keys(folder)
