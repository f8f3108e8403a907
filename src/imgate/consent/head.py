"""The head of a declaration: everything that decides, in one row under one MAC (contract §7).

The judge takes ``VerifiedDeclaration`` and nothing else, and ``verify_head`` is the only maker of it.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from imgate.vocabulary.words import Clause, DeclaredDirection, EvidenceLevel

WHOLE = "*"


@dataclass(frozen=True, slots=True)
class Head:
    """What decides about one declaration, as it is stored and authenticated.

    ``levels`` is the evidence level that the declaration as a whole had reached, and since when; it is empty while
    evidence is incomplete. ``revoked`` maps a scope, or ``*`` for all, to the moment of revocation. ``pauses`` are
    spans, the last of them open while the declaration is paused. ``evidence`` names each piece by id and digest.
    Times are RFC 3339 in UTC with microseconds.
    """

    id: str
    partner: str
    digest: str
    recipient: str
    catalogue: int
    clauses: tuple[str, ...]
    direction: str
    purposes: tuple[str, ...]
    scopes: tuple[str, ...]
    onward_from: tuple[str, ...]
    valid_from: str
    valid_until: str
    supersedes: str | None = None
    version: int = 1
    levels: tuple[tuple[str, str], ...] = ()
    revoked: dict[str, str] = field(default_factory=dict)
    pauses: tuple[tuple[str, str | None], ...] = ()
    superseded_by: tuple[str, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()

    def canonical(self) -> bytes:
        """Give the bytes that are stored and authenticated: the fields in their order, as a JSON array."""
        return orjson.dumps([getattr(self, name) for name in Head.__slots__])

    @classmethod
    def of(cls, canonical: bytes) -> "Head":
        """Read the stored bytes back. Checks nothing: see ``verify_head``."""
        return cls(*orjson.loads(canonical))

    def next(self, **changes: Any) -> "Head":
        """Give the following version with these changes."""
        return replace(self, version=self.version + 1, **changes)


@dataclass(frozen=True, slots=True)
class VerifiedDeclaration:
    """A declaration whose head matched its MAC, ready to be judged. Only ``verify_head`` makes it."""

    id: str
    partner: str
    digest: str
    version: int
    recipient: str
    catalogue: int
    clauses: frozenset[str]
    direction: DeclaredDirection
    purposes: frozenset[str]
    scopes: frozenset[str]
    onward_from: frozenset[str]
    opens_at: datetime
    closes_at: datetime
    valid_until: str
    levels: tuple[tuple[datetime, EvidenceLevel], ...]
    revoked: dict[str, datetime]
    wholly_revoked_at: datetime | None
    pauses: tuple[tuple[datetime, datetime | None], ...]
    superseded_by: tuple[str, ...]

    @property
    def complete_at(self) -> datetime | None:
        """The moment at which the last missing piece of evidence was recorded."""
        return self.levels[0][0] if self.levels else None

    @property
    def has_both_clauses(self) -> bool:
        """Tell whether confidentiality is released and data protection consented to."""
        return self.clauses >= _BOTH_CLAUSES


_BOTH_CLAUSES = frozenset(clause.value for clause in Clause)
# By word: asking an Enum for its member costs more than the rest of a field, and heads are read for every exchange.
_DIRECTIONS = {direction.value: direction for direction in DeclaredDirection}
_LEVELS = {level.value: level for level in EvidenceLevel}
# The calendar's own ends: a declaration may name them, and no zone may move them beyond what a datetime can hold.
_FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)
_LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


def head_mac(key: bytes, client: str, canonical: bytes, beside: bytes) -> bytes:
    """Authenticate a head: bound to its client's digest, and to what is sealed ``beside`` it in the same row."""
    message = b"\x00".join((b"declaration-head", client.encode(), canonical, beside))
    return hmac.digest(key, message, "sha256")


def verify_head(key: bytes, client: str, canonical: bytes, beside: bytes, mac: bytes, zone: ZoneInfo) -> VerifiedDeclaration | None:
    """Check the MAC and give the declaration, or None where it does not match or cannot be read: None is a denial."""
    try:
        if not hmac.compare_digest(head_mac(key, client, canonical, beside), mac):
            return None
        return _verified(orjson.loads(canonical), zone)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _verified(fields: list[Any], zone: ZoneInfo) -> VerifiedDeclaration:
    """Take the fields in the order of ``Head``, without making one: this runs for every declaration of every exchange."""
    (
        declaration,
        partner,
        digest,
        recipient,
        catalogue,
        clauses,
        direction,
        purposes,
        listed,
        onward_from,
        valid_from,
        valid_until,
        _supersedes,
        version,
        levels,
        revocations,
        pauses,
        superseded_by,
        _evidence,
    ) = fields
    moment = datetime.fromisoformat
    revoked = {scope: moment(at) for scope, at in revocations.items()}
    scopes = frozenset(listed)
    return VerifiedDeclaration(
        id=declaration,
        partner=partner,
        digest=digest,
        version=version,
        recipient=recipient,
        catalogue=catalogue,
        clauses=frozenset(clauses),
        direction=_DIRECTIONS[direction],
        purposes=frozenset(purposes),
        scopes=scopes,
        onward_from=frozenset(onward_from),
        opens_at=day_begins(valid_from, zone),
        closes_at=day_ends(valid_until, zone),
        valid_until=valid_until,
        levels=tuple([(moment(at), _LEVELS[level]) for at, level in levels]),
        revoked=revoked,
        wholly_revoked_at=_wholly_revoked_at(revoked, scopes),
        pauses=tuple([(moment(begun), None if ended is None else moment(ended)) for begun, ended in pauses]),
        superseded_by=tuple(superseded_by),
    )


def _wholly_revoked_at(revoked: dict[str, datetime], scopes: frozenset[str]) -> datetime | None:
    """Give the moment from which nothing was left: revoked as a whole, or the last of all its scopes."""
    if not revoked:
        return None
    moments = [revoked[WHOLE]] if WHOLE in revoked else []
    if scopes <= revoked.keys():
        moments.append(max(revoked[scope] for scope in scopes))
    return min(moments, default=None)


@lru_cache(maxsize=4096)
def day_begins(day: str, zone: ZoneInfo) -> datetime:
    """Give the instant, in UTC, at which this day begins in the gateway's zone."""
    try:
        return datetime.combine(date.fromisoformat(day), time.min, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _FIRST_INSTANT


@lru_cache(maxsize=4096)
def day_ends(day: str, zone: ZoneInfo) -> datetime:
    """Give the instant, in UTC, at which the day after this one begins in the gateway's zone."""
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
    except OverflowError:
        return _LAST_INSTANT
    return day_begins(following.isoformat(), zone)
