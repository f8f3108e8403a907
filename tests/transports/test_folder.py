"""The folder: complete files under the message's id, never over another, never elsewhere; and what the partner lays beside them."""

import asyncio
import os
import stat
from datetime import UTC, datetime

import pytest

from imgate.plugin_api import (
    NOT_CONNECTED,
    Delivered,
    NotDelivered,
    Parcel,
    Receipt,
    ReceiptSource,
    RefusedByPartner,
    Sent,
    SettingsInvalid,
)
from imgate.transports import folder as folder_transport
from imgate.transports.folder import configure

ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
OTHER = "1b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
NOTHING_SEEN = NotDelivered(NOT_CONNECTED)


def deliver(folder, content=b"<a/>", media_type="application/xml", message_id=ID, receipt="e30.e30.AA"):
    parcel = Parcel(message_id, media_type, content, "jobcenter", receipt=receipt)
    return asyncio.run(configure({"folder": str(folder)}).deliver(parcel))


def files(folder):
    """Name what lies in a folder, without the receipts."""
    return [path.name for path in folder.iterdir() if not path.name.endswith(".receipt.jws")]


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
    assert files(tmp_path) == [f"{ID}.{ending}"]


def test_the_file_holds_the_message_and_the_group_may_read_it(tmp_path):
    before = os.umask(0o077)
    try:
        deliver(tmp_path, b"Inhalt")
    finally:
        os.umask(before)
    file = tmp_path / f"{ID}.xml"
    assert file.read_bytes() == b"Inhalt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def receipt_in(folder):
    return (folder / f"{ID}.receipt.jws").read_bytes()


def test_its_receipt_lies_beside_it_for_the_same_readers(tmp_path):
    deliver(tmp_path, receipt="a.b.c")
    assert receipt_in(tmp_path) == b"a.b.c"
    assert stat.S_IMODE((tmp_path / f"{ID}.receipt.jws").stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{ID}.receipt.jws", f"{ID}.xml"]


def test_a_message_that_is_there_already_keeps_the_receipt_of_its_attempt(tmp_path):
    deliver(tmp_path, receipt="a.b.c")
    assert deliver(tmp_path, receipt="d.e.f") == Delivered()
    assert receipt_in(tmp_path) == b"a.b.c"
    assert deliver(tmp_path, b"<other/>", receipt="g.h.i") == RefusedByPartner("file_exists")
    assert receipt_in(tmp_path) == b"a.b.c"


def test_a_receipt_that_was_left_alone_gives_way_to_the_one_of_the_bytes_that_arrive(tmp_path):
    (tmp_path / f"{ID}.receipt.jws").write_bytes(b"of an attempt that was killed")
    assert deliver(tmp_path, b"<narrower/>", receipt="d.e.f") == Delivered()
    assert (receipt_in(tmp_path), (tmp_path / f"{ID}.xml").read_bytes()) == (b"d.e.f", b"<narrower/>")


def test_a_link_in_the_place_of_a_receipt_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    (tmp_path / f"{ID}.receipt.jws").symlink_to(elsewhere)
    assert deliver(tmp_path, receipt="d.e.f") == Delivered()
    assert (elsewhere.read_bytes(), receipt_in(tmp_path)) == (b"untouched", b"d.e.f")


def test_where_the_receipt_cannot_be_laid_the_message_is_not(tmp_path):
    (tmp_path / f"{ID}.receipt.jws").mkdir()
    assert deliver(tmp_path) == NOTHING_SEEN
    assert [path.name for path in tmp_path.iterdir()] == [f"{ID}.receipt.jws"]


def test_where_the_message_cannot_be_laid_its_receipt_goes_too(tmp_path, monkeypatch):
    real = os.open

    def full(name, *rest, **where):
        if str(name) == f".{ID}.xml.part":
            raise OSError(28, "No space left on device")
        return real(name, *rest, **where)

    monkeypatch.setattr(folder_transport.os, "open", full)
    assert deliver(tmp_path) == NOTHING_SEEN
    assert list(tmp_path.iterdir()) == []


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
    assert files(tmp_path) == [f"{ID}.xml"]


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
    assert files(tmp_path) == [f"{ID}.xml"]


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_transport.os, "fsync", full)
    assert deliver(tmp_path) == NOTHING_SEEN
    assert list(tmp_path.iterdir()) == []


def test_the_name_appears_when_the_file_is_whole_and_on_the_disk(tmp_path, monkeypatch):
    steps = []
    real_link, real_fsync = os.link, os.fsync

    def fsync(descriptor):
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_fsync(descriptor)

    def link(part, name, **where):
        steps.append("name")
        assert files(tmp_path) == [part]
        assert (tmp_path / f"{ID}.receipt.jws").read_bytes() == b"e30.e30.AA"
        assert (tmp_path / part).read_bytes() == b"Inhalt"
        assert stat.S_IMODE((tmp_path / part).stat().st_mode) == 0o640
        real_link(part, name, **where)

    monkeypatch.setattr(folder_transport.os, "fsync", fsync)
    monkeypatch.setattr(folder_transport.os, "link", link)
    assert deliver(tmp_path, b"Inhalt") == Delivered()
    assert steps == ["file", "folder", "file", "name", "folder"]  # the receipt first


@pytest.mark.parametrize("step", ["link", "fsync"])
def test_a_failure_once_the_name_may_be_there_may_have_disclosed_the_message(tmp_path, monkeypatch, step):
    real = getattr(os, step)

    def fails_late(*arguments, **where):
        real(*arguments, **where)
        if step == "link" or (tmp_path / f"{ID}.xml").exists():
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(folder_transport.os, step, fails_late)
    assert deliver(tmp_path) == NotDelivered("unconfirmed")
    monkeypatch.undo()
    assert deliver(tmp_path) == Delivered()
    assert files(tmp_path) == [f"{ID}.xml"]


def receipts(folder, *message_ids, **entries):
    source = configure({"folder": str(folder), **{name: str(value) for name, value in entries.items()}})
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return asyncio.run(source.receipts([Sent(one, None, at) for one in message_ids or (ID,)]))


def test_it_is_a_source_of_receipts(tmp_path):
    assert isinstance(configure({"folder": str(tmp_path)}), ReceiptSource)


def test_a_message_without_a_word_of_the_partner_is_left_out(tmp_path):
    deliver(tmp_path)
    (tmp_path / f"{OTHER}.ack").touch()
    (tmp_path / f".{ID}.ack").touch()
    (tmp_path / f"{ID}.xml.ack").touch()
    (tmp_path / f"{ID}.ACK").touch()
    assert receipts(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"ok\n", b"x" * 100_000, b"\xff\x00"])
def test_an_ack_means_taken_whatever_stands_in_it(tmp_path, content):
    (tmp_path / f"{ID}.ack").write_bytes(content)
    assert receipts(tmp_path, OTHER, ID) == [Receipt(ID)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"schema_violation", "schema_violation"),
        (b"schema_violation\r\nZeile 3: Frau M\xc3\xbcller\n", "schema_violation"),
        (b"wrong_unit\n" + b"x" * 100_000, "wrong_unit"),
        (b"a" * 64, "a" * 64),
        (b"a" * 65, "refused"),
        (b"x" * 2000 + b"\n", "refused"),
        (b"Frau M\xc3\xbcller ist unbekannt\n", "refused"),
        (b"two words", "refused"),
        (b"UPPER", "refused"),
        (b"a-b", "refused"),
        (b"\nsecond_line", "refused"),
        (b"\xff", "refused"),
        ("\u0661".encode(), "refused"),
        (b"", "refused"),
    ],
)
def test_a_refusal_gives_a_short_word_or_none_and_never_a_sentence(tmp_path, content, code):
    (tmp_path / f"{ID}.reject").write_bytes(content)
    assert receipts(tmp_path) == [Receipt(ID, code)]


def test_a_refusal_beside_an_ack_counts(tmp_path):
    (tmp_path / f"{ID}.ack").touch()
    (tmp_path / f"{ID}.reject").write_bytes(b"wrong_unit")
    assert receipts(tmp_path) == [Receipt(ID, "wrong_unit")]


def test_the_partners_word_stays_until_the_partner_takes_it_away(tmp_path):
    (tmp_path / f"{ID}.ack").touch()
    assert receipts(tmp_path) == receipts(tmp_path) == [Receipt(ID)]
    assert receipts(tmp_path, OTHER) == []
    assert receipts(tmp_path) == [Receipt(ID)]


def test_the_partners_word_can_come_in_a_folder_of_its_own(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "back").mkdir()
    (tmp_path / "out" / f"{ID}.reject").touch()
    (tmp_path / "back" / f"{ID}.ack").touch()
    assert receipts(tmp_path / "out", acknowledgement_folder=tmp_path / "back") == [Receipt(ID)]
    assert deliver(tmp_path / "out") == Delivered()
    assert [path.name for path in (tmp_path / "back").iterdir()] == [f"{ID}.ack"]


@pytest.mark.parametrize("make", ["link", "folder", "pipe"])
@pytest.mark.parametrize("ending", ["ack", "reject"])
def test_what_is_no_plain_file_is_no_word_and_is_not_waited_for(tmp_path, make, ending):
    name = tmp_path / f"{ID}.{ending}"
    match make:
        case "link":
            (tmp_path / "secret").write_bytes(b"password")
            name.symlink_to(tmp_path / "secret")
        case "folder":
            name.mkdir()
        case "pipe":
            os.mkfifo(name)
    assert receipts(tmp_path) == []


@pytest.mark.parametrize("make", ["link", "pipe", "gone"])
def test_a_refusal_that_is_exchanged_while_it_is_read_stays_one_and_shows_nothing_else(tmp_path, monkeypatch, make):
    name = tmp_path / f"{ID}.reject"
    (tmp_path / "secret").write_bytes(b"password")
    monkeypatch.setattr(folder_transport, "_is_plain", lambda _at, asked: asked == name.name)
    match make:
        case "link":
            name.symlink_to(tmp_path / "secret")
        case "pipe":
            os.mkfifo(name)
        case "gone":
            pass
    assert receipts(tmp_path) == [Receipt(ID, "refused")]


def test_a_folder_that_is_away_or_a_link_says_nothing(tmp_path):
    assert receipts(tmp_path / "away") == NOTHING_SEEN
    (tmp_path / "back").symlink_to(tmp_path)
    (tmp_path / f"{ID}.ack").touch()
    assert receipts(tmp_path, acknowledgement_folder=tmp_path / "back") == NOTHING_SEEN


def test_an_id_that_is_none_is_not_looked_for(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / f"{ID}.ack").touch()
    assert receipts(tmp_path / "inner", f"../{ID}", "", ID.upper()) == []


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"folder": "x", "acknowledgements": "y"},
        {"folder": "x", "acknowledgement_folder": 3},
        {"folder": "x", "name": "{client}"},
        {"folder": 3},
    ],
)
def test_what_cannot_be_used_is_refused(entries):
    with pytest.raises(SettingsInvalid):
        configure(entries)
