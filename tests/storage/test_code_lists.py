"""Imported lists are kept whole, version beside version, on both databases, and come back with a backup."""

from concurrent.futures import ThreadPoolExecutor, wait
from types import SimpleNamespace

import pytest

from imgate.codelists import read_code_list
from imgate.exchange.code_lists import Import, import_code_list
from imgate.storage.backup import backup
from imgate.storage.restore import restore
from tests.codelists.made_up import FILE, URI, version

SHA = "a" * 64


@pytest.fixture
def kept(store, sample):
    code_list = read_code_list(FILE.read_bytes())
    with store.transaction() as tx:
        tx.code_lists.put(code_list, SHA, sample.at)
    return code_list


def test_what_was_read_is_what_is_found(store, sample, kept):
    with store.reading() as tx:
        (listed,) = tx.code_lists.all()
        assert listed == tx.code_lists.find(URI, "1")
        assert tuple(tx.code_lists.entries(URI, "1")) == kept.entries
        assert tx.code_lists.entry(URI, "1", "02") == kept.entries[1]
        assert [entry.code for entry in tx.code_lists.run_out(URI, "1")] == ["02"]
    assert (listed.columns, listed.key_column, listed.name_column, listed.rows) == (kept.columns, "Schluessel", "Beschreibung", 2)
    assert (listed.sha256, listed.imported_at, listed.title) == (SHA, sample.at, "Beispielstufen")


def test_what_is_not_there_is_not_found(store, kept):
    with store.reading() as tx:
        assert tx.code_lists.find(URI, "2") is None
        assert tx.code_lists.find(URI + "x", "1") is None
        assert tx.code_lists.entry(URI, "1", "03") is None
        assert tx.code_lists.entry(URI, "2", "01") is None
        assert list(tx.code_lists.versions(URI + "x")) == list(tx.code_lists.entries(URI, "2")) == []


def test_versions_stand_side_by_side_and_replacing_one_leaves_the_other(store, sample, kept):
    with store.transaction() as tx:
        tx.code_lists.put(read_code_list(version("2")), SHA, sample.at)
        tx.code_lists.put(read_code_list(version("2", name="neu")), "b" * 64, sample.at)
    with store.reading() as tx:
        assert sorted(tx.code_lists.versions(URI)) == ["1", "2"]
        assert tuple(tx.code_lists.entries(URI, "1")) == kept.entries
        assert [entry.name for entry in tx.code_lists.entries(URI, "2")] == ["neu"]
        assert tx.code_lists.find(URI, "2").sha256 == "b" * 64


def test_a_version_that_is_removed_is_gone_with_its_codes_and_the_other_is_not(store, sample, kept):
    with store.transaction() as tx:
        tx.code_lists.put(read_code_list(version("2")), SHA, sample.at)
    with store.transaction() as tx:
        tx.code_lists.remove(URI, "1")
        tx.code_lists.remove(URI, "3")
    with store.reading() as tx:
        assert list(tx.code_lists.versions(URI)) == ["2"]
        assert list(tx.code_lists.entries(URI, "1")) == []
        assert [entry.code for entry in tx.code_lists.entries(URI, "2")] == ["1"]


@pytest.mark.parametrize(("sha256", "outcome"), [(SHA, Import.UNCHANGED), ("b" * 64, Import.DIFFERS)])
def test_who_imports_while_another_does_finds_what_that_one_stored(store, opened, url, sample, sha256, outcome):
    code_list = read_code_list(FILE.read_bytes())
    beside = SimpleNamespace(store=opened(url), clock=lambda: sample.at)
    with ThreadPoolExecutor(1) as pool, store.transaction() as tx:
        tx.code_lists.hold()
        tx.code_lists.put(code_list, SHA, sample.at)
        second = pool.submit(import_code_list, beside, code_list, sha256, replace=False)
        assert not wait([second], 0.2).done
    assert second.result() is outcome


def test_the_order_of_the_file_is_kept(store, sample):
    codes = ["10", "9", "B", "a", "01"]
    rows = "".join(f'<Row><Value ColumnRef="c"><SimpleValue>{code}</SimpleValue></Value></Row>' for code in codes)
    content = version("1").decode()
    content = content[: content.index("<Row>")] + rows + content[content.index("\n</SimpleCodeList>") :]
    with store.transaction() as tx:
        tx.code_lists.put(read_code_list(content.encode()), SHA, sample.at)
        assert [entry.code for entry in tx.code_lists.entries(URI, "1")] == codes


def test_lists_come_back_with_a_backup(store, kept, opened, url, request, tmp_path, sample):
    counts = backup(store, tmp_path / "backup")
    assert (counts["code_lists"], counts["code_list_entries"]) == (1, 2)
    fresh = opened(f"sqlite:///{tmp_path / 'fresh.db'}" if url.startswith("sqlite") else request.getfixturevalue("postgres")())
    restore(fresh, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)
    with fresh.reading() as tx:
        assert tuple(tx.code_lists.entries(URI, "1")) == kept.entries
