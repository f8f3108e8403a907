"""Faults in what is made of a partner's message."""

import dataclasses

from imgate.plugin_api import Incoming, MessageUnreadable, Reading
from imgate_planted.good import Good


class Reads(Good):
    """Changes the reading."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def from_partner(self, message):
        reading = super().from_partner(message)
        return dataclasses.replace(reading, people=tuple(self.change(reading.people)))


class QuotesTheMessage(Good):
    def from_partner(self, message):
        raise MessageUnreadable(f"cannot read {message.decode()}")


class ReadsNobody(Good):
    def from_partner(self, message):
        return Reading(())


def changed(people, change):
    for person in people:
        record = {
            section: {item: change(f"{section}.{item}", value) for item, value in items.items()} for section, items in person.record.items()
        }
        yield Incoming(person.reference, record, person.line)


def first_half(scope, value):
    return value[: (len(value) + 1) // 2] if isinstance(value, list) else value


def other_code(scope, value):
    return {**value, "code": {"sgb2": "sgb3"}.get(value["code"], value["code"])} if scope == "benefits.regime" else value


def words_for_nothing(scope, value):
    return {**value, "body": value.get("body", "unbekannt")} if scope == "benefits.regime" else value


FAULTS = {
    "takes half of a list": lambda: Reads(lambda people: changed(people, first_half)),
    "reads a code as another": lambda: Reads(lambda people: changed(people, other_code)),
    "fills in what was not said": lambda: Reads(lambda people: changed(people, words_for_nothing)),
    "reads somebody twice": lambda: Reads(lambda people: (*people, *people)),
    "reads beyond its table": lambda: Reads(
        lambda people: (dataclasses.replace(person, record={**person.record, "notes": {"internal": "x"}}) for person in people)
    ),
    "reads under another reference": lambda: Reads(lambda people: (dataclasses.replace(person, reference="R-2") for person in people)),
    "reads nobody": ReadsNobody,
    "quotes the message in a refusal": QuotesTheMessage,
}
