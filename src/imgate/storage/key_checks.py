"""That a database is opened with the keys it was made with: with another index key everybody would look unknown."""

import hmac

from sqlalchemy import bindparam, select

from imgate.storage.schema import key_checks
from imgate.storage.session import Session
from imgate.storage.statement import Statement

_KEEP = Statement(lambda insert: insert(key_checks).on_conflict_do_nothing(), key_checks.c)
_GET = Statement(select(key_checks.c.value).where(key_checks.c.key == bindparam("key")))


class KeysMismatch(Exception):
    """The operator must act: this database was made with another key than the one in the keyring."""


def check_keys(session: Session) -> None:
    """Compare the keyring with the database, which keeps a value derived from each key since it was first opened."""
    for name, value in session.vault.checks.items():
        _KEEP.run(session, key=name, value=value)
        kept = _GET.first(session, key=name)
        if kept is None or not hmac.compare_digest(kept[0], value):
            raise KeysMismatch(f"the database was made with another {name} key")
