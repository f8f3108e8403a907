"""Codes to enrol with: made, recognised, and used up once.

A code has 120 random bits, so guessing is hopeless: it is kept as an HMAC, as an access's secret is (see ``access``).
"""

import base64
import os
import re
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from imgate.audit.events import Event, EventName
from imgate.storage.people_tables import users
from imgate.storage.statement import Statement
from imgate.storage.transaction import SqlTransaction
from imgate.storage.vault import Vault

CODE_HOLDS = timedelta(days=7)

_is_code = re.compile(r"[A-Z2-7]{24}\Z").match
_LONGEST = 200  # of what is typed, hyphens and blanks included
_c = users.c
_USE = Statement(
    update(users)
    .where(_c.id == bindparam("this"), _c.revoked_at.is_(None), _c.enrolment == bindparam("code"), _c.enrolment_until > bindparam("at"))
    .values(enrolment=None, enrolment_until=None)
)


def new_code() -> str:
    """Make a code."""
    letters = base64.b32encode(os.urandom(15)).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def can_enrol(unverified_code: str) -> bool:
    """Tell whether this has the form of an enrolment code, without looking whether there is one."""
    return len(unverified_code) <= _LONGEST and _is_code(_bare(unverified_code)) is not None


def digest_of(vault: Vault, unverified_code: str) -> bytes:
    """Give what is kept of a code."""
    return vault.enrolment.of(_bare(unverified_code).encode())


def use_code(tx: SqlTransaction, user: str, digest: bytes, at: datetime) -> bool:
    """Use up this code of a user; False where it does not hold, or is not the one that holds: the user was given another since."""
    return _USE.run(tx.session, this=user, code=digest, at=at) == 1


def record_enrolled(tx: SqlTransaction, user: str, method: str, at: datetime) -> None:
    """Put on record that a user set up how to sign in."""
    tx.audit(Event(EventName.USER_ENROLLED, at, user, None, {"user": user, "methods": [method]}))


def _bare(unverified_code: str) -> str:
    """Give a code without whatever hyphens, blanks and small letters it was typed with."""
    return re.sub(r"[\s-]", "", unverified_code).upper()
