"""Puts each configured partner together: its adapter, its way, and what the judge knows of it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.errors import PluginRefused
from imgate.adapters.registry import Registry, load_plugins
from imgate.bootstrap.attached import bundle_keys_of, faults_of_attachments
from imgate.consent.declaration import WORDING_OF_REGIME
from imgate.consent.policy import PartnerPolicy, Policy
from imgate.documents import typesetting
from imgate.exchange.context import Partner
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.plugin_api import SettingsInvalid, Transport
from imgate.record import CATALOGUE
from imgate.settings import PartnerSettings, Settings
from imgate.transports import fit_connect, folder, gateway, mailbox, push, xta
from imgate.vocabulary.words import Direction

BUILT_IN_TRANSPORTS = (mailbox, push, folder, gateway, fit_connect, xta)

# Where something is wrong, as a path in imgate.toml, and the sentence.
Fault = tuple[tuple[str | int, ...], str]


def load_registry(settings: Settings) -> Registry:
    """Load the plugins that this configuration names, and run the code of no other that happens to be installed."""
    partners = settings.partners.values()
    named = frozenset(name for partner in partners for name in (partner.adapter, partner.transport.kind))
    return load_plugins(transports=BUILT_IN_TRANSPORTS, listed=named)


def policy_of(settings: Settings, policies: Mapping[str, PartnerPolicy]) -> Policy:
    """Give the gateway as the judge sees it. What is open in ``policies`` may change while it runs (``openings``)."""
    units = settings.gateway.units
    return Policy(
        gateway=settings.gateway.name,
        zone=settings.zone,
        units=None if units is None else frozenset({*units, settings.gateway.name}),
        max_term_days=settings.gateway.max_term_days,
        catalogue=CATALOGUE,
        partners=policies,
        wording=WORDING_OF_REGIME[settings.gateway.regime],
    )


def partners_of(settings: Settings, registry: Registry) -> tuple[Mapping[str, Partner], tuple[Fault, ...]]:
    """Put together every partner that can be, and tell what is wrong with the others."""
    partners: dict[str, Partner] = {}
    faults: list[Fault] = []
    for partner, configured in settings.partners.items():
        at = ("partners", partner)
        adapter = transport = None
        try:
            adapter = registry.adapter(configured.adapter, configured.settings)
        except PluginRefused as refused:
            faults.append(((*at, "adapter"), f"`{refused.plugin}`: {refused.sentence}"))
        except SettingsInvalid as invalid:
            faults.append(((*at, "settings", *invalid.setting.split(".")), invalid.sentence))
        try:
            transport = _transport(configured, registry)
        except PluginRefused as refused:
            faults.append(((*at, "transport", "kind"), f"`{refused.plugin}`: {refused.sentence}"))
        except SettingsInvalid as invalid:
            faults.append(((*at, "transport", *invalid.setting.split(".")), invalid.sentence))
        if configured.paper and not typesetting.is_installed():
            faults.append(((*at, "paper"), "messages cannot be set on paper without typst: install imgate[forms]"))
        if configured.paper and configured.transport.kind == gateway.KIND:
            faults.append(((*at, "paper"), "another office's imgate reads messages and would refuse every paper: leave it out"))
        if adapter is not None and transport is not None:
            bundle_keys, unusable = bundle_keys_of(configured)
            faults += [] if unusable is None else [((*at, "bundle_keys_file"), unusable)]
            partners[partner] = _partner(settings, partner, adapter, transport, bundle_keys)
            faults += [((*at, *path), sentence) for path, sentence in _useless(configured, partners[partner].policy)]
            faults += [((*at, *path), sentence) for path, sentence in faults_of_attachments(configured, adapter, partners[partner].policy)]
    return MappingProxyType(partners), tuple(faults)


def _useless(configured: PartnerSettings, policy: PartnerPolicy) -> Iterator[Fault]:
    """Find what a subscription promises and nothing could ever keep: paths below the partner, and sentences."""
    ceiling = policy.ceiling_of(Direction.TO_PARTNER)
    for number, subscription in enumerate(configured.subscriptions):
        for place, scope in enumerate(subscription.scopes):
            path = ("subscriptions", number, "scopes", place)
            if scope in policy.closed:
                yield path, f"`{scope}` is closed, and `open` does not name it"
            elif scope not in ceiling:
                yield path, f"`{scope}` is beyond this partner's ceiling"
    if configured.digest is not None and not configured.subscriptions:
        yield ("digest",), "there are no `subscriptions` that it could be a digest of"


def _transport(configured: PartnerSettings, registry: Registry) -> Transport:
    plugin = registry.transport(configured.transport.kind)
    try:
        return plugin.configure(configured.transport.entries)
    except SettingsInvalid:
        raise
    except Exception as error:  # noqa: BLE001  # foreign code
        sentence = f"failed while it was configured ({type(error).__name__}). Its author must mend that."
    raise PluginRefused(plugin.kind, sentence)


def _partner(settings: Settings, partner: str, adapter: LoadedAdapter, transport: Transport, bundle_keys: frozenset[str] | None) -> Partner:
    configured = settings.partners[partner]
    narrowed = None if configured.ceiling is None else frozenset(configured.ceiling)
    policy = PartnerPolicy(
        partner=partner,
        name=configured.name,
        formerly=frozenset(configured.formerly),
        ceiling=MappingProxyType(
            {direction: scopes if narrowed is None else scopes & narrowed for direction, scopes in adapter.ceiling.items()}
        ),
        open=frozenset(configured.open),
        levels=settings.levels(partner),
        partners=frozenset(settings.partners),
        catalogue=CATALOGUE,
    )
    purpose = configured.purpose or adapter.manifest.from_partner.default_purpose
    return Partner(
        policy,
        adapter,
        transport,
        None if purpose is None else purpose.value,
        MappingProxyType({one.purpose.value: frozenset(one.scopes) for one in configured.subscriptions}),
        None if configured.digest is None else WeeklyDigest.of(configured.digest),
        configured.paper,
        body=configured.body or adapter.manifest.body,
        attach=configured.attach,
        bundle_keys=bundle_keys,
        requires_bundle=configured.requires_bundle,
    )
