"""Which kind of public body a partner is: its adapter says so, the configuration overrules it, and neither is guessed."""

import pytest

from imgate.bootstrap.partners import load_registry, partners_of
from imgate.settings import ConfigurationInvalid, load_settings
from imgate.vocabulary.words import Body

CONFIG = """
[gateway]
id = "im"
name = "Integrationsmanagement"
{gateway}

[partners.amt]
adapter = "{adapter}"
name = "Amt"
{partner}
"""


@pytest.fixture
def load(tmp_path):
    def loaded(adapter="jobcenter", partner="", gateway=""):
        file = tmp_path / "imgate.toml"
        file.write_text(CONFIG.format(adapter=adapter, partner=partner, gateway=gateway), encoding="utf-8")
        return load_settings(file)

    return loaded


def body(settings):
    partners, faults = partners_of(settings, load_registry(settings))
    assert faults == ()
    return partners["amt"].body


@pytest.mark.parametrize(
    ("adapter", "expected"),
    [("jobcenter", Body.JOBCENTER), ("auslaenderbehoerde", Body.AUSLAENDERBEHOERDE)],
)
def test_it_is_the_one_that_the_adapter_is_made_for(load, adapter, expected):
    assert body(load(adapter)) is expected


def test_the_configuration_overrules_the_adapter(load):
    assert body(load(partner='body = "agentur_fuer_arbeit"')) is Body.AGENTUR_FUER_ARBEIT


@pytest.mark.parametrize("word", ["Jobcenter", "arbeitsamt", ""])
def test_any_other_word_is_told_with_its_place(load, word):
    with pytest.raises(ConfigurationInvalid) as invalid:
        load(partner=f'body = "{word}"')
    assert "partners.amt.body" in str(invalid.value.problems[0])


@pytest.mark.parametrize("days", ["-1", "367", '"bald"'])
def test_a_term_of_reminders_that_cannot_be_one_is_told(load, days):
    with pytest.raises(ConfigurationInvalid):
        load(gateway=f"remind_days = {days}")


def test_without_a_word_reminders_begin_90_days_before(load):
    assert load().gateway.remind_days == 90
    assert load(gateway="remind_days = 0").gateway.remind_days == 0
