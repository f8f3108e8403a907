"""What the simulated partners write, each in its own format, byte for byte as a real one might."""

from datetime import UTC, datetime
from uuid import uuid4

_HEADER = (
    "<e:header><e:messageId>{id}</e:messageId><e:createdAt>{at}</e:createdAt>"
    "<e:reference>{reference}</e:reference><e:purpose>{purpose}</e:purpose></e:header>"
)


def _header(reference: str, purpose: str) -> str:
    return _HEADER.format(id=uuid4(), at=datetime.now(UTC).isoformat(timespec="seconds"), reference=reference, purpose=purpose)


def contact_person(reference: str) -> bytes:
    """Tell, as the Jobcenter, who is responsible for this person."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<m:fromJobcenter xmlns:m="urn:imgate:jobcenter:1" xmlns:e="urn:imgate:envelope:1">'
        f"{_header(reference, 'labour_market_integration')}"
        "<m:content><m:jobcenterContact><m:unit>Jobcenter Landkreis Tübingen, Team U25</m:unit>"
        "<m:organisationSign>U25.7</m:organisationSign><m:name><m:family>Kälberer</m:family><m:given>Ute</m:given></m:name>"
        "<m:channels><m:channel><m:kind>phone</m:kind><m:value>+498999998211</m:value></m:channel></m:channels>"
        "</m:jobcenterContact></m:content></m:fromJobcenter>"
    ).encode()


def residence_status(reference: str) -> bytes:
    """Tell, as the Ausländerbehörde, the coarse residence status of this person: 1, Aufenthaltserlaubnis."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<m:fromAuslaenderbehoerde xmlns:m="urn:imgate:auslaenderbehoerde:1" xmlns:e="urn:imgate:envelope:1">'
        f"{_header(reference, 'residence_matters')}"
        '<m:content><m:residenceStatus><m:status listURI="urn:de:bund:bamf:codelist:berd:aufenthaltsstatus" listVersionID="Version2">'
        "<code>1</code></m:status><m:since>2024-10-15</m:since><m:until>2027-10-14</m:until></m:residenceStatus></m:content>"
        "</m:fromAuslaenderbehoerde>"
    ).encode()


def appointment(reference: str) -> bytes:
    """Tell, as the Ausländerbehörde of another town, when this person is expected there."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<m:fromAuslaenderbehoerde xmlns:m="urn:imgate:auslaenderbehoerde:1" xmlns:e="urn:imgate:envelope:1">'
        f"{_header(reference, 'residence_matters')}"
        "<m:content><m:appointments><m:appointment><m:at>2026-04-14T09:30:00+02:00</m:at><m:with>Schalter 2</m:with>"
        "<m:subject>Ummeldung</m:subject></m:appointment></m:appointments></m:content></m:fromAuslaenderbehoerde>"
    ).encode()


def plan(reference: str, stranger: str) -> bytes:
    """Export, as Jobkraftwerk might, two rows of a plan: one of this person, one of somebody whom the gateway does not know."""
    rows = [
        "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung",
        f"{reference};02.02.2026;Sprache;B2 vor Ausbildungsbeginn;Anmeldung zum Berufssprachkurs;Klient;15.03.2026;offen;",
        f"{stranger};02.02.2026;Sprache;B1;Einstufungstest;Klient;01.04.2026;offen;",
    ]
    return "\r\n".join(rows).encode("windows-1252")


def signed_sheet() -> bytes:
    """Give the smallest scan there is: what was signed on paper, as a PDF."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
