"""What is told in confidence: health, the grounds of asylum, and notes of what was said in counselling."""

from typing import Annotated, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label, Scope
from imgate.record.sections.rules import ENTRIES, RECORD_CONFIG
from imgate.record.text import Date, FreeText, Line
from imgate.vocabulary.sensitivity import Sensitivity


@with_config(RECORD_CONFIG)
class HealthConstraints(TypedDict):
    """What the client cannot do for reasons of health (Art. 9 GDPR)."""

    text: Annotated[FreeText, Label("Einschränkung")]
    until: NotRequired[Annotated[Date | None, Label("bis")]]


@with_config(RECORD_CONFIG)
class HealthSection(TypedDict, total=False):
    """Health."""

    constraints: Annotated[HealthConstraints, Scope("Gesundheitliche Einschränkungen", Sensitivity.SPECIAL, closed=True)]


@with_config(RECORD_CONFIG)
class AsylumGrounds(TypedDict):
    """Why the client fled."""

    text: Annotated[FreeText, Label("Gründe")]


@with_config(RECORD_CONFIG)
class AsylumSection(TypedDict, total=False):
    """Asylum."""

    grounds: Annotated[AsylumGrounds, Scope("Asylgründe", Sensitivity.SPECIAL, closed=True)]


@with_config(RECORD_CONFIG)
class CounsellingNote(TypedDict):
    """What was said in counselling (§ 203 StGB)."""

    on: Annotated[Date, Label("am")]
    by: NotRequired[Annotated[Line | None, Label("von")]]
    text: Annotated[FreeText, Label("Notiz")]


CounsellingNotes = Annotated[list[CounsellingNote], ENTRIES]


@with_config(RECORD_CONFIG)
class NotesSection(TypedDict, total=False):
    """Notes."""

    counselling: Annotated[CounsellingNotes, Scope("Beratungsnotizen", Sensitivity.SPECIAL)]
