"""Declarations as the doors use them: create, sign, revoke, pause, resume, show."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from imgate.audit.events import Event, EventName
from imgate.consent import life
from imgate.consent.declaration import DeclarationRequest, complete_content, content_digest, first_head, problems_of_declaration
from imgate.consent.head import Head
from imgate.consent.judge import now
from imgate.exchange.answers import Answer, Call, once
from imgate.exchange.context import Corridor
from imgate.exchange.end_of_use import End, tell_end_of_use
from imgate.exchange.evidence import content_problem
from imgate.exchange.expiry import end_if_over
from imgate.exchange.listing import page_of, shown_at
from imgate.exchange.ports import ClientKeys, KeyInUse, Stale, Transaction
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.exchange.requests import PauseRequest, RevocationRequest, SignatureRequest
from imgate.exchange.revocation import Withdrawal, withdraw
from imgate.exchange.stored import NOBODY, Cursor, Evidence, StoredDeclaration
from imgate.exchange.turns import in_turn
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EndCause, EvidenceKind

_RETRIES = 5


def create(corridor: Corridor, call: Call, request: DeclarationRequest) -> Answer:
    """Record a declaration as a draft; it permits nothing until it is signed. Raises Refused ``declaration_invalid``."""
    return _write(corridor, call, lambda tx, at: _create(corridor, tx, call, request, at))


def _create(corridor: Corridor, tx: Transaction, call: Call, request: DeclarationRequest, at: datetime) -> Answer:
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
    _audit(tx, EventName.DECLARATION_CREATED, call, client, head, at, digest=head.digest)
    if predecessor is not None:
        older = life.supersede(predecessor[1].head, head.id)
        tx.declarations.change(client, older, at, "superseded")
        _audit(tx, EventName.DECLARATION_SUPERSEDED, call, client, older, at, successor=head.id)
    return Answer.of(201, {"id": head.id, "state": "draft", "digest": head.digest})


def sign(corridor: Corridor, call: Call, declaration: str, request: SignatureRequest) -> Answer:
    """Record one piece of evidence; the declaration is active once every role has given its own."""
    return _write(corridor, call, lambda tx, at: _sign(corridor, tx, call, declaration, request, at))


def _sign(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: SignatureRequest, at: datetime) -> Answer:
    client, stored = _existing(tx, declaration)
    given = request.evidence
    if given.kind in (EvidenceKind.PADES, EvidenceKind.EID):
        raise Refused(422, "evidence_kind_unsupported", [Problem("evidence_kind_unsupported", "/evidence/kind")])
    problem = content_problem(given.kind, given.media_type, given.content)
    if problem is not None:
        raise Refused(422, problem, [Problem(problem, "/evidence/content")])
    required = [str(role) for role in stored.content["signers_required"]]  # type: ignore[attr-defined]  # a JSON list
    if request.role not in required:
        raise Refused(422, "role_not_required", [Problem("role_not_required", "/role")])
    # Evidence that is not complete leaves no time in the head, so the order of the pieces is kept here, whatever the clocks say.
    at = max([at, *(earlier.recorded_at for earlier in stored.evidence)])
    piece = Evidence(
        id=new_id(),
        role=request.role,
        kind=given.kind,
        level=life.LEVEL_OF_KIND[given.kind],
        signed_on=request.signed_on,
        recorded_at=at,
        attested_by=request.attested_by,
        signer=request.signer,
        media_type=given.media_type,
        sha256=None if given.content is None else hashlib.sha256(given.content).hexdigest(),
        content=given.content,
    )
    all_of_it = [(e.role, e.level) for e in (*stored.evidence, piece)]
    level = life.reached_level([type(request.role)(role) for role in required], all_of_it)
    head = life.with_evidence(stored.head, piece.id, piece.sha256 or "", level, at)
    completed = bool(head.levels) and not stored.head.levels
    tx.declarations.add_evidence(client, declaration, piece)
    tx.declarations.change(client, head, at, "signed", *(["activated"] if completed else []))
    _audit(tx, EventName.DECLARATION_SIGNED, call, client, head, at, role=piece.role.value, kind=piece.kind.value)
    if completed:
        outcome = withdraw(corridor, tx, client, head.partner, call.actor, at)
        if head.supersedes is not None:  # a successor that takes effect revokes its predecessor, now or on its first day
            end_if_over(corridor, tx, client, head.partner, head.supersedes, outcome.in_flight, call.actor, at)
    return Answer.of(201, {"state": _state(corridor, tx, declaration, at)})


def revoke(corridor: Corridor, call: Call, declaration: str, request: RevocationRequest) -> Answer:
    """Revoke all scopes or some; what waits is cancelled or narrowed in the same transaction, and no attempt begins after it."""
    return _write(corridor, call, lambda tx, at: _revoke(corridor, tx, call, declaration, request, at))


def _revoke(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: RevocationRequest, at: datetime) -> Answer:
    client, stored = _existing(tx, declaration)
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
    _audit(tx, EventName.DECLARATION_REVOKED, call, client, head, at, scopes=list(life.revoked_scopes(head)))
    outcome = withdraw(corridor, tx, client, head.partner, call.actor, at, declaration=head.id)
    run = _end_use(corridor, tx, client, (stored.head, head), outcome, call, at)
    return Answer.of(200, _withdrawn(corridor, tx, head, outcome, at) | ({} if run is None else {"revocation": run}))


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
    return _write(corridor, call, lambda tx, at: _turn(corridor, tx, call, declaration, request, at, "paused"))


def resume(corridor: Corridor, call: Call, declaration: str, request: PauseRequest) -> Answer:
    """Resume a paused declaration. What was cancelled while it was paused does not come back."""
    return _write(corridor, call, lambda tx, at: _turn(corridor, tx, call, declaration, request, at, "resumed"))


def _turn(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: PauseRequest, at: datetime, event: str) -> Answer:
    client, stored = _existing(tx, declaration)
    head = life.pause(stored.head, at) if event == "paused" else life.resume(stored.head, at)
    if head is not stored.head:
        tx.declarations.change(client, head, at, event)
        if request.reason:
            tx.declarations.add_reason(client, declaration, at, request.reason)
        name = EventName.DECLARATION_PAUSED if event == "paused" else EventName.DECLARATION_RESUMED
        _audit(tx, name, call, client, head, at)
    outcome = withdraw(corridor, tx, client, head.partner, call.actor, at, declaration=head.id)
    return Answer.of(200, _withdrawn(corridor, tx, head, outcome, at))


def _withdrawn(corridor: Corridor, tx: Transaction, head: Head, outcome: Withdrawal, at: datetime) -> dict[str, Any]:
    return {
        "state": _state(corridor, tx, head.id, at),
        "cancelled": outcome.cancelled,
        "already_sent": list(outcome.already_sent),
        "in_flight": list(outcome.in_flight),
    }


def show(corridor: Corridor, declaration: str) -> dict[str, Any]:
    """Show one declaration as GET does. Raises Refused 404."""
    with corridor.store.reading() as tx:
        _, stored = _existing(tx, declaration, verified=False)
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
        "role": piece.role.value,
        "kind": piece.kind.value,
        "level": piece.level.value,
        "signed_on": piece.signed_on,
        "recorded_at": shown_at(piece.recorded_at),
        "attested_by": piece.attested_by,
        "signer": piece.signer,
        "sha256": piece.sha256,
    }
    return {name: part for name, part in parts.items() if part is not None}


@in_turn
def _write(corridor: Corridor, call: Call, work: Callable[[Transaction, datetime], Answer]) -> Answer:
    """Run one change in its own transaction, once per Idempotency-Key, again where another change came in between."""
    for _ in range(_RETRIES):
        at = corridor.clock()
        try:
            with corridor.store.transaction() as tx:
                return once(tx, call, at, lambda tx=tx, at=at: work(tx, at))  # type: ignore[misc]  # bound at once, for the loop
        except (Stale, KeyInUse):
            continue
    raise Refused(503, "busy")


def _existing(tx: Transaction, declaration: str, *, verified: bool = True) -> tuple[ClientKeys, StoredDeclaration]:
    found = tx.declarations.get(declaration)
    if found is None:
        raise not_found()
    if verified and found[1].verified is None:
        raise Refused(409, "declaration_unreadable")
    return found


def _state(corridor: Corridor, tx: Transaction, declaration: str, at: datetime) -> str:
    _, stored = _existing(tx, declaration)
    assert stored.verified is not None  # noqa: S101  # _existing has refused the other case
    return life.state(stored.verified, stored.siblings, now(at)).value


def _audit(tx: Transaction, name: EventName, call: Call, client: ClientKeys, head: Head, at: datetime, **fields: object) -> None:
    fields |= {"declaration": head.id, "version": head.version, "partner": head.partner}
    tx.audit(Event(name, at, call.actor, client.subject, fields))
