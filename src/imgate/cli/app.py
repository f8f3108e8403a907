"""All commands in one tree, and what an error looks like: one sentence on stderr, never a traceback for what can be foreseen."""

from collections.abc import Sequence

import typer

from imgate.cli import (
    access,
    check,
    client,
    codelist,
    database,
    exchange,
    init,
    keys,
    papers,
    receipt,
    retention,
    revocation,
    serve,
    simulate,
    updates,
    user,
    worker,
)
from imgate.cli.audit import command as audit
from imgate.cli.decide import command as decide
from imgate.cli.declaration import command as declaration
from imgate.cli.demo import command as demo
from imgate.cli.failures import sentences_of
from imgate.cli.looking import watched
from imgate.cli.messages import command as messages
from imgate.cli.output import say
from imgate.cli.plugin import command as plugin

_NOUNS = {
    "database": database,
    "access": access,
    "user": user,
    "keys": keys,
    "plugin": plugin,
    "declaration": declaration,
    "messages": messages,
    "updates": updates,
    "audit": audit,
    "exchange": exchange,
    "decide": decide,
    "client": client,
    "codelist": codelist,
    "revocation": revocation,
    "retention": retention,
    "papers": papers,
    "receipt": receipt,
}
_VERBS = {"init": init, "demo": demo, "serve": serve, "worker": worker, "check": check, "simulate": simulate}


def build() -> typer.Typer:
    """Put the tree together."""
    app = typer.Typer(
        name="imgate",
        help="Data-exchange gateway for German integration management. `imgate --version` prints the version.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # an error is a sentence, not a box
    )
    for name, verb in _VERBS.items():
        app.command(name)(verb.run)
    for name, noun in _NOUNS.items():
        app.add_typer(noun.app, name=name)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command; give its exit status."""
    try:
        with watched(arguments, _NOUNS):
            build()(args=list(arguments), prog_name="imgate")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:
        sentences = sentences_of(error)
        if sentences is None:
            raise
        for sentence in sentences:
            say(sentence)
        return 1
    return 0
