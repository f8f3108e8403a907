"""Each test begins as a thread that has read nothing yet: the parser that another test used is none of its business."""

import threading

import pytest

from imgate.plugin_api import xml_read


@pytest.fixture(autouse=True)
def no_parser_yet(monkeypatch):
    monkeypatch.setattr(xml_read, "_kept", threading.local())
