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
    return [*_running_out(record, today, days), *_codes_running_out(record, today, last_day), *_declined(record)]


def _running_out(record: Record, today: date, days: int) -> Iterator[dict[str, Any]]:
    for section, item, leaf in _LAST_DAYS:
        value = record.get(section, {}).get(item, {})
        last_day = value.get(leaf)
        if last_day is None or date.fromisoformat(last_day) > today + timedelta(days):
            continue
        hint: dict[str, Any] = {"code": "runs_out", "scope": f"{section}.{item}", "on": last_day}
        if date.fromisoformat(last_day) < today:
            yield hint | {"passed": True}
        else:
            yield hint | ({"apply_by": last_day} if _goes_on_once_applied(item, value) else {})


def _goes_on_once_applied(item: str, value: Mapping[str, Any]) -> bool:
    """Tell whether an application by the last day keeps it in force until the decision."""
    if item == "status":
        return value["code"] in _TITLES
    return item == "title" and value["list"] == RESIDENCE_PERMITS


def _codes_running_out(record: Record, today: date, last_day: LastDay) -> Iterator[dict[str, Any]]:
    """Find a fine title whose code its list takes for a time only, such as that of § 104c AufenthG: what it stands for ends then."""
    title = record.get("residence", {}).get("title")
    day = None if title is None else last_day(title["list"], title["version"], title["code"])
    if day is not None:
        yield {"code": "code_runs_out", "scope": "residence.title", "on": day} | ({"passed": True} if day < today.isoformat() else {})


def _declined(record: Record) -> Iterator[dict[str, Any]]:
    """Find proposals of employers that declined before, or that the client declined: compared as names are searched for."""
    work = record.get("work", {})
    declined = {search_form(employer["name"]) for employer in work.get("job_search", {}).get("declined_employers") or ()} - {""}
    again = [place for place, proposal in enumerate(work.get("proposals", ())) if search_form(proposal["employer"]) in declined]
    if again:
        yield {"code": "employer_already_declined", "proposals": again}
