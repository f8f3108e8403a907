"""Signing in with a passkey that the person chooses: no login is typed, so none can be tried out."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.storage.users import User
from imgate.web.house import house_of
from imgate.web.sign_in.arrival import begin_session, way_on
from imgate.web.sign_in.ceremonies import Purpose, SentCredential, accepted, answered, asked, proved_by_passkey, refused
from imgate.web.sign_in.doorkeeper import doorkeeper_of
from imgate.web.sign_in.passkeys import NotProved, new_challenge
from imgate.web.visitors import set_session

router = APIRouter()


@router.post("/pages/sign-in/passkey/begin")
async def ask_for_passkey(request: Request) -> Response:
    """Give a challenge."""
    challenge = new_challenge()
    return asked(request, Purpose.SIGN_IN, challenge, doorkeeper_of(request).relying_party.request(challenge))


@router.post("/pages/sign-in/passkey")
async def sign_in_by_passkey(request: Request, sent: SentCredential) -> Response:
    """Sign in whoever's passkey answered it."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)

    def tried() -> tuple[User, str]:
        user = proved_by_passkey(house, doorkeeper, answered(request, Purpose.SIGN_IN, sent))
        return user, begin_session(request, user, "passkey")

    try:
        user, token = await run_sync(tried)
    except NotProved:
        return refused(request)
    response = accepted(request, way_on(sent.next, user))
    set_session(response, house, token)
    return response
