"""Forms of people who are not signed in are small: nobody fills the memory for nothing."""

import pytest

from imgate.web.forms import _posted
from tests.web.test_guard import _flat

OPEN = ["/pages/sign-in", "/pages/enrol", "/pages/enrol/set-up", "/pages/language", "/pages/client"]
SMALL = 64 * 1024


def send(browser, path, length):
    return browser.post(path, {"x": "y" * (length - 2)}, follow=False).status


@pytest.mark.parametrize("path", OPEN)
def test_who_is_not_signed_in_can_send_little(pages, path):
    assert send(pages.stranger(), path, SMALL) != 413
    assert send(pages.stranger(), path, SMALL + 1) == 413


@pytest.mark.parametrize("path", OPEN)
def test_little_is_as_little_in_parts(pages, path):
    assert pages.stranger().post(path, files={"x": ("x", b"y" * SMALL)}, follow=False).status == 413


def test_there_is_no_other_place_where_a_stranger_is_read_more_of(pages):
    """Whoever else gets a form has a visitor before it, and says who it is before a byte is read (see ``test_routes``)."""
    large = [
        (route.path, route.dependant.dependencies)
        for route in _flat(pages.app._pages._app.routes)
        if _posted in [each.call for each in route.dependant.dependencies]
    ]
    assert len(large) > 10
    assert [path for path, needed in large if needed[0].call is _posted] == []
