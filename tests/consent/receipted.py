"""Receipts to spoil, and the check of them under the test's own keys."""

import hashlib

from imgate.consent import receipt_checks
from imgate.consent.receipt import KIND, payload_of
from imgate.keys.pairs import made_pair, sign
from imgate.keys.profiles import SignatureAlgorithm
from imgate.keys.signatures import StatementSignature
from imgate.keys.statements import PROFILES, read_signature
from tests.consent.bundled import KEYS as GATEWAYS
from tests.consent.bundled import TRUSTED

MESSAGE = b"<a/>"
EXCHANGE = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
DECLARATIONS = ("1b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "2b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de")
KEYS = GATEWAYS | {"another": made_pair(SignatureAlgorithm.ES256)}
ALGORITHMS = frozenset(PROFILES.values())


def a_receipt(**changed):
    return {
        "iss": "im-winnenden",
        "iat": 1772442001,
        "exchange": EXCHANGE,
        "partner": "jobcenter-rems-murr",
        "purpose": "labour_market_integration",
        "released": {DECLARATIONS[0]: ["language.level", "residence.status"], DECLARATIONS[1]: ["plan.goals"]},
        "decided_at": "2026-03-02T09:00:00.250000Z",
        "adapter": {"id": "jobcenter", "version": "0.1.0"},
        "schema": {"name": "schemas/jobcenter.xsd", "sha256": "a" * 64},
        "message": {"media_type": "application/xml", "sha256": hashlib.sha256(MESSAGE).hexdigest()},
        "log": {"origin": "imgate/im-winnenden"},
    } | changed


def signed(receipt, *, key="ES256", kind=KIND):
    payload = receipt if isinstance(receipt, bytes) else payload_of(receipt)
    pair = KEYS[key]
    return StatementSignature(pair, lambda message: sign(pair, message)).sign(payload, kind)


def verified(token, now, *, trusted=TRUSTED, message=None, proof=None):
    file = token.encode() if isinstance(token, str) else token
    digest = None if message is None else hashlib.sha256(message).hexdigest()
    return receipt_checks.verify(file, read_signature, ALGORITHMS, trusted, now, digest, proof)


def outcomes(report):
    return {check.name: check.outcome.value for check in report.checks}


def failures(report):
    return [check.name for check in report.failed]
