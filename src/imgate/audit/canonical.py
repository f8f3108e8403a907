"""Canonical JSON (RFC 8785), for content of which sorted JSON already is the canonical form.

With ASCII keys and no values but texts, booleans, lists and integers of at most 53 bits, orjson with sorted keys gives the very
bytes of RFC 8785, sixty times faster than a general implementation. A property test compares the two.
"""

from collections.abc import Mapping

import orjson


def canonical(content: Mapping[str, object]) -> bytes:
    """Write canonical JSON. Does not check that the content is of the kinds named above: the catalogue of events does."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
