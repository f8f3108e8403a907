"""Files that go from one party to another: checkpoints, proofs, keys. Whatever is in them came from outside."""

import json
from pathlib import Path
from typing import Any

from imgate.audit.verify import Checkpoint, Note, NotProven, SignatureKind, VerifierKey, verified_checkpoint
from imgate.audit.witness import ConsistencyProof
from imgate.cli.bounded_file import read_bounded
from imgate.cli.output import Failed

_LONGEST = 1 << 20


def read(file: Path) -> bytes:
    """Read a small file. Raises Failed."""
    content = read_bounded(file, _LONGEST)
    if len(content) > _LONGEST:
        raise Failed(f"{file} is too long for what it should be.")
    return content


def read_note(file: Path, log: VerifierKey) -> tuple[Note, Checkpoint]:
    """Read a checkpoint that this log signed. Raises Failed."""
    content = read(file)
    try:
        checkpoint = verified_checkpoint(content, log)
    except NotProven as error:
        raise Failed(f"{file} is no checkpoint of the log {log.name}: {error}.") from None
    return Note.parsed(content), checkpoint


def log_key(vkey: str) -> VerifierKey:
    """Read the log's key, as it was typed. Raises Failed."""
    try:
        key = VerifierKey.parsed(vkey)
    except NotProven:
        raise Failed("--log is not a key as `imgate audit key` prints it.") from None
    if key.kind is not SignatureKind.LOG:
        raise Failed("--log is the key of a witness, not of a log.")
    return key


def read_consistency(file: Path) -> ConsistencyProof:
    """Read what `imgate audit prove --consistency` printed. Raises Failed."""
    try:
        said = json.loads(read(file))
        origin, size_from, size_to, hashes = (said[name] for name in ("origin", "from", "to", "proof"))
        if (type(origin), type(size_from), type(size_to)) != (str, int, int):
            raise TypeError
        return ConsistencyProof(origin, size_from, size_to, [bytes.fromhex(each) for each in hashes])
    except (ValueError, KeyError, TypeError):
        raise Failed(f"{file} is no proof as `imgate audit prove --consistency` prints it.") from None


def consistency_text(proof: ConsistencyProof) -> dict[str, Any]:
    """Give what ``read_consistency`` reads."""
    hashes = [each.hex() for each in proof.hashes]
    return {"origin": proof.origin, "from": proof.size_from, "to": proof.size_to, "proof": hashes}
