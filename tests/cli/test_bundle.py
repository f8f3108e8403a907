"""A bundle is written by a gateway and checked without one: by its sentences, and by the exit status."""

import json
import stat
from datetime import timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.declarations import bundles
from imgate.settings import load_settings
from imgate.storage.erase import erase_client
from imgate.storage.sweep import sweep
from tests.consent.bundled import FOLDER, KEYS, MANIFEST, parts_of, signed, vector
from tests.exchange.conftest import CLIENT, CONFIG, World

PAPER = str(FOLDER / "paper-es256.json")
JWKS = str(FOLDER / "jwks.json")
THUMBPRINT = KEYS["ES256"].thumbprint()


@pytest.fixture
def gateway(imgate):
    imgate.configure(CONFIG)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as opened:
        yield opened


@pytest.fixture
def declared(gateway):
    return World(gateway).declare("language.level")


def test_what_is_exported_verifies_with_the_published_keys(imgate, gateway, declared):
    done = imgate("declaration", "export", declared, "--with-evidence", "--output", "bundle.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert "personal data" in done.stderr
    assert stat.S_IMODE((imgate.folder / "bundle.json").stat().st_mode) == 0o600
    (imgate.folder / "jwks.json").write_text(json.dumps(gateway.keyring.jwks()), encoding="utf-8")
    checked = imgate("declaration", "verify", "bundle.json", "--jwks", "jwks.json", "--json")
    assert (checked.returncode, checked.stderr) == (0, "")
    report = json.loads(checked.stdout)
    assert report["holds"] is True
    assert {check["outcome"] for check in report["checks"]} == {"passed"}


def test_a_file_that_is_there_already_is_not_touched(imgate, declared):
    (imgate.folder / "bundle.json").write_text("mine", encoding="utf-8")
    done = imgate("declaration", "export", declared, "--output", "bundle.json")
    assert (done.returncode, "is not overwritten" in done.stderr) == (1, True)
    assert (imgate.folder / "bundle.json").read_text(encoding="utf-8") == "mine"


def test_a_link_is_not_followed(imgate, declared):
    (imgate.folder / "bundle.json").symlink_to("elsewhere.json")
    assert imgate("declaration", "export", declared, "--output", "bundle.json").returncode == 1
    assert not (imgate.folder / "elsewhere.json").exists()


@pytest.mark.parametrize("output", ["no/such/folder/bundle.json", "."])
def test_where_nothing_can_be_written_a_sentence_says_so(imgate, declared, output):
    done = imgate("declaration", "export", declared, "--output", output)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("declaration", ["00000000-0000-4000-8000-000000000000", "K-2026-0815", "../../etc/passwd", ""])
def test_what_is_not_there_is_not_exported_and_leaves_no_file(imgate, gateway, declaration):
    done = imgate("declaration", "export", declaration, "--output", "bundle.json")
    assert (done.returncode, done.stderr) == (1, "There is no such declaration.\n")
    assert not (imgate.folder / "bundle.json").exists()


def test_the_operator_exports_for_as_long_as_the_term_of_proof_lasts(imgate, gateway, declared):
    erase_client(gateway.store, CLIENT, gateway.corridor.clock(), "operator")
    assert imgate("declaration", "export", declared, "--output", "proof.json").returncode == 0
    assert imgate("declaration", "verify", "proof.json").returncode == 0
    sweep(gateway.store, gateway.corridor.clock() + timedelta(days=4 * 366))
    done = imgate("declaration", "export", declared, "--output", "late.json")
    assert (done.returncode, "term of proof is over" in done.stderr) == (1, True)
    assert not (imgate.folder / "late.json").exists()


def test_verifying_needs_neither_configuration_nor_database(imgate):
    done = imgate("declaration", "verify", PAPER, "--jwks", JWKS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing failed." in done.stdout
    assert list(imgate.folder.iterdir()) == []


def test_whose_key_it_is_is_said_loudly_not_to_be_checked(imgate):
    done = imgate("declaration", "verify", PAPER)
    assert done.returncode == 0
    assert "NOT CHECKED: WHOSE KEY THIS IS" in done.stderr
    assert "not_checked  key" in done.stdout


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--key", THUMBPRINT], 0),
        (["--jwks", JWKS, "--key", THUMBPRINT], 0),
        (["--key", KEYS["Ed25519"].thumbprint()], 1),
        (["--jwks", JWKS, "--key", KEYS["Ed25519"].thumbprint()], 1),
        (["--key", THUMBPRINT[:-1]], 2),
        (["--key", ""], 2),
        (["--key", "é" * 43], 2),
    ],
)
def test_the_key_has_to_be_the_one_that_is_given(imgate, options, status):
    assert imgate("declaration", "verify", PAPER, *options).returncode == status


@pytest.mark.parametrize(
    "jwks", ["", "{}", '{"keys":[]}', '{"keys":7}', '{"keys":[7,null,{}]}', '{"keys":[{"kty":"oct","k":"AAAA"}]}', "[]", "x" * 2_000_000]
)
def test_a_file_of_keys_that_holds_none_is_not_taken_for_no_question(imgate, jwks):
    (imgate.folder / "jwks.json").write_text(jwks, encoding="utf-8")
    done = imgate("declaration", "verify", PAPER, "--jwks", "jwks.json")
    assert (done.returncode, "holds no public key" in done.stderr) == (1, True)


def test_a_key_among_others_of_other_kinds_is_found(imgate):
    keys = json.loads((FOLDER / "jwks.json").read_text(encoding="utf-8"))["keys"]
    (imgate.folder / "jwks.json").write_text(json.dumps({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, 7, *keys]}), encoding="utf-8")
    assert imgate("declaration", "verify", PAPER, "--jwks", "jwks.json").returncode == 0


def marked(*uses):
    """Give the key that signed as a key set has it, once for each of these; None leaves out what it is for."""
    key = json.loads((FOLDER / "jwks.json").read_text(encoding="utf-8"))["keys"][0]
    return json.dumps({"keys": [{**key, "imgate_use": use} if use is not None else without_use(key) for use in uses]})


def without_use(key):
    return {name: value for name, value in key.items() if name != "imgate_use"}


def test_a_key_for_access_tokens_vouches_for_no_bundle(imgate, gateway, declared):
    tokens = gateway.keyring.signing_key
    content = bundles.export(gateway.corridor, gateway.issuer, "operator", declared, with_evidence=True, also_erased=False)
    (imgate.folder / "forged.json").write_bytes(signed(parts_of(content), tokens))
    (imgate.folder / "jwks.json").write_text(json.dumps(gateway.keyring.jwks()), encoding="utf-8")
    done = imgate("declaration", "verify", "forged.json", "--jwks", "jwks.json", "--json")
    assert (done.returncode, done.stderr) == (1, "The bundle does not hold: key.\n")
    assert json.loads(done.stdout)["key"] == tokens.thumbprint()
    for options in ([], ["--key", tokens.thumbprint()]):  # the file itself is sound, and whom to trust is for the reader to say
        assert imgate("declaration", "verify", "forged.json", *options).returncode == 0
    assert imgate("declaration", "verify", "forged.json", "--jwks", "jwks.json", "--key", tokens.thumbprint()).returncode == 1


@pytest.mark.parametrize("uses", [[None], [None, None]])
def test_a_key_set_that_does_not_say_what_its_keys_are_for_is_not_taken(imgate, uses):
    (imgate.folder / "jwks.json").write_text(marked(*uses), encoding="utf-8")
    done = imgate("declaration", "verify", PAPER, "--jwks", "jwks.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not say what its keys are for" in done.stderr
    assert "--key THUMBPRINT" in done.stderr


@pytest.mark.parametrize("use", ["access-tokens", "", "Statements", "statements ", ["statements"], {"statements": True}, True, 7])
def test_a_key_set_without_a_key_for_statements_is_not_taken(imgate, use):
    (imgate.folder / "jwks.json").write_text(marked(use, None), encoding="utf-8")
    done = imgate("declaration", "verify", PAPER, "--jwks", "jwks.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "holds no key for statements" in done.stderr


@pytest.mark.parametrize("name", MANIFEST)
def test_every_vector_ends_as_its_manifest_says(imgate, name):
    done = imgate("declaration", "verify", str(FOLDER / name), "--jwks", JWKS, "--json")
    checks = [[check["name"], check["outcome"], *check.get("parts", ())] for check in json.loads(done.stdout)["checks"]]
    assert checks == MANIFEST[name]["checks"]
    assert done.returncode == any(outcome == "failed" for _, outcome, *_ in checks)


def test_every_failure_is_named_on_both_channels(imgate):
    (imgate.folder / "bundle.json").write_bytes(vector("paper-es256.json").replace(b"written", b"wrytten"))
    done = imgate("declaration", "verify", "bundle.json")
    assert done.returncode == 1
    assert "Failed: form, parts." in done.stdout
    assert "Changed since it was signed: /evidence/0" in done.stdout
    assert done.stderr == "The bundle does not hold: form, parts.\n"


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 1000, b"\xff\xfe", b"[" * 5_000_000, b'{"a":1,"a":1}', vector("oral.json")[:-700], b'{"bundle":' * 300_000]
)
def test_what_is_no_bundle_ends_in_a_sentence(imgate, content):
    (imgate.folder / "bundle.json").write_bytes(content)
    done = imgate("declaration", "verify", "bundle.json", "--json")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert json.loads(done.stdout)["checks"][0]["outcome"] == "failed"


def test_a_file_of_a_hundred_megabytes_is_not_read_to_its_end(imgate):
    with (imgate.folder / "bundle.json").open("wb") as file:
        file.truncate(100_000_000)
    done = imgate("declaration", "verify", "bundle.json")
    assert (done.returncode, "over 64 MiB" in done.stdout) == (1, True)


@pytest.mark.parametrize("file", ["missing.json", "."])
def test_what_cannot_be_read_ends_in_a_sentence(imgate, file):
    done = imgate("declaration", "verify", file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
