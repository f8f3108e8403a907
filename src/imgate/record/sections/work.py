"""Work: what somebody does, did and looks for, and what the Jobcenter does about it."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG, SmallNumber
from imgate.record.text import Country, Date, FreeText, Line, OrganisationName, PartialDate
from imgate.vocabulary.sensitivity import Sensitivity

WorkKind = Literal[
    "employed",
    "job_seeking",
    "in_training",
    "in_school",
    "in_measure",
    "self_employed",
    "parental_leave",
    "not_available",
    "other",
]
DeclinedBy = Literal["employer", "client", "other"]
MeasureStatus = Literal["requested", "approved", "refused", "started", "finished", "stopped", "other"]


@with_config(RECORD_CONFIG)
class WorkStatus(TypedDict):
    """What the client does at present."""

    kind: Annotated[WorkKind, Label("Tätigkeit")]
    since: NotRequired[Annotated[PartialDate | None, Label("seit")]]
    hours: NotRequired[Annotated[SmallNumber | None, Label("Wochenstunden")]]


# Written as a call because a field's name is a keyword of Python.
Employment = TypedDict(
    "Employment",
    {
        "occupation": Annotated[Line, Label("Beruf")],
        "employer": NotRequired[Annotated[OrganisationName | None, Label("Arbeitgeber")]],
        "country": NotRequired[Annotated[Country | None, Label("Staat")]],
        "from": NotRequired[Annotated[PartialDate | None, Label("von")]],
        "until": NotRequired[Annotated[PartialDate | None, Label("bis")]],
    },
)
Employment.__pydantic_config__ = RECORD_CONFIG  # type: ignore[attr-defined]  # with_config would hide the type from mypy


@with_config(RECORD_CONFIG)
class DeclinedEmployer(TypedDict):
    """An employer that need not be proposed again."""

    name: Annotated[OrganisationName, Label("Arbeitgeber")]
    on: NotRequired[Annotated[Date | None, Label("am")]]
    declined_by: Annotated[DeclinedBy, Label("abgelehnt von")]


Occupations = Annotated[list[Line], ENTRIES]
DeclinedEmployers = Annotated[list[DeclinedEmployer], ENTRIES]


@with_config(RECORD_CONFIG)
class JobSearch(TypedDict):
    """What the client looks for."""

    occupations: Annotated[Occupations, Label("gesuchte Berufe")]
    hours: NotRequired[Annotated[SmallNumber | None, Label("Wochenstunden")]]
    available_from: NotRequired[Annotated[Date | None, Label("verfügbar ab")]]
    declined_employers: NotRequired[Annotated[DeclinedEmployers | None, Label("abgelehnte Arbeitgeber")]]


@with_config(RECORD_CONFIG)
class Measure(TypedDict):
    """A measure of labour-market support, from the request to its end."""

    title: Annotated[Line, Label("Maßnahme")]
    provider: NotRequired[Annotated[OrganisationName | None, Label("Träger")]]
    status: Annotated[MeasureStatus, Label("Stand")]
    requested_on: NotRequired[Annotated[Date | None, Label("beantragt am")]]
    decided_on: NotRequired[Annotated[Date | None, Label("entschieden am")]]
    note: NotRequired[Annotated[FreeText | None, Label("Hinweis")]]


@with_config(RECORD_CONFIG)
class Proposal(TypedDict):
    """A job that somebody proposed."""

    employer: Annotated[OrganisationName, Label("Arbeitgeber")]
    occupation: NotRequired[Annotated[Line | None, Label("Beruf")]]
    proposed_on: NotRequired[Annotated[Date | None, Label("vorgeschlagen am")]]
    by: NotRequired[Annotated[Line | None, Label("vorgeschlagen von")]]


Employments = Annotated[list[Employment], ENTRIES]
Measures = Annotated[list[Measure], ENTRIES]
Proposals = Annotated[list[Proposal], ENTRIES]


@with_config(RECORD_CONFIG)
class WorkSection(TypedDict, total=False):
    """Work."""

    status: Annotated[WorkStatus, Scope("Arbeit zurzeit", Sensitivity.CONFIDENTIAL)]
    history: Annotated[Employments, Scope("Berufsweg", Sensitivity.CONFIDENTIAL)]
    job_search: Annotated[JobSearch, Scope("Arbeitssuche", Sensitivity.CONFIDENTIAL)]
    measures: Annotated[Measures, Scope("Maßnahmen", Sensitivity.CONFIDENTIAL)]
    proposals: Annotated[Proposals, Scope("Vermittlungsvorschläge", Sensitivity.CONFIDENTIAL)]
