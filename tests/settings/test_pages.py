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
    ("table", "line", "entry", "variable"),
    [
        (OPENID, 'client_secret = "hidden-word"', "openid.client_secret", "IMGATE_OPENID__CLIENT_SECRET"),
        (MAIL, 'password = "hidden-word"', "mail.password", "IMGATE_MAIL__PASSWORD"),
    ],
)
def test_a_secret_does_not_stand_in_the_file(load, table, line, entry, variable):
    (told,) = problems(load, f"{table}{line}\n")
    assert told.partition(": ")[2] == (
        f"`{entry}`: a secret does not stand in this file: name a file that holds it by `secret_file`, or set {variable}"
    )
    assert told.startswith("line ")


def test_secrets_come_by_the_environment(load, monkeypatch):
    monkeypatch.setenv("IMGATE_OPENID__CLIENT_SECRET", "hidden-word")
    monkeypatch.setenv("IMGATE_MAIL__PASSWORD", "hidden-other")
    settings = load(OPENID + MAIL)
    assert settings.openid.client_secret.get_secret_value() == "hidden-word"
    assert settings.mail.password.get_secret_value() == "hidden-other"
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_secret_files_that_cannot_be_read_are_told_at_once_where_they_are_named(load, tmp_path, content):
    for name in ("o", "m"):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    assert problems(load, f'{OPENID}secret_file = "o"\n{MAIL}secret_file = "m"\n') == [
        "line 11: `openid.secret_file`: cannot be read",
        "line 15: `mail.secret_file`: cannot be read",
    ]


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


@pytest.mark.parametrize(
    "sender", ["imgate", "@stadt.example", "imgate@", "im gate@stadt.example", "imgate@stadt.example\\nBcc: x@y", "ä@stadt.example"]
)
def test_mails_come_from_a_mail_address(load, sender):
    assert problems(load, f'[mail]\nhost = "mail.stadt.example"\nsender = "{sender}"\n')
