"""Past decisions as JSON: optional parts are absent, times are RFC 3339 in UTC, as everywhere else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from imgate import __version__
from imgate.consent.premises import Fact, Premise, Turned, Walk
from imgate.exchange.listing import shown_at, shown_reasons
from imgate.exchange.past.comparison import Compared, Summary
from imgate.exchange.past.explanation import Asking, Explanation
from imgate.exchange.past.recorded import Recorded


def explanation_as_json(told: Explanation) -> dict[str, Any]:
    """Write one explanation."""
    return _present(
        {
            "exchange": told.exchange,
            "partner": told.partner,
            "direction": told.direction.value,
            "purpose": told.purpose,
            "state": told.state.value,
            "created_at": shown_at(told.created_at),
            "client": "erased" if told.erased else "kept",
            "history": [_present({"at": shown_at(at), "state": state, "detail": detail}) for at, state, detail in told.history],
            "recorded": [_recorded(each) for each in told.recorded],
            "askings": [_asking(each) for each in told.askings],
            "differences": [
                {"scope": each.scope, "earlier": each.earlier, "later": each.later, "turned": [_turned(one) for one in each.turned]}
                for each in told.differences
            ],
            "unexplained": [{"decision": number, "scope": scope} for number, scope in told.unexplained],
            "not_asked_again": _limits(told.limits),
            "origin_not_recorded": list(told.unsourced),
            "unreadable_declarations": list(told.unreadable),
            "gone_declarations": list(told.gone),
            "catalogue": _present({"then": told.catalogue_then, "now": told.catalogue_now}),
        }
    )


def compared_as_json(compared: Compared) -> list[dict[str, Any]]:
    """Write what would be decided otherwise, and what could not be asked again, one line for each scope."""
    which = _present(
        {
            "exchange": compared.exchange,
            "entry": compared.entry,
            "at": None if compared.at is None else shown_at(compared.at),
            "partner": compared.partner,
            "direction": None if compared.direction is None else compared.direction.value,
            "unreadable_declarations": list(compared.unreadable) or None,
        }
    )
    changed = [
        which
        | _present(
            {
                "change": "would_flow" if each.would_flow else "would_not_flow",
                "scope": each.scope,
                "then": each.then,
                "now": each.now,
                "declaration": each.declaration,
                "assumed_own_word": each.assumed_own_word or None,
            }
        )
        for each in compared.changed
    ]
    return changed + [which | limit for limit in _limits(compared.limits)]


def summary_as_json(summary: Summary, catalogue: int) -> dict[str, Any]:
    """Write the last line."""
    return {
        "summary": {
            "version": __version__,
            "catalogue": catalogue,
            "decisions": summary.decisions,
            "asked_again": summary.asked_again,
            "would_flow": dict(sorted(summary.would_flow.items())),
            "would_not_flow": dict(sorted(summary.would_not_flow.items())),
            "not_asked_again": dict(sorted(summary.limits.items())),
        }
    }


def _recorded(decision: Recorded) -> dict[str, Any]:
    return _present(
        {
            "at": shown_at(decision.at),
            "entry": decision.entry,
            "place": decision.place,
            "asked": list(decision.asked),
            "released": list(decision.released),
            "withheld": shown_reasons(decision.withheld),
            "declarations": list(decision.declarations),
        }
    )


def _asking(asking: Asking) -> dict[str, Any]:
    about = {"at": shown_at(asking.at), "rules": asking.rules.value, "decision": asking.decision}
    return _present(about | {"scopes": [_walk(each) for each in asking.walks.values()]})


def _walk(walk: Walk) -> dict[str, Any]:
    under = [
        _present(
            {
                "declaration": one.declaration,
                "reason": None if one.objection is None else one.objection.value,
                "premises": [_premise(each) for each in one.premises],
            }
        )
        for one in walk.under
    ]
    said: dict[str, Any] = {
        "scope": walk.scope,
        "decision": "deny" if walk.reason else "permit",
        "reason": None if walk.reason is None else walk.reason.value,
        "declarations": list(walk.passing),
        "premises": [_premise(each) for each in walk.itself],
        "under": under,
    }
    return _present(said)


def _premise(premise: Premise) -> dict[str, Any]:
    return {"premise": premise.reason.value, "holds": premise.holds, "facts": _facts(premise.facts)}


def _turned(turned: Turned) -> dict[str, Any]:
    return _present({"declaration": turned.declaration}) | _premise(turned.premise)


def _facts(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: _fact(fact) for name, fact in facts.items()}


def _fact(fact: Fact) -> str | list[str]:
    if isinstance(fact, datetime):
        return shown_at(fact)
    return fact if isinstance(fact, str) else list(fact)


def _limits(limits: tuple[tuple[str | None, Any], ...]) -> list[dict[str, Any]]:
    return [_present({"scope": scope, "not_asked_again": limit.value}) for scope, limit in limits]


def _present(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}
