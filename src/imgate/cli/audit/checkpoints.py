"""`imgate audit key`, `checkpoint` and `cosign`: the log's signature, and those of others below it."""

from pathlib import Path
from typing import Annotated

import typer

from imgate.cli.output import Failed, say, text


def key() -> None:
    """Print the log's public key, for everybody who is to verify it. It stays the same as long as the log has its name."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.checkpoints import signer_of
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        text(str(signer_of(gateway).public))


def checkpoint(
    time_stamp: Annotated[bool, typer.Option("--time-stamp", help="Ask the authority of [audit] time_stamp_url about it.")] = False,
) -> None:
    """Sign the log, if it has grown, and print the checkpoint, to be kept where whoever can change the log cannot change it."""
    import asyncio

    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.checkpoints import sign_now, stamp
    from imgate.settings import load_settings
    from imgate.storage.log_signing import NotSigned
    from imgate.transports.time_stamps import NoTimeStamp

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            signed = sign_now(gateway)
        except NotSigned as changed:
            raise Failed(
                f"The log is not signed: {changed}. Keep the database as it is, and look with `imgate audit verify` "
                "and the last checkpoint that was kept elsewhere."
            ) from None
        if signed is None:
            raise Failed("The log has no entries yet: there is nothing to sign.")
        text(signed.checkpoint.note.removesuffix("\n"))
        if time_stamp:
            try:
                asyncio.run(stamp(gateway, signed.checkpoint))
            except NoTimeStamp as none:
                raise Failed(f"The checkpoint stands, without a time-stamp: {none}.") from None


def time_stamp(
    file: Annotated[Path, typer.Argument(help="Where to write it; a file that is there already is not touched.")],
    size: Annotated[int | None, typer.Option(help="The one on the checkpoint about so many entries, not on the newest.")] = None,
) -> None:
    """Write the authority's answer about a checkpoint into a file, as `openssl ts -verify` reads it."""
    from imgate.bootstrap import open_gateway
    from imgate.cli.new_file import write_new
    from imgate.settings import load_settings
    from imgate.storage.checkpoints import SqlCheckpoints

    with open_gateway(load_settings(), make_keys=False) as gateway, gateway.store.reading() as tx:
        kept = SqlCheckpoints(tx.session)
        stamped = kept.latest() if size is None else kept.find(size)
    if stamped is None or stamped.time_stamp is None:
        raise Failed("This checkpoint has no time-stamp: `imgate audit checkpoint --time-stamp` asks for one.")
    write_new(str(file), stamped.time_stamp, personal=False)


def cosign(file: Annotated[Path, typer.Argument(help="A checkpoint as `imgate audit witness` printed it.")]) -> None:
    """Keep the signatures that witnesses of [audit] witnesses have put below a checkpoint."""
    from imgate.audit.verify import Note, NotProven
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.checkpoints import signer_of
    from imgate.cli.audit.files import read
    from imgate.settings import load_settings
    from imgate.storage.cosigning import NotTaken, add_cosignatures

    with open_gateway(load_settings(), make_keys=False) as gateway:
        try:
            note = Note.parsed(read(file))
            names = add_cosignatures(gateway.store, note, signer_of(gateway).public, gateway.settings.audit.witness_keys)
        except (NotProven, NotTaken) as error:
            raise Failed(f"{file} is not taken: {error}.") from None
    say(f"Kept: signed by {', '.join(names)}.")
