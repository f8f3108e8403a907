"""What every corridor function is handed: the store, the partners, the policy, the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from imgate.adapters.adapter import LoadedAdapter
from imgate.consent.policy import PartnerPolicy, Policy
from imgate.exchange.cohort import Cohort
from imgate.exchange.declarations.evidence import ExaminesNothing
from imgate.exchange.ports import Examiner, GatewaySignature, Store
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.plugin_api import ReceiptSource, Transport


@dataclass(frozen=True)
class Partner:
    """One configured partner: what the judge knows of it, its adapter, its way, and the purpose its messages mean.

    ``subscriptions`` are the scopes by purpose of which it is sent what changed, once a week where there is a ``digest``.
    """

    policy: PartnerPolicy
    adapter: LoadedAdapter
    transport: Transport
    purpose: str | None
    subscriptions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    digest: WeeklyDigest | None = None

    @cached_property
    def gives_receipts(self) -> bool:
        """Tell whether the partner's word about delivered messages comes back on its way by itself."""
        return isinstance(self.transport, ReceiptSource)

    @property
    def id(self) -> str:
        """The partner's id."""
        return self.policy.partner


@dataclass(frozen=True, slots=True)
class Corridor:
    """The gateway as the corridor sees it. ``clock`` gives aware times; it is asked once per step, never by a judgement.

    ``cohort`` is entered by the doors that send. What could not be delivered for as long as ``give_up_after`` has failed.
    ``examiner`` looks into evidence; without one, signatures that would have to be checked are refused.
    """

    store: Store
    policy: Policy
    partners: Mapping[str, Partner]
    clock: Callable[[], datetime]
    signature: GatewaySignature
    cohort: Cohort = field(default_factory=Cohort, repr=False)
    give_up_after: timedelta = timedelta(days=7)
    examiner: Examiner = field(default=ExaminesNothing(), repr=False)


class Caller(Protocol):
    """Who asks, as the audit log will name them."""

    @property
    def id(self) -> str:
        """The caller's client id, ``worker`` or ``operator``."""
