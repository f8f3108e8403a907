"""How long each kind of thing is kept, by which law, and what goes then: the one table that is shown, counted and swept by.

The order matters. What is kept while something else waits goes before that (a history while nothing of it waits; the messages come
last of all), so that one sweep takes exactly what was due when it began, and a dry run can say so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from imgate.exchange.retention import Terms
from imgate.storage.due import HISTORIES, PROOFS, REPORTS, Aged, Due, Found, Keys
from imgate.storage.erase import years_later
from imgate.storage.idempotency import KEPT as ANSWERS_KEPT
from imgate.storage.log_tables import access_log
from imgate.storage.message_tables import awaited, exchanges, idempotency, inbox, intake_people, outbox
from imgate.storage.people_tables import sessions
from imgate.storage.schema import used_assertions
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore
from imgate.vocabulary.words import Kept

UNKNOWN_REFERENCES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind: what goes, after which term (as it is shown), because of which law; ``before`` gives the moment up to which it has run out.

    ``before`` gives None where it is kept for good.
    """

    kind: Kept
    what: str
    why: str
    term: Callable[[Terms], str]
    before: Callable[[Terms, datetime], datetime | None]
    due: Due


class _Messages:
    """Messages in both boxes, but for those on their way just now. They are taken by the corridor, which cancels what nobody has seen."""

    _BEFORE = exchanges.c.created_at < bindparam("before", type_=exchanges.c.created_at.type)
    _OUT = Statement(
        select(func.count(), func.min(exchanges.c.created_at))
        .select_from(exchanges.join(outbox, outbox.c.exchange == exchanges.c.id))
        .where(_BEFORE, outbox.c.begun_at.is_(None))
    )
    _IN = Statement(
        select(func.count(), func.min(exchanges.c.created_at))
        .select_from(exchanges.join(inbox, inbox.c.exchange == exchanges.c.id))
        .where(_BEFORE)
    )

    def found(self, on: Session, before: datetime) -> Found:
        """Count them."""
        rows = [row for row in (self._OUT.first(on, before=before), self._IN.first(on, before=before)) if row is not None]
        return sum(row[0] for row in rows), min((row[1] for row in rows if row[1] is not None), default=None)

    def keys(self, on: Session, before: datetime) -> Keys:
        """Give none: see ``exchange.retention``."""
        return ()

    def take(self, on: Session, before: datetime, keys: Keys, limit: int) -> tuple[int, Keys]:
        """Take none."""
        return 0, ()


RULES: Sequence[Rule] = (
    Rule(
        Kept.HISTORY,
        "exchanges, what was handed out and what partners were told, of a client of whom nothing waits and nothing is in force",
        "after the last exchange or the erasure: the longest limitation, § 199(3) no. 1 BGB; Art. 5(1)(e) GDPR",
        lambda terms: f"{terms.history_years} years" if terms.history_years else "kept",
        lambda terms, at: years_later(at, -terms.history_years) if terms.history_years else None,
        HISTORIES,
    ),
    Rule(
        Kept.REFERENCES,
        "references of people whom nobody knows, in what partners sent",
        "nobody consented to their being kept: Art. 5(1)(c), (e) GDPR",
        lambda _: f"{UNKNOWN_REFERENCES_KEPT.days} days",
        lambda _, at: at - UNKNOWN_REFERENCES_KEPT,
        Aged(intake_people, intake_people.c.reported_at, intake_people.c.reference.is_not(None), cleared="reference"),
    ),
    Rule(
        Kept.INTAKE,
        "reports of what became of partners' messages, once nothing of them waits",
        "the regular limitation, §§ 195, 199(1) BGB; Art. 5(1)(e) GDPR",
        lambda terms: f"{terms.intake_days} days" if terms.intake_days else "kept",
        lambda terms, at: at - timedelta(days=terms.intake_days) if terms.intake_days else None,
        REPORTS,
    ),
    Rule(
        Kept.AWAITED,
        "questions to partners what became of a message that they were handed",
        "as for the message itself",
        lambda terms: f"{terms.message_days} days",
        lambda terms, at: at - timedelta(days=terms.message_days),
        Aged(awaited, awaited.c.sent_at),
    ),
    Rule(
        Kept.ACCESS_LOG,
        "the access log: who looked at what",
        "six months where § 79(4) SGB X applies; nothing longer is needed elsewhere",
        lambda terms: f"{terms.access_log_days} days",
        lambda terms, at: at - timedelta(days=terms.access_log_days),
        Aged(access_log, access_log.c.at),
    ),
    Rule(
        Kept.PROOF,
        "the proof key of an erased client, declarations' content, evidence and reasons",
        "after the erasure: Art. 7(1) GDPR, as long as claims can be made, §§ 195, 199(1) BGB",
        lambda terms: f"{terms.proof_years} years",
        lambda _, at: at,
        PROOFS,
    ),
    Rule(
        Kept.SESSIONS,
        "sessions on the pages",
        "they have ended; Art. 32 GDPR",
        lambda _: "at their end",
        lambda _, at: at,
        Aged(sessions, sessions.c.ends_at),
    ),
    Rule(
        Kept.ANSWERS,
        "answers kept for requests that are sent twice",
        "the contract: a request that is sent again is answered as before",
        lambda _: f"{int(ANSWERS_KEPT / timedelta(hours=1))} hours",
        lambda _, at: at - ANSWERS_KEPT,
        Aged(idempotency, idempotency.c.kept_at),
    ),
    Rule(
        Kept.ASSERTIONS,
        "ids of signed requests for tokens, and of one-time codes, each of which counts once",
        "they count no more; Art. 32 GDPR",
        lambda _: "at their end",
        lambda _, at: at,
        Aged(used_assertions, used_assertions.c.expires_at),
    ),
    Rule(
        Kept.MESSAGES,
        "messages that nobody fetched or acknowledged: the payload",
        "what nobody takes is not needed: Art. 5(1)(c), (e) GDPR",
        lambda terms: f"{terms.message_days} days",
        lambda terms, at: at - timedelta(days=terms.message_days),
        _Messages(),
    ),
)

# The tables of which no sweep takes a row, and why.
KEPT_TABLES: Mapping[str, str] = {
    "client_keys": "a client's keys go when the client is erased, the proof key by its own term; the row is what others refer to",
    "declarations": "until the client is erased and the term of proof is over; then id, partner and date stay for the log",
    "declaration_heads": "`audit verify` compares them with the log",
    "declaration_events": "dates of states, beside the log",
    "links": "until they are removed, or the client is erased",
    "origins": "until the client is erased: whoever forgets where a datum came from would pass it on as the client's own word",
    "client_pages": "until the client is erased",
    "intake_message_ids": "keyed digests: a message has one effect, however late it is sent again",
    "accesses": "a name for each actor in the log",
    "users": "a name for each actor in the log",
    "passkeys": "until they are removed, or the user is revoked",
    "openings": "they hold until they are withdrawn",
    "partner_health": "one row for each partner",
    "code_lists": "public data",
    "code_list_entries": "public data",
    "key_checks": "one row for each key",
    "audit_log": "it proves itself by being whole; after an erasure it names nobody",
    "audit_tiles": "part of the log",
    "checkpoints": "part of the log",
    "paper_facts": "what the office's papers said when; nobody's",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one kind stands: ``count`` of it are due, the oldest since ``oldest``."""

    rule: Rule
    term: str
    count: int
    oldest: datetime | None


def standing(store: SqlStore, at: datetime, terms: Terms) -> tuple[Standing, ...]:
    """Say of each kind what a sweep at this moment would take, all on one snapshot. Changes nothing."""
    with store.reading() as tx:
        return tuple(_standing(tx.session, rule, at, terms) for rule in RULES)


def _standing(on: Session, rule: Rule, at: datetime, terms: Terms) -> Standing:
    before = rule.before(terms, at)
    count, oldest = (0, None) if before is None else rule.due.found(on, before)
    return Standing(rule, rule.term(terms), count, oldest)
