"""Bundles to spoil: the committed ones, the keys that they were signed with, and where in a file each part stands."""

import json
from functools import cache

from imgate.consent import bundle_checks
from imgate.consent.bundle import written
from imgate.keys.pairs import read_pair, sign
from imgate.keys.signatures import StatementSignature
from imgate.keys.statements import PROFILES, read_signature
from tests.conftest import ROOT

FOLDER = ROOT / "tests/vectors/bundles"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
GENUINE = [name for name, vector in MANIFEST.items() if not {"changed.json", "signed-by-somebody.json"} & {name}]
KEYS = {name: read_pair(key, "test") for name, key in json.loads((FOLDER / "keys.json").read_text(encoding="utf-8"))["keys"].items()}
TRUSTED = frozenset(pair.thumbprint() for pair in KEYS.values())

# Reading a signature takes half of the time, and depends on the token alone.
_read_once = cache(read_signature)


def vector(name):
    return (FOLDER / name).read_bytes()


def verify(file, trusted=TRUSTED, read_document=None):
    return bundle_checks.verify(file, _read_once, PROFILES, trusted, read_document)


def outcome(report, name):
    return next(check.outcome.value for check in report.checks if check.name == name)


def failures(report):
    return [check.name for check in report.failed]


def named_parts(report):
    return {part for check in report.failed for part in check.parts}


def parts_of(file):
    bundle = json.loads(file)
    return {name: part for name, part in bundle.items() if name not in ("bundle", "signature")}


def signed(parts, pair=None):
    """Write a bundle of these parts under this key."""
    pair = pair or KEYS["ES256"]
    return written(parts, StatementSignature(pair, lambda message: sign(pair, message)).sign)


def owners(file):
    """Tell for each byte in which part it lies, by nothing but the text. A separator belongs to the member that follows it."""
    text, decoder = file.decode("latin-1"), json.JSONDecoder()  # so that a character is a byte
    owned, at = [], 0
    while text[at] in "{,":
        name, colon = decoder.raw_decode(text, at + 1)
        _, end = decoder.raw_decode(text, colon + 1)
        whole = [f"/{name}"] * (end - at)
        if name == "evidence":
            _own_pieces(text, decoder, at, colon + 1, whole)
        owned += whole
        at = end
    assert text[at:] == "}"
    return [*owned, "/signature"]


def _own_pieces(text, decoder, begin, bracket, whole):
    at, place = bracket + 1, 0
    while text[at] != "]":
        at += text[at] == ","
        _, end = decoder.raw_decode(text, at)
        whole[at - begin : end - begin] = [f"/evidence/{place}"] * (end - at)
        at, place = end, place + 1
