"""``eid``: a configured service asserts that somebody identified themselves and agreed to this very declaration.

The assertion is a compact JWS. Reading it strictly is somebody else's work and handed in: this room and the one of the keys do not
know each other. Every claim is accounted for in one of the tables below; what is in none of them is reported.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from imgate.exchange.ports.documents import Examination, Examiner, Statement
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel

_CLOCK_SKEW = 60
_TEXT_MAX = 500
_UNKNOWN_MAX = 50

# Claims that have to be there, and be right.
REQUIRED = frozenset({"iss", "aud", "iat", "exp", "jti", "declaration", "role"})
# At least one of them, and each that is there has to be among the configured levels.
ASSURANCE = frozenset({"acr", "loa"})
# Claims that need not be there, and have to be right where they are.
OPTIONAL = frozenset({"name", "nbf", "sub"})
# Claims that are known, say nothing about the declaration, and are deliberately not looked at.
UNCHECKED = frozenset({"amr", "auth_time", "azp", "nonce", "sid", "at_hash"})


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """What a service signed, and how: the claims of a token whose signature was checked."""

    claims: Mapping[str, Any] = field(repr=False)
    algorithm: str
    key: str


class NotAnAssertion(Exception):
    """The sender must act: not a JWS in the one spelling that it has, or with a header that is not ours to follow."""


# Reads a token under the keys of one service: None where none of them signed it. Raises NotAnAssertion.
Reader = Callable[[str], SignedClaims | None]


@dataclass(frozen=True, slots=True)
class EidService:
    """One configured service: who it is, how its assertions are read, how old they may be, and which levels suffice."""

    id: str
    issuer: str
    max_age_seconds: int
    levels: frozenset[str]
    read: Reader = field(repr=False)


class Step(StrEnum):
    """The checks, in the order they are made; their number is their place."""

    FORM = "form"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    CLAIMS = "claims"
    AUDIENCE = "audience"
    TIME = "time"
    DECLARATION = "declaration"
    ASSURANCE = "assurance"
    SIGNER = "signer"


class _Failed(Exception):
    """A step failed: the evidence is refused with this code. ``why`` is for the report, which is sealed."""

    def __init__(self, step: Step, code: str, why: str) -> None:
        super().__init__(code)
        self.step = step
        self.code = code
        self.why = why


@dataclass(slots=True)
class _Findings:
    """Collects what the steps find."""

    results: dict[Step, dict[str, Any]] = field(default_factory=dict, repr=False)
    facts: dict[str, Any] = field(default_factory=dict, repr=False)

    def passed(self, step: Step, found: str, **facts: Any) -> None:
        self.results[step] = {"result": "passed", "found": found}
        self.facts |= facts

    def report(self) -> dict[str, Any]:
        """Give every step with its number, also those that were not reached."""
        unreached = {"result": "not_checked", "found": "an earlier check ended the examination"}
        checks = [{"number": number, "check": step.value, **self.results.get(step, unreached)} for number, step in enumerate(Step, 1)]
        return {"checks": checks, **self.facts}


def examine_eid(services: Iterable[EidService], content: bytes | None, about: Statement, at: datetime, audience: str) -> Examination:
    """Examine one assertion as of ``at``. ``audience`` is the gateway's id. What holds counts as qualified.

    That an assertion counts once is not looked at here: the corridor sees whether a declaration has it already, and for another
    declaration it cannot be used at all.
    """
    findings = _Findings()
    try:
        _examine(tuple(services), content, about, int(at.timestamp()), audience, findings)
    except _Failed as failure:
        findings.results[failure.step] = {"result": "failed", "found": failure.why}
        return Examination(None, failure.code, findings.report())
    return Examination(EvidenceLevel.QUALIFIED, None, findings.report())


def _examine(
    services: tuple[EidService, ...], content: bytes | None, about: Statement, at: int, audience: str, findings: _Findings
) -> None:
    service, signed = _service_of(services, _token(content))
    claims = signed.claims
    findings.passed(Step.FORM, "a compact JWS")
    findings.passed(Step.SIGNATURE, "by a key of the service", service=service.id, algorithm=signed.algorithm, key=signed.key)
    if claims.get("iss") != service.issuer:
        raise _Failed(Step.ISSUER, "eid_untrusted", "signed by one service and issued by another")
    findings.passed(Step.ISSUER, "the service's own name")
    _have_their_form(claims)
    unknown = sorted(name[:100] for name in claims.keys() - REQUIRED - ASSURANCE - OPTIONAL - UNCHECKED)
    findings.passed(Step.CLAIMS, "all there", unchecked=sorted(claims.keys() & UNCHECKED), unknown=unknown[:_UNKNOWN_MAX])
    findings.facts |= {"signature": _mark(service, claims["jti"])} | ({"subject": _mark(service, claims["sub"])} if "sub" in claims else {})
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if any(one != audience for one in named):  # one that names somebody else as well could be used there
        raise _Failed(Step.AUDIENCE, "eid_declaration_differs", "made for another gateway")
    findings.passed(Step.AUDIENCE, "this gateway")
    _is_fresh(claims, at, service.max_age_seconds)
    issued_at, expires_at = _shown_at(claims["iat"]), _shown_at(claims["exp"])
    findings.passed(Step.TIME, f"not older than {service.max_age_seconds} seconds", issued_at=issued_at, expires_at=expires_at)
    if claims["declaration"] != about.digest or claims["role"] != about.role.value:
        raise _Failed(Step.DECLARATION, "eid_declaration_differs", "about another declaration, or for another role")
    findings.passed(Step.DECLARATION, "this one, in this role")
    said = {name: claims[name] for name in sorted(ASSURANCE & claims.keys())}
    if any(level not in service.levels for level in said.values()):
        raise _Failed(Step.ASSURANCE, "eid_invalid", "the level of assurance is not among the configured")
    findings.passed(Step.ASSURANCE, "among the configured", **said)
    _is_signer(about.signer, claims.get("name"), findings)


def _token(content: bytes | None) -> str:
    try:
        return (content or b"").decode("ascii")
    except UnicodeDecodeError:
        raise _Failed(Step.FORM, "eid_invalid", "not a JWS") from None


def _service_of(services: tuple[EidService, ...], unverified_token: str) -> tuple[EidService, SignedClaims]:
    """Find the service one of whose keys signed it: by what the keys say, not by what the token claims."""
    for service in services:
        try:
            signed = service.read(unverified_token)
        except NotAnAssertion:
            raise _Failed(Step.FORM, "eid_invalid", "not a JWS of this kind") from None
        if signed is not None:
            return service, signed
    raise _Failed(Step.SIGNATURE, "eid_untrusted", "signed by no key of a configured service")


def _have_their_form(claims: Mapping[str, Any]) -> None:
    missing = sorted(REQUIRED - claims.keys()) + ([] if ASSURANCE & claims.keys() else ["acr or loa"])
    if missing:
        raise _Failed(Step.CLAIMS, "eid_invalid", f"without {', '.join(missing)}")
    for name in sorted((REQUIRED | ASSURANCE | OPTIONAL) & claims.keys()):
        if not _FORMS[name](claims[name]):
            raise _Failed(Step.CLAIMS, "eid_invalid", f"{name} is not of its form")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _TEXT_MAX and value.isprintable()


def _is_moment(value: object) -> bool:
    return type(value) is int and 0 <= value < 253_402_300_800  # until the year 9999


_FORMS: Mapping[str, Callable[[object], bool]] = {
    **dict.fromkeys(("iss", "jti", "declaration", "role", "acr", "loa", "name", "sub"), _is_text),
    **dict.fromkeys(("iat", "exp", "nbf"), _is_moment),
    "aud": lambda value: _is_text(value) or (isinstance(value, list) and 0 < len(value) <= 10 and all(map(_is_text, value))),
}


def _is_fresh(claims: Mapping[str, Any], at: int, max_age_seconds: int) -> None:
    issued_at, expires_at = claims["iat"], claims["exp"]
    if max(issued_at, claims.get("nbf", 0)) > at + _CLOCK_SKEW or expires_at <= issued_at:
        raise _Failed(Step.TIME, "eid_invalid", "made in the future, or ended before it was made")
    if expires_at <= at or at - issued_at > max_age_seconds:
        raise _Failed(Step.TIME, "eid_expired", "too old")


def _is_signer(signer: str | None, name: str | None, findings: _Findings) -> None:
    """Compare whom the case system named with whom the service names: somebody whom it does not name is not confirmed."""
    facts = {} if name is None else {"name": name}
    if signer is None:
        findings.passed(Step.SIGNER, "nobody was named beforehand", **facts)
    elif name is not None and len(signer) <= _TEXT_MAX and _letters(signer) == _letters(name):
        findings.passed(Step.SIGNER, "the one who was named", **facts)
    else:
        raise _Failed(Step.SIGNER, "signature_signer_differs", "the service names somebody else, or nobody")


def _letters(name: str) -> str:
    """Give a name as it is compared: however it was composed, cased and spaced. Not for long texts: it takes the square of the length."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _mark(service: EidService, name: str) -> str:
    """Give what tells an assertion, or a person, from all others without showing the service's own name for it."""
    return hashlib.sha256(f"{service.issuer}\x00{name}".encode()).hexdigest()


def _shown_at(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


class EidExaminer:
    """Examines assertions of these services, and hands every other kind on."""

    def __init__(self, services: Iterable[EidService], audience: str, others: Examiner) -> None:
        """``audience`` is the gateway's id, ``others`` examines what is no assertion, and assertions where there is no service."""
        self._services = tuple(services)
        self._audience = audience
        self._others = others

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Examine one piece of evidence as of ``at``."""
        if kind is not EvidenceKind.EID or not self._services:
            return self._others.examine(kind, media_type, content, about, at)
        return examine_eid(self._services, content, about, at, self._audience)
