"""Passkeys: what is asked of the browser, and that only the right answer, given once, by the right device, opens anything."""

import base64
import json

import cbor2
import pytest

from imgate.storage.users import TRIES
from imgate.vocabulary.words import UserRole
from tests.web.sign_in.authenticator import ATTESTED, PRESENT, VERIFIED, Authenticator, b64, begin, post, unb64
from tests.web.sign_in.conftest import is_signed_in, told

SIGN_IN = "/pages/sign-in/passkey"


@pytest.fixture
def device(pages):
    """A device that has nothing yet."""
    return Authenticator(pages.gateway.url, "127.0.0.1")


@pytest.fixture
def invited(pages):
    """A user who has just been added, with the code."""
    return pages.gateway.store.people.users.add(UserRole.OFFICE, None, "Otto Amt", "otto", None, pages.now, "operator")


def enrolling(pages, code):
    """A browser in which the code was typed."""
    browser = pages.stranger()
    browser.get("/pages/enrol").send("Weiter", code=code)
    return browser


@pytest.fixture
def enrolled(pages, invited, device):
    """The user, whose passkey is on the device."""
    browser = enrolling(pages, invited[1])
    answer = post(browser, "/pages/enrol/passkey", {"credential": device.create(begin(browser, "/pages/enrol/passkey/begin"))})
    assert answer.json() == {"to": "/pages/office"}
    return invited[0]


def sign_in(pages, device, *, options=None, browser=None, **spoiled):
    """Sign in in a fresh browser; gives browser and answer."""
    browser = browser or pages.stranger()
    asked = begin(browser, f"{SIGN_IN}/begin")
    return browser, post(browser, SIGN_IN, {"credential": device.get(asked | (options or {}), **spoiled)})


def test_a_passkey_is_asked_for_that_asks_for_the_person_and_can_be_found_without_a_login(pages, invited):
    asked = begin(enrolling(pages, invited[1]), "/pages/enrol/passkey/begin")
    assert asked["authenticatorSelection"] == {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert (asked["rp"], asked["user"]["name"]) == ({"name": pages.gateway.name, "id": "127.0.0.1"}, "otto")
    assert asked["attestation"] == "none"
    assert len(unb64(asked["challenge"])) == 32


def test_the_sign_in_asks_whoever_comes_and_names_nobody(pages, enrolled):
    asked = begin(pages.stranger(), f"{SIGN_IN}/begin")
    assert (asked["allowCredentials"], asked["userVerification"], asked["rpId"]) == ([], "required", "127.0.0.1")


def test_enrolment_by_passkey_opens_the_pages_and_uses_the_code_up(pages, invited, device):
    browser = enrolling(pages, invited[1])
    post(browser, "/pages/enrol/passkey", {"credential": device.create(begin(browser, "/pages/enrol/passkey/begin"))})
    assert is_signed_in(browser)
    assert pages.gateway.store.people.users.enrolling(invited[1], pages.now) is None
    assert told(pages, "user_enrolled")[0][2]["methods"] == ["passkey"]


def test_a_passkey_signs_in_and_leads_where_one_wanted_to_go(pages, enrolled, device):
    browser, answer = sign_in(pages, device)
    assert (answer.status_code, answer.json()) == (200, {"to": "/pages/office"})
    assert is_signed_in(browser)
    browser = pages.stranger()
    sent = {"credential": device.get(begin(browser, f"{SIGN_IN}/begin")), "next": "/pages/office/log"}
    assert post(browser, SIGN_IN, sent).json() == {"to": "/pages/office/log"}
    assert told(pages, "user_signed_in")[-1][2]["method"] == "passkey"


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example/pages", "/pages/../x", "javascript:alert(1)", "/pages?x=1"])
def test_a_passkey_leads_nowhere_else(pages, enrolled, device, way):
    browser = pages.stranger()
    sent = {"credential": device.get(begin(browser, f"{SIGN_IN}/begin")), "next": way}
    assert post(browser, SIGN_IN, sent).json() == {"to": "/pages/office"}


def test_an_answer_works_once(pages, enrolled, device):
    browser = pages.stranger()
    credential = device.get(begin(browser, f"{SIGN_IN}/begin"))
    cookie = browser.http.cookies["imgate-passkey"]
    assert post(browser, SIGN_IN, {"credential": credential}).status_code == 200
    again = pages.stranger()
    again.http.cookies.set("imgate-passkey", cookie)
    assert post(again, SIGN_IN, {"credential": credential}).status_code == 422
    assert not is_signed_in(again)


def test_a_challenge_holds_for_minutes_in_its_own_browser_and_for_its_own_purpose(pages, enrolled, device):
    browser = pages.stranger()
    credential = device.get(begin(browser, f"{SIGN_IN}/begin"))
    assert post(pages.stranger(), SIGN_IN, {"credential": credential}).status_code == 422
    pages.later(minutes=7)
    assert post(browser, SIGN_IN, {"credential": credential}).status_code == 422
    inside, _ = sign_in(pages, device)
    credential = device.get(begin(inside, "/pages/confirm/passkey/begin"))
    assert post(inside, SIGN_IN, {"credential": credential}).status_code == 422


@pytest.mark.parametrize(
    "spoiled",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8400.evil.example"},
        {"origin": "https://127.0.0.1:8400"},
        {"type": "webauthn.create"},
        {"challenge": b64(bytes(32))},
        {"challenge": ""},
    ],
)
def test_an_answer_to_something_else_or_somewhere_else_opens_nothing(pages, enrolled, device, spoiled):
    browser, answer = sign_in(pages, device, **spoiled)
    assert answer.status_code == 422
    assert not is_signed_in(browser)


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
def test_without_the_person_it_is_no_proof(pages, enrolled, device, flags):
    device.flags = flags
    assert sign_in(pages, device)[1].status_code == 422


def test_a_passkey_for_another_host_opens_nothing(pages, enrolled, device):
    device.host = "evil.example"
    assert sign_in(pages, device)[1].status_code == 422


def test_another_key_under_the_same_id_opens_nothing(pages, enrolled, device):
    other = Authenticator(pages.gateway.url, "127.0.0.1")
    other.id, other.handle, other.count = device.id, device.handle, 9
    assert sign_in(pages, other)[1].status_code == 422


def test_a_passkey_that_nobody_has_opens_nothing(pages, enrolled):
    stranger = Authenticator(pages.gateway.url, "127.0.0.1")
    assert sign_in(pages, stranger)[1].status_code == 422


def test_an_answer_that_says_somebody_else_or_nobody_owns_the_passkey_opens_nothing(pages, enrolled, device):
    for handle in (None, b64(bytes(16)), ""):
        device.handle = handle
        assert sign_in(pages, device)[1].status_code == 422


def test_a_counter_that_does_not_grow_opens_nothing_because_there_may_be_a_copy(pages, enrolled, device):
    sign_in(pages, device)
    device.step = 0
    assert sign_in(pages, device)[1].status_code == 422
    device.count, device.step = 0, 1
    assert sign_in(pages, device)[1].status_code == 422


def test_a_device_that_does_not_count_can_sign_in_as_often_as_it_likes(pages, enrolled, device):
    device.step = 0
    for _ in range(3):
        assert sign_in(pages, device)[1].status_code == 200


def test_whoever_was_revoked_cannot_sign_in(pages, enrolled, device):
    pages.gateway.store.people.users.revoke(enrolled.id, pages.now, "operator")
    assert sign_in(pages, device)[1].status_code == 422


def test_whoever_is_kept_out_by_a_strangers_tries_at_the_password_comes_in_by_passkey(pages, enrolled, device):
    for _ in range(TRIES):
        pages.gateway.store.people.users.failed(enrolled.id, pages.now)
    assert pages.gateway.store.people.users.get(enrolled.id).locked_until is not None
    assert sign_in(pages, device)[1].status_code == 200


def test_every_refusal_gets_the_same_answer(pages, enrolled, device):
    stranger = Authenticator(pages.gateway.url, "127.0.0.1")
    told = [sign_in(pages, stranger)[1], sign_in(pages, device, origin="https://evil.example")[1]]
    device.step = 0
    sign_in(pages, device)
    pages.gateway.store.people.users.revoke(enrolled.id, pages.now, "operator")
    told.append(sign_in(pages, device)[1])
    assert {answer.text for answer in told} == {'{"code":"not_proved"}'}


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"rawId": 1},
        {"rawId": "AAAA"},
        {"rawId": "!!!"},
        {"rawId": "A"},
        {"rawId": "é"},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": None},
    ],
)
def test_what_is_no_answer_opens_nothing_and_breaks_nothing(pages, enrolled, credential):
    browser = pages.stranger()
    begin(browser, f"{SIGN_IN}/begin")
    assert post(browser, SIGN_IN, {"credential": credential}).status_code == 422


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", [None, "", "A", "AAAA", 7, ["x"], {"a": 1}, "é", "A" * 20000])
def test_no_part_of_an_answer_can_be_spoiled_to_any_effect(pages, enrolled, device, name, value):
    browser = pages.stranger()
    credential = device.get(begin(browser, f"{SIGN_IN}/begin"))
    credential["response"][name] = value
    answer = post(browser, SIGN_IN, {"credential": credential})
    assert (answer.status_code, answer.text) == (422, '{"code":"not_proved"}')


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"[]", 422), (b"{", 400), (b'{"credential": {}, "more": 1}', 422), (b"x" * 70000, 413)]
)
def test_a_body_that_is_not_what_the_script_sends_is_refused(pages, body, status):
    said = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    answer = pages.stranger().http.post(SIGN_IN, content=body, headers=said)
    assert answer.status_code in {status, 422}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_cannot_pass_for_the_script(pages, kind):
    said = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    answer = pages.stranger().http.post(SIGN_IN, content=json.dumps({"credential": {}}).encode(), headers=said)
    assert answer.status_code == 415


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
def test_a_new_passkey_that_does_not_ask_for_the_person_is_not_taken(pages, invited, device, flags):
    browser = enrolling(pages, invited[1])
    device.flags = flags
    credential = device.create(begin(browser, "/pages/enrol/passkey/begin"))
    assert post(browser, "/pages/enrol/passkey", {"credential": credential}).status_code == 422
    assert pages.gateway.store.people.passkeys.of(invited[0].id) == ()
    assert pages.gateway.store.people.users.enrolling(invited[1], pages.now) is not None


@pytest.mark.parametrize("spoiled", [{"origin": "https://evil.example"}, {"type": "webauthn.get"}, {"challenge": b64(bytes(32))}])
def test_a_new_passkey_that_was_made_elsewhere_is_not_taken(pages, invited, device, spoiled):
    browser = enrolling(pages, invited[1])
    credential = device.create(begin(browser, "/pages/enrol/passkey/begin"), **spoiled)
    assert post(browser, "/pages/enrol/passkey", {"credential": credential}).status_code == 422


@pytest.mark.parametrize("spoiled", [None, "", "AAAA", 7, b64(cbor2.dumps({"fmt": "none"})), b64(cbor2.dumps([]))])
def test_an_attestation_that_is_none_is_not_taken(pages, invited, device, spoiled):
    browser = enrolling(pages, invited[1])
    credential = device.create(begin(browser, "/pages/enrol/passkey/begin"))
    credential["response"]["attestationObject"] = spoiled
    assert post(browser, "/pages/enrol/passkey", {"credential": credential}).status_code == 422


def test_without_a_code_there_is_no_challenge_to_enrol_with(pages, device):
    browser = pages.stranger()
    assert post(browser, "/pages/enrol/passkey/begin").status_code == 422
    assert post(browser, "/pages/enrol/passkey", {"credential": {}}).status_code == 422


def test_the_passkey_of_somebody_cannot_be_enrolled_as_somebody_elses(pages, enrolled, device):
    _, code = pages.gateway.store.people.users.add(UserRole.OFFICE, None, "Eva", "eva", None, pages.now, "operator")
    browser = enrolling(pages, code)
    credential = device.create(begin(browser, "/pages/enrol/passkey/begin"))
    assert post(browser, "/pages/enrol/passkey", {"credential": credential}).status_code == 422
    assert not is_signed_in(browser)
    assert [passkey.user for passkey in pages.gateway.store.people.passkeys.of(enrolled.id)] == [enrolled.id]


def test_the_challenge_is_sealed_in_the_cookie(pages):
    browser = pages.stranger()
    challenge = unb64(begin(browser, f"{SIGN_IN}/begin")["challenge"])
    kept = base64.urlsafe_b64decode(browser.http.cookies["imgate-passkey"] + "===")
    assert challenge not in kept
    assert base64.b64encode(challenge) not in kept


def test_the_authenticator_of_these_tests_says_what_a_real_one_says():
    assert (PRESENT, VERIFIED, ATTESTED) == (1, 4, 64)
