"""What a second party must have seen before it signs a checkpoint of somebody else's log: the same log as last time, and no shorter."""

from collections.abc import Sequence
from dataclasses import dataclass

from imgate.audit.verify import Checkpoint, NotProven, verify_consistency


class NotTheSameLog(Exception):
    """The log's operator must answer for it: entries that a witness has signed for are not there, or are others."""


class ProofNeeded(Exception):
    """The log's operator is to give a proof that the longer log begins with the one that was signed before."""


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """Hashes that show, from one length to another, that the longer log begins with the shorter (RFC 9162, 2.1.4)."""

    origin: str
    size_from: int
    size_to: int
    hashes: Sequence[bytes]


def check_next(seen: Checkpoint | None, new: Checkpoint, proof: ConsistencyProof | None) -> None:
    """Let a checkpoint pass that continues what was seen last (None: nothing yet, then it is taken as it is).

    Raises NotTheSameLog and ProofNeeded. The log's signature is verified before, by the caller.
    """
    if seen is None or seen.size == 0:
        return
    if new.size < seen.size:
        raise NotTheSameLog(f"the log had {seen.size} entries, and this checkpoint is about {new.size}: it was cut, or is an old one")
    if new.size == seen.size:
        if new.root != seen.root:
            raise NotTheSameLog(f"two checkpoints are about {new.size} entries, and not about the same ones: the log was forked")
        return
    if proof is None or (proof.origin, proof.size_from, proof.size_to) != (new.origin, seen.size, new.size):
        raise ProofNeeded(f"needs the file that `imgate audit prove --consistency {seen.size} {new.size}` prints at the log's side")
    try:
        verify_consistency(seen.size, new.size, seen.root, new.root, proof.hashes)
    except NotProven:
        raise NotTheSameLog(
            f"the proof does not show that the {new.size} entries begin with the {seen.size} that were signed before: the log was "
            "changed, or the proof was"
        ) from None
