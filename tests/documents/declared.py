"""A declaration as GET shows it, for the papers that are made of it; every test changes what it is about."""

import hashlib
import io
import re
import subprocess
from datetime import date

import pikepdf
import pypdfium2
import rfc8785

from imgate.documents.clients_copy import Office
from imgate.documents.form import form
from imgate.documents.wording import words_of
from imgate.vocabulary.words import Information

MADE_ON = date(2026, 1, 14)
OFFICE = Office(("Marktplatz 1, 71364 Winnenden", "Telefon 07195 13-0", "widerruf@winnenden.example"), "Dr. D. Schutz, 07195 13-99")
PARTNERS = {"abh-winnenden": "Ausländerbehörde Winnenden"}
CONTENT = {
    "client": "K-2026-0815",
    "partner": "jobcenter-rems-murr",
    "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel", "Dr. Ömer Çelik"]},
    "clauses": ["confidentiality_release", "data_protection_consent"],
    "direction": "both",
    "purposes": ["labour_market_integration", "language_support"],
    "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst 2026",
    "scopes": ["contact_persons.jobcenter", "language.level", "residence.status", "residence.title", "work.history", "health.constraints"],
    "onward_from": ["abh-winnenden"],
    "valid_from": "2026-01-15",
    "valid_until": "2026-12-31",
    "signers_required": ["client", "guardian"],
    "language": "ar",
    "interpreter": {"name": "Samir Haddad", "language": "ar"},
    "informed_of": [told.value for told in Information],
    "supersedes": None,
    "recipient": "Jobcenter Rems-Murr, Team 412",
    "catalogue": 1,
    "wording": "1",
    "nonce": "00112233445566778899aabbccddeeff",
}


def shown(state="draft", **changes):
    """Give it as ``show`` does, with these parts of the content changed."""
    content = CONTENT | changes
    return {
        "id": "01980000-0000-7000-8000-000000000815",
        "digest": hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
        "state": state,
        "content": content,
    }


def form_of(tag="de", *, state="draft", office=OFFICE, **changes):
    """Set the form in this language."""
    declared = shown(state, **changes)
    return form(declared, words_of(declared["content"]["wording"], tag), office, partners=PARTNERS, made_on=MADE_ON)


def pages(pdf):
    """Give the text of each page, as pypdfium2 reads it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def text_of(pdf):
    """Give the text in one line, words put together again where a line was broken within them."""
    joined = re.sub(r"-?[\x02\ufffe\u00ad]\s*", "", " ".join(pages(pdf)))
    return " ".join(joined.split())


def letters(text):
    """Give the bare letters and digits: where a script is joined and turned, spaces and points move."""
    return "".join(character for character in text if character.isalnum())


def attached(pdf):
    """Give the files inside, by name."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}


def structure(pdf):
    """Give each element of the structure tree: its kind and its language."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return list(_elements(document.Root.StructTreeRoot))


def _elements(node):
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node.S), str(node.Lang) if "/Lang" in node else None
        if "/K" in node:
            yield from _elements(node.K)


def poppler_text(pdf):
    """Give the text as ``pdftotext`` reads it, which puts right-to-left lines into logical order; None where it is not installed."""
    try:
        done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    except FileNotFoundError:
        return None
    return done.stdout.decode()
