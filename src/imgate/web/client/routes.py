"""All pages of a client."""

from fastapi import APIRouter

from imgate.web.client import entrance, home, revoking

router = APIRouter()
for _room in (entrance, home, revoking):
    router.include_router(_room.router)
