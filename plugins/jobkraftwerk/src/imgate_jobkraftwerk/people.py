"""The people in a file: what several rows say about one client becomes one partial record."""

from dataclasses import dataclass, field
from typing import Any, Final

from imgate.plugin_api import Incoming
from imgate_jobkraftwerk.leaves import GOALS, ITEMS, STEPS

# What one row says, by scope: the fields of an item, the entries of a list, or a single value.
Said = dict[str, Any]
# Section and item of each scope, in the order of the record.
PLACES: Final = {scope: tuple(scope.split(".")) for scope in ITEMS}


class Contradiction(Exception):
    """A row says something else about a client than an earlier row did. Names the scope, and the leaf where there is one."""

    def __init__(self, scope: str, path: str) -> None:
        """Say where."""
        super().__init__(scope)
        self.scope = scope
        self.path = path


@dataclass(slots=True)
class Person:
    """What the rows so far say about one client."""

    line: int
    said: Said = field(default_factory=dict)
    _goals: dict[tuple[str | None, str | None], dict[str, Any]] = field(default_factory=dict)
    _goal_ids: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        """Show nothing personal."""
        return "Person(...)"

    def add(self, row: Said, *, joins_plan: bool) -> None:
        """Take what another row says, as a whole or not at all; its dicts and lists are this person's then. Raises Contradiction.

        With ``joins_plan`` equal goals are one, and the row's steps belong to the row's goal.
        """
        for scope, value in row.items():
            if scope in self.said:
                self._compare(scope, value)
        if joins_plan:
            self._link(row)
        if GOALS in row:
            self._goal_ids.update(goal["id"] for goal in row[GOALS] if "id" in goal)
        for scope, value in row.items():
            if scope not in self.said:
                self.said[scope] = value
            elif isinstance(value, list) and ITEMS[scope].many:
                self.said[scope].extend(value)
            elif isinstance(value, dict):
                self.said[scope].update(value)
            else:
                self.said[scope] = value

    def _link(self, row: Said) -> None:
        """Join a row of the plan to the goals so far.

        The ids (``z1``, ``z2`` …) are made up here and hold within this file only. Of several days on which a goal is said to
        have been agreed the first is kept.
        """
        if not row.get(GOALS):
            return
        (goal,) = row.pop(GOALS)
        known = self._goals.get((goal["field"], goal["title"]))
        if known is None:
            known = {"id": self._new_id(), **goal}
            row[GOALS] = [known]
        elif goal.get("agreed_on", "9") < known.get("agreed_on", "9"):
            known["agreed_on"] = goal["agreed_on"]
        self._goals[goal["field"], goal["title"]] = known
        for step in row.get(STEPS, ()):
            step["goal"] = known["id"]

    def incoming(self, reference: str) -> Incoming:
        """Give the partial case record."""
        record: dict[str, dict[str, object]] = {}
        for scope, (section, item) in PLACES.items():
            if scope in self.said:
                record.setdefault(section, {})[item] = self.said[scope]
        return Incoming(reference, record, self.line)

    def _new_id(self) -> str:
        number = len(self._goal_ids) + 1
        while f"z{number}" in self._goal_ids:
            number += 1
        return f"z{number}"

    def _compare(self, scope: str, value: Any) -> None:
        before = self.said[scope]
        if isinstance(value, dict):
            for key in value:
                if key in before and before[key] != value[key]:
                    raise Contradiction(scope, key)
        elif ITEMS[scope].many:
            if bool(value) != bool(before):  # "there is none", and there is one
                raise Contradiction(scope, "")
        elif before != value:
            raise Contradiction(scope, "")
