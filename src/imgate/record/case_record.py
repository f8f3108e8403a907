"""The case record, catalogue 1: what municipal IT writes and reads (contract §1, docs/reference/record.md).

A record is a plain dict of JSON values whose shape was checked. It is no object with methods: the hot path copies, narrows and
serialises it, and every layer of wrapping would be paid for in each exchange. What is absent was not said; it stays absent.
"""

from typing import Annotated

from pydantic import with_config
from typing_extensions import TypedDict

from imgate.record.marks import Label
from imgate.record.sections.confided import AsylumSection, HealthSection, NotesSection
from imgate.record.sections.contact_persons import ContactPersonsSection
from imgate.record.sections.learning import EducationSection, LanguageSection
from imgate.record.sections.living import BenefitsSection, FamilySection, HousingSection
from imgate.record.sections.person import ContactSection, IdentifiersSection, PersonSection
from imgate.record.sections.plan import AppointmentsSection, NeedsSection, PlanSection
from imgate.record.sections.residence import ResidenceSection
from imgate.record.sections.rules import RECORD_CONFIG
from imgate.record.sections.work import WorkSection


@with_config(RECORD_CONFIG)
class CaseRecord(TypedDict, total=False):
    """Sections with items. Make one with ``validate_record`` only: a dict of this type is taken to be valid."""

    person: Annotated[PersonSection, Label("Person")]
    identifiers: Annotated[IdentifiersSection, Label("Kennnummern")]
    contact: Annotated[ContactSection, Label("Kontakt")]
    contact_persons: Annotated[ContactPersonsSection, Label("Ansprechpersonen")]
    residence: Annotated[ResidenceSection, Label("Aufenthalt")]
    language: Annotated[LanguageSection, Label("Deutsch")]
    education: Annotated[EducationSection, Label("Bildung")]
    work: Annotated[WorkSection, Label("Arbeit")]
    housing: Annotated[HousingSection, Label("Wohnen")]
    family: Annotated[FamilySection, Label("Familie")]
    benefits: Annotated[BenefitsSection, Label("Leistungen")]
    plan: Annotated[PlanSection, Label("Integrationsplan")]
    appointments: Annotated[AppointmentsSection, Label("Termine")]
    needs: Annotated[NeedsSection, Label("Bedarfe")]
    health: Annotated[HealthSection, Label("Gesundheit")]
    asylum: Annotated[AsylumSection, Label("Asyl")]
    notes: Annotated[NotesSection, Label("Notizen")]
