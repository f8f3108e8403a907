"""Answers whose shape a standard gives: problem documents, tokens, keys, AuthZEN; and health. For the OpenAPI document, as ``shapes``."""

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from imgate.http.shapes import MessageProblem

_closed = with_config(ConfigDict(extra="forbid"))


@_closed
class DecisionContext(TypedDict):
    """Why; ``declaration`` is named for a permit."""

    reason: str
    declaration: NotRequired[str]


@_closed
class Decision(TypedDict):
    """An AuthZEN decision."""

    decision: bool
    context: DecisionContext


@_closed
class Decisions(TypedDict):
    """AuthZEN decisions, in the order asked."""

    evaluations: list[Decision]


@_closed
class Health(TypedDict):
    """Yes or no, nothing else."""

    ok: bool


class PublishedKey(TypedDict):
    """RFC 7517 §4; ``imgate_use`` is ours, and says what the key signs."""

    kty: Literal["EC", "OKP"]
    crv: Literal["P-256", "Ed25519"]
    x: str
    y: NotRequired[str]
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256", "Ed25519"]
    imgate_use: Literal["access-tokens", "statements"]


class KeySet(TypedDict):
    """RFC 7517 §5."""

    keys: list[PublishedKey]


class PolicyDecisionPoint(TypedDict):
    """AuthZEN's metadata."""

    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str


class PlacedProblem(TypedDict):
    """One thing that is wrong at one place; ``hint`` says more in a sentence."""

    code: str
    pointer: str
    hint: NotRequired[str]


class ProblemDocument(TypedDict):
    """RFC 9457. Nothing that was sent is repeated; ``code`` is stable."""

    type: str
    title: str
    status: int
    code: str
    problems: NotRequired[list[PlacedProblem]]
    scopes: NotRequired[list[str]]
    message_problems: NotRequired[list[MessageProblem]]


class AccessToken(TypedDict):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class TokenError(TypedDict):
    """RFC 6749 §5.2."""

    error: str
