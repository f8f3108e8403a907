"""The gateway, put together: which plugins, which keys, which database, and what the corridor works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from imgate.adapters.registry import Registry
from imgate.bootstrap.callers import Accesses, TokenKeys
from imgate.bootstrap.examiner import examiner_of
from imgate.bootstrap.keys import open_keys, record_keys
from imgate.bootstrap.openings import Openings
from imgate.bootstrap.partners import load_registry, partners_of, policy_of
from imgate.consent.policy import Policy
from imgate.documents.attachments import Attachments
from imgate.documents.message_paper import MessagePaper
from imgate.documents.office import Office
from imgate.documents.papers import Papers
from imgate.documents.printed import ComparingExaminer
from imgate.exchange.context import Corridor
from imgate.exchange.looking import put_on_record
from imgate.exchange.ports import GatewaySignature, Issuer, StatementReader
from imgate.exchange.retention import Terms
from imgate.keys import Keyring
from imgate.keys.profiles import SIGNATURE_PROFILES
from imgate.keys.statements import PROFILES, read_signature
from imgate.settings import ConfigurationInvalid, Settings, places_of
from imgate.storage import SqlStore, open_store


@dataclass(frozen=True)
class Gateway:
    """One process's gateway. A context manager: closes the database at the end."""

    settings: Settings
    registry: Registry
    keyring: Keyring
    store: SqlStore
    corridor: Corridor
    openings: Openings

    @property
    def policy(self) -> Policy:
        """The gateway as the judge sees it."""
        return self.corridor.policy

    @property
    def accesses(self) -> Accesses:
        """Who may call."""
        return Accesses(self.store.access)

    @property
    def token_keys(self) -> TokenKeys:
        """The keys of access tokens."""
        return TokenKeys(self.keyring)

    @property
    def signature(self) -> GatewaySignature:
        """The gateway's own signature over what it states."""
        return self.corridor.signature

    @property
    def jwks(self) -> Mapping[str, Any]:
        """The public keys, as anybody may have them."""
        return self.keyring.jwks()

    @property
    def issuer(self) -> Issuer:
        """What a bundle says about this gateway."""
        return self.corridor.issuer

    @property
    def papers(self) -> Papers:
        """What makes forms."""
        return Papers(self.corridor, _office(self.settings), self.url)

    @property
    def terms(self) -> Terms:
        """How long things are kept, as it is configured."""
        retention = self.settings.retention
        return Terms(
            message_days=retention.message_days,
            proof_years=retention.proof_years,
            history_years=retention.history_years,
            intake_days=retention.intake_days,
            access_log_days=retention.access_log_days,
        )

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.settings.gateway.name

    @property
    def url(self) -> str:
        """The address under which callers reach it."""
        return self.settings.address

    def close(self) -> None:
        """Close the database, once it says whom somebody looked at for whom it was opened: a command, as it ends."""
        try:
            put_on_record(self.corridor)
        finally:
            self.store.close()

    def __enter__(self) -> Self:
        """Give the gateway."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()


def _now() -> datetime:
    return datetime.now(UTC)


def open_gateway(settings: Settings, *, make_keys: bool, clock: Callable[[], datetime] = _now) -> Gateway:
    """Pick every implementation and connect to the database.

    With SQLite the database is made and migrated, and with ``make_keys`` the keys are made once. Raises ConfigurationInvalid,
    KeysMissing, KeysUnusable, and what the store raises where it cannot be opened.
    """
    registry = load_registry(settings)
    partners, faults = partners_of(settings, registry)
    examiner, faults_of_evidence = examiner_of(settings)
    if faults or faults_of_evidence:
        places = places_of(settings)
        problems = [places.problem(path, sentence) for path, sentence in (*faults, *faults_of_evidence)]
        raise ConfigurationInvalid(problems, str(settings.file))
    at = clock()
    keys = open_keys(settings, at, make=make_keys)
    store = open_store(settings.database.url.get_secret_value(), keys.keyring, settings.zone, settings.database.erasures)
    record_keys(store, keys.made, at)
    give_up_after = timedelta(days=settings.delivery.give_up_days)
    names = {partner: configured.name for partner, configured in settings.partners.items()}
    comparing = ComparingExaminer(examiner, _office(settings), names, settings.zone)
    openings = Openings(settings, store, partners)
    openings.refresh()
    policy = policy_of(settings, openings.policies)
    presenter = MessagePaper(policy.wording, names, settings.zone)
    corridor = Corridor(
        store,
        policy,
        openings.partners,
        clock,
        keys.signature,
        presenter,
        _issuer(settings, keys.signature),
        Attachments(),
        StatementReader(read_signature, PROFILES),
        give_up_after=give_up_after,
        remind_days=settings.gateway.remind_days,
        examiner=comparing,
    )
    return Gateway(settings, registry, keys.keyring, store, corridor, openings)


def _issuer(settings: Settings, signature: GatewaySignature) -> Issuer:
    profile = SIGNATURE_PROFILES[signature.profile]
    named = {"name": profile.name, "since": profile.since.isoformat(), "source": profile.source, "algorithm": profile.algorithm.value}
    return Issuer(settings.gateway.id, named, settings.origin)


def _office(settings: Settings) -> Office:
    return Office(settings.papers.office, settings.papers.data_protection_officer or "")
