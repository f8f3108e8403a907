"""Declarations as the doors use them: create, revoke, pause, resume, show. Signing has a file of its own."""

from datetime import datetime
from typing import Any

from imgate.audit.events import EventName
from imgate.consent import life
from imgate.consent.declaration import DeclarationRequest, complete_content, content_digest, first_head, problems_of_declaration
from imgate.consent.head import Head
from imgate.consent.judge import now
from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.changing import change, existing, put_on_log, state_of
from imgate.exchange.end_of_use import End, tell_end_of_use
from imgate.exchange.listing import page_of, shown_at
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import PauseRequest, RevocationRequest
from imgate.exchange.revocation import Withdrawal, withdraw
from imgate.exchange.stored import NOBODY, Cursor, Evidence, StoredDeclaration
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EndCause


def create(corridor: Corridor, call: Call, request: DeclarationRequest) -> Answer:
    """Record a declaration as a draft; it permits nothing until it is signed. Raises Refused ``declaration_invalid``."""
    return change(corridor, call, lambda tx, at: create_in(corridor, tx, call, request, at))


def create_in(corridor: Corridor, tx: Transaction, call: Call, request: DeclarationRequest, at: datetime) -> Answer:
    """Record it in this transaction; its predecessor is told. Raises Refused ``declaration_invalid`` with all problems at once."""
    predecessor = None if request.supersedes is None else tx.declarations.get(request.supersedes)
    known = (
        predecessor is not None
        and predecessor[0].reference == request.client
        and predecessor[1].head.partner == request.partner
        and predecessor[1].verified is not None
    )
    problems = problems_of_declaration(request, corridor.policy, supersedes_known=known)
    if problems:
        raise Refused(422, "declaration_invalid", [Problem(problem.code, problem.pointer) for problem in problems])
    client = tx.clients.open(request.client)
    head = first_head(new_id(), complete_content_of := complete_content(request, corridor.policy))
    tx.declarations.add(client, head, complete_content_of, at)
    put_on_log(tx, EventName.DECLARATION_CREATED, call, client, head, at, digest=head.digest)
    if predecessor is not None:
        older = life.supersede(predecessor[1].head, head.id)
        tx.declarations.change(client, older, at, "superseded")
        put_on_log(tx, EventName.DECLARATION_SUPERSEDED, call, client, older, at, successor=head.id)
    return Answer.of(201, {"id": head.id, "state": "draft", "digest": head.digest})


def revoke(corridor: Corridor, call: Call, declaration: str, request: RevocationRequest) -> Answer:
    """Revoke all scopes or some; what waits is cancelled or narrowed in the same transaction, and no attempt begins after it."""
    return change(corridor, call, lambda tx, at: _revoke(corridor, tx, call, declaration, request, at))


def _revoke(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: RevocationRequest, at: datetime) -> Answer:
    client, stored = existing(tx, declaration)
    if request.scopes is not None:
        beyond = [index for index, scope in enumerate(request.scopes) if scope not in stored.head.scopes]
        if not request.scopes:
            raise Refused(422, "scopes_empty", [Problem("scopes_empty", "/scopes")])
        if beyond:
            raise Refused(422, "scope_not_in_declaration", [Problem("scope_not_in_declaration", f"/scopes/{index}") for index in beyond])
    head = life.revoke(stored.head, request.scopes, at)
    tx.declarations.change(client, head, at, "revoked" if request.scopes is None else "partly_revoked")
    if request.reason:
        tx.declarations.add_reason(client, declaration, at, request.reason)
    put_on_log(tx, EventName.DECLARATION_REVOKED, call, client, head, at, scopes=list(life.revoked_scopes(head)))
    outcome = withdraw(corridor, tx, client, head.partner, call.actor, at, declaration=head.id)
    run = _end_use(corridor, tx, client, (stored.head, head), outcome, call, at)
    return Answer.of(200, _withdrawn(tx, head, outcome, at) | ({} if run is None else {"revocation": run}))


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
    client, stored = existing(tx, declaration)
    head = life.pause(stored.head, at) if event == "paused" else life.resume(stored.head, at)
    if head is not stored.head:
        tx.declarations.change(client, head, at, event)
        if request.reason:
            tx.declarations.add_reason(client, declaration, at, request.reason)
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
    with corridor.store.reading() as tx:
        _, stored = existing(tx, declaration, verified=False)
    return shown(stored, corridor.clock())


def page(corridor: Corridor, client: str, cursor: Cursor) -> dict[str, Any]:
    """List a client's declarations; an unknown client has none. Raises BadCursor, also for one who is unknown."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        if keys is None:
            tx.exchanges.page(NOBODY, cursor)  # every list has the same cursors: a bad one must not tell who is a client
            return {"items": []}
        return page_of(tx.declarations.page(keys, cursor), lambda stored: shown(stored, at))


def shown(stored: StoredDeclaration, at: datetime) -> dict[str, Any]:
    """Give the shape of GET /v1/declarations/{id}. A declaration that does not match its MAC is shown as ``unreadable``."""
    readable = stored.verified is not None and content_digest(stored.content) == stored.head.digest
    state = life.state(stored.verified, stored.siblings, now(at)).value if stored.verified is not None and readable else "unreadable"
    return {
        "id": stored.head.id,
        "digest": stored.head.digest,
        "state": state,
        "content": dict(stored.content),
        "revoked_scopes": list(life.revoked_scopes(stored.head)),
        "evidence": [_shown_evidence(piece) for piece in stored.evidence],
        "history": [{"at": shown_at(when), "event": event} for when, event in stored.history],
    }


def _shown_evidence(piece: Evidence) -> dict[str, Any]:
    parts = {
        "id": piece.id,
        "role": piece.role.value,
        "kind": piece.kind.value,
        "level": piece.level.value,
        "signed_on": piece.signed_on,
        "recorded_at": shown_at(piece.recorded_at),
        "attested_by": piece.attested_by,
        "signer": piece.signer,
        "authority": piece.authority,
        "interpreter": piece.interpreter,
        "reason": piece.reason,
        "sha256": piece.sha256,
        "report": piece.report,
    }
    return {name: part for name, part in parts.items() if part is not None}
