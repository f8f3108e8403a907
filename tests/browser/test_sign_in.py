"""Signing in, in a real browser: with a password, with a passkey, and with a real identity provider."""

import re
from datetime import UTC, datetime
from itertools import count

import pyotp
import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from tests.browser.authenticator import Authenticator
from tests.browser.conftest import WIDTHS, everywhere
from tests.browser.looking import axe, keyboard_reach, zoom200

CONFIG = """
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[database]
url = "sqlite:///imgate.db"

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
"""
ROLES = """
[openid.roles]
integrationsmanagement = { role = "integration-manager" }
datenschutz = { role = "office" }
liaison-jobcenter = { role = "liaison", partner = "jobcenter-rems-murr" }
"""
PASSWORD = "vier Wolken über Backnang"
LANGUAGES = pytest.mark.parametrize("language", ["de-DE", "en-GB"])
_numbers = count(1)


@pytest.fixture(scope="module")
def provider(oidc_provider):
    """The identity provider of the house; its sign-in page is at another site."""
    return oidc_provider()


@pytest.fixture(scope="module")
def served(served_pages, provider):
    """A gateway with that provider."""
    openid = f'[openid]\nissuer = "{provider.issuer}"\nname = "Anmeldung der Stadt"\nclient_id = "{provider.client_id}"\n'
    served = served_pages(f'{CONFIG}\n{openid}secret_file = "openid.secret"\n{ROLES}', start=False)
    (served.folder / "openid.secret").write_text(provider.client_secret, encoding="utf-8")
    provider.start(f"{served.url}/pages/sign-in/openid/callback")
    served.start("--no-worker")
    return served


def invite(served, role=UserRole.INTEGRATION_MANAGER):
    """Let somebody in, as `imgate user add` does; gives login and code."""
    login = f"vera{next(_numbers)}"
    with open_gateway(load_settings(served.config), make_keys=True) as gateway:
        partner = "jobcenter-rems-murr" if role is UserRole.LIAISON else None
        _, code = gateway.store.people.users.add(role, partner, "Ute Beispiel", login, None, datetime.now(UTC), "operator")
    return login, code


def type_code(page, served, code):
    page.goto(f"{served.url}/pages/enrol")
    page.get_by_label(re.compile("Einrichtungscode|Set-up code")).fill(code)
    page.get_by_role("button", name=re.compile("Weiter|Continue")).click()
    page.wait_for_url(f"{served.url}/pages/enrol/set-up")


def enrol_with_password(page, served, code):
    """Set a password up as a person does; gives what the app would keep."""
    type_code(page, served, code)
    app = pyotp.TOTP(page.locator("code.digest").inner_text().replace(" ", ""))
    page.get_by_label("Neues Passwort").fill(PASSWORD)
    page.get_by_label("Passwort noch einmal").fill(PASSWORD)
    page.get_by_label("Code aus der App").fill(app.now())
    page.get_by_role("button", name="Zugang einrichten").click()
    page.wait_for_url(f"{served.url}/pages/desk")
    return app


def enrol_with_passkey(page, served, code):
    authenticator = Authenticator(page)
    type_code(page, served, code)
    page.get_by_role("button", name=re.compile("Passkey einrichten|Set up a passkey")).click()
    page.wait_for_url(f"{served.url}/pages/desk")
    return authenticator


def token(page):
    (kept,) = [cookie for cookie in page.context.cookies() if cookie["name"] == "imgate"]
    assert (kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, "Lax", "/")
    return kept["value"]


def sign_out(page, served):
    page.goto(f"{served.url}/pages/account")
    page.get_by_role("button", name="Abmelden", exact=True).click()
    page.wait_for_url(f"{served.url}/pages/sign-in")


@everywhere
def test_enrolling_with_a_password_and_signing_in_with_it(visit, served, look, width, javascript):
    login, code = invite(served)
    page = visit(f"{served.url}/pages/sign-in", width, javascript=javascript)
    if javascript:
        look(page, "sign-in")
    page.get_by_role("link", name="Zum ersten Mal hier?").click()
    app = enrol_with_password(page, served, code)
    first = token(page)
    sign_out(page, served)
    page.goto(f"{served.url}/pages/sign-in?next=/pages/account")
    page.get_by_label("Anmeldename").fill(login)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_label("Code aus der App").fill(app.at(datetime.now(UTC), counter_offset=1))  # the present one has enrolled
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.wait_for_url(f"{served.url}/pages/account")
    assert page.get_by_role("heading", level=1).inner_text() == "Mein Zugang"
    assert token(page) != first
    assert page.get_by_text("muss der Browser ihn unterstützen").is_visible() is not javascript


@pytest.mark.parametrize("javascript", [True, False])
def test_a_wrong_password_gets_a_sentence_and_keeps_the_login(visit, served, look, javascript):
    page = visit(f"{served.url}/pages/sign-in", javascript=javascript)
    page.get_by_label("Anmeldename").fill("nina")
    page.get_by_label("Passwort").fill("falsch")
    page.get_by_label("Code aus der App").fill("123456")
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_text("Die Anmeldung hat nicht geklappt.").wait_for()
    assert page.get_by_label("Anmeldename").input_value() == "nina"
    assert page.get_by_label("Passwort").input_value() == ""


@pytest.mark.parametrize("width", WIDTHS)
def test_a_passkey_enrols_signs_in_and_confirms(visit, served, look, width):
    _, code = invite(served)
    page = visit(f"{served.url}/pages/enrol", width, unused=True)
    authenticator = enrol_with_passkey(page, served, code)
    (credential,) = authenticator.credentials()
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    sign_out(page, served)
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_url(f"{served.url}/pages/desk")
    before = token(page)
    page.goto(f"{served.url}/pages/confirm?next=/pages/account")
    look(page, "confirm")
    page.get_by_role("button", name="Mit Passkey bestätigen").click()
    page.wait_for_url(f"{served.url}/pages/account")
    assert token(page) != before
    look(page, "account")


def test_a_passkey_is_added_and_removed_on_the_account(visit, served):
    _, code = invite(served)
    page = visit(f"{served.url}/pages/enrol", unused=True)
    enrol_with_password(page, served, code)
    authenticator = Authenticator(page)
    page.goto(f"{served.url}/pages/account")
    page.get_by_label("Wie soll der Passkey heißen?").fill("Diensthandy")
    page.get_by_role("button", name="Passkey hinzufügen").click()
    page.wait_for_url(f"{served.url}/pages/account?done=passkey-added")
    assert page.get_by_role("rowheader", name="Diensthandy").is_visible()
    assert len(authenticator.credentials()) == 1
    page.get_by_role("button", name="Passkey „Diensthandy“ löschen").click()
    page.wait_for_url(f"{served.url}/pages/account?done=passkey-removed")
    assert page.get_by_text("Sie haben keinen Passkey.").is_visible()
    page.goto(f"{served.url}/pages/confirm")
    assert page.get_by_role("button", name="Mit Passkey bestätigen").count() == 0


def test_a_copy_of_a_passkey_is_refused_with_a_sentence(visit, served):
    _, code = invite(served)
    page = visit(f"{served.url}/pages/enrol", unused=True)
    authenticator = enrol_with_passkey(page, served, code)
    (copied,) = authenticator.credentials()
    sign_out(page, served)
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_url(f"{served.url}/pages/desk")
    other = visit(f"{served.url}/pages/sign-in", unused=True)
    Authenticator(other).put(copied)
    other.get_by_role("button", name="Mit Passkey anmelden").click()
    other.get_by_text("Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.").wait_for()
    (fault,) = visit.faults()
    assert fault.endswith("/pages/sign-in/passkey: 422")


def test_a_device_that_does_not_know_its_user_signs_nobody_in(visit, served):
    _, code = invite(served)
    page = visit(f"{served.url}/pages/enrol", unused=True)
    authenticator = enrol_with_passkey(page, served, code)
    sign_out(page, served)
    authenticator.verify(False)
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_selector("[data-passkey-refused]:not([hidden])")
    assert page.url.endswith("/pages/sign-in")
    authenticator.verify(True)
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_url(f"{served.url}/pages/desk")


def by_provider(page, served, provider, account, query=""):
    page.goto(f"{served.url}/pages/sign-in{query}")
    page.get_by_role("link", name="Anmeldung der Stadt").click()
    provider.log_in(page, account)


@everywhere
def test_the_identity_provider_signs_in_and_leads_back(visit, served, provider, width, javascript):
    page = visit(f"{served.url}/pages/sign-in", width, javascript=javascript, also=(provider.issuer,))
    by_provider(page, served, provider, "vera", "?next=/pages/account")
    page.wait_for_url(f"{served.url}/pages/account")
    assert page.get_by_role("link", name="Vera Beispiel").is_visible()
    assert page.get_by_text("zentrale Anmeldung").is_visible()


@pytest.mark.parametrize(("account", "home"), [("vera", "desk"), ("jonas", "inbox"), ("olga", "office")])
def test_the_provider_says_which_role_somebody_has(visit, served, provider, account, home):
    page = visit(f"{served.url}/pages/sign-in", also=(provider.issuer,))
    by_provider(page, served, provider, account)
    page.wait_for_url(f"{served.url}/pages/{home}")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_provider_is_asked_again_to_confirm(visit, served, provider, javascript):
    page = visit(f"{served.url}/pages/sign-in", javascript=javascript, also=(provider.issuer,))
    by_provider(page, served, provider, "vera")
    page.wait_for_url(f"{served.url}/pages/desk")
    before = token(page)
    page.goto(f"{served.url}/pages/confirm?next=/pages/account")
    page.get_by_role("link", name="Anmeldung der Stadt").click()
    provider.log_in(page, "vera")
    page.wait_for_url(f"{served.url}/pages/account")
    assert token(page) != before


def test_somebody_else_at_the_provider_confirms_nothing(visit, served, provider):
    page = visit(f"{served.url}/pages/sign-in", also=(provider.issuer,))
    by_provider(page, served, provider, "vera")
    page.wait_for_url(f"{served.url}/pages/desk")
    page.goto(f"{served.url}/pages/confirm")
    page.get_by_role("link", name="Anmeldung der Stadt").click()
    provider.log_in(page, "olga")
    page.get_by_text("mit einem anderen Zugang").wait_for()


def test_who_has_no_role_and_who_breaks_off_gets_a_sentence(visit, served, provider, look):
    page = visit(f"{served.url}/pages/sign-in", also=(provider.issuer,))
    by_provider(page, served, provider, "niemand")
    page.get_by_text("keine eindeutige Rolle").wait_for()
    look(page, "not-let-in")
    assert page.context.cookies(served.url) == []
    page.context.clear_cookies()
    page.goto(f"{served.url}/pages/sign-in")
    page.get_by_role("link", name="Anmeldung der Stadt").click()
    provider.cancel(page)
    page.get_by_text("Die Anmeldung wurde abgebrochen.").wait_for()


def test_where_the_roles_are_not_in_the_id_token_nobody_has_one(visit, served_pages, oidc_provider):
    provider = oidc_provider(claims_in_id_token=False)
    openid = f'[openid]\nissuer = "{provider.issuer}"\nname = "Anmeldung der Stadt"\nclient_id = "{provider.client_id}"\n'
    served = served_pages(f'{CONFIG}\n{openid}secret_file = "openid.secret"\n{ROLES}', start=False)
    (served.folder / "openid.secret").write_text(provider.client_secret, encoding="utf-8")
    provider.start(f"{served.url}/pages/sign-in/openid/callback")
    served.start("--no-worker")
    page = visit(f"{served.url}/pages/sign-in", also=(provider.issuer,))
    by_provider(page, served, provider, "vera")
    page.get_by_text("keine eindeutige Rolle").wait_for()


@LANGUAGES
def test_nobody_meets_a_barrier_on_the_way_in(visit, served, look, language):
    _, code = invite(served)
    page = visit(f"{served.url}/pages/sign-in", language=language, unused=True)
    check(page)
    page.get_by_label(re.compile("Anmeldename|Login name")).fill("x")
    page.locator("input[type=password]").fill("x")
    page.locator("#code").fill("1")
    page.locator("form.stack button").click()
    page.wait_for_selector(".kern-alert")
    check(page)
    page.goto(f"{served.url}/pages/enrol")
    check(page)
    page.locator("#code").fill("x")
    page.locator("form.stack button").click()
    page.wait_for_selector(".kern-error")
    check(page)
    type_code(page, served, code)
    check(page)
    look(page, f"enrol-{language[:2]}")
    page.locator("#password").fill("passwort1234")
    page.locator("#again").fill("x")
    page.locator("#code").fill("1")
    page.locator("form.stack button[type=submit]").click()
    page.wait_for_selector(".kern-error >> visible=true")
    check(page)
    Authenticator(page)
    page.get_by_role("button", name=re.compile("Passkey einrichten|Set up a passkey")).click()
    page.wait_for_url(f"{served.url}/pages/desk")
    for path in ("account", "confirm"):
        page.goto(f"{served.url}/pages/{path}")
        check(page)
    page.goto(f"{served.url}/pages/sign-in/openid/callback?error=x")
    check(page)


def check(page):
    assert axe(page) == [], page.url
    assert keyboard_reach(page) == [], page.url
    assert zoom200(page) == [], page.url
