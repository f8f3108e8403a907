"""Promises about what a translation is: a function of its input, and of nothing else.

That a translation keeps these is tried while it runs, and afterwards in what it left behind.
"""

import contextlib
import copy
import functools
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from imgate.adapters.adapter import LoadedAdapter
from imgate.conformance.at_once import stopped_at_each_step
from imgate.conformance.canaries import id_word, new_word, with_canaries
from imgate.conformance.elsewhere import answers_elsewhere, answers_here
from imgate.conformance.envelope import ENVELOPE, PURPOSES, envelope_about
from imgate.conformance.held import holders_of
from imgate.conformance.kept import folder_of, state_of
from imgate.conformance.other_values import other_words
from imgate.conformance.overheard import overhearing
from imgate.conformance.patches import constants, patched
from imgate.conformance.promises.tried import FROM, TO, WritesAsPartner, extremes, read_directly, translate, within, written_about
from imgate.conformance.purity import watched
from imgate.conformance.random_records import FULL, random_record, random_records
from imgate.conformance.released import release
from imgate.conformance.spoilt import spoilt_messages, spoilt_records
from imgate.conformance.variations import Record, item_of, scopes_of
from imgate.plugin_api import Envelope, ReleasedRecord

# Under watch everything takes ten times as long.
_WATCHED = 20
# So many clients with other words come one after another: two of them may have the same by chance.
_CLIENTS = 5


class StaysPure:
    """What both translations promise about everything around them."""

    def test_same_input_same_bytes(self, adapter: LoadedAdapter, records: Mapping[str, Record]) -> None:
        """Translating is deterministic, whatever the order of the record's keys, and leaves its input alone."""
        for record in chain(records.values(), extremes(adapter.ceiling[TO])):
            scopes = within(record, adapter.ceiling[TO])
            released = release(record, scopes)
            first = translate(adapter, released).content
            # A head that nobody was given before: one that was changed already would look as if it had stayed.
            handed = (copy.deepcopy(released), envelope_about(new_word(), 0))
            given = copy.deepcopy(handed)
            adapter.translator.to_partner(*handed)
            assert handed == given, "the translation changed what it was given"
            assert translate(adapter, released).content == first, "the same record is written in two ways"
            turned = json.loads(json.dumps(record), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
            again = translate(adapter, release(turned, scopes)).content
            assert again == first, "the message hangs on the order of the record's keys"

    def test_reaches_for_nothing_outside(
        self, adapter: LoadedAdapter, package: str, records: Mapping[str, Record], write_as_partner: WritesAsPartner
    ) -> None:
        """While a message is written or read: no clock, chance, environment, file, network, process, thread, no printing."""
        folder = folder_of(package)
        found: dict[str, None] = {}
        for call in _everything(adapter, records, write_as_partner):
            with overhearing():
                _, sentences = watched(call, folder)
            found |= dict.fromkeys(sentences)
        assert not found, "; ".join(found)

    def test_keeps_nothing(
        self,
        adapter: LoadedAdapter,
        package: str,
        records: Mapping[str, Record],
        write_as_partner: WritesAsPartner,
        narrower: Mapping[str, str],
    ) -> None:
        """Nothing of a client, nor of the head of a message, is left anywhere in the process when one has been written or read."""
        # What is looked up once for each word of a closed list belongs to nobody, so each of them comes before.
        _use_each_word(adapter, write_as_partner, narrower)
        states = []
        for number, client in enumerate(_clients(adapter)):
            _exercise(adapter, records, write_as_partner, number)
            _use(adapter, write_as_partner, narrower, client, number)
            states.append(state_of(package, adapter.translator))
        changed = sorted({name for state in states for name in state.keys() | states[0].keys() if state.get(name) != states[0].get(name)})
        word = _exercise(adapter, records, write_as_partner, len(states))
        held = holders_of(word, id_word(word))
        sentence = "a translation may keep nothing from one call to the next"
        assert not held, f"a value of the record, or of the head, is still held by {', '.join(held)}; {sentence}"
        assert not changed, f"{', '.join(changed)} is another after translating; {sentence}"

    def test_no_message_hangs_on_the_one_before(
        self, adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner, narrower: Mapping[str, str]
    ) -> None:
        """What is written about one client, and read, is the same whoever came before."""
        for record in records.values():
            scopes, taken = within(record, adapter.ceiling[TO]), within(record, adapter.ceiling[FROM])
            message = write_as_partner("R-1", release(record, taken).record) if taken else b""
            written, read = [], []
            for number, other in enumerate((with_canaries(record).record, *_clients(adapter))):
                translate(adapter, release(other, adapter.ceiling[TO]), envelope_about(word := new_word(), number))
                if theirs := within(other, adapter.ceiling[FROM]) - (narrower.keys() if number else frozenset()):
                    read_directly(adapter, written_about(adapter, write_as_partner, release(other, theirs).record, word))
                written.append([translate(adapter, release(record, {scope})).content for scope in sorted(scopes)])
                read.append(_read(adapter, message))
            assert all(each == written[0] for each in written), "a message differs with the client who came before"
            assert all(each == read[0] for each in read), "a message is read differently with the client who came before"

    def test_two_at_once_do_not_mix(
        self, adapter: LoadedAdapter, package: str, write_as_partner: WritesAsPartner, narrower: Mapping[str, str]
    ) -> None:
        """What is written about one client, and read, is the same while another's is written or read in another thread."""
        folder = folder_of(package)
        one, other = itertools.islice(_clients(adapter), 2)
        parts = [(release(client, adapter.ceiling[TO]), envelope_about(new_word(), number)) for number, client in enumerate((one, other))]
        alone, meanwhile = (functools.partial(adapter.translator.to_partner, *part) for part in parts)
        expected = alone()
        mixed = any(answer != expected for answer in stopped_at_each_step(alone, meanwhile, folder))
        assert not mixed, "a message differs while another is written; while it works, an adapter keeps things in variables, not in itself"
        taken = within(one, adapter.ceiling[FROM]) - narrower.keys()
        if taken:
            messages = [write_as_partner(f"R-{number}", release(client, taken).record) for number, client in enumerate((one, other))]
            reads, reads_other = (functools.partial(_read, adapter, message) for message in messages)
            understood = reads()
            mixed = any(answer != understood for answer in stopped_at_each_step(reads, reads_other, folder))
            assert not mixed, "a message is read differently while another is read; while it works, an adapter keeps nothing in itself"

    def test_changes_nothing_outside_itself(self, adapter: LoadedAdapter, package: str, records: Mapping[str, Record]) -> None:
        """No function of imgate or of Python is the plugin's, or another than its file says."""
        for record in records.values():
            _try(adapter, release(record, adapter.ceiling[TO]))
        changed = patched(package)
        assert not changed, f"{'; '.join(changed)}. A plugin changes nothing but itself"

    def test_the_same_elsewhere(
        self,
        adapter: LoadedAdapter,
        adapter_id: str,
        settings: Mapping[str, object],
        records: Mapping[str, Record],
        write_as_partner: WritesAsPartner,
    ) -> None:
        """Another process, with another hash seed, time zone, language and folder, writes and reads the same; the core is as it was."""
        tried = list(chain(records.values(), extremes(adapter.ceiling[TO]), random_records(adapter.ceiling[TO], 819, 20)))
        parts = [release(record, adapter.ceiling[TO]).record for record in tried]
        messages = [
            write_as_partner("R-1", release(record, taken).record) for record in tried if (taken := within(record, adapter.ceiling[FROM]))
        ]
        there = answers_elsewhere(adapter_id, settings, parts, messages)
        here = answers_here(adapter, parts, messages)
        because = "it hangs on the hash seed, the time, the time zone, the language or the folder, or on what this process did before"
        assert here.written == there.written, f"the same record is written differently in another process: {because}"
        assert here.read == there.read, f"the same message is read differently in another process: {because}"
        assert here.said == there.said, f"something else is logged in another process: {because}"
        assert not there.reached, "; ".join(there.reached)
        assert not there.added, f"{', '.join(there.added)} was not there before the plugin was loaded; a plugin changes nothing but itself"
        changed = sorted(name for name, value in constants().items() if there.constants.get(name, value) != value)
        assert not changed, f"{', '.join(changed)} has another value than in a fresh process; a plugin changes nothing but itself"


def _everything(adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner) -> Iterator[Callable[[], object]]:
    """Yield calls of the plugin itself: good records, impossible ones, messages, mangled messages."""
    tried = list(chain(records.values(), extremes(adapter.ceiling[TO]), random_records(adapter.ceiling[TO], 820, _WATCHED)))
    for record in tried:
        released = release(record, adapter.ceiling[TO])
        yield functools.partial(adapter.translator.to_partner, released, copy.copy(ENVELOPE))
        if taken := within(record, adapter.ceiling[FROM]):
            message = write_as_partner("R-1", release(record, taken).record)
            yield lambda message=message: read_directly(adapter, message)  # type: ignore[misc]  # bound at once
    rng = random.Random(821)  # noqa: S311  # the same ones each time
    for record in records.values():
        for spoilt in spoilt_records(record, adapter.ceiling[TO], rng, most=20):
            yield functools.partial(adapter.translator.to_partner, spoilt, copy.copy(ENVELOPE))
        if taken := within(record, adapter.ceiling[FROM]):
            for body in spoilt_messages(write_as_partner("R-1", release(record, taken).record), rng, count=10):
                yield lambda body=body: read_directly(adapter, body)  # type: ignore[misc]  # bound at once


def _clients(adapter: LoadedAdapter) -> Iterator[Record]:
    """Yield complete records that have as little in common as the types allow, closed words included."""
    for number in range(_CLIENTS):
        yield random_record(adapter.ceiling[TO] | adapter.ceiling[FROM], random.Random(830 + number), FULL)  # noqa: S311  # the same ones


def _use_each_word(adapter: LoadedAdapter, write_as_partner: WritesAsPartner, narrower: Mapping[str, str]) -> None:
    """Write and read each word of each closed list once."""
    record = next(_clients(adapter))
    for scope in sorted(scopes_of(record)):
        section, _, name = scope.partition(".")
        for item in other_words(scope, item_of(record, scope)):
            _use(adapter, write_as_partner, narrower, {section: {name: item}})
    for number, _ in enumerate(PURPOSES):
        _use(adapter, write_as_partner, narrower, record, number)


def _use(
    adapter: LoadedAdapter, write_as_partner: WritesAsPartner, narrower: Mapping[str, str], record: Record, number: int | None = None
) -> None:
    """Write one record, and read it; with a number, under a head of its own."""
    word = new_word()
    _try(adapter, release(record, adapter.ceiling[TO]), ENVELOPE if number is None else envelope_about(word, number))
    if taken := within(record, adapter.ceiling[FROM]) - narrower.keys():
        part = release(record, taken).record
        plain = number is None
        read_directly(adapter, write_as_partner("R-1", part) if plain else written_about(adapter, write_as_partner, part, word))


def _exercise(adapter: LoadedAdapter, records: Mapping[str, Record], write_as_partner: WritesAsPartner, number: int) -> str:
    """Write and read records with canaries, good and bad ones, and give the word with which the canaries begin; let go of all else."""
    word = new_word()
    envelope = envelope_about(word, number)
    rng = random.Random(822)  # noqa: S311  # the same ones each time
    for record in records.values():
        # Days and numbers that are others each time, too.
        marked = with_canaries(record, word, 1 + 150 * number)
        with overhearing():
            for spoilt in spoilt_records(marked.record, adapter.ceiling[TO], rng, most=10):
                _try(adapter, spoilt, envelope)
            _try(adapter, release(marked.record, adapter.ceiling[TO]), envelope)
            if taken := within(record, adapter.ceiling[FROM]):
                message = written_about(adapter, write_as_partner, release(marked.record, taken).record, word)
                for body in (*spoilt_messages(message, rng, count=5), message):
                    read_directly(adapter, body)
    return word


def _try(adapter: LoadedAdapter, released: ReleasedRecord, envelope: Envelope = ENVELOPE) -> None:
    with contextlib.suppress(Exception):  # what it raises is another promise
        # Its own, because a plugin that changes it would change it for every promise.
        adapter.translator.to_partner(released, copy.copy(envelope))


def _read(adapter: LoadedAdapter, message: bytes) -> object:
    reading = read_directly(adapter, message) if message else None
    if reading is None or isinstance(reading, Exception):
        return type(reading).__name__
    return [(person.reference, person.record) for person in reading.people], reading.problems, reading.message_id, reading.purpose
