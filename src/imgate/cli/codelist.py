"""`imgate codelist`: published code lists, which are imported from files and never fetched."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.bounded_file import read_bounded
from imgate.cli.output import Failed, result, say, table

if TYPE_CHECKING:
    from imgate.bootstrap import Gateway
    from imgate.codelists import CodeList, Entry, KeptList

app = typer.Typer(help="Published code lists: import, look up, see which message uses which.", no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A list as OASIS genericode 1.0, as www.xrepository.de offers it.")],
    name_column: Annotated[str | None, typer.Option(help="The id of the column that people read, if not the recommended one.")] = None,
    key: Annotated[str | None, typer.Option(help="The id of the key, where the file has several.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of the same version with other content.")] = False,
) -> None:
    """Import one version of a list. Versions stand side by side; the same file again changes nothing."""
    from imgate.bootstrap import open_gateway
    from imgate.codelists.genericode import MAX_BYTES
    from imgate.exchange.code_lists import Import, differences, import_code_list
    from imgate.settings import load_settings

    content = read_bounded(file, MAX_BYTES)
    code_list = _read(file, content, key, name_column)
    digest = hashlib.sha256(content).hexdigest()
    with open_gateway(load_settings(), make_keys=False) as gateway:
        outcome = import_code_list(gateway.corridor, code_list, digest, replace=replace)
        if outcome is Import.DIFFERS:
            with gateway.store.reading() as tx:
                found = differences(tx.code_lists.entries(code_list.uri, code_list.version), code_list)
            compared = f"this file has {found.more} codes more, {found.fewer} fewer, and says otherwise about {found.otherwise}"
            raise Failed(
                f"{code_list.uri} version {code_list.version} was imported with other content ({compared}); --replace takes its place."
            )
    last_days = sum(entry.last_day is not None for entry in code_list.entries)
    result(
        {
            "uri": code_list.uri,
            "version": code_list.version,
            "rows": len(code_list.entries),
            "key_column": code_list.key_column,
            "name_column": code_list.name_column,
            "codes_with_last_day": last_days,
            "sha256": digest,
            "outcome": outcome.value,
        }
    )
    if name_column is None:
        taken = (code_list.key_column, code_list.name_column)
        others = ", ".join(_seen(column.id) for column in code_list.columns if column.id not in taken)
        said = "No column holds names" if code_list.name_column is None else f"Names are taken from column {_seen(code_list.name_column)}"
        say(f"{said}; --name-column names another one: {others}." if others else f"{said}.")


def _read(file: Path, content: bytes, key: str | None, name_column: str | None) -> "CodeList":
    from imgate.codelists import CodeListUnreadable, read_code_list

    try:
        return read_code_list(content, key=key, column_of_names=name_column)
    except CodeListUnreadable as unreadable:
        raise Failed(f"{file} cannot be imported ({unreadable.code.value}): {unreadable}.") from None


@app.command()
def remove(
    uri: Annotated[str, typer.Argument(help="The list's URI, as `imgate codelist list` shows it.")],
    version: Annotated[str, typer.Argument(help="The version that goes.")],
) -> None:
    """Remove one imported version of a list, such as one that was imported by mistake. No message changes by it."""
    from imgate.bootstrap import open_gateway
    from imgate.exchange.code_lists import remove_code_list
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        removed = remove_code_list(gateway.corridor, uri, version)
    if not removed:
        raise Failed(f"{uri} version {version} is not imported.")
    say(f"{uri} version {version} is removed.")


@app.command("list")
def list_() -> None:
    """Show every list that is imported or used, its versions, and which adapter uses which for which scopes."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.code_lists import used_lists
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway, gateway.store.reading() as tx:
        standing = used_lists(gateway.registry, {partner.adapter for partner in gateway.settings.partners.values()}, tx.code_lists.all())
    table(
        ("list", "version", "rows", "state", "used by", "for"),
        [
            (one.uri, one.version or "-", str(one.rows or "-"), one.state, one.adapter or "-", ", ".join(one.scopes) or "-")
            for one in standing
        ],
    )


@app.command()
def show(
    uri: Annotated[str, typer.Argument(help="The list's URI, as `imgate codelist list` shows it.")],
    code: Annotated[str | None, typer.Argument(help="One code; without it, all of them.")] = None,
    version: Annotated[str | None, typer.Option(help="A version; without it, the newest that was imported.")] = None,
) -> None:
    """Show the codes of an imported list with their names. A code that runs out is marked by the last day for which it is taken."""
    from imgate.bootstrap import open_gateway
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        kept, entries = _found(gateway, uri, version, code)
        today = gateway.corridor.clock().astimezone(gateway.settings.zone).date().isoformat()
    say(
        f"{_seen(kept.title)}: {kept.uri}, version {kept.version}, {kept.rows} rows, names from {_seen(kept.name_column or '(no column)')}."
    )
    if code is not None:
        (entry,) = entries
        shown = {"code": entry.code, "name": entry.name, "last_day": entry.last_day, **dict(entry.cells)}
        result({name: value for name, value in shown.items() if value is not None})
        return
    table(("code", "name", "runs out"), [(_seen(entry.code), _seen(entry.name or "-"), _run_out(entry, today)) for entry in entries])


def _found(gateway: "Gateway", uri: str, version: str | None, code: str | None) -> "tuple[KeptList, Sequence[Entry]]":
    from imgate.codelists import newest

    with gateway.store.reading() as tx:
        wanted = version or newest(tx.code_lists.versions(uri))
        kept = None if wanted is None else tx.code_lists.find(uri, wanted)
        if kept is None:
            raise Failed(f"{uri}{'' if version is None else f' version {version}'} is not imported; `imgate codelist import` does that.")
        if code is None:
            return kept, [*_with_known_days(kept, tx.code_lists.entries(uri, kept.version))]
        entry = tx.code_lists.entry(uri, kept.version, code)
    if entry is None:
        raise Failed(f"{uri} version {kept.version} has no code {code}.")
    return kept, [*_with_known_days(kept, [entry])]


def _with_known_days(kept: "KeptList", entries: "Sequence[Entry]") -> "Iterator[Entry]":
    """Add the last days that are known without the list."""
    import dataclasses

    from imgate.codelists import runs_out

    for entry in entries:
        known = entry.last_day or runs_out(kept.uri, kept.version, entry.code)
        yield dataclasses.replace(entry, last_day=known)


def _run_out(entry: "Entry", today: str) -> str:
    if entry.last_day is None:
        return "-"
    return f"{'ran out after' if entry.last_day < today else 'until'} {entry.last_day}"


def _seen(text: str) -> str:
    """Write what a file says so that a terminal shows it and does nothing else."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
