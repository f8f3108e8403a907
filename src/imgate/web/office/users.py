"""Who may use the pages: list, add, give a new code, take away.

The office's own role is given and renewed on the command line only (`imgate user`): whoever could make a second user of the office, or
get a colleague's code, would have four eyes alone.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.refusals import Refused, not_found
from imgate.storage.people import LoginTaken, User
from imgate.vocabulary.identifiers import is_uuid
from imgate.vocabulary.words import UserRole
from imgate.web.forms import Form
from imgate.web.house import House, corridor_of, house_of, partner_names
from imgate.web.labels import USER_ROLES
from imgate.web.office.new_user import SENTENCES, wrong_fields
from imgate.web.office.words import ACCESS_ROLES
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import ConfirmedOffice, Office, Visitor

router = APIRouter()

GIVEN_HERE = (UserRole.LIAISON, UserRole.INTEGRATION_MANAGER)
_FIELDS = ("role", "partner", "name", "login", "email")

_TAKEN = _("Diesen Anmeldenamen hat schon jemand, vielleicht eine Person, deren Zugang entzogen wurde.")


@router.get("/pages/office/users")
def list_users(request: Request, visitor: Office) -> Response:
    """List everybody, and the programs that have access."""
    return _list(request, visitor)


@router.post("/pages/office/users")
def add_user(request: Request, visitor: ConfirmedOffice, form: Form) -> Response:
    """Let a person onto the pages, and show the code to enrol with, this once."""
    house = house_of(request)
    typed = {field: form.one(field) for field in _FIELDS}
    role = UserRole(typed["role"]) if typed["role"] in GIVEN_HERE else None
    partner, email = typed["partner"] or None, typed["email"] or None
    wrong = set(wrong_fields(role, partner, typed["name"], typed["login"], email))
    if partner is not None and partner not in house.corridor.partners:
        wrong.add("partner")
    errors = {field: SENTENCES[field] for field in wrong}
    if role is None or errors:
        return _list(request, visitor, status=422, typed=typed, errors=errors)
    try:
        user, code = house.gateway.store.people.users.add(
            role, partner, typed["name"], typed["login"], email, house.corridor.clock(), visitor.id
        )
    except LoginTaken:
        return _list(request, visitor, status=422, typed=typed, errors={"login": _TAKEN})
    return _code_of(request, user, code)


@router.post("/pages/office/users/{user}/enrolment")
def renew_enrolment(request: Request, visitor: ConfirmedOffice, user: str) -> Response:
    """Give a new code, and delete what this person signs in with until now."""
    house = house_of(request)
    found = _other(house, visitor, user)
    if found.role not in GIVEN_HERE:
        raise Refused(403, "forbidden")
    code = house.gateway.store.people.users.new_enrolment(found.id, house.corridor.clock(), visitor.id)
    if code is None:
        raise not_found()
    return _code_of(request, found, code)


@router.post("/pages/office/users/{user}/revocation")
def revoke_user(request: Request, visitor: ConfirmedOffice, user: str) -> Response:
    """Take a person off the pages for good. Twice is once."""
    house = house_of(request)
    found = _other(house, visitor, user)
    house.gateway.store.people.users.revoke(found.id, house.corridor.clock(), visitor.id)
    return RedirectResponse("/pages/office/users?done=user_revoked", 303)


def _other(house: House, visitor: Visitor, user: str) -> User:
    """Find somebody else than the visitor. Raises Refused 404, and 403 for oneself: nobody locks themselves out by a slip."""
    found = house.gateway.store.people.users.get(user) if is_uuid(user) else None
    if found is None:
        raise not_found()
    if found.id == visitor.id:
        raise Refused(403, "forbidden")
    return found


def _list(
    request: Request,
    visitor: Visitor,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    house, corridor = house_of(request), corridor_of(request)
    return page(
        request,
        "office/users.html",
        status=status,
        users=house.gateway.store.people.users.list(),
        accesses=house.gateway.store.access.list(),
        access_roles=ACCESS_ROLES,
        given_here=GIVEN_HERE,
        roles=USER_ROLES,
        names=partner_names(corridor),
        typed=typed or dict.fromkeys(_FIELDS, ""),
        errors=errors or {},
    )


def _code_of(request: Request, user: User, code: str) -> Response:
    house = house_of(request)
    return page(request, "office/enrolment.html", user=user, code=code, enrol_at=f"{house.gateway.url}/pages/enrol")
