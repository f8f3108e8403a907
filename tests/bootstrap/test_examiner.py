"""Whoever configures trust in signers is told at the start what is wrong with the files, with the line."""

import pytest

from imgate.bootstrap.checks import problems_of
from imgate.bootstrap.gateway import open_gateway
from imgate.documents.examiner import DocumentExaminer
from imgate.exchange.ports.documents import Statement
from imgate.settings import ConfigurationInvalid, load_settings
from imgate.vocabulary.words import EvidenceKind, SignerRole
from tests.documents.signed_pdf.authority import AT, TestAuthority

HEAD = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n\n'
ABOUT = Statement("00000000-0000-4000-8000-000000000001", "0" * 64, SignerRole.CLIENT, None)


@pytest.fixture
def settings(tmp_path):
    def loaded(section):
        file = tmp_path / "imgate.toml"
        file.write_text(HEAD + section, encoding="utf-8")
        return load_settings(file)

    return loaded


def test_a_file_that_is_not_there_keeps_the_gateway_from_starting(settings):
    configured = settings('[signatures]\ntrust_roots = ["fehlt.pem"]\n')
    with pytest.raises(ConfigurationInvalid, match=r"line 6: `signatures\.trust_roots`: file 1 cannot be read"):
        open_gateway(configured, make_keys=True)
    assert any("file 1 cannot be read" in str(problem) for problem in problems_of(configured))


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
