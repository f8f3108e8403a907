"""The folder: complete files under the message's id, never over another, never elsewhere."""

import asyncio
import os
import stat

import pytest

from imgate.exchange.delivery import NOT_CONNECTED
from imgate.plugin_api import Delivered, NotDelivered, Parcel, RefusedByPartner, SettingsInvalid
from imgate.transports import folder as folder_transport
from imgate.transports.folder import configure

ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
NOTHING_SEEN = NotDelivered(NOT_CONNECTED)


def deliver(folder, content=b"<a/>", media_type="application/xml", message_id=ID):
    return asyncio.run(configure({"folder": str(folder)}).deliver(Parcel(message_id, media_type, content, "jobcenter")))


@pytest.mark.parametrize(
    ("media_type", "ending"),
    [
        ("application/xml", "xml"),
        ("text/csv; charset=utf-8", "csv"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("application/x-unheard-of", "bin"),
        ("../../x", "bin"),
    ],
)
def test_a_file_is_named_by_the_messages_id_and_its_kind(tmp_path, media_type, ending):
    assert deliver(tmp_path, media_type=media_type) == Delivered()
    assert [path.name for path in tmp_path.iterdir()] == [f"{ID}.{ending}"]


def test_the_file_holds_the_message_and_the_group_may_read_it(tmp_path):
    before = os.umask(0o077)
    try:
        deliver(tmp_path, b"Inhalt")
    finally:
        os.umask(before)
    file = tmp_path / f"{ID}.xml"
    assert file.read_bytes() == b"Inhalt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_the_same_message_again_is_delivered_already(tmp_path):
    assert deliver(tmp_path) == Delivered()
    assert deliver(tmp_path) == Delivered()


def test_another_content_under_the_same_name_is_left_as_it_is(tmp_path):
    deliver(tmp_path, b"first")
    assert deliver(tmp_path, b"second") == RefusedByPartner("file_exists")
    assert (tmp_path / f"{ID}.xml").read_bytes() == b"first"


def test_what_a_crash_left_behind_is_cleared_away(tmp_path):
    (tmp_path / f".{ID}.xml.part").write_bytes(b"half")
    assert deliver(tmp_path) == Delivered()
    assert [path.name for path in tmp_path.iterdir()] == [f"{ID}.xml"]


@pytest.mark.parametrize("message_id", ["../x", "", "K-2026-0815", f"{ID}/x", ID.upper()])
def test_a_name_that_is_no_message_id_is_refused(tmp_path, message_id):
    assert deliver(tmp_path, message_id=message_id) == RefusedByPartner("name_unusable")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_away_is_tried_again_and_nothing_was_seen(tmp_path):
    assert deliver(tmp_path / "away") == NOTHING_SEEN


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    assert deliver(tmp_path / "out") == NOTHING_SEEN
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{ID}.xml").symlink_to(tmp_path / "elsewhere")
    assert deliver(tmp_path / "out") == RefusedByPartner("file_exists")
    assert not (tmp_path / "elsewhere").exists()


def test_a_share_without_hard_links_gets_the_file_too(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(folder_transport.os, "link", refused)
    assert deliver(tmp_path) == Delivered()
    assert [path.name for path in tmp_path.iterdir()] == [f"{ID}.xml"]


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_transport.os, "fsync", full)
    assert deliver(tmp_path) == NOTHING_SEEN
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("entries", [{}, {"folder": "x", "name": "{client}"}, {"folder": 3}])
def test_what_cannot_be_used_is_refused(entries):
    with pytest.raises(SettingsInvalid):
        configure(entries)
