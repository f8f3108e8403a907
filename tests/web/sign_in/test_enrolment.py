"""Enrolment: the code opens it once, and nothing is stored before the person has shown that it works."""

import base64
import re

import pyotp
import pytest

from imgate.storage.enrolment import CODE_HOLDS
from imgate.vocabulary.words import UserRole
from imgate.web.sign_in.passwords import password_fault
from tests.web.sign_in.conftest import is_signed_in, send, told

PASSWORD = "vier Wolken über Backnang"


@pytest.fixture
def invited(pages):
    """A user who has just been added, with the code."""
    return pages.gateway.store.people.users.add(UserRole.OFFICE, None, "Otto Amt", "otto", None, pages.now, "operator")


def set_up(pages, code, browser=None):
    """Type the code; gives the page on which one chooses."""
    return (browser or pages.stranger()).get("/pages/enrol").send("Weiter", code=code)


def secret_on(page):
    (said,) = page.tree.xpath("//code[@class='digest']/text()")
    return said.replace(" ", "")


def finish(page, *, at, **changes):
    said = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret_on(page)).at(at)} | changes
    return send(page, "Zugang einrichten", **said)


def test_code_password_and_first_one_time_code_open_the_pages_at_once(pages, invited):
    _, code = invited
    page = set_up(pages, code)
    assert page.title == "Anmeldung wählen"
    answer = finish(page, at=pages.now)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/office")
    assert is_signed_in(answer._browser)
    assert [event for event, _, _ in told(pages, "user_enrolled", "user_signed_in")] == ["user_enrolled", "user_signed_in"]


def test_what_was_set_up_signs_in_later(pages, invited):
    _, code = invited
    page = set_up(pages, code)
    finish(page, at=pages.now)
    again, form = pages.stranger(), {"login": "otto", "password": PASSWORD}
    first = pyotp.TOTP(secret_on(page)).at(pages.now)
    assert send(again.get("/pages/sign-in"), "Anmelden", **form, code=first).status == 422  # it was shown already
    pages.later(seconds=60)
    later = pyotp.TOTP(secret_on(page)).at(pages.now)
    assert send(again.get("/pages/sign-in"), "Anmelden", **form, code=later).status == 303


def test_the_code_is_good_for_one_enrolment(pages, invited):
    _, code = invited
    first, second = set_up(pages, code), set_up(pages, code)
    assert finish(first, at=pages.now).status == 303
    late = finish(second, at=pages.now)
    assert (late.status, late.headers["location"]) == (303, "/pages/enrol")
    assert not is_signed_in(second._browser)
    assert set_up(pages, code).status == 422


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "x" * 5000, "\x00", "' OR 1=1 --"])
def test_another_code_opens_nothing(pages, invited, typed):
    page = set_up(pages, typed)
    assert page.status == 422
    assert "Dieser Code gilt nicht" in page.text


def test_codes_of_nobody_are_on_record_once_a_minute_and_what_is_no_code_never(pages, invited):
    for _ in range(3):
        set_up(pages, "AAAA")
    assert told(pages, "user_sign_in_failed") == []
    for _ in range(3):
        set_up(pages, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA")
    assert len(told(pages, "user_sign_in_failed")) == 1


def test_what_is_no_code_does_not_reach_the_database(pages, invited, monkeypatch):
    monkeypatch.setattr(type(pages.gateway.store.people.users), "enrolling", None)
    assert set_up(pages, "AAAA").status == 422


def test_used_expired_revoked_and_invented_codes_get_the_same_answer(pages, invited):
    user, code = invited
    invented = set_up(pages, "AAAA").answer.text
    pages.later(seconds=CODE_HOLDS.total_seconds())
    assert set_up(pages, code).answer.text == invented
    people = pages.gateway.store.people
    code = people.users.new_enrolment(user.id, pages.now, "operator")
    people.users.revoke(user.id, pages.now, "operator")
    assert set_up(pages, code).answer.text == invented


def test_a_code_that_is_replaced_meanwhile_sets_up_nothing(pages, invited):
    user, code = invited
    page = set_up(pages, code)
    pages.gateway.store.people.users.new_enrolment(user.id, pages.now, "operator")
    assert finish(page, at=pages.now).headers["location"] == "/pages/enrol"
    assert pages.gateway.store.people.users.get(user.id).password is None


def test_half_an_enrolment_is_forgotten_after_half_an_hour(pages, invited):
    page = set_up(pages, invited[1])
    pages.later(minutes=31)
    assert finish(page, at=pages.now).headers["location"] == "/pages/enrol"


def test_without_a_code_there_is_nothing_to_set_up(pages):
    assert pages.stranger().get("/pages/enrol/set-up", follow=False).headers["location"] == "/pages/enrol"
    answer = pages.stranger().post("/pages/enrol/set-up", {"password": PASSWORD, "again": PASSWORD, "code": "1"}, follow=False)
    assert answer.headers["location"] == "/pages/enrol"


def test_another_browser_cannot_go_on_with_it_and_what_it_keeps_cannot_be_read_or_changed(pages, invited):
    page = set_up(pages, invited[1])
    browser = page._browser
    cookie = browser.http.cookies["imgate-enrolment"]
    opened = base64.urlsafe_b64decode(cookie + "===")
    assert invited[1].encode() not in opened
    assert base64.b32decode(secret_on(page)) not in opened
    assert pages.stranger().get("/pages/enrol/set-up", follow=False).status == 303
    for spoiled in (cookie[:-2], cookie[:20] + ("A" if cookie[20] != "A" else "B") + cookie[21:], "A" * 5000, "é", "", "."):
        answer = pages.stranger().get("/pages/enrol/set-up", follow=False, headers={"Cookie": f"imgate-enrolment={spoiled}".encode()})
        assert answer.headers["location"] == "/pages/enrol"


def test_what_was_sealed_for_one_purpose_opens_for_no_other(pages, invited):
    cookie = set_up(pages, invited[1])._browser.http.cookies["imgate-enrolment"]
    answer = pages.stranger().http.post(
        "/pages/sign-in/passkey",
        json={"credential": {"rawId": "AAAA"}},
        headers={"Cookie": f"imgate-passkey={cookie}", "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("kurz", "weniger als 12"),
        ("elf Zeichen", "weniger als 12"),
        ("x" * 201, "mehr als 200"),
        ("ich bin otto, ja", "Anmeldenamen"),
        ("Otto Amt ist gut", "Anmeldenamen"),
        ("passwort1234", "als Erstes erraten"),
        ("PASSWORTPASSWORT", "als Erstes erraten"),
        ("aaaaaaaaaaaaaa", "als Erstes erraten"),
        ("121212121212121", "als Erstes erraten"),
    ],
)
def test_a_password_that_is_easily_guessed_is_not_taken(pages, invited, password, fault):
    answer = finish(set_up(pages, invited[1]), at=pages.now, password=password, again=password)
    assert answer.status == 422
    assert fault in answer.text
    assert password not in answer.answer.text or password == "kurz"
    assert pages.gateway.store.people.users.get(invited[0].id).password is None


@pytest.mark.parametrize("password", ["vier Wolken über Backnang", "Tr0ub4dor&3xyz", "密码密码一二三四五六七八九", "a b c d e f g h"])
def test_a_password_that_is_long_enough_is_taken(password):
    assert password_fault(password, "otto", "Otto Amt") is None


def test_the_password_is_typed_twice_the_same(pages, invited):
    answer = finish(set_up(pages, invited[1]), at=pages.now, again="etwas ganz anderes")
    assert answer.status == 422
    assert "nicht dasselbe Passwort" in answer.text


@pytest.mark.parametrize("code", ["", "000000", "abcdef"])
def test_without_the_first_one_time_code_nothing_is_set_and_the_secret_stays(pages, invited, code):
    page = set_up(pages, invited[1])
    answer = finish(page, at=pages.now, code=code)
    assert (answer.status, secret_on(answer)) == (422, secret_on(page))
    assert pages.gateway.store.people.users.get(invited[0].id).password is None
    assert finish(answer, at=pages.now).status == 303


def test_each_enrolment_has_a_secret_of_its_own(pages, invited):
    assert secret_on(set_up(pages, invited[1])) != secret_on(set_up(pages, invited[1]))


def test_the_secret_is_drawn_without_styles_and_stands_in_no_address(pages, invited):
    page = set_up(pages, invited[1])
    (drawn,) = page.tree.xpath("//div[@role='img']")
    assert drawn.xpath(".//svg")
    assert not page.tree.xpath("//*[@style]|//style|//script[not(@src)]|//img")
    assert not re.search(secret_on(page), " ".join(page.links().values()))


def test_the_database_has_the_password_as_argon2id_and_no_secret_in_clear(pages, invited, tmp_path):
    page = set_up(pages, invited[1])
    finish(page, at=pages.now)
    row = pages.gateway.store.people.users.get(invited[0].id)
    assert row.password.startswith("$argon2id$")
    secret = base64.b32decode(secret_on(page))
    assert row.totp == secret
    files = b"".join(file.read_bytes() for file in tmp_path.glob("imgate.db*"))
    assert secret not in files
    assert PASSWORD.encode() not in files


def test_enrolling_anew_ends_what_was_before(pages, invited):
    user, code = invited
    first = finish(set_up(pages, code), at=pages.now)._browser
    pages.later(minutes=1)
    code = pages.gateway.store.people.users.new_enrolment(user.id, pages.now, "operator")
    assert not is_signed_in(first)
    assert finish(set_up(pages, code), at=pages.now).status == 303
