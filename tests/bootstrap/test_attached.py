"""What the configuration says about files inside messages is refused where nothing could keep it, with the place and a sentence."""

import json

import pytest

from imgate.bootstrap import open_gateway
from imgate.bootstrap.checks import problems_of
from imgate.keys import Keyring
from imgate.keys.pairs import public_members
from imgate.settings import ConfigurationInvalid

JOBCENTER = '\n[partners.jobcenter-rems-murr]\nadapter = "jobcenter"\nname = "Jobcenter Rems-Murr, Team 412"\n'
NEIGHBOUR = '\n[partners.im-altstadt]\nadapter = "nachbar"\nname = "Integrationsmanagement Altstadt"\n'
TABLE = '\n[partners.jobkraftwerk]\nadapter = "jobkraftwerk"\nname = "Landratsamt, Dokumentation"\n'
GATEWAY = '[gateway]\nid = "im-neustadt"\nname = "Integrationsmanagement Neustadt"\n'


@pytest.fixture
def said(configure):
    """Give what is said about a partner's attachments."""

    def told(partner, more=""):
        problems = [str(problem) for problem in problems_of(configure(instead=GATEWAY + partner + more))]
        return [problem.partition(": ")[2] for problem in problems if "attach" in problem or "bundle" in problem]

    return told


@pytest.fixture
def jwks(tmp_path):
    """Write a set of published keys; give the keyring that they are of."""

    def write(content=None):
        from datetime import date

        keyring = Keyring.made(date(2026, 1, 1))
        (tmp_path / "altstadt.json").write_text(json.dumps(keyring.jwks() if content is None else content), encoding="utf-8")
        return keyring

    return write


def test_nothing_is_wrong_where_there_is_a_place(said, jwks):
    jwks()
    assert said(JOBCENTER, 'attach = ["declaration_bundle", "calendar"]') == []
    assert said(NEIGHBOUR, 'attach = ["declaration_bundle"]\nbundle_keys_file = "altstadt.json"\nrequires_bundle = true') == []


def test_a_kind_without_a_place_in_the_messages_is_named(said):
    (sentence,) = said(TABLE, 'attach = ["declaration_bundle"]')
    assert "`jobkraftwerk` have no place for `declaration_bundle`; there is none for any attachment" in sentence
    (sentence,) = said(NEIGHBOUR, 'attach = ["calendar"]')
    assert "`nachbar` have no place for `calendar`; there is one for `declaration_bundle`" in sentence


def test_a_gateway_with_such_a_configuration_does_not_start(configure):
    with pytest.raises(ConfigurationInvalid):
        open_gateway(configure(instead=GATEWAY + TABLE + 'attach = ["declaration_bundle"]'), make_keys=True)


def test_a_calendar_of_appointments_beyond_the_ceiling_would_never_be_one(said):
    (sentence,) = said(JOBCENTER, 'attach = ["calendar"]\nceiling = ["language.level"]')
    assert "`appointments.upcoming` is beyond this partner's ceiling" in sentence


@pytest.mark.parametrize("attach", ['["declaration_bundle", "declaration_bundle"]', '["bundle"]', '"declaration_bundle"', "[1]"])
def test_the_list_is_closed_and_names_each_kind_once(configure, attach):
    with pytest.raises(ConfigurationInvalid):
        configure(instead=GATEWAY + JOBCENTER + f"attach = {attach}")


def test_proof_that_no_message_has_a_place_for_is_not_asked_for(said, jwks):
    jwks()
    sentences = said(JOBCENTER, 'bundle_keys_file = "altstadt.json"\nrequires_bundle = true')
    assert len(sentences) == 2
    assert all("messages from `jobcenter` have no place for `declaration_bundle`" in sentence for sentence in sentences)


def test_proof_without_keys_is_never_one(said):
    (sentence,) = said(NEIGHBOUR, "requires_bundle = true")
    assert "needs `bundle_keys_file`" in sentence


def test_a_file_that_is_not_there_is_named(said):
    (sentence,) = said(NEIGHBOUR, 'bundle_keys_file = "nowhere.json"')
    assert "cannot be read" in sentence


@pytest.mark.parametrize("content", [{}, {"keys": []}, {"keys": [None, {"kty": "RSA"}]}, [], "keys"])
def test_a_file_without_keys_is_refused(said, jwks, content):
    jwks(content)
    (sentence,) = said(NEIGHBOUR, 'bundle_keys_file = "altstadt.json"')
    assert "holds no public key that a bundle can be signed with" in sentence


def test_keys_for_access_tokens_vouch_for_no_bundle(said, jwks):
    keyring = jwks()
    token = public_members(keyring.signing_key)
    jwks({"keys": [token | {"imgate_use": "access-tokens"}]})
    (sentence,) = said(NEIGHBOUR, 'bundle_keys_file = "altstadt.json"')
    assert "holds no key for statements" in sentence


def test_keys_that_do_not_say_what_they_are_for_are_not_taken(said, jwks):
    keyring = jwks()
    jwks({"keys": [public_members(pair) for pair in keyring.statement_keys.values()]})
    (sentence,) = said(NEIGHBOUR, 'bundle_keys_file = "altstadt.json"')
    assert "does not say what its keys are for" in sentence


def test_the_partner_knows_the_thumbprints_of_the_statement_keys_and_no_others(configure, jwks):
    keyring = jwks()
    settings = configure(instead=GATEWAY + NEIGHBOUR + 'bundle_keys_file = "altstadt.json"\nrequires_bundle = true')
    with open_gateway(settings, make_keys=True) as gateway:
        partner = gateway.corridor.partners["im-altstadt"]
        assert partner.bundle_keys == frozenset(pair.thumbprint() for pair in keyring.statement_keys.values())
        assert partner.requires_bundle


def test_without_such_settings_nothing_is_attached_and_nothing_asked_for(configure):
    with open_gateway(configure(instead=GATEWAY + NEIGHBOUR), make_keys=True) as gateway:
        partner = gateway.corridor.partners["im-altstadt"]
        assert (partner.attach, partner.bundle_keys, partner.requires_bundle) == ((), None, False)
