"""The access log of the command line: whoever runs a command is the operator, and whose keys it opened stands there when it ends."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

_CHANGES = "it changes something or hands it out, and that is on the audit log"

# By their words; every other command is logged.
UNLOGGED: Mapping[str, str] = {
    "serve": "callers and people on the pages are logged one by one",
    "worker": "nobody looks",
    "demo": "its clients are made up",
    "simulate": "its clients are made up",
    "messages import": _CHANGES,
    "messages export": _CHANGES,
    "updates import": "what it sends is on the audit log; a line with nothing to send is put on record as a look, by itself",
    "client erase": "it is on the audit log, and at whom it was nobody is to know",
    "keys rotate": "nobody looks",
    "retention sweep": "nobody looks",
    "database restore": _CHANGES,
}


def watched(arguments: Sequence[str], nouns: Collection[str]) -> AbstractContextManager[object]:
    """Watch whose keys a command opens, to be put on record when its gateway is closed."""
    words = list(arguments[:2]) if arguments and arguments[0] in nouns else list(arguments[:1])
    what = " ".join(words)
    if not words or what in UNLOGGED:
        return nullcontext()
    from imgate.exchange.looking import Looker, watching
    from imgate.vocabulary.words import Door

    return watching(Looker("operator", Door.COMMAND, what))
