"""Renewing: the same declaration for another term, to be signed anew. The old one holds until the new one takes its place."""

from datetime import datetime

from imgate.consent.declaration import DeclarationRequest
from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.changing import change
from imgate.exchange.declarations.loading import existing
from imgate.exchange.declarations.register import create_in
from imgate.exchange.ports import Transaction
from imgate.exchange.requests import RenewalRequest


def renew(corridor: Corridor, call: Call, declaration: str, request: RenewalRequest) -> Answer:
    """Record a successor as a draft, with the content of this declaration but for what the request names.

    A revoked one can be renewed: nothing is permitted before the client signs again. Raises Refused: 404,
    ``declaration_unreadable``, and ``declaration_invalid`` for what may no longer be asked for today.
    """
    return change(corridor, call, lambda tx, at: _renew(corridor, tx, call, declaration, request, at))


def _renew(corridor: Corridor, tx: Transaction, call: Call, declaration: str, request: RenewalRequest, at: datetime) -> Answer:
    _, stored = existing(tx, declaration)
    # As the client's content has them; what imgate added to it is added anew: recipient, catalogue, wording, nonce.
    before = {name: stored.content[name] for name in DeclarationRequest.model_fields if name in stored.content}
    said = request.model_dump(mode="json", exclude_unset=True)
    changes = {name: part for name, part in said.items() if part is not None or name == "interpreter"}
    successor = DeclarationRequest.model_validate(before | changes | {"supersedes": declaration})
    return create_in(corridor, tx, call, successor, at)
