"""Lists on the command line are whole: every page of them, one after the other."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgate.exchange.stored import Cursor


def whole_list(page: "Callable[[Cursor], dict[str, Any]]") -> list[dict[str, Any]]:
    """Follow ``next`` to the end, and give all items."""
    from imgate.exchange.stored import Cursor

    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        listed = page(Cursor(after, 500))
        items += listed["items"]
        after = listed.get("next")
        if after is None:
            return items
