"""`imgate declaration annex`, `copy` and `consent-record`: what is handed out, as files of one's own."""

import base64
import json
import stat
import subprocess
import sys

import pytest

from imgate.bootstrap import open_gateway
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange import links
from imgate.exchange.answers import Call
from imgate.exchange.declarations import register, signing
from imgate.exchange.requests import LinkRequest, SignatureRequest
from imgate.http import examples
from imgate.settings import load_settings

CLIENT, PARTNER = "K-2026-0815", "jobkraftwerk"
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "notes": {"counselling": [{"on": "2026-01-10", "text": "GEHEIM"}]}}
SCAN = {"kind": "paper_scan", "media_type": "image/png", "content": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()}


@pytest.fixture
def declared(imgate):
    """One signed declaration and a link; gives the declaration's id."""
    imgate.configure()
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        call = Call("case", "/test")
        asked = examples.DECLARATION | {"client": CLIENT, "partner": PARTNER, "scopes": ["language.level"]}
        made = json.loads(register.create(gateway.corridor, call, DeclarationRequest.model_validate(asked)).body)["id"]
        signing.sign(gateway.corridor, call, made, SignatureRequest.model_validate(examples.SIGNATURE | {"evidence": SCAN}))
        links.put(gateway.corridor, call, CLIENT, PARTNER, LinkRequest(reference="JK-4711"))
    (imgate.folder / "record.json").write_text(json.dumps(RECORD), encoding="utf-8")
    return made


def annex(imgate, declaration, *more, record="record.json", purpose="labour_market_integration"):
    return imgate("declaration", "annex", declaration, "--record", record, "--purpose", purpose, "--output", "annex.pdf", *more)


def test_the_annex_is_written_for_nobody_else_to_read(imgate, declared):
    done = annex(imgate, declared, "--lang", "fa-AF")
    file = imgate.folder / "annex.pdf"
    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_copy_is_written(imgate, declared):
    done = imgate("declaration", "copy", declared, "--output", "copy.pdf")
    assert (done.returncode, done.stdout) == (0, "")
    assert (imgate.folder / "copy.pdf").read_bytes().startswith(b"%PDF-")


def test_the_consent_record_is_the_result(imgate, declared):
    done = imgate("declaration", "consent-record", declared)
    assert json.loads(done.stdout)["@id"] == f"urn:uuid:{declared}"


def test_a_file_that_is_there_is_not_overwritten(imgate, declared):
    (imgate.folder / "copy.pdf").write_bytes(b"mine")
    done = imgate("declaration", "copy", declared, "--output", "copy.pdf")
    assert (done.returncode, (imgate.folder / "copy.pdf").read_bytes()) == (1, b"mine")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"purpose": "fun"}, "There is no such purpose."),
        ({"record": "nowhere.json"}, "nowhere.json cannot be read"),
    ],
)
def test_a_refusal_is_one_sentence_and_leaves_no_file(imgate, declared, more, said):
    done = annex(imgate, declared, **more)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert not (imgate.folder / "annex.pdf").exists()


def test_an_unknown_declaration_and_an_unknown_language_are_refused(imgate, declared):
    assert "no such declaration" in imgate("declaration", "consent-record", "00000000-0000-4000-8000-000000000000").stderr
    done = annex(imgate, declared, "--lang", "tlh")
    assert (done.returncode, "these languages: de, en" in done.stderr) == (1, True)


def test_what_is_wrong_with_a_record_is_named_without_a_value(imgate, declared):
    (imgate.folder / "record.json").write_text(json.dumps({"language": {"level": {"cefr": "GEHEIM", "evidence": "dtz"}}}), encoding="utf-8")
    done = annex(imgate, declared)
    assert done.returncode == 1
    assert "/record/language/level/cefr" in done.stderr
    assert "GEHEIM" not in done.stderr
    (imgate.folder / "record.json").write_text('{"language": GEHEIM}', encoding="utf-8")
    assert "GEHEIM" not in annex(imgate, declared).stderr


@pytest.mark.parametrize("origin", ["language.level", "language.level="])
def test_an_origin_that_is_not_named_is_a_usage_error(imgate, declared, origin):
    assert annex(imgate, declared, "--provenance", origin).returncode == 2


def test_an_origin_can_be_named(imgate, declared):
    assert annex(imgate, declared, "--provenance", "language.level=self").returncode == 0


def test_the_annex_can_go_into_a_pipe(imgate, declared):
    arguments = ("annex", declared, "--record", "record.json", "--purpose", "labour_market_integration", "--output", "-")
    call = [sys.executable, "-m", "imgate", "declaration", *arguments]
    done = subprocess.run(call, cwd=imgate.folder, env=imgate.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"%PDF-")
