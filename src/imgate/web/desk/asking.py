"""What a form asks to send: partner, purpose, the record as a file, and where each part of it comes from. Read, and not believed."""

import base64
import binascii
from dataclasses import dataclass, field

import orjson

from imgate.exchange.answers import Answer
from imgate.exchange.context import Corridor
from imgate.exchange.requests import ExchangeRequest
from imgate.record import CaseRecord, JsonRefused, Problem, RecordInvalid, parse_json, validate_record
from imgate.vocabulary.words import PURPOSES
from imgate.web.desk.origins import Brought, origins_asked, origins_of
from imgate.web.desk.words import unread
from imgate.web.forms import Posted
from imgate.web.texts import _

_NO_FILE = _("Bitte wählen Sie die Datei mit den Falldaten.")
_NO_PARTNER = _("Bitte wählen Sie einen Partner.")
_NO_PURPOSE = _("Bitte wählen Sie einen Zweck.")
_NOT_A_RECORD = _("Die Datei ist nicht, wie sie sein muss. Bitte berichtigen Sie die Stellen im Fallsystem.")
_EMPTY = _("In der Datei steht keine einzige Angabe.")


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong with a form: a sentence for each field, and the places in the file."""

    partner: str | None = None
    purpose: str | None = None
    file: str | None = None
    problems: tuple[Problem, ...] = ()
    partner_typed: str = ""
    purpose_typed: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is wrong."""
        return bool(self.partner or self.purpose or self.file)


@dataclass(frozen=True, slots=True)
class Asked(Brought):
    """What is to be sent, with the record as it was handed in."""

    request: ExchangeRequest = field(repr=False)

    @property
    def body(self) -> bytes:
        """What tells one request from another."""
        said = self.request
        return orjson.dumps([said.partner, said.purpose, sorted(said.provenance.items()), self.carried])

    def exchange_in(self, answer: Answer) -> str:
        """Give the id of the exchange that an answer names."""
        return str(orjson.loads(answer.body)["id"])


def asked_of(corridor: Corridor, client: str, form: Posted, by: str) -> tuple[Asked | None, Mistakes]:
    """Read a form: what is asked for, or what is wrong with it."""
    partner, purpose = form.one("partner"), form.one("purpose")
    body, record, sentence, problems = record_of(form)
    mistakes = Mistakes(
        partner=None if partner in corridor.partners else _NO_PARTNER,
        purpose=None if purpose in PURPOSES else _NO_PURPOSE,
        file=sentence,
        problems=problems,
        partner_typed=partner if partner in corridor.partners else "",
        purpose_typed=purpose if purpose in PURPOSES else "",
    )
    if mistakes or record is None:
        return None, mistakes
    provenance = origins_of(corridor, form)
    # Its parts were checked above, each by itself, so that the form can say what is wrong where.
    request = ExchangeRequest.model_construct(client=client, partner=partner, purpose=purpose, record=record, provenance=provenance, by=by)
    return Asked(body, provenance, origins_asked(form), request), mistakes


def record_of(form: Posted) -> tuple[bytes, CaseRecord | None, str | None, tuple[Problem, ...]]:
    """Read the record that was chosen, or carried on from the page before: as it was sent, and as ``_record`` reads it."""
    body = form.file("file") or _carried(form.one("record"))
    return (body, *_record(body))


def _record(body: bytes) -> tuple[CaseRecord | None, str | None, tuple[Problem, ...]]:
    """Read a file: the record, or a sentence and the places where it is wrong. Nothing of it is repeated."""
    if not body:
        return None, _NO_FILE, ()
    try:
        record = validate_record(parse_json(body))
    except JsonRefused as refused:
        return None, unread(refused.code), ()
    except RecordInvalid as invalid:
        return None, _NOT_A_RECORD, invalid.problems
    return (record, None, ()) if any(record.values()) else (None, _EMPTY, ())


def _carried(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
