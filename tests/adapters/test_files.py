"""A large file is guarded before a plugin cuts it, and whatever the plugin does wrong is its fault and tells nothing of the file."""

import dataclasses
import io
import zipfile

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.adapters.files import description_of, parts_of
from imgate.adapters.registry import load_plugins
from imgate.adapters.tables import TableLimits, guard_table_file
from imgate.plugin_api import FileDescription, MessageUnreadable, Part, Parts

CANARY = "Geheimnis"
GOOD = b"Klient-Nr.;Nachname\r\nK1;A\r\nK2;B\r\n"
SMALL = TableLimits(size=1_000, file=5_000)


@pytest.fixture(scope="module")
def tables():
    return load_plugins(listed={"jobkraftwerk"}).adapter("jobkraftwerk", {})


def packed(name):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, b"x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "table_empty", id="nothing"),
        pytest.param(b"\xff\xfea\x00", "encoding_utf16", id="UTF-16"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "format_unsupported", id="an old or locked workbook"),
        pytest.param(b"a;b\r\n" + b"x" * 4_000 + b"\x00", "nul_byte", id="a NUL at its end"),
        pytest.param(b"x" * 5_001, "table_too_large", id="more than a file may have"),
        pytest.param(b"PK\x03\x04" + b"x" * 2_000, "table_too_large", id="a workbook larger than a message"),
        pytest.param(packed("../x"), "zip_name_unsafe", id="a workbook that is none"),
    ],
)
def test_a_file_that_could_harm_is_refused_before_it_is_cut(body, code):
    with pytest.raises(MessageUnreadable, match=code):
        guard_table_file(io.BytesIO(body), SMALL)


def test_a_text_larger_than_a_message_passes():
    guard_table_file(io.BytesIO(b"a;b\r\n" * 500), SMALL)


def test_the_guard_comes_before_the_plugin(tables):
    class Asked(Exception):
        pass

    class Translator(Stub):
        def parts(self, file, people):
            raise Asked

    for ask in (lambda adapter, file: parts_of(adapter, file, 1), description_of):
        with pytest.raises(MessageUnreadable, match="nul_byte"):
            ask(with_translator(tables, Translator()), io.BytesIO(b"a;\x00"))


def test_parts_and_description_come_through(tables):
    parts = parts_of(tables, io.BytesIO(GOOD), 1)
    assert parts.number == 2
    assert [part.lines for part in parts.each] == [(1, 2), (1, 3)]
    assert description_of(tables, io.BytesIO(GOOD)).delimiter == ";"


def test_an_adapter_that_cannot_cut_files_is_not_asked():
    whole = load_plugins(listed={"jobcenter"}).adapter("jobcenter", {})
    assert parts_of(whole, io.BytesIO(b"<x/>"), 1) is None
    assert description_of(whole, io.BytesIO(b"<x/>")) is None


class Stub:
    """A translator that does one thing wrong."""

    fields = media_type = None

    def parts(self, file, people):
        return Parts(1, iter([Part(GOOD, ())]))

    def describe(self, file):
        return FileDescription("csv", ())


def with_translator(adapter, translator):
    return dataclasses.replace(adapter, translator=translator)


def fails(kind):
    def raising(*_):
        raise kind(CANARY)

    return raising


def breaking_off(*_):
    yield Part(GOOD, ())
    raise ValueError(CANARY)


@pytest.mark.parametrize(
    ("method", "does"),
    [
        ("parts", fails(ValueError)),
        ("parts", fails(KeyError)),
        ("parts", lambda *_: [Part(GOOD, ())]),
        ("parts", lambda *_: Parts(1, iter([GOOD]))),
        ("parts", lambda *_: Parts(1, iter([Part(bytearray(GOOD), ())]))),
        ("parts", lambda *_: Parts(2, iter([Part(GOOD, ())]))),
        ("parts", lambda *_: Parts(2, breaking_off())),
        ("describe", fails(ValueError)),
        ("describe", lambda *_: {"format": "csv"}),
    ],
    ids=["crash", "crash of another kind", "a list", "bytes", "another type", "fewer than said", "crash on the way", "crash", "a dict"],
)
def test_what_a_plugin_does_wrong_is_its_fault_and_names_nothing_else(tables, method, does):
    adapter = with_translator(tables, type("Translator", (Stub,), {method: does})())
    ask = {
        "parts": lambda: list(parts_of(adapter, io.BytesIO(GOOD), 1).each),
        "describe": lambda: description_of(adapter, io.BytesIO(GOOD)),
    }
    with pytest.raises(AdapterFault) as caught:
        ask[method]()
    assert caught.value.adapter_id == "jobkraftwerk"
    assert CANARY not in repr(caught.value) + str(caught.value.__context__) + str(caught.value.__cause__)


def test_more_parts_than_said_are_not_asked_for(tables):
    adapter = with_translator(tables, type("Translator", (Stub,), {"parts": lambda *_: Parts(1, breaking_off())})())
    assert [part.content for part in parts_of(adapter, io.BytesIO(GOOD), 1).each] == [GOOD]


def test_a_refusal_keeps_its_code_and_place_and_nothing_else(tables):
    def refusing(*_):
        refused = MessageUnreadable("quoting_broken", 7, "Nachname")
        refused.note = CANARY
        raise refused

    adapter = with_translator(tables, type("Translator", (Stub,), {"parts": refusing})())
    with pytest.raises(MessageUnreadable) as caught:
        parts_of(adapter, io.BytesIO(GOOD), 1)
    assert (caught.value.code, caught.value.line, caught.value.column) == ("quoting_broken", 7, "Nachname")
    assert CANARY not in repr(vars(caught.value))
