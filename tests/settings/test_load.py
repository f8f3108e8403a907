"""Loading: the contract's configuration as it stands, the environment over it, and every problem at once."""

import pytest

from imgate.settings import ConfigurationInvalid, load_settings
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import EvidenceLevel

FAULTY = """\
[gateway]
id = "IM W"
timezone = "Europe/Berln"
regimee = "sgb-x"
name = "x"

[database]
url = "mysql://user:hidden-word@host/x"

[evidence]
confidential = "recorded"

[partners.jobcenter]
adapter = "jobcenter"
name = "Jobcenter"
ceiling = ["contact_persons.jobcentr"]
open = ["language.level"]
transport = { kind = "push", secret = "hidden-word" }

[partners.jobcenter.evidence]
special = "recorded"

[partners.self]
adapter = "jobcenter"
name = "Jobcenter"

[sever]
port = 1
"""


def _problems(file) -> list[str]:
    with pytest.raises(ConfigurationInvalid) as invalid:
        load_settings(file)
    assert "hidden-word" not in str(invalid.value)
    assert "hidden-word" not in repr(invalid.value.rest)
    return [str(problem) for problem in invalid.value.problems]


def test_the_contracts_configuration_is_valid_as_it_stands(file, tmp_path):
    settings = load_settings(file)
    assert settings.gateway.id == "im-winnenden"
    assert settings.database.file == tmp_path / "imgate.db"
    assert settings.keys.folder == tmp_path / "imgate.keys"
    assert settings.address == "http://127.0.0.1:8400"
    assert settings.levels("jobcenter-rems-murr")[Sensitivity.SPECIAL] is EvidenceLevel.WRITTEN


def test_every_problem_is_told_at_once_with_its_line(file):
    file.write_text(FAULTY)
    problems = _problems(file)
    expected = [
        "line 2: `gateway.id`",
        "line 3: `gateway.timezone`",
        "line 4: `gateway.regimee` is not known; did you mean `regime`?",
        "line 7: `database`",
        "line 11: `evidence.confidential`: recorded is less",
        "line 16: `partners.jobcenter.ceiling.0`: `contact_persons.jobcentr` is no scope; did you mean `contact_persons.jobcenter`?",
        "line 17: `partners.jobcenter.open.0`: `language.level` is not closed",
        "line 18: `partners.jobcenter.transport.secret`: a secret does not stand in this file",
        "line 21: `partners.jobcenter.evidence.special`: recorded is less",
        "line 23: `partners.self`",
        "line 27: `sever` is not known; did you mean `server`?",
    ]
    for beginning, problem in zip(expected, problems, strict=True):
        assert problem.startswith(beginning)


@pytest.mark.parametrize("text", ["[gateway", "a = ", "\x00"])
def test_what_is_not_toml_is_said_so(file, text):
    file.write_text(text)
    (problem,) = _problems(file)
    assert problem.startswith("this is not TOML")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    (problem,) = _problems(tmp_path / "imgate.toml")
    assert problem == "there is no such file; `imgate init` writes one"


def test_the_environment_wins_over_the_file(file, monkeypatch, tmp_path):
    monkeypatch.setenv("IMGATE_DATABASE__URL", "sqlite:///other.db")
    monkeypatch.setenv("IMGATE_PARTNERS__JOBCENTER_REMS_MURR__NAME", "Team 5")
    monkeypatch.setenv("IMGATE_GATEWAY__UNITS", '["a", "b"]')
    settings = load_settings(file)
    assert settings.database.file == tmp_path / "other.db"
    assert settings.partners["jobcenter-rems-murr"].name == "Team 5"
    assert settings.partners["jobcenter-rems-murr"].adapter == "jobcenter"
    assert settings.gateway.units == ("a", "b")


def test_everything_can_come_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGATE_GATEWAY__ID", "im")
    monkeypatch.setenv("IMGATE_GATEWAY__NAME", "Integrationsmanagement")
    assert load_settings(tmp_path / "imgate.toml").gateway.id == "im"


def test_a_problem_in_the_environment_names_the_variable_and_not_its_value(file, monkeypatch):
    monkeypatch.setenv("IMGATE_SERVER__PORT", "hidden-word")
    monkeypatch.setenv("IMGATE_DATBASE__URL", "hidden-word")
    assert [problem.partition(":")[0] for problem in _problems(file)] == [
        "IMGATE_DATBASE__URL (environment)",
        "IMGATE_SERVER__PORT (environment)",
    ]


def test_a_service_of_this_name_in_kubernetes_does_no_harm(file, monkeypatch):
    monkeypatch.setenv("IMGATE_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("IMGATE_PORT", "tcp://10.0.0.1:8400")
    assert load_settings(file).server.port == 8400


def test_a_variable_that_should_be_json_and_is_not_is_a_problem(file, monkeypatch):
    monkeypatch.setenv("IMGATE_PARTNERS", "hidden-word")
    (problem,) = _problems(file)
    assert "JSON" in problem


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///", "oracle://x", ""])
def test_a_database_that_a_worker_could_not_share_is_refused(file, contract, url):
    file.write_text(contract.replace("sqlite:///imgate.db", url))
    (problem,) = _problems(file)
    assert problem.startswith("line 6: `database`: url")


def test_postgresql_needs_the_gateways_address(file, contract):
    file.write_text(contract.replace("sqlite:///imgate.db", "postgresql://user:hidden-word@host/imgate"))
    (problem,) = _problems(file)
    assert problem.startswith("line 1: `gateway.url` is missing")


def test_the_database_password_can_stand_in_a_file_and_is_never_shown(file, contract, tmp_path):
    (tmp_path / "pw").write_text("p@ss/word\n")
    address = 'url = "https://im.example.org"\n\n[database]\nsecret_file = "pw"'
    file.write_text(contract.replace("sqlite:///imgate.db", "postgresql://user@host/imgate").replace("\n[database]", address))
    settings = load_settings(file)
    assert settings.database.url.get_secret_value() == "postgresql://user:p%40ss%2Fword@host/imgate"
    assert "ss%2F" not in repr(settings)
    assert "user" not in repr(settings.database)


def test_a_secret_file_that_is_not_there_is_a_problem_with_a_line(file, contract):
    address = 'url = "https://im.example.org"\n\n[database]\nsecret_file = "pw"'
    file.write_text(contract.replace("sqlite:///imgate.db", "postgresql://user@host/imgate").replace("\n[database]", address))
    (problem,) = _problems(file)
    assert problem == "line 8: `database.secret_file`: cannot be read"


def test_a_transports_secret_comes_by_the_environment_and_is_never_shown(file, monkeypatch):
    monkeypatch.setenv("IMGATE_PARTNERS__JOBCENTER_REMS_MURR__TRANSPORT__SECRET", "hidden-word")
    settings = load_settings(file)
    assert settings.partners["jobcenter-rems-murr"].transport.entries == {"secret": "hidden-word"}
    assert "hidden-word" not in repr(settings)
    assert "hidden-word" not in str(settings.partners["jobcenter-rems-murr"].transport)


def test_files_among_a_partners_entries_are_relative_to_the_configuration(file, contract, tmp_path):
    file.write_text(contract.replace('{ kind = "mailbox" }', '{ kind = "folder", folder = "out", name = "out" }'))
    entries = load_settings(file).partners["jobcenter-rems-murr"].transport.entries
    assert entries == {"folder": str(tmp_path / "out"), "name": "out"}


def test_a_partner_may_raise_the_evidence_and_not_lower_it(file, contract):
    file.write_text(contract + '\n[evidence]\nspecial = "qualified"\n\n[partners.jobcenter-rems-murr.evidence]\nspecial = "written"\n')
    (problem,) = _problems(file)
    assert problem.endswith("written is less than the qualified of [evidence]")
    file.write_text(contract + '\n[partners.jobcenter-rems-murr.evidence]\ninternal = "qualified"\n')
    assert load_settings(file).levels("jobcenter-rems-murr")[Sensitivity.INTERNAL] is EvidenceLevel.QUALIFIED


@pytest.mark.parametrize("name", ["", " x", "x\\u200b", "x\\ny"])
def test_a_name_that_would_not_look_as_it_is_is_refused(file, contract, name):
    file.write_text(contract.replace("Jobcenter Rems-Murr, Team 412", name))
    assert len(_problems(file)) == 1


@pytest.mark.parametrize("url", ["imgate.example.org", "ftp://x", "https://u:p@x", "https://x/?a=b"])
def test_an_address_that_is_none_is_refused(file, contract, url):
    file.write_text(contract.replace("[gateway]\n", f'[gateway]\nurl = "{url}"\n'))
    assert len(_problems(file)) == 1


def test_problems_are_told_in_our_words(file, contract):
    more = '\n[server]\nport = -1\nmetrics_port = 70000\nhost = 7\n\n[retention]\nproof_years = "many"\n'
    file.write_text(contract.replace("[gateway]\n", '[gateway]\nregime = "dsgvo"\nunits = "x"\nmax_term_days = 0\n') + more)
    assert [problem.partition(": ")[2] for problem in _problems(file)] == [
        "`gateway.regime` must be `sgb-x` or `gdpr-land`",
        '`gateway.units` must be a list, written ["a", "b"]',
        "`gateway.max_term_days` must be at least 1",
        "`server.port` must be at least 0",
        "`server.metrics_port` must be at most 65535",
        "`server.host` must be a text, written in quotes",
        "`retention.proof_years` must be a whole number",
    ]
