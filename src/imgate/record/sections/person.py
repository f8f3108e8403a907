"""Who the client is, and how to reach them."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG, AtLeastOneOf
from imgate.record.text import (
    Ags,
    AzrNumber,
    Country,
    Email,
    JobcenterNumber,
    Language,
    PartialDate,
    PersonName,
    Phone,
    PlaceName,
    PostalCode,
)
from imgate.vocabulary.sensitivity import Sensitivity

# Codes of XInneres (sex) and DSMeld (marital status). They are published lists, so there is no `other`.
Sex = Literal["m", "w", "d", "x"]
MaritalStatus = Literal["LD", "VH", "VW", "GS", "EA", "LP", "LV", "LA", "LE", "NB"]


@with_config(RECORD_CONFIG)
class PersonNameParts(TypedDict):
    """Names as in the papers; somebody with one name has only one of the two, in whichever field the papers put it."""

    family: NotRequired[Annotated[PersonName | None, Label("Familienname")]]
    given: NotRequired[Annotated[PersonName | None, Label("Vornamen")]]
    birth_name: NotRequired[Annotated[PersonName | None, Label("Geburtsname")]]


@with_config(RECORD_CONFIG)
class Birth(TypedDict):
    """When and where; the day is often not known."""

    date: Annotated[PartialDate, Label("Geburtsdatum")]
    place: NotRequired[Annotated[PlaceName | None, Label("Geburtsort")]]
    country: NotRequired[Annotated[Country | None, Label("Geburtsstaat")]]


@with_config(RECORD_CONFIG)
class Arrival(TypedDict):
    """When the client came to Germany and to the municipality."""

    date: Annotated[PartialDate, Label("Einreise")]
    municipality_since: NotRequired[Annotated[PartialDate | None, Label("in der Gemeinde seit")]]


Nationalities = Annotated[list[Country], ENTRIES]


@with_config(RECORD_CONFIG)
class PersonSection(TypedDict, total=False):
    """Data of the person."""

    name: Annotated[PersonNameParts, AtLeastOneOf(("family", "given")), Scope("Name", Sensitivity.CONFIDENTIAL)]
    birth: Annotated[Birth, Scope("Geburt", Sensitivity.CONFIDENTIAL)]
    sex: Annotated[Sex, Scope("Geschlecht", Sensitivity.CONFIDENTIAL)]
    nationality: Annotated[Nationalities, Scope("Staatsangehörigkeiten", Sensitivity.CONFIDENTIAL)]
    marital_status: Annotated[MaritalStatus, Scope("Familienstand", Sensitivity.CONFIDENTIAL)]
    arrival: Annotated[Arrival, Scope("Einreise und Zuzug", Sensitivity.CONFIDENTIAL)]


@with_config(RECORD_CONFIG)
class IdentifiersSection(TypedDict, total=False):
    """Numbers that authorities gave to the person. § 10(4) AZRG restricts the use of the AZR number."""

    jobcenter_number: Annotated[JobcenterNumber, Scope("Kundennummer beim Jobcenter", Sensitivity.CONFIDENTIAL)]
    azr_number: Annotated[AzrNumber, Scope("AZR-Nummer", Sensitivity.CONFIDENTIAL, closed=True)]


@with_config(RECORD_CONFIG)
class Address(TypedDict):
    """Where the client lives.

    ``information_block`` is the Auskunftssperre of § 51 BMG. It may be left out, and counts as set then: the contract (§2)
    withholds an address whose block is missing, so such an address is a readable one. It is never null.
    """

    street: Annotated[PlaceName, Label("Straße")]
    house_number: NotRequired[Annotated[PlaceName | None, Label("Hausnummer")]]
    postal_code: Annotated[PostalCode, Label("Postleitzahl")]
    city: Annotated[PlaceName, Label("Ort")]
    ags: NotRequired[Annotated[Ags | None, Label("Gemeindeschlüssel")]]
    information_block: NotRequired[Annotated[bool, Label("Auskunftssperre")]]


@with_config(RECORD_CONFIG)
class ContactSection(TypedDict, total=False):
    """Ways to the client."""

    address: Annotated[Address, Scope("Anschrift", Sensitivity.CONFIDENTIAL)]
    phone: Annotated[Phone, Scope("Telefon", Sensitivity.CONFIDENTIAL)]
    email: Annotated[Email, Scope("E-Mail", Sensitivity.CONFIDENTIAL)]
    preferred_language: Annotated[Language, Scope("Bevorzugte Sprache", Sensitivity.CONFIDENTIAL)]
