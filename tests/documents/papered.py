"""A message of a real adapter and its paper, for the tests of what a paper shows; every test changes what it is about."""

import io
import json
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2

from imgate.adapters.registry import load_plugins
from imgate.conformance.released import release
from imgate.documents.message_paper import MessagePaper
from imgate.exchange.code_lists import NoNames
from imgate.plugin_api import Envelope
from imgate.vocabulary.words import Direction

RECORDS = Path(__file__).resolve().parents[2] / "plugins" / "jobcenter" / "tests" / "records"
ID = "0198c0de-7a11-7000-8000-000000000001"
BERLIN = ZoneInfo("Europe/Berlin")
PAPER = MessagePaper("1", {"abh-winnenden": "Ausländerbehörde Winnenden"}, BERLIN)


def envelope(**changes):
    said = {
        "message_id": ID,
        "created_at": "2026-03-02T09:00:00Z",
        "sender": "Integrationsmanagement Winnenden",
        "recipient": "Jobcenter Rems-Murr, Team 412",
        "reference": "355A123456",
        "purpose": "labour_market_integration",
    } | changes
    return Envelope(**said)


@cache
def adapter():
    return load_plugins(transports=(), listed={"jobcenter"}).adapter("jobcenter", {})


def record(name):
    return json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))


def ceiling():
    return adapter().ceiling[Direction.TO_PARTNER]


def made(case, *scopes, about=None, paper=PAPER, names=NoNames()):  # noqa: B008  # holds nothing
    """Give the message itself and its paper: of these scopes, or of all that have a place."""
    about = about or envelope()
    released = release(case, frozenset(scopes) or ceiling())
    message = adapter().validate(adapter().translate(released, about))
    return message, paper.present(message, released, about, names)


def paper_of(case, *scopes, about=None, paper=PAPER):
    return made(case, *scopes, about=about, paper=paper)[1].content


def metadata(pdf):
    """Give all that a PDF says about itself: the information dictionary and the XMP, as text."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return (
            "".join(f"{name}={value}\n" for name, value in document.docinfo.items()) + bytes(document.Root.Metadata.read_bytes()).decode()
        )


def outline(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return [entry.get_title() for entry in document.get_toc()]
