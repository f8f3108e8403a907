"""Checkpoints of the log on the page, and the log compared with one that somebody kept: what was changed is found and said in words."""

import dataclasses
from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from imgate.audit.signing import Cosigner, LogSigner
from imgate.audit.verify import Note, VerifierKey, verified_checkpoint, verify_export
from imgate.bootstrap.checkpoints import sign_now, signer_of
from imgate.http.app import create_app
from imgate.storage.checkpoints import SqlCheckpoints
from imgate.storage.cosigning import add_cosignatures
from imgate.storage.log_proofs import log_size
from imgate.web.app import create_pages

LOG, PAGE = "/pages/office/log", "/pages/office/log/checkpoints"


def behind(pages, sql, **values):
    """Change the database as somebody with the file would."""
    with pages.gateway.store.engine.begin() as connection:
        return connection.execute(text(sql), values).rowcount


def kept(pages):
    """Sign the log, and give the note as somebody keeps it."""
    return sign_now(pages.gateway).checkpoint.note


def compared(browser, note):
    return browser.get(LOG).send("Jetzt prüfen", checkpoint=note)


def test_without_a_checkpoint_the_page_says_so_and_names_the_key(pages):
    page = pages.office().get(PAGE)
    assert "Es gibt noch keinen." in page.text
    assert str(signer_of(pages.gateway).public) in page.text


def test_the_button_sets_one_and_pressed_again_says_that_nothing_was_added(pages):
    pages.declare("language.level")
    browser = pages.office()
    page = browser.get(PAGE).send("Prüfpunkt jetzt setzen")
    assert "Der Prüfpunkt ist gesetzt." in page.text
    assert len(page.tree.xpath("//tbody/tr")) == 1
    again = page.send("Prüfpunkt jetzt setzen")
    assert "Seit dem letzten Prüfpunkt ist nichts dazugekommen." in again.text
    assert len(again.tree.xpath("//tbody/tr")) == 1


def test_the_note_is_given_byte_for_byte_under_a_name_that_says_nothing_of_anybody(pages):
    pages.declare("language.level")
    note = kept(pages)
    file = pages.office().get(PAGE).follow(f"Laden ({Note.parsed(note.encode()).text.splitlines()[1]})")
    assert file.answer.content == note.encode()
    assert verified_checkpoint(file.answer.content, signer_of(pages.gateway).public)
    assert file.headers["content-type"] == "text/plain; charset=utf-8"
    assert file.headers["content-disposition"].startswith('attachment; filename="checkpoint-')


@pytest.mark.parametrize("size", ["1000", "00", "-1", "x", "1e3", "9" * 19, "%00", "٣"])
def test_a_length_that_nobody_signed_is_not_there(pages, size):
    pages.declare("language.level")
    kept(pages)
    browser = pages.office()
    assert browser.get(f"{PAGE}/{size}").status == 404
    assert browser.get(f"{PAGE}/{size}/time-stamp").status == 404


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "9" * 30])
def test_a_place_that_is_none_leads_nowhere(pages, before):
    assert pages.office().get(f"{PAGE}?before={before}").status == 404


def test_older_ones_follow_and_none_is_left_out(pages, monkeypatch):
    monkeypatch.setattr("imgate.web.office.checkpoints._SHOWN", 2)
    sizes = []
    browser = pages.office()
    for _ in range(5):
        pages.declare("language.level")
        sizes.append(str(Note.parsed(kept(pages).encode()).text.splitlines()[1]))
    page, seen = browser.get(PAGE), []
    while True:
        seen += [row.text_content().strip() for row in page.tree.xpath("//tbody/tr/th")]
        if "Ältere Prüfpunkte" not in page.links():
            break
        page = page.follow("Ältere Prüfpunkte")
    assert seen == sizes[::-1]


def test_a_time_stamp_is_given_as_it_came(pages):
    pages.declare("language.level")
    size = sign_now(pages.gateway).checkpoint.size
    browser = pages.office()
    assert browser.get(f"{PAGE}/{size}/time-stamp").status == 404
    with pages.gateway.store.transaction() as tx:
        SqlCheckpoints(tx.session).set_time_stamp(size, b"0\x03answer")
    file = browser.get(PAGE).follow(f"Antwort laden ({size})")
    assert (file.answer.content, file.headers["content-type"]) == (b"0\x03answer", "application/timestamp-reply")


def test_without_the_authority_the_checkpoint_stands_and_the_page_says_what_is_missing(pages):
    pages.declare("language.level")
    audit = pages.gateway.settings.audit.model_copy(update={"time_stamp_url": "http://127.0.0.1:9/tsr"})
    with_authority(pages, audit)
    page = pages.office().get(PAGE).send("Prüfpunkt jetzt setzen")
    assert (page.status, "Der Prüfpunkt steht, aber ohne Zeitstempel" in page.text) == (200, True)
    assert len(page.tree.xpath("//tbody/tr")) == 1


def with_authority(pages, audit):
    """Configure the log anew."""
    pages.gateway = dataclasses.replace(pages.gateway, settings=pages.gateway.settings.model_copy(update={"audit": audit}))
    pages.app = create_app(pages.gateway, pages=create_pages(pages.gateway))


def test_a_witness_is_named_and_one_that_is_no_longer_configured_is_said_to_be_none(pages):
    pages.declare("language.level")
    witness = Cosigner("landratsamt.example.org", Ed25519PrivateKey.generate())
    audit = pages.gateway.settings.audit.model_copy(update={"witnesses": (str(witness.public),)})
    note = Note.parsed(kept(pages).encode())
    cosigned = witness.cosign(note, pages.now)
    add_cosignatures(pages.gateway.store, cosigned, signer_of(pages.gateway).public, (witness.public,))
    assert "landratsamt.example.org (nicht eingerichtet)" in pages.office().get(PAGE).text
    with_authority(pages, audit)
    page = pages.office().get(PAGE)
    assert "landratsamt.example.org" in page.text
    assert "nicht eingerichtet" not in page.text
    assert "davon von Zeugen mit unterschrieben 1" in pages.office().get(LOG).send("Jetzt prüfen").text


def test_a_changed_log_is_not_signed_and_the_page_says_what_to_do(pages):
    pages.declare("language.level")
    kept(pages)
    behind(pages, "UPDATE audit_log SET mac = leaf")
    pages.declare("language.level")
    page = pages.office().get(PAGE).send("Prüfpunkt jetzt setzen")
    assert (page.status, "Das Protokoll wird nicht unterschrieben" in page.text) == (409, True)
    assert "Lassen Sie die Datenbank, wie sie ist" in page.text
    assert len(page.tree.xpath("//tbody/tr")) == 1


def test_a_changed_checkpoint_is_shown_as_wrong_and_found(pages):
    pages.declare("language.level")
    kept(pages)
    browser = pages.office()
    assert "stimmt nicht" not in browser.get(PAGE).text
    behind(pages, "UPDATE checkpoints SET note = replace(note, 'imgate/', 'imgatE/')")
    assert "stimmt nicht" in browser.get(PAGE).text
    assert "Ein Prüfpunkt ist nicht vom Protokoll unterschrieben." in browser.get(LOG).send("Jetzt prüfen").text


def test_a_kept_checkpoint_that_matches_is_compared_and_what_came_after_it_is_counted(pages):
    pages.declare("language.level")
    note = kept(pages)
    browser = pages.office()
    page = compared(browser, note)
    assert "Das Protokoll ist unversehrt" in page.text
    assert page.path == LOG
    size = int(note.splitlines()[1])
    assert f"aufbewahrten Prüfpunkten über {size} Einträge" in page.text
    with pages.gateway.store.reading() as tx:
        after = log_size(tx.session) - size
    assert f"{after} Einträge sind neuer als der aufbewahrte Prüfpunkt." in page.text


def test_a_kept_checkpoint_may_come_as_a_file(pages):
    pages.declare("language.level")
    note = kept(pages)
    page = pages.office().get(LOG).send("Jetzt prüfen", files={"file": ("checkpoint.txt", note.encode())})
    assert "Verglichen mit aufbewahrten Prüfpunkten über" in page.text
    assert "Das Protokoll ist unversehrt" in page.text


def test_an_end_that_was_cut_off_with_its_checkpoints_is_found_by_the_kept_one_alone(pages):
    pages.declare("language.level")
    browser = pages.office()
    pages.office(login="andere")
    note = kept(pages)
    size = int(note.splitlines()[1])
    behind(pages, "DELETE FROM checkpoints")
    assert behind(pages, "DELETE FROM audit_log WHERE place >= :first", first=size - 1) == 1
    assert "Das Protokoll ist unversehrt" in browser.get(LOG).send("Jetzt prüfen").text
    page = compared(browser, note)
    assert "Das Protokoll passt nicht zu einem Prüfpunkt: Bis dahin ist es ein anderes, oder es ist kürzer." in page.text
    assert f"Prüfpunkt über {size} Einträge" in page.text


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE audit_log SET entry = leaf WHERE place = 1", "Ein Eintrag wurde verändert."),
        ("DELETE FROM audit_log WHERE place = 1", "Ein Eintrag fehlt."),
        ("UPDATE audit_log SET place = CASE place WHEN 1 THEN -2 ELSE place END", "Ein Eintrag fehlt."),
    ],
)
def test_which_entry_is_wrong_or_missing_is_said_in_words_with_its_place(pages, sql, sentence):
    pages.declare("language.level")
    browser = pages.office()
    behind(pages, sql)
    page = browser.get(LOG).send("Jetzt prüfen")
    rows = [" ".join(row.text_content().split()) for row in page.tree.xpath("//table[caption='Was gefunden wurde']//tbody/tr")]
    assert any(sentence in row and " 1 " in row for row in rows), rows


def changed(note):
    size = int(note.splitlines()[1])
    return note.replace(f"\n{size}\n", f"\n{size + 1}\n", 1)


def signed_by_another(note):
    text_of, _, _ = note.partition("\n\n")
    _, size, root = text_of.splitlines()
    return str(LogSigner("imgate/anderswo", Ed25519PrivateKey.generate()).sign(int(size), b64decode(root)))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (changed, "Die Unterschrift passt nicht zu diesem Prüfpunkt: Er wurde verändert."),
        (signed_by_another, "Dieses Protokoll hat das nicht unterschrieben: Es ist der Prüfpunkt eines anderen."),
        (lambda note: note.partition("\n\n")[0], "Das ist kein Prüfpunkt"),
        (lambda note: note.replace("\n\n", "\n"), "Das ist kein Prüfpunkt"),
        (lambda _: "<script>alert(1)</script>", "Das ist kein Prüfpunkt"),
        (lambda _: "x" * 100_000, "Das ist kein Prüfpunkt"),
    ],
)
def test_what_is_no_checkpoint_of_this_log_is_refused_in_words_and_nothing_is_verified(pages, spoil, sentence):
    pages.declare("language.level")
    spoiled = spoil(kept(pages))
    browser = pages.office()
    page = compared(browser, spoiled)
    assert (page.status, sentence in page.text) == (422, True)
    assert page.tree.xpath("//textarea/@aria-invalid") == ["true"]
    assert page.tree.xpath("//details[@open]")
    assert page.tree.xpath("//script[not(@src)]") == []
    assert "hat hier noch niemand geprüft" in browser.get(LOG).text


def test_each_changed_byte_of_a_file_is_found(pages):
    pages.declare("language.level")
    note = kept(pages).encode()
    browser = pages.office()
    for place in range(0, len(note), 7):
        spoiled = note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :]
        page = browser.post(f"{LOG}/verify", {"checkpoint": ""}, files={"file": ("checkpoint", spoiled)})
        assert page.status == 422, place


def test_the_export_is_what_an_auditor_verifies_without_the_gateway(pages):
    pages.declare("language.level")
    kept(pages)
    browser = pages.office()
    key = VerifierKey.parsed(browser.get(PAGE).tree.xpath("string(//p[@class='digest'])").strip())
    file = browser.get(PAGE).send("Auszug laden")
    report = verify_export(file.answer.content.splitlines(keepends=True), key)
    with pages.gateway.store.reading() as tx:
        assert (report.sound, report.entries) == (True, log_size(tx.session))
    assert int(file.headers["content-length"]) == len(file.answer.content)
    assert file.headers["content-disposition"] == f'attachment; filename="log-{pages.now.date()}.jsonl"'
    assert "K-2026" not in file.answer.text
