"""The notice of the end of use: the one message that leaves without a running permission, so the core builds it and it carries no value.

It is the same document for every partner, whatever its own format: it belongs to no adapter, and whoever reads it need not know
one. Its schema is ``schemas/imgate-notice.xsd``. It goes the way of an exchange, behind what waits for the same client and partner.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from imgate.exchange.context import Corridor, Partner
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.sealing import open_message
from imgate.exchange.stored import Notice, OutboxItem, Revocation, SealedBox, StoredExchange, Waiting
from imgate.plugin_api.xml_write import escape_text
from imgate.vocabulary.words import Direction, EndOfUseAnswer, ExchangeState

if TYPE_CHECKING:
    from imgate.exchange.again import Leaving

NAMESPACE = "urn:imgate:notice:1"
MEDIA_TYPE = "application/xml"
_STATEMENT = {
    "de": "Die Einwilligung und die Entbindung von der Schweigepflicht tragen die weitere Nutzung der genannten Angaben ab diesem Tag "
    "nicht mehr. Bitte beenden Sie die Nutzung, oder nennen Sie die Rechtsvorschrift, nach der Sie die Angaben behalten müssen.",
    "en": "From this day on, consent and release from confidentiality no longer carry further use of what is named here. "
    "Please end its use, or name the statute under which you have to keep it.",
}
_HOW_TO_ANSWER = {
    "de": "Über die Schnittstelle: POST /v1/partners/{partner}/outbox/{message}/end-of-use mit answer „ended“, „kept_under_statute“ "
    "(dazu statute) oder „objected“; sonst formlos beim Absender unter Angabe der Kennung revocation.",
    "en": "By the interface: POST /v1/partners/{partner}/outbox/{message}/end-of-use with answer “ended”, “kept_under_statute” "
    "(and statute) or “objected”; otherwise in any form to the sender, naming the id in revocation.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What stands in one notice. ``ended_on`` is a calendar day, ``reminder`` 0 in the first one."""

    message_id: str
    created_at: str
    sender: str
    recipient: str
    partner: str
    reference: str = field(repr=False)
    revocation: str
    reminder: int
    ended_on: str
    scopes: tuple[str, ...]


def document(told: Told) -> bytes:
    """Write the notice. Of the person it says the partner's own reference and names of scopes, nothing else."""
    head = {
        "messageId": told.message_id,
        "createdAt": told.created_at,
        "sender": told.sender,
        "recipient": told.recipient,
        "reference": told.reference,
        "revocation": told.revocation,
        **({"reminder": str(told.reminder)} if told.reminder else {}),
        "endedOn": told.ended_on,
        "scopes": " ".join(told.scopes),
    }
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<n:endOfUse xmlns:n="{NAMESPACE}">']
    parts += [f"<n:{name}>{escape_text(text)}</n:{name}>" for name, text in head.items()]
    parts += [f'<n:statement language="{language}">{text}</n:statement>' for language, text in _STATEMENT.items()]
    for language, text in _HOW_TO_ANSWER.items():
        said = escape_text(text.format(partner=told.partner, message=told.message_id))
        parts.append(f'<n:howToAnswer language="{language}">{said}</n:howToAnswer>')
    parts.append(f"<n:answers>{' '.join(EndOfUseAnswer)}</n:answers></n:endOfUse>\n")
    return "".join(parts).encode("utf-8")


def send_notice(
    corridor: Corridor,
    tx: Transaction,
    client: ClientKeys,
    partner: Partner,
    run: Revocation,
    notice: Notice,
    message_id: str,
    reminder: int,
    at: datetime,
) -> None:
    """Put a notice, or a reminder of it by its number, into the outbox under this message id. The notice itself is stored before."""
    content = document(
        Told(
            message_id=message_id,
            created_at=shown_at(at),
            sender=corridor.policy.gateway,
            recipient=partner.policy.name,
            partner=partner.id,
            reference=notice.reference,
            revocation=run.id,
            reminder=reminder,
            ended_on=run.at.astimezone(corridor.policy.zone).date().isoformat(),
            scopes=notice.scopes,
        )
    )
    exchange = StoredExchange(
        id=message_id,
        client=client.digest,
        partner=partner.id,
        direction=Direction.TO_PARTNER,
        purpose=None,
        state=ExchangeState.QUEUED,
        created_at=at,
        released=(),
        withheld=(),
        declarations=(),
        notice=notice.id,
    )
    box = SealedBox(
        message=client.seal("outbox", "message", message_id, content),
        released=client.seal("outbox", "released", message_id, b"{}"),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    waiting = Waiting(
        named={},
        provenance={},
        reference_digest=tx.links.digest_of(partner.id, notice.reference),
        media_type=MEDIA_TYPE,
        fetched=partner.transport.waits,
        held_until=None,
        box=box,
    )
    tx.exchanges.add(exchange)
    tx.outbox.add(exchange, waiting)


def leaving(tx: Transaction, client: ClientKeys, item: OutboxItem) -> "Leaving | None":
    """Give what leaves of a notice that waits: the stored bytes; None where it has become needless.

    It is, once it was answered, and where in the end nothing of what it names was handed out: an attempt that was under way
    when it was written may turn out to have reached nobody. Raises Unreadable.
    """
    from imgate.exchange.again import Leaving  # there, because what leaves is decided there; it asks here about notices

    exchange = item.exchange
    notice = None if exchange.notice is None else tx.revocations.notice(exchange.notice)
    box = tx.outbox.box(exchange.id)
    if notice is None or notice.answer is not None or box is None or not was_handed_out(tx, exchange.partner, notice):
        return None
    return Leaving(box.sha256, (), (), {}, notice.reference, open_message(client, exchange.id, box), {})


def was_handed_out(tx: Transaction, partner: str, notice: Notice) -> bool:
    """Tell whether this partner was ever handed anything of what a notice names."""
    scopes = frozenset(notice.scopes)
    return any(not scopes.isdisjoint(disclosure.scopes) for disclosure in tx.disclosures.to_partners(notice.client, partner))
