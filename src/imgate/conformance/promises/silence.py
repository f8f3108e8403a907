"""Promises about what is not said: no value of a client where it does not belong, in whatever spelling."""

import dataclasses
import random
from collections.abc import Collection, Iterator, Mapping, Sequence

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.asking import told_by
from imgate.conformance.canaries import Marked, differ_in_words_only, escaped, message_id_of, reference_of, twins, with_canaries
from imgate.conformance.envelope import ENVELOPE, envelope_about
from imgate.conformance.fixed_words import stands_in_code
from imgate.conformance.overheard import Overheard, everything_told, overhearing, without_addresses
from imgate.conformance.promises.tried import FROM, TO, WritesAsPartner, read_directly, translate, within, written_about
from imgate.conformance.released import release
from imgate.conformance.spoilt import spoilt_messages, spoilt_records
from imgate.conformance.variations import Record
from imgate.plugin_api import Envelope, MessageUnreadable, Reading, TranslationFault

_CHANNELS = ("a log record", "structlog", "a warning", "standard output", "standard error")


class KeepsSilent:
    """What an adapter promises never to tell."""

    def test_nothing_withheld_gets_out(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """A message holds no value of any other scope in any encoding, also right after a message that held it; nor whom that was about."""
        for record in records.values():
            marked = with_canaries(record)
            scopes = sorted(within(record, adapter.ceiling[TO]))
            head = {reference_of(marked.word), message_id_of(marked.word)}
            for kept in scopes:
                translate(adapter, release(marked.record, scopes), envelope_about(marked.word, 1))
                sent = translate(adapter, release(marked.record, {kept})).content
                ways = escaped(sent, marked.beside({kept}) | head)
                assert not ways, f"a message with {kept} alone holds a value of another scope ({'; '.join(ways)})"

    def test_says_nothing_beside_the_message(
        self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """Log records, structlog, warnings and whatever is printed hold no value and no reference, nor does the adapter's ``repr``."""
        for record in records.values():
            heard = [_heard_writing(adapter, marked) for marked in twins(record)]
            _refuse_differences(heard)
            if taken := within(record, adapter.ceiling[FROM]):
                both = twins(record, coded_alike=True)
                messages = [_message_about(adapter, write_as_partner, marked, taken) for marked in both]
                heard = [_heard_reading(adapter, message, marked) for message, marked in zip(messages, both, strict=True)]
                if differ_in_words_only(*messages):
                    _refuse_differences(heard)

    def test_faults_tell_no_values(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Where a message cannot be written, what is raised holds no value and no reference: text, arguments, attributes, causes, notes."""
        for record in records.values():
            told_about = [list(_faults_about(adapter, marked)) for marked in twins(record)]
            for (what, one), (_, other) in zip(*told_about, strict=True):
                assert one == other, f"{what} differs from client to client, so that it holds something of the record"

    def test_refusals_tell_no_values(
        self, adapter: LoadedAdapter, package: str, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """What is said about a mangled message or its rows repeats nothing of it; and it is a refusal, never a crash.

        Its code is one that stands in the plugin's code, because one that is put together may hold a closed word, a day or a number.
        """
        for record in records.values():
            if taken := within(record, adapter.ceiling[FROM]):
                both = twins(record, coded_alike=True)
                messages = [_message_about(adapter, write_as_partner, marked, taken) for marked in both]
                told_about = [list(_refusals_of(adapter, package, message, marked)) for message, marked in zip(messages, both, strict=True)]
                same = not differ_in_words_only(*messages) or told_about[0] == told_about[1]
                assert same, "what is said about a mangled message differs from client to client, so that it holds something of it"


def _message_about(adapter: LoadedAdapter, write_as_partner: WritesAsPartner, marked: Marked, taken: Collection[str]) -> bytes:
    with overhearing():
        return written_about(adapter, write_as_partner, release(marked.record, taken).record, marked.word)


def _under_own_reference(marked: Marked) -> Envelope:
    """The id stays: it is the gateway's own, and an envelope's ``repr`` shows it."""
    return dataclasses.replace(ENVELOPE, reference=reference_of(marked.word))


def _heard_writing(adapter: LoadedAdapter, marked: Marked) -> Overheard:
    """Listen while a record is written, and while it cannot be."""
    rng = random.Random(823)  # noqa: S311  # the same ones for both
    with overhearing() as heard:
        translate(adapter, release(marked.record, adapter.ceiling[TO]), _under_own_reference(marked))
        for spoilt in spoilt_records(marked.record, adapter.ceiling[TO], rng, most=100):
            _told_by_fault(adapter, spoilt, marked)
    _refuse_what_was_heard(adapter, heard, marked)
    return heard


def _heard_reading(adapter: LoadedAdapter, message: bytes, marked: Marked) -> Overheard:
    """Listen while a message is read, and while it cannot be."""
    rng = random.Random(823)  # noqa: S311  # the same ones for both
    with overhearing() as heard:
        for body in (message, *spoilt_messages(message, rng, count=30)):
            read_directly(adapter, body)
    _refuse_what_was_heard(adapter, heard, marked)
    return heard


def _refuse_what_was_heard(adapter: LoadedAdapter, heard: Overheard, marked: Marked) -> None:
    for channel in _CHANNELS:
        said = heard.by(channel)
        ways = escaped(said, marked.everything())
        assert not ways, f"{channel} holds a value of a record ({'; '.join(ways)})"
        assert not (said and channel.startswith("standard")), f"something was printed to {channel}; a translation prints nothing"
    ways = escaped(f"{adapter!r} {adapter.translator!r} {adapter.translator!s}", marked.everything())
    assert not ways, f"the adapter's repr holds a value of a record ({'; '.join(ways)})"


def _refuse_differences(heard: Sequence[Overheard]) -> None:
    for channel in _CHANNELS:
        one, other = (without_addresses(each.by(channel)) for each in heard)
        assert one == other, f"{channel} differs from client to client, so that it holds something of theirs, in whatever spelling"


def _faults_about(adapter: LoadedAdapter, marked: Marked) -> Iterator[tuple[str, str]]:
    """Yield what was raised about which scope, and everything that hangs on it."""
    rng = random.Random(824)  # noqa: S311  # the same ones for both
    for spoilt in spoilt_records(marked.record, marked.canaries, rng, most=400):
        with overhearing():
            told, kind = _told_by_fault(adapter, spoilt, marked)
        what = f"{kind} about {next(iter(spoilt.releases))}"
        ways = escaped(told, marked.everything())
        assert not ways, f"{what} holds a value of the record ({'; '.join(ways)})"
        yield what, without_addresses(told)


def _refusals_of(adapter: LoadedAdapter, package: str, message: bytes, marked: Marked) -> Iterator[str]:
    """Yield what is said about a message, mangled in many ways."""
    rng = random.Random(825)  # noqa: S311  # the same ones for both
    for body in spoilt_messages(message, rng, count=120):
        with overhearing():
            answer = read_directly(adapter, body)
        if isinstance(answer, Exception):
            crashed = f"reading a mangled message raised {type(answer).__name__}, which is no MessageUnreadable"
            assert isinstance(answer, MessageUnreadable), crashed
            told = everything_told(answer)
        else:
            told = "" if answer is None else repr((answer.problems, answer))
        ways = escaped(told, marked.everything())
        assert not ways, f"what is said about a mangled message repeats a value of it ({'; '.join(ways)})"
        for code in _codes_in(answer):
            fixed = stands_in_code(code, package)
            assert fixed, f"the code {code!r} does not stand in the plugin's code; one that is put together may hold what was sent"
        yield without_addresses(told)


def _codes_in(answer: Reading | Exception | None) -> Iterator[object]:
    if isinstance(answer, Exception):
        yield told_by(answer, "code")
    elif answer is not None:
        yield from (problem.code for problem in answer.problems)


def _told_by_fault(adapter: LoadedAdapter, spoilt: object, marked: Marked) -> tuple[str, str]:
    """Give everything that hangs on what was raised, and its type; nothing if a message was written."""
    try:
        adapter.translator.to_partner(spoilt, _under_own_reference(marked))  # type: ignore[arg-type]  # as no valid record could be
    except TranslationFault as fault:
        return f"{everything_told(fault)} {fault.scope} {fault.sentence}", "a TranslationFault"
    except Exception as error:  # noqa: BLE001  # foreign code
        return everything_told(error), type(error).__name__
    return "", "nothing"
