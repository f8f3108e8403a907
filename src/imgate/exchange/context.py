"""What every corridor function is handed: the store, the partners, the policy, the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from anyio import CapacityLimiter

from imgate.adapters.adapter import LoadedAdapter
from imgate.consent.policy import PartnerPolicy, Policy
from imgate.exchange.cohort import Cohort
from imgate.exchange.declarations.evidence import ExaminesNothing
from imgate.exchange.ports import AttachmentMaker, Examiner, GatewaySignature, Issuer, Presenter, StatementReader, Store
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.plugin_api import ReceiptSource, Transport
from imgate.vocabulary.words import AttachmentKind, Body


@dataclass(frozen=True)
class Partner:
    """One configured partner: what the judge knows of it, its adapter, its way, and the purpose its messages mean.

    ``subscriptions`` are the scopes by purpose of which it is sent what changed, once a week where there is a ``digest``. Where it
    takes ``paper``, its messages leave as that. ``attach`` is what travels beside the released part of a message. What it attaches
    itself is checked against ``bundle_keys`` (thumbprints; None: nobody said which are its gateway's), and where it ``requires_bundle``
    nothing is taken without. ``body`` is the kind of public body that it is.
    """

    policy: PartnerPolicy
    adapter: LoadedAdapter
    transport: Transport
    purpose: str | None
    subscriptions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    digest: WeeklyDigest | None = None
    paper: bool = False
    attach: tuple[AttachmentKind, ...] = ()
    bundle_keys: frozenset[str] | None = None
    requires_bundle: bool = False
    body: Body = Body.OTHER

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
    ``examiner`` looks into evidence; without one, signatures that would have to be checked are refused. ``presenter`` sets messages on
    paper, one at a time: who waits for ``typesetting`` holds no thread that others need. ``issuer`` is what its bundles say about
    the gateway, ``attachments`` makes the other things that are attached, and ``statements`` reads those of other gateways. What runs
    out within ``remind_days`` is told with what the case system is answered.
    """

    store: Store
    policy: Policy
    partners: Mapping[str, Partner]
    clock: Callable[[], datetime]
    signature: GatewaySignature
    presenter: Presenter
    issuer: Issuer
    attachments: AttachmentMaker
    statements: StatementReader
    cohort: Cohort = field(default_factory=Cohort, repr=False)
    give_up_after: timedelta = timedelta(days=7)
    remind_days: int = 90
    examiner: Examiner = field(default=ExaminesNothing(), repr=False)
    typesetting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1), repr=False)


class Caller(Protocol):
    """Who asks, as the audit log will name them."""

    @property
    def id(self) -> str:
        """The caller's client id, ``worker`` or ``operator``."""
