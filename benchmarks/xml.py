"""Translate and validate one message, against lxml used by hand for the same document.

By hand means: straight-line code with the values written into it, one `SubElement` call for each element, serialised, parsed and validated
with the same compiled schema. It looks nothing up, checks no scope and escapes nothing twice: no honest hand-written code is faster.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from lxml import etree

from benchmarks import people
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.registry import load_plugins
from imgate.adapters.xml_format import compile_schema
from imgate.consent.judge import Question, decide, now
from imgate.consent.minimise import minimise, present_scopes
from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy
from imgate.plugin_api import Envelope, ReleasedRecord
from imgate.record import CATALOGUE
from imgate.vocabulary.words import Direction

_ENVELOPE = Envelope(
    "00000000-0000-4000-8000-000000000000", "2026-01-15T10:00:00.000Z", people.UNIT, people.PARTNER_NAME, "355A123456", people.PURPOSE
)


def measure(*, quick: bool = False) -> list[Row]:
    """Measure, after comparing the documents."""
    adapter = load_plugins(listed={"jobcenter"}).adapter("jobcenter", {})
    released = released_record(adapter)
    schema = compile_schema(adapter.inbound_schema or b"")  # one file describes both directions
    message = adapter.validate(adapter.translate(released, _ENVELOPE)).content
    build = by_hand(message)
    check(_canonical(build()) == _canonical(message), "the document written by hand is another one")

    def ours() -> None:
        adapter.validate(adapter.translate(released, _ENVELOPE))

    def hand() -> None:
        schema.assertValid(etree.fromstring(build()))

    calls, rounds = (100, 5) if quick else (300, 9)
    adapters, lxmls = interleaved(rounds, _timed(ours, calls), _timed(hand, calls))
    return [
        promise(
            f"XML: translate and validate {len(released.releases)} scopes, {len(message):,} bytes (reference: lxml by hand)",
            statistics.median(adapters),
            "µs",
            statistics.median(lxmls),
            median_ratio(adapters, lxmls),
            Goal("at most", 3),
        ),
        note("  translate alone", _timed(lambda: adapter.translate(released, _ENVELOPE), calls)(), "µs", statistics.median(adapters)),
    ]


def released_record(adapter: LoadedAdapter) -> ReleasedRecord:
    """Release of the case record what the adapter has a place for, by the real decision."""
    record, ceiling = people.case_record(), adapter.ceiling[Direction.TO_PARTNER]
    policy = PartnerPolicy(
        partner=people.PARTNER,
        name=people.PARTNER_NAME,
        formerly=frozenset(),
        ceiling=MappingProxyType(dict(adapter.ceiling)),
        open=frozenset(scope for scope in ceiling if CATALOGUE.scopes[scope].closed),
        levels=LEVEL_FLOOR,
        partners=frozenset({people.PARTNER}),
        catalogue=CATALOGUE,
    )
    scopes = [scope for scope in present_scopes(record) if scope in ceiling]
    signed = [people.signed(f"d{index}", people.declaration("K", share)) for index, share in enumerate(people.shares(scopes))]
    at = datetime.now(UTC)
    decision = decide(policy, signed, Question(Direction.TO_PARTNER, people.PURPOSE, present_scopes(record), now(at), {}))
    minimised = minimise(policy, decision, record, {}, dict.fromkeys(("d0", "d1", "d2"), people.UNIT), at.date())
    check(set(minimised.released.releases) == set(scopes), "not every scope of the ceiling is released")
    return minimised.released


def by_hand(message: bytes) -> Callable[[], bytes]:
    """Write the program that somebody would have written who knows exactly this document, and compile it."""
    root = etree.fromstring(message)
    body = "\n".join(f"    {line}" for line in _statements(root, "e0", iter(range(1, 1_000_000))))
    source = (
        f"def build():\n    e0 = Element({root.tag!r}, nsmap={dict(root.nsmap)!r})\n{body}\n"
        "    return tostring(e0, xml_declaration=True, encoding='UTF-8')\n"
    )
    names: dict[str, Any] = {"Element": etree.Element, "SubElement": etree.SubElement, "tostring": etree.tostring}
    exec(compile(source, "by hand", "exec"), names)  # noqa: S102  # generated three lines above, from our own message
    written: Callable[[], bytes] = names["build"]
    return written


def _statements(parent: etree._Element, name: str, numbers: Iterator[int]) -> Iterator[str]:
    for child in parent:
        child_name = f"e{next(numbers)}"
        attributes = f", {dict(child.attrib)!r}" if child.attrib else ""
        yield f"{child_name} = SubElement({name}, {child.tag!r}{attributes})"
        if child.text and child.text.strip():
            yield f"{child_name}.text = {child.text!r}"
        yield from _statements(child, child_name, numbers)


def _canonical(message: bytes) -> bytes:
    return etree.tostring(etree.fromstring(message, etree.XMLParser(remove_blank_text=True)), method="c14n")


def _timed(work: Callable[[], object], calls: int) -> Callable[[], float]:
    def side() -> float:
        begun = time.perf_counter_ns()
        for _ in range(calls):
            work()
        return (time.perf_counter_ns() - begun) / calls / 1000

    return side
