"""What every adapter promises, as tests. A plugin's author inherits ``AdapterConformance`` and writes the fixtures.

    class TestJobcenter(AdapterConformance):
        @pytest.fixture
        def adapter_id(self): return "jobcenter"
        ...

A fixture that is missing fails; there is no promise that can be skipped. Golden files are written anew only with
``IMGATE_WRITE_GOLDEN=1``, and then the difference is read before it is committed. docs/conformance.md lists the promises,
and says what no kit can see.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.registry import Registry, load_plugins
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.promises.golden import StaysAsReviewed
from imgate.conformance.promises.purity import StaysPure
from imgate.conformance.promises.reading import Reads
from imgate.conformance.promises.scopes import AccountsForScopes
from imgate.conformance.promises.sending import Sends
from imgate.conformance.promises.silence import KeepsSilent
from imgate.conformance.promises.tried import WritesAsPartner
from imgate.conformance.record_files import problems_of_records
from imgate.conformance.variations import Record

__all__ = ["ENVELOPE", "AdapterConformance", "WritesAsPartner"]


@cache
def _registry() -> Registry:
    return load_plugins()


def _missing(what: str) -> Any:
    pytest.fail(f"the conformance kit needs the fixture {what}")


class AdapterConformance(AccountsForScopes, Sends, StaysPure, KeepsSilent, Reads, StaysAsReviewed):
    """Inherit this, give the fixtures, and every promise is tried on your adapter."""

    @pytest.fixture
    def adapter_id(self) -> str:
        """Give the id in adapter.toml."""
        return str(_missing("adapter_id"))

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Give the partner's settings; an adapter must run without any."""
        return {}

    @pytest.fixture
    def records(self) -> Mapping[str, Record]:
        """Give valid records by name, which together hold every scope of both ceilings."""
        return dict(_missing("records"))

    @pytest.fixture(autouse=True)
    def _valid_records(self, adapter_id: str, records: Mapping[str, Record]) -> None:
        """Tell by name and place what is wrong with a record, before a promise is tried with it."""
        wrong = list(problems_of_records(records))
        if wrong:
            pytest.fail("; ".join(wrong), pytrace=False)

    @pytest.fixture
    def golden(self) -> Path:
        """Give the folder of golden files: ``to_partner/NAME.*`` for each record, ``from_partner/NAME.*`` beside ``NAME.json``."""
        return Path(_missing("golden"))

    @pytest.fixture
    def write_as_partner(self) -> WritesAsPartner:
        """Give a function that writes what the partner would send: reference and record in, bytes out."""
        return _missing("write_as_partner")  # type: ignore[no-any-return]  # it never returns

    @pytest.fixture
    def narrower(self) -> Mapping[str, str]:
        """Give the scopes of which the partner sends fewer values than the record takes, each with a sentence why.

        What it sends of them comes from ``records`` alone. To the partner each value has a form. Most adapters have none.
        """
        return {}

    @pytest.fixture
    def adapter(self, adapter_id: str, settings: Mapping[str, object]) -> LoadedAdapter:
        """Load the adapter as the gateway does."""
        return _registry().adapter(adapter_id, settings)

    @pytest.fixture
    def package(self, adapter_id: str) -> str:
        """Name the plugin's package, by which its code is told from everybody else's."""
        return _registry().adapters[adapter_id].plugin.package
