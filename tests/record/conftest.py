"""Records to test with: our own samples."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = sorted((REPOSITORY / "samples").glob("*.json"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session", params=SAMPLES, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def full() -> dict[str, Any]:
    """A fresh copy of the sample in which every scope is filled."""
    return json.loads((REPOSITORY / "samples" / "K-2026-1101.json").read_text(encoding="utf-8"))


@pytest.fixture
def full_with(full: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Put a value at a place of the full sample: full_with(value, "person", "name", "family")."""

    def put(value: object, *place: str | int) -> dict[str, Any]:
        record = copy.deepcopy(full)
        at: Any = record
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = value
        return record

    return put
