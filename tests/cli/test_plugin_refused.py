"""What an operator reads when a plugin cannot be used: the line in imgate.toml, whose fault it is, and how to mend it."""

import hashlib
import itertools
import json
import os

import pytest

from imgate.adapters.quality.scale import RULES
from tests.adapters.conftest import MANIFEST, SCHEMA
from tests.cli.conftest import CONFIGURATION

CODE = """
from imgate.plugin_api import AdapterPlugin, hookimpl

def configure(settings):
    from imgate.plugin_api.xml import Text, XmlFormat, both, neither
    from imgate.record.catalogue import CATALOGUE
    items = [
        both(scope, Text("number")) if scope == "residence.file_number" else neither(scope, "The made-up partner wants none of this.")
        for scope in CATALOGUE.scopes
    ]
    return XmlFormat(namespace="urn:made-up:1", to_partner="out", from_partner="in", items=items)

@hookimpl
def imgate_register_adapter():
    return AdapterPlugin(__name__, configure)
"""
CONFIGURED = CONFIGURATION.replace('adapter = "jobkraftwerk"', 'adapter = "made-up"')
# Where the partner names its adapter.
LINE = CONFIGURED.splitlines().index('adapter = "made-up"') + 1

_numbers = itertools.count()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Lay packages out as an installation has them, and let this process and its children find them."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def installed(*, code=CODE, manifest=MANIFEST, schema=SCHEMA, digest=None, distribution="imgate-made-up", group="imgate.adapters"):
        package = f"made_up_installed_{next(_numbers)}"
        folder = site / package
        folder.mkdir()
        (folder / "__init__.py").write_text(code)
        (folder / "m.xsd").write_text(schema)
        (folder / "adapter.toml").write_text(manifest.replace("@", digest or hashlib.sha256(schema.encode()).hexdigest()))
        info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\nmade-up = {package}\n")
        return site

    return installed


def test_a_sound_plugin_is_no_problem(imgate, install):
    install()
    imgate.configure(CONFIGURED)
    done = imgate("check")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"manifest": MANIFEST.replace("api_version = 1", "api_version = 2")},
            "was made for plugin API 2, this imgate has 1. Install a release of it that fits.",
        ),
        (
            {"code": CODE.replace("imgate_register_adapter", "imgate_registr_adapter")},
            "misspelt `imgate_register_adapter`? Its author must mend that.",
        ),
        (
            {"code": CODE.replace("@hookimpl", "@hookimpl(wrapper=True)").replace("return AdapterPlugin", "yield AdapterPlugin")},
            "a plugin may register itself and not stand between others. Its author must mend that.",
        ),
        (
            {"code": "import there_is_no_such_module_of_ours"},
            "that is the package's fault or its installation's. Install it again, with everything that it depends on.",
        ),
        (
            {"digest": "0" * 64},
            "Install the package again; to its author, `imgate plugin check made-up` shows the digest that adapter.toml must name.",
        ),
        (
            {"code": CODE.replace("for scope in CATALOGUE.scopes", "for scope in CATALOGUE.scopes if scope != 'asylum.grounds'")},
            "its field table leaves out asylum.grounds. Its author must mend that.",
        ),
    ],
    ids=["wrong API version", "misspelt hook", "wrapper", "import failure", "other digest", "scope left out"],
)
def test_a_plugin_that_cannot_be_used_is_told_with_its_line(imgate, install, wrong, told):
    install(**wrong)
    imgate.configure(CONFIGURED)
    done = imgate("check")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"imgate.toml: line {LINE}: `partners.jobkraftwerk.adapter`: `made-up`: ")
    assert told in line


def test_two_packages_that_bring_one_id_are_both_named(imgate, install):
    install()
    install(distribution="another-made-up")
    imgate.configure(CONFIGURED)
    done = imgate("check")
    assert done.returncode == 1
    assert "another-made-up and imgate-made-up; imgate uses none of them. Uninstall all but one." in done.stdout


def test_what_check_tells_keeps_the_gateway_from_starting(imgate, install):
    site = install(digest="0" * 64)
    imgate.configure(CONFIGURED)
    imgate.environment["PYTHONPATH"] = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = imgate("serve")
    assert done.returncode == 1
    assert "its schema m.xsd is not the one that its manifest names by digest" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_odd_plugin_that_no_partner_names_keeps_nothing_from_starting(imgate, install):
    install(code="raise RuntimeError")
    imgate.configure()
    assert imgate("check").returncode == 0


def test_check_of_the_plugin_prints_the_digest_and_everything_else_at_once(imgate, install):
    manifest = (
        MANIFEST.replace("purposes =", "purpose =") + "[quality]\n" + "".join(f'{rule} = "todo"\n' for rule in RULES) + "colour = 1\n"
    )
    install(digest="0" * 64, manifest=manifest, code=CODE.replace("CATALOGUE.scopes", "()"))
    done = imgate("plugin", "check", "made-up")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert len(lines) == 6
    wrong = ("purposes is missing", "did you mean `purposes`?", "m.xsd is not the one", "table leaves out person.name", "answers colour")
    for told in wrong:
        assert sum(told in line for line in lines) == 1, told
    assert "somebody changed one of the two. Install the package again." in done.stdout
    assert "`imgate plugin check made-up` shows" not in done.stdout
    assert (
        lines[-1]
        == f'made-up: m.xsd has sha256 = "{hashlib.sha256(SCHEMA.encode()).hexdigest()}"; if you are its author, put that into adapter.toml'
    )
    assert "once it starts" in done.stderr


def test_check_of_a_plugin_without_tests_at_hand(imgate, install):
    install(manifest=MANIFEST + "[quality]\n" + "".join(f'{rule} = "done"\n' for rule in RULES))
    done = imgate("plugin", "check", "made-up")
    assert done.returncode == 1
    assert "passes_the_kit" in done.stdout
    assert "the package's tests are not at hand; --tests names their folder" in done.stdout
    assert done.stdout.splitlines()[-1] == "made-up 1.0: not even bronze"


TRANSPORT = """
from imgate.plugin_api import TransportPlugin, hookimpl

@hookimpl
def imgate_register_transport():
    return TransportPlugin("made-up", lambda settings: None)
"""


def test_check_of_a_transport_says_what_is_wrong_and_shows_no_scale(imgate, install):
    install(code=TRANSPORT, group="imgate.transports")
    done = imgate("plugin", "check", "made-up")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "It is a transport; the quality scale is for adapters.\nNo problems.\n"


def test_check_of_a_transport_under_the_wrong_group(imgate, install):
    install(code=TRANSPORT, group="imgate.adapters")
    done = imgate("plugin", "check", "made-up")
    assert done.returncode == 1
    assert "its entry point belongs into the group imgate.transports" in done.stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("jobcentr", "Did you mean `jobcenter`? `imgate plugin list` shows what there is"),
        ("mailbox", "mailbox is a transport of imgate's own"),
        ("fit-connect", "fit-connect is a transport of imgate's own"),
        ("../jobcenter", "No plugin of the name ../jobcenter is installed."),
    ],
)
def test_check_of_what_is_not_installed(imgate, name, told):
    done = imgate("plugin", "check", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr


def test_check_with_a_folder_of_tests_that_is_not_there(imgate):
    done = imgate("plugin", "check", "jobcenter", "--tests", "gone")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "There is no folder gone.\n")


def test_check_as_json_of_what_does_not_start(imgate, install):
    install(digest="0" * 64)
    done = imgate("plugin", "check", "made-up", "--json")
    assert done.returncode == 1
    shown = json.loads(done.stdout)
    assert (shown["level"], shown["rules"], len(shown["problems"])) == (None, [], 2)
    assert shown["schemas"][0] == {"file": "m.xsd", "sha256": hashlib.sha256(SCHEMA.encode()).hexdigest(), "named": False}
