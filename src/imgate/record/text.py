r"""The kinds of text in a record.

Two families, both checked in Rust, because this is the hot path:

- ``WrittenText`` is what people wrote: it is brought into NFC, and trimmed, before it is measured. Free text alone is not trimmed: its
  layout is the writer's, and systems that compare what they sent with what came back would see a change that nobody made.
- ``CodedText`` is what a machine reads again (codes, dates, numbers): it is taken exactly as it stands or refused.

Decisions that record.md leaves open:

- *Control characters* are U+0000-001F and U+007F-009F. The two non-characters U+FFFE and U+FFFF are refused with them, since no
  XML message could carry them. ``\n`` and ``\t`` are allowed in free text (``FreeText``) and refused in everything else (ADR 0003).
- Free text takes every script: a note may quote Arabic. Only names are held to DIN 91379.
- Organisations that run a course or a measure, and bodies that decide, count as units (type E). The place of an appointment
  ("Zimmer 2.14") and whom it is with are descriptions rather than names, so they are single-line text.
- Country, language and nationality codes are checked for their form only: the lists change several times a year, and
  a record must not become unreadable because a new state was added.
"""

import functools
import unicodedata
from dataclasses import dataclass
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from imgate.record import calendar, din91379
from imgate.record.problem_code import ProblemCode

TEXT_MAX = 2000
# How many times as long as allowed a text may come: letters and marks apart, and with blanks at its ends.
_BEFORE_NFC = 2

_NO_CONTROL = r"^[^\u0000-\u001F\u007F-\u009F\uFFFE\uFFFF]*$"
_NO_CONTROL_BUT_LINES = r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F\uFFFE\uFFFF]*$"

_nfc = functools.partial(unicodedata.normalize, "NFC")


def _not_blank(text: str) -> str:
    if text.isspace():
        raise PydanticCustomError(ProblemCode.EMPTY.value, "text of blanks")
    return text


@dataclass(frozen=True, slots=True)
class WrittenText:
    """Text that people wrote: ``name`` in the published schema, ``german`` on the reference page, ``problem`` if ``pattern`` is missed."""

    name: str
    german: str
    pattern: str = _NO_CONTROL
    problem: ProblemCode = ProblemCode.CONTROL_CHARACTER
    max_length: int = TEXT_MAX
    trimmed: bool = True

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """NFC, then the characters, then trimming: in this order a control character at an end is refused, not trimmed away.

        Bringing a text into NFC takes the square of its length at worst, so that what is far too long is refused before.
        """
        bounded = core_schema.str_schema(strict=True, max_length=_BEFORE_NFC * self.max_length)
        steps: list[CoreSchema] = [core_schema.no_info_after_validator_function(_nfc, bounded)]
        if self.problem is not ProblemCode.CONTROL_CHARACTER:
            steps.append(core_schema.str_schema(strict=True, pattern=_NO_CONTROL))
        steps.append(core_schema.str_schema(strict=True, pattern=self.pattern))
        measured = core_schema.str_schema(strict=True, strip_whitespace=self.trimmed, min_length=1, max_length=self.max_length)
        steps.append(measured if self.trimmed else core_schema.no_info_after_validator_function(_not_blank, measured))
        return core_schema.chain_schema(steps)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Hand pydantic the shape."""
        return self.shape()

    def shape(self) -> dict[str, str | int]:
        """Return the JSON Schema of the text as it is after trimming (that free text is not all blanks is not in it)."""
        return {"type": "string", "minLength": 1, "maxLength": self.max_length, "pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class CodedText:
    """Text that a machine reads again; the pattern bounds its length."""

    name: str
    german: str
    pattern: str
    problem: ProblemCode = ProblemCode.SHAPE

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the pattern and nothing else; nothing is trimmed or normalised."""
        return core_schema.str_schema(strict=True, pattern=self.pattern)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Hand pydantic the shape."""
        return self.shape()

    def shape(self) -> dict[str, str | int]:
        """Return the JSON Schema of the text."""
        return {"type": "string", "pattern": self.pattern}


# The local part and the host of an address, in ASCII and beyond (RFC 6531); whether it exists only the post can tell.
_ADDRESS_LOCAL = r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}\u00A1-\u1FFF\u2C00-\uFDFF]{1,64}"
_ADDRESS_LABEL = r"[0-9A-Za-z\u00A1-\u1FFF\u2C00-\uFDFF](?:[0-9A-Za-z\u00A1-\u1FFF\u2C00-\uFDFF-]{0,62})"
_AGS_STATE = r"(?:0[1-9]|1[0-6])"

LINE = WrittenText("line", "Text, einzeilig")
FREE_TEXT = WrittenText("free_text", "Freitext", _NO_CONTROL_BUT_LINES, trimmed=False)
PERSON_NAME = WrittenText("person_name", "Name nach DIN 91379, Typ A", din91379.PERSONS, ProblemCode.NOT_DIN91379)
PLACE_NAME = WrittenText("place_name", "Ort oder Straße nach DIN 91379, Typ B", din91379.PLACES, ProblemCode.NOT_DIN91379)
ORGANISATION_NAME = WrittenText(
    "organisation_name", "Stelle oder Betrieb nach DIN 91379, Typ E", din91379.ORGANISATIONS, ProblemCode.NOT_DIN91379
)
EMAIL = WrittenText("email", "E-Mail-Adresse", rf"^{_ADDRESS_LOCAL}@(?:{_ADDRESS_LABEL}\.)+{_ADDRESS_LABEL}$", ProblemCode.SHAPE, 254)

DATE = CodedText("date", "Datum, vollständig", calendar.DATE, ProblemCode.DATE_INVALID)
PARTIAL_DATE = CodedText("partial_date", "Datum, auch nur Jahr oder Monat", calendar.PARTIAL_DATE, ProblemCode.DATE_INVALID)
TIME = CodedText("time", "Zeitpunkt nach RFC 3339 mit Abstand zur Weltzeit", calendar.TIME, ProblemCode.TIME_INVALID)
PHONE = CodedText("phone", "Rufnummer nach E.164", r"^\+[1-9][0-9]{5,14}$")
COUNTRY = CodedText("country", "Staatsangehörigkeitsschlüssel, drei Ziffern", r"^[0-9]{3}$")
LANGUAGE = CodedText("language", "Sprache nach ISO 639-3", r"^[a-z]{3}$")
POSTAL_CODE = CodedText("postal_code", "Postleitzahl", r"^[0-9]{5}$")
AGS = CodedText("ags", "Amtlicher Gemeindeschlüssel, acht Ziffern", rf"^{_AGS_STATE}[0-9]{{6}}$")
AGS_PREFIX = CodedText("ags_prefix", "Anfang eines Amtlichen Gemeindeschlüssels", rf"^{_AGS_STATE}[0-9]{{0,6}}$")
JOBCENTER_NUMBER = CodedText("jobcenter_number", "Kundennummer, nie die BG-Nummer", r"^[0-9]{3}[A-Z][0-9]{6}$")
AZR_NUMBER = CodedText("azr_number", "AZR-Nummer, zwölf Ziffern", r"^[0-9]{12}$")
LIST_URI = CodedText("list_uri", "Kennung einer Codeliste", r"^[A-Za-z][A-Za-z0-9+.-]{0,30}:[!-~]{1,250}$")
TWO_DIGITS = CodedText("two_digits", "Code, zwei Ziffern", r"^[0-9]{2}$")

TEXT_TYPES: tuple[WrittenText | CodedText, ...] = (
    LINE,
    FREE_TEXT,
    PERSON_NAME,
    PLACE_NAME,
    ORGANISATION_NAME,
    EMAIL,
    DATE,
    PARTIAL_DATE,
    TIME,
    PHONE,
    COUNTRY,
    LANGUAGE,
    POSTAL_CODE,
    AGS,
    AGS_PREFIX,
    JOBCENTER_NUMBER,
    AZR_NUMBER,
    LIST_URI,
    TWO_DIGITS,
)

Line = Annotated[str, LINE]
FreeText = Annotated[str, FREE_TEXT]
PersonName = Annotated[str, PERSON_NAME]
PlaceName = Annotated[str, PLACE_NAME]
OrganisationName = Annotated[str, ORGANISATION_NAME]
Email = Annotated[str, EMAIL]
Date = Annotated[str, DATE]
PartialDate = Annotated[str, PARTIAL_DATE]
Time = Annotated[str, TIME]
Phone = Annotated[str, PHONE]
Country = Annotated[str, COUNTRY]
Language = Annotated[str, LANGUAGE]
PostalCode = Annotated[str, POSTAL_CODE]
Ags = Annotated[str, AGS]
AgsPrefix = Annotated[str, AGS_PREFIX]
JobcenterNumber = Annotated[str, JOBCENTER_NUMBER]
AzrNumber = Annotated[str, AZR_NUMBER]
ListUri = Annotated[str, LIST_URI]
TwoDigits = Annotated[str, TWO_DIGITS]
