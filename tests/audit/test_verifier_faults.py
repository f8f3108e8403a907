"""Each check of the verifier is needed: with a slip in its line, something that must be refused or found is let through."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from imgate.audit import verify
from tests.audit.written import KEY, LOG, WITNESS, checkpoint_line, checkpoint_of, head_line, line_of, note_of, written

SOURCE = Path(verify.__file__).read_text(encoding="utf-8")
ENTRIES = [written(KEY, place) for place in range(7)]
LEAVES = [entry.leaf for entry in ENTRIES]
LINES = [line_of(place, entry) for place, entry in enumerate(ENTRIES)]
KEPT = checkpoint_of(LEAVES)
TEXT = KEPT.text
FOREIGN = checkpoint_of([], "another/log").text
GOOD = note_of(TEXT, LOG.line(TEXT))
# The root ends in two bits that stand for nothing; they have another value here.
PADDED = f"{TEXT[:-3]}{chr(ord(TEXT[-3]) + 1)}=\n"
PAIR = verify.node_hash(LEAVES[0], LEAVES[1])


def faulty(old, new, name="verifier_with_a_slip"):
    """The verifier with a slip in it."""
    assert old in SOURCE, f"no such line any more: {old}"
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader=None))
    sys.modules[name] = module  # where its dataclasses look for it
    exec(compile(SOURCE.replace(old, new), name, "exec"), module.__dict__)  # noqa: S102  # our own file, with a slip in it
    return module


@dataclass(frozen=True, slots=True)
class Fault:
    """What a line became, and what the right one refuses or finds."""

    what: str
    old: str
    new: str
    tried: object

    def seen(self, by):
        """Tell whether it is refused or found."""
        try:
            report = self.tried(by)
        except by.NotProven:
            return True
        return report is not None and not report.sound


def include(*arguments):
    return lambda by: by.verify_inclusion(*arguments)


def consist(*arguments):
    return lambda by: by.verify_consistency(*arguments)


def read(note, *witnesses):
    return lambda by: (
        by.verified_checkpoint(note, by.VerifierKey.parsed(str(LOG.public)), list(map(by.VerifierKey.parsed, witnesses))) and None
    )


def export(*lines, notes=(GOOD,), kept=()):
    def tried(by):
        checkpoints = [by.Checkpoint(each.origin, each.size, each.root) for each in kept]
        return by.verify_export([head_line(), *lines, *map(checkpoint_line, notes)], by.VerifierKey.parsed(str(LOG.public)), checkpoints)

    return tried


def rows(of, covered=0, **changes):
    def tried(by):
        verification = by.Verification(KEY, covered)
        verification.take(by.AuditEntry(**(entry._asdict() | (changes if entry.place == of else {}))) for entry in ENTRIES)
        return verification.conclude([])

    return tried


OTHER = line_of(3, written(KEY, 3))
DIFFERS = "if last or old != first_root or new != second_root:"
# From 3 to 4 entries: what proves it (RFC 9162, 2.1.4.1), which is made for the roots as they are.
PATH = [LEAVES[2], LEAVES[3], PAIR]
THREE, FOUR = checkpoint_of(LEAVES[:3]).root, checkpoint_of(LEAVES[:4]).root
JUNK = b"x" * 32
QUICK = "for (id_, content, stated, mac, place, mac_of_place), leaf in zip(batch, leaves, strict=True)"

FAULTS = [
    Fault("the root of inclusion is not compared", "if last or reached != root:", "if last:", include(LEAVES[0], 0, 2, [LEAVES[1]], JUNK)),
    Fault("a short proof will do", "if last or reached != root:", "if reached != root:", include(LEAVES[0], 0, 3, [LEAVES[1]], PAIR)),
    Fault("a place may be outside", "not 0 <= place < size < 2**64", "not size < 2**64", include(LEAVES[0], 2**64 - 1, 1, [], LEAVES[0])),
    Fault("a leaf need be no hash", "for each in (leaf, *proof)", "for each in proof", include(b"", 0, 1, [], b"")),
    Fault("the old root is not compared", DIFFERS, "if last or new != second_root:", consist(3, 4, JUNK, FOUR, PATH)),
    Fault("the new root is not compared", DIFFERS, "if last or old != first_root:", consist(3, 4, THREE, JUNK, PATH)),
    Fault("a shorter way will do", DIFFERS, "if old != first_root or new != second_root:", consist(3, 8, THREE, FOUR, PATH)),
    Fault("nothing proves everything", "not 0 < first <= second", "not 0 <= first <= second", consist(0, 0, JUNK, JUNK, [])),
    Fault("equal sizes are consistent", "if proof or first_root != second_root:", "if proof:", consist(1, 1, JUNK, LEAVES[0], [])),
    Fault(
        "a signature is not verified",
        'raise NotProven(f"the signature of {key.name} is wrong") from None',
        "pass",
        read(note_of(TEXT, LOG.line(FOREIGN))),
    ),
    Fault("who did not sign is let through", "if not signed or (at", "if (at", read(note_of(TEXT, WITNESS.line(TEXT, 5)))),
    Fault("witnesses are not asked", "for key in (log, *witnesses):", "for key in (log,):", read(GOOD, str(WITNESS.public))),
    Fault("any log's checkpoint counts", "if checkpoint.origin != log.name:", "if False:", read(note_of(FOREIGN, LOG.line(FOREIGN)))),
    Fault(
        "bits nobody reads may differ",
        "if b64encode(content).decode() != text:",
        "if False:",
        read(note_of(PADDED, LOG.line(PADDED))),
    ),
    Fault("the root is not compared", "or self.tree.root(each.size) != each.root", "", export(*LINES[:3], OTHER, *LINES[4:])),
    Fault("a shorter log will do", "if each.size > self.tree.size or", "if each.size <= self.tree.size and", export(*LINES[:4])),
    Fault(
        "stated hashes are not compared",
        "if expected == [head for head, _, _ in parts] and",
        "if",
        export(*LINES, LINES[0].replace(b"0", b"7", 1).replace(b'"jobcenter"', b'"jobcentre"'), notes=(), kept=[KEPT]),
    ),
    Fault(
        "ends of lines are not compared",
        'all(line.endswith(b"}}\\n") for line in lines)',
        "True",
        export(*LINES[:6], LINES[6][:-2] + b"]\n", notes=(), kept=[KEPT]),
    ),
    Fault("entries may stand twice", "report.findings += self._doubled()", "pass", export(*LINES, LINES[0].replace(b"0", b"7", 1))),
    Fault(
        "places may be left out",
        "self.report.findings += [Finding(Flaw.PLACE_MISSING",
        "[Finding(Flaw.PLACE_MISSING",
        export(*LINES, OTHER.replace(b"3", b"9", 1)),
    ),
    Fault(
        "places may be taken twice",
        "self.report.findings.append(Finding(Flaw.PLACE_DOUBLED, place))",
        "pass",
        export(*LINES, OTHER.replace(b"3", b"6", 1)),
    ),
    Fault(
        "the order of lines is not looked at",
        "if self._places and place < self._places[-1]:",
        "if False:",
        export(*LINES[:5], LINES[6], LINES[5]),
    ),
    Fault("any line will do", "self.report.findings.append(Finding(Flaw.LINE_WRONG, line=self._lines))", "pass", export(*LINES, b"x\n")),
    Fault(
        "what the log did not sign is passed over",
        "verification.report.findings.append(Finding(Flaw.CHECKPOINT_WRONG))",
        "pass",
        export(*LINES, notes=(GOOD, note_of(TEXT, WITNESS.line(TEXT, 5)))),
    ),
    Fault("no checkpoint is needed", "if not checkpoints:", "if False:", export(*LINES, notes=())),
    Fault("an entry's MAC is not compared", "(entry_mac_of(leaf) == mac and place_mac_of", "(place_mac_of", rows(3, mac=JUNK)),
    Fault("a place's MAC is not compared", " and place_mac_of(place, id_, leaf) == mac_of_place)", ")", rows(3, place_mac=JUNK)),
    Fault("an id is not compared", 'content.rfind(b\'"id":"%b"\' % id_.encode()) >= 0', "True", rows(3, covered=7, id="f" * 32)),
    Fault("a hash is not compared", "            stated == leaf\n", "            True\n", rows(3, leaf=JUNK)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_slip_in_a_check_lets_something_through(fault):
    assert fault.seen(verify)
    assert not fault.seen(faulty(fault.old, fault.new))


ROWS = {"mac": JUNK, "place_mac": JUNK, "id": "f" * 32, "leaf": JUNK, "place": -1}


@pytest.mark.parametrize("field", ROWS)
def test_the_quick_look_at_many_rows_and_the_look_at_one_find_the_same(field):
    slow = faulty("            if sound:", "            if False:")
    quick = rows(3, **{field: ROWS[field]})
    assert [str(each) for each in quick(verify).findings] == [str(each) for each in quick(slow).findings] != []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sha256(b"\\x00" + content).digest()\n', "sha256(content).digest()\n"),
        ('sha256(b"\\x01" + left + right).digest()\n', 'sha256(b"\\x01" + right + left).digest()\n'),
        ('sha256(b"\\x01" + left + right).digest() for', "sha256(left + right).digest() for"),
        ('f"cosignature/v1\\ntime {at}\\n{text}".encode()', "text.encode()"),
        ("bytes([self.kind]) + self.public).digest()", "self.public).digest()"),
    ],
)
def test_a_slip_in_a_form_makes_what_is_right_wrong(old, new):
    by = faulty(old, new)
    right = [
        lambda: by.verify_inclusion(by.leaf_hash(ENTRIES[0].content), 0, 2, [LEAVES[1]], PAIR),
        lambda: by.verified_checkpoint(
            note_of(TEXT, LOG.line(TEXT), WITNESS.line(TEXT, 5)),
            *map(by.VerifierKey.parsed, [str(LOG.public)]),
            [by.VerifierKey.parsed(str(WITNESS.public))],
        ),
        lambda: export(*LINES)(by),
    ]
    assert any(refuses(by, each) for each in right)


def refuses(by, tried):
    try:
        report = tried()
    except by.NotProven:
        return True
    return isinstance(report, by.Report) and not report.sound
