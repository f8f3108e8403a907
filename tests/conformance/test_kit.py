"""The kit itself: what it needs, what it makes up, what it sees."""

import array
import base64
import dataclasses
import gc
import gzip
import io
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog

from imgate.adapters.errors import AdapterFault
from imgate.conformance import random_records
from imgate.conformance.attacks import ATTACKS, attack_bytes
from imgate.conformance.canaries import differ_in_words_only, escaped, twins, with_canaries
from imgate.conformance.elsewhere import answers_elsewhere
from imgate.conformance.envelope import ENVELOPE
from imgate.conformance.held import _among, holders_of
from imgate.conformance.other_values import other_values
from imgate.conformance.overheard import everything_told, overhearing
from imgate.conformance.promises.tried import FROM, TO, extremes, translate
from imgate.conformance.purity import watched
from imgate.conformance.released import release
from imgate.conformance.run import failures
from imgate.conformance.variations import scopes_of
from imgate.plugin_api import TranslationFault
from imgate.record.catalogue import CATALOGUE
from imgate.record.text import TEXT_TYPES
from imgate.record.validation import validate_record

ALL = frozenset(CATALOGUE.scopes)


AUTHORS = """
import pytest
from imgate.conformance.adapter import AdapterConformance

class HasId(AdapterConformance):
    @pytest.fixture
    def adapter_id(self):
        return "jobcenter"

class HasRecords(HasId):
    @pytest.fixture
    def records(self):
        return {"one": {"person": {"name": {"family": "X"}}}}

class TestNothing(AdapterConformance): pass
class TestWithoutRecords(HasId): pass
class TestWithoutTheRest(HasRecords): pass
"""


def test_a_missing_fixture_fails_and_nothing_is_skipped(tmp_path):
    (tmp_path / "test_mine.py").write_text(AUTHORS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", "-k", "golden or half or alone", tmp_path]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    for missing in ("adapter_id", "records", "golden", "write_as_partner"):
        assert f"the conformance kit needs the fixture {missing}" in ended.stdout
    assert "skipped" not in ended.stdout


def only(fixtures, promise):
    return [failure.sentence for failure in failures(fixtures, only=[f"test_{promise}"])]


def test_records_that_leave_a_scope_untried_fail(fixtures_for):
    fixtures = fixtures_for("planted")
    fixtures["records"] = {"sparse": fixtures["records"]["sparse"]}
    (said,) = only(fixtures, "fixtures_reach_every_scope")
    assert said == "no record given holds contact.phone, language.level, person.birth"


def test_a_table_with_less_than_the_manifest_fails(fixtures_for):
    fixtures = fixtures_for("planted")
    adapter = fixtures["adapter"]
    fixtures["adapter"] = dataclasses.replace(adapter, ceiling={**adapter.ceiling, FROM: frozenset()})
    (said,) = only(fixtures, "ceiling_is_the_manifests")
    assert "appointments.upcoming" in said


def test_what_the_plugin_says_of_its_own_fault_is_told_to_its_author(fixtures_for):
    adapter = fixtures_for("planted")["adapter"]
    released = dataclasses.replace(
        release({"person": {"name": {"family": "X"}}}, {"person.name"}), record={"person": {"name": {"rooms": 2}}}
    )
    with pytest.raises(AdapterFault) as told:
        translate(adapter, released)
    assert str(told.value) == "adapter planted: translation_fault (person.name)"
    (note,) = told.value.__notes__
    assert note.startswith("the plugin says: `rooms` of ")
    with pytest.raises(AdapterFault) as in_a_gateway:
        adapter.translate(released, ENVELOPE)
    assert not hasattr(in_a_gateway.value, "__notes__")


class Lacking:
    """An adapter's table whose words are too few."""

    def to_partner(self, released, envelope):
        raise TranslationFault("language.course", "the Words of `kind` lack a word of the record")


def test_a_word_that_a_table_lacks_is_named_to_its_author_and_to_nobody_else(fixtures_for):
    adapter = dataclasses.replace(fixtures_for("planted")["adapter"], translator=Lacking())
    course = {"kind": "integration", "provider": "VHS"}
    released = dataclasses.replace(release({}, ()), record={"language": {"course": [course, {"kind": "vabo"}, course]}})
    with pytest.raises(AdapterFault) as told:
        translate(adapter, released)
    assert told.value.__notes__ == ["the plugin says: the Words of `kind` lack a word of the record (`kind` is integration or vabo here)"]
    with pytest.raises(AdapterFault) as in_a_gateway:
        adapter.translate(released, ENVELOPE)
    assert "vabo" not in repr(in_a_gateway.value)
    assert not hasattr(in_a_gateway.value, "__notes__")


def test_a_golden_message_of_no_record_fails(fixtures_for, tmp_path):
    fixtures = fixtures_for("planted")
    fixtures["golden"] = shutil.copytree(fixtures["golden"], tmp_path / "golden")
    assert only(fixtures, "golden_messages_to_the_partner") == []
    (fixtures["golden"] / "to_partner" / "old.json").write_text("{}")
    (fixtures["golden"] / "to_partner" / ".keep").write_text("")
    assert only(fixtures, "golden_messages_to_the_partner") == ["golden/to_partner/old.json belongs to no record; delete it"]


def test_a_golden_message_that_breaks_the_schema_is_told_with_its_file_and_place(fixtures_for, tmp_path):
    fixtures = fixtures_for("planted")
    fixtures["golden"] = shutil.copytree(fixtures["golden"], tmp_path / "golden")
    message = next((fixtures["golden"] / "from_partner").glob("*.xml"))
    body = message.read_text()
    message.write_text(body.replace("content>", "contents>"))
    (said,) = only(fixtures, "golden_messages_from_the_partner")
    assert said.startswith(f"golden/from_partner/{message.name}: schema_invalid at line ")
    assert said.endswith(", content: element_missing")
    message.write_text(body[:-3])
    (said,) = only(fixtures, "golden_messages_from_the_partner")
    assert said.startswith(f"golden/from_partner/{message.name}: not_wellformed at line ")


def test_a_message_with_a_scope_that_has_no_place_fails(fixtures_for):
    fixtures = fixtures_for("planted")
    adapter = fixtures["adapter"]
    fixtures["adapter"] = dataclasses.replace(adapter, ceiling={**adapter.ceiling, TO: adapter.ceiling[TO] - {"contact.phone"}})
    (said,) = only(fixtures, "beyond_the_ceiling_is_a_fault")
    assert said.startswith("contact.phone has no place in messages to this partner")


def test_an_attachment_that_is_left_out_fails(fixtures_for):
    fixtures = fixtures_for("planted")
    adapter = fixtures["adapter"]
    sent = adapter.manifest.to_partner.model_copy(update={"attachments": ("declaration_bundle",)})

    class Drops:
        def to_partner(self, released, envelope):
            return adapter.translator.to_partner(released, dataclasses.replace(envelope, attachments=()))

    manifest = adapter.manifest.model_copy(update={"to_partner": sent})
    fixtures["adapter"] = dataclasses.replace(adapter, manifest=manifest)
    assert only(fixtures, "attachments_stand_in_the_bytes") == []
    fixtures["adapter"] = dataclasses.replace(adapter, manifest=manifest, translator=Drops())
    (said,) = only(fixtures, "attachments_stand_in_the_bytes")
    assert "attachment_missing" in said


def test_a_plugin_may_log_what_is_nobodys(fixtures_for):
    fixtures = fixtures_for("planted")
    good = fixtures["adapter"].translator

    class Talks(type(good)):
        def to_partner(self, released, envelope):
            logging.getLogger("planted").warning("writing %d scopes of %r", len(released.releases), envelope)
            structlog.get_logger("planted").info("writing", scopes=sorted(released.releases))
            warnings.warn("an old format", stacklevel=1)
            return super().to_partner(released, envelope)

    fixtures["adapter"] = dataclasses.replace(fixtures["adapter"], translator=Talks())
    tried = ("says_nothing_beside_the_message", "reaches_for_nothing_outside", "faults_tell_no_values", "keeps_nothing")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert failures(fixtures, only=[f"test_{promise}" for promise in tried]) == []


def test_half_a_message_that_is_taken_fails(fixtures_for):
    fixtures = fixtures_for("planted-rows")
    adapter = fixtures["adapter"]
    taken = adapter.manifest.from_partner.model_copy(update={"format": "json"})
    fixtures["adapter"] = dataclasses.replace(adapter, manifest=adapter.manifest.model_copy(update={"from_partner": taken}))
    (said,) = only(fixtures, "half_a_message_is_unreadable")
    assert said == "was read as a message about 0 people, and is none"


def test_random_records_are_valid_reproducible_and_reach_every_scope():
    first = list(random_records.random_records(ALL, 1, 300))
    assert first == list(random_records.random_records(ALL, 1, 300))
    assert first != list(random_records.random_records(ALL, 2, 300))
    for record in first:
        validate_record(record)
    assert frozenset().union(*map(scopes_of, first)) == ALL
    assert list(random_records.random_records((), 1, 10)) == []


def test_random_records_know_every_kind_of_text():
    assert {kind.name for kind in TEXT_TYPES} == {*random_records._WRITTEN, *random_records._CODED}


def test_extremes_are_valid_and_hold_every_scope():
    for record in extremes(ALL):
        validate_record(record)
        assert scopes_of(record) == ALL


def test_other_values_are_valid_and_other():
    (full, *_) = extremes(ALL)
    rng = random.Random(1)  # noqa: S311  # the same values each time
    for scope in ALL:
        section, _, name = scope.partition(".")
        found = list(other_values(scope, full[section][name], rng))
        assert found, scope
        for _path, item in found:
            assert item != full[section][name]
            validate_record({section: {name: item}})


def test_every_text_of_ten_signs_can_hold_a_canary_that_is_its_own():
    (full, *_) = extremes(ALL)
    marked = with_canaries(full)
    validate_record(marked.record)
    found = [canary for canaries in marked.canaries.values() for canary in canaries]
    assert len(found) == len(set(found)) > 80
    assert {"contact.phone", "identifiers.azr_number", "person.birth", "contact.email"} <= {s for s, c in marked.canaries.items() if c}
    words = {canary for canary in found if canary.startswith("Kanarienvogel")}
    assert words
    assert not words & {canary for canaries in with_canaries(full).canaries.values() for canary in canaries}


CANARY = "Kanarienvogelabxcz"


def zipped(text):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", text)
    return target.getvalue()


SPELLINGS = {
    "plain": CANARY,
    "plain in capitals": CANARY.upper(),
    "base64": base64.b64encode(CANARY.encode()),
    "base64 within": b"<a>abc" + base64.b64encode(b"x" + CANARY.encode()) + b"</a>",
    "base64 two on": base64.b64encode(b"xx" + CANARY.encode()),
    "base64 in lines": base64.encodebytes(b"y" * 90 + CANARY.encode()),
    "base64 for addresses": base64.urlsafe_b64encode(b"\xff\xfe\xff" + CANARY.encode()),
    "base64 twice": base64.b64encode(base64.b64encode(CANARY.encode())),
    "hex": CANARY.encode().hex(),
    "hex one digit on": "f" + CANARY.encode().hex(" ").upper(),
    "percent": "".join(f"%{byte:02x}" for byte in CANARY.encode()),
    "percent twice": quote("".join(f"%{byte:02x}" for byte in CANARY.encode())),
    "JSON": "".join(f"\\u{byte:04X}" for byte in CANARY.encode()),
    "XML": "".join(f"&#x{byte:x};" for byte in CANARY.encode()),
    "reversed": CANARY[::-1],
    "reversed in base64": base64.b64encode(CANARY[::-1].encode()),
    "UTF-16": CANARY.encode("utf-16-le"),
    "UTF-16, the other way": CANARY.encode("utf-16-be"),
    "ZIP": zipped(CANARY),
    "ZIP in base64 in JSON": b'{"a":"' + base64.b64encode(zipped(CANARY)) + b'"}',
    "ZIP in ZIP": zipped(zipped(CANARY)),
    "gzip": gzip.compress(CANARY.encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_canary_is_found_in_every_spelling(spelling):
    assert escaped(SPELLINGS[spelling], [CANARY])
    assert escaped(SPELLINGS[spelling], [CANARY.replace("c", "d")]) == []


def test_a_day_is_found_as_germans_write_it():
    assert escaped("geboren am 17.04.1799", ["1799-04-17"])
    assert escaped("geboren am 17.04.1798", ["1799-04-17"]) == []


def test_everything_that_is_said_is_overheard_and_nothing_of_it_goes_on(capsys):
    with overhearing() as heard:
        logging.getLogger("quiet").debug("one %s", "two", extra={"about": "three"})
        structlog.get_logger().info("four", about="five")
        warnings.warn("six", stacklevel=1)
        print("seven")  # noqa: T201  # what is overheard
    for channel, words in {
        "a log record": ("one two", "three"),
        "structlog": ("four", "five"),
        "a warning": ("six",),
        "standard output": ("seven",),
    }.items():
        assert all(word in heard.by(channel) for word in words), channel
    assert capsys.readouterr().out == ""


def test_all_that_hangs_on_an_exception_is_told():
    inner = KeyError("cause")
    inner.add_note("note")
    error = ValueError("text", ["argument"])
    error.attribute = "attribute"
    error.__context__ = ExceptionGroup("group", [inner])
    told = everything_told(error)
    assert all(word in told for word in ("text", "argument", "attribute", "group", "cause", "note"))


def test_what_a_watched_call_raises_is_given_with_what_it_did():
    def call():
        time.time()
        raise ValueError

    answer, found = watched(call, __file__)
    assert isinstance(answer, ValueError)
    assert [sentence for sentence in found if "read the clock (time.time) in test_kit.py line" in sentence] == found != []
    assert watched(lambda: sorted([2, 1]), __file__) == ([1, 2], [])


def test_a_generator_with_a_seed_logging_and_dates_are_let_through():
    def call():
        logging.getLogger("quiet").debug("said")
        return random.Random(1).random(), time.strptime("2026-01-02", "%Y-%m-%d").tm_year  # noqa: S311

    call()
    assert watched(call, __file__)[1] == []


def test_what_others_do_meanwhile_is_not_held_against_a_translation():
    def callback(*_):
        time.time()

    gc.callbacks.append(callback)
    going, stop = threading.Event(), threading.Event()

    def elsewhere():
        while not stop.is_set():
            Path(__file__).exists()
            Path(__file__).open().close()
            going.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    going.wait()
    try:
        assert watched(lambda: [[number] for number in range(100_000)], __file__)[1] == []
    finally:
        stop.set()
        thread.join()
        gc.callbacks.remove(callback)
    assert gc.isenabled()


KEPT = []


def test_what_is_kept_is_found_where_it_hangs_and_what_is_let_go_is_not():
    def see(keep):
        marked = with_canaries({"person": {"name": {"family": "X"}}})
        if keep:
            KEPT.append({"a": (marked.record["person"]["name"]["family"],)})
        return marked.word

    assert holders_of(see(keep=False)) == []
    assert holders_of(see(keep=True)) == [f"{__name__}.KEPT"]
    KEPT.clear()


WORD = CANARY.removesuffix("cz")


@pytest.mark.parametrize(
    ("value", "is_found"),
    [
        (CANARY, True),
        (f"about {CANARY}", True),
        (CANARY.encode(), True),
        (bytearray(CANARY.encode()), True),
        (array.array("b", CANARY.encode()), True),
        (io.StringIO(CANARY), True),
        (io.BytesIO(CANARY.encode()), True),
        (WORD, False),
        (f"{WORD}z", False),
        (WORD.encode(), False),
    ],
)
def test_a_canary_is_found_in_whatever_holds_it_each_time_it_is_met(value, is_found):
    clean = set()
    assert [_among([1, "else", value], (WORD,), clean) for _ in range(2)] == [is_found, is_found]
    assert _among([{"else": CANARY}], (WORD,), clean)
    assert _among([{CANARY: "else"}], (WORD,), clean)


def test_what_is_closed_holds_nothing():
    closed = io.StringIO(CANARY)
    closed.close()
    assert not _among([closed], (WORD,), set())


def test_messages_about_twins_differ_in_words_only_unless_they_are_compressed():
    one, other = (json.dumps(marked.record).encode() for marked in twins({"person": {"name": {"family": "X"}}}, coded_alike=True))
    assert one != other
    assert len(one) == len(other)
    assert differ_in_words_only(one, other)
    assert not differ_in_words_only(zipped(one), zipped(other))
    assert not differ_in_words_only(one, other + b" ")


def test_twins_have_no_value_in_common():
    (full, *_) = extremes(ALL)
    one, other = (marked.beside(()) for marked in twins(full))
    assert len(one) == len(other) > 80
    assert not one & other
    assert sorted(map(len, one)) == sorted(map(len, other))


def test_a_process_that_fails_says_so(planted):
    with pytest.raises(AssertionError, match="the adapter does not work in another process"):
        answers_elsewhere("nobody", {}, [], [])


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_has_bytes(attack):
    assert isinstance(attack_bytes(attack), bytes)
