"""Which keys there are, since when, and which of them somebody should change. Never a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response

from imgate.keys import Key, Keyring, KeyUse, are_encrypted
from imgate.keys.keyring import ROTATABLE
from imgate.web.house import corridor_of, house_of
from imgate.web.office.words import KEY_USES
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()

# NIST SP 800-57 part 1 rev. 5, 5.3.6: a wrapping key protects for at most two years, a signing key signs for one to three.
ROTATED_AFTER = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One key as it is shown. ``due_on`` is None for one that is not rotated, and for one that has been already."""

    id: str
    use: KeyUse
    algorithm: str
    since: date
    current: bool
    in_token: bool
    due_on: date | None


@router.get("/pages/office/keys")
def show_keys(request: Request, visitor: Office) -> Response:
    """Show the keys of this process, as `imgate keys list` does those of the folder."""
    keyring, corridor = house_of(request).gateway.keyring, corridor_of(request)
    return page(
        request,
        "office/keys.html",
        keys=[_shown(keyring, key) for key in keyring.keys],
        uses=KEY_USES,
        today=corridor.clock().astimezone(corridor.policy.zone).date(),
        encrypted=are_encrypted(house_of(request).gateway.settings.keys.folder),
        years=ROTATED_AFTER.days // 365,
    )


def due_keys(keyring: Keyring, today: date) -> Sequence[ShownKey]:
    """Give the keys that should be changed by now."""
    shown = [_shown(keyring, key) for key in keyring.keys]
    return [key for key in shown if key.due_on is not None and key.due_on <= today]


def _shown(keyring: Keyring, key: Key) -> ShownKey:
    current = keyring.current(key.use).id == key.id
    due_on = key.created_on + ROTATED_AFTER if current and key.use in ROTATABLE else None
    return ShownKey(key.id, key.use, keyring.algorithm(key), key.created_on, current, key.token_object is not None, due_on)
