"""Signing the receipt of a message that is about to leave. No message leaves without one (ADR 23).

Made when it is handed out or its attempt begins, behind the transaction that decided again and outside of any lock: what signs may be a
hardware token. So it says the decision under which these bytes leave now, and not the one under which they were written.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from imgate.consent.bundle import instant
from imgate.consent.receipt import KIND, RECEIPT_MAX, Receipt, by_declaration, payload_of
from imgate.exchange.again import Leaving
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.ports import Unavailable, Unsigned
from imgate.exchange.stored import OutboxItem

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """The receipt of the bytes that leave, as a compact JWS. Only ``sign_receipt`` makes it."""

    token: str = field(repr=False)


def sign_receipt(corridor: Corridor, partner: Partner, item: OutboxItem, leaving: Leaving, decided_at: datetime) -> SignedReceipt:
    """Sign what ``leaving`` was decided to be at ``decided_at``. May wait for a hardware token. Raises Unsigned."""
    receipt = _receipt(corridor, partner, item, leaving, decided_at)
    try:
        token = corridor.signature.sign(payload_of(receipt), KIND)
    except Unavailable:
        raise Unsigned("a receipt could not be signed") from None
    if len(token) > RECEIPT_MAX:  # no scopes do that, only names out of a manifest
        _log.error("receipt_too_long", exchange=item.exchange.id, partner=partner.id, adapter=partner.adapter.id)
        raise Unsigned("a receipt would be longer than anybody takes")
    return SignedReceipt(token)


def see_that_it_signs(corridor: Corridor) -> None:
    """See beforehand that receipts can be signed, so that nothing is put on record as handed out that stays here. Raises Unsigned."""
    try:
        corridor.signature.check()
    except Unavailable:
        raise Unsigned("what signs for the gateway does not answer") from None


def _receipt(corridor: Corridor, partner: Partner, item: OutboxItem, leaving: Leaving, decided_at: datetime) -> Receipt:
    exchange = item.exchange
    receipt: Receipt = {
        "iss": corridor.issuer.id,
        "iat": int(corridor.clock().timestamp()),
        "exchange": exchange.id,
        "partner": partner.id,
        "released": by_declaration({scope: leaving.named[scope] for scope in leaving.scopes}),
        "decided_at": instant(decided_at),
        "message": {"media_type": item.media_type, "sha256": leaving.sha256},
        "log": {"origin": corridor.issuer.origin},
    }
    if exchange.purpose is not None:
        receipt["purpose"] = exchange.purpose
    if exchange.notice is not None:  # the core wrote it
        return receipt
    receipt["adapter"] = {"id": partner.adapter.id, "version": partner.adapter.version}
    format_ = partner.adapter.manifest.to_partner
    if format_.schema_file is not None and format_.sha256 is not None:
        receipt["schema"] = {"name": format_.schema_file, "sha256": format_.sha256}
    return receipt
