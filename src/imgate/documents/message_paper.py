"""A message on paper: what was released in plain German, for an office that only takes paper or reads on a screen.

It is made of the same released part and the same envelope as the message itself, which travels inside the PDF, byte for byte.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from imgate.adapters.adapter import MAX_MESSAGE_BYTES, ValidMessage
from imgate.documents.attachments import Attachments
from imgate.documents.declared import day
from imgate.documents.laid_out import Line, Said, laid_out
from imgate.documents.languages import GERMAN, written_day
from imgate.documents.length import is_too_long
from imgate.documents.message_file import message_file
from imgate.documents.runs import Runs, runs_of, written
from imgate.documents.typesetting import Attachment, PapersUnavailable, Relationship, typeset
from imgate.documents.wording import Both, Words, words_of
from imgate.exchange.ports import CodeNames, PaperFault, PaperMessage
from imgate.exchange.refusals import Problem, Refused
from imgate.plugin_api import Envelope, Release, ReleasedRecord
from imgate.record import CATALOGUE
from imgate.vocabulary.words import SELF

_LABELS = ("sender", "recipient", "reference", "purpose", "message_id", "created_at", "notes")
_APPOINTMENTS = "appointments.upcoming"


@dataclass(frozen=True, slots=True)
class MessagePaper:
    """Sets messages on paper for one gateway (the port ``Presenter``). ``partners`` gives the configured names by id."""

    wording: str
    partners: Mapping[str, str]
    zone: ZoneInfo

    @property
    def media_type(self) -> str:
        """What it makes."""
        return "application/pdf"

    def present(self, message: ValidMessage, released: ReleasedRecord, envelope: Envelope, names: CodeNames) -> PaperMessage:
        """Set exactly what was released. Raises Refused ``paper_too_long`` and ``papers_unavailable``, PaperFault."""
        if message.scopes != released.releases.keys():
            raise PaperFault
        lines = {scope: read_out(scope, released, self.zone, names) for scope in CATALOGUE.scopes if scope in message.scopes}
        if is_too_long([line.content or "" for scope in lines.values() for line in scope]):
            raise _too_long()
        content = self._set(message, released, envelope, lines)
        if len(content) > MAX_MESSAGE_BYTES:
            raise _too_long()
        return PaperMessage(content, self.media_type, message.scopes)

    def _set(self, message: ValidMessage, released: ReleasedRecord, envelope: Envelope, lines: Mapping[str, Sequence[Line]]) -> bytes:
        words, sent_at = words_of(self.wording, GERMAN.tag), datetime.fromisoformat(envelope.created_at).astimezone(self.zone)
        files = list(_files(message, released, envelope))
        data = {
            "w": {name: _text(name) for name in _LABELS},
            "sender": written(envelope.sender),
            "recipient": written(envelope.recipient),
            "reference": written(envelope.reference),
            "purpose": words.both(f"purposes.{envelope.purpose}"),
            "message_id": envelope.message_id,
            "created_at": _words()["moment"].format(day=written_day(sent_at.date()), clock=f"{sent_at:%H:%M}"),
            "sections": [
                {"label": label, "scopes": [self._scope(scope, lines[scope], released.releases[scope]) for scope in scopes]}
                for label, scopes in _sections(lines)
            ],
            "notes": list(_notes(words, files)),
        }
        fault: Exception = PaperFault()
        try:
            return typeset(
                "message",
                data,
                words=words,
                title=_text("title"),
                dated=sent_at.date(),
                reference=_words()["foot"].format(message_id=envelope.message_id),
                marks=[_text("mark")],
                attachments=[file for _, file in files],
            )
        except PapersUnavailable:
            fault = Refused(501, "papers_unavailable")
        except RuntimeError:  # typst's own: what it says may hold what was to be set, so it does not even hang on ours as context
            pass
        raise fault

    def _scope(self, scope: str, lines: Sequence[Line], release: Release) -> dict[str, Any]:
        origin = _words()["self"] if release.origin == SELF else self.partners.get(release.origin, release.origin)
        return {
            "label": CATALOGUE.scopes[scope].label,
            "lines": [_line(line) for line in lines],
            "source": _text("source", origin=origin, discloser=release.discloser, until=day(release.until)),
        }


def _too_long() -> Refused:
    return Refused(422, "paper_too_long", [Problem("paper_too_long", "/record")])


def read_out(scope: str, released: ReleasedRecord, zone: ZoneInfo, names: CodeNames) -> Sequence[Line]:
    """Lay out one released scope for an office: as ``laid_out`` does, and appointments by the clock here. At least one line."""
    section, _, item = scope.partition(".")
    value = released.record[section][item]
    if scope == _APPOINTMENTS:
        value = [appointment | {"at": _here(appointment["at"], zone)} for appointment in value]
    return laid_out(scope, value, names) or (Line(0, None, Said.EMPTY),)


def _here(moment: str, zone: ZoneInfo) -> str:
    """Write a time by the clock here: who reads „09:30“ on paper comes at half past nine."""
    with suppress(OverflowError):  # at the ends of the calendar
        return datetime.fromisoformat(moment).astimezone(zone).isoformat(timespec="seconds")
    return moment


def _sections(lines: Mapping[str, Sequence[Line]]) -> Iterator[tuple[str, list[str]]]:
    for section, label in CATALOGUE.section_labels.items():
        scopes = [scope for scope in lines if CATALOGUE.scopes[scope].section == section]
        if scopes:
            yield label, scopes


def _line(line: Line) -> dict[str, Any]:
    content = _words()[line.content.value] if isinstance(line.content, Said) else line.content
    return {"depth": line.depth, "label": line.label, "content": None if content is None else written(content)}


def _notes(words: Words, files: Sequence[tuple[str, Attachment]]) -> Iterator[Both]:
    """Say what holds for whoever reads this, and which files are inside."""
    for text in binding_notes(words.regime):
        yield _both(text, {})
    for kind, file in files:
        yield _both(_words()["files"][kind], {"file": file.name})


def binding_notes(regime: str) -> tuple[str, ...]:
    """Give in German what holds for whoever reads a message, on paper or on a screen: confidentiality and purpose binding first."""
    words = _words()
    return words["confidentiality"], words["purpose_binding"][regime], words["aliens_authority"], words["revocation"]


def _files(message: ValidMessage, released: ReleasedRecord, envelope: Envelope) -> Iterator[tuple[str, Attachment]]:
    """Give what travels inside, by its kind: the message itself, what is attached to it, and the appointments for a calendar."""
    yield "message", Attachment(message_file(message.media_type), message.content, message.media_type, Relationship.ALTERNATIVE)
    attached = list(envelope.attachments)
    calendar = Attachments().calendar(released, envelope)
    if calendar is not None and all(attachment.kind != calendar.kind for attachment in attached):
        attached.append(calendar)
    for one in attached:
        yield one.kind, Attachment(one.name, one.content, one.media_type, Relationship.SUPPLEMENT)


def _text(name: str, **values: str) -> Both:
    return _both(_words()[name], values)


def _both(text: str, values: Mapping[str, str]) -> Both:
    runs: Runs = runs_of(text, GERMAN, values)
    return {"de": runs, "tr": None}


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((resources.files("imgate.documents") / "message_words.toml").read_text(encoding="utf-8"))
