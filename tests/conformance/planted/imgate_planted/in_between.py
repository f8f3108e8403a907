"""Faults that authors make by mistake: what one message leaves for the next, and what two at once do to each other."""

import csv
import decimal
import functools
import io
import re
import sys

import structlog
from lxml import etree

from imgate.plugin_api.xml_write import write_envelope
from imgate_planted.good import Good, texts_in
from imgate_planted.in_bytes import every
from imgate_planted.in_purity import UNDO


class KeepsTheFirstHead(Good):
    """Sends everybody's data under the first one's reference."""

    head = None

    def to_partner(self, released, envelope):
        self.head = self.head or write_envelope(envelope, released.releases).encode()
        message = super().to_partner(released, envelope)
        return re.sub(
            rb"(<e:reference>).*?(</e:reference>)", lambda _: re.search(rb"<e:reference>.*?</e:reference>", self.head)[0], message
        )


class Told(Good):
    """Hands something else to its format than it was told."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def to_partner(self, released, envelope):
        return super().to_partner(*self.change(released, envelope))


def one_release_for_all(released, envelope):
    first = next(iter(released.releases.values()))
    return type(released)(released.record, dict.fromkeys(released.releases, first)), envelope


def one_purpose_for_all(released, envelope):
    return released, type(envelope)(
        envelope.message_id, envelope.created_at, envelope.sender, envelope.recipient, envelope.reference, "labour_market_integration"
    )


class Remembers(Good):
    """Hands each day and each telephone number to a function that remembers it."""

    def __init__(self, remember):
        super().__init__()
        self.remember = remember

    def to_partner(self, released, envelope):
        for birth in every(released.record, "person", "birth"):
            if birth.get("date"):
                self.remember(birth["date"])
        return super().to_partner(released, envelope)


@functools.cache
def as_germans_write(day):
    return ".".join(reversed(day.split("-")))


@functools.lru_cache(maxsize=1)
def last_day(day):
    return day


class KeepsACodeWord(Good):
    code = "none"

    def to_partner(self, released, envelope):
        for regime in every(released.record, "benefits", "regime"):
            self.code = regime["code"]
        return super().to_partner(released, envelope)


class FillsATemplate(Good):
    template = etree.fromstring("<a/>")

    def to_partner(self, released, envelope):
        message = super().to_partner(released, envelope)
        self.template.set("length", str(len(message)))
        return message


class BindsToTheLog(Good):
    def to_partner(self, released, envelope):
        UNDO.append(structlog.contextvars.clear_contextvars)
        structlog.contextvars.bind_contextvars(person=" ".join(texts_in(released.record)))
        return super().to_partner(released, envelope)


class SharesABuffer(Good):
    """Leaves nothing in its buffer, and yet two threads write into it."""

    def __init__(self):
        super().__init__()
        self.buffer = io.BytesIO()

    def to_partner(self, released, envelope):
        try:
            self.buffer.write(super().to_partner(released, envelope))
            return self.buffer.getvalue()
        finally:
            self.buffer.seek(0)
            self.buffer.truncate()


class SharesWhatItReads(Good):
    reading = None

    def from_partner(self, message):
        self.reading = super().from_partner(message)
        try:
            return self.understood()
        finally:
            self.reading = None

    def understood(self):
        return self.reading


class EndsTheProcess(Good):
    def to_partner(self, released, envelope):
        if not released.releases.keys() <= self.fields.sent().keys():
            sys.exit("cannot be written")
        return super().to_partner(released, envelope)


class Shares(Good):
    """Sets for everybody what it needs for itself."""

    def __init__(self, setting):
        super().__init__()
        self.setting = setting

    def to_partner(self, released, envelope):
        self.setting()
        return super().to_partner(released, envelope)


def rounds():
    UNDO.append(functools.partial(setattr, decimal.getcontext(), "prec", 28))
    decimal.getcontext().prec = 3


def reads_long_cells():
    UNDO.append(functools.partial(csv.field_size_limit, csv.field_size_limit()))
    csv.field_size_limit(2**40)


FAULTS = {
    "keeps the head of the first message": KeepsTheFirstHead,
    "writes one release for all": lambda: Told(one_release_for_all),
    "writes one purpose for all": lambda: Told(one_purpose_for_all),
    "remembers days": lambda: Remembers(as_germans_write),
    "remembers the last day": lambda: Remembers(last_day),
    "keeps a code word": KeepsACodeWord,
    "fills a template and leaves it": FillsATemplate,
    "binds the record to the log": BindsToTheLog,
    "shares a buffer between two at once": SharesABuffer,
    "shares what it reads between two at once": SharesWhatItReads,
    "ends the process": EndsTheProcess,
    "rounds for everybody": lambda: Shares(rounds),
    "reads long cells for everybody": lambda: Shares(reads_long_cells),
}
