"""Subscriptions and digests: what is mistyped is told with its place, and nothing is guessed."""

import pytest

from imgate.settings import ConfigurationInvalid, load_settings
from imgate.vocabulary.words import Purpose

LEVEL = '{ purpose = "labour_market_integration", scopes = ["language.level"] }'


@pytest.fixture
def partner(file, contract):
    """Write more of the partner, which begins in line 10 and goes on in line 14."""

    def write(more):
        file.write_text(contract + more)
        return load_settings(file).partners["jobcenter-rems-murr"]

    return write


def problems(partner, more):
    with pytest.raises(ConfigurationInvalid) as invalid:
        partner(more)
    return [str(problem) for problem in invalid.value.problems]


def test_without_a_word_nobody_has_a_subscription(partner):
    assert partner("").subscriptions == ()
    assert partner("").digest is None


def test_subscriptions_and_digest_are_read_as_they_are_written(partner):
    configured = partner(f'subscriptions = [{LEVEL}]\ndigest = "monday 06:00"\n')
    (subscription,) = configured.subscriptions
    assert subscription.purpose is Purpose.LABOUR_MARKET_INTEGRATION
    assert subscription.scopes == ("language.level",)
    assert configured.digest == "monday 06:00"


def test_they_may_stand_as_tables_of_their_own_or_in_the_environment(partner, monkeypatch):
    table = '[[partners.jobcenter-rems-murr.subscriptions]]\npurpose = "housing"\nscopes = ["contact.address"]\n'
    assert [one.purpose for one in partner(table).subscriptions] == [Purpose.HOUSING]
    monkeypatch.setenv("IMGATE_PARTNERS__JOBCENTER_REMS_MURR__SUBSCRIPTIONS", '[{"purpose": "housing", "scopes": ["person.name"]}]')
    assert [one.scopes for one in partner("").subscriptions] == [("person.name",)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            'subscriptions = [{ purpose = "labour_market", scopes = ["language.level"] }]',
            "line 14: `partners.jobcenter-rems-murr.subscriptions.0.purpose` must be",
        ),
        (
            'subscriptions = [{ purpose = "housing", scopes = ["language.levl"] }]',
            "line 14: `partners.jobcenter-rems-murr.subscriptions.0.scopes.0`: `language.levl` is no scope; did you mean `language.level`?",
        ),
        ('subscriptions = [{ purpose = "housing", scopes = ["language.*"] }]', "line 14: "),
        ('subscriptions = [{ purpose = "housing", scopes = [] }]', "line 14: `partners.jobcenter-rems-murr.subscriptions.0.scopes`"),
        ('subscriptions = [{ purpose = "housing" }]', "line 14: `partners.jobcenter-rems-murr.subscriptions.0.scopes` is missing"),
        ('subscriptions = [{ scopes = ["language.level"] }]', "line 14: `partners.jobcenter-rems-murr.subscriptions.0.purpose` is missing"),
        (
            'subscriptions = [{ purpose = "housing", scops = ["language.level"], scopes = ["language.level"] }]',
            "line 14: `partners.jobcenter-rems-murr.subscriptions.0.scops` is not known; did you mean `scopes`?",
        ),
        (
            f"subscriptions = [{LEVEL}, {LEVEL}]",
            "line 14: `partners.jobcenter-rems-murr.subscriptions`: `labour_market_integration` stands twice",
        ),
        ('digest = "montag 06:00"', "line 14: `partners.jobcenter-rems-murr.digest`: write a weekday and a time, for example monday 06:00"),
        ("digest = 6", "line 14: `partners.jobcenter-rems-murr.digest` must be a text"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(partner, more, expected):
    (problem,) = problems(partner, f"{more}\n")
    assert problem.startswith(expected)
