"""Declarations as the doors use them: create, revoke, pause, resume, show. Signing has a file of its own."""

from datetime import datetime
from typing import Any

import structlog

from imgate.audit.events import EventName
from imgate.consent import life
from imgate.consent.declaration import DeclarationRequest, complete_content, first_head, problems_of_declaration
from imgate.consent.head import Head
from imgate.consent.judge import now
from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.changing import change, put_on_log
from imgate.exchange.declarations.evidence import shown_evidence
from imgate.exchange.declarations.loading import deciding, state_of
from imgate.exchange.end_of_use import End, tell_end_of_use
from imgate.exchange.listing import page_of, shown_at
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.exchange.requests import PauseRequest, RevocationRequest
from imgate.exchange.revocation import Withdrawal, withdraw
from imgate.exchange.stored import NOBODY, Cursor, Headless, StoredDeclaration, VerifiedHead
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EndCause

_log = structlog.get_logger()


def create(corridor: Corridor, call: Call, request: DeclarationRequest) -> Answer:
    """Record a declaration as a draft; it permits nothing until it is signed. Raises Refused ``declaration_invalid``."""
    return change(corridor, call, lambda tx, at: create_in(corridor, tx, call, request, at))


def create_in(corridor: Corridor, tx: Transaction, call: Call, request: DeclarationRequest, at: datetime) -> Answer:
    """Record it in this transaction; its predecessor is told. Raises Refused ``declaration_invalid`` with all problems at once."""
    predecessor = None if request.supersedes is None else _predecessor(tx, request.supersedes, request)
    problems = problems_of_declaration(request, corridor.policy, supersedes_known=predecessor is not None)
    if problems:
        raise Refused(422, "declaration_invalid", [Problem(problem.code, problem.pointer) for problem in problems])
    client = tx.clients.open(request.client)
    head = first_head(new_id(), complete_content_of := complete_content(request, corridor.policy))
    tx.declarations.add(client, head, complete_content_of, at)
    put_on_log(tx, EventName.DECLARATION_CREATED, call, client, head, at, digest=head.digest)
    if predecessor is not None:
        older = life.supersede(predecessor.head, head.id)
        tx.declarations.change(client, older, at, "superseded")
        put_on_log(tx, EventName.DECLARATION_SUPERSEDED, call, client, older, at, successor=head.id)
    return Answer.of(201, {"id": head.id, "state": "draft", "digest": head.digest})


def _predecessor(tx: Transaction, declaration: str, request: DeclarationRequest) -> VerifiedHead | None:
    """Find what is to be superseded, if it is of the same client and partner. Its head alone counts."""
    try:
        found = tx.declarations.head(declaration)
    except Unreadable:
        return None
    if found is None or found[0].reference != request.client or found[1].head.partner != request.partner:
        return None
    return found[1]


def revoke(corridor: Corridor, call: Call, declaration: str, request: RevocationRequest) -> Answer:
    """Revoke all scopes or some; what waits is cancelled or narrowed in the same transaction, and no attempt begins after it."""
    return change(corridor, call, lambda tx, at: _revoke(corridor, tx, call, declaration, request, at))


def _revoke(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: RevocationRequest, at: datetime) -> Answer:
    client, stored = deciding(tx, declaration)
    if request.scopes is not None:
        beyond = [index for index, scope in enumerate(request.scopes) if scope not in stored.head.scopes]
        if not request.scopes:
            raise Refused(422, "scopes_empty", [Problem("scopes_empty", "/scopes")])
        if beyond:
            raise Refused(422, "scope_not_in_declaration", [Problem("scope_not_in_declaration", f"/scopes/{index}") for index in beyond])
    head = life.revoke(stored.head, request.scopes, at)
    tx.declarations.change(client, head, at, "revoked" if request.scopes is None else "partly_revoked")
    _keep_reason(tx, client, declaration, at, request.reason)
    put_on_log(tx, EventName.DECLARATION_REVOKED, call, client, head, at, scopes=list(life.revoked_scopes(head)))
    outcome = withdraw(corridor, tx, client, head.partner, call.actor, at, declaration=head.id)
    run = _end_use(corridor, tx, client, (stored.head, head), outcome, call, at)
    return Answer.of(200, _withdrawn(tx, head, outcome, at) | ({} if run is None else {"revocation": run}))


def _keep_reason(tx: Transaction, client: ClientKeys, declaration: str, at: datetime, reason: str | None) -> None:
    """Keep why, if it was said and the key is there to seal it: the client's word holds without a reason too."""
    if not reason:
        return
    try:
        tx.declarations.add_reason(client, declaration, at, reason)
    except Unreadable:
        _log.error("reason_not_kept", declaration=declaration)


def _end_use(
    corridor: Corridor, tx: Transaction, client: ClientKeys, heads: tuple[Head, Head], outcome: Withdrawal, call: Call, at: datetime
) -> str | None:
    """Have the partner told what this revocation ends, if it was handed any of it. What was revoked before is ended already."""
    before, head = heads
    gone = frozenset(life.revoked_scopes(head))
    ending = next((declared for declared in tx.declarations.of(client.digest, head.partner) if declared.id == head.id), None)
    if ending is None or gone <= frozenset(life.revoked_scopes(before)):
        return None
    if ending.wholly_revoked_at is None:
        end = End(ending, EndCause.PARTLY_REVOKED, gone.difference(life.revoked_scopes(before)), at, outcome.in_flight)
    else:
        end = End(ending, EndCause.REVOKED, gone, at, outcome.in_flight)
        tx.declarations.ended(client, head.partner, head.id, at)
    return tell_end_of_use(corridor, tx, client, end, call.actor, at)


def pause(corridor: Corridor, call: Call, declaration: str, request: PauseRequest) -> Answer:
    """Pause the declaration as a whole: until it is resumed it permits nothing, and what waits is withdrawn."""
    return change(corridor, call, lambda tx, at: _turn(corridor, tx, call, declaration, request, at, "paused"))


def resume(corridor: Corridor, call: Call, declaration: str, request: PauseRequest) -> Answer:
    """Resume a paused declaration. What was cancelled while it was paused does not come back."""
    return change(corridor, call, lambda tx, at: _turn(corridor, tx, call, declaration, request, at, "resumed"))


def _turn(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: PauseRequest, at: datetime, event: str) -> Answer:
    client, stored = deciding(tx, declaration)
    head = life.pause(stored.head, at) if event == "paused" else life.resume(stored.head, at)
    if head is not stored.head:
        tx.declarations.change(client, head, at, event)
        _keep_reason(tx, client, declaration, at, request.reason)
        name = EventName.DECLARATION_PAUSED if event == "paused" else EventName.DECLARATION_RESUMED
        put_on_log(tx, name, call, client, head, at)
    outcome = withdraw(corridor, tx, client, head.partner, call.actor, at, declaration=head.id)
    return Answer.of(200, _withdrawn(tx, head, outcome, at))


def _withdrawn(tx: Transaction, head: Head, outcome: Withdrawal, at: datetime) -> dict[str, Any]:
    return {
        "state": state_of(tx, head.id, at),
        "cancelled": outcome.cancelled,
        "already_sent": list(outcome.already_sent),
        "in_flight": list(outcome.in_flight),
    }


def show(corridor: Corridor, declaration: str) -> dict[str, Any]:
    """Show one declaration as GET does. Raises Refused 404."""
    try:
        with corridor.store.reading() as tx:
            found = tx.declarations.get(declaration)
    except Unreadable:
        return shown(Headless(declaration), corridor.clock())
    if found is None:
        raise not_found()
    return shown(found[1], corridor.clock())


def page(corridor: Corridor, client: str, cursor: Cursor) -> dict[str, Any]:
    """List a client's declarations; an unknown client has none. Raises BadCursor, also for one who is unknown."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        if keys is None:
            tx.exchanges.page(NOBODY, cursor)  # every list has the same cursors: a bad one must not tell who is a client
            return {"items": []}
        return page_of(tx.declarations.page(keys, cursor), lambda stored: shown(stored, at))


def shown(stored: StoredDeclaration | Headless, at: datetime) -> dict[str, Any]:
    """Give the shape of GET /v1/declarations/{id}.

    A declaration of which not all is what its head says is ``unreadable``: what could not be opened, or rests on a head that does not
    match its MAC, is left out.
    """
    if isinstance(stored, Headless):
        return {"id": stored.id, "state": "unreadable", "revoked_scopes": [], "evidence": [], "history": []}
    said: dict[str, Any] = {"content": dict(stored.content)} if stored.content else {}
    revoked: tuple[str, ...] = ()
    if stored.verified is not None:
        said["digest"] = stored.head.digest
        revoked = life.revoked_scopes(stored.head)
    return {
        "id": stored.head.id,
        "state": "unreadable" if stored.sound is None else life.state(stored.sound, stored.siblings, now(at)).value,
        **said,
        "revoked_scopes": list(revoked),
        "evidence": [shown_evidence(piece) for piece in stored.evidence],
        "history": [{"at": shown_at(when), "event": event} for when, event in stored.history],
    }
