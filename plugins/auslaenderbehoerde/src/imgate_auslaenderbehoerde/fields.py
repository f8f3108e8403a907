"""The table: where each scope stands in messages to and from the Ausländerbehörde, or why it does not. In the schema's order."""

from imgate.plugin_api.xml import XmlItem, both, neither, sent, taken
from imgate_auslaenderbehoerde import shapes

_CLIENTS_OWN = "The client and the integration management know this first hand; the Ausländerbehörde is not its source."
_HAS_IT = "The Ausländerbehörde decides on this and has it in its own file."
_ASKS_ITSELF = "The Ausländerbehörde has it on file or asks the client under a statute of its own (§ 82 AufenthG)."
_NOT_NEEDED = "The Ausländerbehörde does not need this in order to decide on residence or work permission."
_OF_THE_JOBCENTER = "The Jobcenter decides on this; it says so itself, not by way of the Ausländerbehörde."
_COUNSELLING = "This is counselling, which the client must be able to seek without the Ausländerbehörde learning of it."

ITEMS: tuple[XmlItem, ...] = (
    sent("person.name", shapes.NAME, "A name that differs in its file is corrected with papers, not by a message."),
    sent("person.birth", shapes.BIRTH, "A date of birth that differs in its file is corrected with papers, not by a message."),
    neither("person.sex", _ASKS_ITSELF, _CLIENTS_OWN),
    neither("person.nationality", _ASKS_ITSELF, _CLIENTS_OWN),
    neither("person.marital_status", _ASKS_ITSELF, _CLIENTS_OWN),
    neither("person.arrival", _ASKS_ITSELF, _CLIENTS_OWN),
    neither("identifiers.jobcenter_number", "A number of the Jobcenter would only link two files.", _OF_THE_JOBCENTER),
    neither("identifiers.azr_number", "§ 10(4) AZRG restricts its use; the Ausländerbehörde has it, and nobody else needs it from there."),
    sent("contact.address", shapes.ADDRESS, _CLIENTS_OWN),
    sent("contact.phone", shapes.PHONE, _CLIENTS_OWN),
    sent("contact.email", shapes.EMAIL, _CLIENTS_OWN),
    neither("contact.preferred_language", _ASKS_ITSELF, _CLIENTS_OWN),
    sent(
        "contact_persons.integration_management",
        shapes.INTEGRATION_MANAGEMENT,
        "The integration management knows its own staff better than the Ausländerbehörde does.",
    ),
    neither("contact_persons.jobcenter", "The two authorities have ways of their own to each other.", _OF_THE_JOBCENTER),
    taken(
        "contact_persons.auslaenderbehoerde",
        shapes.AUSLAENDERBEHOERDE,
        "The Ausländerbehörde knows its own staff better than anybody else.",
    ),
    neither("contact_persons.guardian", _ASKS_ITSELF, "The Jugendamt or the family court says who is guardian."),
    taken("residence.status", shapes.RESIDENCE_STATUS, _HAS_IT),
    taken("residence.title", shapes.RESIDENCE_TITLE, _HAS_IT),
    taken("residence.fictional_effect", shapes.FICTIONAL_EFFECT, _HAS_IT),
    taken("residence.work_permission", shapes.WORK_PERMISSION, _HAS_IT),
    taken("residence.domicile_restriction", shapes.DOMICILE_RESTRICTION, _HAS_IT),
    both("residence.file_number", shapes.FILE_NUMBER),
    both("residence.applications", shapes.APPLICATIONS),
    sent("language.level", shapes.LANGUAGE_LEVEL, _CLIENTS_OWN),
    neither("language.course", "The BAMF tells the Ausländerbehörde about integration courses (§ 8 IntV).", _CLIENTS_OWN),
    neither("education.school", _NOT_NEEDED, _CLIENTS_OWN),
    neither("education.vocational", _NOT_NEEDED, _CLIENTS_OWN),
    neither("education.recognition", _NOT_NEEDED, "The body that recognises qualifications is its source."),
    sent("work.status", shapes.WORK_STATUS, _CLIENTS_OWN),
    neither("work.history", _NOT_NEEDED, _CLIENTS_OWN),
    neither("work.job_search", _NOT_NEEDED, _CLIENTS_OWN),
    neither("work.measures", _NOT_NEEDED, _OF_THE_JOBCENTER),
    neither("work.proposals", _NOT_NEEDED, _OF_THE_JOBCENTER),
    sent("housing.situation", shapes.HOUSING, _CLIENTS_OWN),
    neither("family.household", _ASKS_ITSELF, _CLIENTS_OWN),
    neither(
        "benefits.regime",
        "Whether somebody lives on benefits is told by the body that pays them, where a statute says so.",
        _OF_THE_JOBCENTER,
    ),
    neither("benefits.cooperation_plan", _NOT_NEEDED, _OF_THE_JOBCENTER),
    neither("plan.goals", _COUNSELLING),
    neither("plan.steps", _COUNSELLING),
    taken("appointments.upcoming", shapes.APPOINTMENTS, "The Ausländerbehörde knows its own appointments, and others do not concern it."),
    neither("needs.support", _COUNSELLING),
    neither("health.constraints", "Health data come from the client alone, and only where the client submits them in proceedings."),
    neither("asylum.grounds", "Grounds of asylum are for the BAMF to hear, from the client and nobody else."),
    neither("notes.counselling", "What is said in counselling is secret (§ 203 StGB; § 88(2) AufenthG)."),
)
