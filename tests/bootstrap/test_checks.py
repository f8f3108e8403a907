"""What an operator is told by `imgate check`: what is wrong, and what they may want to know although nothing is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap.checks import notices_of, problems_of
from tests.documents.signed_pdf.authority import DAY, YEAR, TestAuthority, issue, list_of_revoked
from tests.documents.signed_pdf.lists import service, signed_list

NOW = datetime.now(UTC)


def of_papers(settings):
    return [notice for notice in notices_of(settings) if "[papers]" in notice]


def of_signatures(settings):
    return [sentence for problem in problems_of(settings) if "`signatures" in (sentence := str(problem).partition(": ")[2])]


@pytest.fixture(scope="module")
def authority():
    return TestAuthority()


@pytest.fixture
def root(tmp_path, authority):
    (tmp_path / "root.pem").write_bytes(authority.root.pem)
    return 'trust_roots = ["root.pem"]\n'


def test_an_office_that_forms_do_not_name_is_told(configure):
    assert of_papers(configure()) == ["[papers] office is not set: forms and copies do not say where a client can revoke."]
    assert len(of_papers(configure('\n[papers]\ndata_protection_officer = "Dr. D. Schutz"\n'))) == 1
    assert of_papers(configure('\n[papers]\noffice = ["Marktplatz 1, 71364 Winnenden"]\n')) == []


def test_a_revocation_list_that_ran_out_is_a_problem_unless_a_newer_one_is_there(configure, tmp_path, authority, root):
    def crl(name, made_at, next_at):
        (tmp_path / name).write_bytes(list_of_revoked(authority.root, made_at=made_at, next_at=next_at).dump())

    crl("old.crl", NOW - 9 * DAY, NOW - 2 * DAY)
    crl("new.crl", NOW - DAY, NOW + DAY)
    ran_out = (NOW - 2 * DAY).date().isoformat()
    assert of_signatures(configure(f'\n[signatures]\n{root}crls = ["old.crl"]\n')) == [
        f"`signatures.crls`: file 1 (old.crl) holds a revocation list that ran out on {ran_out}: fetch a newer one"
    ]
    assert of_signatures(configure(f'\n[signatures]\n{root}crls = ["new.crl", "old.crl"]\n')) == []
    (tmp_path / "other.crl").write_bytes(list_of_revoked(authority.issuer, made_at=NOW - DAY, next_at=NOW + DAY).dump())
    assert len(of_signatures(configure(f'\n[signatures]\n{root}crls = ["other.crl", "old.crl"]\n'))) == 1


@pytest.mark.parametrize("setting", ["trust_roots", "time_stamp_roots", "intermediates"])
def test_a_certificate_of_nobody_s_authority_is_a_problem(configure, tmp_path, authority, root, setting):
    (tmp_path / "leaf.pem").write_bytes(authority.root.pem + authority.signer.pem)
    others = "" if setting == "trust_roots" else root
    assert of_signatures(configure(f'\n[signatures]\n{others}{setting} = ["leaf.pem"]\n')) == [
        f"`signatures.{setting}`: file 1 (leaf.pem) holds a certificate that is no authority's: name the authority that issued it"
    ]


def test_a_key_in_place_of_a_certificate_is_named_and_not_quoted(configure, tmp_path):
    (tmp_path / "leaf.key").write_bytes(b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n")
    assert of_signatures(configure('\n[signatures]\ntrust_roots = ["leaf.key"]\n')) == [
        "`signatures.trust_roots`: file 1 (leaf.key) is no certificate in PEM or DER, or holds something else as well"
    ]


def test_a_folder_without_trusted_lists_is_a_problem(configure, tmp_path):
    (tmp_path / "lists").mkdir()
    assert of_signatures(configure('\n[signatures]\ntrusted_lists = ["lists"]\n')) == [
        "`signatures.trusted_lists`: file 1 (lists) is a folder without any *.xml"
    ]


def test_a_trusted_list_past_its_time_is_a_problem(configure, tmp_path, authority):
    publisher = issue(None, "Aufsicht", key="p256#publisher", valid_until=NOW + YEAR)
    (tmp_path / "signer.pem").write_bytes(publisher.pem)
    section = '\n[signatures]\ntrusted_lists = ["de.xml"]\ntrusted_list_signers = ["signer.pem"]\n'
    for next_at, told in ((NOW + DAY, 0), (NOW - timedelta(hours=1), 1)):
        (tmp_path / "de.xml").write_bytes(signed_list(publisher, service(authority.issuer), issued_at=NOW - 9 * DAY, next_at=next_at))
        found = of_signatures(configure(section))
        assert len(found) == told
    assert found[0].startswith("`signatures.trusted_lists`: file 1 (de.xml) is in force from ")


def test_files_without_anybody_to_trust_are_told(configure):
    def of(section):
        return [notice for notice in notices_of(configure(section)) if "[signatures]" in notice]

    (notice,) = of('\n[signatures]\ncrls = ["root.crl"]\n')
    assert notice.endswith("without trust_roots or trusted_lists, signed PDFs are not accepted.")
    assert of("") == []
    assert of("\n[signatures]\nmax_pages = 3\n") == []
    assert of('\n[signatures]\ntrust_roots = ["root.pem"]\ncrls = ["root.crl"]\n') == []
