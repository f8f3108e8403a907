"""A partner that takes paper needs the extra that makes it, and is told so before anything starts."""

import pytest

from imgate.bootstrap import open_gateway
from imgate.bootstrap.checks import problems_of
from imgate.settings import ConfigurationInvalid, load_settings
from tests.exchange.conftest import CONFIG, JOBCENTER

_NAME = 'name = "Jobcenter Rems-Murr, Team 412"\n'


@pytest.fixture
def settings(tmp_path):
    def write(entry):
        file = tmp_path / "imgate.toml"
        file.write_text(CONFIG.replace(_NAME, _NAME + entry), encoding="utf-8")
        return load_settings(file)

    return write


def test_a_partner_that_takes_paper_is_known_as_one(settings):
    with open_gateway(settings("paper = true\n"), make_keys=True) as gateway:
        assert [partner.id for partner in gateway.corridor.partners.values() if partner.paper] == [JOBCENTER]


def test_by_default_nobody_takes_paper(settings):
    with open_gateway(settings(""), make_keys=True) as gateway:
        assert not any(partner.paper for partner in gateway.corridor.partners.values())


def test_without_the_extra_paper_cannot_be_configured(settings, monkeypatch):
    monkeypatch.setattr("imgate.documents.typesetting.is_installed", lambda: False)
    with pytest.raises(ConfigurationInvalid, match=r"without typst: install imgate\[forms\]") as invalid:
        open_gateway(settings("paper = true\n"), make_keys=True)
    (problem,) = invalid.value.problems
    assert JOBCENTER in str(problem)
    assert any("install imgate[forms]" in str(problem) for problem in problems_of(settings("paper = true\n")))


def test_without_the_extra_and_without_paper_everything_starts(settings, monkeypatch):
    monkeypatch.setattr("imgate.documents.typesetting.is_installed", lambda: False)
    with open_gateway(settings("paper = false\n"), make_keys=True) as gateway:
        assert gateway.name


def test_another_offices_gateway_takes_no_paper(settings, tmp_path):
    (tmp_path / "neustadt.secret").write_text("secret", encoding="utf-8")
    way = (
        'transport = { kind = "gateway", url = "https://imgate.example", partner = "im", client_id = "a", '
        'secret_file = "neustadt.secret" }\n'
    )
    assert problems_of(settings(way)) == []
    (problem,) = problems_of(settings(way + "paper = true\n"))
    assert "would refuse every paper" in str(problem)


@pytest.mark.parametrize("entry", ['paper = "vielleicht"\n', "paper = 2\n"])
def test_it_is_yes_or_no(settings, entry):
    with pytest.raises(ConfigurationInvalid):
        settings(entry)
