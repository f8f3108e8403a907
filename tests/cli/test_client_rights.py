"""`imgate client disclosures`, `export` and `correct`: files of one's own, and one sentence where there is nobody."""

import asyncio
import base64
import hashlib
import io
import json
import stat
import zipfile
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest

from imgate.bootstrap import open_gateway
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange import boxes, links, outbound
from imgate.exchange.answers import Call
from imgate.exchange.declarations import register, signing
from imgate.exchange.requests import ExchangeRequest, LinkRequest, RevocationRequest, SignatureRequest
from imgate.exchange.stored import Cursor
from imgate.http import examples
from imgate.settings import load_settings
from imgate.storage.audit_pages import audit_page

CLIENT, PARTNER, REFERENCE = "K-2026-0815", "jobkraftwerk", "JK-4711"
PLACE = "Landratsamt, Stabsstelle Integration (jobkraftwerk), labour_market_integration: language.level"
SCAN = {"kind": "paper_scan", "media_type": "image/png", "content": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()}
WRONG = {"language": {"level": {"cefr": "A2", "evidence": "dtz"}}}
RIGHT = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
NOBODY = "Nobody is known by this reference.\n"


def opened(imgate, **more):
    return open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True, **more)


@pytest.fixture
def known(imgate):
    """A client of whom one partner was handed something; gives the declaration's id."""
    imgate.configure()
    today = datetime.now(UTC).date()
    term = {"valid_from": str(today - timedelta(days=30)), "valid_until": str(today + timedelta(days=300))}
    with opened(imgate) as gateway:
        corridor, call = gateway.corridor, Call("case", "/test")
        asked = examples.DECLARATION | {"client": CLIENT, "partner": PARTNER, "scopes": ["language.level"]} | term
        made = json.loads(register.create(corridor, call, DeclarationRequest.model_validate(asked)).body)["id"]
        signing.sign(corridor, call, made, SignatureRequest.model_validate(examples.SIGNATURE | {"evidence": SCAN}))
        links.put(corridor, call, CLIENT, PARTNER, LinkRequest(reference=REFERENCE))
        handed = {"client": CLIENT, "partner": PARTNER, "purpose": asked["purposes"][0], "record": WRONG}
        exchange = json.loads(asyncio.run(outbound.send(corridor, call, ExchangeRequest.model_validate(handed))).body)["id"]
        boxes.outbox(corridor, call, PARTNER, Cursor())
        boxes.outbox_ack(corridor, call, PARTNER, exchange)
    (imgate.folder / "record.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    return made


def text_of(file):
    with pypdfium2.PdfDocument(file.read_bytes()) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


# ---- disclosures ----


def test_disclosures_are_a_table_or_json(imgate, known):
    shown = imgate("client", "disclosures", CLIENT)
    assert shown.returncode == 0
    assert "jobkraftwerk" in shown.stdout
    assert "language.level" in shown.stdout
    found = json.loads(imgate("client", "disclosures", CLIENT, "--json").stdout)
    assert [(row["partner"], row["scopes"], row["declarations"]) for row in found["disclosures"]] == [
        (PARTNER, ["language.level"], [known])
    ]


def test_the_paper_is_for_nobody_else_to_read_and_in_the_language_that_is_asked_for(imgate, known):
    done = imgate("client", "disclosures", CLIENT, "--language", "tr", "--output", "auskunft.pdf")
    file = imgate.folder / "auskunft.pdf"
    assert (done.returncode, done.stdout) == (0, "")
    assert "Hakkımda bilgi: neler aktarıldı" in text_of(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_paper_that_is_there_is_not_overwritten(imgate, known):
    (imgate.folder / "auskunft.pdf").write_bytes(b"mine")
    assert imgate("client", "disclosures", CLIENT, "--output", "auskunft.pdf").returncode == 1
    assert (imgate.folder / "auskunft.pdf").read_bytes() == b"mine"


def test_a_language_that_there_is_not_is_one_sentence_and_no_file(imgate, known):
    done = imgate("client", "disclosures", CLIENT, "--language", "tlh", "--output", "auskunft.pdf")
    assert (done.returncode, "these languages: de, en" in done.stderr) == (1, True)
    assert not (imgate.folder / "auskunft.pdf").exists()


@pytest.mark.parametrize("arguments", [("--json", "--output", "a.pdf"), ("--language", "ar")])
def test_what_does_not_go_together_is_a_usage_error(imgate, known, arguments):
    assert imgate("client", "disclosures", CLIENT, *arguments).returncode == 2


# ---- export ----


def test_an_export_is_a_folder_for_nobody_else_to_read(imgate, known):
    done = imgate("client", "export", CLIENT, "mitnehmen")
    folder = imgate.folder / "mitnehmen"
    assert (done.returncode, done.stdout) == (0, "")
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for file in index["files"]:
        assert hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"]
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) == len(index["files"]) + 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_export_is_a_zip_file_for_nobody_else_to_read(imgate, known):
    assert imgate("client", "export", CLIENT, "--output", "mitnehmen.zip").returncode == 0
    file = imgate.folder / "mitnehmen.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        assert archive.testzip() is None
        assert {"index.json", "links.json", "declarations.json"} < set(archive.namelist())
        assert json.loads(archive.read("links.json"))["items"][0]["reference"] == REFERENCE


@pytest.mark.parametrize("arguments", [("there",), ("--output", "there")])
def test_what_is_there_is_not_overwritten_and_nothing_is_put_on_record(imgate, known, arguments):
    (imgate.folder / "there").write_bytes(b"mine")
    before = newest(imgate)
    done = imgate("client", "export", CLIENT, *arguments)
    assert (done.returncode, (imgate.folder / "there").read_bytes(), newest(imgate)) == (1, b"mine", before)


@pytest.mark.parametrize("arguments", [("new",), ("--output", "new")])
def test_an_export_that_breaks_off_leaves_nothing_behind(imgate, known, arguments, monkeypatch):
    def broken(*_):
        yield from ()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("imgate.exchange.rights.export.export_client", broken)
    before = sorted(imgate.folder.iterdir())
    done = imgate("client", "export", CLIENT, *arguments)
    assert (done.returncode, "No space left on device" in done.stderr) == (1, True)
    assert sorted(imgate.folder.iterdir()) == before


@pytest.mark.parametrize("arguments", [(), ("folder", "--output", "file.zip")])
def test_an_export_goes_to_one_place(imgate, known, arguments):
    assert imgate("client", "export", CLIENT, *arguments).returncode == 2


def newest(imgate):
    with opened(imgate) as gateway:
        return audit_page(gateway.store, limit=1).entries[0].id


# ---- correct ----


def test_a_correction_is_passed_on_once(imgate, known):
    told = json.loads(imgate("client", "correct", CLIENT, "record.json", "--json").stdout)
    assert [(one["partner"], one["scopes"]) for one in told["passed_on"]] == [(PARTNER, ["language.level"])]
    again = imgate("client", "correct", CLIENT, "record.json")
    assert again.stdout == f"passed on before: {PLACE}\n"


def test_a_dry_run_says_what_would_be_done(imgate, known):
    done = imgate("client", "correct", CLIENT, "record.json", "--dry-run")
    assert done.stdout.startswith("would be passed on: Landratsamt")
    assert json.loads(imgate("client", "disclosures", CLIENT, "--json").stdout)["kept"][4]["count"] == 0


def test_whom_the_office_must_tell_stands_out(imgate, known):
    with opened(imgate) as gateway:
        register.revoke(gateway.corridor, Call("case", "/test"), known, RevocationRequest())
    done = imgate("client", "correct", CLIENT, "record.json")
    assert done.returncode == 0
    assert done.stdout.startswith(f"TELL OTHERWISE: {PLACE} (revoked")


def test_where_nobody_holds_it_that_is_said(imgate, known):
    (imgate.folder / "record.json").write_text(json.dumps({"housing": {"situation": {"kind": "own_flat"}}}), encoding="utf-8")
    assert imgate("client", "correct", CLIENT, "record.json").stdout == "Nobody was handed any of it, and it came from no partner.\n"


@pytest.mark.parametrize(
    ("content", "said"), [('{"language": {"level": {"cefr": "GEHEIM"}}}', "/record/language/level"), ("GEHEIM", "cannot be read as JSON")]
)
def test_what_is_wrong_with_a_record_is_named_without_a_value(imgate, known, content, said):
    (imgate.folder / "record.json").write_text(content, encoding="utf-8")
    done = imgate("client", "correct", CLIENT, "record.json")
    assert (done.returncode, said in done.stderr, "GEHEIM" in done.stderr) == (1, True, False)


# ---- Somebody unknown, and somebody erased ----


@pytest.mark.parametrize("erased", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        ("disclosures",),
        ("disclosures", "--json"),
        ("disclosures", "--output", "x"),
        ("export", "x"),
        ("export", "--output", "x"),
        ("correct", "record.json"),
    ],
    ids=" ".join,
)
def test_an_unknown_and_an_erased_client_get_the_same_sentence_and_no_file(imgate, known, arguments, erased):
    client = CLIENT if erased else "K-nobody"
    if erased:
        assert imgate("client", "erase", CLIENT, "--yes").returncode == 0
    done = imgate("client", arguments[0], client, *arguments[1:])
    assert (done.returncode, done.stdout, done.stderr) == (1, "", NOBODY)
    assert not [path.name for path in imgate.folder.iterdir() if path.name == "x" or path.name.startswith(".imgate")]
