"""What every answer has, what is logged, and that nothing which was sent comes back."""

import asyncio
import json

import pytest
import structlog

from imgate.adapters.errors import AdapterFault
from imgate.exchange import boxes, foreseen, inbound, outbound
from imgate.exchange.answers import Answer
from imgate.exchange.declarations import register
from imgate.exchange.refusals import Refused
from imgate.http.body import read_body
from tests.in_process import InProcessClient

CANARY = "Kanarienvogel-4711"
ID = "00000000-0000-4000-8000-000000000000"
EXCHANGE = {"client": "K-1", "partner": "jobcenter-rems-murr", "purpose": "housing", "record": {}}
MIB = 1024 * 1024


@pytest.fixture
def case(http, bearer):
    return bearer("case")


@pytest.fixture
def log():
    with structlog.testing.capture_logs() as lines:
        yield lines


def shape(answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:imgate:problem:{document['code']}"
    assert document["title"]
    return answer.status_code, document["code"]


def in_chunks(*parts: bytes):
    yield from parts


@pytest.mark.parametrize("path", ["/v1/exchanges", "/v1/exchanges/preview", "/access/v1/evaluation", "/v1/declarations"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff", "not_utf8"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"client":"a","client":"b"}', "duplicate_key"),
        (b'{"a":"\\ud800"}', "lone_surrogate"),
        (b'{"a":NaN}', "number_not_finite"),
        (b'{"a":9007199254740993}', "integer_too_large"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "too_deep"),
        (b"[" * 1_000_000, "too_deep"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_body_that_can_be_read_in_two_ways_is_400(http, case, path, body, code):
    answer = http.post(path, content=body, headers=case | {"Content-Type": "application/json"})
    status, given = shape(answer)
    assert status == 400
    assert given == code or (code == "too_deep" and given == "not_json")


@pytest.mark.parametrize("path", ["/v1/exchanges", "/v1/declarations", "/v1/exchanges/preview"])
def test_json_of_the_wrong_shape_is_422_with_every_problem(http, case, path):
    answer = http.post(path, json={CANARY: CANARY, "client": f"{CANARY} ü"}, headers=case)
    assert shape(answer) == (422, "request_invalid")
    problems = answer.json()["problems"]
    assert {"code": "unknown_field", "pointer": "/?"} in problems
    assert {"code": "shape", "pointer": "/client"} in problems
    assert {"code": "missing", "pointer": "/partner"} in problems
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("media_type", "accepted"),
    [
        (None, True),
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ('APPLICATION/JSON;charset="UTF-8"', True),
        ("application/json; charset=latin-1", False),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("application/problem+json", False),
        ("", False),
    ],
)
def test_json_says_that_it_is_json(http, case, media_type, accepted):
    headers = case if media_type is None else case | {"Content-Type": media_type}
    answer = http.post("/v1/exchanges", content=b"{}", headers=headers)
    assert shape(answer) == ((422, "request_invalid") if accepted else (415, "media_type_unsupported"))


def test_a_compressed_body_is_not_unpacked(http, case, bearer):
    for path, headers in (("/v1/exchanges", case), ("/v1/partners/jobcenter-rems-murr/messages", bearer("jobcenter"))):
        answer = http.post(path, content=b"{}", headers=headers | {"Content-Encoding": "gzip"})
        assert shape(answer) == (415, "media_type_unsupported")


@pytest.mark.parametrize(
    ("path", "caller"),
    [("/v1/exchanges", "case"), ("/v1/declarations", "case"), ("/v1/partners/jobcenter-rems-murr/messages", "jobcenter")],
)
def test_more_than_16_mib_is_413_said_or_not(http, bearer, path, caller):
    headers = bearer(caller) | {"Content-Type": "application/json"}
    assert shape(http.post(path, content=b"x" * (16 * MIB + 1), headers=headers)) == (413, "body_too_large")
    answer = http.post(path, content=in_chunks(*[b"x" * MIB] * 17), headers=headers)
    assert "content-length" not in answer.request.headers
    assert shape(answer) == (413, "body_too_large")


def test_a_length_that_is_no_number_does_not_help(app, bearer):
    """Handed to the app as a server might: the count while reading is what counts."""
    http = InProcessClient(app, "http://gateway.test")
    for length in ("-1", "9" * 400, "1e3"):
        answer = http.post("/v1/exchanges", content=b"{}", headers=bearer("case") | {"Content-Length": length})
        assert answer.status_code in (413, 422)


def test_no_more_is_read_than_the_limit():
    asked = 0

    async def receive():
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * MIB, "more_body": True}

    with pytest.raises(Refused):
        asyncio.run(read_body({"headers": []}, receive))
    assert asked == 17


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/exchanges/", 404, "not_found"),
        ("GET", f"/v1/exchanges/{CANARY}", 404, "not_found"),
        ("GET", f"/v1/exchanges/{ID.upper().replace('0', 'A')}", 404, "not_found"),
        ("PATCH", "/v1/exchanges", 405, "method_not_allowed"),
        ("GET", "/oauth/token", 405, "method_not_allowed"),
        ("GET", "/v1/exchanges", 422, "request_invalid"),
        ("GET", f"/v1/exchanges?client={CANARY}%20x", 422, "request_invalid"),
        ("GET", "/v1/inbox?limit=0", 422, "request_invalid"),
        ("GET", "/v1/inbox?limit=501", 422, "request_invalid"),
        ("GET", f"/v1/inbox?limit={CANARY}", 422, "request_invalid"),
        ("GET", "/v1/inbox?after=" + "x" * 600, 422, "request_invalid"),
    ],
)
def test_what_fits_nowhere_is_a_problem_document_too(http, case, method, path, status, code):
    answer = http.request(method, path, headers=case)
    assert shape(answer) == (status, code)
    assert CANARY not in answer.text
    if status == 405:
        assert answer.headers["allow"]


def test_a_problem_in_the_query_names_the_parameter(http, case):
    assert http.get("/v1/inbox?limit=0", headers=case).json()["problems"] == [{"code": "out_of_range", "pointer": "/limit"}]


def test_no_redirect_is_built_from_the_host_header(http, case):
    answer = http.get("/v1/inbox/", headers=case | {"Host": "evil.test"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize("path", ["/v1/exchanges", "/v1/exchanges/preview"])
def test_a_fault_is_500_and_says_nothing(http, case, monkeypatch, log, path):
    def fail(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(outbound, "send", fail)
    monkeypatch.setattr(foreseen, "preview", fail)
    answer = http.post(path, json=EXCHANGE, headers=case)
    assert shape(answer) == (500, "internal_error")
    assert CANARY not in answer.text
    assert {"event": "fault", "log_level": "error", "route": path, "status": 500, "exception": "ValueError"} in log
    assert CANARY not in str(log)


def test_an_adapters_fault_is_named_in_the_log_only(http, case, monkeypatch, log):
    def fail(*_: object) -> None:
        raise AdapterFault("jobcenter", "scope_missing", "language.level")

    monkeypatch.setattr(outbound, "send", fail)
    answer = http.post("/v1/exchanges", json=EXCHANGE, headers=case)
    assert shape(answer) == (500, "adapter_fault")
    assert "language" not in answer.text
    assert log[0]["kind"] == "scope_missing"


def test_what_the_corridor_refuses_goes_out_as_it_is(http, case, monkeypatch):
    async def refuse(*_: object) -> Answer:
        raise Refused(422, "provenance_required", scopes=["language.level"])

    monkeypatch.setattr(outbound, "send", refuse)
    answer = http.post("/v1/exchanges", json=EXCHANGE, headers=case)
    assert shape(answer) == (422, "provenance_required")
    assert answer.json()["scopes"] == ["language.level"]


def test_what_the_corridor_answers_goes_out_byte_for_byte(http, case, monkeypatch):
    seen = []

    async def send(corridor, call, request) -> Answer:
        seen.append(call)
        return Answer(201, b'{"id":"x", "as":"it is"}')

    monkeypatch.setattr(outbound, "send", send)
    body = json.dumps(EXCHANGE)
    answer = http.post("/v1/exchanges", content=body, headers=case | {"Idempotency-Key": "k-1"})
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (201, b'{"id":"x", "as":"it is"}', "application/json")
    assert (seen[0].actor, seen[0].path, seen[0].key, seen[0].body) == ("case", "/v1/exchanges", "k-1", body.encode())


@pytest.mark.parametrize("keys", [[""], ["a b"], ["k" * 256], ["ä"], ["k", "k"]], ids=str)
def test_an_idempotency_key_is_one_plain_word(http, case, keys):
    headers = [*case.items(), *(("Idempotency-Key", key.encode()) for key in keys)]
    answer = http.post("/v1/exchanges", json=EXCHANGE, headers=headers)
    assert shape(answer) == (400, "idempotency_key_invalid")


def test_a_message_is_handed_on_as_it_came(http, bearer, monkeypatch):
    seen = []

    async def accept(corridor, call, partner, media_type, body) -> Answer:
        seen.append((call.actor, call.path, partner, media_type, body))
        return Answer(202, b"{}")

    monkeypatch.setattr(inbound, "accept", accept)
    path = "/v1/partners/jobcenter-rems-murr/messages"
    answer = http.post(path, content=b"\x00\xff<xml/>", headers=bearer("jobcenter") | {"Content-Type": "text/XML; v=1"})
    assert answer.status_code == 202
    assert seen == [("jobcenter", path, "jobcenter-rems-murr", "text/XML; v=1", b"\x00\xff<xml/>")]


def test_pause_and_revocation_need_no_body(http, case, monkeypatch):
    seen = []
    for name in ("pause", "resume", "revoke"):
        monkeypatch.setattr(register, name, lambda corridor, call, which, request: seen.append(request) or Answer(200, b"{}"))
    for action in ("pause", "resume", "revocation"):
        assert http.post(f"/v1/declarations/{ID}/{action}", headers=case).status_code == 200
    assert [request.scopes for request in seen] == [None, None, None]


def test_an_acknowledgement_has_no_body(http, case, monkeypatch):
    monkeypatch.setattr(boxes, "inbox_ack", lambda *_: None)
    answer = http.post(f"/v1/inbox/{ID}/ack", headers=case)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("path", ["/healthz", "/v1/inbox", "/v1/exchanges", "/nowhere", "/", "/reference", "/openapi.json", "/oauth/token"])
def test_every_answer_has_the_fixed_headers(http, path):
    headers = http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "script" not in headers["content-security-policy"]
    assert headers["cache-control"] == ("public, max-age=300" if path in ("/", "/reference", "/openapi.json") else "no-store")


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        (b"bfe9eb29-ab87", True),
        (b"!" * 128, True),
        (b"x" * 129, False),
        (b"a b", False),
        (b"\xe4", False),
        (b"", False),
        (b"a\x00b", False),
    ],
)
def test_a_request_id_is_echoed_if_it_is_harmless(http, sent, echoed):
    answer = http.get("/healthz", headers={"X-Request-ID": sent})
    assert answer.headers.get("x-request-id") == (sent.decode() if echoed else None)


def test_the_log_has_templates_and_no_paths(http, case, log, metrics):
    http.get(f"/v1/exchanges?client={CANARY}", headers=case | {"X-Request-ID": CANARY, "User-Agent": CANARY})
    http.get(f"/v1/clients/{CANARY}/disclosures", headers=case)
    http.get(f"/v1/{CANARY}", headers=case)
    http.post("/v1/exchanges", content=f'{{"{CANARY}":"{CANARY}"}}', headers=case | {"Idempotency-Key": CANARY})
    http.post(f"/v1/partners/{CANARY}/messages", content=CANARY, headers=case)
    assert CANARY not in str(log)
    requests = [(line["route"], line["status"], line["caller"]) for line in log if line["event"] == "request"]
    assert requests[-5:] == [
        ("/v1/exchanges", 503, "case"),
        ("/v1/clients/{client}/disclosures", 503, "case"),
        ("-", 404, None),
        ("/v1/exchanges", 422, "case"),
        ("/v1/partners/{partner}/messages", 403, "case"),
    ]
    assert CANARY not in metrics.text({})


def test_health_and_readiness_say_yes_or_no_and_nothing_else(http):
    assert (http.get("/healthz").status_code, http.get("/healthz").json()) == (200, {"ok": True})
    assert (http.get("/readyz").status_code, http.get("/readyz").json()) == (503, {"ok": False})


def test_public_keys_are_public(http):
    keys = http.get("/.well-known/jwks.json").json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "y", "kid", "use", "alg", "imgate_use"}] * 2


def test_authzen_metadata(http):
    url = "http://gateway.test"
    assert http.get("/.well-known/authzen-configuration").json() == {
        "policy_decision_point": url,
        "access_evaluation_endpoint": f"{url}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{url}/access/v1/evaluations",
    }


@pytest.mark.parametrize("path", ["/", "/reference"])
def test_pages_need_nothing_from_anywhere_else(http, path):
    page = http.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text
    for address in ("https://", "//cdn", "@import", "url("):
        assert address not in page.text
    assert "Integrationsmanagement Winnenden" in page.text or path == "/reference"
