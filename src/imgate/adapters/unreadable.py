"""What an author reads of a message of theirs that cannot be read: the code, and by the schema every place with its rule."""

from imgate.adapters.adapter import LoadedAdapter
from imgate.plugin_api import MessageUnreadable


def why_unreadable(adapter: LoadedAdapter, body: bytes, refusal: MessageUnreadable) -> str:
    """Say it as "schema_invalid at content/kurs/art: not_in_list", without a value."""
    problems = adapter.explain(body) if refusal.code == "schema_invalid" else ()
    places = [f"{_at(problem.line, problem.column)}: {problem.code}" for problem in problems if problem.code != refusal.code]
    return refusal.code + ("; ".join(places) or _at(refusal.line, refusal.column))


def _at(line: int | None, column: int | str | None) -> str:
    where = [] if line is None else [f"line {line}"]
    if column is not None:
        where.append(f"column {column}" if isinstance(column, int) else column)
    return f" at {', '.join(where)}" if where else ""
