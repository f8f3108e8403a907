"""The OpenAPI document is complete: whatever is sent, the answer is one that it names, and never a fault."""

import json
import os
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from imgate.http.app import ROUTERS
from imgate.http.body import read_model
from imgate.http.codes import CODES
from imgate.http.openapi import REQUESTS
from imgate.vocabulary.words import Role
from tests.http.live import PARTNER, Door, open_live

OPERATIONS = [
    (method, route.path)
    for module in ROUTERS
    for route in module.router.routes
    if route.include_in_schema
    for method in sorted(route.methods)
]
EXAMPLES = 200 if os.environ.get("IMGATE_LONG") else 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    allow_header_conformance,
]


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with open_live(tmp_path_factory.mktemp("openapi")) as gateway:
        door = Door(gateway)
        door.link()
        door.declare(valid_from="2026-01-01", valid_until="2028-12-31")
        yield door


@pytest.fixture(scope="module")
def document(door):
    return door.http.get("/openapi.json").json()


@pytest.fixture(scope="module")
def api(door):
    return schemathesis.openapi.from_asgi("/openapi.json", door.app)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_documented(door, api, method, path):
    role = Role.PARTNER if "{partner}/" in path else Role.CASE_SYSTEM
    headers = {} if path == "/oauth/token" else {"Authorization": f"Bearer {door.token(role, PARTNER if role is Role.PARTNER else None)}"}

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=api[path][method].as_strategy())
    def every_answer(case):
        if role is Role.PARTNER:
            case.path_parameters["partner"] = PARTNER
        case.call_and_validate(headers=headers, checks=CHECKS)

    every_answer()


def test_every_reference_leads_somewhere(document):
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert name in document["components"]["schemas"], name


def test_every_operation_says_who_may_and_what_it_answers(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], path
            if path.startswith(("/v1/", "/access/")) and not path.endswith("/callback"):  # that one bears a signature, no token
                assert operation["security"], (method, path)
                assert {"401", "403", "500"} <= operation["responses"].keys()
            for status, response in operation["responses"].items():
                for media_type, content in response.get("content", {}).items():
                    if media_type == "application/problem+json":
                        codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
                        assert {CODES[code].status for code in codes} == {int(status)}


def test_every_code_is_documented_at_some_operation(document):
    shown = set(re.findall(r'"enum": \[([^]]*)\]', json.dumps(document)))
    named = {name for group in shown for name in re.findall(r'"([a-z_0-9]+)"', group)}
    of_no_operation = {"method_not_allowed", "bad_request"}
    assert set(CODES) - named == of_no_operation


def test_examples_are_requests_that_are_read(document):
    models = {model.__name__: model for model in REQUESTS}
    seen = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"].get("$ref", "/").rpartition("/")[2]
                if name in models:
                    read_model(models[name], json.dumps(content["example"]).encode())
                    seen.add(name)
    assert seen == set(models)
