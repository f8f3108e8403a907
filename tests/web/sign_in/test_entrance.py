"""Signing in with a password and a one-time code: what opens, and that everything else gets one answer."""

from unittest.mock import patch

import argon2
import pytest

from imgate.audit.events import EventName
from imgate.storage.users import LOCKED, TRIES
from imgate.vocabulary.words import UserRole
from imgate.web.sign_in import passwords
from tests.web.sign_in.conftest import PASSWORD, doorkeeper_of, is_signed_in, send, told

HOMES = {UserRole.LIAISON: "/pages/inbox", UserRole.INTEGRATION_MANAGER: "/pages/desk", UserRole.OFFICE: "/pages/office"}


@pytest.mark.parametrize("role", UserRole)
def test_password_and_code_lead_each_role_to_where_it_begins(person, role):
    answer = person(role).sign_in()
    assert (answer.status, answer.headers["location"]) == (303, HOMES[role])
    assert is_signed_in(answer._browser)


def test_whoever_was_led_here_is_led_back_to_where_they_wanted_to_go(person):
    answer = person().sign_in(back="/pages/clients")
    assert answer.headers["location"] == "/pages/clients"


def test_whoever_is_signed_in_is_led_on_from_the_sign_in(pages, person):
    browser = person().sign_in()._browser
    assert browser.get("/pages/sign-in", follow=False).headers["location"] == "/pages/desk"
    assert browser.get("/pages/sign-in?next=/pages/clients", follow=False).headers["location"] == "/pages/clients"
    assert browser.get("/pages/sign-in?next=/pages/sign-in", follow=False).headers["location"] == "/pages/desk"


def test_the_login_counts_with_capitals_and_the_code_with_blanks(person):
    known = person()
    assert known.sign_in(login="VERA", code=f" {known.code()[:3]} {known.code()[3:]} ").status == 303


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_code_may_be_half_a_minute_off(person, steps):
    known = person()
    assert known.sign_in(code=known.code(steps=steps)).status == 303


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_the_code_may_not_be_a_minute_off(person, steps):
    known = person()
    assert known.sign_in(code=known.code(steps=steps)).status == 422


@pytest.mark.parametrize("code", ["", "000000000", "12345", "abcdef", "١٢٣٤٥٦", "1" * 5000, "12 34", "-12345", "\x00" * 6])
def test_what_is_no_code_opens_nothing(person, code):
    assert person().sign_in(code=code).status == 422


def test_a_code_works_once(person):
    known = person()
    assert known.sign_in().status == 303
    assert known.sign_in().status == 422
    known.pages.later(seconds=30)
    assert known.sign_in().status == 303


def test_a_code_before_one_that_was_used_does_not_work_either(person):
    known = person()
    assert known.sign_in(code=known.code(steps=1)).status == 303
    assert known.sign_in(code=known.code(steps=0)).status == 422


@pytest.mark.parametrize("password", ["", PASSWORD[:-1], f"{PASSWORD}x", PASSWORD.upper(), "x" * 5000, "\x00", "null"])
def test_another_password_opens_nothing(person, password):
    assert person().sign_in(password=password).status == 422


def test_a_password_alone_is_never_enough(pages, person):
    known = person()
    assert known.people.users.set_password(known.id, passwords.Passwords().kept(PASSWORD), None, pages.now)
    for code in ("", "000000", known.code()):
        assert known.sign_in(code=code).status == 422


def test_somebody_who_has_not_enrolled_yet_cannot_sign_in(pages):
    pages.user(UserRole.OFFICE)
    page = pages.stranger().get("/pages/sign-in")
    assert send(page, "Anmelden", login="office", password="", code="").status == 422


def test_a_liaison_whose_partner_is_configured_no_more_cannot_sign_in(person):
    assert person(UserRole.LIAISON, "lea", "Lea Leitner", partner="jobcenter-stuttgart").sign_in().status == 422


def refusals(pages, person):
    """Every way to fail, with the answer that it gets. The login is the same each time, so that the answers can be compared."""
    known = person()
    told = {
        "password": known.sign_in(password="ein anderes Passwort"),
        "code": known.sign_in(code=known.code(steps=5)),
        "both": known.sign_in(password="", code=""),
    }
    for _ in range(TRIES):
        told["locked"] = known.sign_in(code="")
    told["locked, and right"] = known.sign_in()
    known.pages.later(minutes=16)
    assert known.sign_in().status == 303
    told["code used up"] = known.sign_in()
    known.people.users.new_enrolment(known.id, pages.now, "operator")
    told["nothing set up"] = known.sign_in()
    known.people.users.revoke(known.id, pages.now, "operator")
    told["revoked"] = known.sign_in()
    return told


def test_whatever_was_wrong_gets_the_same_answer_to_the_letter(pages, person):
    told = refusals(pages, person)
    nobody = send(pages.stranger().get("/pages/sign-in"), "Anmelden", login="nina", password=PASSWORD, code="123456")
    told["unknown"] = nobody
    assert {name: answer.status for name, answer in told.items()} == dict.fromkeys(told, 422)
    bodies = {name: answer.answer.text.replace('value="nina"', 'value="vera"') for name, answer in told.items()}
    assert len(set(bodies.values())) == 1
    assert len({str(sorted(answer.headers.items())) for answer in told.values()}) == 1


def test_whatever_was_wrong_costs_one_comparison_of_a_password(pages, person):
    with patch.object(argon2.PasswordHasher, "verify", autospec=True, side_effect=argon2.PasswordHasher.verify) as verify:
        known = person()
        page = pages.stranger().get("/pages/sign-in")
        for fields in (
            {"login": "vera", "password": "falsch", "code": "1"},
            {"login": "vera", "password": PASSWORD, "code": "1"},
            {"login": "nina", "password": PASSWORD, "code": "1"},
            {"login": "", "password": "", "code": ""},
            {"login": "x" * 5000, "password": PASSWORD, "code": "1"},
            {"login": "vera\x00", "password": PASSWORD, "code": "1"},
            {"login": "vera", "password": PASSWORD, "code": known.code()},
        ):
            before = verify.call_count
            send(page, "Anmelden", **fields)
            assert verify.call_count == before + 1


def test_nobodys_password_is_kept_at_the_same_price_as_everybodys():
    kept = passwords.Passwords()
    assert argon2.extract_parameters(kept._nobodys) == argon2.extract_parameters(kept.kept(PASSWORD))


def test_five_failures_lock_for_a_quarter_of_an_hour_and_no_longer(person):
    known = person()
    for _ in range(TRIES):
        assert known.sign_in(code="").status == 422
    assert known.sign_in().status == 422
    known.pages.later(seconds=LOCKED.total_seconds() - 1)
    assert known.sign_in().status == 422
    known.pages.later(seconds=1)
    assert known.sign_in().status == 303


def test_a_success_lets_failures_count_anew(person):
    known = person()
    for _ in range(3):
        for _ in range(TRIES - 1):
            known.sign_in(code="")
        known.pages.later(minutes=1)
        assert known.sign_in().status == 303


def test_tries_on_one_login_lock_nobody_else(person):
    vera, otto = person(), person(UserRole.OFFICE, "otto", "Otto Amt")
    for _ in range(TRIES + 1):
        vera.sign_in(code="")
    assert otto.sign_in().status == 303


def test_a_password_that_was_kept_at_another_price_is_kept_at_todays(person, monkeypatch):
    known = person()
    before = known.row.password
    monkeypatch.setattr(passwords, "RFC_9106_LOW_MEMORY", argon2.profiles.CHEAPEST)
    dearer = argon2.Parameters(argon2.Type.ID, 19, 16, 32, 2, 8, 1)
    doorkeeper_of(known.pages).passwords._hasher = argon2.PasswordHasher.from_parameters(dearer)
    assert known.sign_in(password="falsch").status == 422
    assert known.row.password == before
    assert known.sign_in().status == 303
    assert argon2.extract_parameters(known.row.password).time_cost == 2
    assert len(told(known.pages, "user_enrolled")) == 1
    known.pages.later(seconds=60)
    assert known.sign_in().status == 303


def test_a_password_that_is_reset_while_it_signs_in_is_not_kept_anew(person, monkeypatch):
    known = person()

    def resets(self, kept):
        known.people.users.new_enrolment(known.id, known.pages.now, "operator")
        return True

    monkeypatch.setattr(passwords.Passwords, "is_outdated", resets)
    known.sign_in()
    assert (known.row.password, known.row.totp) == (None, None)


def test_a_password_that_is_reset_while_it_is_compared_opens_nothing(person, monkeypatch):
    known, match = person(), passwords.Passwords.match

    def resets(self, kept, unverified_password):
        matches = match(self, kept, unverified_password)
        known.people.users.new_enrolment(known.id, known.pages.now, "operator")
        return matches

    monkeypatch.setattr(passwords.Passwords, "match", resets)
    answer = known.sign_in()
    assert answer.status == 422
    assert not is_signed_in(answer._browser)


def test_a_password_that_is_kept_anew_signs_in_at_once(person, monkeypatch):
    monkeypatch.setattr(passwords.Passwords, "is_outdated", lambda self, kept: True)
    assert person().sign_in().status == 303


def test_what_is_longer_than_any_password_is_not_normalised_and_costs_a_comparison(person, monkeypatch):
    known, normal, normalised = person(), passwords._normal, []
    monkeypatch.setattr(passwords, "_normal", lambda password: normalised.append(password) or normal(password))
    with patch.object(argon2.PasswordHasher, "verify", autospec=True, side_effect=argon2.PasswordHasher.verify) as verify:
        assert known.sign_in(password="a" + "\u0315\u0316" * 400).status == 422
    assert (verify.call_count, normalised) == (1, [""])
    assert passwords.password_fault("a" + "\u0315\u0316" * 400, "otto", "Otto Amt") is not None
    assert normalised == [""]


def test_an_empty_password_is_not_what_a_longer_one_than_any_is_taken_for():
    kept = passwords.Passwords()
    assert not kept.match(kept.kept(""), "x" * 801)


def test_a_password_may_come_with_its_letters_in_parts():
    kept = passwords.Passwords()
    assert kept.match(kept.kept("ế" * passwords.LONGEST), "e\u0302\u0301" * passwords.LONGEST)


def test_tries_of_nobody_are_on_record_once_a_minute_and_those_of_somebody_always(pages, person):
    known, page = person(), pages.stranger().get("/pages/sign-in")

    def tried(login, times):
        before = len(told(pages, "user_sign_in_failed"))
        for _ in range(times):
            assert send(page, "Anmelden", login=login, password="x", code="1").status == 422
        return len(told(pages, "user_sign_in_failed")) - before

    assert tried("nina", 3) == 1
    assert tried(known.login, 3) == 3
    pages.later(seconds=59)
    assert tried("nobody else", 1) == 0
    pages.later(seconds=1)
    assert tried("nina", 2) == 1


def test_a_refusal_is_given_at_the_next_multiple_of_its_time(person, monkeypatch):
    waited, times = [], iter((10.0, 10.7))

    async def sleep(seconds):
        waited.append(seconds)

    known = person()
    monkeypatch.setattr("imgate.web.sign_in.entrance._REFUSED_AFTER", 0.3)
    monkeypatch.setattr("imgate.web.sign_in.entrance.anyio.sleep", sleep)
    monkeypatch.setattr("imgate.web.sign_in.entrance.monotonic", lambda: next(times))
    assert known.sign_in(password="x").status == 422
    assert waited == [pytest.approx(0.2)]


def test_what_was_typed_wrong_never_comes_back_but_for_the_login(person):
    answer = person().sign_in(password="Geheimnis-3141", code="271828", login="v<b>e")
    assert "Geheimnis-3141" not in answer.answer.text
    assert "271828" not in answer.answer.text
    assert "<b>" not in answer.answer.text
    assert answer.tree.xpath("//input[@name='login']/@value") == ["v<b>e"]


def test_the_log_says_who_signed_in_and_not_what_was_typed(pages, person):
    known = person()
    known.sign_in(login="nina", password="Geheimnis-3141")
    known.sign_in(password="Geheimnis-3141")
    known.sign_in()
    entries = told(pages, EventName.USER_SIGN_IN_FAILED, EventName.USER_SIGNED_IN)
    assert entries == [
        ("user_sign_in_failed", "unknown", {"locked": False}),
        ("user_sign_in_failed", "unknown", {"user": known.id, "locked": False}),
        ("user_signed_in", known.id, {"user": known.id, "method": "password"}),
    ]
    assert "Geheimnis-3141" not in str(entries)
    assert "nina" not in str(entries)


def test_a_link_to_the_identity_provider_stands_here_only_where_one_is_configured(pages):
    assert "/pages/sign-in/openid" not in pages.stranger().get("/pages/sign-in").links().values()
    assert pages.stranger().get("/pages/sign-in/openid").status == 404
    assert pages.stranger().get("/pages/sign-in/openid/callback?state=x&code=y").status == 404
