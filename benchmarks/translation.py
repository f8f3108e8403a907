"""What each adapter's translation costs, against lxml, csv or json used by hand for the same message.

By hand means straight-line code that knows one document (`by_hand`): it looks nothing up in a table, checks no scope and refuses nothing.
The first row has the schema as well, on both sides: what the corridor does with each message. The rows below are the translation alone.
"""

import dataclasses
import json
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from benchmarks import by_hand, jobkraftwerk, people
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, promise, timed
from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.registry import load_plugins
from imgate.adapters.xml_format import compile_schema
from imgate.consent.judge import Question, decide, now
from imgate.consent.minimise import minimise, present_scopes
from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy
from imgate.plugin_api import Envelope, ReleasedRecord
from imgate.record import CATALOGUE
from imgate.vocabulary.words import Direction
from imgate_jobkraftwerk.translate import TableAdapter

_ROOT = Path(__file__).resolve().parents[1]
_ENVELOPE = Envelope(
    "00000000-0000-4000-8000-000000000000", "2026-01-15T10:00:00.000Z", people.UNIT, people.PARTNER_NAME, "355A123456", people.PURPOSE
)
_GOAL = Goal("at most", 3)
_ROWS = 500
_Work = Callable[[], object]


def measure(*, quick: bool = False) -> list[Row]:
    """Measure each adapter, after comparing what both sides wrote."""
    rounds, calls = (5, 100) if quick else (9, 300)
    rows = [_validated(rounds, calls)]
    with tempfile.TemporaryDirectory(prefix="imgate-bench-translation-") as folder:
        for name, work, reference, hand in (*_xml("jobcenter"), *_xml("auslaenderbehoerde"), *_table(Path(folder)), *_json()):
            # One call of what reads many rows takes as long as many calls of the others.
            often = max(1, calls // _ROWS * 5) if "rows" in name else calls
            ours, theirs = interleaved(rounds, timed(work, often), timed(hand, often))
            told = f"{name} (reference: {reference} by hand)"
            rows.append(promise(told, statistics.median(ours), "µs", statistics.median(theirs), median_ratio(ours, theirs), _GOAL))
    return rows


def _validated(rounds: int, calls: int) -> Row:
    adapter = load_plugins(listed={"jobcenter"}).adapter("jobcenter", {})
    released = released_record(adapter)
    schema = compile_schema(_file("jobcenter", "schemas/jobcenter.xsd"))
    message = adapter.validate(adapter.translate(released, _ENVELOPE)).content
    write = by_hand.lxml_writer(message)

    def ours() -> None:
        adapter.validate(adapter.translate(released, _ENVELOPE))

    def hand() -> None:
        schema.assertValid(etree.fromstring(write()))

    adapters, lxmls = interleaved(rounds, timed(ours, calls), timed(hand, calls))
    told = f"XML: translate and validate {len(released.releases)} scopes, {len(message):,} bytes (reference: lxml by hand)"
    return promise(told, statistics.median(adapters), "µs", statistics.median(lxmls), median_ratio(adapters, lxmls), _GOAL)


def _xml(name: str) -> list[tuple[str, _Work, str, _Work]]:
    adapter = load_plugins(listed={name}).adapter(name, {})
    released = released_record(adapter)
    message = adapter.validate(adapter.translate(released, _ENVELOPE)).content
    write = by_hand.lxml_writer(message)
    check(_canonical(write()) == _canonical(message), f"the document of {name} written by hand is another one")
    came = (_ROOT / "plugins" / name / "tests" / "golden" / "from_partner" / "everything.xml").read_bytes()
    check(len(adapter.translator.from_partner(came).people) == 1, f"the message of {name} was not read")
    return [
        (
            f"  {name} writes {len(released.releases)} scopes, {len(message):,} bytes",
            lambda: adapter.translator.to_partner(released, _ENVELOPE),
            "lxml",
            write,
        ),
        (
            f"  {name} reads {len(came):,} bytes",
            lambda: adapter.translator.from_partner(came),
            "lxml",
            lambda: by_hand.read_with_lxml(came),
        ),
    ]


def _table(folder: Path) -> list[tuple[str, _Work, str, _Work]]:
    adapter = load_plugins(listed={"jobkraftwerk"}).adapter("jobkraftwerk", {})
    translator = adapter.translator
    check(isinstance(translator, TableAdapter), "jobkraftwerk is no table")
    mapping = translator.mapping  # type: ignore[attr-defined]  # checked
    released = released_record(adapter)
    message = adapter.validate(adapter.translate(released, _ENVELOPE)).content
    header = message.decode(mapping.encoding).split("\r\n", 1)[0]
    write = by_hand.csv_writer(released, _ENVELOPE, mapping, [cell[1:-1] for cell in header.split(";")])
    check(write() == message, "the table written by hand is another one")
    file = folder / "rows.csv"
    jobkraftwerk.write(file, _ROWS)
    came = file.read_bytes()
    read = {person.reference: person.record for person in translator.from_partner(came).people}
    check(read == dict(jobkraftwerk.by_hand(adapter, file)), "what was read by hand is something else")
    return [
        (
            f"  jobkraftwerk writes {len(released.releases)} scopes, {len(message):,} bytes",
            lambda: translator.to_partner(released, _ENVELOPE),
            "csv",
            write,
        ),
        (
            f"  jobkraftwerk reads {_ROWS} rows, {len(came):,} bytes",
            lambda: translator.from_partner(came),
            "csv",
            lambda: list(jobkraftwerk.by_hand(adapter, file)),
        ),
    ]


def _json() -> list[tuple[str, _Work, str, _Work]]:
    adapter = load_plugins(listed={"nachbar"}).adapter("nachbar", {})
    released = released_record(adapter)
    envelope = dataclasses.replace(_ENVELOPE, purpose="case_handover")
    message = adapter.validate(adapter.translate(released, envelope)).content
    write = by_hand.json_writer(released, envelope)
    check(json.loads(write()) == json.loads(message), "the JSON written by hand is another one")
    (person,) = adapter.translator.from_partner(message).people
    check(by_hand.read_with_json(message)[3] == person.record, "what was read by hand is something else")
    return [
        (
            f"  nachbar writes {len(released.releases)} scopes, {len(message):,} bytes",
            lambda: adapter.translator.to_partner(released, envelope),
            "json",
            write,
        ),
        (
            f"  nachbar reads {len(message):,} bytes",
            lambda: adapter.translator.from_partner(message),
            "json",
            lambda: by_hand.read_with_json(message),
        ),
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


def _file(plugin: str, path: str) -> bytes:
    return (_ROOT / "plugins" / plugin / "src" / f"imgate_{plugin}" / path).read_bytes()


def _canonical(message: bytes) -> bytes:
    return etree.tostring(etree.fromstring(message, etree.XMLParser(remove_blank_text=True)), method="c14n")
