"""Faults in what leaves."""

import copy
import dataclasses
import re
import unicodedata

from imgate.plugin_api import Absent, Field, FieldTable
from imgate.plugin_api.xml import Text, both
from imgate_planted.good import ITEMS, NOT_SENT, Good


class Sends(Good):
    """Changes the record before it is written; ``change`` gets a copy."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def to_partner(self, released, envelope):
        record = copy.deepcopy(released.record)
        self.change(record)
        return super().to_partner(dataclasses.replace(released, record=record), envelope)


class Writes(Good):
    """Changes the message after it was written."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def to_partner(self, released, envelope):
        return self.change(super().to_partner(released, envelope))


def in_each_text(change):
    """Change each text of the record by itself."""

    def changed(value):
        if isinstance(value, dict):
            return {key: changed(leaf) for key, leaf in value.items()}
        if isinstance(value, list):
            return [changed(leaf) for leaf in value]
        return change(value) if isinstance(value, str) else value

    def in_record(record):
        for items in record.values():
            items.update({item: changed(value) for item, value in items.items()})

    return Sends(in_record)


def without_offset(text):
    return re.sub(r"(T\d\d:\d\d:\d\d(\.\d+)?)(Z|[+-]\d\d:\d\d)$", r"\1Z", text)


def filled_up(text):
    return f"{text}-01-01" if re.fullmatch(r"\d{4}", text) else text


def three_entries(record):
    del every(record, "needs", "support")[3:]


def each_thing_once(record):
    for appointment in every(record, "appointments", "upcoming"):
        if appointment.get("bring"):
            appointment["bring"] = list(dict.fromkeys(appointment["bring"]))


def hides(hidden):
    return lambda: Writes(lambda message: message.replace(b"</m:content>", hidden + b"</m:content>"))


def hides_in_attribute(hidden):
    return lambda: Writes(lambda message: message.replace(b"<m:content", b"<m:content " + hidden, 1))


class LeavesOutAScope(Good):
    def to_partner(self, released, envelope):
        releases = {scope: release for scope, release in released.releases.items() if scope != "contact.phone"}
        return super().to_partner(dataclasses.replace(released, releases=releases), envelope)


class TakesItsInputApart(Good):
    def to_partner(self, released, envelope):
        message = super().to_partner(released, envelope)
        released.record.get("person", {}).pop("birth", None)
        return message


class OtherTable(Good):
    """Has another field table than its format."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    @property
    def fields(self):
        return FieldTable({field.scope: self.change(field) for field in self.format.fields.fields.values()})


class SaysAnotherKind(Good):
    media_type = "application/pdf"


class OtherItems(Good):
    def __init__(self, replace):
        super().__init__([replace(item) for item in ITEMS])


def every(record, section, item):
    found = record.get(section, {}).get(item, [])
    return found if isinstance(found, list) else [found]


def two_codes_as_one(record):
    for level in every(record, "language", "level"):
        level["cefr"] = {"C2": "C1"}.get(level["cefr"], level["cefr"])


def codes_swapped(record):
    for regime in every(record, "benefits", "regime"):
        regime["code"] = {"sgb2": "sgb3", "sgb3": "sgb2"}.get(regime["code"], regime["code"])


def empty_list_dropped(record):
    for appointment in every(record, "appointments", "upcoming"):
        if appointment.get("bring") == []:
            del appointment["bring"]


def null_as_text(record):
    for item in (*every(record, "person", "name"), *every(record, "person", "birth"), *every(record, "benefits", "regime")):
        item.update({key: "None" for key, leaf in item.items() if leaf is None})


def folded(record):
    for name in every(record, "person", "name"):
        for key in name:
            if name[key]:
                name[key] = "".join(sign for sign in unicodedata.normalize("NFD", name[key]) if not unicodedata.combining(sign)) or "-"


def sorted_rows(record):
    every(record, "needs", "support").sort(key=lambda need: need["text"])


def leaf_dropped(record):
    for need in every(record, "needs", "support"):
        need.pop("since", None)


def without_reason(field):
    return dataclasses.replace(field, to_partner=Absent("No.")) if field.scope == "asylum.grounds" else field


def under_another_name(field):
    return Field("asylum.hearing", Absent(NOT_SENT), Absent(NOT_SENT)) if field.scope == "asylum.grounds" else field


def twice(item):
    return both("person.name", Text("phoneToo")) if item.scope == "contact.phone" else item


FAULTS = {
    "leaves out a released scope": LeavesOutAScope,
    "leaves out a leaf": lambda: Sends(leaf_dropped),
    "writes two codes as one": lambda: Sends(two_codes_as_one),
    "swaps two codes": lambda: Sends(codes_swapped),
    "drops an empty list": lambda: Sends(empty_list_dropped),
    "writes null as a word": lambda: Sends(null_as_text),
    "takes the accents off names": lambda: Sends(folded),
    "sorts the entries of a list": lambda: Sends(sorted_rows),
    "joins signs that look alike": lambda: in_each_text(lambda text: unicodedata.normalize("NFKC", text)),
    "makes one blank of several": lambda: in_each_text(
        lambda text: " ".join(text.split(" ")) if "  " not in text else text.replace("  ", " ")
    ),
    "cuts texts off": lambda: in_each_text(lambda text: text[:250]),
    "drops the offset of a time": lambda: in_each_text(without_offset),
    "fills up days": lambda: in_each_text(filled_up),
    "takes at most three entries": lambda: Sends(three_entries),
    "takes each entry once": lambda: Sends(each_thing_once),
    "hides a comment": hides(b"<!-- x -->"),
    "hides an instruction": hides(b"<?x y?>"),
    "hides a namespace": hides_in_attribute(b'xmlns:x="urn:x"'),
    "hides an address of a schema": hides_in_attribute(b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x y"'),
    "adds an element that no place has": hides(b"<m:note>x</m:note>"),
    "takes its input apart": TakesItsInputApart,
    "returns text": lambda: Writes(bytes.decode),
    "returns nothing": lambda: Writes(lambda message: None),
    "writes without end": lambda: Writes(lambda message: message + b" " * 17_000_000),
    "adds an element that the schema does not have": lambda: Writes(
        lambda message: message.replace(b"</m:content>", b"<m:x/></m:content>")
    ),
    "writes another encoding": lambda: Writes(lambda message: message.decode().encode("latin-1", errors="replace")),
    "says another media type": SaysAnotherKind,
    "has a scope twice": lambda: OtherItems(twice),
    "says too little about why": lambda: OtherTable(without_reason),
    "has a scope under another's name": lambda: OtherTable(under_another_name),
}
