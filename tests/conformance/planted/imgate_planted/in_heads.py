"""Faults about the head of a message: whom it is about is told or kept; and a scope that is written by another's leave."""

import dataclasses
import hashlib
import logging

import structlog

from imgate.plugin_api import TranslationFault
from imgate.plugin_api.xml_write import escape_text
from imgate_planted.good import Good
from imgate_planted.in_bytes import Sends
from imgate_planted.in_purity import UNDO

LOG = logging.getLogger("planted.heads")
REFERENCES = set()


class OfEnvelope(Good):
    """Does something with the envelope beside each translation."""

    def __init__(self, do):
        super().__init__()
        self.do = do

    def to_partner(self, released, envelope):
        self.do(envelope)
        return super().to_partner(released, envelope)


class OfReading(Good):
    """Does something with what it read."""

    def __init__(self, do):
        super().__init__()
        self.do = do

    def from_partner(self, message):
        reading = super().from_partner(message)
        self.do(reading)
        return reading


class KeepsOfEnvelope(Good):
    last = None

    def __init__(self, name):
        super().__init__()
        self.name = name

    def to_partner(self, released, envelope):
        self.last = getattr(envelope, self.name)
        return super().to_partner(released, envelope)


class KeepsOfReading(Good):
    last = None

    def __init__(self, what):
        super().__init__()
        self.what = what

    def from_partner(self, message):
        reading = super().from_partner(message)
        self.last = self.what(reading)
        return reading


class NamesTheReference(Good):
    def to_partner(self, released, envelope):
        fault = None
        try:
            return super().to_partner(released, envelope)
        except TranslationFault as error:
            fault = TranslationFault(error.scope, f"{envelope.reference} cannot be written")
        raise fault


class WritesTheReferenceBefore(Good):
    before = ""

    def to_partner(self, released, envelope):
        message = super().to_partner(released, envelope)
        before, self.before = self.before, escape_text(envelope.reference)
        return message.replace(b"</m:content>", f"<m:note>{before}</m:note></m:content>".encode())


def bind(reading):
    UNDO.append(structlog.contextvars.clear_contextvars)
    structlog.contextvars.bind_contextvars(message=reading.message_id)


def counts_on_its_logger():
    def count(_):
        LOG.seen = getattr(LOG, "seen", 0) + 1

    UNDO.append(lambda: vars(LOG).pop("seen", None))
    return OfEnvelope(count)


def first_reference(reading):
    return reading.people[0].reference


def phone_for_body(record):
    if "phone" in record.get("contact", {}) and "regime" in record.get("benefits", {}):
        record["benefits"]["regime"]["body"] = record["contact"]["phone"]


def no_place_beside_a_level(record):
    if "level" in record.get("language", {}) and "birth" in record.get("person", {}):
        record["person"]["birth"].pop("place", None)


FAULTS = {
    "logs the reference": lambda: OfEnvelope(lambda envelope: LOG.warning("writing about %s", envelope.reference)),
    "logs a digest of the reference": lambda: OfEnvelope(
        lambda envelope: LOG.warning("writing about %s", hashlib.sha256(envelope.reference.encode()).hexdigest())
    ),
    "logs the reference that it read": lambda: OfReading(lambda reading: LOG.warning("read %s", first_reference(reading))),
    "logs the id that it read": lambda: OfReading(lambda reading: LOG.warning("read %s", reading.message_id)),
    "logs a digest of the id that it read": lambda: OfReading(
        lambda reading: LOG.warning("read %s", hashlib.sha256(reading.message_id.encode()).hexdigest())
    ),
    "names the reference in a fault": NamesTheReference,
    **{
        f"keeps the last {name}": lambda name=name: KeepsOfEnvelope(name)
        for name in ("reference", "message_id", "created_at", "sender", "recipient", "purpose")
    },
    "keeps an envelope": lambda: OfEnvelope(lambda envelope: REFERENCES.add(dataclasses.replace(envelope))),
    "keeps each reference": lambda: OfEnvelope(lambda envelope: REFERENCES.add(envelope.reference)),
    "keeps each reference that it read": lambda: OfReading(lambda reading: REFERENCES.add(first_reference(reading))),
    "keeps the last reference that it read": lambda: KeepsOfReading(first_reference),
    "keeps the last id that it read": lambda: KeepsOfReading(lambda reading: reading.message_id),
    "binds the id that it read to the log": lambda: OfReading(bind),
    "counts on its logger": counts_on_its_logger,
    "writes the reference before": WritesTheReferenceBefore,
    "puts one scope's value into another": lambda: Sends(phone_for_body),
    "leaves something out beside another scope": lambda: Sends(no_place_beside_a_level),
}
