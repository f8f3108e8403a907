"""How items of the record stand in the Jobcenter's messages. Keys are the record's, names of elements the schema's."""

from imgate.plugin_api.xml import Code, Flag, Group, Many, Number, Text, texts
from imgate_jobcenter import codes

NAME = Group("personName", texts("family", "given", "birth_name"))
BIRTH = Group("birth", texts("date", "place") | {"country": codes.nationality("country")})
SEX = codes.sex("sex")
NATIONALITIES = Many("nationalities", codes.nationality("nationality"))

JOBCENTER_NUMBER = Text("jobcenterNumber")
ADDRESS = Group(
    "address",
    texts("street", "house_number", "postal_code", "city")
    | {"ags": codes.municipality("municipality"), "information_block": Flag("informationBlock")},
)
PHONE = Text("phone")
EMAIL = Text("email")
PREFERRED_LANGUAGE = codes.language("preferredLanguage")


def contact_person(tag: str, unit_number: Code | Text) -> Group:
    """Shape a contact person after the one in XAusländer's integration part.

    Kinds of channels are the record's own words: the list ``urn:de:xoev:codeliste:erreichbarkeit`` knows neither post nor a telephone
    of which nobody said whether it is a mobile one.
    """
    name = Group("name", texts("family", "given"))
    channels = Many("channels", Group("channel", texts("kind", "value", "note")))
    return Group(tag, texts("unit") | {"unit_number": unit_number} | texts("organisation_sign") | {"name": name, "channels": channels})


INTEGRATION_MANAGEMENT = contact_person("integrationManagement", Text("unitNumber"))
JOBCENTER = contact_person("jobcenterContact", codes.jobcenter_unit("unitNumber"))

RESIDENCE_STATUS = Group("residenceStatus", {"code": codes.residence_status("status")} | texts("since", "until"))
FICTIONAL_EFFECT = Group("fictionalEffect", texts("kind", "until") | {"card": Flag("card")})
WORK_PERMISSION = Group("workPermission", {"code": codes.work_permission("permission")} | texts("since", "until", "note"))
DOMICILE_RESTRICTION = Group("domicileRestriction", {"code": codes.domicile_restriction("restriction")} | texts("area", "until"))

LANGUAGE_LEVEL = Group("languageLevel", {"cefr": Text("level")} | texts("evidence", "tested_on"))
LANGUAGE_COURSE = Group("languageCourse", texts("kind", "status", "provider", "from", "until"))
SCHOOL = Group("school", {"years": Number("years"), "certificate": Text("certificate"), "country": codes.nationality("country")})
VOCATIONAL = Many(
    "vocationalTrainings",
    Group(
        "training",
        texts("title") | {"country": codes.nationality("country")} | texts("from", "until") | {"certificate": Flag("certificate")},
    ),
)
RECOGNITION = Many("recognitions", Group("recognition", texts("occupation", "status", "body", "decided_on", "measure")))

WORK_STATUS = Group("workStatus", texts("kind", "since") | {"hours": Number("hours")})
WORK_HISTORY = Many(
    "workHistory",
    Group("employment", texts("occupation", "employer") | {"country": codes.nationality("country")} | texts("from", "until")),
)
JOB_SEARCH = Group(
    "jobSearch",
    {
        "occupations": Many("occupations", Text("occupation")),
        "hours": Number("hours"),
        "available_from": Text("availableFrom"),
        "declined_employers": Many("declinedEmployers", Group("declinedEmployer", texts("name", "on", "declined_by"))),
    },
)
MEASURES = Many("measures", Group("measure", texts("title", "provider", "status", "requested_on", "decided_on", "note")))
PROPOSALS = Many("proposals", Group("proposal", texts("employer", "occupation", "proposed_on", "by")))

HOUSING = Group("housing", texts("kind", "since") | {"rooms": Number("rooms"), "persons": Number("persons")})
HOUSEHOLD = Many(
    "household",
    Group("member", texts("relation") | {"name": Group("name", texts("family", "given")), "birth": Group("birth", texts("date"))}),
)
REGIME = Group("benefitsRegime", {"code": Text("regime")} | texts("since", "body", "household_number"))
COOPERATION_PLAN = Group("cooperationPlan", texts("agreed_on") | {"steps": Many("steps", Text("step"))} | texts("until"))

GOALS = Many("goals", Group("goal", texts("id", "field", "title", "agreed_on", "due", "state")))
STEPS = Many("steps", Group("step", texts("goal", "title", "who", "due", "state", "note")))
APPOINTMENTS = Many("appointments", Group("appointment", texts("at", "with", "subject", "place") | {"bring": Many("bring", Text("thing"))}))
NEEDS = Many("needs", Group("need", texts("field", "text", "since")))
HEALTH_CONSTRAINTS = Group("healthConstraints", texts("text", "until"))
