"""What the page on updates shows is what the gateway reads and answers."""

import json
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from imgate.bootstrap.partners import load_registry, partners_of
from imgate.exchange.requests import UpdateRequest
from imgate.http.codes import CODES
from imgate.http.hint_shapes import CircleChanged, RecordHint
from imgate.http.shapes import UpdateTaken
from imgate.settings import load_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "updates.md").read_text(encoding="utf-8")


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_request_and_the_answer_are_of_their_shapes():
    request, answer, *_ = _blocks("json")
    UpdateRequest.model_validate_json(request)
    TypeAdapter(UpdateTaken).validate_json(answer)


def test_the_hints_are_of_their_shapes():
    hints = [json.loads(block) for block in _blocks("json")[2:]]
    assert [hint["code"] for hint in hints] == ["runs_out", "code_runs_out", "employer_already_declined", "legal_circle_changed"]
    TypeAdapter(list[RecordHint | CircleChanged]).validate_python(hints)


def test_the_lines_of_an_answer_name_codes_that_exist():
    lines = [json.loads(line) for line in _blocks("ndjson")[0].splitlines()]
    assert [line["line"] for line in lines] == [1, 2, 3]
    problem = lines[2]["problem"]
    code = CODES[problem["code"]]
    assert problem == {"type": code.type, "title": code.title, "status": code.status, "code": code.name}


def test_the_configuration_is_one_that_can_be_started(tmp_path):
    (partner,) = _blocks("toml")
    (tmp_path / "imgate.toml").write_text(f'[gateway]\nid = "im"\nname = "Integrationsmanagement"\n{partner}', encoding="utf-8")
    settings = load_settings(tmp_path / "imgate.toml")
    partners, faults = partners_of(settings, load_registry(settings))
    assert faults == ()
    assert str(partners["jobcenter-rems-murr"].digest) == "monday 06:00"


@pytest.mark.parametrize("line", (ROOT / "samples" / "updates.ndjson").read_bytes().splitlines())
def test_every_line_of_the_sample_file_is_a_request(line):
    assert UpdateRequest.model_validate_json(line).record
