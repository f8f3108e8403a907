"""Promises about what is not said: no value of a client where it does not belong, in whatever spelling."""

import random
from collections.abc import Mapping

from imgate.adapters.adapter import LoadedAdapter
from imgate.conformance.canaries import Marked, escaped, with_canaries
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.hostile import CANARY
from imgate.conformance.overheard import Overheard, everything_told, overhearing
from imgate.conformance.promises.tried import FROM, TO, WritesAsPartner, read_directly, translate, within
from imgate.conformance.released import release
from imgate.conformance.spoilt import spoilt_messages, spoilt_records
from imgate.conformance.variations import Record
from imgate.plugin_api import MessageUnreadable, TranslationFault

_CHANNELS = ("a log record", "structlog", "a warning", "standard output", "standard error")


class KeepsSilent:
    """What an adapter promises never to tell."""

    def test_nothing_withheld_gets_out(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """A message holds no value of any other scope in any encoding, also right after a message that held it."""
        for record in records.values():
            marked = with_canaries(record)
            scopes = sorted(within(record, adapter.ceiling[TO]))
            for kept in scopes:
                translate(adapter, release(marked.record, scopes))
                sent = translate(adapter, release(marked.record, {kept})).content
                ways = escaped(sent, marked.beside({kept}))
                assert not ways, f"a message with {kept} alone holds a value of another scope ({'; '.join(ways)})"

    def test_says_nothing_beside_the_message(
        self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """Log records, structlog, warnings and whatever is printed hold no value, nor does the adapter's ``repr``."""
        rng = random.Random(823)  # noqa: S311  # the same ones each time
        for record in records.values():
            marked = with_canaries(record)
            with overhearing() as heard:
                translate(adapter, release(marked.record, adapter.ceiling[TO]))
                for spoilt in spoilt_records(marked.record, adapter.ceiling[TO], rng, most=100):
                    _told_by_fault(adapter, spoilt)
                if taken := within(record, adapter.ceiling[FROM]):
                    message = write_as_partner("R-1", release(marked.record, taken).record)
                    for body in (message, *spoilt_messages(message, rng, count=30)):
                        read_directly(adapter, body)
            _refuse_what_was_heard(heard, marked)
            ways = escaped(f"{adapter!r} {adapter.translator!r} {adapter.translator!s}", marked.beside(()))
            assert not ways, f"the adapter's repr holds a value of a record ({'; '.join(ways)})"

    def test_faults_tell_no_values(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Where a message cannot be written, what is raised holds none of the values: text, arguments, attributes, causes, notes."""
        rng = random.Random(824)  # noqa: S311  # the same ones each time
        for record in records.values():
            marked = with_canaries(record)
            for spoilt in spoilt_records(marked.record, marked.canaries, rng, most=400):
                with overhearing():
                    told, kind = _told_by_fault(adapter, spoilt)
                ways = escaped(told, marked.beside(()))
                assert not ways, f"{kind} about {next(iter(spoilt.releases))} holds a value of the record ({'; '.join(ways)})"

    def test_refusals_tell_no_values(
        self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """What is said about a mangled message or its rows repeats nothing of it; and it is a refusal, never a crash."""
        rng = random.Random(825)  # noqa: S311  # the same ones each time
        for record in records.values():
            marked = with_canaries(record)
            taken = within(record, adapter.ceiling[FROM])
            if not taken:
                continue
            message = write_as_partner(CANARY, release(marked.record, taken).record)
            for body in spoilt_messages(message, rng, count=120):
                with overhearing():
                    answer = read_directly(adapter, body)
                if isinstance(answer, Exception):
                    crashed = f"reading a mangled message raised {type(answer).__name__}, which is no MessageUnreadable"
                    assert isinstance(answer, MessageUnreadable), crashed
                    told = everything_told(answer)
                else:
                    told = "" if answer is None else repr((answer.problems, answer))
                ways = escaped(told, (*marked.beside(()), CANARY))
                assert not ways, f"what is said about a mangled message repeats a value of it ({'; '.join(ways)})"


def _refuse_what_was_heard(heard: Overheard, marked: Marked) -> None:
    for channel in _CHANNELS:
        said = heard.by(channel)
        ways = escaped(said, marked.beside(()))
        assert not ways, f"{channel} holds a value of a record ({'; '.join(ways)})"
        assert not (said and channel.startswith("standard")), f"something was printed to {channel}; a translation prints nothing"


def _told_by_fault(adapter: LoadedAdapter, spoilt: object) -> tuple[str, str]:
    """Give everything that hangs on what was raised, and its type; nothing if a message was written."""
    try:
        adapter.translator.to_partner(spoilt, ENVELOPE)  # type: ignore[arg-type]  # as no valid record could be
    except TranslationFault as fault:
        return f"{everything_told(fault)} {fault.scope} {fault.sentence}", "a TranslationFault"
    except Exception as error:  # noqa: BLE001  # foreign code
        return everything_told(error), type(error).__name__
    return "", "nothing"
