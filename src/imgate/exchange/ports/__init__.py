"""What the corridor needs from the world. ``imgate.storage`` and ``imgate.keys`` provide it; one contract test runs on each.

All methods of one ``Transaction`` happen or none does. Client digests and reference digests are keyed (HMAC under the
index key) and made by the store; whoever has no key learns nothing from them.
"""

from imgate.exchange.ports.attachments import AttachmentMaker, Issuer, StatementReader
from imgate.exchange.ports.checkpoints import Checkpoints
from imgate.exchange.ports.code_lists import CodeLists, CodeNames
from imgate.exchange.ports.consent import DeclarationFile, Declarations, Proof, Revocations
from imgate.exchange.ports.documents import Examination, Examiner, GatewaySignature, PaperFault, PaperMessage, Presenter, Statement
from imgate.exchange.ports.failures import BadCursor, Crossed, KeyInUse, ProofOver, ReferenceTaken, Stale, Unavailable, Unreadable, Unsigned
from imgate.exchange.ports.looks import Look, Looks
from imgate.exchange.ports.messages import Awaited, Breakers, Disclosures, Exchanges, Inbox, Intake, Outbox
from imgate.exchange.ports.pages import ClientPage, ClientPages, Confirmation, DayCount, Flow, Openings, ScopeRequest, ScopeRequests, Wanted
from imgate.exchange.ports.past import LogEntry, LogPart, Past
from imgate.exchange.ports.people import ClientKeys, Clients, Known, Links, Origins
from imgate.exchange.ports.store import Idempotency, Store, Transaction

__all__ = [
    "AttachmentMaker",
    "Awaited",
    "BadCursor",
    "Breakers",
    "Checkpoints",
    "ClientKeys",
    "ClientPage",
    "ClientPages",
    "Clients",
    "CodeLists",
    "CodeNames",
    "Confirmation",
    "Crossed",
    "DayCount",
    "DeclarationFile",
    "Declarations",
    "Disclosures",
    "Examination",
    "Examiner",
    "Exchanges",
    "Flow",
    "GatewaySignature",
    "Idempotency",
    "Inbox",
    "Intake",
    "Issuer",
    "KeyInUse",
    "Known",
    "Links",
    "LogEntry",
    "LogPart",
    "Look",
    "Looks",
    "Openings",
    "Origins",
    "Outbox",
    "PaperFault",
    "PaperMessage",
    "Past",
    "Presenter",
    "Proof",
    "ProofOver",
    "ReferenceTaken",
    "Revocations",
    "ScopeRequest",
    "ScopeRequests",
    "Stale",
    "Statement",
    "StatementReader",
    "Store",
    "Transaction",
    "Unavailable",
    "Unreadable",
    "Unsigned",
    "Wanted",
]
