"""All pages of the liaison, as one router."""

from fastapi import APIRouter

from imgate.web.liaison import answering, asking, ended, inbox, item, keeping, notifications, search

router = APIRouter()
for _page in (inbox, search, item, keeping, asking, answering, ended, notifications):
    router.include_router(_page.router)
