"""What goes into the audit log at a start: who can edit the configuration or make keys is trusted, and seen (contract §7)."""

from collections.abc import Iterator

from imgate import __version__
from imgate.audit.events import Event, EventName
from imgate.bootstrap.gateway import Gateway
from imgate.bootstrap.paper_keeping import FactsKeeper
from imgate.exchange.context import Partner
from imgate.settings import PartnerSettings

_OPERATOR = "operator"


def record_start(gateway: Gateway, process: str) -> None:
    """Put on record that a process of the gateway starts, with which plugins and which partners, and what the office's papers say now."""
    at = gateway.corridor.clock()
    with gateway.store.transaction() as tx:
        for name, fields in _events(gateway, process):
            tx.audit(Event(name, at, _OPERATOR, None, fields))
    FactsKeeper(gateway).keep(_OPERATOR)


def _events(gateway: Gateway, process: str) -> Iterator[tuple[EventName, dict[str, object]]]:
    policy = gateway.corridor.policy
    started = {"gateway": gateway.settings.gateway.id, "version": __version__, "process": process, "catalogue": policy.catalogue.version}
    yield EventName.GATEWAY_STARTED, dict(started)
    used = {partner.adapter.id: partner.adapter for partner in gateway.corridor.partners.values()}
    for adapter in used.values():
        yield EventName.PLUGIN_LOADED, {"plugin": adapter.id, "version": adapter.version, "kind": "adapter"}
    for partner in gateway.corridor.partners.values():
        settings = gateway.settings.partners[partner.id]
        yield EventName.PARTNER_CONFIGURED, _configured(partner, settings)
        for scope in sorted(settings.open) if settings.accept_single else ():
            yield EventName.OPENING_SINGLE, {"partner": partner.id, "scope": scope}


def _configured(partner: Partner, settings: PartnerSettings) -> dict[str, object]:
    policy = partner.policy
    said = _attachments(partner) if partner.digest is None else _attachments(partner) | {"digest": str(partner.digest)}
    return said | {
        "partner": policy.partner,
        "name": policy.name,
        "formerly": sorted(policy.formerly),
        "adapter": partner.adapter.id,
        "transport": settings.transport.kind,
        "ceiling": [f"{direction}:{scope}" for direction, scopes in sorted(policy.ceiling.items()) for scope in sorted(scopes)],
        "open": sorted(settings.open),
        "subscriptions": [f"{purpose}:{scope}" for purpose, scopes in sorted(partner.subscriptions.items()) for scope in sorted(scopes)],
        "evidence": [f"{sensitivity}:{level}" for sensitivity, level in sorted(policy.levels.items())],
    }


def _attachments(partner: Partner) -> dict[str, object]:
    said: dict[str, object] = {}
    if partner.attach:
        said["attach"] = [kind.value for kind in partner.attach]
    if partner.bundle_keys is not None:
        said |= {"bundle_keys": sorted(partner.bundle_keys), "requires_bundle": partner.requires_bundle}
    return said
