"""Plugins made up on the spot: a folder with ``adapter.toml`` and a schema, and a module with the hook."""

import hashlib
import itertools
import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from imgate.plugin_api import AdapterPlugin, hookimpl
from imgate.plugin_api.xml import Text, XmlFormat, both, neither
from imgate.record.catalogue import CATALOGUE

NAMESPACE = "urn:made-up:1"
SCOPE = "residence.file_number"

SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:m="{NAMESPACE}" xmlns:e="urn:imgate:envelope:1"
 targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
 <xs:import namespace="urn:imgate:envelope:1" schemaLocation="imgate-envelope.xsd"/>
 <xs:element name="out"><xs:complexType><xs:sequence><xs:element ref="e:envelope"/><xs:element name="content" type="m:C"/>
 </xs:sequence></xs:complexType></xs:element>
 <xs:element name="in"><xs:complexType><xs:sequence><xs:element ref="e:header"/><xs:element name="content" type="m:C"/>
 </xs:sequence></xs:complexType></xs:element>
 <xs:complexType name="C"><xs:sequence><xs:element name="number" minOccurs="0" maxOccurs="2" type="xs:string"/>
 <xs:element name="sex" minOccurs="0" type="xs:string"/></xs:sequence></xs:complexType>
</xs:schema>"""

MANIFEST = """
id = "made-up"
api_version = 1
name = "Erfunden"
namespace = "urn:made-up:1"
purposes = ["housing"]
[to_partner]
format = "xml"
media_types = ["application/xml"]
root = "out"
schema = "m.xsd"
sha256 = "@"
scopes = ["residence.file_number"]
[from_partner]
format = "xml"
media_types = ["application/xml", "text/xml"]
root = "in"
schema = "m.xsd"
sha256 = "@"
scopes = ["residence.file_number"]
"""


def items(scopes=CATALOGUE.scopes):
    return [
        both(SCOPE, Text("number")) if scope == SCOPE else neither(scope, "The made-up partner wants none of this.") for scope in scopes
    ]


def a_format(scopes=CATALOGUE.scopes):
    return XmlFormat(namespace=NAMESPACE, to_partner="out", from_partner="in", items=items(scopes))


# Each package has a name of its own, because Python remembers where it found one.
_numbers = itertools.count()


class MadeUp:
    """Hands out an adapter whose parts a test can replace."""

    def __init__(self, **replaced):
        self._format = a_format()
        self._replaced = replaced

    def __getattr__(self, name):
        return self._replaced.get(name) or getattr(self._format, name)


def hook_for(plugin):
    @hookimpl
    def imgate_register_adapter():
        return plugin

    return imgate_register_adapter


@pytest.fixture
def make_plugin(tmp_path, monkeypatch):
    """Write a package and return its entry point: ``make_plugin(manifest=…, schema=…, configure=…, module={…})``."""

    def make(name="made-up", *, manifest=MANIFEST, schema=SCHEMA, configure=lambda settings: a_format(), module=None, digest=None):
        package = f"made_up_{next(_numbers)}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "m.xsd").write_text(schema)
        if manifest is not None:
            (folder / "adapter.toml").write_text(manifest.replace("@", digest or hashlib.sha256(schema.encode()).hexdigest()))
        monkeypatch.syspath_prepend(tmp_path)
        plugin = AdapterPlugin(package, configure)
        hooks = ModuleType(f"{package}_hooks")
        for attribute, value in (module if module is not None else {"imgate_register_adapter": hook_for(plugin)}).items():
            setattr(hooks, attribute, value)
        monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
        return EntryPoint(name, hooks.__name__, "imgate.adapters")

    return make
