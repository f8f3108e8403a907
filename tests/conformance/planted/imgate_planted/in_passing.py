"""Faults in what is said beside the message, or in the message about somebody else."""

import base64
import gzip
import io
import json
import logging
import sys
import urllib.parse
import warnings
import zipfile

import structlog

from imgate.plugin_api import TranslationFault
from imgate.plugin_api.xml_write import escape_text
from imgate_planted.good import Good, texts_in

# What the last client said; every leak below comes from here.
LAST = []


class Leaks(Good):
    """Writes texts of the client before into the note of the next message, encoded."""

    def __init__(self, encode):
        super().__init__()
        self.encode = encode

    def to_partner(self, released, envelope):
        message = super().to_partner(released, envelope)
        leaked = escape_text(self.encode(" ".join(LAST))) if LAST else ""
        LAST[:] = texts_in(released.record)
        return message.replace(b"</m:content>", f"<m:note>{leaked}</m:note></m:content>".encode())


class Tells(Good):
    """Translates well and tells somebody the texts."""

    def __init__(self, tell):
        super().__init__()
        self.tell = tell

    def to_partner(self, released, envelope):
        self.tell(" ".join(texts_in(released.record)))
        return super().to_partner(released, envelope)


class TellsOnReading(Good):
    def from_partner(self, message):
        logging.getLogger("planted").debug("read", extra={"about": message.decode()})
        return super().from_partner(message)


class Faults(Good):
    """Quotes the record in what is raised when it cannot be written."""

    def __init__(self, quote):
        super().__init__()
        self.quote = quote

    def to_partner(self, released, envelope):
        try:
            return super().to_partner(released, envelope)
        except Exception:
            self.quote(" ".join(texts_in(released.record)))
            raise


def in_text(text):
    raise TranslationFault("person.name", f"cannot be written: {text}")


def in_context(text):
    try:
        {}[text]
    except KeyError:
        raise TranslationFault("person.name", "cannot be written") from None


def in_note(text):
    fault = TranslationFault("person.name", "cannot be written")
    fault.add_note(text)
    raise fault


class ShowsItself(Good):
    """Has a repr that shows whom it translated last. What it keeps is a fault of its own."""

    def __init__(self):
        super().__init__()
        self.last = ""

    def __repr__(self):
        return f"ShowsItself({self.last})"

    def to_partner(self, released, envelope):
        self.last = " ".join(texts_in(released.record))
        return super().to_partner(released, envelope)


def zipped(text):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("note.txt"), text)
    return base64.b64encode(target.getvalue()).decode()


def tell_log(text):
    logging.getLogger("planted").info("translating %s", text)


def tell_structlog(text):
    structlog.get_logger("planted").info("translating", about=text)


def tell_warning(text):
    warnings.warn(f"translating {text}", stacklevel=2)


FAULTS = {
    "leaks plainly": lambda: Leaks(str),
    "leaks in capitals": lambda: Leaks(str.upper),
    "leaks in base64": lambda: Leaks(lambda text: base64.b64encode(text.encode()).decode()),
    "leaks in base64, one byte on": lambda: Leaks(lambda text: base64.b64encode(b"-" + text.encode()).decode()),
    "leaks in base64, two bytes on": lambda: Leaks(lambda text: base64.b64encode(b"--" + text.encode()).decode()),
    "leaks in hex": lambda: Leaks(lambda text: text.encode().hex()),
    "leaks with percent signs": lambda: Leaks(lambda text: "".join(f"%{byte:02X}" for byte in text.encode())),
    "leaks with escapes of JSON": lambda: Leaks(lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text)),
    "leaks with escapes of XML": lambda: Leaks(lambda text: "".join(f"&#{ord(sign)};" for sign in text)),
    "leaks turned round": lambda: Leaks(lambda text: text[::-1]),
    "leaks in UTF-16": lambda: Leaks(lambda text: base64.b64encode(text.encode("utf-16-le")).decode()),
    "leaks in a ZIP": lambda: Leaks(zipped),
    "leaks deflated": lambda: Leaks(lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()),
    "leaks in base64 of JSON of hex": lambda: Leaks(lambda text: base64.b64encode(json.dumps([text.encode().hex()]).encode()).decode()),
    "logs a value": lambda: Tells(tell_log),
    "logs a value by structlog": lambda: Tells(tell_structlog),
    "warns with a value": lambda: Tells(tell_warning),
    "prints a value": lambda: Tells(lambda text: sys.stdout.write(text)),
    "prints a value as an error": lambda: Tells(lambda text: sys.stderr.write(urllib.parse.quote(text))),
    "logs what it reads": TellsOnReading,
    "quotes the record in a fault": lambda: Faults(in_text),
    "hangs the record on a fault": lambda: Faults(in_context),
    "notes the record on a fault": lambda: Faults(in_note),
    "shows a client in its repr": ShowsItself,
}
