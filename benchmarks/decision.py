"""The decision with its reasons, against Cedar asked the same questions in one batch.

Cedar is given every advantage: policies and entities are parsed beforehand (for imgate they differ with each client), the requests are
written beforehand, and what its answers lack (which step of the contract's list failed) is not asked for.
"""

import json
import statistics
from datetime import UTC, datetime
from types import MappingProxyType

import cedarpy

from benchmarks import people
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise, timed
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Decision, Question, decide, now
from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy
from imgate.record import CATALOGUE
from imgate.vocabulary.words import Direction, EvidenceLevel

SCOPES = 25
_CLOSED = ("identifiers.azr_number", "asylum.grounds", "health.constraints")
_BEYOND = ("housing.situation", "notes.counselling")
_ORIGIN = "abh-winnenden"


def judge_policy() -> PartnerPolicy:
    """Make a partner whose ceiling is all but two scopes, with one of the closed ones open."""
    everything = frozenset(CATALOGUE.scopes) - frozenset(_BEYOND)
    return PartnerPolicy(
        partner=people.PARTNER,
        name=people.PARTNER_NAME,
        formerly=frozenset(),
        ceiling=MappingProxyType(dict.fromkeys(Direction, everything)),
        open=frozenset({"health.constraints"}),
        levels=LEVEL_FLOOR,
        partners=frozenset({people.PARTNER, _ORIGIN}),
        catalogue=CATALOGUE,
    )


def declarations(scopes: list[str]) -> tuple[VerifiedDeclaration, ...]:
    """Sign three: one in writing with some scopes revoked, one by word of mouth only, one that lets an origin pass."""
    wide, oral, narrow = people.shares(scopes)
    return (
        people.signed("a", people.declaration("K-2026-0815", wide), revoked=wide[:2]),
        people.signed("b", people.declaration("K-2026-0815", oral), EvidenceLevel.RECORDED),
        people.signed("c", people.declaration("K-2026-0815", narrow, onward_from=[_ORIGIN])),
    )


def question() -> Question:
    """Ask about 25 scopes, some of them closed, beyond the ceiling, or from another partner."""
    chosen = [*_CLOSED, *_BEYOND, *(scope for scope in CATALOGUE.scopes if scope not in _CLOSED + _BEYOND)][:SCOPES]
    provenance = dict.fromkeys(chosen[8:14], _ORIGIN)
    return Question(Direction.TO_PARTNER, people.PURPOSE, tuple(chosen), now(datetime.now(UTC)), provenance)


def cedar_policies(policy: PartnerPolicy, signed: tuple[VerifiedDeclaration, ...]) -> str:
    """Say the same in Cedar: one permit for each declaration, one forbid for each step of part A."""
    texts = [
        "forbid(principal, action, resource) unless { resource has needed };",
        "forbid(principal, action, resource) when { resource has closed && resource.closed };",
        "forbid(principal, action, resource) unless { resource has ceiling && resource.ceiling };",
    ]
    for d in signed:
        revoked = ", ".join(f'Scope::"{scope}"' for scope in d.revoked)
        texts.append(f"""@id("{d.id}")
permit(principal == Partner::"{policy.partner}", action == Action::"to_partner", resource) when {{
  [{", ".join(f'Scope::"{scope}"' for scope in sorted(d.scopes))}].contains(resource)
  && ![{revoked}].contains(resource)
  && context.at >= {int(d.opens_at.timestamp())} && context.at < {int(d.closes_at.timestamp())}
  && "{d.recipient}" == principal.name
  && [{", ".join(f'"{purpose}"' for purpose in sorted(d.purposes))}].contains(context.purpose)
  && {d.levels[-1][1].rank} >= resource.needed
  && (context.origin == "self" || [{", ".join(f'"{origin}"' for origin in sorted(d.onward_from))}].contains(context.origin))
}};""")
    return "\n".join(texts)


def cedar_entities(policy: PartnerPolicy) -> list[dict[str, object]]:
    """Describe the partner and the scopes."""
    ceiling = policy.ceiling[Direction.TO_PARTNER]
    partner = {"uid": {"type": "Partner", "id": policy.partner}, "attrs": {"name": policy.name}, "parents": []}
    return [partner] + [
        {
            "uid": {"type": "Scope", "id": scope},
            "attrs": {"needed": needed, "closed": scope in policy.closed, "ceiling": scope in ceiling},
            "parents": [],
        }
        for scope, needed in policy.needed_rank.items()
    ]


def cedar_requests(asked: Question) -> list[dict[str, object]]:
    """Ask the same questions."""
    return [
        {
            "principal": {"type": "Partner", "id": people.PARTNER},
            "action": {"type": "Action", "id": asked.direction},
            "resource": {"type": "Scope", "id": scope},
            "context": {
                "purpose": asked.purpose,
                "at": int(asked.moment.at.timestamp()),
                "origin": asked.provenance.get(scope, "self"),
            },
        }
        for scope in asked.scopes
    ]


def same_answers(asked: Question, ours: Decision, theirs: list[cedarpy.AuthzResult]) -> None:
    """Both must permit the same scopes under the same declarations."""
    check(bool(ours.permitted) and bool(ours.denied), "the questions should be answered both ways")
    check(len(set(ours.denied.values())) >= 4, "the questions should be denied for several reasons")
    for scope, answer in zip(asked.scopes, theirs, strict=True):
        check(not answer.diagnostics.errors, f"Cedar could not decide about {scope}")
        check(answer.allowed == (scope in ours.permitted), f"Cedar and imgate answer differently about {scope}")
        if answer.allowed:
            passing = {d.id for d in ours.passing[scope]}
            check(set(answer.diagnostics.id_annotations_by_reason.values()) == passing, f"other declarations pass {scope}")


def measure(*, quick: bool = False) -> list[Row]:
    """Measure, after comparing the answers."""
    policy, asked = judge_policy(), question()
    # Left out of no declaration: the denials come from closed scopes, the ceiling, revocation, evidence and origin.
    signed = declarations([scope for scope in asked.scopes if scope not in ("identifiers.azr_number", "asylum.grounds")])
    text, entities, requests = cedar_policies(policy, signed), json.dumps(cedar_entities(policy)), cedar_requests(asked)
    parsed, known = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str(entities)
    same_answers(asked, decide(policy, signed, asked), cedarpy.is_authorized_batch(requests, parsed, known))
    calls = 200 if quick else 1000
    ours, theirs, unparsed = interleaved(
        5 if quick else 9,
        timed(lambda: decide(policy, signed, asked), calls),
        timed(lambda: cedarpy.is_authorized_batch(requests, parsed, known), calls // 4),
        timed(lambda: cedarpy.is_authorized_batch(requests, text, entities), calls // 20),
    )
    return [
        promise(
            f"decide {SCOPES} scopes, {people.DECLARATIONS} declarations, with reasons (reference: cedarpy batch, parsed beforehand)",
            statistics.median(ours),
            "µs",
            statistics.median(theirs),
            median_ratio(theirs, ours),
            Goal("at least", 10),
        ),
        note("  cedarpy batch, policies and entities as text", statistics.median(unparsed), "µs"),
    ]
