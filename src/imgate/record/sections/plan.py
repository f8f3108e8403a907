"""What integration management itself keeps: plan, appointments and needs."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG
from imgate.record.text import Date, FreeText, Line, Time
from imgate.vocabulary.sensitivity import Sensitivity

GoalField = Literal["language", "education", "work", "housing", "health", "participation", "family", "other"]
GoalState = Literal["open", "reached", "dropped", "other"]
StepState = Literal["open", "done", "dropped", "other"]
StepWho = Literal["client", "integration_management", "jobcenter", "auslaenderbehoerde", "other"]
NeedField = Literal["childcare", "language", "housing", "health", "debt", "recognition", "mobility", "other"]


@with_config(RECORD_CONFIG)
class Goal(TypedDict):
    """A goal of the Integrationsplan."""

    id: NotRequired[Annotated[Line | None, Label("Kennung")]]
    field: Annotated[GoalField, Label("Handlungsfeld")]
    title: Annotated[Line, Label("Ziel")]
    agreed_on: NotRequired[Annotated[Date | None, Label("vereinbart am")]]
    due: NotRequired[Annotated[Date | None, Label("bis")]]
    state: NotRequired[Annotated[GoalState | None, Label("Stand")]]


@with_config(RECORD_CONFIG)
class Step(TypedDict):
    """A step towards a goal; ``goal`` is the goal's id. Whether that goal is in the same record is not checked: it may be withheld."""

    goal: NotRequired[Annotated[Line | None, Label("Ziel")]]
    title: Annotated[Line, Label("Schritt")]
    who: Annotated[StepWho, Label("wer")]
    due: NotRequired[Annotated[Date | None, Label("bis")]]
    state: Annotated[StepState, Label("Stand")]
    note: NotRequired[Annotated[FreeText | None, Label("Hinweis")]]


Goals = Annotated[list[Goal], ENTRIES]
PlanSteps = Annotated[list[Step], ENTRIES]


@with_config(RECORD_CONFIG)
class PlanSection(TypedDict, total=False):
    """Integrationsplan. The Land's official field list was not found; this one is our own."""

    goals: Annotated[Goals, Scope("Ziele", Sensitivity.CONFIDENTIAL)]
    steps: Annotated[PlanSteps, Scope("Schritte", Sensitivity.CONFIDENTIAL)]


ThingsToBring = Annotated[list[Line], ENTRIES]

# Written as a call because a field's name is a keyword of Python.
Appointment = TypedDict(
    "Appointment",
    {
        "at": Annotated[Time, Label("Zeitpunkt")],
        "with": Annotated[Line, Label("bei")],
        "subject": NotRequired[Annotated[Line | None, Label("Anlass")]],
        "place": NotRequired[Annotated[Line | None, Label("Ort")]],
        "bring": NotRequired[Annotated[ThingsToBring | None, Label("mitzubringen")]],
    },
)
Appointment.__pydantic_config__ = RECORD_CONFIG  # type: ignore[attr-defined]  # with_config would hide the type from mypy

Appointments = Annotated[list[Appointment], ENTRIES]


@with_config(RECORD_CONFIG)
class AppointmentsSection(TypedDict, total=False):
    """Appointments."""

    upcoming: Annotated[Appointments, Scope("Anstehende Termine", Sensitivity.CONFIDENTIAL)]


@with_config(RECORD_CONFIG)
class Need(TypedDict):
    """Something the client needs support with."""

    field: Annotated[NeedField, Label("Bereich")]
    text: Annotated[FreeText, Label("Bedarf")]
    since: NotRequired[Annotated[Date | None, Label("seit")]]


Needs = Annotated[list[Need], ENTRIES]


@with_config(RECORD_CONFIG)
class NeedsSection(TypedDict, total=False):
    """Needs."""

    support: Annotated[Needs, Scope("Unterstützungsbedarf", Sensitivity.CONFIDENTIAL)]
