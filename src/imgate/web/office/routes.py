"""All pages of the office, as one router."""

from fastapi import APIRouter

from imgate.web.office import (
    accesses,
    checkpoints,
    deliveries,
    disclosures,
    erasing,
    keys,
    log,
    looks,
    office_papers,
    openings,
    overview,
    papers,
    partners,
    plugins,
    retention,
    users,
    what_if,
)

router = APIRouter()
# ``office_papers`` behind ``papers``: its addresses have a place for any word.
for _page in (
    overview,
    partners,
    plugins,
    deliveries,
    log,
    checkpoints,
    what_if,
    looks,
    disclosures,
    erasing,
    openings,
    users,
    accesses,
    papers,
    office_papers,
    retention,
    keys,
):
    router.include_router(_page.router)
