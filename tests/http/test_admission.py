"""Who may is settled before anything else of a request is looked at, and depends on nothing but the caller and the path."""

import re

import pytest

from imgate.exchange import history
from imgate.http import callers
from imgate.vocabulary.words import Role

ID = "00000000-0000-4000-8000-000000000000"
CASE, AUDITOR, PARTNER = "case", "auditor", "jobcenter"
# The contract's table: method, path, and who may.
TABLE = [
    ("POST", "/v1/declarations", {CASE}),
    ("GET", "/v1/declarations?client=K-1", {CASE, AUDITOR}),
    ("GET", "/v1/declarations/expiring", {CASE}),
    ("GET", f"/v1/declarations/{ID}", {CASE, AUDITOR}),
    ("GET", f"/v1/declarations/{ID}/bundle", {CASE, AUDITOR}),
    ("GET", f"/v1/declarations/{ID}/bundle?evidence=true", {CASE}),
    ("POST", f"/v1/declarations/{ID}/signatures", {CASE}),
    ("POST", f"/v1/declarations/{ID}/evidence/{ID}/check", {CASE}),
    ("POST", f"/v1/declarations/{ID}/renewal", {CASE}),
    ("POST", f"/v1/declarations/{ID}/revocation", {CASE}),
    ("POST", f"/v1/declarations/{ID}/pause", {CASE}),
    ("POST", f"/v1/declarations/{ID}/resume", {CASE}),
    ("POST", f"/v1/declarations/{ID}/annex", {CASE}),
    ("GET", f"/v1/declarations/{ID}/form", {CASE}),
    ("GET", f"/v1/declarations/{ID}/copy", {CASE}),
    ("GET", f"/v1/declarations/{ID}/consent-record", {CASE, AUDITOR}),
    ("PUT", "/v1/clients/K-1/links/jobcenter-rems-murr", {CASE}),
    ("DELETE", "/v1/clients/K-1/links/jobcenter-rems-murr", {CASE}),
    ("POST", "/v1/exchanges/preview", {CASE}),
    ("POST", "/v1/exchanges", {CASE}),
    ("GET", f"/v1/exchanges/{ID}", {CASE, AUDITOR}),
    ("GET", "/v1/exchanges?client=K-1", {CASE, AUDITOR}),
    ("POST", f"/v1/exchanges/{ID}/retry", {"admin"}),
    ("POST", "/v1/updates", {CASE}),
    ("POST", "/v1/partners/jobcenter-rems-murr/messages", {PARTNER}),
    ("GET", "/v1/intake", {CASE}),
    ("GET", f"/v1/intake/{ID}", {CASE}),
    ("GET", "/v1/inbox", {CASE}),
    ("GET", "/v1/inbox/notices", {CASE}),
    ("GET", f"/v1/inbox/{ID}/calendar", {CASE}),
    ("POST", f"/v1/inbox/{ID}/ack", {CASE}),
    ("GET", "/v1/partners/jobcenter-rems-murr/outbox", {PARTNER}),
    ("POST", f"/v1/partners/jobcenter-rems-murr/outbox/{ID}/ack", {PARTNER}),
    ("POST", f"/v1/partners/jobcenter-rems-murr/outbox/{ID}/reject", {PARTNER}),
    ("POST", f"/v1/partners/jobcenter-rems-murr/outbox/{ID}/end-of-use", {PARTNER}),
    ("GET", "/v1/revocations", {CASE, AUDITOR}),
    ("GET", f"/v1/revocations/{ID}", {CASE, AUDITOR}),
    ("POST", f"/v1/revocations/{ID}/answer", {CASE}),
    ("GET", "/v1/clients/K-1/disclosures", {CASE, AUDITOR}),
    ("GET", "/v1/clients/K-1/ledger", {CASE, AUDITOR}),
    ("GET", "/v1/audit/checkpoint", {AUDITOR}),
    ("POST", "/access/v1/evaluation", {CASE, AUDITOR}),
    ("POST", "/access/v1/evaluations", {CASE, AUDITOR}),
]
# A callback bears the signature of the partner's system instead of a token.
PUBLIC = [
    "/",
    "/v1/partners/*/callback",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/reference",
    "/.well-known/jwks.json",
    "/.well-known/authzen-configuration",
]


def test_the_table_is_complete(http):
    template = {re.sub(r"(K-1|jobcenter-rems-murr|[0-9a-f-]{36})", "*", path.partition("?")[0]) for _, path, _ in TABLE}
    documented = {re.sub(r"\{[a-z]+\}", "*", path) for path in http.get("/openapi.json").json()["paths"]}
    assert documented - template <= {*PUBLIC, "/oauth/token"}
    assert template <= documented


@pytest.mark.parametrize(("method", "path", "may"), TABLE, ids=lambda part: part if isinstance(part, str) else "")
def test_who_may_and_who_may_not(http, bearer, method, path, may):
    without = http.request(method, path)
    assert (without.status_code, without.json()["code"]) == (401, "token_missing")
    assert without.headers["www-authenticate"] == 'Bearer realm="imgate"'
    for client in (CASE, AUDITOR, PARTNER, "admin"):
        answer = http.request(method, path, headers=bearer(client))
        assert (answer.status_code == 403) == (client not in may), client
        assert answer.status_code != 401
        if client not in may:
            assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("POST", "messages"),
        ("GET", "outbox"),
        ("POST", f"outbox/{ID}/ack"),
        ("POST", f"outbox/{ID}/reject"),
        ("POST", f"outbox/{ID}/end-of-use"),
    ],
)
def test_another_partners_path_is_the_same_403_whether_or_not_it_exists(http, bearer, method, rest):
    headers = bearer(PARTNER)
    paths = [f"/v1/partners/{partner}/{rest}" for partner in ("abh-winnenden", "never-heard-of", "JOBCENTER-REMS-MURR", "a" * 200)]
    answers = [http.request(method, path, headers=headers) for path in paths]
    answers.append(http.request(method, paths[0] + "?limit=nonsense", headers=headers, content=b"{" * 100))
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, answers[0].content)}


def test_refusals_come_before_the_body_and_the_query_are_looked_at(http, bearer):
    """A body that is too large, broken or of another type changes nothing about a 401 or 403."""
    big = b"x" * (17 * 1024 * 1024)
    for headers in ({}, bearer(AUDITOR)):
        plain = http.post("/v1/exchanges", headers=headers)
        odd = http.post("/v1/exchanges?limit=x", content=big, headers=headers | {"Content-Type": "text/plain"})
        assert odd.status_code == plain.status_code in (401, 403)
        assert odd.content == plain.content


def test_a_token_counts_in_the_header_only(http, token_of):
    token = token_of(CASE)
    assert http.get(f"/v1/inbox?access_token={token}").status_code == 401
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert http.post("/v1/exchanges", content=f"access_token={token}", headers=form).status_code == 401
    assert http.get("/v1/inbox", headers={"Cookie": f"access_token={token}; Authorization=Bearer {token}"}).status_code == 401


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "bearer x", "Basic Y2FzZTpnZWhlaW0=", "Bearer a.b.c", "Token abc", "Bearer \xe9"],
)
def test_what_is_no_token_is_401(http, authorization):
    answer = http.get("/v1/inbox", headers={"Authorization": authorization.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.json()["code"] in ("token_missing", "token_invalid")


def test_two_tokens_are_none(http, token_of):
    token = token_of(CASE)
    answer = http.get("/v1/inbox", headers=[("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")])
    assert answer.status_code == 401


def test_a_bad_token_is_told_by_the_challenge(http):
    answer = http.get("/v1/inbox", headers={"Authorization": "Bearer a.b.c"})
    assert answer.headers["www-authenticate"] == 'Bearer realm="imgate", error="invalid_token"'


def test_a_verified_token_is_verified_once_and_its_access_not_looked_up_each_time(http, bearer, accesses):
    headers = bearer(CASE)
    accesses.asked.clear()
    for _ in range(20):
        assert http.get("/v1/inbox", headers=headers).status_code == 503
    assert accesses.asked == [CASE]


def test_a_revoked_access_holds_nowhere_after_five_seconds(http, bearer, accesses, monkeypatch):
    headers = bearer(CASE)
    moment = [1000.0]
    monkeypatch.setattr(callers.time, "monotonic", lambda: moment[0])
    assert http.get("/v1/inbox", headers=headers).status_code == 503
    del accesses.held[CASE]
    moment[0] += callers.LOOK_AGAIN_AFTER + 0.01
    assert callers.LOOK_AGAIN_AFTER < callers.WAIT_AFTER < 5
    assert http.get("/v1/inbox", headers=headers).json()["code"] == "token_invalid"
    assert http.post("/v1/exchanges", headers=headers).json()["code"] == "token_invalid"


def test_a_token_ends_with_the_role_that_its_access_had(http, bearer, accesses, monkeypatch):
    headers = bearer(PARTNER)
    accesses.add(PARTNER, Role.PARTNER, "abh-winnenden")
    assert http.get("/v1/partners/jobcenter-rems-murr/outbox", headers=headers).json()["code"] == "token_invalid"


def test_a_database_that_does_not_answer_lets_nobody_in(http, bearer, gateway, accesses, monkeypatch):
    headers = bearer(CASE)

    def broken(_: str) -> None:
        raise RuntimeError("K-2026-0815 stands in this text")

    monkeypatch.setattr(accesses, "get", broken)
    http.app._app.state.callers._find_access = broken
    answer = http.get("/v1/exchanges?client=K-1", headers=headers)
    assert answer.status_code == 500
    assert "K-2026" not in answer.text


def test_an_expired_token_is_not_served_from_memory(http, bearer, gateway, monkeypatch):
    headers = bearer(CASE)
    assert http.get("/v1/inbox", headers=headers).status_code == 503
    clock = http.app._app.state.callers._clock
    monkeypatch.setattr(http.app._app.state.callers, "_clock", lambda: clock() + 301)
    assert http.get("/v1/inbox", headers=headers).json()["code"] == "token_invalid"


def test_the_caller_reaches_the_corridor(http, bearer, monkeypatch):
    monkeypatch.setattr(history, "show", lambda corridor, exchange: {"id": exchange})
    answer = http.get(f"/v1/exchanges/{ID}", headers=bearer(AUDITOR))
    assert answer.json() == {"id": ID}
    assert answer.headers["cache-control"] == "no-store"
