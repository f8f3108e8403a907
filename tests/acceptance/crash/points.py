"""The steps at which processes are killed: one line for each place in the product, with the moments there at which that happens.

A new step is a new line. A place that is not there fails (see ``hooks.find``), and so does one at which nobody was killed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Cut(StrEnum):
    """The moment of a step at which the process dies."""

    BEFORE = "before"
    AFTER = "after"
    DURING = "during"  # a moment after it began; for what is awaited
    UNCOMMITTED = "uncommitted"  # all of its transaction is written, and the database was not yet told to commit
    SENT = "sent"  # the database was told to commit, and nobody hears its answer; PostgreSQL only
    COMMITTED = "committed"  # its transaction is durable, and nobody was told


class Task(StrEnum):
    """Who passes the step: a gateway that is asked for this, or a worker."""

    SEND = "send"
    POST = "post"
    FETCH = "fetch"
    INBOX = "inbox"
    REVOKE = "revoke"
    RENEW = "renew"
    WORK = "work"


class Database(StrEnum):
    """Where it is kept."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Point:
    """One step and one moment. ``most``: the process dies at the latest when it has come here so often."""

    flow: str
    task: Task
    place: str
    cut: Cut
    most: int = 4
    only: Database | None = None

    @property
    def name(self) -> str:
        """Give the name under which kills are counted."""
        return f"{self.flow}: {self.cut.value} {self.place.removeprefix('imgate.')}"

    @property
    def counts(self) -> int:
        """Tell how many databases have the step: on the one that has it alone it gets the kills of both."""
        return sum(self.is_on(database) for database in Database)

    def is_on(self, database: Database) -> bool:
        """Tell whether this database has the step."""
        return self.only in (None, database) and (self.cut is not Cut.SENT or database is Database.POSTGRESQL)


_COMMIT = (Cut.UNCOMMITTED, Cut.SENT, Cut.COMMITTED)


def _points(flow: str, task: Task, *places: tuple[str, tuple[Cut, ...]], most: int = 4, only: Database | None = None) -> list[Point]:
    return [Point(flow, task, place, cut, most, only) for place, cuts in places for cut in cuts]


POINTS = (
    *_points(
        "outbound",
        Task.SEND,
        ("imgate.exchange.outbound:load", (Cut.AFTER,)),
        ("imgate.exchange.outbound:judge", (Cut.AFTER,)),
        ("imgate.exchange.outbound:reduce", (Cut.AFTER,)),
        ("imgate.exchange.outbound:translate", (Cut.AFTER,)),
        ("imgate.exchange.outbound:seal", (Cut.AFTER,)),
        ("imgate.exchange.outbound:enter", (Cut.AFTER,)),
        ("imgate.exchange.entering:overtake", (Cut.AFTER,)),
        ("imgate.storage.outbox:SqlOutbox.add", (Cut.AFTER,)),
        ("imgate.exchange.entering:record", (Cut.AFTER,)),
        ("imgate.exchange.outbound:put_on_record", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.outbound:send", (Cut.AFTER,)),
    ),
    *_points("outbound", Task.SEND, ("imgate.exchange.order:take_out", (Cut.AFTER, *_COMMIT)), most=1),
    *_points(
        "inbound",
        Task.POST,
        ("imgate.exchange.inbound:_read", (Cut.AFTER,)),
        ("imgate.storage.intake:SqlIntake.add", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.inbound:once", (Cut.AFTER,)),
        ("imgate.exchange.inbound:accept", (Cut.AFTER,)),
    ),
    *_points(
        "inbound",
        Task.WORK,
        ("imgate.storage.intake:SqlIntake.claim", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.inbound:take", (Cut.BEFORE, Cut.AFTER)),
        ("imgate.exchange.inbound:_person", (Cut.AFTER,)),
        ("imgate.storage.intake:SqlIntake.done", (Cut.AFTER, *_COMMIT)),
    ),
    *_points(
        "inbound",
        Task.INBOX,
        ("imgate.exchange.boxes:_take_out", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.boxes:inbox", (Cut.AFTER,)),
        ("imgate.storage.inbox:SqlInbox.delete", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.boxes:inbox_ack", (Cut.AFTER,)),
    ),
    *_points(
        "delivery",
        Task.WORK,
        ("imgate.storage.outbox:SqlOutbox.claim", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.delivery:_take_turn", (Cut.BEFORE, Cut.AFTER)),
        ("imgate.exchange.delivery:_turn", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.delivery:decide_outbox", (Cut.AFTER,)),
        ("imgate.storage.outbox:SqlOutbox.begun", (Cut.AFTER,)),
        ("imgate.exchange.delivery:_begin", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.delivery:_handed_over", (Cut.BEFORE, Cut.AFTER)),
        ("imgate.transports.push:Push._post", (Cut.BEFORE, Cut.DURING, Cut.AFTER)),
        ("imgate.exchange.delivery:disclose", (Cut.AFTER,)),
        ("imgate.exchange.delivery:_end", (Cut.AFTER, *_COMMIT)),
    ),
    *_points(
        "delivery",
        Task.WORK,
        ("imgate.exchange.delivery:_disclose_lost", (Cut.AFTER, *_COMMIT)),
        ("imgate.storage.outbox:SqlOutbox.later", (Cut.AFTER, *_COMMIT)),
        ("imgate.storage.breakers:SqlBreakers.put", (Cut.AFTER,)),
        most=1,
    ),
    *_points(
        "delivery",
        Task.FETCH,
        ("imgate.exchange.boxes:hand_out", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.boxes:outbox", (Cut.AFTER,)),
        ("imgate.exchange.boxes:_audit_end", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.boxes:outbox_ack", (Cut.AFTER,)),
    ),
    *_points(
        "revocation",
        Task.REVOKE,
        ("imgate.storage.declarations:SqlDeclarations.change", (Cut.AFTER,)),
        ("imgate.exchange.declarations.register:withdraw", (Cut.BEFORE, Cut.AFTER)),
        ("imgate.exchange.declarations.register:_revoke", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.declarations.register:revoke", (Cut.AFTER,)),
        most=2,
    ),
    *_points(
        "revocation",
        Task.REVOKE,
        ("imgate.exchange.revocation:drop", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.declarations.register:tell_end_of_use", (Cut.AFTER,)),
        ("imgate.exchange.end_of_use:send_notice", (Cut.AFTER, *_COMMIT)),
        most=1,
    ),
    *_points("revocation", Task.RENEW, ("imgate.exchange.declarations.signing:end_if_over", (Cut.AFTER, *_COMMIT)), most=1),
    *_points("revocation", Task.FETCH, ("imgate.exchange.end_of_use_answers:_record", (Cut.AFTER, *_COMMIT)), most=1),
    *_points("revocation", Task.WORK, ("imgate.exchange.end_of_use:_remind", (Cut.AFTER, *_COMMIT))),
    *_points("revocation", Task.WORK, ("imgate.exchange.again:notice_leaving", (Cut.AFTER, *_COMMIT)), most=1),
    *_points(
        "revocation",
        Task.RENEW,
        ("imgate.exchange.declarations.register:create_in", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.declarations.signing:_sign", (Cut.AFTER, *_COMMIT)),
        ("imgate.exchange.declarations.signing:sign", (Cut.AFTER,)),
        most=2,
    ),
    *_points("audit", Task.WORK, ("imgate.bootstrap.work:fold_log", (Cut.BEFORE, Cut.AFTER)), only=Database.SQLITE),
    *_points("audit", Task.WORK, ("imgate.storage.audit_log:SqlAuditLog.place_pending", (Cut.AFTER, *_COMMIT)), only=Database.POSTGRESQL),
)


def kills_wanted(database: Database, kills: int) -> dict[str, int]:
    """Give how often a process is to die at each step on this database, where both together are to have it so often."""
    return {point.name: -(-kills // point.counts) for point in points_on(database)}


def points_on(database: Database) -> tuple[Point, ...]:
    """Give the steps that there are with this database."""
    return tuple(point for point in POINTS if point.is_on(database))
