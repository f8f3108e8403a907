"""The published JSON Schemas of a declaration, its bundle, an exchange and its receipt, generated from the models that read them."""

import json
from typing import Any

from pydantic import BaseModel

from imgate.consent.bundle import BUNDLE
from imgate.consent.declaration import DeclarationRequest
from imgate.consent.receipt import RECEIPT
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.rights.shapes import export_schema

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CASE_RECORD = "urn:imgate:schema:case-record:1"


def published_schemas() -> dict[str, str]:
    """Give the text of each published file by its path in the repository."""
    files = {
        "schemas/declaration.schema.json": _schema(DeclarationRequest, "declaration", "What a client signs, as the case system posts it"),
        "schemas/declaration-bundle.schema.json": _published(
            BUNDLE.json_schema(), "declaration-bundle", "A declaration, its evidence and history in one signed file"
        ),
        "schemas/exchange.schema.json": _exchange(),
        "schemas/client-export.schema.json": _published(
            export_schema(), "client-export", "A client's data as files, one definition a file"
        ),
        "schemas/receipt.schema.json": _published(
            RECEIPT.json_schema(), "receipt", "What the signed receipt beside a message says: the payload of the JWS"
        ),
    }
    return {path: json.dumps(schema, ensure_ascii=False, indent=2) + "\n" for path, schema in files.items()}


def _exchange() -> dict[str, Any]:
    schema = _schema(ExchangeRequest, "exchange", "One client's data for one partner, as the case system posts it")
    schema["properties"]["record"] = {"$ref": _CASE_RECORD}
    del schema["$defs"]
    return schema


def _schema(model: type[BaseModel], name: str, title: str) -> dict[str, Any]:
    return _published(model.model_json_schema(), name, title)


def _published(schema: dict[str, Any], name: str, title: str) -> dict[str, Any]:
    return {"$schema": _DIALECT, "$id": f"urn:imgate:schema:{name}:1", **_plain(schema), "title": title}


def _plain(schema: Any) -> Any:
    """Take off what pydantic made of the names and docstrings of our classes."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    titles = {key for key in ("title", "description") if isinstance(schema.get(key), str)}
    return {key: _plain(value) for key, value in schema.items() if key not in titles}
