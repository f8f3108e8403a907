"""Renewals for another year."""

import json

from imgate.exchange.declarations.renewal import renew
from imgate.exchange.requests import RenewalRequest

INFORMED = ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"]
TERM = {"valid_from": "2027-01-01", "valid_until": "2027-12-31", "informed_of": INFORMED}


def renewed(world, declaration, *, call=None, **changes):
    """Renew, and give the answer."""
    return json.loads(renew(world.corridor, call or world.call(), declaration, RenewalRequest.model_validate(TERM | changes)).body)
