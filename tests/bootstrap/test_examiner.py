"""What is wrong with the files of ``[signatures]`` concerns signed PDFs and nothing else, and the operator is told which file it is."""

import base64
import json

import pytest
import rfc8785
from structlog.testing import capture_logs

from imgate.bootstrap.checks import problems_of
from imgate.bootstrap.examiner import examiner_of, warn_of_signature_files
from imgate.bootstrap.gateway import open_gateway
from imgate.consent.declaration import DeclarationRequest
from imgate.documents.examiner import DocumentExaminer
from imgate.documents.signed_pdf import process
from imgate.exchange.answers import Call
from imgate.exchange.declarations import recheck, register, signing
from imgate.exchange.ports.documents import Statement
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import SignatureRequest
from imgate.http import examples
from imgate.settings import ConfigurationInvalid, load_settings
from imgate.vocabulary.words import EvidenceKind, SignerRole
from tests.documents.signed_pdf.authority import AT, TestAuthority
from tests.documents.signed_pdf.papers import form, sign

HEAD = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n\n'
ABOUT = Statement("00000000-0000-4000-8000-000000000001", "0" * 64, SignerRole.CLIENT, None)


@pytest.fixture
def settings(tmp_path):
    def loaded(section):
        file = tmp_path / "imgate.toml"
        file.write_text(HEAD + section, encoding="utf-8")
        return load_settings(file)

    return loaded


AWAY = '[signatures]\ntrust_roots = ["fehlt.pem"]\n'
SENTENCE = "file 1 (fehlt.pem) cannot be read: No such file or directory"


def test_opening_the_gateway_does_not_look_at_the_files(settings, monkeypatch):
    monkeypatch.setattr(process.subprocess, "Popen", None)
    with open_gateway(settings(AWAY), make_keys=True) as gateway:
        found = gateway.corridor.examiner.examine(EvidenceKind.ORAL_RECORD, "text/plain", b"Ja", ABOUT, AT)
    assert found.refused is None


def test_a_file_that_is_not_there_is_told_by_the_check_and_at_the_start(settings):
    configured = settings(AWAY)
    assert f"line 6: `signatures.trust_roots`: {SENTENCE}" in [str(problem) for problem in problems_of(configured)]
    with capture_logs() as lines:
        warn_of_signature_files(configured)
    assert lines == [{"event": "signature_files_unusable", "log_level": "warning", "setting": "signatures.trust_roots", "reason": SENTENCE}]


def test_while_a_file_is_away_nobody_is_refused_for_it_and_the_operator_is_told_which(settings, tmp_path):
    examiner, faults = examiner_of(settings(AWAY))
    assert faults == []
    with capture_logs() as lines, pytest.raises(Refused) as raised:
        examiner.examine(EvidenceKind.PADES, "application/pdf", b"%PDF-1.7 nothing", ABOUT, AT)
    assert (raised.value.status, raised.value.code, raised.value.problems) == (503, "evidence_examiner_unavailable", ())
    assert str(raised.value) == f"signatures.trust_roots: {SENTENCE}"
    assert lines == [{"event": "evidence_examiner_unavailable", "log_level": "error", "reason": f"signatures.trust_roots: {SENTENCE}"}]
    (tmp_path / "fehlt.pem").write_bytes(TestAuthority().root.pem)
    assert examiner.examine(EvidenceKind.PADES, "application/pdf", b"%PDF-1.7 nothing", ABOUT, AT).refused == "evidence_unreadable"


def test_a_command_without_a_log_prints_nothing_of_it(settings, capsys, monkeypatch):
    monkeypatch.setattr("structlog.is_configured", lambda: False)
    examiner, _ = examiner_of(settings(AWAY))
    with pytest.raises(Refused):
        examiner.examine(EvidenceKind.PADES, "application/pdf", b"%PDF-1.7 nothing", ABOUT, AT)
    assert capsys.readouterr() == ("", "")


def test_without_the_extra_signatures_cannot_be_configured(settings, monkeypatch):
    monkeypatch.setattr("imgate.bootstrap.examiner.is_installed", lambda: False)
    configured = settings('[signatures]\ntrust_roots = ["fehlt.pem"]\n')
    with pytest.raises(ConfigurationInvalid, match=r"install imgate\[forms\]"):
        open_gateway(configured, make_keys=True)


def test_with_a_root_signed_documents_are_examined(settings, tmp_path):
    (tmp_path / "wurzel.pem").write_bytes(TestAuthority().root.pem)
    with open_gateway(settings('[signatures]\ntrust_roots = ["wurzel.pem"]\n'), make_keys=True) as gateway:
        found = gateway.corridor.examiner.examine(EvidenceKind.PADES, "application/pdf", b"%PDF-1.7 nothing", ABOUT, AT)
    assert found.refused == "evidence_unreadable"


def test_without_the_section_they_are_refused_as_before(settings):
    with open_gateway(settings(""), make_keys=True) as gateway:
        found = gateway.corridor.examiner.examine(EvidenceKind.PADES, "application/pdf", b"%PDF-1.7 nothing", ABOUT, AT)
    assert found.refused == "evidence_kind_unsupported"
    assert DocumentExaminer().pages_max == 50


def test_while_a_file_is_away_nothing_is_stored_and_the_same_request_counts_afterwards(configure, tmp_path):
    authority, root = TestAuthority(), tmp_path / "root.pem"
    configured = configure('\n[signatures]\ntrust_roots = ["root.pem"]\nrevocation = "if_given"\n')
    with open_gateway(configured, make_keys=True, clock=lambda: AT) as gateway:
        asked = examples.DECLARATION | {"scopes": ["language.level"], "valid_from": "2026-06-01", "valid_until": "2026-12-31"}
        made = json.loads(register.create(gateway.corridor, Call("case", "/test"), DeclarationRequest.model_validate(asked)).body)["id"]
        content = register.show(gateway.corridor, made)["content"]
        paper = sign(form([("declaration.json", rfc8785.dumps(content))]), authority.signer, authority.issuer)
        evidence = {"kind": "pades", "media_type": "application/pdf", "content": base64.b64encode(paper).decode()}
        request = SignatureRequest.model_validate(examples.SIGNATURE | {"signed_on": "2026-06-01", "evidence": evidence})
        call = Call("case", "/sign", "key", b"{}")
        with pytest.raises(Refused, match=r"root\.pem"):
            signing.sign(gateway.corridor, call, made, request)
        assert register.show(gateway.corridor, made)["evidence"] == []
        root.write_bytes(authority.root.pem)
        assert signing.sign(gateway.corridor, call, made, request).status == 201
        root.unlink()
        with pytest.raises(Refused, match=r"^signatures\.trust_roots: file 1 \(root\.pem\) cannot be read"):
            recheck.recheck(gateway.corridor, "operator", made)
