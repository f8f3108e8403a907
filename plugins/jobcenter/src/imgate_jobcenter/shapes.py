"""How items of the record stand in the Jobcenter's messages. Keys are the record's, names of elements the schema's."""

from imgate.plugin_api import xoev
from imgate.plugin_api.xml import Flag, Group, Many, Number, Text, texts

NAME = Group("personName", texts("family", "given", "birth_name"))
BIRTH = Group("birth", texts("date", "place") | {"country": xoev.nationality("country")})
SEX = xoev.sex("sex")
NATIONALITIES = Many("nationalities", xoev.nationality("nationality"))

JOBCENTER_NUMBER = Text("jobcenterNumber")
ADDRESS = xoev.address("address")
PHONE = Text("phone")
EMAIL = Text("email")
PREFERRED_LANGUAGE = xoev.language("preferredLanguage")


INTEGRATION_MANAGEMENT = xoev.contact_person("integrationManagement", Text("unitNumber"))
JOBCENTER = xoev.contact_person("jobcenterContact", xoev.jobcenter_unit("unitNumber"))

RESIDENCE_STATUS = Group("residenceStatus", {"code": xoev.residence_status("status")} | texts("since", "until"))
FICTIONAL_EFFECT = Group("fictionalEffect", texts("kind", "until") | {"card": Flag("card")})
WORK_PERMISSION = Group("workPermission", {"code": xoev.work_permission("permission")} | texts("since", "until", "note"))
DOMICILE_RESTRICTION = Group("domicileRestriction", {"code": xoev.domicile_restriction("restriction")} | texts("area", "until"))

LANGUAGE_LEVEL = Group("languageLevel", {"cefr": Text("level")} | texts("evidence", "tested_on"))
LANGUAGE_COURSE = Group("languageCourse", texts("kind", "status", "provider", "from", "until"))
SCHOOL = Group("school", {"years": Number("years"), "certificate": Text("certificate"), "country": xoev.nationality("country")})
VOCATIONAL = Many(
    "vocationalTrainings",
    Group(
        "training",
        texts("title") | {"country": xoev.nationality("country")} | texts("from", "until") | {"certificate": Flag("certificate")},
    ),
)
RECOGNITION = Many("recognitions", Group("recognition", texts("occupation", "status", "body", "decided_on", "measure")))

WORK_STATUS = Group("workStatus", texts("kind", "since") | {"hours": Number("hours")})
WORK_HISTORY = Many(
    "workHistory",
    Group("employment", texts("occupation", "employer") | {"country": xoev.nationality("country")} | texts("from", "until")),
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
