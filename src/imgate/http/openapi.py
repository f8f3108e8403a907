"""The OpenAPI document: FastAPI's, completed by what the routes read themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from imgate import __version__
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange.declarations.would_be import AnnexRequest
from imgate.exchange.end_of_use_answers import EndOfUseByTelephone, EndOfUseRequest
from imgate.exchange.requests import (
    ExchangeRequest,
    LinkRequest,
    PauseRequest,
    RejectRequest,
    RenewalRequest,
    RevocationRequest,
    SignatureRequest,
    UpdateRequest,
)
from imgate.http.callers import Admission
from imgate.http.standard_shapes import ProblemDocument
from imgate.vocabulary.words import Role

REQUESTS: tuple[type[BaseModel], ...] = (
    AnnexRequest,
    DeclarationRequest,
    EndOfUseByTelephone,
    EndOfUseRequest,
    ExchangeRequest,
    LinkRequest,
    PauseRequest,
    RejectRequest,
    RenewalRequest,
    RevocationRequest,
    SignatureRequest,
    UpdateRequest,
)
_REFERENCE = "#/components/schemas/{model}"
_SUMMARY = "Data-exchange gateway for integration management: what a client's declaration permits leaves the house, and nothing else."
_DESCRIPTION = (
    "Every call needs an access token of the role that the operation names; see `/oauth/token`. "
    "Refusals are RFC 9457 problem documents with a stable `code`. Nothing that was sent is repeated in one."
)
_ROLES = {
    Role.CASE_SYSTEM: "the system where integration managers work",
    Role.PARTNER: "one partner, bound to its own path",
    Role.AUDITOR: "reads declarations, exchanges and disclosures",
    Role.ADMIN: "operates; sees no content",
}


def openapi_document(app: FastAPI, url: str) -> dict[str, Any]:
    """Build the document. ``url`` is the gateway's address as configured."""
    document = get_openapi(
        title="imgate", version=__version__, summary=_SUMMARY, description=_DESCRIPTION, routes=app.routes, servers=[{"url": url}]
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    _, definitions = models_json_schema([(model, "validation") for model in REQUESTS], ref_template=_REFERENCE)
    problem = TypeAdapter(ProblemDocument).json_schema(ref_template=_REFERENCE)
    schemas |= definitions["$defs"] | problem.pop("$defs") | {"ProblemDocument": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    flow = {"tokenUrl": f"{url}/oauth/token", "scopes": {role.value: meaning for role, meaning in _ROLES.items()}}
    components["securitySchemes"] = {
        "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}},
        "client": {"type": "http", "scheme": "basic", "description": "client_id and client_secret, at the token endpoint only"},
    }

    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                _name_roles(document["paths"][route.path][method.lower()], route)
    return document


def _name_roles(operation: dict[str, Any], route: APIRoute) -> None:
    """Say who may: any one of the roles that let callers in. Answers of FastAPI's own validation are ours to document."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Admission):
            operation["security"] = [{"oauth": [role.value]} for role in dependency.call.roles]
    undocumented = operation["responses"].get("422", {}).get("content", {})
    if "application/json" in undocumented:
        del operation["responses"]["422"]
