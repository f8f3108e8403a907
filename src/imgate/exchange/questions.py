"""Questions to the judge from outside (OpenID AuthZEN): would this scope pass? Nothing moves, nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Moment, Question, decide
from imgate.exchange.context import Corridor
from imgate.vocabulary.reasons import Answer
from imgate.vocabulary.words import Direction


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. Words are as the caller wrote them; ``at`` None means now."""

    partner: str
    direction: str
    purpose: str | None
    scope: str
    client: str | None = field(repr=False)
    at: datetime | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer: ``reason`` is ``permitted`` or why not, ``declaration`` the one that is named for a permit."""

    decision: bool
    reason: str
    declaration: str | None = None


def evaluate(corridor: Corridor, asked: Asked) -> Evaluation:
    """Answer one question by the same judge that every exchange passes."""
    moment = Moment(corridor.clock()) if asked.at is None else Moment(asked.at.astimezone(UTC), committed=False)
    policy = corridor.policy.partner(asked.partner)
    declarations: tuple[VerifiedDeclaration, ...] = ()
    origins: frozenset[str] = frozenset()
    if asked.client:
        with corridor.store.reading() as tx:
            client = tx.clients.find(asked.client)
            if client is not None:
                declarations = tx.declarations.of(client.digest, asked.partner)
                origins = tx.origins.of(client.digest)
    decision = decide(policy, declarations, Question(asked.direction, asked.purpose, (asked.scope,), moment, asked.provenance))
    if asked.scope in decision.denied:
        return Evaluation(False, decision.denied[asked.scope].value)
    if asked.direction == Direction.TO_PARTNER and asked.scope in origins and asked.scope not in asked.provenance:
        return Evaluation(False, Answer.PROVENANCE_REQUIRED.value)
    return Evaluation(True, Answer.PERMITTED.value, decision.permitted[asked.scope].id)
