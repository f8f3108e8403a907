"""All pages of the desk, in the order in which they are looked for: a word before an id that could be one."""

from fastapi import APIRouter

from imgate.web.desk import (
    case_page,
    client_page,
    clients,
    correcting,
    declaring,
    disclosures,
    ends_of_use,
    form_page,
    ledger,
    links,
    overview,
    received,
    renewing,
    requests,
    revoking,
    sending,
    signing,
)

router = APIRouter()
_OF_DECLARATIONS = (clients, case_page, declaring, form_page, signing, renewing, revoking)
_OF_DATA = (overview, ends_of_use, requests, received, sending, correcting, ledger, disclosures, links, client_page)
for each in (*_OF_DECLARATIONS, *_OF_DATA):
    router.include_router(each.router)
