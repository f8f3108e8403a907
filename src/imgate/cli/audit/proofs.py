"""`imgate audit prove` and `export`: what somebody else needs to verify the log without this database."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgate.cli.output import Failed, result, say

if TYPE_CHECKING:
    from imgate.bootstrap.gateway import Gateway
    from imgate.storage.checkpoints import StoredCheckpoint
    from imgate.storage.transaction import SqlTransaction


def prove(
    subject: Annotated[list[str], typer.Argument(metavar="EXCHANGE | FROM TO", help="An exchange's id; with --consistency two lengths.")],
    consistency: Annotated[
        bool, typer.Option("--consistency", help="Prove that the log of TO entries begins with the log of FROM entries.")
    ] = False,
    size: Annotated[int | None, typer.Option(help="Prove it for the checkpoint about so many entries, not for the newest.")] = None,
) -> None:
    """Prove that an exchange's entries stand in the log under a checkpoint, or that the log continues what it was. Prints JSON."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings
    from imgate.storage.tiles import LogBroken

    if len(subject) != (2 if consistency else 1) or (consistency and size is not None):
        raise typer.BadParameter("an exchange's id, or --consistency with two lengths", param_hint="EXCHANGE | FROM TO")
    first, second = (_number(subject[0]), _number(subject[1])) if consistency else (0, 0)
    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            result(_consistency(gateway, first, second) if consistency else _inclusion(gateway, subject[0], size))
        except LogBroken:
            raise Failed("Entries are missing in the log: see `imgate audit verify`.") from None


def export(file: Annotated[Path, typer.Argument(help="The file to write; one that is there already is not touched.")]) -> None:
    """Write every entry and every checkpoint into a file that `imgate audit verify --export` verifies without this database."""
    import os

    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.checkpoints import signer_of
    from imgate.cli.new_file import new_file
    from imgate.settings import load_settings
    from imgate.storage.log_export import export_log
    from imgate.storage.proof import place_entries

    with open_gateway(load_settings(), make_keys=False) as gateway:
        place_entries(gateway.store)
        try:
            with os.fdopen(new_file(file), "wb") as out:
                count = export_log(gateway.store, signer_of(gateway).public, out)
        except OSError as error:
            file.unlink(missing_ok=True)
            raise Failed(f"{file} cannot be written: {error.strerror}.") from None
    say(f"Written to {file}: {count} entries. It names no client, but says what happened when: keep it as you keep the log.")


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal()):
        raise typer.BadParameter("the lengths are numbers of entries", param_hint="FROM TO")
    return int(typed)


def _consistency(gateway: "Gateway", first: int, second: int) -> dict[str, Any]:
    from imgate.audit.witness import ConsistencyProof
    from imgate.cli.audit.files import consistency_text
    from imgate.storage.log_proofs import consistency, log_size

    with gateway.store.reading() as tx:
        if second > log_size(tx.session):
            raise Failed(f"The log has {log_size(tx.session)} entries.")
        try:
            hashes = consistency(tx.session, first, second)
        except ValueError:
            raise Failed("The first length is at least 1 and at most the second.") from None
    return consistency_text(ConsistencyProof(gateway.settings.origin, first, second, hashes))


def _inclusion(gateway: "Gateway", exchange: str, size: int | None) -> dict[str, Any]:
    from imgate.audit.verify import Checkpoint, Note
    from imgate.storage.log_proofs import entries_about, inclusion

    with gateway.store.reading() as tx:
        stored = tx.exchanges.get(exchange)
        if stored is None:
            raise Failed("There is no exchange with this id.")
        checkpoint = _checkpoint(tx, size)
        placed = entries_about(tx.session, exchange, stored.created_at)
        covered = [entry for entry in placed if entry.place < checkpoint.size]
        proofs = [inclusion(tx.session, entry.place, checkpoint.size) for entry in covered]
    if not proofs:
        raise Failed("The exchange is newer than this checkpoint: sign one with `imgate audit checkpoint`.")
    if any(each.root != Checkpoint.parsed(Note.parsed(checkpoint.note.encode()).text).root for each in proofs):
        raise Failed("The log is not what this checkpoint is about: see `imgate audit verify`.")
    if len(covered) < len(placed):
        say(f"Mind: {len(placed) - len(covered)} of its entries are newer than this checkpoint.")
    entries = [
        {"place": each.entry.place, "entry": json.loads(each.entry.content), "proof": [one.hex() for one in each.hashes]} for each in proofs
    ]
    return {"origin": gateway.settings.origin, "checkpoint": checkpoint.note, "entries": entries}


def _checkpoint(tx: "SqlTransaction", size: int | None) -> "StoredCheckpoint":
    from imgate.storage.checkpoints import SqlCheckpoints

    kept = SqlCheckpoints(tx.session)
    checkpoint = kept.latest() if size is None else kept.find(size)
    if checkpoint is None:
        raise Failed("There is no such checkpoint yet: `imgate audit checkpoint` signs one.")
    return checkpoint
