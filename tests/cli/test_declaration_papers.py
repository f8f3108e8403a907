"""`imgate declaration form` and `blank`: what a client signs, as a file of one's own."""

import json
import stat
import subprocess
import sys

import pytest

from imgate.bootstrap import open_gateway
from imgate.cli import new_file
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange.answers import Call
from imgate.exchange.declarations import register
from imgate.http import examples
from imgate.settings import load_settings


@pytest.fixture
def declared(imgate):
    """One declaration that nobody has signed; gives its id."""
    imgate.configure()
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        asked = examples.DECLARATION | {"partner": "jobkraftwerk", "scopes": ["language.level"]}
        made = register.create(gateway.corridor, Call("case", "/test"), DeclarationRequest.model_validate(asked))
    return json.loads(made.body)["id"]


def test_the_form_is_written_for_nobody_else_to_read(imgate, declared):
    done = imgate("declaration", "form", declared, "--lang", "ar-SY", "--output", "form.pdf")
    file = imgate.folder / "form.pdf"
    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_blank_form_of_a_partner_is_written(imgate, declared):
    done = imgate("declaration", "blank", "jobkraftwerk", "--output", "blank.pdf")
    assert (done.returncode, done.stdout) == (0, "")
    assert (imgate.folder / "blank.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("form", "00000000-0000-4000-8000-000000000000"), "There is no such declaration"),
        (("blank", "nobody"), "no such declaration or partner"),
        (("blank", "jobkraftwerk", "--lang", "ku"), "de, en, fr, ar, prs, fa, uk, ru, tr, ti, so, ps"),
    ],
)
def test_what_cannot_be_written_is_one_sentence_and_leaves_no_file(imgate, declared, arguments, sentence):
    done = imgate("declaration", *arguments, "--output", "a.pdf")
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert not (imgate.folder / "a.pdf").exists()


def test_a_file_that_is_there_is_not_overwritten(imgate, declared):
    (imgate.folder / "form.pdf").write_bytes(b"mine")
    done = imgate("declaration", "form", declared, "--output", "form.pdf")
    assert done.returncode == 1
    assert (imgate.folder / "form.pdf").read_bytes() == b"mine"


def test_neither_is_what_a_link_points_to(imgate, declared):
    (imgate.folder / "form.pdf").symlink_to(imgate.folder / "elsewhere.pdf")
    done = imgate("declaration", "form", declared, "--output", "form.pdf")
    assert (done.returncode, (imgate.folder / "elsewhere.pdf").exists()) == (1, False)


def test_a_file_in_a_folder_that_is_not_there_is_one_sentence(imgate, declared):
    done = imgate("declaration", "form", declared, "--output", "nowhere/form.pdf")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nowhere/form.pdf cannot be written" in done.stderr


@pytest.mark.parametrize("paper", ["form", "copy"])
def test_a_paper_can_go_into_a_pipe(imgate, declared, paper):
    call = [sys.executable, "-m", "imgate", "declaration", paper, declared, "--output", "-"]
    done = subprocess.run(call, cwd=imgate.folder, env=imgate.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"%PDF-")
    assert not (imgate.folder / "-").exists()


@pytest.mark.parametrize("paper", ["form", "copy"])
def test_no_paper_is_written_to_a_terminal(imgate, declared, paper, monkeypatch):
    monkeypatch.setattr(new_file, "_is_terminal", lambda: True)
    done = imgate("declaration", paper, declared, "--output", "-")
    assert (done.returncode, done.stdout) == (1, "")
    assert "not for a terminal" in done.stderr
