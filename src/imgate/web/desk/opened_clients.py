"""The clients whom somebody opened in this session, by an id that may stand in an address.

A reference is typed and posted, and never stands in an address: those are kept by browsers, and read over shoulders. So an address names
a client by a keyed digest that another session cannot have, and the way back travels with the browser, sealed, in a cookie that only
this session opens. Nothing of it is stored here.
"""

import base64
import binascii
import hmac
import json
from datetime import UTC
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import Response

from imgate.exchange.ports import Unreadable
from imgate.exchange.refusals import Refused, not_found
from imgate.storage.sealing import place, seal, unseal
from imgate.vocabulary.identifiers import is_client
from imgate.web.house import house_of
from imgate.web.visitors import Visitor

# As many as somebody has in hand; the longest references still fit into one cookie.
OPEN_MAX = 8


def open_client(request: Request, response: Response, reference: str) -> str:
    """Open a client, known or not, and give the id that stands for them in this session's addresses.

    ``response`` takes the cookie, so hand in the very response that goes out. Raises Refused 422 ``client_invalid``.
    """
    if not is_client(reference):
        raise Refused(422, "client_invalid")
    opened = [reference, *(each for each in opened_clients(request) if each != reference)][:OPEN_MAX]
    sealed = seal(AESGCM(_key(request, "seal")), json.dumps(opened).encode(), _place(request))
    cookie = base64.urlsafe_b64encode(sealed).decode()
    response.set_cookie(_cookie_name(request), cookie, path="/", secure=house_of(request).secure, httponly=True, samesite="lax")
    return case_of(request, reference)


def case_of(request: Request, reference: str) -> str:
    """Give the id of a client in this session's addresses. It leads nowhere before ``open_client``."""
    digest = hmac.digest(_key(request, "case"), _place(request) + b"|" + reference.encode(), "sha256")
    return str(UUID(bytes=digest[:16]))


def reference_of(request: Request, case: str) -> str:
    """Give the reference of a client who was opened in this session. Raises Refused 404."""
    for reference in opened_clients(request):
        if hmac.compare_digest(case_of(request, reference).encode(), case.encode()):
            return reference
    raise not_found()


def opened_clients(request: Request) -> tuple[str, ...]:
    """Give the references of those opened in this session, the last one first. A cookie of another session opens nothing."""
    unverified_cookie = request.cookies.get(_cookie_name(request), "")
    try:
        sealed = base64.urlsafe_b64decode(unverified_cookie.encode("ascii"))
        return tuple(json.loads(unseal(AESGCM(_key(request, "seal")), sealed, _place(request))))
    except (Unreadable, binascii.Error, UnicodeEncodeError):
        return ()


def _place(request: Request) -> bytes:
    """Name this session. The token changes when somebody confirms that it is still they; who and since when does not."""
    visitor: Visitor = request.state.visitor
    return place("opened_clients", visitor.session.created_at.astimezone(UTC).isoformat(), visitor.id, "")


def _key(request: Request, use: str) -> bytes:
    return house_of(request).gateway.keyring.derived("index", f"opened-clients-{use}")


def _cookie_name(request: Request) -> str:
    return "__Host-imgate-clients" if house_of(request).secure else "imgate-clients"
