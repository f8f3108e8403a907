"""A manifest that is wrong says so entry by entry, all at once, in words that its author can act on."""

import pytest

from imgate.adapters.manifest import ManifestInvalid, OtherApiVersion, read_manifest
from tests.adapters.conftest import MANIFEST

SOUND = MANIFEST.replace("@", "0" * 64)
FORMAT, SCOPES = 'format = "xml"\n', 'scopes = ["residence.file_number"]\n'


def problems(content):
    with pytest.raises(ManifestInvalid) as caught:
        read_manifest(content if isinstance(content, bytes) else content.encode())
    return caught.value.problems


def test_a_sound_manifest():
    assert read_manifest(SOUND.encode()).id == "made-up"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "made-up"\n', "", "adapter.toml: id is missing"),
        ('id = "made-up"', 'id = "Made Up"', "adapter.toml: id: String should match pattern"),
        ("api_version = 1", 'api_version = "1.0"', "adapter.toml: api_version: Input should be a valid integer"),
        ("api_version = 1", 'api_version = "2"', "adapter.toml: api_version: Input should be a valid integer"),
        ("api_version = 1", "", "adapter.toml: api_version is missing"),
        ("purposes =", "purpose =", "adapter.toml: purpose is no entry that imgate knows; did you mean `purposes`?"),
        ('purposes = ["housing"]', "purposes = []", "adapter.toml: purposes: Tuple should have at least 1 item"),
        ('purposes = ["housing"]', 'purposes = ["spying"]', "adapter.toml: purposes.0: Input should be"),
        ('namespace = "urn:made-up:1"', "", "adapter.toml: an XML format needs a namespace"),
        ('root = "out"', 'rot = "out"', "adapter.toml: to_partner.rot is no entry that imgate knows; did you mean `root`?"),
        ('root = "out"', "", "adapter.toml: to_partner: an XML format names root, schema and sha256; the schema ends in .xsd"),
        ('root = "out"', 'root = "out"\ndefault_purpose = "housing"', "adapter.toml: to_partner.default_purpose is no entry"),
        (FORMAT, 'format = "fax"\n', "adapter.toml: to_partner.format: Input should be 'xml', 'json' or 'table'"),
        (FORMAT, 'format = "table"\n', "adapter.toml: to_partner: a table has neither root nor schema"),
        (
            FORMAT,
            'format = "json"\n',
            "adapter.toml: to_partner: a JSON format names schema and sha256, and no root; the schema ends in .json",
        ),
        (SCOPES, 'scopes = ["residence"]\n', "adapter.toml: to_partner.scopes.0: String should match pattern"),
        (SCOPES, 'scopes = ["person.sex", "person.sex"]\n', "adapter.toml: to_partner: a scope stands twice"),
        (SCOPES, "", "adapter.toml: to_partner.scopes is missing"),
        (SCOPES, f'{SCOPES}attachments = ["photo"]\n', "adapter.toml: to_partner.attachments.0: Input should be"),
        ("[to_partner]", '[[code_lists]]\nurl = "urn:a"\nscopes = ["a.b"]\n[to_partner]', "code_lists.0.url is no entry that imgate knows"),
        ("[to_partner]", '[[code_lists]]\nuri = "a"\nscopes = ["a.b"]\n[to_partner]', "adapter.toml: code_lists.0.uri: String should"),
        ("[to_partner]", '[to]\nformat = "xml"\n[to_partner]', "adapter.toml: to is no entry that imgate knows"),
    ],
)
def test_one_wrong_entry_is_named_with_what_is_wrong(old, new, told):
    assert old in SOUND
    assert any(problem.startswith(told) or told in problem for problem in problems(SOUND.replace(old, new, 1)))


def test_every_wrong_entry_has_a_sentence_of_its_own():
    wrong = (
        SOUND.replace("purposes =", "purpose =")
        .replace('root = "in"\n', 'root = "in"\ncolour = 1\n')
        .replace(FORMAT, 'format = "fax"\n', 1)
    )
    assert [problem.removeprefix("adapter.toml: ").split()[0].rstrip(":") for problem in problems(wrong)] == [
        "purposes",
        "to_partner.format",
        "from_partner.colour",
        "purpose",
    ]


def test_what_can_be_read_of_a_wrong_manifest_is_handed_on():
    with pytest.raises(ManifestInvalid) as caught:
        read_manifest(SOUND.replace("purposes =", "purpose =").replace(FORMAT, 'format = "fax"\n', 1).encode())
    (readable,) = caught.value.directions
    assert (readable.root, readable.schema_file) == ("in", "m.xsd")


def test_no_value_is_repeated():
    assert not any("canary" in problem for problem in problems(SOUND.replace('"urn:made-up:1"', '"canary canary"')))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is missing"),
        (b"\xff\xfe", "adapter.toml is not UTF-8"),
        (b"a = ", "adapter.toml is not TOML: "),
        (b"id = made-up", "is not TOML"),
    ],
)
def test_what_is_no_manifest(content, told):
    assert told in problems(content)[0]


@pytest.mark.parametrize("version", ["0", "2", "99"])
def test_another_api_version_is_told_before_anything_else(version):
    with pytest.raises(OtherApiVersion, match=version):
        read_manifest(f"api_version = {version}\nsomething = 1\n".encode())


@pytest.mark.parametrize("quality", ["", '[quality]\nnonsense = "yes"\n', "[quality]\npasses_the_kit = 3\n"])
def test_answers_to_the_quality_scale_keep_nothing_from_starting(quality):
    assert read_manifest((SOUND + quality).encode()).id == "made-up"
