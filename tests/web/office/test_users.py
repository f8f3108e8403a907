"""Who may come in: the office adds, renews and revokes, on record, and never makes itself a second pair of eyes."""

import pytest

from imgate.audit.events import EventName
from imgate.storage.audit_pages import audit_page
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.words import Role, UserRole
from tests.exchange.conftest import JOBCENTER

PAGE = "/pages/office/users"
NEW = {"name": "Mara Muster", "login": "mara", "role": "integration-manager", "partner": "", "email": ""}


def code_on(page):
    return page.tree.xpath("string(//p[@class='code'])").strip()


def test_whoever_is_added_can_enrol_with_the_code_that_is_shown_once(pages):
    browser = pages.office()
    page = browser.get(PAGE).send("Zulassen", **NEW)
    users = pages.gateway.store.people.users
    assert users.enrolling(code_on(page), pages.now) == users.by_login("mara")
    assert code_on(page) not in browser.get(PAGE).text
    assert "/pages/enrol" in page.text


def test_the_log_says_who_added_whom(pages):
    pages.office().get(PAGE).send("Zulassen", **NEW)
    newest = audit_page(pages.gateway.store).entries[0]
    users = pages.gateway.store.people.users
    assert (newest.event, newest.actor) == (EventName.USER_ADDED, users.by_login("office").id)


def test_a_liaison_is_added_with_a_partner_only(pages):
    page = pages.office().get(PAGE)
    answer = page.send("Zulassen", **NEW | {"role": "liaison"})
    assert (answer.status, "Eine Ansprechperson gehört zu genau einem Partner" in answer.text) == (422, True)
    assert answer.tree.xpath("//input[@name='name']/@value") == ["Mara Muster"]
    page.send("Zulassen", **NEW | {"role": "liaison", "partner": JOBCENTER})
    assert pages.gateway.store.people.users.by_login("mara").partner == JOBCENTER


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "office"},
        {"role": "admin"},
        {"role": ""},
        {"partner": JOBCENTER},
        {"role": "liaison", "partner": "nirgends"},
        {"name": ""},
        {"name": "a" * 201},
        {"name": "a\x07b"},
        {"login": ""},
        {"login": "mara muster"},
        {"login": "ä"},
        {"login": "m" * 65},
        {"login": NIL_UUID},
        {"email": "mara"},
        {"email": "a@b c"},
    ],
)
def test_what_is_typed_wrong_adds_nobody(pages, wrong):
    browser = pages.office()
    answer = browser.post(PAGE, NEW | wrong)
    assert answer.status == 422
    assert {user.login for user in pages.gateway.store.people.users.list()} == {"office"}
    assert "Das geht so nicht." not in answer.text


def test_a_login_that_somebody_has_is_taken_also_where_that_one_was_revoked(pages):
    pages.user(UserRole.INTEGRATION_MANAGER, name="Andere", login="mara")
    answer = pages.office().get(PAGE).send("Zulassen", **NEW | {"login": "MARA"})
    assert (answer.status, "Diesen Anmeldenamen hat schon jemand" in answer.text) == (422, True)


def test_the_office_makes_no_second_user_of_the_office_and_gets_no_colleagues_code(pages):
    colleague = pages.user(UserRole.OFFICE, name="Kollege", login="kollege")
    browser = pages.office()
    page = browser.get(PAGE)
    assert page.tree.xpath("//select[@name='role']/option/@value") == ["liaison", "integration-manager"]
    answer = browser.post(f"{PAGE}/{colleague.id}/enrolment")
    assert answer.status == 403
    assert EventName.USER_RESET not in [entry.event for entry in audit_page(pages.gateway.store).entries]


def test_a_new_code_ends_what_the_person_signed_in_with(pages):
    manager = pages.manager()
    user = pages.gateway.store.people.users.by_login("manager")
    page = pages.office().post(f"{PAGE}/{user.id}/enrolment")
    assert pages.gateway.store.people.users.enrolling(code_on(page), pages.now).id == user.id
    assert manager.get("/pages", follow=False).headers["location"].startswith("/pages/sign-in")


def test_whoever_is_revoked_is_out_at_once_and_listed_as_that(pages):
    manager = pages.manager()
    user = pages.gateway.store.people.users.by_login("manager")
    browser = pages.office()
    page = browser.post(f"{PAGE}/{user.id}/revocation")
    assert "Der Zugang ist entzogen." in page.text
    assert "entzogen" in page.tree.xpath(f"string(//tr[contains(., '{user.name}')])")
    assert manager.get("/pages", follow=False).headers["location"].startswith("/pages/sign-in")
    assert browser.post(f"{PAGE}/{user.id}/revocation").status == 200
    assert browser.post(f"{PAGE}/{user.id}/enrolment").status == 404


def test_what_cannot_be_taken_back_is_asked_about_once_without_a_script(pages):
    pages.manager()
    pages.gateway.store.access.add(Role.PARTNER, JOBCENTER, "Fachanwendung", pages.now, "operator")
    page = pages.office().get(PAGE)
    forms = page.tree.xpath("//form[contains(@action, '/revocation') or contains(@action, '/enrolment')]")
    assert len(forms) == 3
    assert all(form.xpath("parent::details[not(@open)]/summary") for form in forms)


@pytest.mark.parametrize("what", ["revocation", "enrolment"])
def test_nobody_locks_themselves_out(pages, what):
    browser = pages.office()
    me = pages.gateway.store.people.users.by_login("office")
    assert browser.post(f"{PAGE}/{me.id}/{what}").status == 403
    assert browser.get(PAGE).status == 200
    assert me.id not in " ".join(browser.get(PAGE).tree.xpath("//@action"))


@pytest.mark.parametrize("what", ["users/{}/revocation", "users/{}/enrolment", "accesses/{}/revocation"])
def test_an_id_that_is_nobodys_leads_nowhere_whatever_it_looks_like(pages, what):
    browser = pages.office()
    other_kind = pages.gateway.store.access.add(Role.AUDITOR, None, "Prüfung", pages.now, "operator")[0].client_id
    ids = [NIL_UUID, new_id(), "x", "1"] + ([other_kind] if what.startswith("users") else [browser_user(pages)])
    answers = [browser.post(f"/pages/office/{what.format(id_)}") for id_ in ids]
    assert {answer.status for answer in answers} == {404}
    assert {answer.tree.xpath("string(//main)") for answer in answers} == {answers[0].tree.xpath("string(//main)")}


def browser_user(pages):
    return pages.gateway.store.people.users.by_login("office").id


def test_a_programs_access_is_shown_without_a_secret_and_can_be_revoked(pages):
    access, secret = pages.gateway.store.access.add(Role.PARTNER, JOBCENTER, "Fachanwendung", pages.now, "operator")
    browser = pages.office()
    page = browser.get(PAGE)
    assert "Fachanwendung" in page.text
    assert secret not in page.answer.text
    assert access.secret_digest.hex() not in page.answer.text
    after = browser.post(f"/pages/office/accesses/{access.client_id}/revocation")
    assert "Der Zugang des Programms ist entzogen." in after.text
    assert pages.gateway.store.access.get(access.client_id).revoked_at == pages.now


def test_no_page_shows_an_e_mail_address_or_what_somebody_signs_in_with(pages):
    users = pages.gateway.store.people.users
    user, code = users.add(UserRole.INTEGRATION_MANAGER, None, "Mara Muster", "mara", "mara@example.org", pages.now, "operator")
    users.set_password(user.id, "$argon2id$geheim", b"zwanzig-bytes-geheim", pages.now, enrolment=code)
    text = pages.office().get(PAGE).answer.text
    assert [secret for secret in ("mara@example.org", "argon2", "geheim", code) if secret in text] == []
