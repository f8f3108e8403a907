"""Finding a client: a reference is typed and posted, and from then on an id of this session stands for it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.vocabulary.identifiers import is_client, is_uuid
from imgate.web.desk.opened_clients import case_of, open_client, opened_clients
from imgate.web.forms import Form
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager

router = APIRouter()

_NOT_A_REFERENCE = _("Ein Fallzeichen hat 1 bis 64 Zeichen: Buchstaben ohne Umlaute, Ziffern, Punkt, Unterstrich und Bindestrich.")


@router.get("/pages/clients")
def show_clients(request: Request, visitor: IntegrationManager) -> Response:
    """Ask for a reference, and show whom this session has opened."""
    return _asked(request)


@router.post("/pages/clients")
def find_client(request: Request, visitor: IntegrationManager, form: Form) -> Response:
    """Open a client. With ``declaration`` or ``scope_request`` the way leads on to that, for lists that name clients by reference."""
    reference = form.one("reference")
    if not is_client(reference):
        return _asked(request, typed=reference, error=_NOT_A_REFERENCE)
    answer = RedirectResponse("/pages/clients", 303)
    answer.headers["location"] = f"/pages/clients/{open_client(request, answer, reference)}{_further(form)}"
    return answer


def _further(form: Form) -> str:
    declaration, wished = form.one("declaration"), form.one("scope_request")
    if is_uuid(declaration):
        return f"/declarations/{declaration}"
    return f"/declarations/new?request={wished}" if is_uuid(wished) else ""


def _asked(request: Request, *, typed: str = "", error: str | None = None) -> Response:
    opened = [(reference, case_of(request, reference)) for reference in opened_clients(request)]
    return page(request, "desk/clients.html", status=422 if error else 200, opened=opened, typed=typed, error=error)
