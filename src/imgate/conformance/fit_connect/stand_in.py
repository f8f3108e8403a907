"""The stand-in itself: a real HTTP server on a free port of this machine, with the receiver behind it."""

import secrets
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imgate.conformance.fit_connect import events, keys
from imgate.conformance.fit_connect.faults import Fault, Faults
from imgate.conformance.fit_connect.receiver import Submitted, judge
from imgate.conformance.fit_connect.submissions import Refusal, Submission, announced, attachment_refusal, submit_refusal
from imgate.conformance.simulated import Received
from imgate.transports.fit_connect.callback import authentication_of

_PROBLEMS = "https://schema.fitko.de/fit-connect/submission-api/problems/"
_SCHEMAS = {"application/json": "https://schema.example.org/stand-in.json", "application/xml": "https://schema.example.org/stand-in.xsd"}


class FitConnectStandIn:
    """One destination at a service of its own. A context manager: the server runs inside the block."""

    def __init__(self, service: str = "urn:de:fim:leika:leistung:99000000000000", *, accepts: bool = False) -> None:
        """Take which service (Leistung) the destination offers, and whether its receiver accepts at once what it can read."""
        self.service = service
        self.client_id, self.secret = "stand-in-client", secrets.token_urlsafe(32)
        self.callback_secret = secrets.token_urlsafe(32)
        self._accepts = accepts
        self._lock = threading.RLock()
        self._faults = Faults(self._app(), self._cut)
        self.reset()
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self._faults, log_config=None, access_log=False, ws="none", lifespan="off", proxy_headers=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, name="fit-connect", daemon=True)

    def reset(self) -> None:
        """Begin anew, as another destination: nothing held, no token given out, every key as it should be."""
        with self._lock:
            self.destination = str(uuid.uuid4())
            self.token_life = 1800
            self.status = "active"
            self.schemas: Mapping[str, str] = _SCHEMAS
            self.jwks = {key["kid"]: key for key in (keys.encryption_jwk(), keys.receiver_jwk())}
            self.submissions: dict[str, Submission] = {}
            self._tokens: dict[str, float] = {}
            self._held: dict[str, Received] = {}
            self._faults.calls.clear()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def entries(self) -> dict[str, Any]:
        """What stands in ``transport = { kind = "fit-connect", … }`` for it, with the secrets that come by the environment."""
        return {
            "submission_url": self.url,
            "token_url": f"{self.url}/token",
            "client_id": self.client_id,
            "secret": self.secret,
            "destination": self.destination,
            "service": self.service,
            "callback_secret": self.callback_secret,
        }

    @property
    def held(self) -> tuple[Received, ...]:
        """What the receiver has, in the order of arrival: one for each submission that it could read."""
        with self._lock:
            return tuple(self._held.values())

    @property
    def calls(self) -> tuple[str, ...]:
        """Each call so far, as ``METHOD /path``."""
        return tuple(self._faults.calls)

    def __enter__(self) -> Self:
        """Start the server."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.should_exit = True
        self._thread.join()

    def submission(self, message_id: str) -> Submission:
        """Give the submission in which this message came. Raises KeyError."""
        with self._lock:
            return self.submissions[next((name for name, one in self._held.items() if one.id == message_id), message_id)]

    def accept(self, message_id: str) -> None:
        """Accept as the receiver: the service deletes the submission, its log stays."""
        with self._lock:
            submission = self.submission(message_id)
            self.write(submission, events.claims(self.destination, *_ids(submission), "accept-submission", submission.tags))
            submission.clear("accepted")

    def reject(self, message_id: str, problem: str = "schema-violation") -> None:
        """Reject as the receiver, with one problem."""
        with self._lock:
            self._reject(self.submission(message_id), events.problem(problem, "data"))

    def delete(self, submission: Submission) -> None:
        """Delete as the service does after its term: what stayed incomplete, or was never fetched."""
        with self._lock:
            self.write(submission, events.claims(self.url, *_ids(submission), "delete-submission"))
            submission.clear("deleted")

    def write(self, submission: Submission, claims: dict[str, Any]) -> None:
        """Sign claims as whoever they name as issuer, and write them into the log."""
        own = claims["iss"] == self.destination
        key, kid = (keys.receiver_key(), keys.RECEIVER_KID) if own else (keys.service_key(), keys.SERVICE_KID)
        submission.log.append(events.signed(claims, key, kid))

    def forget_tokens(self) -> None:
        """Take no token that was given out before."""
        with self._lock:
            self._tokens.clear()

    @contextmanager
    def failing(self, method: str, path: str, **how: Any) -> Iterator[Fault]:
        """Fail calls inside the block; ``how`` as in ``Fault``."""
        fault = Fault(method, path, **how)
        self._faults.scripted.append(fault)
        try:
            yield fault
        finally:
            self._faults.scripted.remove(fault)

    def call_back(self, url: str, submission: Submission) -> httpx2.Response:
        """Call as the service does when there are new events. That the body looks so is an assumption; nobody is to read it."""
        body = f'{{"type":"https://schema.fitko.de/fit-connect/submission-api/callbacks/new-events","caseIds":["{submission.case}"]}}'
        timestamp = str(int(time.time()))
        authentication = authentication_of(self.callback_secret.encode(), timestamp, body.encode())
        headers = {"callback-timestamp": timestamp, "callback-authentication": authentication, "content-type": "application/json"}
        return httpx2.post(url, content=body.encode(), headers=headers, trust_env=False)

    def _cut(self) -> None:
        for connection in tuple(self._server.server_state.connections):
            connection.transport.abort()

    def _reject(self, submission: Submission, problem: dict[str, str]) -> None:
        payload = {"problems": [problem]}
        self.write(submission, events.claims(self.destination, *_ids(submission), "reject-submission", payload))
        submission.clear("rejected")

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self._give_token, methods=["POST"]),
                Route("/.well-known/jwks.json", self._service_keys),
                Route("/v2/destinations/{destination}", self._destination),
                Route("/v2/destinations/{destination}/keys/{kid}", self._key),
                Route("/v2/submissions", self._announce, methods=["POST"]),
                Route("/v2/submissions/{submission}/attachments/{attachment}", self._attach, methods=["PUT"]),
                Route("/v2/submissions/{submission}", self._submit, methods=["PUT"]),
                Route("/v2/cases/{case}/events", self._events),
            ]
        )

    async def _give_token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("ascii", errors="replace")))
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        # In the form only: by an Authorization header the real service takes no client.
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[token] = time.monotonic() + self.token_life
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.token_life})

    async def _service_keys(self, request: Request) -> Response:
        del request
        return JSONResponse({"keys": [keys.service_jwk()]})

    async def _destination(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        schemas = [{"schemaUri": uri, "mimeType": media_type} for media_type, uri in self.schemas.items()]
        return JSONResponse(
            {
                "destinationId": self.destination,
                "status": self.status,
                "encryptionKid": keys.ENCRYPTION_KID,
                "metadataVersions": ["2.1.0"],
                "publicServices": [{"identifier": self.service, "regions": ["DE"], "submissionSchemas": schemas}],
            }
        )

    async def _key(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        key = self.jwks.get(request.path_params["kid"])
        return _problem(Refusal(404, "key-not-found")) if key is None else JSONResponse(key)

    async def _announce(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        opened = announced(await _object(request), self.destination, self.service)
        if isinstance(opened, Refusal):
            return _problem(opened)
        with self._lock:
            self.submissions[opened.id] = opened
            self.write(opened, events.claims(self.url, *_ids(opened), "create-submission"))
        return JSONResponse({"submissionId": opened.id, "caseId": opened.case, "destinationId": self.destination}, 201)

    async def _attach(self, request: Request) -> Response:
        submission, attachment = self.submissions.get(request.path_params["submission"]), request.path_params["attachment"]
        if (refused := self._refused(request, submission)) is not None or submission is None:
            return refused or _problem(Refusal(404, "submission-not-found"))
        if request.headers.get("content-type") != "application/jose":
            return _problem(Refusal(415, "unsupported-media-type"))
        encrypted = (await request.body()).decode("ascii", errors="replace")
        with self._lock:
            if (refusal := attachment_refusal(submission, attachment, encrypted)) is not None:
                return _problem(refusal)
            submission.attachments[attachment] = encrypted
        return Response(status_code=204)

    async def _submit(self, request: Request) -> Response:
        submission = self.submissions.get(request.path_params["submission"])
        if (refused := self._refused(request, submission)) is not None or submission is None:
            return refused or _problem(Refusal(404, "submission-not-found"))
        body = await _object(request)
        with self._lock:
            if (refusal := submit_refusal(submission, body)) is not None:
                return _problem(refusal)
            self._take(submission, Submitted(body["encryptedMetadata"], body["encryptedData"], dict(submission.attachments)))
        return JSONResponse({"submissionId": submission.id, "caseId": submission.case})

    def _take(self, submission: Submission, submitted: Submitted) -> None:
        tags: dict[str, Any] = {
            "metadata": events.authentication_tag(submitted.metadata),
            "data": events.authentication_tag(submitted.data),
        }
        if submitted.attachments:
            tags["attachments"] = {name: events.authentication_tag(one) for name, one in submitted.attachments.items()}
        submission.state, submission.tags = "submitted", {"authenticationTags": tags}
        self.write(submission, events.claims(self.url, *_ids(submission), "submit-submission", submission.tags))
        self.write(submission, events.claims(self.url, *_ids(submission), "notify-submission"))
        read = judge(submitted, self.schemas)
        if isinstance(read, dict):
            self._reject(submission, read)
            return
        submission.message_id = read.id
        self._held[submission.id] = read
        if self._accepts:
            self.accept(read.id)

    async def _events(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        with self._lock:
            log = next((list(one.log) for one in self.submissions.values() if one.case == request.path_params["case"]), None)
        if log is None:
            return _problem(Refusal(404, "case-not-found"))
        offset, limit = int(request.query_params.get("offset", 0)), int(request.query_params.get("limit", 500))
        page = log[offset : offset + limit]
        return JSONResponse({"offset": offset, "count": len(page), "totalCount": len(log), "eventLog": page})

    def _refused(self, request: Request, submission: Submission | None = None) -> Response | None:
        """Refuse a call without a token, for another destination, or about a submission that is deleted."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            if self._tokens.get(token, 0.0) < time.monotonic():
                return _problem(Refusal(401, "unauthorized"))
        if request.path_params.get("destination", self.destination) != self.destination:
            return _problem(Refusal(404, "destination-not-found"))
        if submission is not None and submission.state in {"accepted", "rejected", "deleted"}:
            return _problem(Refusal(404, "submission-not-found"))
        return None


def _ids(submission: Submission) -> tuple[str, str]:
    return submission.id, submission.case


async def _object(request: Request) -> dict[str, Any]:
    try:
        value = await request.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _problem(refusal: Refusal) -> Response:
    body = {"type": _PROBLEMS + refusal.problem, "title": refusal.problem, "status": refusal.status}
    return JSONResponse(body, refusal.status, media_type="application/problem+json")
