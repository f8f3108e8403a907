"""Whether a log has a receipt's hand-out as the receipt says it: by the proof that ``imgate audit prove`` gives for its exchange.

The proof shows that entries stand in the log under a checkpoint; the entries have to say the same as the receipt. Whose checkpoint
it is shows the log's verifier key, which whoever checks has to have from elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from imgate.audit.canonical import canonical
from imgate.audit.verify import Checkpoint, Note, NotProven, VerifierKey, leaf_hash, verified_checkpoint, verify_inclusion
from imgate.consent.bundle_report import Check, failed, not_checked, passed
from imgate.consent.receipt import Receipt, decided_at, scopes_of
from imgate.record import JsonRefused, parse_json

PROOF_MAX = 16 * 1024 * 1024
_FETCHED, _ATTEMPTED = "handed_out", "delivery_begun"
# A fetch again is not decided before the first one; but it may be served by another machine, or after a clock was set.
_CLOCKS_DIFFER = timedelta(minutes=5)
_PERMITTED = frozenset({"exchange_permitted", "exchange_narrowed"})
_WRONG = "The proof does not show that its entries stand in the log of its checkpoint."


@dataclass(frozen=True, slots=True)
class LogProof:
    """A proof as a file. ``checkpoint`` takes the place of the one that stands in it; ``log`` is the log's verifier key (vkey)."""

    content: bytes = field(repr=False)
    checkpoint: bytes | None = field(default=None, repr=False)
    log: str | None = None


@with_config(ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))
class _Entry(TypedDict):
    place: Annotated[int, Field(ge=0)]
    entry: dict[str, Any]
    proof: Annotated[list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]], Field(max_length=64)]


@with_config(ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))
class _Proof(TypedDict):
    origin: str
    checkpoint: str
    entries: Annotated[list[_Entry], Field(max_length=10_000)]


_PROOF = TypeAdapter(_Proof)


def log_checks(receipt: Receipt, proof: LogProof | None) -> Iterator[Check]:
    """Check that the log has it so (``log``), and whose log that is (``checkpoint``)."""
    if proof is None:
        yield not_checked("log", f"No proof was given: the operator of {receipt['iss']} makes one (`imgate audit prove`).")
        yield not_checked("checkpoint", "No proof was given.")
        return
    read = _read(proof.content)
    if read is None:
        yield failed("log", "The proof cannot be read.")
        yield not_checked("checkpoint", "The proof cannot be read.")
        return
    raw = read["checkpoint"].encode() if proof.checkpoint is None else proof.checkpoint
    try:
        checkpoint = Checkpoint.parsed(Note.parsed(raw).text)
        entries = [_proven(entry, checkpoint) for entry in read["entries"]]
    except NotProven:
        yield failed("log", _WRONG)
        yield not_checked("checkpoint", "It does not fit the proof.")
        return
    yield _log(receipt, entries)
    yield _checkpoint(receipt, read, checkpoint, raw, proof.log)


def _read(content: bytes) -> _Proof | None:
    if len(content) > PROOF_MAX:
        return None
    try:
        return _PROOF.validate_python(parse_json(content))
    except (JsonRefused, ValidationError):
        return None


def _proven(entry: _Entry, checkpoint: Checkpoint) -> Mapping[str, Any]:
    """Give an entry that stands in the log. Raises NotProven."""
    leaf = leaf_hash(canonical(entry["entry"]))
    verify_inclusion(leaf, entry["place"], checkpoint.size, [bytes.fromhex(each) for each in entry["proof"]], checkpoint.root)
    return entry["entry"]


def _log(receipt: Receipt, entries: list[Mapping[str, Any]]) -> Check:
    of_exchange = [entry for entry in entries if _fields(entry).get("exchange") == receipt["exchange"]]
    left = [entry for entry in of_exchange if entry.get("event") in (_FETCHED, _ATTEMPTED) and _says_the_same(receipt, _fields(entry))]
    if not left:
        return failed("log", "No entry of the proof says that this message was handed out, with these scopes and these bytes.")
    if not any(_decided_then(receipt, entry) for entry in left):
        return failed("log", "The proof has this message handed out at another time than that of the receipt's decision.")
    permissions = [_fields(entry).get("declarations") for entry in of_exchange if entry.get("event") in _PERMITTED]
    # A notice of the end of use rests on no permission; and a proof may be of the hand-out alone.
    if permissions and not any(_same(declarations, receipt["released"]) for declarations in permissions):
        return failed("log", "The proof names other declarations for this exchange.")
    return passed("log", "The log has it that this message was handed out, with these scopes and these bytes.")


def _says_the_same(receipt: Receipt, fields: Mapping[str, Any]) -> bool:
    about = fields.get("partner") == receipt["partner"] and fields.get("sha256") == receipt["message"]["sha256"]
    return about and _same(fields.get("released"), scopes_of(receipt))


def _decided_then(receipt: Receipt, entry: Mapping[str, Any]) -> bool:
    """Tell whether the receipt's decision is this entry's. Each attempt has an entry; of the same bytes only the first fetch has one."""
    try:
        on_record, decided = datetime.fromisoformat(entry["at"]), decided_at(receipt)
        return decided == on_record or (entry["event"] == _FETCHED and on_record - decided < _CLOCKS_DIFFER)
    except (KeyError, TypeError, ValueError):  # no moment, or one without a zone
        return False


def _same(listed: Any, wanted: Any) -> bool:
    return isinstance(listed, list) and sorted(map(str, listed)) == sorted(wanted)


def _fields(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = entry.get("fields")
    return fields if isinstance(fields, dict) else {}


def _checkpoint(receipt: Receipt, read: _Proof, checkpoint: Checkpoint, raw: bytes, log: str | None) -> Check:
    origin = receipt["log"]["origin"]
    if checkpoint.origin != origin or read["origin"] != origin:
        return failed("checkpoint", "The proof is of another log than the one that the receipt names.")
    if log is None:
        return not_checked("checkpoint", "Who signed the checkpoint was not checked: name the log's key.")
    try:
        verified_checkpoint(raw, VerifierKey.parsed(log))
    except NotProven:
        return failed("checkpoint", "The checkpoint was not signed by the key that was named as the log's.")
    return passed("checkpoint", f"The log {origin} signed the checkpoint over its first {checkpoint.size} entries.")
