"""What stands in the configuration about the pages: an identity provider that can be trusted, roles that exist, mail that is encrypted."""

import pytest

from imgate.settings import ConfigurationInvalid, load_settings

BEGIN = '[gateway]\nid = "im"\nname = "IM"\n[partners.jc]\nadapter = "jobcenter"\nname = "JC"\n'
OPENID = '[openid]\nissuer = "https://idp.example/realms/stadt"\nname = "Stadt"\nclient_id = "imgate"\n'
MAIL = '[mail]\nhost = "mail.example"\nsender = "imgate@example"\n'


@pytest.fixture
def load(tmp_path):
    def load(text):
        file = tmp_path / "imgate.toml"
        file.write_text(BEGIN + text, encoding="utf-8")
        return load_settings(file)

    return load


def problems(load, text):
    with pytest.raises(ConfigurationInvalid) as raised:
        load(text)
    return [str(problem) for problem in raised.value.problems]


def test_without_a_provider_there_is_none_and_sessions_have_their_limits(load):
    settings = load("")
    assert (settings.openid, settings.mail) == (None, None)
    assert (settings.pages.idle_minutes, settings.pages.session_hours, settings.pages.confirm_minutes) == (30, 10, 15)


def test_the_secret_is_read_from_its_file_and_paths_are_absolute(load, tmp_path):
    (tmp_path / "s").write_text("geheim\n", encoding="utf-8")
    settings = load(f'{OPENID}secret_file = "s"\nca_file = "ca.pem"\n')
    assert settings.openid.client_secret.get_secret_value() == "geheim"
    assert settings.openid.ca_file == tmp_path / "ca.pem"
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://idp.example",
        "idp.example",
        "https://",
        "https://idp.example?x=1",
        "https://idp.example#x",
        "https://u@idp.example",
        "ftp://x",
    ],
)
def test_an_issuer_is_reached_by_https_and_is_an_address_alone(load, issuer):
    assert problems(load, OPENID.replace("https://idp.example/realms/stadt", issuer))


def test_a_provider_on_this_machine_may_be_reached_without_https(load):
    assert load(OPENID.replace("https://idp.example/realms/stadt", "http://127.0.0.1:9000")).openid.issuer == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    "role",
    ['{ role = "liaison" }', '{ role = "office", partner = "jc" }', '{ role = "admin" }', "{}", '{ role = "liaison", partner = "" }'],
)
def test_a_liaison_has_a_partner_and_nobody_else_has_one(load, role):
    assert problems(load, f"{OPENID}[openid.roles]\nx = {role}\n")


def test_a_role_for_a_partner_that_does_not_exist_is_told(load):
    (told,) = problems(load, f'{OPENID}[openid.roles]\nx = {{ role = "liaison", partner = "jc2" }}\n')
    assert told == "line 12: `openid.roles.x.partner` is no partner of [partners]"
    assert load(f'{OPENID}[openid.roles]\nx = {{ role = "liaison", partner = "jc" }}\n').openid.roles["x"].partner == "jc"


def test_mail_goes_unencrypted_to_this_machine_only(load):
    assert problems(load, f"{MAIL}starttls = false\n")
    assert load(MAIL.replace("mail.example", "127.0.0.1") + "starttls = false\n").mail.starttls is False


@pytest.mark.parametrize("line", ["idle_minutes = 0", "session_hours = 25", "confirm_minutes = 0", "confirm_minutes = 121", "more = 1"])
def test_a_session_cannot_last_for_ever(load, line):
    assert problems(load, f"[pages]\n{line}\n")
