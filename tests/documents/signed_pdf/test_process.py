"""The child process: it examines as the checks do, and whatever a hostile file does to it, the gateway goes on."""

import os
import resource
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from imgate.documents.signed_pdf import process
from imgate.documents.signed_pdf.material import MaterialUnusable, read_material
from imgate.documents.signed_pdf.process import NoAnswer, SignatureFilesUnusable, ask, examine_signature, problems_of
from imgate.documents.signed_pdf.rules import Revocation, SignatureRules
from tests.documents.signed_pdf.authority import AT, issue
from tests.documents.signed_pdf.lists import service, signed_list
from tests.documents.signed_pdf.papers import DIGEST


@pytest.fixture
def rules(tmp_path, authority):
    """The operator's files: root as PEM, lists as DER."""
    (tmp_path / "wurzel.pem").write_bytes(authority.root.pem)
    names = []
    for number, one in enumerate(authority.lists()):
        (tmp_path / f"{number}.crl").write_bytes(one.dump())
        names.append(tmp_path / f"{number}.crl")
    return SignatureRules(trust_roots=(tmp_path / "wurzel.pem",), crls=tuple(names))


def test_rules_arrive_at_the_child_as_they_were():
    rules = SignatureRules(trust_roots=(Path("/a"),), crls=(Path("/b"), Path("/c")), revocation=Revocation.IF_GIVEN)
    assert SignatureRules.of_json(rules.as_json()) == rules


def test_the_child_says_what_the_checks_say(signed, rules):
    found = examine_signature(signed, DIGEST, "Amina Beispiel", rules, AT)
    assert found["refused"] is None
    assert found["qualified"] is False
    assert [check["result"] for check in found["report"]["checks"]].count("passed") == 8
    assert examine_signature(signed, "0" * 64, None, rules, AT)["refused"] == "signature_declaration_differs"


def test_files_are_read_anew_at_each_examination(signed, rules, authority):
    rules.crls[1].write_bytes(authority.lists([(authority.signer, AT)])[1].dump())
    assert examine_signature(signed, DIGEST, None, rules, AT)["refused"] == "signature_revoked"
    rules.crls[1].unlink()
    with pytest.raises(SignatureFilesUnusable, match=r"signatures\.crls: file 2 \(1\.crl\) cannot be read: No such file or directory$"):
        examine_signature(signed, DIGEST, None, rules, AT)


def test_every_problem_of_the_operator_s_files_is_told_at_once(tmp_path, authority):
    publisher = issue(None, "Aufsicht", key="p256#publisher")
    (tmp_path / "keine.pem").write_bytes(b"Hallo")
    (tmp_path / "leer.crl").write_bytes(b"")
    (tmp_path / "liste.xml").write_bytes(signed_list(publisher, service(authority.issuer)))
    (tmp_path / "gut.pem").write_bytes(authority.root.pem + authority.issuer.pem)
    rules = SignatureRules(
        trust_roots=(tmp_path / "gut.pem", tmp_path / "keine.pem"),
        intermediates=(tmp_path / "fehlt.pem",),
        crls=(tmp_path / "leer.crl",),
        trusted_lists=(tmp_path / "liste.xml",),
    )
    found = problems_of(rules, AT)
    assert found == [
        ("trust_roots", 1, "(keine.pem) is no certificate in PEM or DER, or holds something else as well"),
        ("intermediates", 0, "(fehlt.pem) cannot be read: No such file or directory"),
        ("crls", 0, "(leer.crl) is no revocation list in PEM or DER, or holds something else as well"),
        ("trusted_lists", 0, "(liste.xml) cannot be believed: `trusted_list_signers` names nobody who may sign it"),
    ]
    assert not any(str(tmp_path) in sentence for _, _, sentence in found)


def test_a_folder_of_lists_is_read_file_by_file(tmp_path, authority):
    publisher = issue(None, "Aufsicht", key="p256#publisher")
    (tmp_path / "signer.pem").write_bytes(publisher.pem)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/de.xml").write_bytes(signed_list(publisher, service(authority.issuer)))
    rules = SignatureRules(trusted_lists=(tmp_path / "lists",), trusted_list_signers=(tmp_path / "signer.pem",))
    assert len(read_material(rules).lists) == 1
    (tmp_path / "lists/at.xml").write_bytes(b"<html/>")
    with pytest.raises(MaterialUnusable, match=r"signatures\.trusted_lists, file 1 \(at\.xml\) is not signed"):
        read_material(rules)
    for file in (tmp_path / "lists").iterdir():
        file.unlink()
    with pytest.raises(MaterialUnusable, match=r"signatures\.trusted_lists, file 1 \(lists\) is a folder without any \*\.xml"):
        read_material(rules)


def _pdf(objects, trailer=b""):
    """Write a PDF by hand, with a right table of contents."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def _bomb():
    press, zeros = zlib.compressobj(9), bytes(1024 * 1024)
    squeezed = zlib.compress(b"".join(press.compress(zeros) for _ in range(512)) + press.flush(), 9)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream"
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>"
    return _pdf([catalog, b"<< /Type /Pages /Kids 3 0 R /Count 1 >>", stream % (len(squeezed), squeezed)])


def _deep():
    return _pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"[" * 5_000_000 + b"]" * 5_000_000])


def _loop():
    content = b"%PDF-1.7\n"
    for _ in range(2):
        content += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 1 0 R /Prev 9 >>\n"
    return content + b"startxref\n9\n%%EOF\n"


def _circle_of_pages():
    return _pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"])


def _circle_of_fields():
    fields = b"<< /T (a) /Kids [3 0 R] >>"
    return _pdf([b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R] >> >>", b"<< /Type /Pages /Kids [] /Count 0 >>", fields])


@pytest.mark.parametrize("make", [_bomb, _deep, _loop, _circle_of_pages, _circle_of_fields])
def test_a_hostile_file_is_refused_within_the_limits(rules, make):
    content = make()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    try:
        refused = examine_signature(content, DIGEST, None, rules, AT)["refused"]
    except NoAnswer:
        refused = "evidence_unreadable"
    assert refused in {"evidence_unreadable", "signature_missing"}
    assert time.monotonic() - begun < process._SECONDS + 5
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) * 1024
    assert grown < 64 * 1024 * 1024


def test_a_child_that_takes_too_long_is_ended(signed):
    with pytest.raises(NoAnswer, match="too long"):
        ask({"question": "pages"}, signed, seconds=0.01)


def test_an_unknown_question_is_no_answer():
    with pytest.raises(NoAnswer, match="ValueError"):
        ask({"question": "everything"}, b"")


def test_the_child_has_limits_and_none_of_the_gateway_s_secrets(monkeypatch):
    """Asked of a child that is started in the same way, with another module."""
    monkeypatch.setenv("IMGATE_DATABASE__URL", "postgresql://secret")
    started = []
    real = subprocess.Popen

    def popen(command, **named):
        started.append((command, named))
        return real(command, **named)

    monkeypatch.setattr(process.subprocess, "Popen", popen)
    with pytest.raises(NoAnswer):
        ask({"question": "pages", "signer": "Amina Beispiel"}, b"x")
    (command, named) = started[0]
    assert not any(name.startswith("IMGATE") for name in named["env"])
    assert "Amina" not in " ".join(command)
    assert named["stderr"] == subprocess.DEVNULL
    code = (
        "import resource, imgate.documents.signed_pdf.__main__ as child; child._limit();"
        "print(*(resource.getrlimit(limit)[0] for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))"
    )
    limits = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert limits == [str(1024**3), "20", "0"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to tell a living child from a dead one")
def test_the_child_ends_when_its_parent_is_gone():
    """The parent is killed while the child waits for more of the file."""
    script = (
        "import os, subprocess, sys, time\n"
        "theirs, ours = os.pipe()\n"
        "child = subprocess.Popen([sys.executable, '-m', 'imgate.documents.signed_pdf', str(theirs)],"
        " stdin=subprocess.PIPE, pass_fds=(theirs,))\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not _alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the child lives on")


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"


def test_a_signature_is_examined_in_the_child_and_not_here():
    code = (
        "import sys, imgate.documents.examiner, imgate.documents.signed_pdf.process;"
        "sys.exit(any(name.split('.')[0] in ('pyhanko', 'asn1crypto', 'signxml') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
