"""Housing, family and benefits."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG, AtLeastOneOf, SmallNumber
from imgate.record.text import Date, FreeText, Line, OrganisationName, PartialDate, PersonName
from imgate.vocabulary.sensitivity import Sensitivity

HousingKind = Literal["own_flat", "shared_accommodation", "follow_up_accommodation", "youth_welfare", "homeless", "other"]
Relation = Literal["spouse", "partner", "child", "parent", "sibling", "other"]
RegimeCode = Literal["asylblg", "sgb2", "sgb3", "sgb8", "sgb12", "none", "other"]


@with_config(RECORD_CONFIG)
class HousingSituation(TypedDict):
    """How the client lives."""

    kind: Annotated[HousingKind, Label("Wohnform")]
    since: NotRequired[Annotated[PartialDate | None, Label("seit")]]
    rooms: NotRequired[Annotated[SmallNumber | None, Label("Zimmer")]]
    persons: NotRequired[Annotated[SmallNumber | None, Label("Personen")]]


@with_config(RECORD_CONFIG)
class HousingSection(TypedDict, total=False):
    """Housing."""

    situation: Annotated[HousingSituation, Scope("Wohnsituation", Sensitivity.CONFIDENTIAL)]


@with_config(RECORD_CONFIG)
class MemberName(TypedDict):
    """Name of somebody in the household."""

    family: NotRequired[Annotated[PersonName | None, Label("Familienname")]]
    given: NotRequired[Annotated[PersonName | None, Label("Vornamen")]]


MembersName = Annotated[MemberName, AtLeastOneOf(("family", "given"))]


@with_config(RECORD_CONFIG)
class MemberBirth(TypedDict):
    """Date of birth; whoever is not known to be under 18 counts as of age (contract §2)."""

    date: Annotated[PartialDate, Label("Geburtsdatum")]


@with_config(RECORD_CONFIG)
class HouseholdMember(TypedDict):
    """Somebody in the household. Of an adult only the relation ever passes; that is the minimiser's work, not done here."""

    relation: Annotated[Relation, Label("Verhältnis")]
    name: NotRequired[Annotated[MembersName | None, Label("Name")]]
    birth: NotRequired[Annotated[MemberBirth | None, Label("Geburt")]]


HouseholdMembers = Annotated[list[HouseholdMember], ENTRIES]


@with_config(RECORD_CONFIG)
class FamilySection(TypedDict, total=False):
    """Family."""

    household: Annotated[HouseholdMembers, Scope("Haushalt", Sensitivity.CONFIDENTIAL)]


@with_config(RECORD_CONFIG)
class BenefitsRegime(TypedDict):
    """Under which law the client gets benefits. ``household_number`` is the BG-Nummer and never names a person."""

    code: Annotated[RegimeCode, Label("Rechtskreis")]
    since: NotRequired[Annotated[PartialDate | None, Label("seit")]]
    body: NotRequired[Annotated[OrganisationName | None, Label("Leistungsträger")]]
    household_number: NotRequired[Annotated[Line | None, Label("BG-Nummer")]]


Steps = Annotated[list[FreeText], ENTRIES]


@with_config(RECORD_CONFIG)
class CooperationPlan(TypedDict):
    """Kooperationsplan, § 15 SGB II."""

    agreed_on: NotRequired[Annotated[Date | None, Label("vereinbart am")]]
    steps: Annotated[Steps, Label("Schritte")]
    until: NotRequired[Annotated[Date | None, Label("bis")]]


@with_config(RECORD_CONFIG)
class BenefitsSection(TypedDict, total=False):
    """Benefits."""

    regime: Annotated[BenefitsRegime, Scope("Leistungen", Sensitivity.CONFIDENTIAL)]
    cooperation_plan: Annotated[CooperationPlan, Scope("Kooperationsplan", Sensitivity.CONFIDENTIAL)]
