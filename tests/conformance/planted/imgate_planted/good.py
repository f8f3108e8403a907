"""The twin that keeps every promise, and the ways in which the others differ from it."""

from imgate.plugin_api.xml import Group, Many, Text, XmlFormat, both, neither, sent, texts
from imgate.record.catalogue import CATALOGUE

NAMESPACE = "urn:planted:1"
NOT_TAKEN = "The client knows it, and nobody else does."
NOT_SENT = "The planted partner wants none of this."

PLACED = [
    both("person.name", Group("name", texts("family", "given", "birth_name"))),
    sent("person.birth", Group("birth", texts("date", "place", "country")), NOT_TAKEN),
    sent("contact.phone", Text("phone"), NOT_TAKEN),
    sent("language.level", Group("level", texts("cefr", "evidence", "tested_on")), NOT_TAKEN),
    both("benefits.regime", Group("regime", texts("code", "since", "body", "household_number"))),
    both(
        "appointments.upcoming",
        Many("appointments", Group("appointment", {**texts("at", "with", "subject", "place"), "bring": Many("bring", Text("thing"))})),
    ),
    sent("needs.support", Many("needs", Group("need", texts("field", "text", "since"))), NOT_TAKEN),
]
_placed = {item.scope for item in PLACED}
ITEMS = [*PLACED, *(neither(scope, NOT_SENT) for scope in CATALOGUE.scopes if scope not in _placed)]


class Good:
    """Translates as it should. A bad twin changes what goes in, what comes out, or what happens beside it."""

    media_type = "application/xml"

    def __init__(self, items=ITEMS):
        self.format = XmlFormat(namespace=NAMESPACE, to_partner="out", from_partner="in", items=items)

    @property
    def fields(self):
        return self.format.fields

    def to_partner(self, released, envelope):
        return self.format.to_partner(released, envelope)

    def from_partner(self, message):
        return self.format.from_partner(message)


def texts_in(value):
    """List every text in a record."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in texts_in(each)]
