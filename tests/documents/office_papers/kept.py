"""Facts as version 1 kept them, and what they become when one of them is another."""

import copy
import json
from datetime import date
from functools import cache
from pathlib import Path

from imgate.documents.office_papers.facts import FactsUnreadable, PaperFacts, read_facts

DAY = date(2026, 11, 22)
KEPT = json.loads((Path(__file__).parent / "facts-1.json").read_text(encoding="utf-8"))
SHA256 = "613c20d481bc510f91c51e2d8eb5ac588b1554d2744619b0701714e6632e889c"
FACTS = read_facts(KEPT)
_OTHERS = ("zzz", 4711, True, False, ["zzz"], [{"purpose": "zzz", "scopes": ["zzz"]}], "")


def leaves(value=KEPT, path=()):
    """Give the path of each fact; of a list of words the first, or the list itself where there is none."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value if isinstance(value[0], dict) else value[:1]):
            yield from leaves(inner, (*path, number))
    elif path != ("version",):
        yield path


@cache
def with_another(path):
    """Give the facts with one of them changed to something of its own kind."""
    for other in _OTHERS:
        changed = copy.deepcopy(KEPT)
        *above, last = path
        table = changed
        for part in above:
            table = table[part]
        if table[last] == other:
            continue
        table[last] = other
        try:
            return read_facts(changed)
        except FactsUnreadable:
            continue
    raise AssertionError(f"{path} takes nothing else")


def with_names(name):
    """Give the facts with everything that an operator writes as they like replaced by this name."""
    partners = tuple(partner.model_copy(update={"name": name, "formerly": (name,)}) for partner in FACTS.partners)
    gateway = FACTS.gateway.model_copy(update={"name": name, "units": (name,)})
    office = FACTS.office.model_copy(update={"contact": (name,), "data_protection_officer": name})
    plugins = tuple(plugin.model_copy(update={"name": name, "publisher": name}) for plugin in FACTS.plugins)
    found: PaperFacts = FACTS.model_copy(update={"partners": partners, "gateway": gateway, "office": office, "plugins": plugins})
    return found
