"""A table: one row for each person, and in each cell an item as JSON. Good, and with the setting ``fault`` bad."""

import copy
import csv
import dataclasses
import io
import json

from imgate.plugin_api import (
    Absent,
    AdapterPlugin,
    Field,
    Incoming,
    MessageUnreadable,
    Place,
    Reading,
    RowProblem,
    TranslationFault,
    field_table,
    hookimpl,
)
from imgate.record.catalogue import CATALOGUE

COLUMNS = ("person.name", "benefits.regime")
REGIMES = ("sgb2", "sgb12", "none")
NOT_HERE = Absent("The planted table has two columns only.")


class Rows:
    media_type = "text/csv"

    def __init__(self):
        places = {scope: Place((scope,)) for scope in COLUMNS}
        self.fields = field_table(*(Field(scope, places.get(scope, NOT_HERE), places.get(scope, NOT_HERE)) for scope in CATALOGUE.scopes))

    def to_partner(self, released, envelope):
        scopes = list(released.releases)
        if not set(scopes) <= set(COLUMNS):
            raise TranslationFault(next(scope for scope in scopes if scope not in COLUMNS), "has no column")
        return written([(envelope.reference, released.record)], scopes)

    def from_partner(self, message):
        people, problems = [], []
        for line, cells in enumerate(rows_of(message), start=2):
            try:
                people.append(self.person(cells, line))
            except (ValueError, TypeError):
                problems.append(self.problem(cells, line))
        return Reading(tuple(people), tuple(problems))

    def person(self, cells, line):
        record = {}
        for scope in COLUMNS:
            if cells.get(scope):
                section, _, item = scope.partition(".")
                record.setdefault(section, {})[item] = json.loads(cells[scope])
        return Incoming(cells["reference"] or "", record, line)

    def problem(self, cells, line):
        return RowProblem(line, None, "row_unreadable")


def written(people, scopes):
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(["reference", *scopes])
    for reference, record in people:
        parts = [scope.partition(".") for scope in scopes]
        items = [record[section][item] for section, _, item in parts]
        known = [{key: leaf for key, leaf in item.items() if leaf is not None} if isinstance(item, dict) else item for item in items]
        writer.writerow([reference, *(json.dumps(item, ensure_ascii=False, sort_keys=True) for item in known)])
    return target.getvalue().encode()


def rows_of(message):
    try:
        rows = csv.DictReader(io.StringIO(message.decode(), newline=""), delimiter=";", strict=True)
        found = list(rows)
    except (UnicodeDecodeError, csv.Error):
        found = None
    # Outside the except block: a UnicodeDecodeError holds the message, and must not hang on the refusal as context.
    if found is None:
        raise MessageUnreadable("not_a_table")
    if rows.fieldnames is None or rows.fieldnames[0] != "reference" or not set(rows.fieldnames) <= {"reference", *COLUMNS}:
        raise MessageUnreadable("header_unknown")
    return found


class SwallowsEverything(Rows):
    def from_partner(self, message):
        try:
            return super().from_partner(message)
        except MessageUnreadable:
            return Reading(())


class SwapsPeople(Rows):
    def from_partner(self, message):
        reading = super().from_partner(message)
        references = [person.reference for person in reading.people][::-1]
        people = (Incoming(reference, person.record) for reference, person in zip(references, reading.people, strict=True))
        return Reading(tuple(people), reading.problems)


class QuotesTheRow(Rows):
    def problem(self, cells, line):
        return RowProblem(line, str(cells), "row_unreadable")


class CrashesOnRows(Rows):
    def problem(self, cells, line):
        return RowProblem(line, None, COLUMNS[line + 10])


class PutsAWordIntoACode(Rows):
    """Says in the code of a problem which of a closed list's words the row held."""

    def problem(self, cells, line):
        return RowProblem(line, None, f"row_{next((word for word in REGIMES if word in str(cells)), 'unreadable')}")


class PutsLettersIntoACode(Rows):
    def from_partner(self, message):
        letters = "".join(chr(ord("a") + byte % 26) for byte in message[-20:])
        try:
            return super().from_partner(message)
        except MessageUnreadable as refusal:
            code = f"{refusal.code}_{letters}"
        raise MessageUnreadable(code)


class MixesScopes(Rows):
    """Puts a name where the body belongs, where both were released."""

    def to_partner(self, released, envelope):
        record = copy.deepcopy(released.record)
        if set(released.releases) == set(COLUMNS):
            record["benefits"]["regime"]["body"] = record["person"]["name"].get("given")
        return super().to_partner(dataclasses.replace(released, record=record), envelope)


FAULTS = {
    "puts a closed word into a code": PutsAWordIntoACode,
    "puts letters of the message into a code": PutsLettersIntoACode,
    "puts one column's value into another": MixesScopes,
    "swallows hostile input": SwallowsEverything,
    "swaps two people": SwapsPeople,
    "quotes a row in its problem": QuotesTheRow,
    "crashes on a mangled row": CrashesOnRows,
}


def configure(settings):
    return FAULTS[settings["fault"]]() if "fault" in settings else Rows()


@hookimpl
def imgate_register_adapter():
    return AdapterPlugin(package="imgate_planted.rows", configure=configure)
