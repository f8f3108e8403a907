"""The records that an author gives: read from files, and what is wrong with one told by its name and place.

The core never shows a name that a sender made up. Records that the kit is given are synthetic, and their author must see what they wrote.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from imgate.conformance.variations import Record
from imgate.record.problem_code import ProblemCode
from imgate.record.problems import Problem
from imgate.record.validation import RecordInvalid, record_field_names, validate_record

_UNKNOWN = "?"


def read_records(folder: Path) -> Mapping[str, Record]:
    """Read every ``NAME.json`` of a folder, by name. One that is no JSON fails the test, with file and line."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        told = "not UTF-8"
    except json.JSONDecodeError as error:
        told = f"not JSON: {error.msg}, line {error.lineno}, column {error.colno}"
    return pytest.fail(f"{path.parent.name}/{path.name} is {told}", pytrace=False)


def problems_of_records(records: Mapping[str, Record]) -> Iterator[str]:
    """Say what is wrong with each record, as "record full: /education/school/year is no field of the record"."""
    for name, record in records.items():
        try:
            validate_record(record)
        except RecordInvalid as invalid:
            yield from (f"record {name}: {said}" for problem in invalid.problems for said in _said(problem, record))


def _said(problem: Problem, record: object) -> Iterator[str]:
    for pointer in _pointers(problem.pointer.split("/")[1:], record):
        match problem.code:
            case ProblemCode.UNKNOWN_FIELD:
                yield f"{pointer} is no field of the record"
            case ProblemCode.MISSING:
                yield f"{pointer} is missing"
            case code:
                yield f"{pointer}: {code} (docs/reference/errors.md)"


def _pointers(steps: list[str], value: Any) -> Iterator[str]:
    """Yield the pointer with the author's own names in the place of each `?`."""
    if not steps:
        yield ""
        return
    step, *further = steps
    strange = sorted(value.keys() - record_field_names()) if step == _UNKNOWN and isinstance(value, dict) else [step]
    for name in strange:
        inner = value[int(name)] if isinstance(value, list) else value.get(name) if isinstance(value, dict) else None
        yield from (f"/{name}{below}" for below in _pointers(further, inner))
