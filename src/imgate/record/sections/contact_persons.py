"""Who is in charge at the offices: names that get lost in practice."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG, AtLeastOneOf
from imgate.record.text import FreeText, Line, OrganisationName, PersonName
from imgate.vocabulary.sensitivity import Sensitivity

ChannelKind = Literal["phone", "email", "fax", "web", "post", "other"]


@with_config(RECORD_CONFIG)
class Channel(TypedDict):
    """One way to an office. The value is what the office prints on its letters, so its form is not checked."""

    kind: Annotated[ChannelKind, Label("Art")]
    value: Annotated[Line, Label("Nummer oder Adresse")]
    note: NotRequired[Annotated[FreeText | None, Label("Hinweis")]]


@with_config(RECORD_CONFIG)
class ContactName(TypedDict):
    """Name of a member of staff or of a guardian."""

    family: NotRequired[Annotated[PersonName | None, Label("Familienname")]]
    given: NotRequired[Annotated[PersonName | None, Label("Vornamen")]]


ContactsName = Annotated[ContactName, AtLeastOneOf(("family", "given"))]


@with_config(RECORD_CONFIG)
class ContactPerson(TypedDict):
    """Modelled on the Jobcenter contact of XAusländer's integration part."""

    unit: NotRequired[Annotated[OrganisationName | None, Label("Stelle")]]
    unit_number: NotRequired[Annotated[Line | None, Label("Dienststellennummer")]]
    organisation_sign: NotRequired[Annotated[Line | None, Label("Organisationszeichen")]]
    name: NotRequired[Annotated[ContactsName | None, Label("Name")]]
    channels: Annotated[list[Channel], ENTRIES, Label("Erreichbarkeit")]


ReachablePerson = Annotated[ContactPerson, AtLeastOneOf(("unit", "name"))]


@with_config(RECORD_CONFIG)
class ContactPersonsSection(TypedDict, total=False):
    """Contact persons, by the office they work for."""

    integration_management: Annotated[ReachablePerson, Scope("Ansprechperson im Integrationsmanagement", Sensitivity.INTERNAL)]
    jobcenter: Annotated[ReachablePerson, Scope("Ansprechperson im Jobcenter", Sensitivity.INTERNAL)]
    auslaenderbehoerde: Annotated[ReachablePerson, Scope("Ansprechperson in der Ausländerbehörde", Sensitivity.INTERNAL)]
    guardian: Annotated[ReachablePerson, Scope("Vormund", Sensitivity.INTERNAL)]
