"""`imgate audit witness`: a second party signs what it has seen of a log. Needs no gateway and no configuration.

What a witness says is worth as much as its memory: the state is on the disk before a signature leaves.
"""

import base64
import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.output import Failed, say, text

if TYPE_CHECKING:
    from imgate.audit.signing import Cosigner
    from imgate.audit.verify import Checkpoint, Note, VerifierKey

# The form in which Go's sumdb/note keeps such keys, so that other witnesses' tools read ours.
_SECRET = "PRIVATE+KEY+"  # noqa: S105  # says what follows


def witness(
    subject: Annotated[str, typer.Argument(metavar="CHECKPOINT|NAME", help="The checkpoint to sign; with --new-key the witness's name.")],
    new_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Make a key, write it into this file and print its public half.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The witness's key.")] = None,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="What was seen last of this log; made at the first time.")] = None,
    log: Annotated[str | None, typer.Option(metavar="VKEY", help="The log's key, as `imgate audit key` prints it there.")] = None,
    proof: Annotated[Path | None, typer.Option(metavar="FILE", help="What `imgate audit prove --consistency` printed there.")] = None,
) -> None:
    """Verify that a log goes on as it was, remember its checkpoint and print it with a signature more. Refuses a log that was changed."""
    if new_key is not None:
        if key or state or log or proof:
            raise typer.BadParameter("goes alone, with the witness's name", param_hint="--new-key")
        text(_made(new_key, subject))
        return
    if key is None or state is None or log is None:
        raise typer.BadParameter("a checkpoint is signed with --key, --state and --log", param_hint="CHECKPOINT")
    from imgate.cli.audit.files import log_key

    text(_cosigned(Path(subject), key, state, log_key(log), proof).removesuffix("\n"))


def _made(file: Path, name: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from imgate.audit.signing import Cosigner
    from imgate.audit.verify import NotProven, VerifierKey
    from imgate.cli.new_file import new_file

    cosigner = Cosigner(name, Ed25519PrivateKey.generate())
    try:
        VerifierKey.parsed(str(cosigner.public))
    except NotProven:
        raise Failed("A witness's name has no blanks and no plus sign; the address of the office is a good one.") from None
    material = bytes([cosigner.public.kind]) + cosigner.key.private_bytes_raw()
    with os.fdopen(new_file(file), "w", encoding="utf-8") as opened:
        opened.write(f"{_SECRET}{name}+{cosigner.public.id.hex()}+{base64.b64encode(material).decode()}\n")
    return str(cosigner.public)


def _cosigned(file: Path, key_file: Path, state: Path, log: "VerifierKey", proof: Path | None) -> str:
    from imgate.audit.witness import NotTheSameLog, ProofNeeded, check_next
    from imgate.cli.audit.files import read_consistency, read_note

    with _alone(key_file):
        cosigner = _read_key(key_file)
        note, new = read_note(file, log)
        seen = _seen(state, log, cosigner)
        try:
            check_next(seen, new, None if proof is None else read_consistency(proof))
        except NotTheSameLog as changed:
            raise Failed(f"Not signed: {changed}. Keep {file} and {state}, and ask whoever runs the log.") from None
        except ProofNeeded as needed:
            raise Failed(f"Not signed yet: this {needed}; give it with --proof.") from None
        if seen is None:
            say(f"This is the first checkpoint of {log.name} that is seen here: what was before cannot be told.")
        others = tuple(each for each in note.signatures if (each.name, each.key_id) != (cosigner.name, cosigner.public.id))
        cosigned = cosigner.cosign(type(note)(note.text, others), datetime.now(UTC))
        _remember(state, cosigned)
    return str(cosigned)


@contextlib.contextmanager
def _alone(key_file: Path) -> Iterator[None]:
    """Let no other witness run with this key meanwhile: two at once could sign what contradicts each other."""
    try:
        handle = os.open(key_file, os.O_RDONLY)
    except OSError as error:
        raise Failed(f"{key_file} cannot be read: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read_key(file: Path) -> "Cosigner":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from imgate.audit.signing import Cosigner
    from imgate.cli.audit.files import read

    try:
        begins, _, said = read(file).decode().removesuffix("\n").partition(_SECRET)
        name, key_id, encoded = said.split("+", 2)
        material = base64.b64decode(encoded, validate=True)
        cosigner = Cosigner(name, Ed25519PrivateKey.from_private_bytes(material[1:]))
        if begins or (material[:1], key_id) != (b"\x04", cosigner.public.id.hex()):
            raise ValueError
    except ValueError:
        raise Failed(f"{file} is no key as --new-key writes it.") from None
    return cosigner


def _seen(state: Path, log: "VerifierKey", cosigner: "Cosigner") -> "Checkpoint | None":
    """Give the last checkpoint that was signed here; None where there is no state yet. One that cannot be read is no beginning."""
    from imgate.audit.verify import NotProven
    from imgate.cli.audit.files import read_note

    if not os.path.lexists(state):
        return None
    note, checkpoint = read_note(state, log)
    try:
        note.verify(cosigner.public)
    except NotProven:
        raise Failed(f"{state} was not written with this key: it is the state of another witness, or was changed.") from None
    return checkpoint


def _remember(state: Path, note: "Note") -> None:
    part = state.with_name(f".{state.name}.part")
    try:
        with part.open("w", encoding="utf-8") as opened:
            opened.write(str(note))
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(state)
        folder = os.open(state.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Failed(f"{state} cannot be written, so nothing is signed: {error.strerror}.") from None
