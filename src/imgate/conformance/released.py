"""Make released records for tests: by the real judge and the real minimising, over a synthetic declaration."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from imgate.consent.head import Head, VerifiedDeclaration, head_mac, verify_head
from imgate.consent.judge import Question, decide, now
from imgate.consent.minimise import minimise
from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy
from imgate.plugin_api import Release, ReleasedRecord
from imgate.record import CATALOGUE
from imgate.vocabulary.words import SELF, Direction

PERMISSION = Release(discloser="Integrationsmanagement Winnenden", origin=SELF, until="2026-12-31")
TODAY = date(2026, 3, 2)

_KEY = bytes(32)
_CLIENT = "synthetic"
_DECLARATION = "00000000-0000-4000-8000-000000000001"
_PURPOSE = "labour_market_integration"
_ALL = frozenset(CATALOGUE.scopes)
# A partner for which everything is open and has a place: what an adapter cannot write is the adapter's own field table's word.
_POLICY = PartnerPolicy(
    partner="synthetic",
    name="Synthetic partner",
    formerly=frozenset(),
    ceiling=dict.fromkeys(Direction, _ALL),
    open=CATALOGUE.closed | {"contact.address"},
    levels=LEVEL_FLOOR,
    partners=frozenset({"synthetic"}),
    catalogue=CATALOGUE,
)


def release(record: Mapping[str, Mapping[str, Any]], scopes: Collection[str]) -> ReleasedRecord:
    """Release these scopes of a record, as far as they are present, in the catalogue's order."""
    present = tuple(scope for scope, entry in CATALOGUE.scopes.items() if scope in scopes and entry.item in record.get(entry.section, {}))
    question = Question(Direction.TO_PARTNER, _PURPOSE, present, now(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)), {})
    decision = decide(_POLICY, [_declaration()], question)
    return minimise(_POLICY, decision, record, {}, {_DECLARATION: PERMISSION.discloser}, TODAY).released


@cache
def _declaration() -> VerifiedDeclaration:
    """Sign for everything."""
    canonical = Head(
        id=_DECLARATION,
        partner="synthetic",
        digest="",
        recipient="Synthetic partner",
        catalogue=CATALOGUE.version,
        clauses=("confidentiality_release", "data_protection_consent"),
        direction="both",
        purposes=(_PURPOSE,),
        scopes=tuple(CATALOGUE.scopes),
        onward_from=(),
        valid_from="2026-01-01",
        valid_until=PERMISSION.until,
        levels=(("2026-01-01T12:00:00.000000+00:00", "written"),),
    ).canonical()
    verified = verify_head(_KEY, _CLIENT, canonical, b"", head_mac(_KEY, _CLIENT, canonical, b""), ZoneInfo("Europe/Berlin"))
    if verified is None:
        raise AssertionError("the synthetic declaration does not verify")
    return verified
