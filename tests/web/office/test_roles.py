"""The office's pages are the office's: every other role is refused, and what changes something needs a fresh proof."""

import pytest

from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import UserRole

LOOKS = (
    "/pages/office",
    "/pages/office/partners",
    "/pages/office/plugins",
    "/pages/office/deliveries",
    f"/pages/office/deliveries/{NIL_UUID}",
    "/pages/office/log",
    "/pages/office/log/checkpoints",
    "/pages/office/log/checkpoints/0",
    "/pages/office/log/checkpoints/0/time-stamp",
    "/pages/office/what-if",
    f"/pages/office/what-if/{NIL_UUID}",
    "/pages/office/disclosures",
    "/pages/office/users",
    "/pages/office/papers",
    "/pages/office/papers/blank",
    "/pages/office/papers/changes",
    "/pages/office/papers/processing",
    "/pages/office/papers/processing/pdf",
    "/pages/office/papers/processing/markdown",
    "/pages/office/retention",
    "/pages/office/looks",
    "/pages/office/keys",
)
CHANGES = (
    f"/pages/office/deliveries/{NIL_UUID}/retry",
    "/pages/office/users",
    f"/pages/office/users/{NIL_UUID}/enrolment",
    f"/pages/office/users/{NIL_UUID}/revocation",
    f"/pages/office/accesses/{NIL_UUID}/revocation",
    "/pages/office/retention/sweep",
    "/pages/office/disclosures/export",
    "/pages/office/disclosures/erasure",
    "/pages/office/disclosures/erased",
)
ASKS = (
    "/pages/office/log/verify",
    "/pages/office/disclosures",
    "/pages/office/disclosures/pdf",
    "/pages/office/disclosures/json",
    "/pages/office/looks",
    "/pages/office/papers/changes",
    "/pages/office/log/checkpoints",
    "/pages/office/log/export",
    "/pages/office/what-if",
    "/pages/office/what-if/compare",
)
FILES = ("/blank", "/pdf", "/markdown", "checkpoints/0", "time-stamp")
OTHERS = (UserRole.LIAISON, UserRole.INTEGRATION_MANAGER)


@pytest.mark.parametrize("role", OTHERS)
def test_no_other_role_sees_or_does_anything_here_however_freshly_it_proved_who_it_is(pages, role):
    browser = pages.visit(role, confirmed=True)
    answers = [browser.get(path, follow=False) for path in LOOKS]
    answers += [browser.post(path, {"client": "K-1"}, follow=False) for path in (*CHANGES, *ASKS)]
    assert {answer.status for answer in answers} == {403}
    assert {answer.title for answer in answers} == {"Das hat nicht geklappt"}


def test_a_stranger_is_led_to_the_sign_in_from_everywhere(pages):
    browser = pages.stranger()
    answers = [browser.get(path, follow=False) for path in LOOKS] + [browser.post(path, follow=False) for path in (*CHANGES, *ASKS)]
    assert {(answer.status, answer.headers["location"].partition("?")[0]) for answer in answers} == {(303, "/pages/sign-in")}


@pytest.mark.parametrize("path", CHANGES)
def test_what_changes_something_needs_a_fresh_proof(pages, path):
    answer = pages.visit(UserRole.OFFICE, confirmed=False).post(path, {"name": "X", "login": "x"}, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/confirm")


@pytest.mark.parametrize("path", CHANGES)
def test_another_site_changes_nothing(pages, path):
    answer = pages.office().post(path, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://boese.example"}, follow=False)
    assert answer.status == 403


@pytest.mark.parametrize("path", [path for path in LOOKS if NIL_UUID not in path and not path.endswith(FILES)])
def test_the_office_sees_each_page_in_german_and_in_english(pages, path):
    browser = pages.office()
    german, english = browser.get(path), browser.get(path, headers={"Accept-Language": "en"})
    assert (german.status, english.status) == (200, 200)
    assert (german.tree.get("lang"), english.tree.get("lang")) == ("de", "en")
    assert german.title != ""
    assert len(german.tree.xpath("//h1")) == 1
    assert german.text != english.text


@pytest.mark.parametrize("path", [path for path in LOOKS if not path.endswith(FILES)])
def test_no_page_needs_a_style_or_a_script_that_the_policy_forbids(pages, path):
    page = pages.office().get(path)
    assert page.tree.xpath("//*[@style] | //style | //script[not(@src)] | //*[@*[starts-with(name(), 'on')]]") == []


@pytest.mark.parametrize("path", [path for path in LOOKS if NIL_UUID not in path and not path.endswith(FILES)])
def test_every_table_says_what_it_holds_and_every_head_what_it_stands_over(pages, path):
    page = pages.office().get(path)
    for table in page.tree.xpath("//table"):
        assert table.xpath("caption")
        assert table.xpath(".//th[not(@scope)]") == []
        assert table.getparent().get("role") == "region"
        assert table.getparent().get("tabindex") == "0"


def test_no_page_uses_an_id_twice(pages):
    browser = pages.office()
    for path in LOOKS:
        page = browser.get(path)
        ids = page.tree.xpath("//@id") if page.tree is not None else []
        assert len(ids) == len(set(ids)), path
