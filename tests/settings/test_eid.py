"""A service whose assertions count is configured strictly: whatever would make nothing or anything count is a mistake."""

import pytest

from imgate.settings import ConfigurationInvalid, load_settings
from imgate.settings.eid import EidAlgorithm

SERVICE = '[eid.bund-id]\nissuer = "https://eid.example.org"\njwks_file = "keys/bund.jwks"\n'


@pytest.fixture
def load(file, contract):
    def load(section):
        file.write_text(contract + section, encoding="utf-8")
        return load_settings(file)

    return load


def test_without_a_section_there_is_no_service(load):
    assert load("").eid == {}


def test_what_is_not_said_is_strict(load, file):
    service = load(SERVICE).eid["bund-id"]
    assert (service.algorithms, service.levels, service.max_age_seconds) == ((EidAlgorithm.ES256,), ("high",), 300)
    assert service.jwks_file == file.parent / "keys/bund.jwks"


@pytest.mark.parametrize(
    "entry",
    [
        "algorithms = []",
        'algorithms = ["HS256"]',
        'algorithms = ["none"]',
        'algorithms = ["RS256"]',
        "levels = []",
        'levels = [""]',
        "max_age_seconds = 0",
        "max_age_seconds = 86401",
        'jwks_uri = "https://eid.example.org/jwks"',
        'secret = "x"',
    ],
)
def test_what_would_let_too_much_count_or_nothing_is_refused(load, entry):
    with pytest.raises(ConfigurationInvalid, match=r"eid\.bund-id"):
        load(SERVICE + entry + "\n")


@pytest.mark.parametrize("line", ['issuer = "https://eid.example.org"\n', 'jwks_file = "keys/bund.jwks"\n'])
def test_issuer_and_keys_have_to_be_named(load, line):
    with pytest.raises(ConfigurationInvalid, match=r"eid\.bund-id") as raised:
        load(SERVICE.replace(line, ""))
    assert raised.value.rest is not None  # so that what else is wrong is told as well
    assert raised.value.rest.eid == {}


def test_the_environment_names_a_service_with_underscores(load, monkeypatch):
    monkeypatch.setenv("IMGATE_EID__BUND_ID__MAX_AGE_SECONDS", "60")
    assert load(SERVICE).eid["bund-id"].max_age_seconds == 60
