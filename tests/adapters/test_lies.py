"""A plugin that lies: types that answer otherwise when they are asked again, hands that change what they were given, names that tell."""

import dataclasses

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.adapters.registry import load_plugins
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.released import release
from imgate.plugin_api import Incoming, MessageUnreadable, Reading, RowProblem, TranslationFault
from tests.adapters.conftest import SCOPE, MadeUp, a_format
from tests.adapters.test_adapter import BUNDLE, INBOUND, MANIFEST_OF_A_TABLE, SECRET, raising, shows_nothing

RECORD = {"residence": {"file_number": "32.4"}, "person": {"sex": "d"}}


@pytest.fixture
def adapter_with(make_plugin):
    def made(translator=None, **replaced):
        point = make_plugin(configure=lambda settings: translator or MadeUp(**replaced))
        return load_plugins(found={"imgate.adapters": [point]}).adapter("made-up", {})

    return made


def written_after(change):
    """Translate well, with the hands on what was given."""

    def to_partner(released, envelope):
        change(released, envelope)
        return a_format().to_partner(released, envelope)

    return to_partner


def forget(released, _):
    released.releases.clear()
    released.record.clear()


CHANGES = {
    "the reference": (lambda _, envelope: object.__setattr__(envelope, "reference", "R 2"), "envelope_differs"),
    "the recipient": (lambda _, envelope: object.__setattr__(envelope, "recipient", "Somebody"), "envelope_differs"),
    "the permission": (lambda released, _: object.__setattr__(released.releases[SCOPE], "until", "2099-12-31"), "envelope_differs"),
    "what was released": (forget, "schema_invalid"),
    "what is attached": (lambda _, envelope: object.__setattr__(envelope.attachments[0], "content", b"-"), "attachment_missing"),
    "that something is attached": (lambda _, envelope: object.__setattr__(envelope, "attachments", ()), "attachment_missing"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_plugin_that_changes_what_it_was_given_deceives_nobody(adapter_with, what):
    change, kind = CHANGES[what]
    released, envelope = release(RECORD, {SCOPE}), dataclasses.replace(ENVELOPE, attachments=(BUNDLE,))
    adapter = adapter_with(to_partner=written_after(change))
    with pytest.raises(AdapterFault) as caught:
        adapter.validate(adapter.translate(released, envelope))
    assert caught.value.kind == kind
    assert released == release(RECORD, {SCOPE})
    assert (envelope.reference, envelope.attachments[0].content) == (ENVELOPE.reference, b"{}" * 100)


def test_what_a_plugin_is_handed_is_equal_to_what_was_released_and_not_the_same(adapter_with):
    handed = []
    adapter = adapter_with(to_partner=lambda *given: handed.extend(given) or a_format().to_partner(*given))
    released, envelope = release(RECORD, {SCOPE}), dataclasses.replace(ENVELOPE, attachments=(BUNDLE,))
    adapter.translate(released, envelope)
    assert handed == [released, envelope]
    pairs = [
        *((handed[0], released), (handed[0].record, released.record), (handed[0].record["residence"], released.record["residence"])),
        *((handed[0].releases, released.releases), (handed[0].releases[SCOPE], released.releases[SCOPE])),
        *((handed[1], envelope), (handed[1].attachments[0], BUNDLE)),
    ]
    assert not [one for one, other in pairs if one is other]


class EmptyToTheEye(dict):
    """Shows nothing to whoever walks through it, and has everything for a library in C."""

    def __iter__(self):
        return iter(())

    items = values = keys = lambda self: ()


class Named(str):
    """Is written as something harmless."""

    def __format__(self, _):
        return SCOPE.partition(".")[0]


class Endless(tuple):
    def __iter__(self):
        while True:
            yield person()


class Another(Reading):
    @property
    def people(self):
        return (person(),)


def person(record=None, reference="R 1"):
    return Incoming(reference, {"residence": {"file_number": "32.4"}} if record is None else record)


GROUNDS = {"grounds": {"text": SECRET}}


@pytest.mark.parametrize(
    "returned",
    [
        Reading((person(EmptyToTheEye(asylum=GROUNDS)),)),
        Reading((person({"asylum": EmptyToTheEye(GROUNDS)}),)),
        Reading((person({Named("person"): {"file_number": "1"}}),)),
        Reading((person({"residence": {Named("title"): "1"}}),)),
        Reading((person(reference=Named("R 1")),)),
        Reading(Endless()),
        Reading((), Endless()),
        Reading((), message_id=Named("x")),
        Reading((), purpose=Named("housing")),
        Reading((), (RowProblem(1, None, Named("row_unreadable")),)),
        object.__new__(Another),
    ],
    ids=range(11),
)
def test_what_could_answer_otherwise_next_time_is_not_taken(adapter_with, returned):
    with pytest.raises(AdapterFault, match="reading_shape") as caught:
        adapter_with(from_partner=lambda _: returned).read(INBOUND)
    assert shows_nothing(caught.value)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ((2, "Name"), (2, "Name")),
        ((SECRET, 3), (None, 3)),
        ((True, [SECRET]), (None, None)),
        ((1, Named(SECRET)), (1, None)),
        ((1, "a\nb"), (1, None)),
        ((1, "x" * 256), (1, None)),
    ],
)
def test_a_place_is_a_number_or_the_name_of_a_column(make_plugin, told, shown):
    def adapter(from_partner):
        point = make_plugin(manifest=MANIFEST_OF_A_TABLE, configure=lambda _: MadeUp(from_partner=from_partner, media_type="text/csv"))
        return load_plugins(found={"imgate.adapters": [point]}).adapter("made-up", {})

    (problem,) = adapter(lambda _: Reading((), (RowProblem(*told, "x"),))).read(b"a;b\n").problems
    assert (problem.line, problem.column) == shown
    with pytest.raises(MessageUnreadable) as refused:
        adapter(raising(MessageUnreadable("x", *told))).read(b"a;b\n")
    assert (refused.value.line, refused.value.column) == shown


class WithoutAnything(TranslationFault, MessageUnreadable):
    """Forgets what its parents keep, and shouts when it is asked for it."""

    def __init__(self):
        pass

    @property
    def scope(self):
        raise ValueError(SECRET)

    code = line = scope


def test_an_error_that_shouts_when_it_is_asked_is_a_fault_as_any_other(adapter_with):
    adapter = adapter_with(to_partner=raising(WithoutAnything()), from_partner=raising(WithoutAnything()))
    with pytest.raises(AdapterFault, match=r"translation_fault \(\?\)") as writing:
        adapter.translate(release(RECORD, {SCOPE}), ENVELOPE)
    with pytest.raises(AdapterFault, match=r"reading_shape \(code\)") as reading:
        adapter.read(INBOUND)
    assert shows_nothing(writing.value)
    assert shows_nothing(reading.value)


class Shouting(type):
    @property
    def __name__(cls):
        raise ValueError(SECRET)


@pytest.mark.parametrize(
    "kind",
    [
        type("Geheimnis4711", (Exception,), {}),
        type("Geheimnis4711", (Exception,), {"__module__": "builtins"}),
        type("Geheimnis4711", (Exception,), {"__module__": [SECRET]}),
        Shouting("Geheimnis4711", (Exception,), {}),
    ],
    ids=range(4),
)
def test_the_name_of_a_type_that_was_made_on_the_fly_is_not_told(adapter_with, kind):
    adapter = adapter_with(to_partner=raising(kind()), from_partner=raising(kind()))
    for call in (lambda: adapter.translate(release(RECORD, {SCOPE}), ENVELOPE), lambda: adapter.read(INBOUND)):
        with pytest.raises(AdapterFault) as caught:
            call()
        assert (caught.value.kind, caught.value.where) == ("crashed", "?")
        assert "4711" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


@pytest.mark.parametrize(("said", "code"), [(SECRET, 1), (None, 0), (3, 3)])
def test_who_ends_the_process_says_a_number_at_most(adapter_with, said, code):
    with pytest.raises(SystemExit) as end:
        adapter_with(to_partner=raising(SystemExit(said))).translate(release(RECORD, {SCOPE}), ENVELOPE)
    assert end.value.code == code
    assert end.value.__context__ is None


def test_the_places_are_those_of_the_start(adapter_with):
    class Shouts(MadeUp):
        @property
        def fields(self):
            if loaded:
                raise ValueError(SECRET)
            return a_format().fields

    loaded = []
    adapter = adapter_with(translator=Shouts())
    loaded.append(True)
    assert [each.reference for each in adapter.read(INBOUND).people] == ["R 1"]
