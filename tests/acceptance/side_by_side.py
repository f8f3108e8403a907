"""Messages about one client that wait side by side: each is one item for one purpose, so that none overtakes another."""

import json

from imgate.record.catalogue import CATALOGUE
from imgate.vocabulary.words import Purpose
from tests.acceptance.inbound_writers import JOBCENTER, scopes_offered
from tests.conftest import ROOT

PURPOSES = tuple(purpose.value for purpose in Purpose)
_RECORD = json.loads((ROOT / "samples" / "K-2026-1101.json").read_text(encoding="utf-8"))
_ITEMS = {f"{section}.{item}": {section: {item: value}} for section, items in _RECORD.items() for item, value in items.items()}
SCOPES = tuple(sorted(_ITEMS.keys() & (scopes_offered(JOBCENTER) - CATALOGUE.closed)))


def side_by_side(number: int) -> list[tuple[dict, str]]:
    """Give so many records to be sent to the Jobcenter, each with the purpose for which."""
    every = [(_ITEMS[scope], purpose) for purpose in PURPOSES for scope in SCOPES]
    assert number <= len(every)
    return every[:number]
