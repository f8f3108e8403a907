"""The mark of what somebody looked at: it travels with the preview, and only what bears the same mark is sent.

It is a keyed digest, so that no browser can make one for something else; and it is this user's and this client's.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from imgate.exchange.foreseen import Foreseen
from imgate.exchange.known_as import known_as
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.rights.correction import CorrectionRequest
from imgate.web.house import corridor_of, house_of
from imgate.web.visitors import Visitor


def mark_of(request: Request, visitor: Visitor, asked: ExchangeRequest, found: Foreseen) -> str:
    """Give the mark of what would leave now: for whom, to whom, what for, under which reference, which values and until when. Blocks."""
    said = {
        "user": visitor.id,
        "client": asked.client,
        "partner": asked.partner,
        "purpose": asked.purpose,
        "reference": known_as(corridor_of(request), asked.client).get(asked.partner),
        "values": found.record,
        "until": dict(found.until),
        "provenance": dict(asked.provenance),
    }
    return _keyed(request, said)


def mark_of_correction(request: Request, visitor: Visitor, asked: CorrectionRequest, told: Mapping[str, Any]) -> str:
    """Give the mark of a correction that was looked at: whose, which values, and what would be done, place by place."""
    said = {
        "user": visitor.id,
        "client": asked.client,
        "values": asked.record,
        "provenance": dict(asked.provenance),
        "places": [told["passed_on"], told["tell_otherwise"]],
    }
    return _keyed(request, said)


def _keyed(request: Request, said: Mapping[str, Any]) -> str:
    key = house_of(request).gateway.keyring.derived("index", "looked-at")
    return hmac.new(key, json.dumps(said, sort_keys=True).encode(), hashlib.sha256).hexdigest()
