"""Gathers the facts of the office's papers from what runs.

``gathered`` is pure: it is handed the configuration, and the partners as the corridor works with them, so that the papers cannot say
anything else than what is done. Of addresses it takes the hosts, of files the names: the rest could be secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from imgate import __version__
from imgate.adapters.registry import Registry
from imgate.bootstrap.gateway import Gateway
from imgate.bootstrap.openings import heard
from imgate.bootstrap.plugin_facts import plugins_of
from imgate.consent.declaration import WORDING_OF_REGIME
from imgate.documents.office_papers.facts import (
    EidFacts,
    EvidenceFacts,
    GatewayFacts,
    LogFacts,
    MeasuresFacts,
    OfficeFacts,
    OpenIdRoleFacts,
    PaperFacts,
    PartnerFacts,
    ScopeFacts,
    SignedPdfFacts,
    SignInFacts,
    SubscriptionFacts,
    TermFacts,
    TransportFacts,
)
from imgate.exchange.context import Partner
from imgate.keys import KeyUse, are_encrypted
from imgate.keys.profiles import PROFILE_2026
from imgate.record import CATALOGUE
from imgate.settings import PartnerSettings, Settings
from imgate.storage.idempotency import KEPT
from imgate.storage.retention import UNKNOWN_REFERENCES_KEPT
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceLevel

# Terms in the sections beside [retention]; of that one every entry is a term.
_TERMS = {
    "delivery": ("give_up_days",),
    "revocation": ("reminder_days", "reminders"),
    "gateway": ("max_term_days", "remind_days"),
    "pages": ("idle_minutes", "session_hours", "confirm_minutes", "client_minutes", "factor_hours"),
    "signatures": ("max_pages",),
    "audit": ("checkpoint_minutes",),
}
# The built-in ways that send over a network; where a plugin's sends, only its author knows.
_SENDING = frozenset({"push", "gateway", "fit-connect", "xta"})
_LOOPBACK_NAME = "localhost"


@dataclass(frozen=True, slots=True)
class KeysHeld:
    """How this gateway's keys are kept, and by which profile it signs."""

    files_encrypted: bool
    signing_in_token: bool
    signature: str


def facts_of(running: Gateway) -> PaperFacts:
    """Gather the facts of a gateway as it runs now. Reads from the database whether the office uses the pages. Blocks."""
    signing = running.keyring.current(KeyUse.SIGNING)
    keys = KeysHeld(are_encrypted(running.settings.keys.folder), signing.token_object is not None, running.signature.profile)
    four_eyes = heard(running.store).in_use
    return gathered(running.settings, running.registry, running.corridor.partners, keys, four_eyes=four_eyes)


def gathered(settings: Settings, registry: Registry, partners: Mapping[str, Partner], keys: KeysHeld, *, four_eyes: bool) -> PaperFacts:
    """Gather the facts; ``four_eyes``: somebody of the office was let onto the pages."""
    used = [partners[partner] for partner in sorted(partners)]
    return PaperFacts(
        gateway=_gateway(settings),
        office=OfficeFacts(contact=settings.papers.office, data_protection_officer=settings.papers.data_protection_officer),
        evidence=_evidence(settings.evidence.levels()),
        partners=tuple(_partner(partner, settings.partners[partner.id]) for partner in used),
        scopes=_scopes(used),
        terms=tuple(sorted(_terms(settings), key=lambda term: term.name)),
        measures=_measures(settings, keys, four_eyes=four_eyes),
        plugins=plugins_of(settings, registry),
    )


def _gateway(settings: Settings) -> GatewayFacts:
    configured = settings.gateway
    return GatewayFacts(
        name=configured.name,
        id=configured.id,
        units=None if configured.units is None else tuple(sorted(configured.units)),
        address=configured.url,
        timezone=configured.timezone,
        regime=configured.regime,
        wording=WORDING_OF_REGIME[configured.regime],
        release=__version__,
        catalogue=CATALOGUE.version,
        catalogue_size=len(CATALOGUE.scopes),
    )


def _evidence(levels: Mapping[Sensitivity, EvidenceLevel]) -> EvidenceFacts:
    return EvidenceFacts(**{sensitivity.value: level.value for sensitivity, level in levels.items()})


def _partner(partner: Partner, configured: PartnerSettings) -> PartnerFacts:
    policy = partner.policy
    may = {direction: policy.ceiling_of(direction) - policy.closed for direction in Direction}
    return PartnerFacts(
        id=policy.partner,
        name=policy.name,
        formerly=tuple(sorted(policy.formerly)),
        body=partner.body.value,
        adapter=partner.adapter.id,
        transport=_transport(configured, waits=partner.transport.waits),
        paper=partner.paper,
        purposes=tuple(sorted({purpose.value for purpose in partner.adapter.manifest.purposes})),
        purpose=partner.purpose,
        to_partner=tuple(sorted(may[Direction.TO_PARTNER])),
        from_partner=tuple(sorted(may[Direction.FROM_PARTNER])),
        shut=tuple(sorted(policy.either_ceiling & policy.closed)),
        open=tuple(sorted(policy.open)),
        waiting=tuple(sorted(frozenset(configured.open) - policy.open)),
        accept_single=configured.accept_single,
        evidence=_evidence(policy.levels),
        subscriptions=tuple(
            SubscriptionFacts(purpose=purpose, scopes=tuple(sorted(scopes))) for purpose, scopes in sorted(partner.subscriptions.items())
        ),
        digest=None if partner.digest is None else str(partner.digest),
        attach=tuple(sorted(kind.value for kind in partner.attach)),
        requires_bundle=partner.requires_bundle,
        bundle_keys=tuple(sorted(partner.bundle_keys or ())),
    )


def _transport(configured: PartnerSettings, *, waits: bool) -> TransportFacts:
    kind, entries = configured.transport.kind, configured.transport.entries
    hosts = sorted(_hosts(entries))
    if waits:
        departure = "fetched"
    elif kind == "folder":
        departure = "laid_down"
    elif kind in _SENDING:
        departure = "this_machine" if all(map(_is_this_machine, hosts)) else "sent"
    else:
        departure = "unknown"
    encrypted = kind == "fit-connect" or (kind == "push" and entries.get("encrypt_to") is not None)
    return TransportFacts(kind=kind, departure=departure, hosts=tuple(hosts), encrypted_to_partner=encrypted)


def _hosts(entries: Mapping[str, Any]) -> Iterator[str]:
    """Find the hosts of addresses, also of those that stand deeper."""
    for key, value in entries.items():
        if isinstance(value, Mapping):
            yield from _hosts(value)
        elif key.endswith("url") and isinstance(value, str) and (host := _host(value)) is not None:
            yield host


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == _LOOPBACK_NAME


def _scopes(partners: list[Partner]) -> tuple[ScopeFacts, ...]:
    """Describe what any partner's messages have a place for, as far as the configuration lets it."""
    named: frozenset[str] = frozenset().union(*(partner.policy.either_ceiling for partner in partners))
    return tuple(
        ScopeFacts(
            scope=scope,
            label=entry.label,
            section=CATALOGUE.section_labels[entry.section],
            sensitivity=entry.sensitivity.value,
            closed=entry.closed,
        )
        for scope, entry in CATALOGUE.scopes.items()
        if scope in named
    )


def _terms(settings: Settings) -> Iterator[TermFacts]:
    names = {"retention": tuple(type(settings.retention).model_fields), **_TERMS}
    for section, entries in names.items():
        configured: BaseModel = getattr(settings, section)
        for entry in entries:
            yield TermFacts(name=f"{section}.{entry}", value=getattr(configured, entry))
    yield TermFacts(name="built_in.unknown_reference_days", value=UNKNOWN_REFERENCES_KEPT.days)
    yield TermFacts(name="built_in.answer_hours", value=int(KEPT.total_seconds()) // 3600)


def _measures(settings: Settings, keys: KeysHeld, *, four_eyes: bool) -> MeasuresFacts:
    mail = settings.mail
    return MeasuresFacts(
        database="sqlite" if settings.database.is_sqlite else "postgresql",
        database_host=None if settings.database.is_sqlite else _host(settings.database.url.get_secret_value()),
        sealing=PROFILE_2026.sealing,
        keyed_digests=PROFILE_2026.mac,
        key_files_encrypted=keys.files_encrypted,
        signing_key_in_token=keys.signing_in_token,
        signature=keys.signature,
        four_eyes=four_eyes,
        erasures=settings.database.erasures.name,
        log=_log(settings),
        sign_in=_sign_in(settings),
        eid=tuple(
            EidFacts(
                id=service,
                issuer=one.issuer,
                algorithms=tuple(sorted(algorithm.value for algorithm in one.algorithms)),
                levels=tuple(sorted(one.levels)),
                max_age_seconds=one.max_age_seconds,
            )
            for service, one in sorted(settings.eid.items())
        ),
        signed_pdfs=_signed_pdfs(settings),
        mail_host=None if mail is None else mail.host,
        mail_encrypted=None if mail is None else mail.starttls,
    )


def _log(settings: Settings) -> LogFacts:
    audit = settings.audit
    return LogFacts(
        origin=settings.origin,
        time_stamp_host=None if audit.time_stamp_url is None else _host(audit.time_stamp_url),
        time_stamp_roots=None if audit.time_stamp_roots is None else audit.time_stamp_roots.name,
        witnesses=tuple(sorted(audit.witnesses)),
    )


def _sign_in(settings: Settings) -> SignInFacts:
    openid = settings.openid
    if openid is None:
        return SignInFacts(issuer=None, roles=())
    roles = [OpenIdRoleFacts(word=word, role=meant.role.value, partner=meant.partner) for word, meant in sorted(openid.roles.items())]
    return SignInFacts(issuer=_host(openid.issuer), roles=tuple(roles))


def _signed_pdfs(settings: Settings) -> SignedPdfFacts:
    signatures = settings.signatures
    trusted = (*signatures.trust_roots, *signatures.trusted_lists, *signatures.trusted_list_signers, *signatures.time_stamp_roots)
    return SignedPdfFacts(
        accepted=signatures.rules is not None,
        trusted=tuple(sorted({file.name for file in trusted})),
        time_stamp=signatures.time_stamp.value,
        revocation=signatures.revocation.value,
    )
