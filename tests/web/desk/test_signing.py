"""A declaration is shown as a whole and signed: by whoever has shown that it is they, for this declaration and no other."""

import pytest

from imgate.exchange.declarations import register
from imgate.exchange.ports import Examination
from imgate.exchange.stored import StoredDeclaration
from imgate.vocabulary.words import EvidenceLevel, UserRole
from imgate.web.desk.drawn import DrawingUnreadable, drawing
from tests.web.desk.declaring import opened, said, signing

PDF = b"%PDF-1.7 scan"
PNG = b"\x89PNG\r\n\x1a\n picture"
SCRIPT = "<script>alert(1)</script>"
STROKES = "10,20 30,40 50,60;100,100"


def scan(content=PDF, name="scan.pdf", field="scan"):
    """Choose a file."""
    return {field: (name, content, "application/octet-stream")}


def state(pages, declaration):
    """Give how a declaration stands."""
    return register.show(pages.corridor, declaration)["state"]


def pieces(pages, declaration):
    """Give what is recorded as signed."""
    return register.show(pages.corridor, declaration)["evidence"]


def content_of(pages, declaration):
    """Give the bytes of the only piece."""
    with pages.corridor.store.reading() as tx:
        client, stored = tx.declarations.get(declaration)
        return tx.declarations.evidence_content(client, declaration, stored.evidence[0].id)


# Ways to sign.


def test_a_drawing_is_kept_as_lines_with_the_digest_that_was_on_the_screen(pages):
    declaration, page = signing(pages)
    done = page.send("Unterschrift eintragen", kind="drawn", strokes=STROKES)
    assert "Die Unterschrift ist eingetragen" in done.text
    assert "Kopie für die Klientin oder den Klienten (PDF)" in done.links()
    (piece,) = pieces(pages, declaration)
    assert (piece["kind"], piece["level"], piece["attested_by"]) == ("drawn", "written", "Vera Beispiel")
    assert piece["report"]["shown_digest"] is True
    assert state(pages, declaration) == "active"
    kept = content_of(pages, declaration).decode()
    assert kept.startswith("<svg ")
    assert '<polyline points="10,20 30,40 50,60"/>' in kept
    assert '<polyline points="100,100 100,100"/>' in kept


@pytest.mark.parametrize(
    "strokes", ["x", "1,2;", ";1,2", "1,2 3", "-1,2", "1.5,2", "99999,1", "801,1", "1,301", SCRIPT, '1,1"/><script/>', "1,1\x00", "１,１"]
)
def test_what_is_no_drawing_is_not_taken_for_one(pages, strokes):
    with pytest.raises(DrawingUnreadable):
        drawing(strokes)
    declaration, page = signing(pages)
    again = page.send("Unterschrift eintragen", kind="drawn", strokes=strokes)
    assert again.status == 422
    assert "noch einmal" in said(again, "content")
    assert pieces(pages, declaration) == []


def test_a_drawing_without_end_is_not_taken():
    with pytest.raises(DrawingUnreadable):
        drawing(" ".join(["1,1"] * 20_001))
    assert drawing(" ".join(["1,1"] * 20_000))


def test_nothing_drawn_is_no_signature(pages):
    declaration, page = signing(pages)
    again = page.send("Unterschrift eintragen", kind="drawn")
    assert (again.status, state(pages, declaration)) == (422, "draft")
    assert "Es fehlt die Unterschrift" in said(again, "content")


@pytest.mark.parametrize("digest", ["0" * 64, "", "x"])
def test_a_drawing_for_another_declaration_does_not_count_for_this_one(pages, digest):
    declaration, page = signing(pages)
    again = page.send("Unterschrift eintragen", kind="drawn", strokes=STROKES, digest=digest)
    assert again.status == 422
    assert said(again, "digest")
    assert state(pages, declaration) == "draft"


@pytest.mark.parametrize("content", [PDF, PNG, b"\xff\xd8\xff photo", b"II*\x00 tiff", b"MM\x00* tiff"])
def test_a_scan_is_taken_for_what_its_first_bytes_say(pages, content):
    declaration, page = signing(pages)
    page.send("Unterschrift eintragen", files=scan(content), kind="paper_scan")
    assert state(pages, declaration) == "active"
    assert content_of(pages, declaration) == content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Es fehlt die Unterschrift"),
        (b"<svg onload='alert(1)'>", "Diese Art von Datei"),
        (b"<!doctype html><script>", "Diese Art von Datei"),
        (b"MZ program", "Diese Art von Datei"),
        (PDF + b"x" * (10 * 1024 * 1024), "höchstens 10 MB"),
    ],
)
def test_what_is_no_scan_is_refused_in_words(pages, content, sentence):
    declaration, page = signing(pages)
    again = page.send("Unterschrift eintragen", files=scan(content), kind="paper_scan")
    assert again.status == 422
    assert sentence in said(again, "content")
    assert pieces(pages, declaration) == []


def test_a_file_over_the_limit_of_the_page_is_a_page_that_says_so(pages):
    _, page = signing(pages)
    assert page.send("Unterschrift eintragen", files=scan(PDF + b"x" * (17 * 1024 * 1024)), kind="paper_scan").status == 413


def test_a_files_name_is_kept_nowhere_and_shown_nowhere(pages):
    _, page = signing(pages)
    for kind in ("paper_scan", "pades"):
        again = page.send("Unterschrift eintragen", files=scan(b"nothing", f"{SCRIPT}.pdf"), kind=kind)
        assert "alert(1)" not in again.answer.text


class Examines:
    """An examiner that answers what the test says."""

    def __init__(self, level, refused=None):
        self.answer = Examination(level, refused, {"signature": "abc"})

    def examine(self, kind, media_type, content, about, at):
        return self.answer


def examined_by(pages, examiner):
    """Let the pages ask this examiner."""
    object.__setattr__(pages.corridor, "examiner", examiner)


def test_a_signed_pdf_counts_for_what_the_examination_says(pages):
    examined_by(pages, Examines(EvidenceLevel.QUALIFIED))
    declaration, page = signing(pages)
    page.send("Unterschrift eintragen", files=scan(field="signed_pdf"), kind="pades")
    (piece,) = pieces(pages, declaration)
    assert (piece["kind"], piece["level"]) == ("pades", "qualified")


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        ("signature_missing", "keine elektronische Signatur"),
        ("signature_invalid", "ungültig"),
        ("signature_changed_after", "verändert"),
        ("signature_declaration_differs", "nicht das Formular dieser Erklärung"),
        ("signature_untrusted", "nicht vertraut"),
        ("signature_revoked", "gesperrt"),
    ],
)
def test_what_the_examination_refuses_is_said_in_words(pages, refused, sentence):
    examined_by(pages, Examines(None, refused))
    declaration, page = signing(pages)
    again = page.send("Unterschrift eintragen", files=scan(field="signed_pdf"), kind="pades")
    assert again.status == 422
    assert sentence in said(again, "content")
    assert state(pages, declaration) == "draft"


def test_where_nobody_examines_a_signed_pdf_is_refused_in_words(pages):
    _, page = signing(pages)
    again = page.send("Unterschrift eintragen", files=scan(field="signed_pdf"), kind="pades")
    assert "nicht eingerichtet" in said(again, "kind")


def test_a_note_of_what_was_said_is_offered_where_something_may_pass_on_it(pages):
    declaration, page = signing(pages, "contact_persons.jobcenter", "language.level")
    assert "Mündlich reicht nicht für diese Angaben: Sprachniveau" in page.text
    page.send("Unterschrift eintragen", kind="oral_record", reason="Kann wegen einer Verletzung nicht schreiben")
    (piece,) = pieces(pages, declaration)
    assert (piece["kind"], piece["level"], piece["reason"]) == ("oral_record", "recorded", "Kann wegen einer Verletzung nicht schreiben")


def test_a_note_of_what_was_said_needs_its_reason(pages):
    declaration, page = signing(pages, "contact_persons.jobcenter")
    again = page.send("Unterschrift eintragen", kind="oral_record")
    assert (again.status, pieces(pages, declaration)) == (422, [])
    assert "Grund" in said(again, "reason")


def test_where_nothing_may_pass_on_the_spoken_word_it_is_neither_offered_nor_taken(pages):
    declaration, page = signing(pages, "language.level")
    assert not page.tree.xpath("//input[@value='oral_record']")
    again = page.send("Unterschrift eintragen", kind="oral_record", reason="weil")
    assert (again.status, pieces(pages, declaration)) == (422, [])


@pytest.mark.parametrize("kind", [None, "", "eid", "x", "DRAWN"])
def test_another_way_is_none(pages, kind):
    declaration, page = signing(pages)
    again = page.send("Unterschrift eintragen", kind=kind)
    assert again.status == 422
    assert "wie unterschrieben wurde" in said(again, "kind")
    assert pieces(pages, declaration) == []


# Who signs.


def test_two_roles_sign_one_after_the_other_and_it_holds_with_the_last(pages):
    declaration, page = signing(pages, signers_required=["client", "guardian"])
    assert page.tree.xpath("//input[@name='role'][@checked]/@value") == ["client"]
    page.send("Unterschrift eintragen", files=scan(), kind="paper_scan")
    assert state(pages, declaration) == "draft"
    page = page._browser.get(page.path)
    assert page.tree.xpath("//input[@name='role'][@checked]/@value") == ["guardian"]
    page.send(
        "Unterschrift eintragen",
        files=scan(PNG),
        kind="paper_scan",
        signer="Samir Haddad",
        interpreter="Amira Haddad",
        areas="Gesundheit\nAufenthalt",
        order="Amtsgericht Waiblingen, 5 F 12/26",
        until="2027-01-01",
    )
    assert state(pages, declaration) == "active"
    piece = pieces(pages, declaration)[1]
    assert (piece["signer"], piece["interpreter"]) == ("Samir Haddad", "Amira Haddad")
    assert piece["authority"] == {
        "areas": ["Gesundheit", "Aufenthalt"],
        "order": "Amtsgericht Waiblingen, 5 F 12/26",
        "until": "2027-01-01",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"areas": "Gesundheit"}, "order"),
        ({"order": "5 F 12/26"}, "areas"),
        ({"areas": "Gesundheit", "order": "5 F 12/26", "until": "2020-01-01"}, "until"),
        ({"signed_on": ""}, "signed_on"),
        ({"signed_on": "gestern"}, "signed_on"),
        ({"role": "client"}, "role"),
        ({"role": "x"}, "role"),
    ],
)
def test_what_is_wrong_about_the_signer_is_said_at_its_field(pages, changes, field):
    declaration, page = signing(pages, signers_required=["betreuer"])
    again = page.send("Unterschrift eintragen", files=scan(), kind="paper_scan", **changes)
    assert again.status == 422
    assert said(again, field)
    assert pieces(pages, declaration) == []


@pytest.mark.parametrize("typed", ["2020-01-01", "2026-03-03", "2099-12-31", "", "gestern", None])
def test_what_is_drawn_here_is_signed_today_whatever_the_form_says(pages, typed):
    declaration, page = signing(pages)
    page.send("Unterschrift eintragen", kind="drawn", strokes=STROKES, signed_on=typed)
    assert [piece["signed_on"] for piece in pieces(pages, declaration)] == ["2026-03-02"]


@pytest.mark.parametrize("day", ["2026-03-03", "2099-12-31"])
def test_nobody_has_signed_on_a_day_to_come(pages, day):
    declaration, page = signing(pages)
    for kind, field in (("paper_scan", "scan"), ("pades", "signed_pdf")):
        again = page.send("Unterschrift eintragen", files=scan(field=field), kind=kind, signed_on=day)
        assert (again.status, said(again, "signed_on")) == (422, "Dieser Tag liegt in der Zukunft.")
    assert pieces(pages, declaration) == []


def test_today_is_the_gateways_day_and_not_that_of_greenwich(pages):
    declaration, page = signing(pages)
    pages.now = pages.now.replace(hour=23, minute=30)  # the clock is UTC: in Winnenden it is half past midnight
    browser = pages.manager()
    page = browser.get(f"{opened(browser).path}/declarations/{declaration}/sign")
    page.send("Unterschrift eintragen", kind="drawn", strokes=STROKES)
    assert pieces(pages, declaration)[0]["signed_on"] == "2026-03-03"


def test_the_day_is_asked_for_where_nothing_is_drawn(pages):
    _, page = signing(pages)
    (ways,) = page.tree.xpath("//input[@name='signed_on']/ancestor::*[@data-way]/@data-way")
    assert ways.split() == ["paper_scan", "pades", "oral_record"]


def test_what_was_typed_stays_and_the_file_has_to_be_chosen_again(pages):
    _, page = signing(pages)
    again = page.send("Unterschrift eintragen", files=scan(b"x"), kind="paper_scan", signer="Samir Haddad", signed_on="2026-02-27")
    assert again.tree.xpath("//input[@name='signer']/@value") == ["Samir Haddad"]
    assert again.tree.xpath("//input[@name='signed_on']/@value") == ["2026-02-27"]
    assert again.tree.xpath("//input[@name='kind'][@checked]/@value") == ["paper_scan"]
    assert "noch einmal" in again.text


def test_the_name_of_who_attests_is_that_of_who_is_signed_in(pages):
    declaration, page = signing(pages)
    page.send("Unterschrift eintragen", files=scan(), kind="paper_scan", attested_by="Otto Amt")
    assert pieces(pages, declaration)[0]["attested_by"] == "Vera Beispiel"


def test_a_name_with_a_script_in_it_is_text(pages):
    _, page = signing(pages)
    done = page.send("Unterschrift eintragen", files=scan(), kind="paper_scan", signer=SCRIPT)
    assert SCRIPT in done.text
    assert not done.tree.xpath("//main//script")


def test_a_signature_that_is_sent_twice_is_one(pages):
    declaration, page = signing(pages)
    for _ in range(2):
        assert page.send("Unterschrift eintragen", files=scan(), kind="paper_scan").status == 200
    assert len(pieces(pages, declaration)) == 1


def test_the_same_form_with_another_signature_is_shown_again(pages):
    declaration, page = signing(pages)
    page.send("Unterschrift eintragen", files=scan(), kind="paper_scan")
    again = page.send("Unterschrift eintragen", files=scan(PNG), kind="paper_scan")
    assert again.status == 409
    assert "schon gesendet" in again.text
    assert len(pieces(pages, declaration)) == 1


# Who may.


def test_who_has_not_shown_lately_that_it_is_still_they_is_led_to_do_so(pages):
    declaration = pages.declare("language.level", signed=False)
    browser = pages.visit(UserRole.INTEGRATION_MANAGER, confirmed=False)
    here = f"{opened(browser).path}/declarations/{declaration}"
    assert browser.get(here).status == 200
    asked = browser.get(f"{here}/sign", follow=False)
    assert (asked.status, asked.headers["location"]) == (303, f"/pages/confirm?next={here}/sign")
    sent = browser.post(f"{here}/sign", {"kind": "drawn"}, follow=False)
    assert (sent.status, sent.headers["location"]) == (303, "/pages/confirm")
    assert pieces(pages, declaration) == []


def test_a_confirmation_of_long_ago_is_none(pages):
    _, page = signing(pages)
    pages.later(minutes=16)
    assert page.send("Unterschrift eintragen", files=scan(), kind="paper_scan").path != page.path


def test_another_site_can_have_nothing_signed(pages):
    declaration, page = signing(pages)
    answer = page._browser.post(page.path, {"kind": "drawn"}, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    assert pieces(pages, declaration) == []


def test_a_declaration_that_is_damaged_is_not_shown_to_be_signed(pages, monkeypatch):
    declaration = pages.declare("language.level", signed=False)
    browser = pages.manager()
    monkeypatch.setattr(StoredDeclaration, "sound", property(lambda self: None))
    case = opened(browser)
    assert "nicht lesbar" in case.text
    assert browser.get(f"{case.path}/declarations/{declaration}").status == 409
    assert browser.get(f"{case.path}/declarations/{declaration}/sign").status == 409
