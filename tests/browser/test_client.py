"""A client's way, on a telephone first: the code from the copy, the number from the office, reading, revoking, closing."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.client_page import code_on_copy, give_number, in_groups, make_page
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import at_each_width, everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.exchange.conftest import ABH, CONFIG, CONTACT, World

OFFICE = """
[papers]
office = ["Marktplatz 1, 71364 Winnenden", "+49 7195 13-0"]
data_protection_officer = "Dr. D. Schutz, +49 7195 13-200"
"""
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
# What is clicked on the way, in the languages that are walked.
WORDS = {
    "de": ("Seite öffnen", "Alles oder einzelne Angaben widerrufen", "Ja, alles widerrufen", "Seite schließen"),
    "en": ("Open the page", "Revoke everything or individual items", "Yes, revoke everything", "Close the page"),
    "ar": ("فتح الصفحة", "سحب الإذن كله أو الإذن ببعض المعلومات", "نعم، سحب كل شيء", "إغلاق الصفحة"),
    "ti": ("ገጽ ክፈት", "ንኹሉ ወይ ንገለ ሓበሬታ ዝሃብክዎ ፍቓድ ምስሓብ", "እወ፡ ንኹሉ ሰሓብ", "ገጽ ዕጸው"),
}


class Copy:
    """What a client has in hand: the code on the copy, and the number from the office."""

    def __init__(self, world):
        self.client = f"K-{new_id()[-12:]}"
        world.link(f"J-{self.client}", client=self.client)
        self.declaration = world.declare("language.level", "contact_persons.jobcenter", "residence.status", client=self.client)
        world.declare("residence.status", "residence.applications", client=self.client, partner=ABH)
        make_page(world.corridor, "manager", self.client)
        self.code = code_on_copy(world.corridor, self.declaration)
        self.number = give_number(world.corridor, "manager", self.client, timedelta(hours=1))


@pytest.fixture(scope="module")
def gateway(served_pages):
    """A gateway with pages, and a world that plays on its database beside it."""
    served = served_pages(CONFIG + OFFICE, "--no-worker")
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        world = World(opened)
        world.now = datetime.now(UTC)
        yield served, world


@pytest.fixture
def copy(gateway):
    """A client of this test alone, of whom the Jobcenter has had something."""
    _, world = gateway
    made = Copy(world)
    for record in (LEVEL, CONTACT):
        with ThreadPoolExecutor(1) as beside:  # Playwright has a loop in this thread
            beside.submit(world.send, record, client=made.client).result()
        world.outbox()
    return made


@pytest.fixture
def walk(gateway, visit, copy):
    """Open a client's page as a client does."""
    served, _ = gateway

    def walk(width="phone", *, lang="de", fill=None, **options):
        page = visit(f"{served.url}/pages/client?lang={lang}", width, **options)
        (fill or typed)(page, copy)
        page.locator("#number").fill(copy.number)
        page.get_by_role("button", name=WORDS[lang][0]).click()
        page.wait_for_url("**/pages/client/mine?lang=*")
        return page

    return walk


def typed(page, copy):
    page.locator("#code").fill(in_groups(copy.code).lower())


def fine(page, javascript=True):
    """Look at a page as axe, a keyboard and a zoomed window would."""
    found = sideways(page) + zoom200(page) + keyboard_reach(page)
    return found + (axe(page) if javascript else [])


@everywhere
def test_the_whole_way_from_the_copy_to_a_revocation(walk, copy, look, width, javascript):
    page = walk(width, javascript=javascript)
    assert copy.code not in page.url
    assert page.get_by_role("heading", level=1).inner_text() == "Meine Seite"
    assert page.get_by_text("hat von mir bekommen:").count() == 2
    assert fine(page, javascript) == []
    if javascript and width != "phone":
        look(page, "client-home")
    page.get_by_role("link", name="Jobcenter Rems-Murr, Team 412").click()
    page.wait_for_url("**/revoke?lang=de")
    assert fine(page, javascript) == []
    page.get_by_label("Sprachniveau").check()
    page.get_by_role("button", name="Ja, die angekreuzten Angaben widerrufen").click()
    page.wait_for_url("**/revoke/*")
    assert page.get_by_role("heading", level=1).inner_text() == "Der Widerruf ist eingetragen"
    assert fine(page, javascript) == []
    page.get_by_role("link", name="Zurück zu meiner Seite").click()
    page.wait_for_url("**/mine?lang=de")
    assert page.locator("dt", has_text="Widerrufen").count() == 1
    page.get_by_role("button", name="Seite schließen").click()
    page.wait_for_url("**/pages/client?lang=de")
    assert page.context.cookies() == []
    page.go_back()
    page.wait_for_url("**/pages/client?lang=de")
    assert page.get_by_text("Jobcenter").count() == 0


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("width", ["phone", pytest.param("desk", marks=pytest.mark.long)])
def test_every_page_is_without_barriers_in_its_language(gateway, visit, walk, look, width, lang):
    served, _ = gateway

    def looked_at(page, name):
        assert fine(page) == []
        if lang in ("de", "ar") and width == "phone":
            look(page, f"client-{name}-{lang}")

    looked_at(visit(f"{served.url}/pages/client?lang={lang}", width), "entrance")
    page = walk(width, lang=lang)
    looked_at(page, "home")
    with page.expect_download() as download:
        page.locator("a[href*='disclosures.pdf']").click()
    assert download.value.suggested_filename == "auskunft.pdf"
    page.locator("a[href*='/looks']").click()
    page.wait_for_url(f"**/looks?lang={lang}")
    looked_at(page, "looks")
    page.locator("main a[href*='/pages/client/mine?']").last.click()
    page.wait_for_url(f"**/mine?lang={lang}")
    page.get_by_role("link", name=WORDS[lang][1]).last.click()
    page.wait_for_url(f"**/revoke?lang={lang}")
    looked_at(page, "revoke")
    page.get_by_role("button", name=WORDS[lang][2]).click()
    page.wait_for_url("**/revoke/*")
    looked_at(page, "revoked")
    assert page.goto(f"{served.url}/pages/client/mine/{new_id()}/revoke?lang={lang}").status == 404
    assert fine(page) == []


@at_each_width
def test_german_stands_beside_without_barriers(walk, look, width):
    page = walk(width, lang="ar")
    page.goto(f"{page.url}&beside=de")
    assert page.locator("main [lang=de] h1").inner_text() == "Meine Seite"
    assert fine(page) == []
    if width == "desk":
        look(page, "client-beside-ar")


@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
@pytest.mark.parametrize("width", ["tablet", "desk"])
def test_the_office_gives_the_number_that_opens_it(gateway, visit, look, width, language):
    served, world = gateway
    client, now = f"K-{new_id()[-12:]}", datetime.now(UTC)
    declaration = world.declare("language.level", client=client)
    people = world.gateway.store.people
    user = people.users.by_login("vera") or people.users.add(UserRole.INTEGRATION_MANAGER, None, "Vera", "vera", None, now, "operator")[0]
    token = people.sessions.begin(user.id, None, now, now + timedelta(hours=1), confirmed=True)
    page = visit(f"{served.url}/pages/clients", width, session=token, language=language)
    page.get_by_role("textbox").fill(client)
    page.get_by_role("textbox").press("Enter")
    page.get_by_role("button", name=re.compile("Seite anlegen|Set up the page")).click()
    page.wait_for_selector("[role=status]")
    assert fine(page) == []
    if language == "de-DE":
        look(page, "desk-own-page")
    page.get_by_role("button", name=re.compile("Neue Nummer|new number")).click()
    number = page.locator(".code").inner_text()
    assert fine(page) == []
    if language == "de-DE":
        look(page, "desk-own-page-number")
    entrance = visit(f"{served.url}/pages/client?lang=de", "phone")
    entrance.locator("#code").fill(code_on_copy(world.corridor, declaration))
    entrance.locator("#number").fill(number)
    entrance.get_by_role("button", name="Seite öffnen").click()
    entrance.wait_for_url("**/pages/client/mine?lang=de")


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_a_refusal_is_read_out_and_the_code_need_not_be_typed_again(gateway, visit, copy, look, lang):
    served, _ = gateway
    page = visit(f"{served.url}/pages/client?lang={lang}", "phone")
    typed(page, copy)
    page.locator("#number").fill("00000000" if copy.number != "00000000" else "11111111")
    page.get_by_role("button", name=WORDS[lang][0]).click()
    page.wait_for_selector("[role=alert]")
    assert page.locator("#code").input_value() == in_groups(copy.code).lower()
    assert page.locator("#number").input_value() == ""
    assert fine(page) == []
    if lang == "ar":
        look(page, "client-refused-ar")


def test_the_code_behind_the_hash_goes_into_the_form_and_out_of_the_address(gateway, visit, copy):
    served, _ = gateway
    asked = []
    page = visit(f"{served.url}/pages/client", "phone", unused=True)
    page.on("request", lambda request: asked.append(f"{request.url.partition('#')[0]} {request.headers.get('referer', '')}"))
    page.goto("about:blank")
    page.goto(f"{served.url}/pages/client#{copy.code}")
    assert page.locator("#code").input_value() == copy.code
    assert page.url == f"{served.url}/pages/client"
    assert page.evaluate("document.activeElement.id") == "number"
    page.get_by_role("link", name="Türkçe").click()
    page.wait_for_url("**lang=tr")
    assert page.locator("#code").input_value() == copy.code, "it goes along to another language"
    page.locator("#number").fill(copy.number)
    page.locator("main button").click()
    page.wait_for_url("**/pages/client/mine*")
    assert asked
    assert copy.code not in " ".join(asked)
    assert page.evaluate("history.length") >= 3
    page.go_back()
    assert copy.code not in page.url


@pytest.mark.parametrize("behind", ["<img src=x onerror=alert(1)>", "%3Cscript%3E", "x" * 5000, "abc"])
def test_what_else_stands_behind_the_hash_goes_nowhere(gateway, visit, behind):
    served, _ = gateway
    page = visit(f"{served.url}/pages/client#{behind}", "phone")
    assert page.locator("#code").input_value() == ""
    assert page.url == f"{served.url}/pages/client"


def test_the_only_thing_that_a_browser_keeps_is_the_session(walk):
    page = walk("phone", lang="de", unused=True)
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (
        "imgate-client",
        "/pages/client",
        True,
        "Strict",
        -1,
    )
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
