"""Words in the configuration that must be known: scopes, zones. Whoever mistypes one is told the nearest that exists."""

from difflib import get_close_matches
from zoneinfo import ZoneInfo

from imgate.record import CATALOGUE

# Not closed, but under an information block withheld unless a partner's configuration opens it (contract §2).
_BLOCKABLE = "contact.address"


def nearest(word: str, known: list[str]) -> str:
    """Say which known word was probably meant, as the end of a sentence; empty where none is near."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def known_scope(scope: str) -> str:
    """Let a scope of the catalogue pass. Raises ValueError."""
    if scope not in CATALOGUE.scopes:
        raise ValueError(f"`{scope}` is no scope{nearest(scope, list(CATALOGUE.scopes))}")
    return scope


def openable_scope(scope: str) -> str:
    """Let a scope pass that is closed unless opened. Raises ValueError."""
    openable = [*sorted(CATALOGUE.closed), _BLOCKABLE]
    if known_scope(scope) not in openable:
        raise ValueError(f"`{scope}` is not closed, so there is nothing to open; closed are {', '.join(openable)}")
    return scope


def usable_zone(name: str) -> str:
    """Let the name of a time zone pass that this system knows. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # by the form of the name, and by what the system has
        raise ValueError("no time zone of this name is known; write for example Europe/Berlin") from None
    return name
