"""The table: where each scope stands in messages to and from the Jobcenter, or why it does not. In the schema's order."""

from imgate.plugin_api.xml import XmlItem, both, neither, sent
from imgate_jobcenter import shapes

_CLIENTS_OWN = "The client and the integration management know this first hand; the Jobcenter is not its source."
_OF_THE_ABH = "The Ausländerbehörde decides on this; it says so itself, not by way of the Jobcenter."
_NOT_NEEDED = "The Jobcenter does not need this in order to place somebody in work or training."

ITEMS: tuple[XmlItem, ...] = (
    sent("person.name", shapes.NAME, _CLIENTS_OWN),
    sent("person.birth", shapes.BIRTH, _CLIENTS_OWN),
    sent("person.sex", shapes.SEX, _CLIENTS_OWN),
    sent("person.nationality", shapes.NATIONALITIES, _CLIENTS_OWN),
    neither("person.marital_status", "The Jobcenter asks for it in its own application, with a duty to answer (§ 60 SGB I).", _CLIENTS_OWN),
    neither("person.arrival", _NOT_NEEDED, _CLIENTS_OWN),
    both("identifiers.jobcenter_number", shapes.JOBCENTER_NUMBER),
    neither(
        "identifiers.azr_number", "§ 10(4) AZRG restricts its use; the Jobcenter asks the AZR under a statute of its own (§ 18b AZRG)."
    ),
    sent("contact.address", shapes.ADDRESS, _CLIENTS_OWN),
    sent("contact.phone", shapes.PHONE, _CLIENTS_OWN),
    sent("contact.email", shapes.EMAIL, _CLIENTS_OWN),
    sent("contact.preferred_language", shapes.PREFERRED_LANGUAGE, _CLIENTS_OWN),
    sent(
        "contact_persons.integration_management",
        shapes.INTEGRATION_MANAGEMENT,
        "The integration management knows its own staff better than the Jobcenter does.",
    ),
    both("contact_persons.jobcenter", shapes.JOBCENTER),
    neither("contact_persons.auslaenderbehoerde", "The two authorities have ways of their own to each other.", _OF_THE_ABH),
    neither(
        "contact_persons.guardian",
        "A guardian writes to the Jobcenter in person, in proceedings of the Jobcenter's own.",
        "The Jugendamt or the family court says who is guardian, not the Jobcenter.",
    ),
    sent("residence.status", shapes.RESIDENCE_STATUS, _OF_THE_ABH),
    neither(
        "residence.title",
        "The coarse status is enough for the Jobcenter; the fine title lets the grounds of flight be guessed.",
        _OF_THE_ABH,
    ),
    sent("residence.fictional_effect", shapes.FICTIONAL_EFFECT, _OF_THE_ABH),
    sent("residence.work_permission", shapes.WORK_PERMISSION, _OF_THE_ABH),
    sent("residence.domicile_restriction", shapes.DOMICILE_RESTRICTION, _OF_THE_ABH),
    neither("residence.file_number", "A file number of the Ausländerbehörde would only link two files.", _OF_THE_ABH),
    neither(
        "residence.applications",
        "What is asked at the Ausländerbehörde stays between the client, it and the integration management.",
        _OF_THE_ABH,
    ),
    sent("language.level", shapes.LANGUAGE_LEVEL, _CLIENTS_OWN),
    sent("language.course", shapes.LANGUAGE_COURSE, "The provider of the course and the BAMF are its source."),
    sent("education.school", shapes.SCHOOL, _CLIENTS_OWN),
    sent("education.vocational", shapes.VOCATIONAL, _CLIENTS_OWN),
    sent("education.recognition", shapes.RECOGNITION, "The body that recognises qualifications is its source."),
    sent("work.status", shapes.WORK_STATUS, _CLIENTS_OWN),
    sent("work.history", shapes.WORK_HISTORY, _CLIENTS_OWN),
    sent("work.job_search", shapes.JOB_SEARCH, _CLIENTS_OWN),
    both("work.measures", shapes.MEASURES),
    both("work.proposals", shapes.PROPOSALS),
    sent("housing.situation", shapes.HOUSING, _CLIENTS_OWN),
    sent("family.household", shapes.HOUSEHOLD, _CLIENTS_OWN),
    both("benefits.regime", shapes.REGIME),
    both("benefits.cooperation_plan", shapes.COOPERATION_PLAN),
    sent(
        "plan.goals",
        shapes.GOALS,
        "The Integrationsplan is kept by the integration management; the Jobcenter's own plan has a scope of its own.",
    ),
    sent(
        "plan.steps",
        shapes.STEPS,
        "The Integrationsplan is kept by the integration management; the Jobcenter's own plan has a scope of its own.",
    ),
    both("appointments.upcoming", shapes.APPOINTMENTS),
    sent("needs.support", shapes.NEEDS, _CLIENTS_OWN),
    sent("health.constraints", shapes.HEALTH_CONSTRAINTS, "Health data come from the client alone, and never by way of an authority."),
    neither("asylum.grounds", "Why somebody fled concerns nobody at the Jobcenter."),
    neither("notes.counselling", "What is said in counselling is secret (§ 203 StGB) and is not kept by the Jobcenter."),
)
