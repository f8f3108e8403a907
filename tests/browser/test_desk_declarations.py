"""The integration manager sits beside a client: from the reference to a signed declaration, on each width, with and without JavaScript."""

from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.exchange.conftest import CONFIG

OCCASION = "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn im Herbst"
SCAN = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 scan"}


@pytest.fixture(scope="module")
def gateway(served_pages):
    """A gateway with pages, and what its database is opened with beside it."""
    served = served_pages(CONFIG, "--no-worker")
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        yield served, opened.store.people


@pytest.fixture
def desk(gateway, visit):
    """Open the clients' page as somebody who has just signed in."""
    served, people = gateway
    now = datetime.now(UTC)

    def open_desk(width="desk", **options):
        user = (
            people.users.by_login("vera")
            or people.users.add(UserRole.INTEGRATION_MANAGER, None, "Vera Beispiel", "vera", None, now, "operator")[0]
        )
        token = people.sessions.begin(user.id, None, now, now + timedelta(hours=1), confirmed=True)
        return visit(f"{served.url}/pages/clients", width, session=token, **options)

    return open_desk


def open_case(page, reference=None):
    """Type a reference nobody has used yet."""
    page.locator("#reference").fill(reference or f"K-{new_id()[-12:]}")
    page.locator("main form button").click()


def choose_template(page):
    """Take the Jobcenter's first."""
    page.locator("a[href$='/declarations/new']").click()
    page.locator("button[value='jobcenter-rems-murr/labour_market_integration']").click()


def fill_in(page, language=None):
    """Touch what has to be touched; give how many times."""
    touched = 2
    page.locator("#occasion").fill(OCCASION)
    for tick in page.locator("[name=informed_of]").all():
        tick.check()
        touched += 1
    if language is not None:
        page.locator("#language").select_option(language)
        touched += 1
    page.locator("form.stack button[type=submit]").click()
    return touched


def draw(page):
    """Draw two strokes with the pointer."""
    box = page.locator("canvas.draw")
    box.scroll_into_view_if_needed()
    at = box.bounding_box()
    for begin, end in (((0.1, 0.6), (0.5, 0.3)), ((0.5, 0.3), (0.8, 0.7))):
        page.mouse.move(at["x"] + at["width"] * begin[0], at["y"] + at["height"] * begin[1])
        page.mouse.down()
        page.mouse.move(at["x"] + at["width"] * end[0], at["y"] + at["height"] * end[1], steps=8)
        page.mouse.up()


def draft(page, language="ar"):
    """Make a draft; give the address of its page."""
    open_case(page)
    choose_template(page)
    fill_in(page, language)
    return page.url.partition("?")[0]


@everywhere
def test_from_the_reference_to_a_signed_declaration(desk, look, width, javascript):
    page = desk(width, javascript=javascript)
    open_case(page)
    choose_template(page)
    if javascript:
        look(page, "desk-declare")
    fill_in(page, "ar")
    assert "noch nicht vollständig unterschrieben" in page.locator("main").inner_text()
    if javascript:
        look(page, "desk-declaration")
    page.locator("a[href$='/sign']").first.click()
    assert page.locator(".sheet .digest").inner_text().strip() == page.locator("[name=digest]").input_value()
    if javascript:
        draw(page)
        look(page, "desk-sign")
    else:
        assert "JavaScript" in page.locator("noscript").text_content()
        page.locator("#kind-paper_scan").check()
        page.locator("#scan").set_input_files(SCAN)
    page.locator("#signing button[type=submit]").click()
    assert "?done=signed" in page.url
    assert ("auf dem Bildschirm unterschrieben" if javascript else "auf Papier unterschrieben") in page.locator("main").inner_text()
    assert page.locator("a[href$='/copy.pdf']").count() == 1


def test_from_template_to_draft_seven_things_are_touched(desk):
    page = desk("tablet")
    open_case(page)
    choose_template(page)
    touched = fill_in(page, "ar")
    assert "?done=declared" in page.url
    assert touched == 7  # the occasion, four points that were explained, the language, and the button


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(desk, look):
    page = desk("tablet")
    open_case(page)
    choose_template(page)
    page.locator("#occasion").fill("für die Beratung")
    page.locator("form.stack button[type=submit]").click()
    assert "20 Zeichen" in page.locator("#occasion-error").inner_text()
    assert page.locator("#occasion").input_value() == "für die Beratung"
    assert page.locator("#informed_of-error").is_visible()
    look(page, "desk-declare-wrong")


def test_a_drawing_can_be_taken_back_stroke_by_stroke_and_begun_again(desk):
    page = desk("tablet")
    page.goto(f"{draft(page)}/sign")
    draw(page)
    assert page.locator("#strokes").input_value().count(";") == 1
    page.locator("[data-draw=undo]").click()
    assert ";" not in page.locator("#strokes").input_value()
    page.locator("[data-draw=clear]").click()
    assert page.locator("#strokes").input_value() == ""
    page.locator("#signing button[type=submit]").click()
    assert "Bitte zeichnen Sie" in page.locator("#content-error").inner_text()


def test_a_finger_draws_as_well(desk):
    page = desk("tablet")
    page.goto(f"{draft(page)}/sign")
    page.locator("canvas.draw").scroll_into_view_if_needed()
    at = page.locator("canvas.draw").bounding_box()
    page.touchscreen.tap(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    assert page.locator("#strokes").input_value() == "400,150"


def test_only_the_chosen_way_to_sign_is_shown(desk):
    page = desk("desk")
    page.goto(f"{draft(page)}/sign")
    assert page.locator("canvas.draw").is_visible()
    page.locator("#kind-paper_scan").check()
    assert page.locator("#scan").is_visible()
    assert not page.locator("canvas.draw").is_visible()


@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
def test_no_barriers_on_any_page_and_the_keyboard_reaches_everything(desk, language):
    page = desk("desk", language=language)
    found = [*axe(page), *keyboard_reach(page), *zoom200(page)]
    open_case(page)
    case = page.url
    here = f"{case}/declarations/new"
    page.goto(here)
    found += [*axe(page), *keyboard_reach(page), *zoom200(page)]
    page.locator("button[value^='abh-winnenden/']").first.click()
    found += [*axe(page), *keyboard_reach(page), *zoom200(page)]
    page.locator("form.stack button[type=submit]").click()
    found += [*axe(page), *zoom200(page)]  # with everything that is wrong
    fill_in(page, "prs")
    page.locator("#needed-notices").check()
    fill_in(page, "prs")
    declaration = page.url.partition("?")[0]
    for path in ("", "/sign", "/renew"):
        page.goto(declaration + path)
        assert page.locator("h1").count() == 1
        found += [*axe(page), *keyboard_reach(page), *zoom200(page)]
    page.goto(f"{declaration}/sign")
    draw(page)
    page.locator("#signing button[type=submit]").click()
    found += [*axe(page), *zoom200(page)]  # with what is signed
    page.goto(case)
    found += [*axe(page), *keyboard_reach(page), *zoom200(page)]
    assert found == []


@pytest.mark.parametrize("width", ["phone", "tablet"])
def test_nothing_sticks_out_on_a_small_screen(desk, width):
    page = desk(width)
    found = sideways(page)
    declaration = draft(page)
    found += sideways(page)
    for path in ("/sign", "/renew"):
        page.goto(declaration + path)
        found += sideways(page)
    page.goto(declaration.partition("/declarations")[0])
    found += sideways(page)
    assert found == []


@pytest.mark.parametrize(("language", "lang", "direction"), [("ar", "ar", "rtl"), ("prs", "fa-AF", "rtl"), ("ti", "ti", "ltr")])
def test_the_form_says_its_languages_and_directions(desk, language, lang, direction):
    page = desk("tablet")
    draft(page, language)
    beside = page.locator(f".sheet .both > [lang='{lang}']")
    assert beside.count() > 20
    assert {beside.nth(number).get_attribute("dir") for number in range(5)} == {direction}
    assert page.locator("html").get_attribute("lang") == "de"
