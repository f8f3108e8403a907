"""Whether what a bundle says of a declaration's life fits together: evidence, history, revocations, pauses and the state. Pure.

The gateway asks before it signs, because the history stands under no MAC in its database; whoever verifies a bundle asks again.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from imgate.consent import life
from imgate.consent.bundle import Bundle
from imgate.consent.head import WHOLE, day_ends
from imgate.vocabulary.words import DeclarationState, EvidenceKind, EvidenceLevel, SignerRole

EVENTS = frozenset({"created", "signed", "activated", "revoked", "partly_revoked", "paused", "resumed", "superseded"})


class ZoneUnknown(Exception):
    """This machine does not know the time zone that the bundle names, and so not when the declaration's last day ended."""


def missing_roles(bundle: Bundle) -> list[SignerRole]:
    """Name the roles that lack evidence, once for each signature that is missing."""
    asked = Counter(bundle["declaration"]["content"]["signers_required"])
    return list((asked - Counter(piece["role"] for piece in bundle["evidence"])).elements())


def reached(bundle: Bundle) -> list[tuple[int, EvidenceLevel]]:
    """Work out from the evidence alone which levels the declaration reached, and by which piece."""
    required = bundle["declaration"]["content"]["signers_required"]
    asked = Counter(required)
    levels: list[tuple[int, EvidenceLevel]] = []
    # Of each role no more than count: looking at all of them again with each piece would take the square of the time.
    strongest: dict[SignerRole, list[EvidenceLevel]] = {}
    for place, piece in enumerate(bundle["evidence"]):
        given = [*strongest.get(piece["role"], ()), piece["level"]]
        strongest[piece["role"]] = sorted(given, key=lambda level: level.rank, reverse=True)[: asked[piece["role"]]]
        level = life.reached_level(required, [(role, level) for role, levels_of in strongest.items() for level in levels_of])
        if level is not None and (not levels or levels[-1][1] is not level):
            levels.append((place, level))
    return levels


def contradictions(bundle: Bundle) -> list[str]:
    """Say what does not fit together; nothing where it all does. Raises ZoneUnknown."""
    found = [*_of_evidence(bundle), *_of_history(bundle), *_of_revocations(bundle), *_of_pauses(bundle), *_of_successors(bundle)]
    said, worked_out = bundle["life"]["state"], state(bundle)
    if said is not worked_out:
        found.append(f"the state is said to be {said}, and is {worked_out}")
    return found


def unknown_events(bundle: Bundle) -> bool:
    """Tell whether the history holds events that this release does not know."""
    return any(line["event"] not in EVENTS for line in bundle["history"])


def state(bundle: Bundle) -> DeclarationState:
    """Work out the state that was shown at ``made_at`` (contract §3), taking the gateway's word for its successors. Raises ZoneUnknown."""
    told = bundle["life"]
    revoked = {line["scope"] for line in told["revocations"]}
    if WHOLE in revoked or set(bundle["declaration"]["content"]["scopes"]) <= revoked or told["superseded"]:
        return DeclarationState.REVOKED
    if missing_roles(bundle) or not bundle["evidence"]:
        return DeclarationState.DRAFT
    try:
        zone = ZoneInfo(bundle["gateway"]["timezone"])
    except (KeyError, ValueError, OSError):
        raise ZoneUnknown from None
    if datetime.fromisoformat(bundle["made_at"]) >= day_ends(bundle["declaration"]["content"]["valid_until"], zone):
        return DeclarationState.EXPIRED
    if told["pauses"] and "ended" not in told["pauses"][-1]:
        return DeclarationState.PAUSED
    return DeclarationState.ACTIVE


def _of_evidence(bundle: Bundle) -> Iterator[str]:
    signers = frozenset(bundle["declaration"]["content"]["signers_required"])
    for place, piece in enumerate(bundle["evidence"]):
        # A signed document counts as qualified only with a qualified certificate, and was validated when it was recorded.
        highest = EvidenceLevel.QUALIFIED if piece["kind"] is EvidenceKind.PADES else life.LEVEL_OF_KIND[piece["kind"]]
        if piece["level"].rank > highest.rank:
            yield f"evidence {place} counts for more than its kind can"
        if piece["role"] not in signers:
            yield f"evidence {place} is of a role that does not sign"
    said, worked_out = bundle["life"]["levels"], reached(bundle)
    if [line["level"] for line in said] != [level for _, level in worked_out]:
        yield "the evidence does not reach the levels that are said"
    elif any(line["at"] < bundle["evidence"][place]["recorded_at"] for line, (place, _) in zip(said, worked_out, strict=True)):
        yield "a level is said to be reached before its evidence was recorded"


def _of_history(bundle: Bundle) -> Iterator[str]:
    events = _events(bundle)
    if events[:1] != ["created"] or events.count("created") != 1:
        yield "the history does not begin with the making, once"
    signed = [place for place, event in enumerate(events) if event == "signed"]
    if [bundle["history"][place]["at"] for place in signed] != [piece["recorded_at"] for piece in bundle["evidence"]]:
        yield "the history does not have one signature for each piece of evidence, at its time"
    elif [place for place, event in enumerate(events) if event == "activated"] != [signed[first] + 1 for first, _ in reached(bundle)[:1]]:
        yield "the history does not say that it became active exactly when the evidence was complete"


def _of_revocations(bundle: Bundle) -> Iterator[str]:
    events, revoked = _events(bundle), [line["scope"] for line in bundle["life"]["revocations"]]
    if len(set(revoked)) != len(revoked) or not set(revoked) <= {WHOLE, *bundle["declaration"]["content"]["scopes"]}:
        yield "a revocation names a scope twice, or one that is not in the declaration"
    if ("revoked" in events) != (WHOLE in revoked) or ("partly_revoked" in events) != any(scope != WHOLE for scope in revoked):
        yield "history and revocations do not fit"


def _of_pauses(bundle: Bundle) -> Iterator[str]:
    turns = [event for event in _events(bundle) if event in ("paused", "resumed")]
    said = [turn for pause in bundle["life"]["pauses"] for turn in ("paused", *(["resumed"] if "ended" in pause else []))]
    if turns != said or any(turn == following for turn, following in pairwise(said)):
        yield "history and pauses do not fit"


def _of_successors(bundle: Bundle) -> Iterator[str]:
    successors = bundle["life"]["superseded_by"]
    if _events(bundle).count("superseded") != len(successors) or (bundle["life"]["superseded"] and not successors):
        yield "history and successors do not fit"


def _events(bundle: Bundle) -> list[str]:
    return [line["event"] for line in bundle["history"]]
