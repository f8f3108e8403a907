"""Who looks at a client on the command line stands in the access log, and whoever reads that does too."""

import json
from datetime import UTC, datetime

import click
import pytest
import typer.main

from imgate.bootstrap import open_gateway
from imgate.cli.app import build
from imgate.cli.looking import UNLOGGED, watched
from imgate.exchange.ports import Look
from imgate.settings import load_settings
from imgate.vocabulary.words import Door
from tests.exchange.conftest import CLIENT, CONFIG, World

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def kept(imgate):
    imgate.configure(CONFIG)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        world.link()
        imgate.declaration = world.declare("language.level")
        imgate.exchange = world.send(RECORD)["id"]
    return imgate


def log(imgate, *arguments):
    done = imgate("access", "log", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("exchange", "list", "--client", CLIENT),
        ("exchange", "show", "{exchange}"),
        ("declaration", "form", "{declaration}", "-o", "form.pdf"),
        ("declaration", "export", "{declaration}", "-o", "bundle.json"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_whose_data_a_command_opened_stands_in_the_log_when_it_has_ended(kept, arguments):
    done = kept(*(word.format(exchange=kept.exchange, declaration=kept.declaration) for word in arguments))
    assert done.returncode == 0, done.stderr
    (look,) = log(kept, "--client", CLIENT)[:-1]
    assert look.pop("at")
    assert look == {"actor": "operator", "door": "command", "what": " ".join(arguments[:2]), "client": CLIENT}


def test_what_opened_nobody_does_not(kept):
    for arguments in (("access", "list"), ("check",), ("retention", "show"), ("exchange", "show", kept.declaration)):
        kept(*arguments)
    assert [look["what"] for look in log(kept)] == ["access log"]


def test_reading_the_log_stands_in_it(kept):
    log(kept)
    assert [look["what"] for look in log(kept)] == ["access log", "access log"]


def test_the_log_is_narrowed_by_client_actor_and_day(kept):
    kept("exchange", "show", kept.exchange)
    assert {look["client"] for look in log(kept, "--client", CLIENT)} == {CLIENT}
    assert log(kept, "--client", "K-UNKNOWN") == []
    assert log(kept, "--actor", "nobody") == []
    assert log(kept, "--since", "2099-01-01") == []
    assert {look["actor"] for look in log(kept, "--actor", "operator")} == {"operator"}
    assert kept("access", "log", "--since", "yesterday").returncode == 2


def test_a_day_begins_by_the_clock_of_the_gateway(kept):
    """An hour before midnight in UTC it is the next day there."""
    with open_gateway(load_settings(kept.folder / "imgate.toml"), make_keys=False) as gateway:
        assert gateway.settings.zone.key == "Europe/Berlin"
        with gateway.store.transaction() as tx:
            at = datetime(2098, 12, 31, 22, 59, tzinfo=UTC), datetime(2098, 12, 31, 23, 0, tzinfo=UTC)
            tx.looks.add([Look(moment, "operator", Door.COMMAND, "late") for moment in at])
    assert [look["at"] for look in log(kept, "--since", "2099-01-01")] == ["2098-12-31T23:00:00.000Z"]
    assert len(log(kept, "--since", "0001-01-01")) > 2


def test_a_client_who_was_erased_stands_in_it_no_more_by_name(kept):
    kept("exchange", "show", kept.exchange)
    assert kept("client", "erase", CLIENT, "--yes").returncode == 0
    assert [look.get("client") for look in log(kept)] == [None, None]
    assert log(kept, "--client", CLIENT) == []


def words_of(command, *before):
    if isinstance(command, click.Group) or hasattr(command, "commands"):
        for name, further in command.commands.items():
            yield from words_of(further, *before, name)
    else:
        yield " ".join(before[:2])


def test_what_is_left_out_are_commands_with_a_reason():
    commands = set(words_of(typer.main.get_command(build())))
    assert UNLOGGED.keys() <= commands
    assert all(UNLOGGED.values())
    for command in commands:
        with watched(command.split(), {word.split()[0] for word in commands if " " in word}) as seen:
            assert (seen is None) == (command in UNLOGGED), command
