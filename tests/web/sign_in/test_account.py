"""A person's own page: passkeys, language, the end of all sessions; what changes how one signs in only after showing that it is they."""

import pytest

from imgate.vocabulary.words import UserRole
from tests.web.sign_in.authenticator import Authenticator, begin, post
from tests.web.sign_in.conftest import is_signed_in, send, told

ADD = "/pages/account/passkeys"


@pytest.fixture
def device(pages):
    return Authenticator(pages.gateway.url, "127.0.0.1")


def added(browser, device, label="Diensthandy"):
    return post(browser, ADD, {"credential": device.create(begin(browser, f"{ADD}/begin")), "label": label})


def passkeys_of(pages, person):
    return pages.gateway.store.people.passkeys.of(person.id)


@pytest.mark.parametrize("role", UserRole)
def test_every_role_has_one_and_reaches_it_by_the_name_in_the_head(pages, role):
    page = pages.visit(role).get("/pages/account")
    assert (page.status, page.title) == (200, "Mein Zugang")
    assert "/pages/account" in page.links().values()


def test_a_stranger_is_led_to_the_sign_in(pages):
    assert pages.stranger().get("/pages/account", follow=False).headers["location"] == "/pages/sign-in?next=/pages/account"


def test_a_passkey_is_added_under_its_name_and_signs_in(pages, person, device):
    known = person()
    browser = known.sign_in()._browser
    assert added(browser, device).json() == {"to": "/pages/account?done=passkey-added"}
    page = browser.get("/pages/account?done=passkey-added")
    assert "Diensthandy" in page.text
    assert "Der Passkey ist hinterlegt." in page.text
    other = pages.stranger()
    assert (
        post(other, "/pages/sign-in/passkey", {"credential": device.get(begin(other, "/pages/sign-in/passkey/begin"))}).status_code == 200
    )
    assert "noch nie" not in browser.get("/pages/account").text


@pytest.mark.parametrize(("label", "kept"), [("", "Passkey"), ("  a \n b ", "a b"), ("x" * 90, "x" * 60), ("\x07", "Passkey")])
def test_a_name_is_one_short_line(pages, person, device, label, kept):
    known = person()
    added(known.sign_in()._browser, device, label)
    assert [passkey.label for passkey in passkeys_of(pages, known)] == [kept]


def test_a_name_is_shown_and_never_run(pages, person, device):
    browser = person().sign_in()._browser
    added(browser, device, "<script>alert(1)</script>")
    page = browser.get("/pages/account")
    assert "<script>alert" not in page.answer.text
    assert "<script>alert(1)</script>" in page.text


def test_a_device_that_has_one_is_not_asked_for_another(pages, person, device):
    browser = person().sign_in()._browser
    added(browser, device)
    assert len(begin(browser, f"{ADD}/begin")["excludeCredentials"]) == 1


@pytest.mark.parametrize("path", [f"{ADD}/begin", ADD, f"{ADD}/remove"])
def test_who_has_not_shown_lately_that_it_is_they_changes_nothing(pages, person, path):
    known = person()
    browser = known.sign_in()._browser
    pages.later(minutes=16)
    answer = browser.post(path, {}, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/confirm")
    page = browser.get("/pages/account")
    assert page.links()["Bestätigen, dass Sie es sind"] == "/pages/confirm?next=/pages/account"
    assert not page.tree.xpath("//*[@data-passkey-begin]")


def test_a_passkey_is_removed_by_whom_it_belongs_to(pages, person, device):
    known = person()
    browser = known.sign_in()._browser
    added(browser, device)
    page = browser.get("/pages/account")
    answer = send(page, "Löschen")
    assert answer.headers["location"] == "/pages/account?done=passkey-removed"
    assert passkeys_of(pages, known) == ()
    assert told(pages, "user_passkey_removed")[0][1] == known.id


def test_nobody_removes_somebody_elses(pages, person, device):
    vera, otto = person(), person(UserRole.OFFICE, "otto", "Otto Amt")
    browser = vera.sign_in()._browser
    added(browser, device)
    (said,) = browser.get("/pages/account").tree.xpath("//input[@name='passkey']/@value")
    otto.sign_in()._browser.post(f"{ADD}/remove", {"passkey": said})
    assert len(passkeys_of(pages, vera)) == 1


@pytest.mark.parametrize("said", ["", "!", "é", "A" * 5000])
def test_what_is_no_passkey_removes_nothing(pages, person, device, said):
    known = person()
    browser = known.sign_in()._browser
    added(browser, device)
    assert browser.post(f"{ADD}/remove", {"passkey": said}, follow=False).status == 303
    assert len(passkeys_of(pages, known)) == 1


def test_the_last_passkey_stays_where_there_is_no_password(pages, device):
    user, code = pages.gateway.store.people.users.add(UserRole.OFFICE, None, "Otto Amt", "otto", None, pages.now, "operator")
    browser = pages.stranger()
    browser.get("/pages/enrol").send("Weiter", code=code)
    post(browser, "/pages/enrol/passkey", {"credential": device.create(begin(browser, "/pages/enrol/passkey/begin"))})
    answer = send(browser.get("/pages/account"), "Löschen")
    assert answer.status == 422
    assert "letzter Passkey" in answer.text
    assert len(pages.gateway.store.people.passkeys.of(user.id)) == 1
    added(browser, Authenticator(pages.gateway.url, "127.0.0.1"), "zweiter")
    assert send(browser.get("/pages/account"), "Löschen").status == 303


def test_a_challenge_for_one_person_adds_nothing_to_another(pages, person, device):
    vera, otto = person(), person(UserRole.OFFICE, "otto", "Otto Amt")
    hers, his = vera.sign_in()._browser, otto.sign_in()._browser
    credential = device.create(begin(hers, f"{ADD}/begin"))
    his.http.cookies.set("imgate-passkey", hers.http.cookies["imgate-passkey"])
    assert post(his, ADD, {"credential": credential}).status_code == 422
    assert passkeys_of(pages, otto) == ()


def test_whoever_comes_from_an_identity_provider_has_no_passkeys(pages):
    people = pages.gateway.store.people
    user = people.users.signed_in_by("https://idp.example", "s", UserRole.OFFICE, None, "Olga Amt", pages.now)
    browser = pages.stranger()
    browser.http.cookies.set("imgate", people.sessions.begin(user.id, None, pages.now, pages.now.replace(year=2027), confirmed=True))
    page = browser.get("/pages/account")
    assert "Passkey" not in page.text
    assert post(browser, f"{ADD}/begin").status_code == 422


def test_the_language_is_kept_for_every_browser_and_wins_over_what_this_one_chose(pages, person):
    known = person()
    browser = known.sign_in()._browser
    browser.post("/pages/language", {"language": "de", "next": "/pages"}, follow=False)
    page = browser.get("/pages/account").send("Speichern", language="en")
    assert (page.tree.get("lang"), page.title) == ("en", "My account")
    pages.later(minutes=1)
    assert known.sign_in()._browser.get("/pages/account").tree.get("lang") == "en"


@pytest.mark.parametrize("said", ["", "fr", "<b>", "DE"])
def test_a_language_that_the_house_does_not_speak_is_not_kept(pages, person, said):
    known = person()
    known.sign_in()._browser.post("/pages/account/language", {"language": said})
    assert known.row.language is None


def test_signing_out_everywhere_ends_every_session_of_this_person_and_nobody_elses(pages, person):
    vera, otto = person(), person(UserRole.OFFICE, "otto", "Otto Amt")
    first = vera.sign_in()._browser
    pages.later(minutes=1)
    second, other = vera.sign_in()._browser, otto.sign_in()._browser
    answer = send(first.get("/pages/account"), "Überall abmelden")
    assert (answer.status, answer.headers["location"]) == (303, "/pages/sign-in")
    assert [is_signed_in(browser) for browser in (first, second, other)] == [False, False, True]
