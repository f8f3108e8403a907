"""One unit of work, composed of one small class for each port."""

from collections.abc import Callable
from types import TracebackType

from imgate.audit.events import Event
from imgate.exchange import ports
from imgate.storage.audit_log import SqlAuditLog
from imgate.storage.awaited import SqlAwaited
from imgate.storage.breakers import SqlBreakers
from imgate.storage.checkpoints import SqlCheckpoints
from imgate.storage.client_keys import SqlClients
from imgate.storage.client_pages import SqlClientPages
from imgate.storage.code_lists import SqlCodeLists
from imgate.storage.declarations import SqlDeclarations
from imgate.storage.disclosures import SqlDisclosures
from imgate.storage.exchanges import SqlExchanges
from imgate.storage.idempotency import SqlIdempotency
from imgate.storage.inbox import SqlInbox
from imgate.storage.intake import SqlIntake
from imgate.storage.known import SqlKnown
from imgate.storage.links import SqlLinks
from imgate.storage.looks import SqlLooks
from imgate.storage.openings import SqlOpenings
from imgate.storage.origins import SqlOrigins
from imgate.storage.outbox import SqlOutbox
from imgate.storage.past import SqlPast
from imgate.storage.revocations import SqlRevocations
from imgate.storage.scope_requests import SqlScopeRequests
from imgate.storage.session import Session


class SqlTransaction:
    """What the corridor is handed. Made once for each held connection: composing it anew would cost as much as a read."""

    def __init__(self, session: Session) -> None:
        self.session = session
        clients = SqlClients(session)
        self.clients: ports.Clients = clients
        self.declarations: ports.Declarations = SqlDeclarations(session, clients)
        self.links: ports.Links = SqlLinks(session, clients)
        self.exchanges: ports.Exchanges = SqlExchanges(session)
        self.outbox: ports.Outbox = SqlOutbox(session)
        self.breakers: ports.Breakers = SqlBreakers(session)
        self.awaited: ports.Awaited = SqlAwaited(session)
        self.known: ports.Known = SqlKnown(session)
        self.revocations: ports.Revocations = SqlRevocations(session, clients)
        self.inbox: ports.Inbox = SqlInbox(session)
        self.origins: ports.Origins = SqlOrigins(session)
        self.intake: ports.Intake = SqlIntake(session)
        self.disclosures: ports.Disclosures = SqlDisclosures(session)
        self.code_lists: ports.CodeLists = SqlCodeLists(session)
        self.idempotency: ports.Idempotency = SqlIdempotency(session)
        self.client_pages: ports.ClientPages = SqlClientPages(session, clients)
        self.scope_requests: ports.ScopeRequests = SqlScopeRequests(session)
        self.openings: ports.Openings = SqlOpenings(session)
        self.looks: ports.Looks = SqlLooks(session)
        self.past: ports.Past = SqlPast(session)
        self.checkpoints: ports.Checkpoints = SqlCheckpoints(session)
        self.audit_log = SqlAuditLog(session)

    def apart(self, failed: Callable[[Exception], None]) -> "Apart":
        """Do a part by itself: what it did is undone where it raises, ``failed`` is told, and the rest goes on."""
        return Apart(self, failed)

    def audit(self, event: Event) -> None:
        """Append to the audit log, in this transaction."""
        self.audit_log.append(event)


class Apart:
    """A part of a unit of work that fails by itself. A class by hand, as ``Lent`` is."""

    __slots__ = ("_before", "_failed", "_log", "_on")

    def __init__(self, tx: SqlTransaction, failed: Callable[[Exception], None]) -> None:
        self._on = tx.session
        self._log = tx.audit_log
        self._failed = failed

    def __enter__(self) -> None:
        self._log.write()  # what is undone below is this part's
        self._before = self._on.entry
        self._on.driver.execute("SAVEPOINT apart")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if error is not None and not isinstance(error, Exception):
            return False
        if error is not None:  # where the connection is lost this raises, and all of it is undone
            self._on.driver.execute("ROLLBACK TO SAVEPOINT apart")
            self._on.unwritten.clear()
            self._on.entry = self._before
        self._on.driver.execute("RELEASE SAVEPOINT apart")
        if isinstance(error, Exception):
            self._failed(error)
            return True
        return False
