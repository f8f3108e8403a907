"""How items of the record stand in the Ausländerbehörde's messages. Keys are the record's, names of elements the schema's."""

from imgate.plugin_api import xoev
from imgate.plugin_api.xml import Flag, Group, Many, Number, Text, texts

NAME = Group("personName", texts("family", "given", "birth_name"))
BIRTH = Group("birth", texts("date", "place") | {"country": xoev.nationality("country")})
ADDRESS = xoev.address("address")
PHONE = Text("phone")
EMAIL = Text("email")


INTEGRATION_MANAGEMENT = xoev.contact_person("integrationManagement", Text("unitNumber"))
AUSLAENDERBEHOERDE = xoev.contact_person("auslaenderbehoerdeContact", xoev.auslaenderbehoerde_unit("unitNumber"))

RESIDENCE_STATUS = Group("residenceStatus", {"code": xoev.residence_status("status")} | texts("since", "until"))
RESIDENCE_TITLE = Group("residenceTitle", {"code": xoev.residence_title("title")} | texts("valid_from", "valid_until"))
# The three effects of § 81 AufenthG: the list that has codes for them (`aufenthaltsstatusart`) is out of date, so these are words.
FICTIONAL_EFFECT = Group("fictionalEffect", texts("kind", "until") | {"card": Flag("card")})
WORK_PERMISSION = Group("workPermission", {"code": xoev.work_permission("permission")} | texts("since", "until", "note"))
DOMICILE_RESTRICTION = Group("domicileRestriction", {"code": xoev.domicile_restriction("restriction")} | texts("area", "until"))
FILE_NUMBER = Text("fileNumber")
APPLICATIONS = Many("applications", Group("application", texts("kind", "filed_on", "state", "question", "answer")))

LANGUAGE_LEVEL = Group("languageLevel", {"cefr": Text("level")} | texts("evidence", "tested_on"))
WORK_STATUS = Group("workStatus", texts("kind", "since") | {"hours": Number("hours")})
HOUSING = Group("housing", texts("kind", "since") | {"rooms": Number("rooms"), "persons": Number("persons")})
APPOINTMENTS = Many("appointments", Group("appointment", texts("at", "with", "subject", "place") | {"bring": Many("bring", Text("thing"))}))
