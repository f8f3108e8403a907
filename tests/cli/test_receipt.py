"""`imgate messages export` lays receipts beside messages, and `imgate receipt verify` tells what they are worth, without a gateway."""

import json

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from tests.consent.receipted import MESSAGE, a_receipt, signed
from tests.exchange.conftest import CONFIG, JOBCENTER, REFERENCE, World

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "plan": {"goals": []}}


@pytest.fixture
def exported(imgate):
    """A message that was exported with its receipt, and the gateway's keys in a file; gives the exchange's id."""
    imgate.configure(CONFIG)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        world.link()
        world.declare("language.level")
        exchange = world.send(RECORD)["id"]
        (imgate.folder / "keys.json").write_text(json.dumps(gateway.keyring.jwks()), encoding="utf-8")
        (imgate.folder / "out").mkdir()
    done = imgate("messages", "export", JOBCENTER, "out")
    assert (done.returncode, done.stdout) == (0, f"out/{exchange}.xml\n")
    return exchange


@pytest.fixture
def a_file(imgate):
    def put(name, content):
        (imgate.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return put


def verify(imgate, *arguments):
    done = imgate("receipt", "verify", *arguments)
    return done, json.loads(done.stdout) if done.stdout else None


def outcomes(report):
    return {check["name"]: check["outcome"] for check in report["checks"]}


def test_what_was_exported_proves_itself_down_to_the_log(imgate, exported):
    assert sorted(file.name for file in (imgate.folder / "out").iterdir()) == [f"{exported}.receipt.jws", f"{exported}.xml"]
    assert imgate("audit", "checkpoint").returncode == 0
    (imgate.folder / "proof.json").write_text(imgate("audit", "prove", exported).stdout, encoding="utf-8")
    vkey = imgate("audit", "key").stdout.strip()
    about = ("--message", f"out/{exported}.xml", "--jwks", "keys.json", "--proof", "proof.json", "--log", vkey)
    done, report = verify(imgate, f"out/{exported}.receipt.jws", *about)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(outcomes(report).values()) == {"passed"}
    assert report["receipt"]["exchange"] == exported
    assert list(report["receipt"]["released"].values()) == [["language.level"]]
    assert REFERENCE not in done.stdout


def test_another_message_or_a_changed_byte_is_exit_1_and_named(imgate, exported, a_file):
    content = (imgate.folder / "out" / f"{exported}.xml").read_bytes()
    done, report = verify(imgate, f"out/{exported}.receipt.jws", "--message", a_file("other.xml", content + b"\n"), "--jwks", "keys.json")
    assert done.returncode == 1
    assert done.stderr == "The receipt does not hold: message.\n"
    assert report["holds"] is False
    assert outcomes(report)["message"] == "failed"


def test_whose_key_it_is_stays_open_unless_somebody_says(imgate, a_file):
    done, report = verify(imgate, a_file("r.jws", signed(a_receipt()) + "\n"), "--message", a_file("m.xml", MESSAGE))
    assert done.returncode == 0
    assert done.stderr.startswith("NOT CHECKED: WHOSE KEY THIS IS.")
    assert outcomes(report)["key"] == "not_checked"
    done, report = verify(imgate, "r.jws", "--key", report["key"])
    assert (done.returncode, outcomes(report)["key"]) == (0, "passed")
    done, report = verify(imgate, "r.jws", "--key", "A" * 43)
    assert (done.returncode, outcomes(report)["key"]) == (1, "failed")


def test_a_key_for_access_tokens_vouches_for_no_receipt(imgate, exported, a_file):
    keys = json.loads((imgate.folder / "keys.json").read_text())["keys"]
    others = [key for key in keys if key["imgate_use"] != "statements"]
    done, report = verify(imgate, f"out/{exported}.receipt.jws", "--jwks", a_file("others.json", json.dumps({"keys": others})))
    assert (done.returncode, report) == (1, None)
    relabelled = [key | {"imgate_use": "statements"} for key in others]
    done, report = verify(imgate, f"out/{exported}.receipt.jws", "--jwks", a_file("others.json", json.dumps({"keys": relabelled})))
    assert (done.returncode, outcomes(report)["key"]) == (1, "failed")


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 100, b"A" * 200_000, b"{}", b"a.b.c"])
def test_what_is_no_receipt_is_exit_1_and_a_report(imgate, a_file, content):
    done, report = verify(imgate, a_file("r.jws", content))
    assert (done.returncode, outcomes(report)["form"]) == (1, "failed")
    assert "receipt" not in report
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("away.jws",), ("r.jws", "--message", "away.xml"), ("r.jws", "--jwks", "away.json"), ("r.jws", "--proof", "away.json")],
)
def test_a_file_that_is_not_there_is_one_sentence(imgate, a_file, arguments):
    a_file("r.jws", signed(a_receipt()))
    done = imgate("receipt", "verify", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("cannot be read: No such file or directory.\n")


@pytest.mark.parametrize(
    "arguments", [(), ("r.jws", "--key", "short"), ("r.jws", "--log", "x+y+z"), ("r.jws", "--checkpoint", "c"), ("r.jws", "x")]
)
def test_a_wrong_command_line_is_exit_2(imgate, a_file, arguments):
    a_file("r.jws", signed(a_receipt()))
    assert imgate("receipt", "verify", *arguments).returncode == 2


def test_an_export_lays_nothing_down_and_acknowledges_nothing_without_a_signature(imgate, monkeypatch):
    from imgate.keys import TokenUnavailable
    from imgate.keys.signatures import StatementSignature

    def away(*_):
        raise TokenUnavailable("the token is not there")

    imgate.configure(CONFIG)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        world.link()
        world.declare("language.level")
        exchange = world.send(RECORD)["id"]
    (imgate.folder / "out").mkdir()
    monkeypatch.setattr(StatementSignature, "check", away)
    monkeypatch.setattr(StatementSignature, "sign", away)
    done = imgate("messages", "export", JOBCENTER, "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "What signs for the gateway does not answer.\n"
    assert list((imgate.folder / "out").iterdir()) == []
    assert json.loads(imgate("exchange", "show", exchange).stdout)["state"] == "queued"
