"""The core's own look at JSON: the schema decides, and the places show which scopes stand in the bytes."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from imgate.adapters.form import Misfit, difference
from imgate.adapters.heads import Told, differs_in_json
from imgate.adapters.json_problems import problems_of, rule_and_place
from imgate.adapters.json_schema import JsonSchema
from imgate.adapters.places import Steps, compile_places
from imgate.plugin_api import MessageUnreadable, Place, RowProblem
from imgate.plugin_api.json_read import parse_message


def json_steps(places: Mapping[str, Place]) -> Steps:
    """Turn the places of one direction into a tree of member names. Raises ValueError for two scopes in one place."""
    return compile_places(places, "a JSON", _members_in)


def _members_in(scope: str, at: str) -> Sequence[str]:
    members = at.split("/")
    if len(members) == 1 or "" in members:
        raise ValueError(f"{scope} must have a place below the root, such as content/name")
    return members


@dataclass(frozen=True, slots=True)
class JsonForm:
    """One direction of a JSON adapter, ready to check bytes."""

    schema: JsonSchema
    steps: Steps

    def guard(self, body: bytes) -> None:
        """Let a partner's message in, or raise MessageUnreadable: strict JSON, and valid."""
        if not self.schema.compiled.is_valid(parse_message(body)):
            raise MessageUnreadable("schema_invalid")

    def explain(self, body: bytes) -> tuple[RowProblem, ...]:
        """List what is wrong with a message that ``guard`` refused, by path and rule, and never with a value."""
        return problems_of(self.schema, body)

    def misfit(self, content: bytes, scopes: Set[str], attached: int = 0, told: Told | None = None) -> Misfit | None:
        """Tell what is wrong with a message that is about to leave: not valid, or not exactly these scopes in it.

        A member beside the places is too much as well, whatever the schema says.
        """
        try:
            root = parse_message(content)
        except MessageUnreadable as unreadable:
            return Misfit("schema_invalid", unreadable.code)
        for error in self.schema.compiled.iter_errors(root):
            rule, place = rule_and_place(self.schema, error)
            return Misfit("schema_invalid", f"{place or 'root'} {rule}")
        envelope = root.get("envelope")
        attachments = envelope.get("attachments") if isinstance(envelope, dict) else None
        if isinstance(attachments, list) and len(attachments) > attached:
            return Misfit("attachment_unasked")
        found: set[str] = set()
        # The members of the root are the schema's: one of them is the head.
        if not all(_find_standing(root[name], step, found) for name, step in self.steps.items() if name in root):
            return Misfit("scope_unreleased", "?")
        if (misfit := difference(found, scopes)) is not None:
            return misfit
        differing = None if told is None else differs_in_json(envelope, told)
        return None if differing is None else Misfit("envelope_differs", differing)


def _find_standing(value: object, step: "str | Steps", found: set[str]) -> bool:
    """Collect the scopes that stand in a message, walking no deeper than the places lie; False for a member beside them."""
    if isinstance(step, str):
        found.add(step)
        return True
    if not isinstance(value, dict):
        return False
    return all(name in step and _find_standing(inner, step[name], found) for name, inner in value.items())
