"""Everything under ``/pages`` by which people come in."""

from fastapi import APIRouter

from imgate.web.sign_in import account, confirmation, enrolment, entrance, openid, passkey_entrance

router = APIRouter()
for _room in (entrance, passkey_entrance, openid, enrolment, confirmation, account):
    router.include_router(_room.router)
