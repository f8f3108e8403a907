"""`imgate audit witness` and `cosign`: a second party signs what it has seen, remembers it first, and refuses another log."""

import json
import threading

import pytest

from imgate.audit.signing import LogSigner
from imgate.audit.verify import Note, VerifierKey
from imgate.cli.audit.witness import _alone
from imgate.keys import load_keys
from imgate.storage.vault import Vault
from tests.cli.conftest import CONFIGURATION, Imgate

NAME = "landratsamt.example.org"


class Witness:
    """A second party in a folder of its own, without any configuration."""

    def __init__(self, imgate, gateway):
        self.imgate, self.gateway, self.folder = imgate, gateway, imgate.folder
        self.vkey = imgate("audit", "witness", "--new-key", "key", NAME).stdout.removesuffix("\n")

    def give(self, name, content):
        (self.folder / name).write_text(content)
        return name

    def sign(self, name, *more, log=None):
        log = log or self.gateway("audit", "key").stdout.removesuffix("\n")
        return self.imgate("audit", "witness", name, "--key", "key", "--state", "state", "--log", log, *more)

    def refused(self, name, *more, **options):
        before = self.state()
        done = self.sign(name, *more, **options)
        assert (done.returncode, done.stdout) == (1, "")
        assert self.state() == before
        assert "Traceback" not in done.stderr
        return done.stderr

    def state(self):
        file = self.folder / "state"
        return file.read_text() if file.exists() else None


@pytest.fixture
def gateway(imgate):
    imgate.configure()
    imgate.access("auditor")
    return imgate


@pytest.fixture
def witness(gateway, tmp_path_factory):
    return Witness(Imgate(tmp_path_factory.mktemp("witness")), gateway)


def checkpoint(gateway):
    done = gateway("audit", "checkpoint")
    assert done.returncode == 0, done.stderr
    return done.stdout


def size(note):
    return note.splitlines()[1]


def grown(gateway):
    gateway.access("auditor")
    return checkpoint(gateway)


def trusting(gateway, witness):
    gateway.configure(f'{CONFIGURATION}\n[audit]\nwitnesses = ["{witness.vkey}"]\n')


def test_a_witness_s_key_is_its_own_and_is_not_overwritten(witness):
    key = VerifierKey.parsed(witness.vkey)
    assert key.name == NAME
    assert (witness.folder / "key").stat().st_mode & 0o777 == 0o600
    before = (witness.folder / "key").read_text()
    done = witness.imgate("audit", "witness", "--new-key", "key", NAME)
    assert (done.returncode, done.stdout) == (1, "")
    assert (witness.folder / "key").read_text() == before


def test_a_name_that_no_note_can_hold_is_refused(imgate):
    for name in ("", "a b", "a+b", "a\nb"):
        done = imgate("audit", "witness", "--new-key", "other", name)
        assert (done.returncode, done.stdout) == (1, "")
        assert not (imgate.folder / "other").exists()


def test_what_was_signed_is_remembered_and_counts_at_the_gateway(witness, gateway):
    note = checkpoint(gateway)
    done = witness.sign(witness.give("first", note))
    assert done.returncode == 0, done.stderr
    assert "first checkpoint" in done.stderr
    assert done.stdout.startswith(note)
    assert done.stdout == witness.state()
    Note.parsed(done.stdout.encode()).verify(VerifierKey.parsed(witness.vkey))
    (gateway.folder / "cosigned").write_text(done.stdout)
    assert "no witness" in gateway("audit", "cosign", "cosigned").stderr
    trusting(gateway, witness)
    taken = gateway("audit", "cosign", "cosigned")
    assert (taken.returncode, taken.stderr) == (0, f"Kept: signed by {NAME}.\n")
    assert json.loads(gateway("audit", "verify", "--checkpoint", "cosigned").stdout)["cosigned"] == 1
    assert checkpoint(gateway) == done.stdout


def test_a_log_that_goes_on_is_signed_again_with_a_proof(witness, gateway):
    first = checkpoint(gateway)
    witness.sign(witness.give("first", first))
    second = grown(gateway)
    witness.give("second", second)
    assert f"--consistency {size(first)} {size(second)}" in witness.refused("second")
    proof = gateway("audit", "prove", "--consistency", size(first), size(second)).stdout
    done = witness.sign("second", "--proof", witness.give("proof", proof))
    assert done.returncode == 0, done.stderr
    assert witness.state() == done.stdout
    again = witness.sign("second")
    assert again.returncode == 0, "the same checkpoint needs no proof"
    assert len(again.stdout.splitlines()) == len(done.stdout.splitlines()), "its own older signature is replaced"


def test_a_log_that_was_put_back_is_refused(witness, gateway):
    first = checkpoint(gateway)
    witness.give("first", first)
    second = witness.give("second", grown(gateway))
    witness.sign(second)
    assert "it was cut, or is an old one" in witness.refused("first")
    assert "ask whoever runs the log" in witness.refused("first")


def test_a_log_that_was_forked_is_refused(witness, gateway):
    witness.sign(witness.give("first", checkpoint(gateway)))
    at, root = int(size(checkpoint(gateway))), bytes(32)
    signer = signer_of(gateway)
    witness.give("fork", str(signer.sign(at, root)))
    assert "forked" in witness.refused("fork")
    witness.give("longer", str(signer.sign(at + 1, root)))
    proof = json.dumps({"origin": signer.origin, "from": at, "to": at + 1, "proof": [root.hex()]})
    assert "does not show" in witness.refused("longer", "--proof", witness.give("proof", proof))


def signer_of(gateway):
    """Take the gateway's own key: whoever has it can write another log, and a witness still sees it."""
    return LogSigner("imgate/im-winnenden", Vault(load_keys(gateway.folder / "imgate.keys")).checkpoint_key)


def test_a_proof_that_is_none_is_refused(witness, gateway):
    witness.sign(witness.give("first", checkpoint(gateway)))
    witness.give("second", grown(gateway))
    for proof in (
        "",
        "[]",
        "{}",
        '{"origin": 1, "from": 1, "to": 2, "proof": []}',
        '{"origin": "x", "from": 1, "to": 2, "proof": ["zz"]}',
        '{"origin": "x"}',
    ):
        assert "is no proof" in witness.refused("second", "--proof", witness.give("proof", proof))


def test_what_the_log_did_not_sign_is_not_signed(witness, gateway):
    note = checkpoint(gateway)
    other = VerifierKey.parsed(gateway("audit", "key").stdout.removesuffix("\n"))
    witness.give("first", note)
    witness.give("changed", note.replace("\n" + size(note) + "\n", "\n9\n"))
    assert "no checkpoint of the log" in witness.refused("changed")
    assert "no checkpoint of the log" in witness.refused("first", log=str(VerifierKey(other.name, other.kind, bytes(32))))
    assert "key of a witness" in witness.refused("first", log=witness.vkey)
    assert "is not a key" in witness.refused("first", log="x")
    assert "cannot be read" in witness.refused("away")


def test_a_state_that_cannot_be_trusted_is_no_beginning(witness, gateway):
    note = checkpoint(gateway)
    witness.give("first", note)
    witness.give("state", "")
    witness.refused("first")
    witness.give("state", note)
    assert "not written with this key" in witness.refused("first")
    (witness.folder / "state").unlink()
    (witness.folder / "state").symlink_to("nowhere")
    assert witness.sign("first").returncode == 1


def test_a_key_that_is_none_signs_nothing(witness, gateway):
    witness.give("first", checkpoint(gateway))
    for content in ("", "PRIVATE+KEY+", "PRIVATE+KEY+a+00000000+BAAA", "x"):
        witness.give("key", content)
        assert "is no key" in witness.refused("first")


def test_what_cannot_be_remembered_is_not_signed(witness, gateway):
    witness.give("first", checkpoint(gateway))
    (witness.folder / ".state.part").mkdir()
    assert "nothing is signed" in witness.refused("first")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("first",),
        ("first", "--key", "key"),
        ("first", "--key", "key", "--state", "state"),
        ("--new-key", "other"),
        ("--new-key", "other", "name", "--state", "state"),
    ],
)
def test_what_makes_no_sense_is_not_done(imgate, arguments):
    done = imgate("audit", "witness", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (imgate.folder / "other").exists()


def test_the_gateway_takes_no_signature_that_does_not_verify(witness, gateway):
    trusting(gateway, witness)
    note = checkpoint(gateway)
    cosigned = witness.sign(witness.give("first", note)).stdout
    head, _, line = cosigned.removesuffix("\n").rpartition("\n")
    for flip in (0, 30, 90):
        begin = line.rindex(" ") + 1 + 8  # behind the key's id
        changed = line[: begin + flip] + ("A" if line[begin + flip] != "A" else "B") + line[begin + flip + 1 :]
        (gateway.folder / "changed").write_text(f"{head}\n{changed}\n")
        done = gateway("audit", "cosign", "changed")
        assert (done.returncode, done.stdout) == (1, "")
    (gateway.folder / "plain").write_text(note)
    assert "no witness" in gateway("audit", "cosign", "plain").stderr
    assert gateway("audit", "cosign", "away").returncode == 1
    assert checkpoint(gateway) == note


def test_a_cosigned_checkpoint_that_is_not_ours_shows_a_fork(witness, gateway):
    trusting(gateway, witness)
    at = int(size(checkpoint(gateway)))
    for length, why in ((at, "the log was forked"), (at + 1, "is kept here")):
        (witness.folder / "state").unlink(missing_ok=True)
        cosigned = witness.sign(witness.give("other", str(signer_of(gateway).sign(length, bytes(32))))).stdout
        (gateway.folder / "other").write_text(cosigned)
        assert why in gateway("audit", "cosign", "other").stderr


def test_two_runs_with_one_key_take_turns(witness, gateway):
    witness.give("first", checkpoint(gateway))
    turn = threading.Event()

    def second():
        with _alone(witness.folder / "key"):
            turn.set()

    thread = threading.Thread(target=second)
    with _alone(witness.folder / "key"):
        thread.start()
        assert not turn.wait(0.1)
    assert turn.wait(5)
    thread.join()
