"""Odd plugins are refused with a sentence for the operator; one bad plugin does not hide the next."""

import importlib
import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from imgate.adapters.details import unknown_details
from imgate.adapters.errors import PluginRefused
from imgate.adapters.registry import load_plugins
from imgate.plugin_api import Absent, AdapterPlugin, Field, FieldTable, Place, SettingsInvalid, TransportPlugin, field_table, hookimpl
from imgate.plugin_api.errors import TableInvalid
from imgate.record.catalogue import CATALOGUE
from imgate.vocabulary.words import Direction
from tests.adapters.conftest import MANIFEST, SCHEMA, SCOPE, MadeUp, a_format


def loaded(*points, **options):
    return load_plugins(found={"imgate.adapters": points}, **options)


def refusal(registry):
    (problem,) = registry.problems
    assert registry.adapters == {}
    assert len(problem.sentence.split()) > 5
    return problem.sentence


def test_a_sound_plugin_is_handed_out(make_plugin):
    registry = loaded(make_plugin())
    assert registry.problems == ()
    adapter = registry.adapter("made-up", {})
    assert adapter.ceiling == {direction: {SCOPE} for direction in Direction}
    assert (adapter.id, adapter.media_type, adapter.manifest.name) == ("made-up", "application/xml", "Erfunden")


def test_the_installed_plugins_are_sound():
    registry = load_plugins()
    assert registry.problems == ()
    assert {"jobcenter", "auslaenderbehoerde", "jobkraftwerk"} <= registry.adapters.keys()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "api_version = 1",
            "api_version = 2",
            (
                "was made for plugin API 2, this imgate has 1. Install a release of it that fits. "
                "If it was made for this one, its author writes api_version = 1."
            ),
        ),
        ("api_version = 1", "api_version = 99\nfuture = 1", "plugin API 99"),
        ("api_version = 1", "", "api_version"),
        (
            'id = "made-up"',
            'id = "other"',
            (
                "its entry point and its manifest disagree about its id: pyproject.toml has made-up, adapter.toml other. "
                "Its author must mend that. Write the same id in both, and install the package again."
            ),
        ),
        ('id = "made-up"', 'id = "../made-up"', "id"),
        ('name = "Erfunden"', 'name = "Erfunden"\nsurprise = 1', "surprise"),
        ('format = "xml"', 'format = "json"', "format"),
        ('schema = "m.xsd"', 'schema = "../m.xsd"', "schema"),
        ('schema = "m.xsd"', 'schema = "/m.xsd"', "schema"),
        ('schema = "m.xsd"', 'schema = "n.xsd"', "missing"),
        ('root = "out"', "", "root, schema and sha256"),
        ('scopes = ["residence.file_number"]', "scopes = []", "its manifest has not"),
        ('scopes = ["residence.file_number"]', 'scopes = ["residence.file_number", "person.sex"]', "its table has no place"),
        (
            'scopes = ["residence.file_number"]',
            'scopes = ["person.sex", "residence.file_number"]',
            (
                "its manifest names person.sex (from_partner), its table has no place for it. Its author must mend that. Give it a place "
                'in the field table, or take it out of [from_partner] in adapter.toml: scopes = ["residence.file_number"]'
            ),
        ),
        (
            'scopes = ["residence.file_number"]',
            "scopes = []",
            (
                "The scopes of [to_partner] in adapter.toml are the most that it may exchange; if these are meant: "
                'scopes = ["residence.file_number"]'
            ),
        ),
        ('scopes = ["residence.file_number"]', 'scopes = ["residence.file_number", "residence.file_number"]', "twice"),
        ('purposes = ["housing"]', 'purposes = ["spying"]', "adapter.toml: purposes.0: "),
        ('purposes = ["housing"]', "purposes = []", "adapter.toml: purposes: Tuple should have at least 1 item"),
        (
            'media_types = ["application/xml", "text/xml"]',
            'media_types = ["application/xml", "text/xml"]\ndefault_purpose = "family_support"',
            "adapter.toml: default_purpose family_support is not among purposes. Its author must mend that.",
        ),
        (
            'media_types = ["application/xml"]',
            'media_types = ["text/csv"]',
            "writes the media type application/xml, its manifest names text/csv.",
        ),
        ('namespace = "urn:made-up:1"', "", "namespace"),
        ('id = "made-up"', "id = made-up", "not TOML"),
    ],
)
def test_a_manifest_that_is_wrong_or_disagrees_with_the_code(make_plugin, old, new, told):
    assert told in refusal(loaded(make_plugin(manifest=MANIFEST.replace(old, new))))


def test_a_wrong_purpose_is_one_problem_and_not_two(make_plugin):
    assert "Tuple" not in refusal(loaded(make_plugin(manifest=MANIFEST.replace("housing", "spying"))))


def test_no_manifest(make_plugin):
    sentence = refusal(loaded(make_plugin(manifest=None)))
    assert "has no readable adapter.toml beside its code, the package made_up_" in sentence


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ("no_such_package_of_ours", "cannot be imported (ModuleNotFoundError: no_such_package_of_ours). Its author must mend that."),
        ("", "cannot be imported (ValueError). Its author must mend that."),
    ],
)
def test_a_hook_that_names_a_package_that_is_not_there(make_plugin, package, told):
    hook = hookimpl(lambda: AdapterPlugin(package, lambda settings: a_format()), specname="imgate_register_adapter")
    sentence = refusal(loaded(make_plugin(module={"imgate_register_adapter": hook})))
    assert sentence == f"its hook names the package {package}, which {told}"


def test_a_schema_that_somebody_changed(make_plugin):
    assert "digest" in refusal(loaded(make_plugin(digest="0" * 64)))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("<xs:schema", "does not compile"),
        (SCHEMA.replace("m:C", "m:Missing"), "does not compile"),
        (SCHEMA.replace('schemaLocation="imgate-envelope.xsd"', 'schemaLocation="/etc/passwd"'), "m.xsd"),
        (SCHEMA.replace('schemaLocation="imgate-envelope.xsd"', 'schemaLocation="http://127.0.0.1:9/x.xsd"'), "m.xsd"),
    ],
)
def test_a_schema_that_does_not_compile_or_looks_elsewhere(make_plugin, schema, told):
    assert told in refusal(loaded(make_plugin(schema=schema)))


def test_a_table_that_leaves_a_scope_out(make_plugin):
    missing = a_format([scope for scope in CATALOGUE.scopes if scope != "asylum.grounds"])
    assert "asylum.grounds" in refusal(loaded(make_plugin(configure=lambda settings: missing)))


def test_a_table_that_names_an_unknown_scope(make_plugin):
    unknown = a_format([*CATALOGUE.scopes, "person.shoe_size"])
    assert "person.shoe_size" in refusal(loaded(make_plugin(configure=lambda settings: unknown)))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Place(("content/sex",), ("titel",)), "its field table: `titel` is no detail of person.name. Its author must mend that."),
        (
            Place(("content/sex",), (), ("family", "birthname")),
            "its field table: `birthname` is no detail of person.name; did you mean `birth_name`? Its author must mend that.",
        ),
        (Place(("content/sex",), ("family.given",)), "`family.given` is no detail of person.name"),
    ],
)
def test_a_table_that_names_a_detail_that_the_record_does_not_have(make_plugin, place, told):
    wrong = a_format()
    field = Field("person.name", place, Absent("The made-up partner sends none of this."))
    wrong.fields = FieldTable({**wrong.fields.fields, "person.name": field})
    assert told in refusal(loaded(make_plugin(configure=lambda settings: wrong)))


def test_a_detail_below_a_list_is_a_detail(make_plugin):
    found = list(unknown_details(field_table(Field("contact_persons.jobcenter", Place(("a",), ("channels.note",)), Absent("None.")))))
    assert found == []


def test_an_adapter_that_needs_settings(make_plugin):
    def configure(settings):
        raise SettingsInvalid("mapping", "is missing.")

    assert "without settings" in refusal(loaded(make_plugin(configure=configure)))


def test_an_adapter_that_crashes_while_it_is_configured(make_plugin):
    sentence = refusal(loaded(make_plugin(configure=lambda settings: {}["secret value"])))
    assert "KeyError" in sentence
    assert "secret" not in sentence


def test_settings_are_checked_for_each_partner(make_plugin):
    def configure(settings):
        if settings:
            raise SettingsInvalid("colour", "is not known.")
        return a_format()

    registry = loaded(make_plugin(configure=configure))
    with pytest.raises(SettingsInvalid):
        registry.adapter("made-up", {"colour": "blue"})


def test_settings_can_narrow_the_ceiling_and_never_widen_it(make_plugin):
    wide, none = a_format(), a_format()
    nowhere = Absent("Not wanted with these settings.")
    none.fields = FieldTable({**wide.fields.fields, SCOPE: Field(SCOPE, nowhere, nowhere)})
    formats = iter([wide, none])
    registry = loaded(make_plugin(configure=lambda settings: next(formats)))
    assert registry.adapter("made-up", {}).ceiling[Direction.TO_PARTNER] == frozenset()
    registry = loaded(make_plugin(manifest=MANIFEST, configure=lambda settings: MadeUp()))
    assert registry.adapter("made-up", {}).ceiling[Direction.TO_PARTNER] == {SCOPE}


def test_settings_that_widen_what_the_manifest_names_are_refused(make_plugin):
    one = a_format()
    two = a_format()
    sex = Field("person.sex", Place(("content/sex",)), Absent("The made-up partner sends none of this."))
    two.fields = FieldTable({**one.fields.fields, "person.sex": sex})
    registry = loaded(make_plugin(configure=lambda settings: two if settings else one))
    assert registry.problems == ()
    with pytest.raises(PluginRefused, match=r"has a place for person\.sex \(to_partner\), its manifest has not"):
        registry.adapter("made-up", {"more": True})


def test_a_table_that_changes_later_widens_nothing(make_plugin):
    made = a_format()
    adapter = loaded(make_plugin(configure=lambda settings: made)).adapter("made-up", {})
    made.fields = FieldTable({**made.fields.fields, "person.sex": Field("person.sex", Place(("content/sex",)), Place(("content/sex",)))})
    assert adapter.ceiling[Direction.TO_PARTNER] == {SCOPE}


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        ({"fields": {}}, "no field_table"),
        ({"fields": FieldTable({SCOPE: "number"})}, "no field_table"),
        ({"fields": FieldTable({SCOPE: Field("person.sex", Absent("no"), Absent("no"))})}, "no field_table"),
        ({"fields": FieldTable({SCOPE: Field(SCOPE, "number", Absent("no"))})}, "no field_table"),
    ],
    ids=["a dict", "a text for a field", "another scope's field", "a text for a place"],
)
def test_a_table_that_is_none(make_plugin, replaced, told):
    class Odd(MadeUp):
        def __getattr__(self, name):
            return replaced[name] if name in replaced else super().__getattr__(name)

    assert told in refusal(loaded(make_plugin(configure=lambda settings: Odd())))


def test_an_adapter_that_lacks_a_part(make_plugin):
    class Half:
        fields, media_type = a_format().fields, "application/xml"

        def to_partner(self, released, envelope):
            return b""

    assert "without from_partner" in refusal(loaded(make_plugin(configure=lambda settings: Half())))


def test_everything_that_is_wrong_with_one_plugin_is_told_at_once(make_plugin):
    manifest = MANIFEST.replace("purposes =", "purpose =")
    table = a_format([scope for scope in CATALOGUE.scopes if scope not in {"asylum.grounds", "person.sex"}])
    registry = loaded(make_plugin(manifest=manifest, digest="0" * 64, configure=lambda settings: table))
    (problem,) = registry.problems
    assert [sentence.split(". ")[0] for sentence in problem.sentences] == [
        "adapter.toml: purposes is missing",
        "adapter.toml: purpose is no entry that imgate knows; did you mean `purposes`? Its author must mend that.",
        "its schema m.xsd is not the one that its manifest names by digest; somebody changed one of the two",
        "its field table leaves out person.sex, asylum.grounds",
    ]


def test_several_odd_hooks_are_told_at_once(make_plugin):
    refused = loaded(make_plugin(module={"imgate_register_adapter": asking(), "imgate_registr_adapter": misspelt()})).problems[0]
    assert len(refused.sentences) == 2


def test_a_hook_under_the_other_group(make_plugin):
    transport = hookimpl(lambda: TransportPlugin("pigeon", lambda settings: None), specname="imgate_register_transport")
    told = refusal(loaded(make_plugin(module={"imgate_register_transport": transport})))
    assert "belongs into the group imgate.transports" in told


def wrapping():
    @hookimpl(wrapper=True)
    def imgate_register_adapter():
        return (yield)

    return imgate_register_adapter


def crashing():
    @hookimpl
    def imgate_register_adapter():
        raise RuntimeError("secret value")

    return imgate_register_adapter


def asking():
    @hookimpl
    def imgate_register_adapter(record):
        return record

    return imgate_register_adapter


def again():
    return hookimpl(lambda: None, specname="imgate_register_adapter")


def misspelt():
    @hookimpl
    def imgate_registr_adapter():
        return None

    return imgate_registr_adapter


def optional():
    @hookimpl(optionalhook=True, specname="imgate_after_release")
    def imgate_register_adapter(record):
        return record

    return imgate_register_adapter


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ({}, "does not implement"),
        ({"imgate_register_adapter": lambda: None}, "without @hookimpl"),
        ({"imgate_registr_adapter": misspelt()}, "misspelt"),
        ({"imgate_may_pass": lambda scope: True}, "looks like a hook"),
        ({"imgate_register_adapter": optional()}, "looks like a hook"),
        ({"register": misspelt()}, "does not know"),
        ({"imgate_register_adapter": wrapping()}, "wraps a hook"),
        ({"imgate_register_adapter": crashing(), "again": again()}, "twice"),
        ({"imgate_register_adapter": crashing()}, "RuntimeError"),
        ({"imgate_register_adapter": asking()}, "arguments"),
        ({"imgate_register_adapter": hookimpl(lambda: "adapter")}, "does not return an AdapterPlugin"),
    ],
    ids=[
        "no hook",
        "no mark",
        "misspelt",
        "unknown hook",
        "optional hook",
        "other name",
        "wrapper",
        "twice",
        "crash",
        "arguments",
        "wrong object",
    ],
)
def test_odd_hooks(make_plugin, module, told):
    sentence = refusal(loaded(make_plugin(module=module)))
    assert told in sentence
    assert "secret" not in sentence


def test_a_plugin_that_cannot_be_imported(make_plugin):
    assert "ModuleNotFoundError" in refusal(loaded(EntryPoint("gone", "there_is_no_such_module_of_ours", "imgate.adapters")))


def test_where_an_import_failed_is_told_and_not_its_text(tmp_path, monkeypatch):
    (tmp_path / "broken_plugin.py").write_text("import os\n\nraise RuntimeError('canary')\n")
    (tmp_path / "misspelt_plugin.py").write_text("x = 1\ndef canary(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    raised, misspelt = (refusal(loaded(EntryPoint("b", name, "imgate.adapters"))) for name in ("broken_plugin", "misspelt_plugin"))
    assert "broken_plugin.py, line 3" in raised
    assert "misspelt_plugin.py, line 2" in misspelt
    assert "canary" not in raised + misspelt
    gone = refusal(loaded(EntryPoint("gone", "there_is_no_such_module_of_ours", "imgate.adapters")))
    assert "line" not in gone
    assert "there_is_no_such_module_of_ours" in gone


def test_where_registering_and_configuring_failed_is_told_and_not_their_text(make_plugin, tmp_path, monkeypatch):
    (tmp_path / "failing_plugin.py").write_text(
        "import json\n\n\ndef register():\n    import misspelt_part\n\n\ndef configure(settings):\n    return json.loads('canary')\n"
    )
    (tmp_path / "misspelt_part.py").write_text("x = 1\ny = 2\ndef canary(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    plugin = importlib.import_module("failing_plugin")
    hook = hookimpl(lambda: plugin.register(), specname="imgate_register_adapter")
    registering = refusal(loaded(make_plugin(module={"imgate_register_adapter": hook})))
    configuring = refusal(loaded(make_plugin(configure=plugin.configure)))
    assert f"failed while registering (SyntaxError in {tmp_path.name}/misspelt_part.py, line 3). Its author" in registering
    assert f"failed while it was configured (JSONDecodeError in {tmp_path.name}/failing_plugin.py, line 9). Its author" in configuring
    assert "canary" not in registering + configuring


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            '[both("person.sex", "a"), both("contact.phone", "a/b")]',
            "contact.phone stands inside the place of another scope, person.sex",
        ),
        ('[both("person.sex", "a"), both("person.sex", "b")]', "each scope stands once in a field table; twice: person.sex"),
        ('[both("person.sex", "a", Object({"kind": Words({})}))]', "`kind` is given a shape and no name; write Member(name, shape)"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_in_full_wherever_it_is_made(make_plugin, tmp_path, monkeypatch, table, told):
    code = f"from imgate.plugin_api.json import *\n\ndef configure(settings=None):\n    return JsonFormat(items={table})\n"
    (tmp_path / "late_table.py").write_text(code)
    (tmp_path / "early_table.py").write_text(f"{code}\n\nFORMAT = configure()\n")
    monkeypatch.syspath_prepend(tmp_path)
    late = importlib.import_module("late_table")
    hook = hookimpl(lambda: late.configure(), specname="imgate_register_adapter")
    where = f"{told} (in {tmp_path.name}/late_table.py, line 4). Its author must mend that."
    assert f"failed while it was configured: {where}" in refusal(loaded(make_plugin(configure=late.configure)))
    assert refusal(loaded(make_plugin(module={"imgate_register_adapter": hook}))) == f"failed while registering: {where}"
    imported = refusal(loaded(EntryPoint("early", "early_table", "imgate.adapters")))
    assert imported == f"could not be imported: {where.replace('late', 'early')}"
    for name in ("late_table", "early_table"):
        sys.modules.pop(name, None)


def test_what_a_plugin_says_in_the_name_of_its_table_is_not_shown(make_plugin):
    class Mine(TableInvalid):
        pass

    def configure(settings):
        raise Mine("canary")

    assert "canary" not in refusal(loaded(make_plugin(configure=configure)))


def test_a_module_that_is_missing_is_named_wherever_it_is_missed(make_plugin):
    def configure(settings):
        importlib.import_module("there_is_no_such_module_of_ours")

    assert "(ModuleNotFoundError: there_is_no_such_module_of_ours in " in refusal(loaded(make_plugin(configure=configure)))


def test_a_plugin_that_ends_the_process_while_it_is_imported_does_not(tmp_path, monkeypatch):
    (tmp_path / "leaving_plugin.py").write_text("raise SystemExit(0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "SystemExit" in refusal(loaded(EntryPoint("leaving", "leaving_plugin", "imgate.adapters")))


def test_a_plugin_that_fails_when_it_is_looked_at(tmp_path, monkeypatch):
    source = "class Odd:\n    @property\n    def imgate_odd(self):\n        raise RuntimeError('canary')\nodd = Odd()\n"
    (tmp_path / "odd_plugin.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    told = refusal(loaded(EntryPoint("odd", "odd_plugin:odd", "imgate.adapters")))
    assert "failed while it was looked at (RuntimeError in " in told
    assert "canary" not in told


def test_a_misspelt_name_is_told_with_all_that_is_installed(make_plugin):
    point = EntryPoint("jobcenter", "never_imported", "imgate.adapters")
    registry = loaded(make_plugin(), point, listed={"jobcentr"})
    with pytest.raises(PluginRefused, match=r"did you mean `jobcenter`\? there are jobcenter, made-up"):
        registry.adapter("jobcentr", {})


def test_a_plugin_that_is_not_listed_is_not_even_imported():
    point = EntryPoint("unlisted", "there_is_no_such_module_of_ours", "imgate.adapters")
    assert "not listed" in refusal(loaded(point, listed={"jobcenter"}))


def test_of_two_plugins_with_one_id_neither_is_used_or_even_imported(make_plugin):
    unlike = EntryPoint("made-up", "there_is_no_such_module_of_ours", "imgate.adapters")
    sentence = refusal(loaded(make_plugin(), unlike))
    assert "several installed packages have a plugin of this name" in sentence
    assert "there_is_no_such_module_of_ours" in sentence
    assert "ModuleNotFoundError" not in sentence


def test_all_problems_at_once_and_the_sound_ones_work(make_plugin):
    gone = EntryPoint("gone", "there_is_no_such_module_of_ours", "imgate.adapters")
    registry = loaded(gone, make_plugin("second", manifest=None), make_plugin())
    assert {problem.plugin for problem in registry.problems} == {"gone", "second"}
    assert registry.adapters.keys() == {"made-up"}


def test_asking_for_what_is_not_there_says_why(make_plugin):
    registry = loaded(make_plugin(digest="0" * 64))
    with pytest.raises(PluginRefused, match="digest"):
        registry.adapter("made-up", {})
    with pytest.raises(PluginRefused, match="no adapter of this name"):
        registry.adapter("jobcentre", {})
    with pytest.raises(PluginRefused, match="no transport of this name"):
        registry.transport("pigeon")


def a_transport(name, kind):
    module = ModuleType(name)
    module.imgate_register_transport = hookimpl(lambda: TransportPlugin(kind, lambda settings: None), specname="imgate_register_transport")
    return module


def test_built_in_transports_come_the_same_way():
    registry = load_plugins(found={}, transports=[a_transport("folder", "folder")])
    assert registry.problems == ()
    assert registry.transport("folder").kind == "folder"


def transport_point(monkeypatch, name, kind):
    module = a_transport(f"made_up_transport_{kind}", kind)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return {"imgate.transports": [EntryPoint(name, module.__name__, "imgate.transports")]}


def test_a_transport_of_a_plugin(monkeypatch):
    registry = load_plugins(found=transport_point(monkeypatch, "pigeon", "pigeon"))
    assert (registry.problems, registry.transport("pigeon").kind) == ((), "pigeon")


def test_no_plugin_takes_the_place_of_a_built_in_transport(monkeypatch):
    registry = load_plugins(found=transport_point(monkeypatch, "folder", "folder"), transports=[a_transport("folder", "folder")])
    assert registry.transports == {}
    assert "imgate itself has a transport of this name" in registry.problems[0].sentence
    registry = load_plugins(found=transport_point(monkeypatch, "pigeon", "folder"), transports=[a_transport("folder", "folder")])
    assert registry.transport("folder").kind == "folder"
    assert registry.problems[0].sentence == (
        "its entry point and its hook disagree about its kind: pyproject.toml has pigeon, the hook folder. Its author must mend that. "
        "Write the same kind in both, and install the package again."
    )
