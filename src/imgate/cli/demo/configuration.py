"""The demo's two `imgate.toml`: the gateway with six partners on the six ways that are built in, and the one that she moves to."""

import json
from collections.abc import Mapping
from pathlib import Path

UNIT = "Integrationsmanagement Tübingen (Team Mitte)"
IM = "im-tuebingen"
JOBCENTER = "jobcenter-tuebingen"
ABH = "abh-tuebingen"
JOBKRAFTWERK = "jobkraftwerk"
# Where she is going to move; there is no such town.
NEXT_JOBCENTER = "jobcenter-musterstadt"
NEXT_ABH = "abh-musterstadt"
NEXT_IM = "im-musterstadt"
NEXT_UNIT = "Integrationsmanagement Musterstadt"
NAMES = {
    JOBCENTER: "Jobcenter Landkreis Tübingen, Team U25",
    ABH: "Ausländerbehörde der Universitätsstadt Tübingen",
    JOBKRAFTWERK: "Landratsamt Tübingen, Stabsstelle Integration (Jobkraftwerk)",
    NEXT_JOBCENTER: "Jobcenter Musterstadt",
    NEXT_ABH: "Ausländerbehörde Musterstadt",
    NEXT_IM: NEXT_UNIT,
    IM: UNIT,
}
ADAPTERS = {
    JOBCENTER: "jobcenter",
    ABH: "auslaenderbehoerde",
    JOBKRAFTWERK: "jobkraftwerk",
    NEXT_JOBCENTER: "jobcenter",
    NEXT_ABH: "auslaenderbehoerde",
    NEXT_IM: "nachbar",
    IM: "nachbar",
}
# What the demo's configuration opens to the Jobcenter where there are pages on which the office can confirm that.
HEALTH = "health.constraints"
SUBSCRIBED = ("contact_persons.jobcenter", "language.level", "work.job_search")

_GATEWAY = """\
[gateway]
id = "{id}"
name = "{name}"

[server]
port = {port}
metrics_port = 0
"""


def gateway() -> str:
    """Write the part about the gateway."""
    return _GATEWAY.format(id=IM, name=UNIT, port=0)


def neighbour(keys: Path, port: int) -> str:
    """Write the other office's file: it takes from the old office what the client's declaration there proves, by these keys."""
    return _GATEWAY.format(id=NEXT_IM, name=NEXT_UNIT, port=port) + partner(
        IM, {"kind": "mailbox"}, bundle_keys_file=str(keys), requires_bundle=True
    )


def partner(partner_id: str, transport: Mapping[str, object], **more: object) -> str:
    """Write the part about one partner and the way to it."""
    lines = ["", f"[partners.{partner_id}]", f'adapter = "{ADAPTERS[partner_id]}"', f'name = "{NAMES[partner_id]}"']
    if partner_id == JOBCENTER:
        subscription = _inline({"purpose": "labour_market_integration", "scopes": list(SUBSCRIBED)})
        lines.append(f"subscriptions = [{subscription}]")
    if partner_id == NEXT_IM:
        lines.append('attach = ["declaration_bundle"]')
    lines += [f"{key} = {json.dumps(value)}" for key, value in more.items()]
    return "\n".join([*lines, f"transport = {_inline(transport)}", ""])


def push(url: str, secret: Path) -> dict[str, object]:
    """Give the entries of a signed webhook that is encrypted to the partner's published key."""
    return {"kind": "push", "url": f"{url}/messages", "secret_file": str(secret), "encrypt_to": {"jwks_url": f"{url}/jwks.json"}}


def _inline(entries: Mapping[str, object]) -> str:
    """Write an inline table. What JSON calls a string or a list of strings, TOML does too."""
    parts = (
        f"{key} = {_inline(value) if isinstance(value, Mapping) else json.dumps(value, ensure_ascii=False)}"
        for key, value in entries.items()
    )
    return f"{{ {', '.join(parts)} }}"
