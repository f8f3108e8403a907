"""Bodies that a gateway must refuse, with the status and the code by which it does. In each stands a mark, to be looked for afterwards."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO

from imgate.conformance.hostile import HOSTILE
from tests.acceptance.inbound_writers import ABH, JOBCENTER, JOBKRAFTWERK, message

MIB = 1024 * 1024
MARK = "Kanarienquarzabcdefgh"
RECORD = {
    "person": {"name": {"family": MARK}},
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "notes": {"counselling": [{"on": "2026-01-02", "text": MARK}]},
}
REQUEST = {"client": "K-2026-1101", "partner": JOBCENTER, "purpose": "labour_market_integration", "record": RECORD}
GOOD = json.dumps(REQUEST)


def _with(path, value) -> bytes:
    """Change one place of a good request; None at the end of the path takes it away."""
    request = json.loads(GOOD)
    *above, last = path
    holder = request
    for key in above:
        holder = holder[key]
    holder[last] = value
    return json.dumps(request).encode()


def _nested(levels: int) -> bytes:
    return GOOD[:-1].encode() + b',"by":' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"


NOT_READ: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not_json"),
    "blanks": (b"  \n", "not_json"),
    "cut off": (GOOD[:-7].encode(), "not_json"),
    "two values": (GOOD.encode() * 2, "not_json"),
    "a comma too many": (GOOD[:-1].encode() + b",}", "not_json"),
    "single quotes": (GOOD.replace('"', "'").encode(), "not_json"),
    "a comment": (b"/* " + MARK.encode() + b" */" + GOOD.encode(), "not_json"),
    "a control character as it is": (GOOD.replace(MARK, MARK + "\x07").encode(), "not_json"),
    "a null byte as it is": (GOOD.replace(MARK, MARK + "\x00").encode(), "not_json"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), "not_json"),
    "UTF-16": (GOOD.encode("utf-16"), "not_utf8"),
    "Latin-1": (GOOD.replace(MARK, MARK + "ü").encode("latin-1"), "not_utf8"),
    "a surrogate in UTF-8": (GOOD.encode().replace(MARK.encode(), MARK.encode() + b"\xed\xa0\x80"), "not_utf8"),
    "overlong UTF-8": (GOOD.encode().replace(MARK.encode(), MARK.encode() + b"\xc0\xaf"), "not_utf8"),
    "a key twice": (GOOD[:-1].encode() + b',"client":"K-' + MARK.encode() + b'"}', "duplicate_key"),
    "a key twice, once escaped": (GOOD[:-1].encode() + b',"\\u0063lient":"K-1"}', "duplicate_key"),
    "a key twice far inside": (GOOD.replace('"cefr": "B1"', '"cefr": "B1", "cefr": "C2"').encode(), "duplicate_key"),
    "half a surrogate pair": (GOOD.replace(MARK, MARK + "\\ud800").encode(), "lone_surrogate"),
    "half a surrogate pair as a key": (GOOD[:-1].encode() + b',"\\udc00":1}', "lone_surrogate"),
    "not a number": (GOOD[:-1].encode() + b',"by":NaN}', "number_not_finite"),
    "infinite": (GOOD[:-1].encode() + b',"by":-Infinity}', "number_not_finite"),
    "beyond a double": (GOOD[:-1].encode() + b',"by":1e999}', "number_not_finite"),
    "a large integer": (GOOD[:-1].encode() + b',"by":9007199254740993}', "integer_too_large"),
    "an endless integer": (GOOD[:-1].encode() + b',"by":' + b"9" * 100_000 + b"}", "integer_too_large"),
    "too deep": (_nested(65), "too_deep"),
    "far too deep": (_nested(100_000), "too_deep"),
    "too deep and never closed": (b"[" * 1_000_000, "too_deep"),
}

WRONG: dict[str, tuple[bytes, str, str]] = {
    "a list": (b"[]", "wrong_type", ""),
    "null": (b"null", "null", ""),
    "an unknown field": (_with([MARK], MARK), "unknown_field", "/?"),
    "an unknown section": (_with(["record", MARK], {}), "unknown_field", "/record/?"),
    "an unknown item": (_with(["record", "person", MARK], MARK), "unknown_field", "/record/person/?"),
    "an unknown leaf": (_with(["record", "person", "name", MARK], MARK), "unknown_field", "/record/person/name/?"),
    "an item that is null": (_with(["record", "person", "name"], None), "null", "/record/person/name"),
    "a number for a text": (_with(["record", "person", "name", "family"], 7), "wrong_type", "/record/person/name/family"),
    "a text for a list": (_with(["record", "notes", "counselling"], MARK), "wrong_type", "/record/notes/counselling"),
    "a text for a number": (_with(["record", "education"], {"school": {"years": MARK}}), "wrong_type", "/record/education/school/years"),
    "a truth value for a number": (
        _with(["record", "education"], {"school": {"years": True}}),
        "wrong_type",
        "/record/education/school/years",
    ),
    "a number for a truth value": (
        _with(["record", "contact"], {"address": {"street": MARK, "postal_code": "72074", "city": MARK, "information_block": 0}}),
        "wrong_type",
        "/record/contact/address/information_block",
    ),
    "a word that is not in the list": (_with(["record", "language", "level", "cefr"], MARK), "not_in_list", "/record/language/level/cefr"),
    "no day of the calendar": (_with(["record", "person", "birth"], {"date": "2026-02-30"}), "date_invalid", "/record/person/birth/date"),
    "a control character": (
        _with(["record", "notes", "counselling", 0, "text"], MARK + "\x1b[2J"),
        "control_character",
        "/record/notes/counselling/0/text",
    ),
    "a null character": (_with(["record", "person", "name", "family"], MARK + "\x00"), "control_character", "/record/person/name/family"),
    "a sign outside DIN 91379": (_with(["record", "person", "name", "family"], MARK + "😀"), "not_din91379", "/record/person/name/family"),
    "an over-long text": (_with(["record", "notes", "counselling", 0, "text"], MARK * 200), "too_long", "/record/notes/counselling/0/text"),
    "an over-long text of 10 MB": (
        _with(["record", "notes", "counselling", 0, "text"], MARK * 500_000),
        "too_long",
        "/record/notes/counselling/0/text",
    ),
    "too many entries": (
        _with(["record", "notes", "counselling"], [RECORD["notes"]["counselling"][0]] * 10_001),
        "too_many",
        "/record/notes/counselling",
    ),
    "a client that can be none": (_with(["client"], f"K {MARK}/../"), "shape", "/client"),
}


def _workbook(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_FAR_OUT = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
_EXTERNAL = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
_BOMB = b'<!DOCTYPE w [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]><worksheet>&b;</worksheet>'


def _lying(bomb: bytes) -> bytes:
    """Say that what is packed is a hundred bytes long."""
    true_size = (300 * MIB).to_bytes(4, "little")
    return bomb.replace(true_size, (100).to_bytes(4, "little"))


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: _workbook({"[Content_Types].xml": _TYPES, "xl/worksheets/sheet1.xml": bytes(300 * MIB)}),
    "a bomb that lies about its size": lambda: _lying(_workbook({"xl/worksheets/sheet1.xml": bytes(300 * MIB)})),
    "a bomb of entities": lambda: _workbook({"[Content_Types].xml": _TYPES, "xl/worksheets/sheet1.xml": _BOMB}),
    "an external entity": lambda: _workbook({"[Content_Types].xml": _TYPES, "xl/worksheets/sheet1.xml": _EXTERNAL}),
    "a cell far out": lambda: _workbook({"[Content_Types].xml": _TYPES, "xl/worksheets/sheet1.xml": _FAR_OUT}),
    "a thousand parts": lambda: _workbook({f"xl/worksheets/sheet{number}.xml": b"" for number in range(1000)}),
    "a name that leaves the folder": lambda: _workbook({"../../etc/passwd": MARK.encode()}),
    "cut off": lambda: _workbook({"[Content_Types].xml": _TYPES})[:-30],
}


def _two_people(partner: str) -> bytes:
    """Put a second person where the format has place for one."""
    good = message(partner, "355A000815", {}).decode()
    reference = good.partition("<e:reference>")[2].partition("</e:reference>")[0]
    return good.replace(
        f"<e:reference>{reference}</e:reference>", f"<e:reference>{reference}</e:reference><e:reference>{MARK}</e:reference>"
    ).encode()


MESSAGES: dict[tuple[str, str], Callable[[], bytes]] = {
    **{(partner, name): lambda body=body: body for partner in (JOBCENTER, ABH, JOBKRAFTWERK) for name, body in HOSTILE.items()},
    **{(JOBKRAFTWERK, name): make for name, make in WORKBOOKS.items()},
    **{(partner, "two people"): lambda partner=partner: _two_people(partner) for partner in (JOBCENTER, ABH)},
    (JOBKRAFTWERK, "a column twice"): lambda: f"Klient-Nr.;Nachname;Nachname\nK-1;{MARK};{MARK}\n".encode(),
    (JOBKRAFTWERK, "no column that is known"): lambda: f"{MARK};{MARK}x\n1;2\n".encode(),
    (JOBKRAFTWERK, "a quotation mark that is not closed"): lambda: f'Klient-Nr.;Nachname\nK-1;"{MARK}\nK-2;x\n'.encode(),
}
