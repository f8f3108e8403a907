"""Read JSON so that there is only one way to understand it.

RFC 8259 leaves open what a receiver makes of a key that stands twice, of half a surrogate pair, or of a number that no double can
hold; parsers differ, and where two of them look at one body, one can be shown a record that the other did not check. Here such
a body is refused. I-JSON (RFC 7493 §2) asks for the same.

Two readers, one language. ``orjson`` is fast and refuses most of it, but keeps the last of two equal keys and turns large integers
into floats. So its result is believed only when a count shows that no key was lost and no number looks changed; otherwise, and to
tell why a body is refused, the slower reader on the standard library's ``json`` decides. A property test compares the two.
"""

import json
import math
import re
from enum import StrEnum
from typing import Any

import orjson

DEPTH_MAX = 64
# Beyond this a reader that keeps numbers as doubles sees another number (RFC 7493 §2.2).
INTEGER_MAX = 2**53 - 1


class JsonRefusal(StrEnum):
    """Why a body is not read."""

    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    DUPLICATE_KEY = "duplicate_key"
    LONE_SURROGATE = "lone_surrogate"
    NUMBER_NOT_FINITE = "number_not_finite"
    INTEGER_TOO_LARGE = "integer_too_large"
    TOO_DEEP = "too_deep"


class JsonRefused(Exception):
    """The body is not read; the sender must act. Carries the code and nothing of the body, neither as cause nor as context."""

    def __init__(self, code: JsonRefusal) -> None:
        super().__init__(code.value)
        self.code = code


def parse_json(body: bytes) -> object:
    """Return what the JSON text says, as plain dicts, lists, strings, numbers, booleans and None.

    UTF-8 without byte order mark; at most 64 levels; integers up to 2**53 - 1 either way. Raises JsonRefused.
    """
    value, settled = _fast(body)
    if settled:
        return value
    value, refusal = _exact(body)
    if refusal is not None:
        raise JsonRefused(refusal)  # raised here and not where it is found, so that no exception with the body in it hangs on it
    return value


def _fast(body: bytes) -> tuple[object, bool]:
    """Read with orjson; the second value tells whether the first may be believed."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None, False
    # With blanks taken out, each key ends in a quotation mark with a colon after it. A string that begins with a colon, or has an
    # escaped quotation mark before one, raises this count, and nothing lowers it. So if it equals the keys that are left, none
    # stood twice.
    return value, body.translate(None, _BLANKS).count(b'":') == _count_keys(value)


_BLANKS = b" \t\r\n"
_DOUBTFUL = -1


def _count_keys(value: object) -> int:
    """Count the keys of all objects; -1 if something must be looked at more closely: a float, a large integer, too many levels."""
    keys = 0
    level: list[Any] = [value]
    for _ in range(DEPTH_MAX):  # what is left after so many levels may be no more than a number: the exact reader tells
        below: list[Any] = []
        for one in level:
            kind = type(one)
            if kind is str:
                continue
            if kind is dict:
                keys += len(one)
                below += one.values()
            elif kind is list:
                below += one
            elif kind is float or (kind is int and not -INTEGER_MAX <= one <= INTEGER_MAX):
                return _DOUBTFUL
        if not below:
            return keys
        level = below
    return _DOUBTFUL


class _Found(Exception):
    def __init__(self, refusal: JsonRefusal) -> None:
        self.refusal = refusal


_SURROGATE = re.compile("[\ud800-\udfff]")


def _exact(body: bytes) -> tuple[object, JsonRefusal | None]:
    """Read with the standard library, with a hook at each place where it is lenient."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None, JsonRefusal.NOT_UTF8
    try:
        value = _DECODER.decode(text)
    except _Found as found:
        return None, found.refusal
    except RecursionError:
        return None, JsonRefusal.TOO_DEEP
    except ValueError:
        return None, JsonRefusal.NOT_JSON
    return value, _refusal_of_tree(value)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Found(JsonRefusal.DUPLICATE_KEY)
    return found


def _constant(_: str) -> object:
    raise _Found(JsonRefusal.NUMBER_NOT_FINITE)  # NaN, Infinity, -Infinity: no JSON, but what is meant is clear


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Found(JsonRefusal.NUMBER_NOT_FINITE)
    return number


def _integer(digits: str) -> int:
    # The length first: int() refuses thousands of digits by an exception of its own, and is slow before that.
    if len(digits) > 17 or not -INTEGER_MAX <= int(digits) <= INTEGER_MAX:
        raise _Found(JsonRefusal.INTEGER_TOO_LARGE)
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer)


def _refusal_of_tree(value: object) -> JsonRefusal | None:
    """Look for what no hook sees: the depth, and escaped halves of surrogate pairs in keys and strings."""
    level: list[Any] = [value]
    depth = 0
    refusal: JsonRefusal | None = None
    while level:
        below: list[Any] = []
        containers = False
        for one in level:
            if isinstance(one, str):
                if _SURROGATE.search(one):
                    refusal = JsonRefusal.LONE_SURROGATE
            elif isinstance(one, dict):
                containers = True
                below += one.keys()
                below += one.values()
            elif isinstance(one, list):
                containers = True
                below += one
        depth += containers
        if depth > DEPTH_MAX:
            return JsonRefusal.TOO_DEEP
        level = below
    return refusal
