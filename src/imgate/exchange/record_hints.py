"""What a record by itself gives to think of: dates and codes that run out, employers that already declined. Decides nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from imgate.codelists import RESIDENCE_PERMITS, runs_out
from imgate.record.search_form import search_form

Record = Mapping[str, Mapping[str, Any]]
# Gives the last day for which a list, in a version, takes a code; None where it has none or nobody knows.
LastDay = Callable[[str, str, str], str | None]

# Where a scope has its last day.
_LAST_DAYS = (
    ("residence", "status", "until"),
    ("residence", "title", "valid_until"),
    ("residence", "fictional_effect", "until"),
    ("residence", "work_permission", "until"),
    ("residence", "domicile_restriction", "until"),
)
# Aufenthaltserlaubnis and Blaue Karte EU, in the coarse list and by the fine one: titles with a term. Who applies before it ends keeps
# the title until the decision (§ 81(4) AufenthG). Neither Duldung nor Gestattung is a title, and not every visa is extended like one.
_TITLES = frozenset({"1", "5"})


def of_record(record: Record, today: date, days: int, last_day: LastDay = runs_out) -> list[dict[str, Any]]:
    """Give what there is to think of. ``days``: how long before its last day something is told as running out."""
    of_code = _last_day_of_title(record, last_day)
    transitional = of_code is not None
    return [*_running_out(record, today, days, transitional), *_code_running_out(of_code, today), *_declined(record)]


def _running_out(record: Record, today: date, days: int, transitional: bool) -> Iterator[dict[str, Any]]:
    """Find last days. Of a transitional title nothing is promised: that of § 104c AufenthG is not extended (§ 104c(3))."""
    goes_on = _goes_on(record.get("residence", {}).get("fictional_effect", {}), today)
    for section, item, leaf in _LAST_DAYS:
        value = record.get(section, {}).get(item, {})
        last_day = value.get(leaf)
        if last_day is None or date.fromisoformat(last_day) > today + timedelta(days):
            continue
        if goes_on and _goes_on_once_applied(item, value):
            continue
        hint: dict[str, Any] = {"code": "runs_out", "scope": f"{section}.{item}", "on": last_day}
        if date.fromisoformat(last_day) < today:
            yield hint | {"passed": True}
        else:
            yield hint | ({"apply_by": last_day} if not transitional and _goes_on_once_applied(item, value) else {})


def _goes_on(effect: Mapping[str, Any], today: date) -> bool:
    """Tell whether somebody has applied in time already, so that the title does not end on its own last day (§ 81(4) AufenthG)."""
    ends = effect.get("until")
    return effect.get("kind") == "continued_validity" and (ends is None or ends >= today.isoformat())


def _goes_on_once_applied(item: str, value: Mapping[str, Any]) -> bool:
    """Tell whether an application by the last day keeps it in force until the decision."""
    if item == "status":
        return value["code"] in _TITLES
    return item == "title" and value["list"] == RESIDENCE_PERMITS


def _last_day_of_title(record: Record, last_day: LastDay) -> str | None:
    title = record.get("residence", {}).get("title")
    return None if title is None else last_day(title["list"], title["version"], title["code"])


def _code_running_out(day: str | None, today: date) -> Iterator[dict[str, Any]]:
    """Tell of a fine title whose code its list takes for a time only, such as that of § 104c AufenthG."""
    if day is not None:
        yield {"code": "code_runs_out", "scope": "residence.title", "on": day} | ({"passed": True} if day < today.isoformat() else {})


def _declined(record: Record) -> Iterator[dict[str, Any]]:
    """Find proposals of employers that declined before, or that the client declined: compared as names are searched for."""
    work = record.get("work", {})
    declined = {search_form(employer["name"]) for employer in work.get("job_search", {}).get("declined_employers") or ()} - {""}
    again = [place for place, proposal in enumerate(work.get("proposals", ())) if search_form(proposal["employer"]) in declined]
    if again:
        yield {"code": "employer_already_declined", "proposals": again}
