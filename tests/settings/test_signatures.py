"""`[signatures]`: files are beside imgate.toml, and what nobody could ever fulfil is an error at the start."""

import pytest
from pydantic import ValidationError

from imgate.documents.signed_pdf.rules import Revocation, TimeStamps
from imgate.settings import ConfigurationInvalid, load_settings
from imgate.settings.signatures import SignatureSettings

HEAD = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n'


@pytest.fixture
def load(tmp_path):
    def loaded(section):
        file = tmp_path / "imgate.toml"
        file.write_text(HEAD + section, encoding="utf-8")
        return load_settings(file).signatures

    return loaded


def test_without_the_section_nobody_is_trusted(load):
    assert load("").rules is None


@pytest.mark.parametrize("setting", ["intermediates", "crls", "time_stamp_roots", "trusted_list_signers"])
def test_files_that_are_no_roots_trust_nobody(load, setting):
    assert load(f'[signatures]\n{setting} = ["a.pem"]\n').rules is None


def test_the_strict_choices_are_the_ones_unless_said(load):
    rules = load('[signatures]\ntrust_roots = ["a.pem"]\n').rules
    assert rules.revocation is Revocation.REQUIRED
    assert rules.time_stamp is TimeStamps.OPTIONAL


def test_files_are_relative_to_the_configuration(load, tmp_path):
    rules = load('[signatures]\ntrust_roots = ["ca/a.pem"]\ntrusted_lists = ["lists"]\ncrls = ["/var/a.crl"]\n').rules
    assert rules.trust_roots == (tmp_path / "ca/a.pem",)
    assert rules.trusted_lists == (tmp_path / "lists",)
    assert [str(file) for file in rules.crls] == ["/var/a.crl"]


def test_a_time_stamp_that_nobody_can_give_is_not_required(load):
    with pytest.raises(ConfigurationInvalid, match="nobody's time-stamps are trusted"):
        load('[signatures]\ntrust_roots = ["a.pem"]\ntime_stamp = "required"\n')


@pytest.mark.parametrize("section", ["fetch = true", "max_pages = 0", 'revocation = "never"', 'time_stamp = "no"', 'trust_root = "a"'])
def test_what_is_not_known_is_an_error(load, section):
    with pytest.raises(ConfigurationInvalid, match="line 5"):
        load(f"[signatures]\n{section}\n")


def test_no_value_is_shown():
    with pytest.raises(ValidationError) as error:
        SignatureSettings(max_pages=-4711)
    assert "4711" not in str(error.value)
