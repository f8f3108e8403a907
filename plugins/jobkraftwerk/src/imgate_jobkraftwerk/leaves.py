"""Which scopes a table can hold, leaf by leaf, and in which form each leaf stands in a cell.

A mapping says which column holds which leaf; what a cell of that column looks like follows from the leaf. This list is the
plugin's own, because a plugin sees nothing of imgate but its interface; a test compares it with the record's types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Form(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    TEXTS = "texts"
    PARTIAL_DATE = "partial_date"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    YES_NO = "yes_no"
    PHONE = "phone"
    WORD = "word"
    WORDS = "words"
    CHANNELS = "channels"


# Cells that hold a whole list, so that an empty one must be told from one about which nothing is said.
LIST_FORMS: Final = frozenset({Form.TEXTS, Form.WORDS, Form.CHANNELS})


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf. ``words`` names the value list of the mapping that translates it; ``kind`` fixes the kind of a channel."""

    form: Form
    words: str | None = None
    required: bool = False
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One scope: ``many`` where it is a list of entries, one row each. The path of a leaf that is the whole item is ``""``."""

    many: bool
    leaves: Mapping[str, Leaf]
    required: tuple[str, ...]
    content: str

    @property
    def marker(self) -> str:
        """Give the leaf whose cell says that a list has no entry: the first."""
        return next(iter(self.leaves))


def _text(*, required: bool = False) -> Leaf:
    return Leaf(Form.TEXT, required=required)


def _word(words: str, *, required: bool = False) -> Leaf:
    return Leaf(Form.WORD, words, required=required)


def _item(leaves: Mapping[str, Leaf], content: str = "Stammdaten", *, many: bool = False) -> Item:
    return Item(many, MappingProxyType(leaves), tuple(path for path, leaf in leaves.items() if leaf.required), content)


def _one(**leaves: Leaf) -> Item:
    return _item(leaves)


def _many(content: str, **leaves: Leaf) -> Item:
    return _item(leaves, content, many=True)


def _whole(leaf: Leaf) -> Item:
    return _item({"": leaf})


def _contact_person() -> Item:
    channels = {f"channels.{kind}": Leaf(Form.PHONE if kind == "phone" else Form.TEXT, kind=kind) for kind in CHANNEL_KINDS}
    plain = {"unit": _text(), "unit_number": _text(), "organisation_sign": _text(), "name.family": _text(), "name.given": _text()}
    return _item({**plain, "channels": Leaf(Form.CHANNELS, "channel"), **channels})


_CHANNEL: Final = frozenset({"kind", "value", "note"})


def is_known(item: Item, value: object) -> bool:
    """Tell whether an item, or an entry of one, has no other leaves than these, and each of those that it needs."""
    leaves = item.leaves
    if not isinstance(value, dict):
        return "" in leaves
    others = value.keys() - leaves.keys()
    if others and not all(_are_known(leaves, key, value[key]) for key in others):
        return False
    for path in item.required:
        if value.get(path) is None:
            return False
    return "channels" not in leaves or all(channel.keys() <= _CHANNEL for channel in value.get("channels") or ())


def _are_known(leaves: Mapping[str, Leaf], group: str, value: object) -> bool:
    """Tell whether each leaf of a group is known; an absent group has none."""
    if not any(path.startswith(f"{group}.") for path in leaves):
        return False
    return value is None or (isinstance(value, dict) and all(f"{group}.{key}" in leaves for key in value))


CHANNEL_KINDS: Final = ("phone", "email", "fax", "web", "post")
_PARTIAL: Final = Leaf(Form.PARTIAL_DATE)
_DATE: Final = Leaf(Form.DATE)
_NUMBER: Final = Leaf(Form.NUMBER)
_PARTIAL_NEEDED: Final = Leaf(Form.PARTIAL_DATE, required=True)

GOALS: Final = "plan.goals"
STEPS: Final = "plan.steps"

ITEMS: Final[Mapping[str, Item]] = MappingProxyType(
    {
        "person.name": _one(family=_text(), given=_text(), birth_name=_text()),
        "person.birth": _one(date=_PARTIAL_NEEDED, place=_text(), country=_word("state")),
        "person.sex": _whole(_word("sex", required=True)),
        "person.nationality": _whole(Leaf(Form.WORDS, "state", required=True)),
        "person.arrival": _one(date=_PARTIAL_NEEDED, municipality_since=_PARTIAL),
        "contact.address": _one(
            street=_text(required=True),
            house_number=_text(),
            postal_code=_text(required=True),
            city=_text(required=True),
            ags=_text(),
            information_block=Leaf(Form.YES_NO),
        ),
        "contact.phone": _whole(Leaf(Form.PHONE, required=True)),
        "contact.email": _whole(_text(required=True)),
        "contact.preferred_language": _whole(_word("language", required=True)),
        "contact_persons.integration_management": _contact_person(),
        "contact_persons.jobcenter": _contact_person(),
        "residence.status": _one(code=_word("residence_status", required=True), since=_DATE, until=_DATE),
        "residence.work_permission": _one(code=_word("work_permission", required=True), since=_DATE, until=_DATE, note=_text()),
        "language.level": _one(cefr=_word("cefr", required=True), evidence=_word("evidence", required=True), tested_on=_PARTIAL),
        "language.course": _one(
            kind=_word("course_kind", required=True),
            status=_word("course_status", required=True),
            provider=_text(),
            **{"from": _PARTIAL},
            until=_PARTIAL,
        ),
        "work.status": _one(kind=_word("work_status", required=True), since=_PARTIAL, hours=_NUMBER),
        "housing.situation": _one(kind=_word("housing", required=True), since=_PARTIAL, rooms=_NUMBER, persons=_NUMBER),
        "benefits.regime": _one(code=_word("benefits", required=True), since=_PARTIAL, body=_text(), household_number=_text()),
        GOALS: _many(
            "Ziel",
            title=_text(required=True),
            field=_word("goal_field", required=True),
            id=_text(),
            agreed_on=_DATE,
            due=_DATE,
            state=_word("goal_state"),
        ),
        STEPS: _many(
            "Maßnahme",
            title=_text(required=True),
            who=_word("step_who", required=True),
            state=_word("step_state", required=True),
            goal=_text(),
            due=_DATE,
            note=_text(),
        ),
        "appointments.upcoming": _many(
            "Termin",
            at=Leaf(Form.TIME, required=True),
            **{"with": _text(required=True)},
            subject=_text(),
            place=_text(),
            bring=Leaf(Form.TEXTS),
        ),
        "needs.support": _many("Bedarf", text=_text(required=True), field=_word("need_field", required=True), since=_DATE),
    }
)

# The case record is documented in the case system; a table for colleagues holds what they need for their own work.
_SPECIAL: Final = "data of a special kind; a documentation table is read by many and has no column for it"
_NUMBERS: Final = "documentation finds a person by the reference; a number of an authority is not needed for it"
_AUTHORITY: Final = "the authorities and the case system deal with it; the documentation holds the coarse status only"
_NESTED: Final = "lists within entries, which one row an entry cannot hold"
_ELSEWHERE: Final = "kept by the case system; documenting goals and steps does not need it"

ABSENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "person.marital_status": _ELSEWHERE,
        "identifiers.jobcenter_number": _NUMBERS,
        "identifiers.azr_number": _NUMBERS,
        "contact_persons.auslaenderbehoerde": _AUTHORITY,
        "contact_persons.guardian": _ELSEWHERE,
        "residence.title": _SPECIAL,
        "residence.fictional_effect": _AUTHORITY,
        "residence.domicile_restriction": _AUTHORITY,
        "residence.file_number": _AUTHORITY,
        "residence.applications": _AUTHORITY,
        # It may hold nothing at all, which cells cannot tell from nothing being said.
        "education.school": _ELSEWHERE,
        "education.vocational": _ELSEWHERE,
        "education.recognition": _ELSEWHERE,
        "work.history": _ELSEWHERE,
        "work.job_search": _NESTED,
        "work.measures": _ELSEWHERE,
        "work.proposals": _ELSEWHERE,
        "family.household": "other people's data, which goes under their own declarations",
        "benefits.cooperation_plan": _ELSEWHERE,
        "health.constraints": _SPECIAL,
        "asylum.grounds": _SPECIAL,
        "notes.counselling": _SPECIAL,
    }
)
