"""The built-in transports are plugins like any other."""

import asyncio

import pytest

from imgate.adapters.registry import load_plugins
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS
from imgate.plugin_api import NotDelivered, Parcel, SettingsInvalid


@pytest.fixture(scope="module")
def registry():
    return load_plugins(transports=BUILT_IN_TRANSPORTS, found={})


def test_all_are_registered_and_none_is_refused(registry):
    assert set(registry.transports) == {"mailbox", "push", "folder"}
    assert registry.problems == ()


def test_only_the_mailbox_waits(registry, tmp_path):
    assert registry.transport("mailbox").configure({}).waits
    assert not registry.transport("folder").configure({"folder": str(tmp_path)}).waits


def test_the_mailbox_has_nothing_to_set_and_hands_over_nothing(registry):
    mailbox = registry.transport("mailbox").configure({})
    assert isinstance(asyncio.run(mailbox.deliver(Parcel("id", "text/csv", b"", "jobcenter"))), NotDelivered)
    with pytest.raises(SettingsInvalid):
        registry.transport("mailbox").configure({"url": "https://partner.example.org"})
