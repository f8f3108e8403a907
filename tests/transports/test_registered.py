"""The built-in transports are plugins like any other."""

import asyncio
import re
import subprocess
import sys

import pytest

from imgate.adapters.registry import load_plugins
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS
from imgate.plugin_api import NotDelivered, Parcel, SettingsInvalid
from imgate.settings.reference import reference
from imgate.transports import folder, gateway, push
from imgate.transports.fit_connect.settings import Entries as FitConnectEntries
from imgate.transports.xta.settings import Entries as XtaEntries

# What a gateway without such a partner need not load.
HEAVY = ("imgate.transports.fit_connect.", "imgate.transports.xta.")


@pytest.fixture(scope="module")
def registry():
    return load_plugins(transports=BUILT_IN_TRANSPORTS, found={})


def test_all_are_registered_and_none_is_refused(registry):
    assert set(registry.transports) == {"mailbox", "push", "folder", "gateway", "fit-connect", "xta"}
    assert registry.problems == ()


def test_a_gateway_without_such_partners_loads_nothing_of_fit_connect_and_xta(tmp_path):
    file = tmp_path / "imgate.toml"
    file.write_text(
        '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n'
        '[partners.jobcenter]\nadapter = "jobcenter"\nname = "Jobcenter"\ntransport = { kind = "push", url = "http://127.0.0.1/", '
        'secret_file = "secret" }\n'
    )
    (tmp_path / "secret").write_text("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
    script = (
        "import sys; from pathlib import Path; from imgate.bootstrap.partners import load_registry, partners_of; "
        "from imgate.settings import load_settings; settings = load_settings(Path(sys.argv[1])); "
        "found, faults = partners_of(settings, load_registry(settings)); print(*found, *faults); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
    said, modules = done.stdout.splitlines()
    assert said == "jobcenter"
    assert [one for one in modules.split() if one.startswith(HEAVY)] == []


@pytest.mark.parametrize(
    ("kind", "entries"),
    [
        ("push", push._Entries),
        ("folder", folder._Entries),
        ("gateway", gateway._Entries),
        ("fit-connect", FitConnectEntries),
        ("xta", XtaEntries),
    ],
)
def test_the_reference_names_every_entry_and_no_other(kind, entries):
    section = re.search(rf"^\*\*`{kind}`\*\*.*?(?=^\*\*`|\Z)", reference(), re.MULTILINE | re.DOTALL)[0]
    shown = {name for line in re.findall(r"^- (`.*?)(?:[:(.]| or the )", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", line)}
    by_the_environment = {name for name in entries.model_fields if name.endswith(("secret", "password"))}
    assert shown == set(entries.model_fields) - by_the_environment


def test_only_the_mailbox_waits(registry, tmp_path):
    assert registry.transport("mailbox").configure({}).waits
    assert not registry.transport("folder").configure({"folder": str(tmp_path)}).waits


def test_the_mailbox_has_nothing_to_set_and_hands_over_nothing(registry):
    mailbox = registry.transport("mailbox").configure({})
    assert isinstance(asyncio.run(mailbox.deliver(Parcel("id", "text/csv", b"", "jobcenter", receipt="e30.e30.AA"))), NotDelivered)
    with pytest.raises(SettingsInvalid):
        registry.transport("mailbox").configure({"url": "https://partner.example.org"})
