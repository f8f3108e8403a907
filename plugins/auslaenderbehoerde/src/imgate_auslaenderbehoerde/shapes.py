"""How items of the record stand in the Ausländerbehörde's messages. Keys are the record's, names of elements the schema's."""

from imgate.plugin_api.xml import Code, Flag, Group, ListedCode, Many, Number, Text, texts
from imgate_auslaenderbehoerde import codes

NAME = Group("personName", texts("family", "given", "birth_name"))
BIRTH = Group("birth", texts("date", "place") | {"country": codes.nationality("country")})
ADDRESS = Group(
    "address",
    texts("street", "house_number", "postal_code", "city")
    | {"ags": codes.municipality("municipality"), "information_block": Flag("informationBlock")},
)
PHONE = Text("phone")
EMAIL = Text("email")


def contact_person(tag: str, unit_number: Code | Text) -> Group:
    """Shape a contact person after the one in XAusländer's integration part.

    Kinds of channels are the record's own words: the list ``urn:de:xoev:codeliste:erreichbarkeit`` knows neither post nor a telephone
    of which nobody said whether it is a mobile one.
    """
    name = Group("name", texts("family", "given"))
    channels = Many("channels", Group("channel", texts("kind", "value", "note")))
    return Group(tag, texts("unit") | {"unit_number": unit_number} | texts("organisation_sign") | {"name": name, "channels": channels})


INTEGRATION_MANAGEMENT = contact_person("integrationManagement", Text("unitNumber"))
AUSLAENDERBEHOERDE = contact_person("auslaenderbehoerdeContact", codes.auslaenderbehoerde_unit("unitNumber"))

RESIDENCE_STATUS = Group("residenceStatus", {"code": codes.residence_status("status")} | texts("since", "until"))
RESIDENCE_TITLE = Group("residenceTitle", {"code": ListedCode("title")} | texts("valid_from", "valid_until"))
# The three effects of § 81 AufenthG: the list that has codes for them (`aufenthaltsstatusart`) is out of date, so these are words.
FICTIONAL_EFFECT = Group("fictionalEffect", texts("kind", "until") | {"card": Flag("card")})
WORK_PERMISSION = Group("workPermission", {"code": codes.work_permission("permission")} | texts("since", "until", "note"))
DOMICILE_RESTRICTION = Group("domicileRestriction", {"code": codes.domicile_restriction("restriction")} | texts("area", "until"))
FILE_NUMBER = Text("fileNumber")
APPLICATIONS = Many("applications", Group("application", texts("kind", "filed_on", "state", "question", "answer")))

LANGUAGE_LEVEL = Group("languageLevel", {"cefr": Text("level")} | texts("evidence", "tested_on"))
WORK_STATUS = Group("workStatus", texts("kind", "since") | {"hours": Number("hours")})
HOUSING = Group("housing", texts("kind", "since") | {"rooms": Number("rooms"), "persons": Number("persons")})
APPOINTMENTS = Many("appointments", Group("appointment", texts("at", "with", "subject", "place") | {"bring": Many("bring", Text("thing"))}))
