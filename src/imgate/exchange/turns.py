"""Units of work that were undone through nobody's fault are taken again, so that nobody's request fails for it.

A partner that fetches holds messages and looks at declarations; a revocation holds a declaration and looks at messages. Whichever
order one of them kept, a third would keep another; so the database breaks the knot, and the loser begins anew, on what is true then.
So does whoever lost the connection before the commit. Where the commit itself was not answered and its fate cannot be found out, the
store raises a plain Unavailable, and that is not taken again: it may have been done.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from imgate.exchange.ports import Crossed

P = ParamSpec("P")
T = TypeVar("T")

_TURNS = 5


def in_turn(step: Callable[P, T]) -> Callable[P, T]:
    """Take a step that is one transaction again where it was undone. Raises Crossed if that goes on and on."""

    @wraps(step)
    def taken(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_TURNS - 1):
            try:
                return step(*args, **kwargs)
            except Crossed:
                continue
        return step(*args, **kwargs)

    return taken
