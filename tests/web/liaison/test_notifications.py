"""A liaison says when an e-mail is to come, and sees whether one arrives."""

import pytest

from imgate.vocabulary.words import Notify, UserRole
from tests.exchange.conftest import CLIENT, CONFIG, REFERENCE
from tests.transports.mailing import post_office
from tests.web.liaison.waiting import waiting

PAGE, ADDRESS = "/pages/notifications", "lea.leitner@jobcenter.example.org"


@pytest.fixture
def post():
    with post_office() as post:
        yield post


@pytest.fixture
def config(post):
    return f'{CONFIG}\n[mail]\nhost = "127.0.0.1"\nport = {post.port}\nsender = "imgate@stadt.example.org"\nstarttls = false\n'


def kept(pages, login="liaison"):
    user = pages.gateway.store.people.users.by_login(login)
    return user.notify, user.email


def settle(pages, how, address=ADDRESS):
    return pages.liaison().get(PAGE).send("Speichern", notify=how, email=address)


@pytest.mark.parametrize("how", list(Notify))
def test_what_was_chosen_is_kept_and_shown(pages, how):
    page = settle(pages, how.value)
    assert (page.status, "Gespeichert." in page.text) == (200, True)
    assert kept(pages) == (how, ADDRESS)
    assert page.tree.xpath("//input[@checked]/@value") == [how.value]
    assert page.tree.xpath("//input[@name='email']/@value") == [ADDRESS]


def test_never_needs_no_address_and_can_forget_it(pages):
    settle(pages, "at_once")
    settle(pages, "never", "")
    assert kept(pages) == (Notify.NEVER, None)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lea",
        "lea@",
        "lea@localhost",
        "lea@example.org, alle@example.org",
        "lea@example.org\nBcc: alle@example.org",
        "Lea <lea@example.org>",
        "lea@exämple.org",
        "<script>@example.org",
        "a" * 250 + "@example.org",
        "lea@example..org",
        "lea@-example.org",
    ],
)
def test_what_is_no_address_is_not_kept(pages, address):
    page = settle(pages, "at_once", address)
    assert page.status == 422
    assert "Bitte geben Sie eine E-Mail-Adresse an" in page.text
    assert "<script>@" not in page.answer.text
    assert kept(pages) == (Notify.NEVER, None)


@pytest.mark.parametrize("how", ["", "daily", "AT_ONCE"])
def test_what_is_no_choice_is_not_kept(pages, how):
    page = settle(pages, how)
    assert page.status == 422
    assert "Bitte wählen Sie aus der Liste." in page.text
    assert page.tree.xpath("//input[@name='email']/@value") == [ADDRESS]
    assert kept(pages) == (Notify.NEVER, None)


def test_a_digest_begins_with_the_next_monday(pages):
    settle(pages, "weekly")
    assert pages.gateway.store.people.users.by_login("liaison").notified_at == pages.now
    pages.later(minutes=5)
    settle(pages, "weekly")  # saved again, it does not begin anew
    assert pages.gateway.store.people.users.by_login("liaison").notified_at != pages.now


def test_a_trial_goes_to_the_kept_address_with_a_fixed_text(pages, post):
    waiting(pages)
    settle(pages, "at_once")
    page = pages.liaison().get(PAGE).send("Probe senden")
    assert (page.status, "Die Probe ist gesendet." in page.text) == (200, True)
    ((_, recipients, content),) = post.mails
    assert recipients == [ADDRESS]
    assert b"Subject: Probe / Test\r\n" in content
    for secret in (REFERENCE, CLIENT, "Lea", "Posteingang"):
        assert secret.encode() not in content


def test_a_trial_does_not_go_where_the_form_says(pages, post):
    settle(pages, "at_once")
    pages.liaison().post(f"{PAGE}/trial", {"email": "alle@example.org", "to": "alle@example.org"})
    assert [recipients for _, recipients, _ in post.mails] == [[ADDRESS]]


def test_trials_are_not_sent_one_after_the_other(pages, post):
    settle(pages, "at_once")
    assert pages.liaison().post(f"{PAGE}/trial").status == 200
    again = pages.liaison().post(f"{PAGE}/trial")
    assert (again.status, "fünf Minuten" in again.text) == (429, True)
    assert len(post.mails) == 1
    pages.later(minutes=5)
    assert pages.liaison().post(f"{PAGE}/trial").status == 200


def test_without_an_address_there_is_no_trial(pages, post):
    page = pages.liaison().post(f"{PAGE}/trial")
    assert (page.status, "Bitte speichern Sie zuerst" in page.text) == (422, True)
    assert post.mails == []


def test_a_trial_that_did_not_get_away_says_so_and_logs_no_address(pages, post, capsys):
    settle(pages, "at_once")
    post.refuse_data = f"554 no mail for {ADDRESS}"
    page = pages.liaison().post(f"{PAGE}/trial")
    assert (page.status, "ließ sich nicht senden" in page.text) == (503, True)
    said = capsys.readouterr()
    assert "SMTPDataError" in said.out + said.err
    assert ADDRESS not in said.out + said.err


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/trial"])
@pytest.mark.parametrize("role", [UserRole.INTEGRATION_MANAGER, UserRole.OFFICE])
def test_the_page_is_the_liaisons(pages, post, role, path):
    browser = pages.visit(role)
    assert browser.post(path, {"notify": "at_once", "email": ADDRESS}).status == 403
    assert pages.stranger().get(PAGE).path == "/pages/sign-in"
    assert post.mails == []


def test_nobody_settles_for_somebody_else(pages):
    settle(pages, "at_once")
    pages.liaison(login="zweite").post(PAGE, {"notify": "never", "email": "", "user": "liaison"})
    assert kept(pages) == (Notify.AT_ONCE, ADDRESS)


class TestWithoutAMailServer:
    """The office has none."""

    @pytest.fixture
    def config(self):
        return CONFIG

    def test_the_page_says_so(self, pages):
        page = pages.liaison().get(PAGE)
        assert "kein Mailserver eingerichtet" in page.text
        assert page.tree.xpath("//main//form") == []

    def test_nothing_is_kept_and_nothing_sent(self, pages):
        assert pages.liaison().post(PAGE, {"notify": "at_once", "email": ADDRESS}).status == 200
        assert pages.liaison().post(f"{PAGE}/trial").status == 422
        assert kept(pages) == (Notify.NEVER, None)
