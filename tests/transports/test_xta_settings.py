"""XTA: what stands in the configuration is checked before anything is sent, and never shown."""

import pytest

from imgate.conformance.xta import XtaStandIn
from imgate.plugin_api import SettingsInvalid
from imgate.transports.xta import configure


@pytest.fixture(scope="module")
def good():
    with XtaStandIn() as server:
        yield server.entries()


def test_good_entries_are_taken(good):
    assert not configure(good).waits


@pytest.mark.parametrize("missing", ["management_url", "send_url", "msgbox_url", "sender", "recipient", "service"])
def test_what_is_needed_must_be_there(good, missing):
    with pytest.raises(SettingsInvalid) as invalid:
        configure({key: value for key, value in good.items() if key != missing})
    assert invalid.value.setting == missing


@pytest.mark.parametrize(
    ("changed", "setting"),
    [
        ({"management_url": "http://xta.example.org/"}, "management_url"),
        ({"send_url": "ftp://127.0.0.1/"}, "send_url"),
        ({"msgbox_url": "https://user:geheim@xta.example.org/"}, "msgbox_url"),
        ({"msgbox_url": "http://127.0.0.1.example.org/"}, "msgbox_url"),
        ({"service": "no uri"}, "service"),
        ({"service": "urn:geheim ü"}, "service"),
        ({"sender": ""}, "sender"),
        ({"sender": " psw:1"}, "sender"),
        ({"recipient": "psw:\n1"}, "recipient"),
        ({"recipient": "x" * 201}, "recipient"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 21}, "timeout"),
        ({"verify": False}, "verify"),
        ({"message_type": {"code": ""}}, "message_type.code"),
        ({"message_type": {"list_uri": "x"}}, "message_type.list_uri"),
        ({"message_type": {"other": "x"}}, "message_type.other"),
        ({"certificate_file": None}, "transport"),
        ({"key_file": None}, "transport"),
        ({"certificate_file": None, "key_file": None}, "transport"),
        ({"recipient": "psw:01003110"}, "transport"),
        ({"certificate_file": "/nowhere/geheim.crt"}, "certificate_file"),
        ({"key_file": "/nowhere/geheim.key"}, "certificate_file"),
        ({"ca_file": "/nowhere/geheim.pem"}, "ca_file"),
        ({"key_password_file": "/nowhere/geheim"}, "key_password_file"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(good, changed, setting):
    with pytest.raises(SettingsInvalid) as invalid:
        configure({**good, **changed})
    assert invalid.value.setting == setting
    assert "geheim" not in str(invalid.value)


def test_a_file_that_is_no_certificate_is_refused(good, tmp_path):
    (tmp_path / "x").write_text("no certificate")
    for name, setting in (("ca_file", "ca_file"), ("certificate_file", "certificate_file"), ("key_file", "certificate_file")):
        with pytest.raises(SettingsInvalid) as invalid:
            configure({**good, name: str(tmp_path / "x")})
        assert invalid.value.setting == setting


def test_a_key_of_another_certificate_is_refused(good):
    with XtaStandIn() as other, pytest.raises(SettingsInvalid) as invalid:
        configure({**good, "key_file": other.entries()["key_file"]})
    assert invalid.value.setting == "certificate_file"


def test_on_this_machine_it_goes_without_tls():
    with XtaStandIn(tls=False) as server:
        entries = {key: value for key, value in server.entries().items() if not key.endswith("_file")}
        assert not configure(entries).waits
