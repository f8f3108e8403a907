"""What the machine finds is what lies in the package: each rule is kept by a sound one, and broken by one fault."""

import dataclasses
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from imgate.adapters.manifest import CodeListUse
from imgate.adapters.quality.findings import UNDECIDED, Found, look
from imgate.adapters.quality.package import KitRun, see_package, source_of
from imgate.adapters.quality.scale import RULES
from imgate.adapters.registry import load_plugins
from imgate.plugin_api import Absent, Field, FieldTable, Place, SettingsInvalid
from imgate.vocabulary.words import Direction
from tests.adapters.conftest import MANIFEST, SCOPE, a_format

SAMPLE = """<m:in xmlns:m="urn:made-up:1" xmlns:e="urn:imgate:envelope:1"><e:header>
<e:messageId>00000000-0000-0000-0000-000000000000</e:messageId><e:createdAt>1970-01-01T00:00:00Z</e:createdAt>
<e:reference>REFERENCE</e:reference></e:header><m:content><m:number>A 1</m:number></m:content></m:in>"""
README = f"# made-up\n\nAn invented partner, for tests. The format is imgate's own. It has no settings. {'Nothing was ever tried. ' * 12}"
METADATA = "Metadata-Version: 2.4\nName: imgate-made-up\nVersion: 1.0\nLicense-Expression: EUPL-1.2\n\n" + README


class Package:
    """A made-up package, whose parts a test can spoil before it is looked at."""

    def __init__(self, tmp_path, make_plugin):
        self.tmp_path, self.make_plugin = tmp_path, make_plugin
        self.tests = tmp_path / "tests"
        for direction in ("to_partner", "from_partner"):
            (self.tests / "golden" / direction).mkdir(parents=True)
            (self.tests / "golden" / direction / "one.xml").write_text("<a/>")
        self.manifest, self.metadata, self.code = MANIFEST, METADATA, "from imgate.plugin_api import hookimpl\n"
        self.kit, self.samples = KitRun(None, 30), {"appointment.xml": SAMPLE}
        self.changed_fields: dict[str, Field] = {}

    def configure(self, settings):
        for setting in settings:
            raise SettingsInvalid(setting, "is not known.")
        made = a_format()
        made.fields = FieldTable({**made.fields.fields, **self.changed_fields})
        return made

    def look(self, spoil=None, **changed):
        registry = load_plugins(found={"imgate.adapters": [self.make_plugin(manifest=self.manifest, configure=self.configure)]})
        assert registry.problems == ()
        registered = registry.adapters["made-up"]
        folder = self.tmp_path / registered.plugin.package
        (folder / "code.py").write_text(self.code)
        (folder / "samples").mkdir()
        for name, sample in self.samples.items():
            (folder / "samples" / name).write_text(sample)
        info = self.tmp_path / f"{registered.plugin.package}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(self.metadata)
        package = see_package(registered, PathDistribution(info), self.tests, self.kit)
        return look(dataclasses.replace(package, **changed, **(spoil(package) if spoil else {})))


@pytest.fixture
def package(tmp_path, make_plugin):
    return Package(tmp_path, make_plugin)


def leave_out_birth_name(package):
    place = Place(("content/sex",), without=("birth_name",))
    package.manifest = MANIFEST.replace(f'["{SCOPE}"]', f'["{SCOPE}", "person.name"]')
    package.changed_fields["person.name"] = Field("person.name", place, place)


def broken(findings):
    return {rule: finding.sentence for rule, finding in findings.items() if finding.found is not Found.KEPT}


def test_a_sound_package_keeps_every_rule(package):
    assert broken(package.look()) == {}


def test_the_machine_looks_at_what_the_scale_says_it_looks_at(package):
    assert set(package.look()) == {name for name, rule in RULES.items() if rule.looks_at is not None}


def test_a_reason_of_three_words(package):
    package.changed_fields["person.sex"] = Field(
        "person.sex", Absent("Not needed here."), Absent("The made-up partner sends none of this.")
    )
    assert broken(package.look()) == {"every_scope_accounted_for": "says in fewer than 4 words why it has no place for person.sex"}


def test_a_row_that_nobody_has_thought_about(package):
    package.changed_fields["person.sex"] = Field("person.sex", Absent(UNDECIDED), Absent(UNDECIDED))
    assert broken(package.look()) == {"every_scope_decided": "1 scope is not decided yet: person.sex"}


@pytest.mark.parametrize(
    ("code", "module"),
    [
        ("import imgate.record\n", "imgate.record"),
        ("import imgate\n", "imgate"),
        ("from imgate import consent\n", "imgate.consent"),
        ("def late():\n    from imgate.consent.judge import decide\n", "imgate.consent.judge.decide"),
        ("import imgate.plugin_apix\n", "imgate.plugin_apix"),
        ("from imgate.plugin_api.json_write import Unwritable\n", "imgate.plugin_api.json_write.Unwritable"),
        ("import imgate.plugin_api.json_write\n", "imgate.plugin_api.json_write"),
        ("from imgate.plugin_api import json_write\n", "imgate.plugin_api.json_write"),
        ("from imgate.plugin_api.json import compile_reader\n", "imgate.plugin_api.json.compile_reader"),
        ("from imgate.plugin_api.errors import *\n", "imgate.plugin_api.errors.*"),
        ("from imgate.conformance.adapter import AdapterConformance\n", "imgate.conformance.adapter.AdapterConformance"),
    ],
)
def test_an_import_from_the_core(package, code, module):
    package.code = code
    assert broken(package.look()) == {"imports_only_the_api": f"code.py imports {module}"}


@pytest.mark.parametrize(
    "code",
    [
        "import imgate_made_up\n",
        "from imgate import plugin_api\n",
        "import imgate.plugin_api\n",
        "import imgate.plugin_api.xml\n",
        "from imgate.plugin_api import xoev, field_table\n",
        "from imgate.plugin_api import *\n",
        "from imgate.plugin_api.json import Object\n",
        "from imgate.plugin_api.json import *\n",
        "from imgate.plugin_api.xoev import sex\n",
        "import json\n",
    ],
)
def test_what_may_be_imported(package, code):
    package.code = code
    assert broken(package.look()) == {}


@pytest.mark.parametrize(
    ("kit", "found", "told"),
    [
        (KitRun("pytest is not installed"), Found.UNSEEN, "pytest is not installed"),
        (KitRun(None, 3, ("a.py::test_b",)), Found.BROKEN, "1 of 4 tests fail: a.py::test_b"),
        (KitRun(None, 3, (), ("test_what_comes_back",)), Found.BROKEN, "test_what_comes_back"),
    ],
)
def test_the_kit(package, kit, found, told):
    finding = package.look(kit=kit)["passes_the_kit"]
    assert finding.found is found
    assert told in finding.sentence


@pytest.mark.parametrize(
    ("readme", "told"),
    [
        ("", "there is no README"),
        ("made-up", "has 1 word"),
        ("of made-up", "has 2 words"),
        ("word " * 60, "names neither made-up nor Erfunden"),
    ],
)
def test_a_readme_that_says_nothing(package, readme, told):
    assert told in broken(package.look(readme=readme))["readme_says_what_it_is"]


def test_no_licence(package):
    package.metadata = METADATA.replace("License-Expression: EUPL-1.2\n", "")
    assert broken(package.look()) == {"licence_named": "the package's metadata name no licence"}


def test_no_golden_message_in_one_direction(package):
    (package.tests / "golden" / "from_partner" / "one.xml").unlink()
    assert broken(package.look()) == {"golden_messages_both_directions": "no file below golden/from_partner"}


def test_tests_that_are_not_at_hand_prove_nothing(package):
    findings = package.look(tests=None)
    assert {rule for rule, finding in findings.items() if finding.found is Found.UNSEEN} == {
        "golden_messages_both_directions",
        "code_lists_named",
    }


@pytest.mark.parametrize("namespace", ["urn:made-up", "urn:made-up:v", "urn:made-up:1a", "https://example.org/2026/made-up"])
def test_a_format_without_version(package, namespace):
    def spoil(seen):
        manifest = seen.loaded.manifest.model_copy(update={"namespace": namespace})
        return {"loaded": dataclasses.replace(seen.loaded, manifest=manifest)}

    assert broken(package.look(spoil)) == {"format_versioned": f"no version in {namespace}"}


@pytest.mark.parametrize("namespace", ["urn:made-up:1", "urn:made-up:v2", "urn:made-up:1.2", "https://example.org/made-up/3.schema.json"])
def test_a_format_with_its_version(package, namespace):
    def spoil(seen):
        manifest = seen.loaded.manifest.model_copy(update={"namespace": namespace})
        return {"loaded": dataclasses.replace(seen.loaded, manifest=manifest)}

    assert broken(package.look(spoil)) == {}


LIST = '<x listURI="urn:de:list" listVersionID="2"><code>1</code></x>'
USE = '[[code_lists]]\nuri = "urn:de:list"\nversion = "2"\nscopes = ["residence.file_number"]\n'


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (LIST, "urn:de:list 2"),
        ('<x listURI="urn:de:list"><code>1</code></x>', "urn:de:list"),
        ('{"list": "urn:de:list", "version": "3", "code": "1"}', "urn:de:list 3"),
    ],
)
def test_a_code_list_that_the_manifest_does_not_name(package, message, told):
    (package.tests / "golden" / "to_partner" / "one.xml").write_text(message)
    assert broken(package.look()) == {"code_lists_named": f"[[code_lists]] does not name {told}"}


def test_another_version_of_a_code_list_is_another_list(package):
    package.manifest = MANIFEST + USE.replace('"2"', '"1"')
    (package.tests / "golden" / "to_partner" / "one.xml").write_text(LIST)
    assert broken(package.look()) == {"code_lists_named": "[[code_lists]] does not name urn:de:list 2"}


def test_a_code_list_without_a_version_covers_every_version(package):
    package.manifest = MANIFEST + USE.replace('version = "2"\n', "")
    (package.tests / "golden" / "to_partner" / "one.xml").write_text(LIST)
    assert broken(package.look()) == {}


def test_code_lists_that_are_named_and_such_as_belong_to_the_format(package):
    package.manifest = MANIFEST + USE
    (package.tests / "golden" / "to_partner" / "one.xml").write_text(LIST + LIST.replace("urn:de:", "urn:imgate:"))
    assert broken(package.look()) == {}


def test_a_code_list_in_a_scope_that_is_not_exchanged(package):
    package.manifest = MANIFEST + USE.replace(SCOPE, "person.sex")
    assert broken(package.look()) == {"code_lists_named": "[[code_lists]] names scopes that are not exchanged: person.sex"}


STATES = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit"


def code_lists_where(package, *, kind="table", scope="person.birth", without=(), named=()):
    """Look at a format that has a place for a scope in the direction to the partner, and names lists with scopes."""

    def spoil(seen):
        (seen.folder / "m.xsd").write_text('{"$id": "urn:made-up:1"}')  # as far as a look goes, a schema of JSON
        manifest = seen.loaded.manifest
        lists = tuple(CodeListUse(uri=uri, scopes=(of,)) for uri, of in named)
        changed = {"to_partner": manifest.to_partner.model_copy(update={"format": kind}), "code_lists": lists}
        place = Field(scope, Place(("column",), without), Absent("The made-up partner sends none of this."))
        seen.loaded.translator.fields = FieldTable({**seen.loaded.translator.fields.fields, scope: place})
        ceiling = {**seen.loaded.ceiling, Direction.TO_PARTNER: {scope}}
        return {"loaded": dataclasses.replace(seen.loaded, manifest=manifest.model_copy(update=changed), ceiling=ceiling)}

    return package.look(spoil)["code_lists_named"]


@pytest.mark.parametrize("kind", ["json", "table"])
@pytest.mark.parametrize("named", [(), ((STATES, SCOPE),), (("urn:de:list", "person.birth"),)])
def test_codes_that_stand_without_their_list_ask_for_it_in_the_manifest(package, kind, named):
    finding = code_lists_where(package, kind=kind, named=named)
    assert finding.found is Found.UNSEEN
    assert finding.sentence == f"[[code_lists]] names no list for what the record holds as codes: person.birth ({STATES})"


def test_codes_whose_list_is_named_for_their_scope(package):
    assert code_lists_where(package, named=((STATES, "person.birth"), (STATES, SCOPE))).found is Found.KEPT


@pytest.mark.parametrize("spared", [{"without": ("country",)}, {"scope": "person.name"}, {"kind": "xml"}])
def test_no_list_is_asked_for_where_no_code_stands_without_it(package, spared):
    assert code_lists_where(package, **spared).found is Found.KEPT


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        ({}, "no sample"),
        ({"notes.txt": "nothing"}, "no sample"),
        ({"a.xml": "<a/>"}, "samples/a.xml cannot be read: root_unknown"),
        ({"a.xml": "<a"}, "samples/a.xml cannot be read: not_wellformed at line 1"),
        (
            {"a.xml": SAMPLE.replace("m:number", "m:nummer")},
            "samples/a.xml cannot be read: schema_invalid at line 3, content/?: unexpected_element",
        ),
        ({"a.xml": SAMPLE, "b.xml": SAMPLE.replace("REFERENCE", "K-1")}, "samples/b.xml has problems, or is not about REFERENCE alone"),
    ],
)
def test_samples_that_cannot_be_sent(package, samples, told):
    package.samples = samples
    assert told in broken(package.look())["simulated_partner"]


def test_one_is_counted_as_one(package):
    leave_out_birth_name(package)
    found = package.look(readme=f"{README} birth_name")
    assert found["left_out_leaves_documented"].sentence == "1 is left out, and named"
    assert found["simulated_partner"].sentence == "1 sample"


def test_a_detail_that_is_left_out(package):
    leave_out_birth_name(package)
    left_out = broken(package.look())
    assert left_out == {
        "left_out_leaves_documented": "the README does not name birth_name of person.name",
        "nothing_left_out": "left out: birth_name of person.name",
    }
    assert broken(package.look(readme=f"{README} birth_name")).keys() == {"nothing_left_out"}


def test_an_unknown_setting_that_nobody_refuses(package):
    package.configure = lambda settings: a_format()
    assert broken(package.look()) == {"settings_documented": "an unknown setting is not refused"}


def test_a_readme_without_a_word_about_settings(package):
    assert broken(package.look(readme=README.replace("It has no settings.", ""))).keys() == {"settings_documented"}


@pytest.mark.parametrize(
    ("recorded", "source"),
    [
        (None, None),
        ('{"url": "https://example.org/a", "archive_info": {}}', None),
        ('{"url": "file:///a/b", "dir_info": {}}', None),
        ('{"url": "file:///a/b%20c", "dir_info": {"editable": true}}', "/a/b c"),
    ],
)
def test_where_a_package_was_installed_from(tmp_path, recorded, source):
    if recorded is not None:
        (tmp_path / "direct_url.json").write_text(recorded)
    assert source_of(PathDistribution(tmp_path)) == (None if source is None else Path(source))
