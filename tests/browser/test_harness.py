"""The tests of pages notice what they are there to notice: each fault is planted once, on pages that nobody else sees."""

import http.server
import threading

import pytest

from tests.browser.authenticator import Authenticator
from tests.browser.conftest import WIDTHS, Visits, everywhere, picture
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200

GOOD = """<main><h1>Posteingang</h1><p><a href="/">Alles</a></p>
<form method="post"><p><label>Suche <input name="q"></label></p><p><label>Ab <input type="date" name="from"></label></p>
<fieldset><legend>Zweck</legend><label><input type="radio" name="p" value="a">Arbeit</label>
<label><input type="radio" name="p" value="b">Wohnen</label></fieldset>
<details><summary>Warum sehe ich das?</summary><p><a href="/why">Erklärung</a></p></details>
<p><button>Suchen</button></p><p><button disabled>Nie</button></p></form></main>"""
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'"


class _Pages(http.server.BaseHTTPRequestHandler):
    """Answers with what stands in ``pages``: type and body by path."""

    pages: dict[str, tuple[str, str]]

    def do_GET(self):
        media, body = self.pages.get(self.path, ("text/html", "<!doctype html><title>404</title>"))
        self.send_response(200 if self.path in self.pages else 404)
        self.send_header("Content-Type", f"{media}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


@pytest.fixture
def show(server, visit):
    """Open a page with this body, this style and this script."""

    def show(body: str, *visited, style: str = "", script: str = "", lang: str = "de", **options):
        head = (
            '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Seite</title><link rel="stylesheet" href="/s.css">'
        )
        begin = f'<!doctype html><html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">{head}'
        _Pages.pages = {"/": ("text/html", begin + body), "/s.css": ("text/css", style), "/s.js": ("text/javascript", script)}
        return visit(f"http://localhost:{server.server_port}/", *visited, **options)

    return show


@everywhere
def test_a_good_page_passes_everything(show, tmp_path, width, javascript):
    page = show(GOOD, width, javascript=javascript)
    assert keyboard_reach(page) == []
    assert sideways(page) == zoom200(page) == []
    taken = picture(page, tmp_path, "good")
    assert taken.name == f"good-{width}.png"
    assert taken.read_bytes().startswith(b"\x89PNG")
    if javascript:
        assert axe(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_as_wide_as_the_device(show, width):
    assert show(GOOD, width).evaluate("innerWidth") == WIDTHS[width][0]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<main><h1>A</h1><input name="q"></main>', "label"),
        ('<main><h1>A</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>', "image-alt"),
        ('<main><h1>A</h1><p class="faint">kaum zu lesen</p></main>', "color-contrast"),
        ("<main><h1>A</h1><button></button></main>", "button-name"),
        ("<h1>A</h1><p>neben den Bereichen</p>", "region"),
    ],
)
def test_a_barrier_is_found(show, body, rule):
    found = axe(show(body, style=".faint { color: #bbb }"))
    assert any(line.startswith(f"{rule} (") for line in found), found


@pytest.mark.parametrize(
    ("element", "javascript"),
    [
        ('<script src="//other.example/s.js"></script>', True),
        ('<img alt="" src="//other.example/p.png">', True),
        ('<img alt="" src="//other.example/p.png">', False),
        ('<link rel="stylesheet" href="//other.example/s.css">', True),
        ('<link rel="stylesheet" href="//other.example/s.css">', False),
    ],
)
def test_a_foreign_request_is_found(show, visit, element, javascript):
    show(GOOD + element, javascript=javascript)
    assert any("other.example" in fault for fault in visit.faults())


def test_a_link_to_another_site_that_was_followed_is_found(show, visit):
    page = show(GOOD + '<a href="http://other.example/">fort</a>')
    page.get_by_text("fort").click()
    page.wait_for_url("chrome-error://**")
    assert "foreign request: GET http://other.example/" in visit.faults()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("console.error('planted')", "console: planted"),
        ("throw new Error('planted')", "planted"),
        ("Promise.reject(new Error('planted'))", "planted"),
    ],
)
def test_an_error_of_a_script_is_found(show, visit, script, told):
    show(GOOD + '<script src="/s.js"></script>', script=script)
    assert any(told in fault for fault in visit.faults())


@pytest.mark.parametrize("javascript", [True, False])
def test_a_breach_of_the_security_policy_is_found(show, visit, javascript):
    show(GOOD + '<p style="color: red">bunt</p>', javascript=javascript)
    assert any("Content Security Policy" in fault for fault in visit.faults())


def test_a_script_in_the_page_is_a_breach(show, visit):
    show(GOOD + "<script>document.title = 'x'</script>")
    assert any("Content Security Policy" in fault for fault in visit.faults())


def test_something_that_is_missing_is_found(show, visit):
    page = show(GOOD + '<img alt="" src="/missing.png">')
    assert visit.faults() == [f"failed request: GET {page.url}missing.png: 404"]


def test_an_error_page_that_was_asked_for_is_no_fault(show):
    page = show(GOOD)
    assert page.goto(f"{page.url}nowhere").status == 404


def test_a_fault_that_nobody_takes_fails_the_test(chromium, server):
    _Pages.pages = {"/": ("text/html", '<!doctype html><title>x</title><p style="color: red">bunt</p>')}
    visits = Visits(chromium, {})
    visits(f"http://localhost:{server.server_port}/")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        visits.end()


def test_a_fault_that_was_taken_is_forgiven(show, visit):
    show(GOOD + '<p style="color: red">bunt</p>')
    assert len(visit.faults()) == 1
    assert visit.faults() == []


@pytest.fixture
def twice(chromium, server):
    """Visit as one test does, leave something behind, and visit as the next one does; give the page of both."""
    _Pages.pages = {"/": ("text/html", f"<!doctype html><title>Seite</title>{GOOD}")}
    url, idle, visits = f"http://localhost:{server.server_port}/", {}, []

    def twice(leave=lambda _: None, **options):
        visits.extend([Visits(chromium, idle), Visits(chromium, idle)])
        before = visits[0](url)
        leave(before)
        visits[0].faults()
        visits[0].end()
        return before, visits[1](url, **options)

    yield twice
    visits[1].end()


def test_a_window_that_is_used_again_remembers_nothing(twice):
    left = "localStorage.a = sessionStorage.a = '1'; document.cookie = 'a=1'; history.pushState({}, '', '/b')"
    before, after = twice(lambda page: page.evaluate(left))
    assert after is before
    assert after.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert after.go_back().url.endswith("/healthz")
    assert after.go_back() is None


def test_a_window_with_a_fault_is_not_used_again(twice):
    before, after = twice(lambda page: page.evaluate("console.error('planted')"))
    assert after is not before


@pytest.mark.parametrize(
    "options", [{"unused": True}, {"also": ("http://other.example",)}, {"width": "phone"}, {"javascript": False}, {"language": "en-GB"}]
)
def test_a_window_of_another_kind_is_another(twice, options):
    before, after = twice(**options)
    assert after is not before


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(
    ("element", "named"),
    [
        ('<a href="/" tabindex="-1">fern</a>', "fern"),
        ('<span role="button">fern</span>', "fern"),
        ('<details open><summary tabindex="-1">fern</summary></details>', "fern"),
    ],
)
def test_what_the_keyboard_does_not_reach_is_found(show, element, named, javascript):
    (found,) = keyboard_reach(show(GOOD + element, javascript=javascript))
    assert found.startswith("never reached: ")
    assert found.endswith(named)


def test_a_keyboard_trap_is_found(show):
    trap = "e.addEventListener('blur', () => setTimeout(() => document.querySelector('input').focus()))"
    script = f"for (const e of document.querySelectorAll('input')) {trap}"
    found = keyboard_reach(show(GOOD + '<p><a href="/">danach</a></p><script src="/s.js"></script>', script=script))
    assert any(line.endswith("danach") for line in found)


@pytest.mark.parametrize(
    "element", ['<button class="q">still</button>', '<label class="q"><input class="hid" type="checkbox">still</label>']
)
def test_a_focus_that_cannot_be_seen_is_found(show, element):
    style = ".q:focus-visible { outline: none } .hid { opacity: 0; position: absolute }"
    (found,) = keyboard_reach(show(GOOD + element, style=style))
    assert found.startswith("shows no focus: ")


@pytest.mark.parametrize(
    "style",
    [
        "button { outline: none } button:focus-visible { box-shadow: 0 0 0 3px #005ea8 }",
        "button:focus-visible { outline: none; background: #005ea8; color: white }",
        "input { opacity: 0; position: absolute } label:focus-within { outline: 3px solid #005ea8 }",
    ],
)
def test_a_focus_may_be_shown_in_any_way(show, style):
    page = show('<button>drückt</button> <label><input type="checkbox">hakt</label>', style=style)
    assert keyboard_reach(page) == []


@pytest.mark.parametrize("lang", ["de", "ar"])
def test_what_scrolls_sideways_is_found(show, lang):
    found = sideways(show(GOOD + '<div class="wide">x</div>', "phone", style=".wide { width: 600px }", lang=lang))
    assert found[0].startswith("the page scrolls sideways: ")
    assert any('class="wide"' in line for line in found[1:])


def test_what_scrolls_sideways_only_when_enlarged_is_found(show):
    page = show(GOOD + '<div class="wide">x</div>', "tablet", style=".wide { width: 600px }")
    assert sideways(page) == []
    assert zoom200(page)[0].startswith("the page scrolls sideways: ")
    assert page.evaluate("innerWidth") == WIDTHS["tablet"][0]


def test_a_box_of_its_own_may_scroll(show):
    body = '<div class="box" tabindex="0"><div class="wide">x</div></div>'
    assert sideways(show(body, "phone", style=".box { overflow-x: auto } .wide { width: 600px }")) == []


def test_text_that_is_cut_off_is_found(show):
    body = '<p class="cut">Integrationsmanagement Winnenden und Umgebung</p>'
    (found,) = sideways(show(body, "phone", style=".cut { width: 100px; overflow: hidden; white-space: nowrap }"))
    assert found.startswith("is cut off: ")


def test_a_passkey_is_made_and_used(show):
    page = show(GOOD, unused=True)
    authenticator = Authenticator(page)
    made = """async () => {
      const user = {id: new Uint8Array([1]), name: 'vera', displayName: 'Vera'}, challenge = new Uint8Array(32);
      const options = {rp: {name: 'imgate', id: 'localhost'}, user, challenge, pubKeyCredParams: [{type: 'public-key', alg: -7}]};
      const made = await navigator.credentials.create({publicKey: {...options, authenticatorSelection: {residentKey: 'required'}}});
      const used = await navigator.credentials.get({publicKey: {challenge, rpId: 'localhost'}});
      return made.id === used.id;
    }"""
    assert page.evaluate(made) is True
    assert len(authenticator.credentials()) == 1


def test_a_gateway_is_served_under_a_host_name(served_pages, visit):
    served = served_pages('[gateway]\nid = "im"\nname = "Integrationsmanagement"\n', "--no-worker")
    page = visit(f"{served.url}/healthz")
    assert page.url == f"http://localhost:{served.port}/healthz"
