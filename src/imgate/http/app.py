"""Puts the HTTP door together: the routes, the front, and what they are handed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any, Protocol

import orjson
from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from imgate.documents.papers import Papers
from imgate.exchange.context import Corridor
from imgate.exchange.ports import BadCursor, Issuer, Look
from imgate.exchange.refusals import Refused
from imgate.http.access_tokens import AccessTokens, TokenKeys
from imgate.http.callers import Callers
from imgate.http.client_assertion import Assertions
from imgate.http.front import Front, HotRoute
from imgate.http.metrics import PROCESS, Metrics
from imgate.http.oauth import Access, TokenEndpoint
from imgate.http.openapi import openapi_document
from imgate.http.pages import render_pages
from imgate.http.problems import foreseen
from imgate.http.routes import (
    audit,
    bundles,
    clients,
    declarations,
    evaluations,
    exchanges,
    papers,
    partners,
    public,
    received,
    revocations,
    tokens,
    updates,
)
from imgate.http.routing import app_of
from imgate.record import JsonRefused

ROUTERS = (tokens, declarations, papers, bundles, clients, exchanges, updates, partners, received, revocations, evaluations, audit, public)
_EXAMINATIONS_AT_ONCE = 4
_PAPERS_AT_ONCE = 2  # one is set, the next is made ready
_FORESEEN: tuple[type[Exception], ...] = (Refused, JsonRefused, BadCursor, HTTPException, RequestValidationError, Exception)


class Accesses(Protocol):
    """Who may call, as the store keeps it. Both methods block."""

    def get(self, client_id: str) -> Access | None:
        """Give an access that holds now: one that was revoked is not given."""

    def use_once(self, client_id: str, jti: str, expires_at: int) -> bool:
        """Remember the id of an assertion until it has expired; tell whether it was new."""


class Gateway(Protocol):
    """What the door needs of the gateway."""

    @property
    def corridor(self) -> Corridor:
        """The corridor that answers."""

    @property
    def accesses(self) -> Accesses:
        """Who may call."""

    @property
    def token_keys(self) -> TokenKeys:
        """The keys of access tokens."""

    @property
    def jwks(self) -> Mapping[str, Any]:
        """The public keys, of access tokens and of statements, as anybody may have them (RFC 7517 §5)."""

    @property
    def issuer(self) -> Issuer:
        """What a bundle says about the gateway."""

    @property
    def papers(self) -> Papers:
        """What makes forms."""

    @property
    def name(self) -> str:
        """The unit's name."""

    @property
    def url(self) -> str:
        """The gateway's own address, without a slash at the end."""


def create_app(
    gateway: Gateway, metrics: Metrics = PROCESS, ready: Callable[[], bool] | None = None, pages: ASGIApp | None = None
) -> Front:
    """Make the ASGI app. The OpenAPI document and its page are made when somebody first asks: they take a fifth of a second.

    ``ready`` tells whether requests are welcome, and may block; without it, whether the database answers. ``pages`` answers everything
    under ``/pages``.
    """
    app = app_of((module.router for module in ROUTERS), dict.fromkeys(_FORESEEN, foreseen))
    _hand(app, gateway)
    app.state.ready = ready or partial(public.database_answers, gateway.corridor)
    exact = {("POST", "/v1/exchanges"): HotRoute("/v1/exchanges", exchanges.create_exchange_at_once)}
    messages = HotRoute("/v1/partners/{partner}/messages", partners.hand_in_message_at_once)
    return Front(app, exact, messages, metrics, partial(_put_on_record, gateway.corridor), pages)


async def _put_on_record(corridor: Corridor, looks: Callable[[datetime], list[Look]]) -> None:
    await corridor.store.commit(lambda tx: tx.looks.add(looks(corridor.clock())))


def _hand(app: FastAPI, gateway: Gateway) -> None:
    """Give the routes what they work with."""
    corridor, accesses, keys = gateway.corridor, gateway.accesses, gateway.token_keys

    def unix_time() -> float:
        return corridor.clock().timestamp()

    access_tokens = AccessTokens(gateway.url, keys)
    assertions = Assertions(frozenset({gateway.url, f"{gateway.url}/oauth/token"}), accesses.use_once)
    app.state.corridor = corridor
    app.state.issuer = gateway.issuer
    app.state.papers = gateway.papers
    app.state.url = gateway.url
    app.state.examinations = CapacityLimiter(_EXAMINATIONS_AT_ONCE)
    app.state.typesetting = CapacityLimiter(_PAPERS_AT_ONCE)
    app.state.callers = Callers(access_tokens, accesses.get, unix_time)
    app.state.token_endpoint = TokenEndpoint(access_tokens, accesses.get, assertions, unix_time)
    app.state.jwks = public.Published.of(orjson.dumps(gateway.jwks))
    app.state.pages = cache(lambda: render_pages(openapi_document(app, gateway.url), gateway.name))
