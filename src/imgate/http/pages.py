"""The two pages, rendered once at start from templates that lie beside this file: nothing on them comes from anywhere else."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from imgate import __version__


@dataclass(frozen=True, slots=True)
class Pages:
    """What is served as it is. ``policy`` allows the one style sheet in the pages, by its digest, and nothing else."""

    openapi: bytes
    front: str
    reference: str
    policy: str


def render_pages(document: dict[str, Any], gateway_name: str) -> Pages:
    """Render the pages and write the OpenAPI document out."""
    environment = Environment(
        loader=PackageLoader("imgate.http"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["pretty"] = lambda value: orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    loader = environment.loader
    assert loader is not None  # noqa: S101  # given three lines above
    style = loader.get_source(environment, "style.css")[0].strip()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    shared = {"style": style, "version": __version__, "gateway": gateway_name, "document": document}
    return Pages(
        orjson.dumps(document),
        environment.get_template("front.html").render(shared),
        environment.get_template("reference.html").render(shared),
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
