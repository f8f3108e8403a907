"""Residence: status, title, permissions and restrictions, in the codes of BAMF and AZR."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG
from imgate.record.text import AgsPrefix, Date, FreeText, Line, ListUri, PartialDate, TwoDigits
from imgate.vocabulary.sensitivity import Sensitivity

# urn:de:bund:bamf:codelist:berd:aufenthaltsstatus, Version2, and urn:de:xauslaender:codelist:nebenbestimmungen:beschaeftigung, 2.
StatusCode = Literal["1", "2", "3", "4", "5", "6", "7"]
WorkPermissionCode = Literal["01", "02", "03", "04", "05"]
# § 81(3) S. 1, § 81(3) S. 2 and § 81(4) AufenthG, in this order.
FictionalEffectKind = Literal["permitted_stay", "tolerated_stay", "continued_validity", "other"]
ApplicationKind = Literal[
    "permit_extension",
    "permit_issue",
    "work_permission",
    "settlement_permit",
    "naturalisation",
    "travel_document",
    "residence_change",
    "other",
]
ApplicationState = Literal["filed", "pending", "documents_missing", "granted", "refused", "withdrawn", "other"]


@with_config(RECORD_CONFIG)
class ResidenceStatus(TypedDict):
    """The coarse status, which is the one to exchange by default."""

    code: Annotated[StatusCode, Label("Status")]
    since: NotRequired[Annotated[Date | None, Label("seit")]]
    until: NotRequired[Annotated[Date | None, Label("bis")]]


# `list` is the published name; as a field it hides nothing, because a TypedDict's body only annotates.
@with_config(RECORD_CONFIG)
class ResidenceTitle(TypedDict):
    """The fine title: a code with the list and the version it is taken from."""

    list: Annotated[ListUri, Label("Codeliste")]
    version: Annotated[Line, Label("Version der Codeliste")]
    code: Annotated[Line, Label("Titel")]
    valid_from: NotRequired[Annotated[Date | None, Label("gültig ab")]]
    valid_until: NotRequired[Annotated[Date | None, Label("gültig bis")]]


@with_config(RECORD_CONFIG)
class FictionalEffect(TypedDict):
    """What an application holds up until it is decided; ``card`` tells whether a Fiktionsbescheinigung was issued."""

    kind: Annotated[FictionalEffectKind, Label("Wirkung")]
    until: NotRequired[Annotated[Date | None, Label("bis")]]
    card: NotRequired[Annotated[bool | None, Label("Bescheinigung ausgestellt")]]


@with_config(RECORD_CONFIG)
class WorkPermission(TypedDict):
    """Whether the client may work."""

    code: Annotated[WorkPermissionCode, Label("Beschäftigung")]
    since: NotRequired[Annotated[Date | None, Label("seit")]]
    until: NotRequired[Annotated[Date | None, Label("bis")]]
    note: NotRequired[Annotated[FreeText | None, Label("Hinweis")]]


@with_config(RECORD_CONFIG)
class DomicileRestriction(TypedDict):
    """Where the client must live; code of urn:de:xauslaender:codelist:azr:wohnsitzauflage, checked for its form only."""

    code: Annotated[TwoDigits, Label("Wohnsitzauflage")]
    area: NotRequired[Annotated[AgsPrefix | None, Label("Gebiet")]]
    until: NotRequired[Annotated[Date | None, Label("bis")]]


@with_config(RECORD_CONFIG)
class Application(TypedDict):
    """An application at the Ausländerbehörde, with what is asked and answered about it."""

    kind: Annotated[ApplicationKind, Label("Antrag")]
    filed_on: NotRequired[Annotated[PartialDate | None, Label("gestellt am")]]
    state: Annotated[ApplicationState, Label("Stand")]
    question: NotRequired[Annotated[FreeText | None, Label("Frage")]]
    answer: NotRequired[Annotated[FreeText | None, Label("Antwort")]]


Applications = Annotated[list[Application], ENTRIES]


@with_config(RECORD_CONFIG)
class ResidenceSection(TypedDict, total=False):
    """Residence."""

    status: Annotated[ResidenceStatus, Scope("Aufenthaltsstatus", Sensitivity.CONFIDENTIAL)]
    title: Annotated[ResidenceTitle, Scope("Aufenthaltstitel", Sensitivity.SPECIAL)]
    fictional_effect: Annotated[FictionalEffect, Scope("Fiktionswirkung", Sensitivity.CONFIDENTIAL)]
    work_permission: Annotated[WorkPermission, Scope("Arbeitserlaubnis", Sensitivity.CONFIDENTIAL)]
    domicile_restriction: Annotated[DomicileRestriction, Scope("Wohnsitzauflage", Sensitivity.CONFIDENTIAL)]
    file_number: Annotated[Line, Scope("Aktenzeichen der Ausländerbehörde", Sensitivity.CONFIDENTIAL)]
    applications: Annotated[Applications, Scope("Anträge bei der Ausländerbehörde", Sensitivity.CONFIDENTIAL)]
