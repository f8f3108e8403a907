"""What goes by itself when its time has come: unknown people's references, answers, used assertions, sessions, proof keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, update

from imgate.storage.erase import compact
from imgate.storage.idempotency import KEPT
from imgate.storage.message_tables import idempotency, intake_people
from imgate.storage.people_tables import sessions
from imgate.storage.schema import client_keys, used_assertions
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore

UNKNOWN_REFERENCES_KEPT = timedelta(days=30)

_p, _k = intake_people.c, client_keys.c
_REFERENCES = Statement(
    update(intake_people).where(_p.reference.is_not(None), _p.reported_at <= bindparam("before")).values(reference=None)
)
_ANSWERS = Statement(delete(idempotency).where(idempotency.c.kept_at <= bindparam("before")))
_ASSERTIONS = Statement(delete(used_assertions).where(used_assertions.c.expires_at <= bindparam("before")))
_SESSIONS = Statement(delete(sessions).where(sessions.c.ends_at <= bindparam("before")))
_PROOFS = Statement(update(client_keys).where(_k.proof_key.is_not(None), _k.proof_until <= bindparam("before")).values(proof_key=None))


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each went."""

    references: int
    answers: int
    assertions: int
    proof_keys: int
    sessions: int


def sweep(store: SqlStore, at: datetime) -> Swept:
    """Delete what has run out. Blocks; a worker does it now and then."""
    with store.transaction() as tx:
        swept = Swept(
            references=_REFERENCES.run(tx.session, before=at - UNKNOWN_REFERENCES_KEPT),
            answers=_ANSWERS.run(tx.session, before=at - KEPT),
            assertions=_ASSERTIONS.run(tx.session, before=at),
            proof_keys=_PROOFS.run(tx.session, before=at),
            sessions=_SESSIONS.run(tx.session, before=at),
        )
    if swept.proof_keys:
        compact(store)
    return swept
