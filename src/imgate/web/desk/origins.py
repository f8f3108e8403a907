"""A record as it was brought to a form, and where its parts come from: it travels from page to page, whatever becomes of it in the end."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request, Response

from imgate.exchange.context import Corridor
from imgate.record import CATALOGUE
from imgate.vocabulary.words import SELF
from imgate.web.forms import Posted
from imgate.web.house import corridor_of, partner_names
from imgate.web.rendering import page
from imgate.web.texts import _

# Before the scope, in the name of the field that says where it comes from.
_ORIGIN = "origin:"
_SAY_ORIGIN = _("Bitte sagen Sie bei jeder Angabe, woher sie stammt.")


@dataclass(frozen=True, slots=True)
class Brought:
    """A record as it was handed in, and its provenance. ``origins_typed`` tells whether anybody was asked where it comes from."""

    record: bytes = field(repr=False)
    provenance: Mapping[str, str] = field(repr=False)
    origins_typed: bool

    @property
    def carried(self) -> str:
        """The record for a hidden field."""
        return base64.b64encode(self.record).decode()

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each scope comes from, by the name of its hidden field."""
        return {f"{_ORIGIN}{scope}": origin for scope, origin in self.provenance.items()}


def origins_asked(form: Posted) -> bool:
    """Tell whether anybody was asked where the record's parts come from."""
    return any(name.startswith(_ORIGIN) for name in form.fields)


def origins_of(corridor: Corridor, form: Posted) -> dict[str, str]:
    """Read where scopes come from: the client's own word, or a partner. Anything else was not said."""
    said: dict[str, str] = {}
    for name in form.fields:
        scope, origin = name.removeprefix(_ORIGIN), form.one(name)
        if name.startswith(_ORIGIN) and scope in CATALOGUE.scopes and (origin == SELF or origin in corridor.partners):
            said[scope] = origin
    return said


def ask_origins(request: Request, case: str, reference: str, asked: Brought, scopes: object, *, way: str, carried: str) -> Response:
    """Ask where these scopes come from. ``way`` is where the answer goes, ``carried`` the template of what travels with it."""
    again = asked.origins_typed
    return page(
        request,
        "desk/origins.html",
        status=422 if again else 200,
        case=case,
        reference=reference,
        asked=asked,
        way=way,
        carried=carried,
        scopes=[str(scope) for scope in scopes] if isinstance(scopes, list) else [],
        own_word=SELF,
        partners=partner_names(corridor_of(request)),
        error=_SAY_ORIGIN if again else None,
    )
