"""What changed between two sets of facts, fact by fact: added, removed or changed, in German.

Every fact that has a name is compared; a list is compared item by item, so that one scope more is one line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from imgate.documents.office_papers.blocks import Block, Heading, Paper, Paragraph, Table
from imgate.documents.office_papers.facts import Facts, PaperFacts, PluginFacts
from imgate.documents.office_papers.words import Reader, said_by, term_name, term_value, words

_NONE = "–"
_ALONE = ("gateway", "office", "evidence", "measures")


class Change(StrEnum):
    """What became of a fact."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is another. ``path`` is its place in the facts; the others are German, None where there is nothing."""

    change: Change
    path: str
    subject: str
    fact: str
    before: str | None
    after: str | None

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One fact in words: what it is about, what it is called, its value."""

    about: str
    subject: str
    fact: str
    value: str


def differences(before: PaperFacts, after: PaperFacts) -> tuple[Difference, ...]:
    """Compare two sets of facts, in the order of the later ones; what is gone stands behind."""
    old, new = _statements(before), _statements(after)
    order: dict[str, int] = {}
    for statement in (*new.values(), *old.values()):
        order.setdefault(statement.about, len(order))
    found = [*_added_or_changed(old, new), *_removed(old, new)]
    return tuple(difference for _, difference in sorted(found, key=lambda each: order[each[0]]))


def differences_paper(found: Sequence[Difference], before: str, after: str) -> Paper:
    """Write them as a paper; ``before`` and ``after`` say which two times are compared."""
    said = words()["differences"]
    return Paper(said["title"], said["span"].format(before=before, after=after), tuple(_blocks(found)), f"{before} – {after}")


def _blocks(found: Sequence[Difference]) -> Iterator[Block]:
    said = words()["differences"]
    if not found:
        yield Paragraph(said["none"])
    for subject, these in groupby(found, key=lambda difference: difference.subject):
        yield Heading(subject)
        rows = tuple((said[one.change.value], one.fact, one.before or _NONE, one.after or _NONE) for one in these)
        yield Table(tuple(said["head"]), rows, (3, 5, 5, 5))


def _added_or_changed(old: dict[str, _Statement], new: dict[str, _Statement]) -> Iterator[tuple[str, Difference]]:
    for path, now in new.items():
        then = old.get(path)
        if then is None:
            yield now.about, Difference(Change.ADDED, path, now.subject, now.fact, None, now.value)
        elif then.value != now.value:
            yield now.about, Difference(Change.CHANGED, path, now.subject, now.fact, then.value, now.value)


def _removed(old: dict[str, _Statement], new: dict[str, _Statement]) -> Iterator[tuple[str, Difference]]:
    subjects = {statement.about: statement.subject for statement in new.values()}
    for path, then in old.items():
        if path not in new:
            subject = subjects.get(then.about, then.subject)
            yield then.about, Difference(Change.REMOVED, path, subject, then.fact, then.value, None)


def _statements(facts: PaperFacts) -> dict[str, _Statement]:
    return dict(_all(facts, Reader(facts.scopes)))


def _all(facts: PaperFacts, reader: Reader) -> Iterator[tuple[str, _Statement]]:
    said = words()["subjects"]
    yield "/version", _Statement("/version", said["version"], said["version"], str(facts.version))
    for name in _ALONE:
        yield from _about(f"/{name}", said[name], getattr(facts, name), reader)
    for partner in facts.partners:
        yield from _about(f"/partners/{partner.id}", said["partner"].format(name=partner.name, id=partner.id), partner, reader)
    for scope in facts.scopes:
        yield from _about(f"/scopes/{scope.scope}", said["scope"].format(label=scope.label, scope=scope.scope), scope, reader)
    for term in facts.terms:
        yield f"/terms/{term.name}", _Statement("/terms", said["terms"], term_name(term.name), term_value(term))
    for plugin in facts.plugins:
        yield from _about(f"/plugins/{plugin.kind}/{plugin.id}", _plugin(plugin, reader), plugin, reader)


def _plugin(plugin: PluginFacts, reader: Reader) -> str:
    text: str = words()["subjects"]["plugin"]
    return text.format(kind=reader.word("plugin_kinds", plugin.kind), name=plugin.name, id=plugin.id)


def _about(about: str, subject: str, facts: Facts, reader: Reader) -> Iterator[tuple[str, _Statement]]:
    for path, fact, value in _within(about, "", facts, reader):
        yield path, _Statement(about, subject, fact, value)


def _within(path: str, named: str, facts: Facts, reader: Reader) -> Iterator[tuple[str, str, str]]:
    """Give each fact with its path, its name and its value in words; ``named`` goes before the names of what stands in a list."""
    for name, says in said_by(type(facts)).items():
        value, place = getattr(facts, name), f"{path}/{name}"
        if says is None:
            yield from _inner(place, named, value, reader)
        elif isinstance(value, tuple):
            for item in value:
                yield f"{place}/{_escaped(item)}", f"{named}{says.german}", reader.word(says.words, item) if says.words else item
        elif value is not None:
            yield place, f"{named}{says.german}", reader.value(value, says)


def _inner(path: str, named: str, inner: Facts | tuple[Facts, ...], reader: Reader) -> Iterator[tuple[str, str, str]]:
    """Go into further facts; those of a list are known by the first of them."""
    if not isinstance(inner, tuple):
        yield from _within(path, named, inner, reader)
        return
    for one in inner:
        name, says = next(iter(said_by(type(one)).items()))
        key = getattr(one, name)
        called = key if says is None else reader.value(key, says)
        yield from _within(f"{path}/{_escaped(key)}", f"{named}{called}: ", one, reader)


def _escaped(key: str) -> str:
    """Write a name as a part of a path (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
