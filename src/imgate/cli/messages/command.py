"""`imgate messages`: files instead of an interface, for offices that have none."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from imgate.cli.access import no_partner
from imgate.cli.output import Failed, result, say, text

if TYPE_CHECKING:
    from imgate.exchange.context import Corridor

app = typer.Typer(help="Files instead of an interface, for offices that have none.", no_args_is_help=True)
_Partner = Annotated[str, typer.Argument(help="The partner's id in imgate.toml.")]
_MEDIA_TYPES = {
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".txt": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@app.command("import")
def import_(
    partner: _Partner,
    file: Annotated[Path, typer.Argument(help="What the partner sent, in its own format. A CSV file may have up to 1 GiB.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only read it, and show how it is understood and what is wrong; nothing is kept.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Where to write line, column and code of every problem with a German sentence, as CSV for Excel; a new file."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Take it anew although the same file was imported within 24 hours: for what was linked or signed since."
        ),
    ] = False,
) -> None:
    """Take a partner's file as if the partner had sent it, and report what became of it as JSON.

    A large table is handed in as several messages, all rows of one person in one of them. Rows that cannot be used are left out and
    reported. Exit 1 where a whole message could not be used, or not one row could, or where no worker has taken a message yet.
    """
    from imgate.bootstrap import configure_logs, open_gateway
    from imgate.cli.messages.handing_in import hand_in
    from imgate.cli.messages.preview import preview
    from imgate.cli.messages.report import Report
    from imgate.settings import load_settings

    configure_logs()  # on stderr: stdout carries the result
    media_type = _MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise Failed(f"{file.name} does not end in {', '.join(_MEDIA_TYPES)}, so its format is not known.")
    with ExitStack() as stack:
        source = stack.enter_context(_opened(file))
        gateway = stack.enter_context(open_gateway(load_settings(), make_keys=False))
        configured = gateway.corridor.partners.get(partner)
        if configured is None:
            raise Failed(no_partner(gateway, partner))
        gateway.store.spare_memory()
        told = stack.enter_context(Report.into(report))
        # Reading makes many small objects; without this the collector would look at all that was ever imported, again and again.
        gc.freeze()
        stack.callback(gc.unfreeze)
        if dry_run:
            summary = preview(configured.adapter, source, media_type, told)
        else:
            summary = hand_in(gateway.corridor, configured, source, media_type, told, again=again)
    result(summary)
    nothing_usable = summary["problem_count"] and not summary["people"]
    if summary["refused"] or summary.get("waiting") or nothing_usable:
        raise typer.Exit(1)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}.") from None


@app.command()
def export(
    partner: _Partner,
    folder: Annotated[Path, typer.Argument(help="Where the files go, each named by its message's id.")],
) -> None:
    """Write everything that waits for a partner into a folder; what is written counts as acknowledged. Prints the files.

    Beside each message lies its signed receipt, `<message id>.receipt.jws`.
    """
    from imgate.bootstrap import configure_logs, open_gateway
    from imgate.settings import load_settings

    configure_logs()  # on stderr: stdout carries the result
    if not folder.is_dir():
        raise Failed(f"There is no folder {folder}.")
    written = 0
    with open_gateway(load_settings(), make_keys=False) as gateway:
        if partner not in gateway.corridor.partners:
            raise Failed(no_partner(gateway, partner))
        for name in _hand_out(gateway.corridor, partner, folder):
            text(str(folder / name))
            written += 1
    say(f"{written} {'message' if written == 1 else 'messages'}.")


def _hand_out(corridor: "Corridor", partner: str, folder: Path) -> Iterator[str]:
    """Write each message that waits, decided again as at every hand-out, and acknowledge it once it is safely on the disk."""
    import base64

    from imgate.exchange.answers import Call
    from imgate.exchange.boxes import outbox, outbox_ack
    from imgate.exchange.stored import Cursor
    from imgate.plugin_api import Delivered
    from imgate.transports.folder import file_name, lay_into

    call = Call("operator", f"messages export {partner}")
    after: str | None = None
    while True:
        page = outbox(corridor, call, partner, Cursor(after, 100))
        for item in page["items"]:
            name = file_name(item["id"], item["media_type"])
            content = base64.b64decode(item["content"])
            if lay_into(folder, item["id"], item["media_type"], content, item["receipt"]) != Delivered():
                raise Failed(f"{folder / name} cannot be written, or is there with another content; it still waits.")
            outbox_ack(corridor, call, partner, item["id"])
            yield name
        after = page.get("next")
        if after is None:
            return
