"""How lists and times are shown: ``{"items": […], "next"}``, optional parts absent, RFC 3339 in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from imgate.exchange.stored import Page

T = TypeVar("T")


def page_of(page: Page[T], shown: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Show one page of a list."""
    items: dict[str, Any] = {"items": [shown(item) for item in page.items]}
    return items if page.next is None else items | {"next": page.next}


def shown_at(at: datetime) -> str:
    """Write a time as every answer does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown_reasons(withheld: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Write what was withheld, and why."""
    return [{"scope": scope, "reason": reason} for scope, reason in withheld]
