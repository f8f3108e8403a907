"""Language and education."""

from typing import Annotated, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG, SmallNumber
from imgate.record.text import Country, Date, FreeText, Line, OrganisationName, PartialDate
from imgate.vocabulary.sensitivity import Sensitivity

Cefr = Literal["A1", "A2", "B1", "B2", "C1", "C2"]
LevelEvidence = Literal["dtz", "certificate", "school", "placement_test", "self_assessment", "other"]
CourseKind = Literal["integration_course", "vocational_course", "literacy_course", "vabo", "other"]
CourseStatus = Literal["entitled", "obliged", "admitted", "registered", "started", "stopped", "finished", "other"]
RecognitionStatus = Literal["requested", "full_equivalence", "partial_equivalence", "no_equivalence", "compensation_measure", "other"]


@with_config(RECORD_CONFIG)
class LanguageLevel(TypedDict):
    """Level of German, and on what it rests; the AZR's own grades are not CEFR."""

    cefr: Annotated[Cefr, Label("Niveau")]
    evidence: Annotated[LevelEvidence, Label("Nachweis")]
    tested_on: NotRequired[Annotated[PartialDate | None, Label("geprüft am")]]


# Written as calls where a field's name is a keyword of Python.
LanguageCourse = TypedDict(
    "LanguageCourse",
    {
        "kind": Annotated[CourseKind, Label("Kurs")],
        "status": Annotated[CourseStatus, Label("Stand")],
        "provider": NotRequired[Annotated[OrganisationName | None, Label("Träger")]],
        "from": NotRequired[Annotated[PartialDate | None, Label("von")]],
        "until": NotRequired[Annotated[PartialDate | None, Label("bis")]],
    },
)
LanguageCourse.__pydantic_config__ = RECORD_CONFIG  # type: ignore[attr-defined]  # with_config would hide the type from mypy


@with_config(RECORD_CONFIG)
class LanguageSection(TypedDict, total=False):
    """German."""

    level: Annotated[LanguageLevel, Scope("Sprachniveau", Sensitivity.CONFIDENTIAL)]
    course: Annotated[LanguageCourse, Scope("Sprachkurs", Sensitivity.INTERNAL)]


@with_config(RECORD_CONFIG)
class School(TypedDict):
    """School education."""

    years: NotRequired[Annotated[SmallNumber | None, Label("Schuljahre")]]
    certificate: NotRequired[Annotated[Line | None, Label("Abschluss")]]
    country: NotRequired[Annotated[Country | None, Label("Staat")]]


VocationalTraining = TypedDict(
    "VocationalTraining",
    {
        "title": Annotated[Line, Label("Ausbildung oder Studium")],
        "country": NotRequired[Annotated[Country | None, Label("Staat")]],
        "from": NotRequired[Annotated[PartialDate | None, Label("von")]],
        "until": NotRequired[Annotated[PartialDate | None, Label("bis")]],
        "certificate": NotRequired[Annotated[bool | None, Label("Zeugnis vorhanden")]],
    },
)
VocationalTraining.__pydantic_config__ = RECORD_CONFIG  # type: ignore[attr-defined]  # as above


@with_config(RECORD_CONFIG)
class Recognition(TypedDict):
    """Recognition of a foreign qualification."""

    occupation: Annotated[Line, Label("Beruf")]
    status: Annotated[RecognitionStatus, Label("Stand")]
    body: NotRequired[Annotated[OrganisationName | None, Label("Anerkennungsstelle")]]
    decided_on: NotRequired[Annotated[Date | None, Label("entschieden am")]]
    measure: NotRequired[Annotated[FreeText | None, Label("Ausgleichsmaßnahme")]]


VocationalTrainings = Annotated[list[VocationalTraining], ENTRIES]
Recognitions = Annotated[list[Recognition], ENTRIES]


@with_config(RECORD_CONFIG)
class EducationSection(TypedDict, total=False):
    """Education."""

    school: Annotated[School, Scope("Schulbildung", Sensitivity.CONFIDENTIAL)]
    vocational: Annotated[VocationalTrainings, Scope("Berufsausbildung und Studium", Sensitivity.CONFIDENTIAL)]
    recognition: Annotated[Recognitions, Scope("Anerkennung von Abschlüssen", Sensitivity.CONFIDENTIAL)]
