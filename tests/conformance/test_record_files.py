"""An author who gives a wrong record reads which one, where and why; no sender's name is ever shown so."""

import os
import subprocess
import sys

import pytest

from imgate.conformance.record_files import problems_of_records, read_records

GOOD = {"person": {"name": {"family": "X"}}}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"education": {"school": {"year": 9}}}, ["record full: /education/school/year is no field of the record"]),
        ({"education": {"Herkunft": {}}}, ["record full: /education/Herkunft is no field of the record"]),
        ({"Schule": 1, "schule": 2}, ["record full: /Schule is no field of the record", "record full: /schule is no field of the record"]),
        ({"person": {"birth": {"place": "Herāt"}}}, ["record full: /person/birth/date is missing"]),
        ({"person": {"sex": "männlich"}}, ["record full: /person/sex: not_in_list (docs/reference/errors.md)"]),
        (
            {"appointments": {"upcoming": [{"at": "2026-03-02T09:00:00+01:00", "with": "A"}, {"wann": 1, "with": "A"}]}},
            ["record full: /appointments/upcoming/1/at is missing", "record full: /appointments/upcoming/1/wann is no field of the record"],
        ),
        ([], ["record full: : wrong_type (docs/reference/errors.md)"]),
        (GOOD, []),
    ],
)
def test_what_is_wrong_with_a_record_is_told_with_its_name_and_place(record, told):
    assert list(problems_of_records({"good": GOOD, "full": record})) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"person": {,}}', "records/full.json is not JSON: Expecting property name enclosed in double quotes, line 1, column 13"),
        (b"", "records/full.json is not JSON: Expecting value, line 1, column 1"),
        (b'{"a": "\xff"}', "records/full.json is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, told):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "bare.json").write_text("{}")
    (tmp_path / "records" / "full.json").write_bytes(content)
    with pytest.raises(pytest.fail.Exception) as failed:
        read_records(tmp_path / "records")
    assert str(failed.value) == told


def test_files_are_records_by_their_name(tmp_path):
    (tmp_path / "b.json").write_text('{"person": {}}')
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("no record")
    assert list(read_records(tmp_path).items()) == [("a", {}), ("b", {"person": {}})]


def test_a_promise_tried_with_a_wrong_record_fails_with_that_reason(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "import pytest\nfrom imgate.conformance.adapter import AdapterConformance\n\n"
        "class TestMine(AdapterConformance):\n"
        "    @pytest.fixture\n    def adapter_id(self):\n        return 'jobcenter'\n\n"
        "    @pytest.fixture\n    def records(self):\n        return {'full': {'education': {'school': {'year': 9}}}}\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "each_scope_alone", str(tmp_path)]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    assert "record full: /education/school/year is no field of the record" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert "1 error in" in ended.stdout
