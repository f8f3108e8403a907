"""Another gateway's bundles: what an old office would attach, and as many ways to spoil it as a test wants."""

import hashlib

import rfc8785

from imgate.keys.pairs import made_pair
from imgate.keys.profiles import SignatureAlgorithm
from tests.consent.bundled import parts_of, signed, vector

SENDER = made_pair(SignatureAlgorithm.ES256)
STRANGER = made_pair(SignatureAlgorithm.ES256)
US = "Integrationsmanagement Winnenden"


def bundle(*scopes, life=None, history=None, made_at=None, pair=SENDER, **content):
    """Give a bundle of the old office, and the handover code on its client's copy."""
    parts = parts_of(vector("paper-es256.json"))
    declared = parts["declaration"]
    declared["content"] |= {"recipient": US, "purposes": ["labour_market_integration"], "scopes": list(scopes)} | content
    declared["digest"] = hashlib.sha256(rfc8785.dumps(declared["content"])).hexdigest()
    parts["life"] |= life or {}
    parts["history"] = history or parts["history"]
    parts["made_at"] = made_at or parts["made_at"]
    return signed(parts, pair), declared["digest"]
