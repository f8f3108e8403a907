"""Which of the closed scopes that a partner's configuration opens are in effect: as the office confirmed them (ADR 21). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EYES_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Office:
    """What the office has said so far.

    ``in_use``: somebody of it was given access to the pages at some time. ``confirmed``: the users of the office who confirmed an
    opening and have access now, by partner and scope.
    """

    in_use: bool
    confirmed: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


# What is taken for the office's word as long as nobody could read it: it is in use, and nobody confirmed anything.
UNHEARD = Office(in_use=True)


def open_now(partner: str, configured: frozenset[str], office: Office, *, accept_single: bool) -> frozenset[str]:
    """Give what of ``configured`` is open. It only narrows: what the configuration does not name, no confirmation opens."""
    if accept_single or not office.in_use:
        return configured
    return frozenset(scope for scope in configured if len(office.confirmed.get((partner, scope), ())) >= EYES_NEEDED)
