"""All pages of the office, as one router."""

from fastapi import APIRouter

from imgate.web.office import accesses, deliveries, disclosures, keys, log, openings, overview, papers, partners, plugins, users

router = APIRouter()
for _page in (overview, partners, plugins, deliveries, log, disclosures, openings, users, accesses, papers, keys):
    router.include_router(_page.router)
