"""What hints look like, for the OpenAPI document: something to think of, for the case system alone. A hint decides nothing."""

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

_closed = with_config(ConfigDict(extra="forbid"))


@_closed
class GuardianSuggested(TypedDict):
    """By the record the client is or may be under 18 today, and neither a guardian nor a Betreuer is to sign these declarations.

    No age decides who can consent: whoever understands what it is about can (see docs/evidence.md).
    """

    code: Literal["guardian_suggested"]
    declarations: list[str]


@_closed
class RunsOut(TypedDict):
    """A scope's last day is near, or has ``passed``.

    ``apply_by``: who applies by then keeps the title until the decision (§ 81(4) AufenthG).
    """

    code: Literal["runs_out"]
    scope: str
    on: str
    passed: NotRequired[Literal[True]]
    apply_by: NotRequired[str]


@_closed
class CodeRunsOut(TypedDict):
    """The list takes the code of this scope until that day only, or no more: what it stands for is transitional (§ 104c AufenthG)."""

    code: Literal["code_runs_out"]
    scope: str
    on: str
    passed: NotRequired[Literal[True]]


@_closed
class EmployerAlreadyDeclined(TypedDict):
    """These of the record's ``work.proposals``, by their place from 0, are of employers among its ``declined_employers``."""

    code: Literal["employer_already_declined"]
    proposals: list[int]


@_closed
class ResponsiblePartner(TypedDict):
    """A configured partner that is such a body. ``covered``: a declaration lets something pass to it today."""

    partner: str
    covered: bool


@_closed
class ResponsibleBody(TypedDict):
    """Who is responsible for what; where it is not ``certain`` it depends on more than was released. No partner: none is configured."""

    body: str
    task: Literal["benefits", "work_placement", "work_permission", "residence"]
    source: str
    certain: bool
    partners: list[ResponsiblePartner]


@_closed
class CircleAndPhase(TypedDict):
    """What the case system acknowledged last."""

    circle: str
    phase: str


@_closed
class CircleChanged(TypedDict):
    """By this scope the client is in another legal circle than the case system acknowledged last, or in another phase of the same one.

    ``previous`` is absent where nothing was told before by the same partner.
    """

    code: Literal["legal_circle_changed", "phase_changed"]
    scope: str
    circle: Literal["asylblg", "sgb2", "sgb3", "sgb8", "sgb12", "none", "unknown"]
    phase: Literal["asylum_applicant", "tolerated", "residence_title", "unknown"]
    certain: bool
    responsible: list[ResponsibleBody]
    previous: NotRequired[CircleAndPhase]


# What a record by itself gives to think of.
RecordHint = RunsOut | CodeRunsOut | EmployerAlreadyDeclined
