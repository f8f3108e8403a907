"""The identity provider: one way there and one way back, in one browser, once; and every lie that a token can tell."""

import base64
import hashlib
import json

import pytest
from joserfc.jwk import ECKey

from imgate.settings.pages import OpenIdRole
from imgate.vocabulary.words import UserRole
from imgate.web.sign_in import openid
from tests.exchange.conftest import CONFIG, JOBCENTER
from tests.transports.misbehaving import certificate, serving_tls
from tests.web.sign_in.conftest import is_signed_in, told
from tests.web.sign_in.provider import Provider, rsa, signed_with_the_public_key

CALLBACK = "/pages/sign-in/openid/callback"
SECRET = "geheim:+&/ mit Zeichen"


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def config(provider, tmp_path):
    (tmp_path / "openid.secret").write_text(SECRET, encoding="utf-8")
    return f"""{CONFIG}
[openid]
issuer = "{provider.issuer}"
name = "Anmeldung der Stadt"
client_id = "imgate"
secret_file = "openid.secret"
[openid.roles]
im = {{ role = "integration-manager" }}
im-too = {{ role = "integration-manager" }}
amt = {{ role = "office" }}
jc = {{ role = "liaison", partner = "{JOBCENTER}" }}
"""


def begin(pages, provider, browser=None, path="/pages/sign-in/openid"):
    """Go to the provider; gives the browser, which has been asked nothing yet."""
    browser = browser or pages.stranger()
    answer = browser.get(path, follow=False)
    assert answer.status == 303, answer.text
    provider.asks(answer.headers["location"])
    return browser


def come_back(pages, provider, browser, **query):
    """Come back as the browser would be sent back: from another site."""
    provider.token = provider.token or provider.id_token(pages.now)
    said = {"code": "c-1", "state": provider.said["state"]} | query
    params = [(name, value) for name, value in said.items() if value is not None]
    cross = {"Sec-Fetch-Site": "cross-site"}
    return browser.get(CALLBACK, follow=False, params=params, headers=cross)


def signed_in(pages, provider, **query):
    browser = begin(pages, provider)
    return come_back(pages, provider, browser, **query)


def test_the_browser_is_sent_there_with_state_nonce_and_a_challenge(pages, provider):
    begin(pages, provider)
    said = provider.said
    assert {name: said[name] for name in ("response_type", "client_id", "redirect_uri", "scope", "code_challenge_method")} == {
        "response_type": "code",
        "client_id": "imgate",
        "redirect_uri": f"{pages.gateway.url}{CALLBACK}",
        "scope": "openid profile",
        "code_challenge_method": "S256",
    }
    assert len({said["state"], said["nonce"], said["code_challenge"]}) == 3
    assert "prompt" not in said
    first = dict(said)
    begin(pages, provider)
    assert not {first[name] for name in ("state", "nonce", "code_challenge")} & set(provider.said.values())


def test_the_way_back_begins_a_session_and_leads_on(pages, provider):
    browser = begin(pages, provider, path="/pages/sign-in/openid?next=/pages/clients")
    answer = come_back(pages, provider, browser)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/clients")
    assert is_signed_in(browser)
    assert [(event, fields.get("method")) for event, _, fields in told(pages, "user_added", "user_signed_in")] == [
        ("user_added", "openid"),
        ("user_signed_in", "openid"),
    ]
    assert "Vera Beispiel" in browser.get("/pages/account").text


def test_the_code_is_exchanged_with_secret_and_verifier_as_the_standards_write_them(pages, provider):
    signed_in(pages, provider)
    _, headers, form = next(one for one in provider.asked if one[0].endswith("/token"))
    sent = base64.b64decode({name.lower(): value for name, value in headers.items()}["authorization"].removeprefix("Basic ")).decode()
    assert sent == "imgate:geheim%3A%2B%26%2F+mit+Zeichen"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert challenge == provider.said["code_challenge"]
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == ("authorization_code", "c-1", provider.said["redirect_uri"])
    assert "client_secret" not in form


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(pages, provider):
    provider.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert signed_in(pages, provider).headers["location"] == "/pages/desk"
    _, headers, form = next(one for one in provider.asked if one[0].endswith("/token"))
    assert (form["client_id"], form["client_secret"]) == ("imgate", SECRET)
    assert "authorization" not in {name.lower() for name in headers}


def test_the_same_person_is_the_same_user_the_next_time(pages, provider):
    signed_in(pages, provider)
    provider.token = None
    signed_in(pages, provider)
    assert len(pages.gateway.store.people.users.list()) == 1


def test_a_liaison_gets_the_partner_of_the_role(pages, provider):
    provider.claims = {"roles": "jc"}
    answer = signed_in(pages, provider)
    assert answer.headers["location"] == "/pages/inbox"
    (user,) = pages.gateway.store.people.users.list()
    assert (user.role, user.partner) == (UserRole.LIAISON, JOBCENTER)


def refused(pages, answer, sentence, status=422):
    assert (answer.status, answer.title) == (status, "Keine Anmeldung"), answer.text
    assert sentence in answer.text
    assert "imgate" not in answer._browser.http.cookies
    assert not is_signed_in(answer._browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["x"]},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": ["imgate", "another"]},
        {"aud": ["imgate", "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"exp": 1772442000},
        {"exp": None},
        {"exp": "2099"},
        {"exp": True},
        {"iat": None},
        {"iat": 1772442000 - 700},
        {"iat": 1772442000 + 60},
        {"nbf": 1772442000 + 60},
    ],
)
def test_a_token_that_is_not_the_answer_to_this_question_opens_nothing(pages, provider, claims):
    assert int(pages.now.timestamp()) == 1772442000
    if claims == {"exp": 1772442000}:
        claims = {"exp": 1772442000 - 30}
    provider.claims = claims
    refused(pages, signed_in(pages, provider), "konnte nicht geprüft werden")
    assert pages.gateway.store.people.users.list() == ()
    assert [event for event, *_ in told(pages, "user_sign_in_failed")] == ["user_sign_in_failed"]


@pytest.mark.parametrize("claims", [{"aud": ["imgate"]}, {"aud": ["imgate", "b"], "azp": "imgate"}, {"azp": "imgate"}, {"nbf": 1772442000}])
def test_a_token_may_say_the_same_in_other_words(pages, provider, claims):
    provider.claims = claims
    assert signed_in(pages, provider).status == 303


def test_a_token_without_signature_opens_nothing(pages, provider):
    browser = begin(pages, provider)
    header, body, _ = provider.id_token(pages.now).split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "one"}).encode()).rstrip(b"=").decode()
    for token in (f"{none}.{body}.", f"{header}.{body}.", f"{none}.{body}.AAAA", f"{header}.{body}", "."):
        provider.token = token
        browser = begin(pages, provider, browser)
        refused(pages, come_back(pages, provider, browser), "Keine Anmeldung")


def test_a_token_signed_with_the_public_key_as_a_secret_opens_nothing(pages, provider):
    browser = begin(pages, provider)
    provider.token = signed_with_the_public_key(provider.id_token(pages.now), provider.key)
    refused(pages, come_back(pages, provider, browser), "konnte nicht geprüft werden")


def test_a_shared_secret_in_the_key_set_is_no_key(pages, provider):
    provider.keys = [{"kty": "oct", "k": "AAAA", "kid": "one"}]
    refused(pages, signed_in(pages, provider), "konnte nicht geprüft werden")


def test_a_token_signed_by_another_key_opens_nothing(pages, provider):
    provider.header = {"alg": "ES256", "kid": "one", "key": ECKey.generate_key("P-256")}
    refused(pages, signed_in(pages, provider), "konnte nicht geprüft werden")


def test_a_token_cannot_bring_its_own_key(pages, provider):
    other = ECKey.generate_key("P-256")
    provider.header = {"alg": "ES256", "kid": "two", "jwk": other.as_dict(private=False), "key": other}
    refused(pages, signed_in(pages, provider), "konnte nicht geprüft werden")


def test_a_key_for_encryption_or_of_another_algorithm_or_too_short_signs_nothing(pages, provider):
    key = provider.key.as_dict(private=False)
    for spoiled in ({"use": "enc"}, {"alg": "ES384"}, {"alg": "none"}, {"kty": "RSA"}, {"crv": "P-384"}, {"x": "AAAA"}):
        provider.keys, provider.token = [key | spoiled], None
        refused(pages, signed_in(pages, provider), "konnte nicht geprüft werden")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "RS512"])
def test_an_rsa_key_signs_by_every_way_of_rsa(pages, provider, algorithm):
    provider.key = rsa(kid="r")
    provider.keys, provider.header = [provider.key.as_dict(private=False)], {"alg": algorithm, "kid": "r"}
    assert signed_in(pages, provider).status == 303


def test_a_key_that_is_new_is_fetched_once_more(pages, provider):
    signed_in(pages, provider)
    provider.key = ECKey.generate_key("P-256", {"kid": "new"})
    provider.keys, provider.header, provider.token = [provider.key.as_dict(private=False)], {"alg": "ES256", "kid": "new"}, None
    provider.asked.clear()
    assert signed_in(pages, provider).status == 303
    assert [path.rpartition("/")[2] for path, *_ in provider.asked] == ["token", "keys"]


def test_the_published_document_is_asked_for_once(pages, provider):
    for _ in range(2):
        provider.token = None
        signed_in(pages, provider)
    assert sum(path.endswith("openid-configuration") for path, *_ in provider.asked) == 1


@pytest.mark.parametrize("state", ["", "x", None, "é"])
def test_without_the_state_of_this_browser_nothing_is_exchanged(pages, provider, state):
    answer = signed_in(pages, provider, state=state)
    refused(pages, answer, "in einem anderen Fenster begonnen")
    assert not any(path.endswith("/token") for path, *_ in provider.asked)


def test_another_browsers_state_opens_nothing_here(pages, provider):
    begin(pages, provider)
    victim = pages.stranger()
    refused(pages, come_back(pages, provider, victim), "in einem anderen Fenster begonnen")
    begin(pages, provider, victim)
    mine = dict(provider.said)
    begin(pages, provider)
    theirs = dict(provider.said)
    provider.said = theirs
    refused(pages, come_back(pages, provider, victim), "in einem anderen Fenster begonnen")
    assert mine["state"] != theirs["state"]


def test_an_answer_works_once(pages, provider):
    browser = begin(pages, provider)
    kept = browser.http.cookies["imgate-openid"]
    assert come_back(pages, provider, browser).status == 303
    again = pages.stranger()
    again.http.cookies.set("imgate-openid", kept)
    refused(pages, come_back(pages, provider, again), "in einem anderen Fenster begonnen")


def test_an_answer_that_takes_too_long_opens_nothing(pages, provider):
    browser = begin(pages, provider)
    pages.later(minutes=11)
    refused(pages, come_back(pages, provider, browser), "hat zu lange gedauert")


def test_an_answer_that_says_something_twice_opens_nothing(pages, provider):
    browser = begin(pages, provider)
    provider.token = provider.id_token(pages.now)
    answer = browser.get(f"{CALLBACK}?state={provider.said['state']}&code=a&code=b", follow=False)
    refused(pages, answer, "konnte nicht geprüft werden")


def test_an_answer_by_another_issuer_opens_nothing(pages, provider):
    refused(pages, signed_in(pages, provider, iss="https://evil.example"), "konnte nicht geprüft werden")


def test_an_answer_that_does_not_name_its_issuer_opens_nothing_where_the_provider_always_does(pages, provider):
    provider.document["authorization_response_iss_parameter_supported"] = True
    refused(pages, signed_in(pages, provider), "konnte nicht geprüft werden")
    provider.token = None
    assert signed_in(pages, provider, iss=provider.issuer).status == 303


def test_what_the_provider_says_is_wrong_is_not_passed_on(pages, provider):
    answer = signed_in(pages, provider, code=None, error="access_denied", error_description="<b>Krankheit</b>")
    refused(pages, answer, "Die Anmeldung wurde abgebrochen.")
    assert "Krankheit" not in answer.answer.text
    assert "access_denied" not in answer.answer.text


@pytest.mark.parametrize(
    "roles",
    [None, [], "", "nichts", ["nichts", "mehr"], ["im", "amt"], ["jc", "amt"], {"im": True}, 7, True, [["im"]], "im amt", "IM", "im "],
)
def test_no_role_or_several_that_contradict_is_told_with_whom_to_ask(pages, provider, roles):
    provider.claims = {"roles": roles}
    refused(pages, signed_in(pages, provider), "Bitte wenden Sie sich an die Stelle, die bei Ihnen die Zugänge verwaltet.", 403)
    assert pages.gateway.store.people.users.list() == ()


@pytest.mark.parametrize("roles", ["im", ["im"], ["im", "im-too"], ["andere", "im"]])
def test_one_role_is_enough_however_often_it_is_said(pages, provider, roles):
    provider.claims = {"roles": roles}
    assert signed_in(pages, provider).headers["location"] == "/pages/desk"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "  Vera \n Beispiel "}, "Vera Beispiel"),
        ({"name": None, "preferred_username": "vera"}, "vera"),
        ({"name": "x" * 201, "preferred_username": "vera"}, "vera"),
        ({"name": "\x07", "preferred_username": "vera"}, "vera"),
    ],
)
def test_the_name_is_one_that_can_be_read(pages, provider, claims, name):
    provider.claims = claims
    signed_in(pages, provider)
    assert [user.name for user in pages.gateway.store.people.users.list()] == [name]


def test_without_a_name_nobody_is_let_in(pages, provider):
    provider.claims = {"name": None}
    refused(pages, signed_in(pages, provider), "Ihren Namen nicht genannt", 403)


def test_whoever_was_revoked_here_stays_out(pages, provider):
    signed_in(pages, provider)
    (user,) = pages.gateway.store.people.users.list()
    pages.gateway.store.people.users.revoke(user.id, pages.now, "operator")
    provider.token = None
    refused(pages, signed_in(pages, provider), "wurde entzogen", 403)


def test_a_liaison_of_a_partner_that_is_not_configured_is_not_let_in(pages, provider, monkeypatch):
    role = OpenIdRole(role=UserRole.LIAISON, partner="jobcenter-stuttgart")  # the configuration refuses it already
    monkeypatch.setattr(openid, "role_of", lambda *_: role)
    refused(pages, signed_in(pages, provider), "keine eindeutige Rolle", 403)
    assert pages.gateway.store.people.users.list() == ()


def test_another_role_the_next_time_ends_the_sessions_of_the_old_one(pages, provider):
    browser = begin(pages, provider)
    come_back(pages, provider, browser)
    provider.token, provider.claims = None, {"roles": ["amt"]}
    assert signed_in(pages, provider).headers["location"] == "/pages/office"
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://evil.example/auth"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "//evil.example"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "https://user@evil.example"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://[::1"},
    ],
)
def test_a_document_that_leads_elsewhere_is_not_followed(pages, provider, document):
    provider.document |= document
    answer = pages.stranger().get("/pages/sign-in/openid", follow=False)
    refused(pages, answer, "antwortet gerade nicht, wie sie soll", 503)


def test_the_issuer_matches_to_the_last_letter(pages, provider):
    provider.document["issuer"] += "/"
    assert pages.stranger().get("/pages/sign-in/openid", follow=False).status == 503


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 500])
def test_a_redirect_or_an_error_in_place_of_a_token_opens_nothing(pages, provider, status):
    provider.status = status
    refused(pages, signed_in(pages, provider), "antwortet gerade nicht, wie sie soll", 503)
    assert not any(path == "/elsewhere" for path, *_ in provider.asked)


@pytest.mark.parametrize("raw", [b"", b"[]", b"<html>", b"{", b'{"id_token": 7}', b'{"id_token": "x", "id_token": "y"}', b" " * 300_000])
def test_what_is_no_answer_or_has_no_end_opens_nothing(pages, provider, raw):
    provider.raw = raw
    refused(pages, signed_in(pages, provider), "antwortet gerade nicht, wie sie soll", 503)


def test_a_provider_that_is_away_is_told_as_a_sentence(pages, provider):
    provider.stop()
    refused(pages, pages.stranger().get("/pages/sign-in/openid", follow=False), "antwortet gerade nicht, wie sie soll", 503)
    provider.stop = lambda: None


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example", "/pages@evil.example", "/pages?x=//evil.example"])
def test_the_way_back_leads_to_no_other_place(pages, provider, way):
    browser = pages.stranger()
    answer = browser.get("/pages/sign-in/openid", params={"next": way}, follow=False)
    provider.asks(answer.headers["location"])
    assert come_back(pages, provider, browser).headers["location"] == "/pages/desk"


def test_the_sign_in_page_offers_it_by_its_name(pages, provider):
    page = pages.stranger().get("/pages/sign-in?next=/pages/clients")
    assert page.links()["Anmeldung der Stadt"] == "/pages/sign-in/openid?next=/pages/clients"


@pytest.fixture
def waiting(pages, provider):
    """Somebody from the provider whose sign-in is half an hour old."""
    browser = begin(pages, provider)
    come_back(pages, provider, browser)
    for _ in range(2):
        pages.later(minutes=14)
        browser.get("/pages/account")
    provider.token = None
    return browser


def is_confirmed(browser):
    return browser.post("/pages/account/passkeys/remove", {}, follow=False).headers.get("location") != "/pages/confirm"


def test_a_confirmation_asks_for_a_fresh_sign_in_there_and_gives_a_new_token(pages, provider, waiting):
    page = waiting.get("/pages/confirm?next=/pages/clients")
    assert page.links()["Anmeldung der Stadt"] == "/pages/confirm/openid?next=/pages/clients"
    assert not page.tree.xpath("//input[@type='password']")
    begin(pages, provider, waiting, "/pages/confirm/openid?next=/pages/clients")
    assert (provider.said["prompt"], provider.said["max_age"]) == ("login", "0")
    before = waiting.http.cookies["imgate"]
    provider.claims = {"auth_time": int(pages.now.timestamp())}
    answer = come_back(pages, provider, waiting)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/clients")
    assert waiting.http.cookies["imgate"] != before
    assert is_confirmed(waiting)
    old = pages.stranger()
    old.http.cookies.set("imgate", before)
    assert not is_signed_in(old)


@pytest.mark.parametrize("seconds", [-1800, -31, 60, None])
def test_a_sign_in_there_that_is_not_fresh_confirms_nothing(pages, provider, waiting, seconds):
    begin(pages, provider, waiting, "/pages/confirm/openid")
    provider.claims = {"auth_time": None if seconds is None else int(pages.now.timestamp()) + seconds}
    assert come_back(pages, provider, waiting).status == 422
    assert not is_confirmed(waiting)
    assert is_signed_in(waiting)


def test_somebody_else_there_confirms_nothing_here(pages, provider, waiting):
    begin(pages, provider, waiting, "/pages/confirm/openid")
    provider.claims = {"auth_time": int(pages.now.timestamp()), "sub": "u-2"}
    answer = come_back(pages, provider, waiting)
    assert answer.status == 422
    assert "mit einem anderen Zugang" in answer.text
    assert not is_confirmed(waiting)


def test_a_confirmation_comes_back_to_the_session_that_asked(pages, provider, waiting):
    begin(pages, provider, waiting, "/pages/confirm/openid")
    provider.claims = {"auth_time": int(pages.now.timestamp())}
    waiting.http.cookies.delete("imgate")
    answer = come_back(pages, provider, waiting)
    assert answer.status == 422
    assert not is_signed_in(waiting)


@pytest.mark.parametrize("seconds", [-9600, -901, -31, 31, None, "now", True])
def test_a_sign_in_there_of_before_confirms_nothing_here(pages, provider, seconds):
    at = int(pages.now.timestamp())
    provider.claims = {"auth_time": at + seconds if type(seconds) is int else seconds}
    browser = begin(pages, provider)
    come_back(pages, provider, browser)
    assert is_signed_in(browser)
    assert not is_confirmed(browser)
    assert browser.get("/pages/confirm").links()["Anmeldung der Stadt"].startswith("/pages/confirm/openid")


def test_a_sign_in_there_on_this_very_way_confirms(pages, provider):
    browser = begin(pages, provider)
    pages.later(minutes=2)
    provider.claims = {"auth_time": int(pages.now.timestamp()) - 60}
    come_back(pages, provider, browser)
    assert is_confirmed(browser)


def test_an_open_session_is_not_confirmed_by_a_second_way_there_that_asks_nothing(pages, provider, waiting):
    provider.claims = {"auth_time": int(pages.now.timestamp()) - 1680}
    begin(pages, provider, waiting, "/pages/sign-in/openid?next=/pages/account")
    assert come_back(pages, provider, waiting).status == 303
    assert not is_confirmed(waiting)


def test_the_provider_is_asked_to_say_when_it_was(pages, provider):
    begin(pages, provider)
    assert (provider.said["max_age"], "prompt" in provider.said) == ("36000", False)


def test_who_confirms_as_somebody_unknown_gets_no_access_by_it(pages, provider, waiting):
    before = pages.gateway.store.people.users.list()
    begin(pages, provider, waiting, "/pages/confirm/openid")
    provider.claims = {"auth_time": int(pages.now.timestamp()), "sub": "u-2", "name": "Mara Fremd", "roles": ["amt"]}
    assert "mit einem anderen Zugang" in come_back(pages, provider, waiting).text
    assert pages.gateway.store.people.users.list() == before
    assert len(told(pages, "user_added")) == 1


def test_who_confirms_as_somebody_else_ends_none_of_their_sessions_and_changes_no_role(pages, provider, waiting):
    provider.claims = {"sub": "u-2", "name": "Mara Fremd"}
    mara = begin(pages, provider)
    come_back(pages, provider, mara)
    before = pages.gateway.store.people.users.list()
    begin(pages, provider, waiting, "/pages/confirm/openid")
    provider.token, provider.claims["roles"], provider.claims["auth_time"] = None, ["amt"], int(pages.now.timestamp())
    assert come_back(pages, provider, waiting).status == 422
    assert is_signed_in(mara)
    assert pages.gateway.store.people.users.list() == before


def test_a_stranger_is_not_sent_there_to_confirm(pages):
    assert pages.stranger().get("/pages/confirm/openid", follow=False).headers["location"] == "/pages/sign-in?next=/pages/confirm/openid"


class TestByHttps:
    """A provider with a certificate of the office's own authority."""

    @pytest.fixture(params=["trusted", "unknown"])
    def trust(self, request):
        return request.param

    @pytest.fixture
    def provider(self, tmp_path):
        made = Provider(serving_tls(certificate(tmp_path)))
        yield made
        made.stop()

    @pytest.fixture
    def config(self, provider, tmp_path, trust):
        more = f'ca_file = "{next(tmp_path.glob("*.pem"))}"\n' if trust == "trusted" else ""
        return f"""{CONFIG}
[openid]
issuer = "{provider.issuer}"
name = "Anmeldung der Stadt"
client_id = "imgate"
{more}"""

    def test_it_is_asked_only_where_its_certificate_is_trusted(self, pages, provider, trust):
        answer = pages.stranger().get("/pages/sign-in/openid", follow=False)
        assert answer.status == (303 if trust == "trusted" else 503)
        assert bool(provider.asked) is (trust == "trusted")
