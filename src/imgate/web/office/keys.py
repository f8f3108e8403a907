"""Which keys there are, since when, and which of them somebody should change. Never a key."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response

from imgate.keys import Key, Keyring, KeyUse, are_encrypted
from imgate.keys.keyring import ROTATED_AFTER
from imgate.web.house import corridor_of, house_of, today
from imgate.web.office.words import KEY_USES
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()


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
        today=today(corridor),
        encrypted=are_encrypted(house_of(request).gateway.settings.keys.folder),
        years=ROTATED_AFTER.days // 365,
    )


def _shown(keyring: Keyring, key: Key) -> ShownKey:
    current = keyring.current(key.use).id == key.id
    return ShownKey(key.id, key.use, keyring.algorithm(key), key.created_on, current, key.token_object is not None, keyring.due_on(key))
