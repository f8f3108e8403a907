"""What the service answered, and what an answer that is no success means for the message.

An answer is read up to a limit, its status and a few members are used, and nothing of it is kept or logged.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from imgate.plugin_api import NotDelivered, RefusedByPartner
from imgate.transports.http_outcomes import failure_of, retry_after

ANSWER_MAX = 512 * 1024
UNREADABLE = NotDelivered("answer_unreadable")
_PROBLEMS = "https://schema.fitko.de/fit-connect/"
_code = re.compile(r"[a-z0-9_]{1,64}\Z").match


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the service, whole or cut. ``headers`` mind no case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Tell whether the service did what it was asked."""
        return 200 <= self.status < 300

    def members(self) -> Mapping[str, Any]:
        """Read the JSON object; what is none has no members."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return value if isinstance(value, dict) else {}


def failure(answer: Answer) -> RefusedByPartner | NotDelivered:
    """Tell what an answer that is no success means: final, or worth another attempt and when."""
    if answer.status == 401:
        # Not the message's fault: the access has ended, or an operator must renew it.
        return NotDelivered("http_401", retry_after(answer.headers, time.time))
    failed = failure_of(answer.status, answer.headers, time.time)
    if isinstance(failed, NotDelivered):
        return failed
    return RefusedByPartner(problem_code(answer.members().get("type")) or failed.code)


def mendable(answer: Answer) -> NotDelivered:
    """Tell what an answer that is no success means where the message itself was not sent: what is final by itself, an operator mends."""
    failed = failure(answer)
    return NotDelivered(failed.code, None if isinstance(failed, RefusedByPartner) else failed.retry_after, seen=False)


def problem_code(problem_type: object) -> str | None:
    """Make a short word of a problem type of FIT-Connect's own; None for any other, which could hold anything."""
    if not isinstance(problem_type, str) or not problem_type.startswith(_PROBLEMS):
        return None
    code = problem_type.rpartition("/")[2].lower().replace("-", "_")
    return code if _code(code) and not code.isdigit() else None
