"""The table: which scopes go from one integration management to the next, and why the others do not.

The other side keeps the same case record, so every item stands in the message as it is, in its section. Both directions are one
table: what we may send to them is what they may send to us. It is wide on purpose, for it is the client who chooses, scope by scope,
what moves along.
"""

from imgate.plugin_api.json import JsonItem, both, neither


def _moves(scope: str) -> JsonItem:
    return both(scope, f"record/{scope.replace('.', '/')}")


ITEMS: tuple[JsonItem, ...] = (
    _moves("person.name"),
    _moves("person.birth"),
    _moves("person.sex"),
    _moves("person.nationality"),
    _moves("person.marital_status"),
    _moves("person.arrival"),
    _moves("identifiers.jobcenter_number"),
    neither(
        "identifiers.azr_number",
        "§ 10(4) AZRG restricts its use; the new office has no need of it, and the authorities there look it up themselves.",
    ),
    neither(
        "contact.address",
        "Where the client lives after the move the new office knows first; from here it would get the address just left.",
    ),
    _moves("contact.phone"),
    _moves("contact.email"),
    _moves("contact.preferred_language"),
    _moves("contact_persons.integration_management"),
    _moves("contact_persons.jobcenter"),
    _moves("contact_persons.auslaenderbehoerde"),
    _moves("contact_persons.guardian"),
    _moves("residence.status"),
    _moves("residence.title"),
    _moves("residence.fictional_effect"),
    _moves("residence.work_permission"),
    _moves("residence.domicile_restriction"),
    _moves("residence.file_number"),
    _moves("residence.applications"),
    _moves("language.level"),
    _moves("language.course"),
    _moves("education.school"),
    _moves("education.vocational"),
    _moves("education.recognition"),
    _moves("work.status"),
    _moves("work.history"),
    _moves("work.job_search"),
    _moves("work.measures"),
    neither("work.proposals", "They are of the Jobcenter at the old place, for employers there; the one at the new place makes its own."),
    neither("housing.situation", "It describes the home that the client leaves; only the new office can tell about the new one."),
    _moves("family.household"),
    _moves("benefits.regime"),
    _moves("benefits.cooperation_plan"),
    _moves("plan.goals"),
    _moves("plan.steps"),
    _moves("appointments.upcoming"),
    _moves("needs.support"),
    _moves("health.constraints"),
    _moves("asylum.grounds"),
    _moves("notes.counselling"),
)
