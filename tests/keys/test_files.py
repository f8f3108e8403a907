"""The keys' folder: made once, closed to others, and refused where anything about it is odd."""

import json
import multiprocessing
import stat
from datetime import date

import pytest

from imgate.keys import KeysMissing, KeysUnusable, KeyUse, load_keys, make_keys, rotate

ON = date(2026, 1, 1)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "imgate.keys"
    make_keys(folder, ON)
    return folder


def test_keys_are_made_once_and_then_loaded(tmp_path):
    folder = tmp_path / "imgate.keys"
    made, new = make_keys(folder, ON)
    again, newly = make_keys(folder, date(2027, 1, 1))
    assert (new, newly) == (True, False)
    assert made.keys == again.keys == load_keys(folder).keys
    assert [file.name for file in tmp_path.iterdir()] == ["imgate.keys"]


def test_only_the_owner_may_read_them(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert {file.name for file in folder.iterdir()} == {f"{use}.json" for use in KeyUse}


def _make(folder, gate, results):
    gate.wait()
    results.put(make_keys(folder, ON)[0].derived("index", "client"))


def test_processes_that_start_together_end_with_the_same_keys(tmp_path):
    context = multiprocessing.get_context("fork")
    for round_ in range(5):
        gate, results = context.Barrier(4), context.Queue()
        folder = tmp_path / f"{round_}.keys"
        processes = [context.Process(target=_make, args=(folder, gate, results)) for _ in range(4)]
        for process in processes:
            process.start()
        assert len({results.get(timeout=20) for _ in processes}) == 1
        for process in processes:
            process.join()
        assert len(list(folder.iterdir())) == len(KeyUse)
    assert len(list(tmp_path.iterdir())) == 5


def test_a_missing_folder_or_file_is_named(folder, tmp_path):
    with pytest.raises(KeysMissing, match=r"nothing\.keys"):
        load_keys(tmp_path / "nothing.keys")
    (folder / "index.json").unlink()
    with pytest.raises(KeysMissing, match=r"index\.json"):
        load_keys(folder)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_keys_that_others_may_read_are_refused(folder, mode):
    (folder / "audit.json").chmod(mode)
    with pytest.raises(KeysUnusable, match=r"audit\.json has mode .* set it to 0600"):
        load_keys(folder)


def test_a_folder_that_others_may_enter_is_refused(folder):
    folder.chmod(0o755)
    with pytest.raises(KeysUnusable, match="set it to 0700"):
        load_keys(folder)


def changed(folder, name, change):
    file = folder / name
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(use="audit"),
        lambda c: c.update(profile="another"),
        lambda c: c.pop("keys"),
        lambda c: c.update(keys=[]),
        lambda c: c["keys"][0].update(secret="AAAA"),
        lambda c: c["keys"][0].update(secret="not base64"),
        lambda c: c["keys"][0].update(created="yesterday"),
        lambda c: c["keys"].append(c["keys"][0]),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(folder, change):
    changed(folder, "index.json", change)
    with pytest.raises(KeysUnusable):
        load_keys(folder)


def test_a_tokens_key_of_another_kind_is_refused(folder):
    changed(folder, "tokens.json", lambda content: content["keys"][0].update(secret="AAAA"))
    with pytest.raises(KeysUnusable, match="tokens"):
        load_keys(folder)


def test_no_sentence_shows_a_secret(folder):
    secret = json.loads((folder / "index.json").read_text())["keys"][0]["secret"]
    changed(folder, "index.json", lambda content: content["keys"][0].update(secret=secret + "AAAA"))
    with pytest.raises(KeysUnusable) as refused:
        load_keys(folder)
    assert secret[:10] not in str(refused.value)
    assert secret not in repr(refused.getrepr(style="short", showlocals=False))


@pytest.mark.parametrize("use", [KeyUse.WRAPPING, KeyUse.TOKENS])
def test_rotating_adds_a_current_key_and_keeps_the_others(folder, use):
    before = load_keys(folder)
    after, key = rotate(folder, use, date(2026, 6, 1))
    assert after.current(use) == key
    assert before.current(use) in after.keys
    assert load_keys(folder).keys == after.keys
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("use", [KeyUse.INDEX, KeyUse.AUDIT, KeyUse.INTAKE])
def test_keys_that_every_row_depends_on_are_not_rotated(folder, use):
    with pytest.raises(KeysUnusable, match="cannot be rotated"):
        rotate(folder, use, ON)
