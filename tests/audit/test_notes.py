"""Signed notes and checkpoints are read strictly: each byte of one that was changed is found, and so is what nobody signed."""

import base64
import hashlib

import pytest

from imgate.audit.verify import Checkpoint, Note, NotProven, SignatureKind, VerifierKey, verified_checkpoint
from tests.audit.written import LOG, ORIGIN, WITNESS, Signer, note_of

ROOT = hashlib.sha256(b"root").digest()
CHECKPOINT = Checkpoint(ORIGIN, 20852163, ROOT)
AT = 1679315147
LINES = LOG.line(CHECKPOINT.text), WITNESS.line(CHECKPOINT.text, AT)
RAW = note_of(CHECKPOINT.text, *LINES)


def test_a_checkpoint_is_read_as_it_was_signed():
    assert verified_checkpoint(RAW, LOG.public, [WITNESS.public]) == CHECKPOINT
    assert Note.parsed(RAW).verify(LOG.public) is None
    assert Note.parsed(RAW).verify(WITNESS.public) == AT
    assert str(Note.parsed(RAW)).encode() == RAW
    assert Checkpoint.parsed(CHECKPOINT.text) == CHECKPOINT


def test_a_key_is_written_as_others_write_it():
    # From the documentation of golang.org/x/mod/sumdb/note.
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = VerifierKey.parsed(vkey)
    assert (key.name, key.kind, str(key)) == ("PeterNeumann", SignatureKind.LOG, vkey)
    note = Note.parsed(
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n".encode()
    )
    assert note.verify(key) is None


def test_the_example_of_the_specification_of_cosignatures_is_read():
    # c2sp.org/tlog-cosignature; its keys are not published.
    note = Note.parsed(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
        "qhf5nNo0xUe+mbIUBkBIfZ+qnA==\n".encode()
    )
    assert Checkpoint.parsed(note.text).size == 20852163
    assert int.from_bytes(note.signatures[1].content[:8], "big") == 1679315147


def refused(raw):
    with pytest.raises(NotProven):
        verified_checkpoint(raw, LOG.public, [WITNESS.public])
    return True


def with_byte(position, value):
    return RAW[:position] + bytes([value]) + RAW[position + 1 :]


@pytest.mark.parametrize("change", [1, 2, 0x20, 0x80])
def test_each_changed_byte_of_a_checkpoint_is_found(change):
    assert all(refused(with_byte(position, RAW[position] ^ change)) for position in range(len(RAW)))


@pytest.mark.long  # in the short form four changes of each byte, above
def test_each_byte_of_a_checkpoint_changed_to_every_other_is_found():
    assert all(refused(with_byte(position, value)) for position in range(len(RAW)) for value in range(256) if value != RAW[position])


def test_each_byte_that_was_taken_out_or_put_in_is_found():
    for position in range(len(RAW)):
        assert refused(RAW[:position] + RAW[position + 1 :])
        for put in b"\n =A0":
            assert refused(RAW[:position] + bytes([put]) + RAW[position:])
    assert all(refused(RAW + put) for put in (b"\n", b" ", b"\n\n", b"x"))


@pytest.mark.parametrize(
    "raw",
    [
        note_of(CHECKPOINT.text, LINES[0]),  # the witness has not signed
        note_of(CHECKPOINT.text, LINES[1]),  # the log has not signed
        note_of(CHECKPOINT.text),
        b"",
        b"\n\n",
        CHECKPOINT.text.encode(),
        note_of(CHECKPOINT.text, *LINES, "\n"),
        note_of(CHECKPOINT.text, *LINES * 60),  # more signatures than anybody has
        note_of(CHECKPOINT.text, *LINES, LINES[0].replace("—", "-")),
        note_of(CHECKPOINT.text, *LINES, "— somebody AAAA\n"),  # no more than an id
        note_of(CHECKPOINT.text, *LINES, "— some body AAAAAAAA\n"),
        note_of(CHECKPOINT.text, *LINES, "— some+body AAAAAAAA\n"),
        note_of(CHECKPOINT.text, *LINES, "— some\u00a0body AAAAAAAA\n"),
        note_of(CHECKPOINT.text, *LINES, "— somebody AAAAAAAB==\n"),
        note_of(CHECKPOINT.text, *LINES, "— somebody AAAAAAA=\n".replace("A=", "B=")),  # bits that nobody reads
        note_of(CHECKPOINT.text, *LINES).replace(b"\n", b"\r\n"),
        RAW + b"\xff",
        note_of(CHECKPOINT.text, LOG.line("another text\n"), LINES[1]),
        note_of(CHECKPOINT.text, *LINES, LOG.line("another text\n")),  # one of two signatures of the log is wrong
        note_of(CHECKPOINT.text, LINES[0], WITNESS.line(CHECKPOINT.text, 2**63)),
        note_of(CHECKPOINT.text, LINES[0], Signer(WITNESS.name, SignatureKind.LOG, b"w" * 32).line(CHECKPOINT.text)),  # signed as a log
        note_of(CHECKPOINT.text, Signer(secret=b"x" * 32).line(CHECKPOINT.text), LINES[1]),
        note_of(CHECKPOINT.text, Signer("another/log").line(CHECKPOINT.text), LINES[1]),
    ],
)
def test_what_is_not_signed_by_those_who_must_is_refused(raw):
    assert refused(raw)


def test_what_others_signed_is_ignored():
    others = Signer("somebody", secret=b"y" * 32).line("another text\n"), Signer(ORIGIN, secret=b"y" * 32).line("another text\n")
    assert verified_checkpoint(note_of(CHECKPOINT.text, *others, *LINES), LOG.public, [WITNESS.public]) == CHECKPOINT


ENCODED = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n1\n",
        f"\n1\n{ENCODED}\n",
        f"{ORIGIN}\n01\n{ENCODED}\n",
        f"{ORIGIN}\n-1\n{ENCODED}\n",
        f"{ORIGIN}\n+1\n{ENCODED}\n",
        f"{ORIGIN}\n 1\n{ENCODED}\n",
        f"{ORIGIN}\n1_0\n{ENCODED}\n",
        f"{ORIGIN}\n٣\n{ENCODED}\n",
        f"{ORIGIN}\n{2**64}\n{ENCODED}\n",
        f"{ORIGIN}\n1\n{ENCODED[:-4]}\n",
        f"{ORIGIN}\n1\n{ENCODED}",
        f"{ORIGIN}\n1\n{ENCODED.rstrip('=')}\n",
        f"{ORIGIN}\n1\n{ENCODED}\n\n",
        f"{ORIGIN}\n1\n{ENCODED}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_even_if_it_is_signed(text):
    with pytest.raises(NotProven):
        Checkpoint.parsed(text)
    assert refused(note_of(text, LOG.line(text), WITNESS.line(text, AT)))


def test_lines_below_the_root_are_signed_and_mean_nothing():
    text = CHECKPOINT.text + "more\nand more\n"
    read = verified_checkpoint(note_of(text, LOG.line(text)), LOG.public)
    assert (read.size, read.root, read.text) == (CHECKPOINT.size, CHECKPOINT.root, text)


def test_a_checkpoint_of_another_log_is_refused():
    text = Checkpoint("another/log", 1, ROOT).text
    assert refused(note_of(text, LOG.line(text), WITNESS.line(text, AT)))


def test_the_key_of_a_witness_vouches_for_no_log():
    witness = Signer(ORIGIN, SignatureKind.COSIGNATURE, b"w" * 32)
    with pytest.raises(NotProven, match="a witness"):
        verified_checkpoint(note_of(CHECKPOINT.text, witness.line(CHECKPOINT.text, AT)), witness.public)


VKEY = str(LOG.public)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a+b",
        VKEY[:-4],
        VKEY + "=",
        VKEY.replace("winnenden", "winnende"),
        VKEY.replace(LOG.public.id.hex(), LOG.public.id.hex().upper()),
        VKEY.replace(LOG.public.id.hex(), "00000000"),
        "+" + VKEY.partition("+")[2],
        f"{ORIGIN}+{LOG.public.id.hex()}+{base64.b64encode(bytes([2]) + LOG.public.public).decode()}",
        f"{ORIGIN}+{LOG.public.id.hex()}+",
        str(VerifierKey("im winnenden", SignatureKind.LOG, LOG.public.public)),
        str(VerifierKey(ORIGIN, SignatureKind.LOG, LOG.public.public[:31])),
    ],
)
def test_what_is_no_key_is_refused(vkey):
    with pytest.raises(NotProven):
        VerifierKey.parsed(vkey)
