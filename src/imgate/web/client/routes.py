"""All pages of a client."""

from fastapi import APIRouter

from imgate.web.client import disclosures, entrance, home, looks, revoking

router = APIRouter()
for _room in (entrance, home, disclosures, looks, revoking):
    router.include_router(_room.router)
