"""The verifier runs alone: it imports the standard library and `cryptography` only, and says by itself what is wrong with an export."""

import ast
import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imgate.audit import verify
from imgate.audit.verify import Flaw
from tests.audit.written import KEY, LOG, WITNESS, Signer, checkpoint_line, checkpoint_of, head_line, line_of, note_of, written

FILE = Path(verify.__file__)


def test_it_imports_the_standard_library_and_cryptography_only():
    imported = set()
    for node in ast.walk(ast.parse(FILE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module.partition(".")[0])
    assert imported - sys.stdlib_module_names == {"cryptography"}


@pytest.fixture
def folder(tmp_path):
    """An export of five entries, and a checkpoint over all of them that a witness has seen."""
    entries = [written(KEY, place) for place in range(5)]
    text = checkpoint_of([entry.leaf for entry in entries]).text
    note = note_of(text, LOG.line(text), WITNESS.line(text, 1679315147))
    lines = [line_of(place, entry) for place, entry in enumerate(entries)]
    (tmp_path / "export.jsonl").write_bytes(b"".join([head_line(), *lines, checkpoint_line(note)]))
    (tmp_path / "kept").write_bytes(note)
    return tmp_path


def said(folder, capsys, *more, key=LOG):
    status = verify.main([str(folder / "export.jsonl"), "--key", str(key.public), *map(str, more)])
    shown = capsys.readouterr()
    return status, shown.out + shown.err


def test_it_runs_as_a_file_of_its_own_far_from_imgate(folder):
    alone = shutil.copy(FILE, folder / "verify.py")
    command = [sys.executable, "-I", alone, "export.jsonl", "--key", str(LOG.public), "--checkpoint", "kept"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"sound": True, "entries": 5, "proven": 5, "findings": [], "caveat": None}
    assert "main" in runpy.run_path(alone)


def test_it_says_that_an_export_is_sound(folder, capsys):
    status, text = said(folder, capsys, "--checkpoint", folder / "kept", "--witness", WITNESS.public)
    assert (status, json.loads(text)["proven"]) == (0, 5)


def test_it_says_which_entry_is_wrong(folder, capsys):
    export = folder / "export.jsonl"
    export.write_bytes(export.read_bytes().replace(b'"jobcenter"', b'"jobcentre"', 1))
    status, text = said(folder, capsys)
    assert status == 1
    assert json.loads(text)["findings"] == [
        {"flaw": Flaw.ENTRY_WRONG, "place": 0, "line": 2},
        {"flaw": Flaw.CHECKPOINT_MISMATCH, "size": 5},
    ]


def test_it_counts_the_head_of_an_export_as_its_first_line(folder, capsys):
    export = folder / "export.jsonl"
    export.write_bytes(export.read_bytes() + b"{}\n")
    assert json.loads(said(folder, capsys)[1])["findings"] == [{"flaw": Flaw.LINE_WRONG, "line": 8}]


def test_what_cannot_be_verified_is_neither_sound_nor_wrong(folder, capsys):
    another = Signer("witness.example/w2", WITNESS.kind, b"v" * 32)
    assert said(folder, capsys, key=Signer(secret=b"x" * 32)) == (2, "not an export of this log\n")
    assert said(folder, capsys, "--checkpoint", folder / "kept", "--witness", another.public) == (2, "not signed by witness.example/w2\n")
    assert said(folder, capsys, "--checkpoint", folder / "export.jsonl") == (2, "not a signed note\n")
    assert said(folder, capsys, "--checkpoint", folder / "nothing")[0] == 2
    assert said(folder, capsys, "--checkpoint", folder / "kept", "--witness", "x")[0] == 2
