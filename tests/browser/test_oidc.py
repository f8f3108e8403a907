"""The OpenID provider that tests log in with is a real one: a client gets a code, and for it who it was."""

import base64
import hashlib
import http.server
import json
import threading
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from tests.browser.oidc import ACCOUNTS

_VERIFIER = "a" * 43
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).decode().rstrip("=")


class _Arrival(http.server.BaseHTTPRequestHandler):
    """The client's address: anybody may arrive there."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><html lang=en><title>arrived</title>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def arrival():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Arrival) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://localhost:{server.server_port}/back"
        server.shutdown()


@pytest.fixture(scope="module")
def provider(oidc_provider, arrival):
    made = oidc_provider()
    made.start(arrival)
    return made


def _asks(provider, arrival, **changes) -> str:
    asked = {
        "client_id": provider.client_id,
        "redirect_uri": arrival,
        "response_type": "code",
        "scope": "openid profile email",
        "state": "s",
        "nonce": "n",
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{provider.issuer}/auth?{urlencode(asked | changes)}"


def _exchange(provider, arrival, code) -> dict:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": arrival, "code_verifier": _VERIFIER}
    answer = httpx2.post(f"{provider.issuer}/token", data=form, auth=(provider.client_id, provider.client_secret), trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _claims(token: str) -> dict:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def _arrived(page, arrival) -> dict[str, list[str]]:
    page.wait_for_url(f"{arrival}*")
    return parse_qs(urlsplit(page.url).query)


def _also(arrival) -> tuple[str, ...]:
    return (arrival.removesuffix("/back"),)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("account", ["vera", "niemand"])
def test_a_code_tells_who_logged_in(visit, provider, arrival, account, javascript):
    page = visit(_asks(provider, arrival), javascript=javascript, also=_also(arrival))
    provider.log_in(page, account)
    (code,) = _arrived(page, arrival)["code"]
    claims = _claims(_exchange(provider, arrival, code)["id_token"])
    assert (claims["sub"], claims["nonce"], claims["aud"]) == (account, "n", provider.client_id)
    assert (claims["name"], claims["roles"]) == (ACCOUNTS[account]["name"], ACCOUNTS[account]["roles"])


@pytest.mark.parametrize("way_back", ["unknown", "cancel"])
def test_who_does_not_log_in_goes_back_with_an_error_and_no_code(visit, provider, arrival, way_back):
    page = visit(_asks(provider, arrival), also=_also(arrival))
    if way_back == "cancel":
        provider.cancel(page)
    else:
        provider.log_in(page, "eve")
    arrived = _arrived(page, arrival)
    assert arrived["error"] == ["access_denied"]
    assert "code" not in arrived


def test_an_address_that_is_not_the_clients_gets_nothing(visit, provider, arrival):
    page = visit(_asks(provider, arrival, redirect_uri="http://localhost:1/elsewhere"))
    assert page.get_by_text("invalid_redirect_uri").is_visible()


def test_whoever_must_log_in_again_is_asked_again(visit, provider, arrival):
    page = visit(_asks(provider, arrival), also=_also(arrival))
    provider.log_in(page, "vera")
    _arrived(page, arrival)
    page.goto(_asks(provider, arrival, state="known"))
    assert _arrived(page, arrival)["state"] == ["known"]
    page.goto(_asks(provider, arrival, prompt="login", max_age="0"))
    provider.log_in(page, "vera")
    (code,) = _arrived(page, arrival)["code"]
    assert "auth_time" in _claims(_exchange(provider, arrival, code)["id_token"])


def test_claims_can_be_kept_for_the_userinfo_endpoint(visit, oidc_provider, arrival):
    provider = oidc_provider(claims_in_id_token=False)
    provider.start(arrival)
    page = visit(_asks(provider, arrival), also=_also(arrival))
    provider.log_in(page, "vera")
    answer = _exchange(provider, arrival, _arrived(page, arrival)["code"][0])
    assert "roles" not in _claims(answer["id_token"])
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    asked = httpx2.get(f"{provider.issuer}/me", headers=bearer, trust_env=False)
    assert asked.json()["roles"] == ACCOUNTS["vera"]["roles"]
