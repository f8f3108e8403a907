"""Verifying an audit log of imgate. It needs Python and `cryptography`, and nothing of imgate: read it, keep it, run it alone.

    python verify.py EXPORT --key VKEY [--checkpoint FILE]... [--witness VKEY]...

The log is a sequence of entries, each in its place from 0. Its Merkle tree (RFC 9162, 2.1) has one hash, the root, that stands for
every entry up to a size. A checkpoint is a size and a root, signed (https://c2sp.org/tlog-checkpoint). Whoever keeps one finds
whatever was changed, removed, inserted or moved among the entries it covers: the root over what is there now is another one.
A root says that something differs; which entry it is say the hash that stands beside each entry, and in the database the MACs.

An export is JSON Lines, in this order and written exactly so, without blanks:

    {"format":"imgate-audit-export/1","origin":"...","vkey":"..."}     once; the key of the log is in it only for comparison
    {"place":0,"leaf":"<hexadecimal>","entry":{...}}                   each entry; what is hashed are its bytes as they stand there
    {"checkpoint":"<signed note>"}                                     any number

Conventions for size 0: the root over no entries is SHA-256 of nothing; no entry is included in them; a consistency proof from
or to size 0 shows nothing and is refused. A checkpoint of size 0 can be compared with a log, and matches if its root is that hash.
Sizes and places are below 2^64.
"""

import json
import re
import sys
from base64 import b64decode, b64encode
from binascii import hexlify
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTHING = sha256().digest()  # the root over no entries
_BATCH = 1000
_LINE_MAX = 1 << 18  # no line of an export is nearly as long


class NotProven(ValueError):
    """What was to be shown is not, or what was to show it cannot be read."""


# The tree. Leaves and nodes are hashed apart, so that neither can be passed off as the other.


def leaf_hash(content: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees that stand side by side."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree over some leaves. ``levels[h][i]`` is the root over the leaves from i * 2^h to (i + 1) * 2^h: full subtrees only."""

    __slots__ = ("levels",)

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [leaves]
        while len(self.levels[-1]) > 1:
            below = iter(self.levels[-1])
            self.levels.append([sha256(b"\x01" + left + right).digest() for left, right in zip(below, below, strict=False)])

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self.levels[0])

    def root(self, size: int) -> bytes:
        """Give the root over the first so many leaves: their full subtrees, put together from the last and smallest to the first."""
        root = b""
        for height in range(size.bit_length()):
            if size >> height & 1:
                subtree = self.levels[height][(size >> height) - 1]
                root = node_hash(subtree, root) if root else subtree
        return root or NOTHING


def verify_inclusion(leaf: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Verify that a leaf stands in this place of the tree of this size and root (RFC 9162, 2.1.3.2). Raises NotProven."""
    if not 0 <= place < size < 2**64 or any(len(each) != 32 for each in (leaf, *proof)):
        raise NotProven("no such place, or no hashes")
    last, reached = size - 1, leaf
    for other in proof:
        if last == 0:
            raise NotProven("the proof is too long")
        if place & 1 or place == last:
            reached = node_hash(other, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, other)
        place, last = place >> 1, last >> 1
    if last or reached != root:
        raise NotProven("the entry is not included")


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """Verify that the second tree begins with all of the first (RFC 9162, 2.1.4.2). Raises NotProven."""
    if not 0 < first <= second < 2**64 or any(len(each) != 32 for each in proof):
        raise NotProven("no such sizes, or no hashes")
    if first == second:
        if proof or first_root != second_root:
            raise NotProven("the trees differ")
        return
    path = list(proof) if first & (first - 1) else [first_root, *proof]  # of a full tree the root itself is where the path begins
    if not path:
        raise NotProven("the proof is too short")
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            raise NotProven("the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, other)
        place, last = place >> 1, last >> 1
    if last or old != first_root or new != second_root:
        raise NotProven("the trees are not consistent")


# Signed notes and checkpoints. Read strictly: there is one way to write each of them, so that a byte that was changed is seen.

_SIGNATURE = re.compile(r"— ([^\s+]+) (\S+)")
_CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,19})\n(\S+)\n((?:[^\n]+\n)*)", re.ASCII)


def _decoded(text: str) -> bytes:
    content = b64decode(text, validate=True)
    if b64encode(content).decode() != text:
        raise NotProven("not the one way to write it in base64")
    return content


class SignatureKind(IntEnum):
    """What a signature is over. The log signs a note's text; a witness the text below the time at which it saw it."""

    LOG = 0x01  # https://c2sp.org/signed-note
    COSIGNATURE = 0x04  # https://c2sp.org/tlog-cosignature, cosignature/v1


def signed_bytes(kind: SignatureKind, text: str, at: int = 0) -> bytes:
    """Give what is signed; ``at`` is the time of a cosignature, in seconds since 1970."""
    return text.encode() if kind is SignatureKind.LOG else f"cosignature/v1\ntime {at}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of an Ed25519 key that signs notes; as a text it is a vkey, ``name+id+key``."""

    name: str
    kind: SignatureKind
    public: bytes

    @classmethod
    def parsed(cls, vkey: str) -> "VerifierKey":
        """Read a vkey. Raises NotProven."""
        try:
            name, _, encoded = vkey.split("+", 2)
            content = _decoded(encoded)
            key = cls(name, SignatureKind(content[0]), content[1:])
        except (ValueError, IndexError):
            raise NotProven("not a verifier key of a kind that is known here") from None
        if len(key.public) != 32 or re.fullmatch(r"\S+", name) is None or str(key) != vkey:
            raise NotProven("not a verifier key: name, id and key do not belong together")
        return key

    @property
    def id(self) -> bytes:
        """What a signature names it by, beside the name."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"


class Signature(NamedTuple):
    """One line below a note: who signed, and what they wrote; a cosignature begins with its time."""

    name: str
    key_id: bytes
    content: bytes

    @classmethod
    def parsed(cls, line: str) -> "Signature":
        """Read a line. Raises ValueError."""
        match = _SIGNATURE.fullmatch(line)
        content = _decoded(match[2]) if match else b""
        if match is None or len(content) <= 4:
            raise NotProven("not a signature")
        return cls(match[1], content[:4], content[4:])

    def __str__(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.content).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and who signed it. Nothing of it counts before ``verify``."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parsed(cls, raw: bytes) -> "Note":
        """Read a signed note. Raises NotProven."""
        try:
            said = raw.decode()
            body, _, below = said.rpartition("\n\n")
            note = cls(body + "\n", tuple(map(Signature.parsed, below.removesuffix("\n").split("\n"))))
        except ValueError:
            raise NotProven("not a signed note") from None
        if str(note) != said or len(note.signatures) > 100 or any(each < " " and each != "\n" for each in said):
            raise NotProven("not a signed note")
        return note

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def verify(self, key: VerifierKey) -> int | None:
        """Verify what this key signed; of a cosignature give the time, in seconds since 1970.

        Raises NotProven where it did not sign, or one of its signatures is wrong.
        """
        signed = [content for name, key_id, content in self.signatures if (name, key_id) == (key.name, key.id)]
        at, begins = None, 8 if key.kind is SignatureKind.COSIGNATURE else 0
        for content in signed:
            at = int.from_bytes(content[:8], "big") if begins else None
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(content[begins:], signed_bytes(key.kind, self.text, at or 0))
            except (InvalidSignature, ValueError):
                raise NotProven(f"the signature of {key.name} is wrong") from None
        if not signed or (at is not None and at >= 2**63):
            raise NotProven(f"not signed by {key.name}")
        return at


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """So many entries of a log, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: str = ""

    @classmethod
    def parsed(cls, text: str) -> "Checkpoint":
        """Read the text of a note. Raises NotProven."""
        match = _CHECKPOINT.fullmatch(text)
        try:
            checkpoint = cls(match[1], int(match[2]), _decoded(match[3]), match[4]) if match else cls("", 0, b"")
        except ValueError:
            raise NotProven("not a checkpoint") from None
        if checkpoint.size >= 2**64 or len(checkpoint.root) != 32:
            raise NotProven("not a checkpoint")
        return checkpoint

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n{self.extensions}"

    def __str__(self) -> str:
        return f"{self.size} {self.root.hex()}"


def verified_checkpoint(raw: bytes, log: VerifierKey, witnesses: Iterable[VerifierKey] = ()) -> Checkpoint:
    """Read a checkpoint that this log signed, and each of these witnesses. Raises NotProven. What other keys signed is ignored."""
    if log.kind is not SignatureKind.LOG:
        raise NotProven("the key is that of a witness, not of a log")
    note = Note.parsed(raw)
    for key in (log, *witnesses):
        note.verify(key)
    checkpoint = Checkpoint.parsed(note.text)
    if checkpoint.origin != log.name:
        raise NotProven("a checkpoint of another log")
    return checkpoint


# The log.

_LINE = re.compile(rb'\{"place":(0|[1-9][0-9]{0,18}),"leaf":"([0-9a-f]{64})","entry":(\{.*\})\}\n')


class AuditEntry(NamedTuple):
    """One row of the log. ``place`` is None until the sequencer has been there. A tuple, because a million are read at once."""

    id: str
    content: bytes
    leaf: bytes
    mac: bytes
    place: int | None
    place_mac: bytes | None

    def __repr__(self) -> str:
        return f"AuditEntry(id={self.id!r}, place={self.place!r})"


class Macs:
    """HMAC-SHA-256 (RFC 2104) under an audit key: of entries, and of entries in their places.

    By hand, for half the time of ``hmac``: what depends on the key alone is hashed once, and copied.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\x00")
        self._inner, self._outer = sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))

    def entry(self, leaf: bytes) -> bytes:
        """Authenticate an entry by its hash."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(b"entry" + leaf)
        outer.update(inner.digest())
        return outer.digest()

    def place(self, place: int, entry_id: str, leaf: bytes) -> bytes:
        """Authenticate that this entry stands in this place."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(b"place" + place.to_bytes(8, "big") + leaf + entry_id.encode())
        outer.update(inner.digest())
        return outer.digest()


def entry_mac(key: bytes, leaf: bytes) -> bytes:
    """Authenticate one entry by its hash."""
    return Macs(key).entry(leaf)


def place_mac(key: bytes, place: int, entry_id: str, leaf: bytes) -> bytes:
    """Authenticate that one entry stands in this place."""
    return Macs(key).place(place, entry_id, leaf)


class Flaw(StrEnum):
    """What can be wrong. The heads and tiles are the database's: nothing in this file finds them."""

    ENTRY_WRONG = "entry_wrong"  # content, id, hash or MAC do not belong together
    PLACE_WRONG = "place_wrong"  # the entry was not given this place
    PLACE_MISSING = "place_missing"  # a place between the first and the last is empty
    PLACE_DOUBLED = "place_doubled"  # a place is taken twice
    ENTRY_DOUBLED = "entry_doubled"  # the same entry stands in two places
    OUT_OF_ORDER = "out_of_order"  # an export's line stands behind one with a higher place
    UNPLACED = "unplaced"  # written, but the sequencer has not been there: no fault in itself
    LINE_WRONG = "line_wrong"  # a line of an export is not as its format says
    CHECKPOINT_WRONG = "checkpoint_wrong"  # a checkpoint in an export that the log did not sign
    CHECKPOINT_MISMATCH = "checkpoint_mismatch"  # the log up to the checkpoint is another one, or shorter
    HEAD_OLDER = "head_older"  # a declaration's row is older than the log: an earlier one was put back
    HEAD_UNLOGGED = "head_unlogged"  # a declaration's row is newer than the log
    HEAD_MISSING = "head_missing"  # a declaration that the log knows is not there
    HEAD_UNREADABLE = "head_unreadable"  # a declaration's row does not match its MAC
    TILE_WRONG = "tile_wrong"  # a hash that proofs are made from is not that of the entries


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw: at one place, entry, declaration, checkpoint of that size, or line of an export."""

    flaw: Flaw
    place: int | None = None
    entry: str | None = None
    declaration: str | None = None
    size: int | None = None
    line: int | None = None


@dataclass(slots=True)
class Report:
    """What was found. The first ``proven`` entries are those of a checkpoint; ``versions`` are what the log says of declarations.

    ``kept`` is how far the checkpoints reach that did not come with the log: who cuts it cuts those that did as well.
    """

    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    checkpoint: Checkpoint = field(default_factory=lambda: Checkpoint("", 0, NOTHING))
    compared_with: tuple[Checkpoint, ...] = ()
    proven: int = 0
    kept: int = 0
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Tell whether the log proves itself, as far as it can: nothing was found but entries that still wait for their place."""
        return all(finding.flaw is Flaw.UNPLACED for finding in self.findings)

    @property
    def caveat(self) -> str | None:
        """Say what this verification could not see."""
        if not self.compared_with:
            return "no checkpoint was compared: entries cut off at the end cannot be seen (keep `imgate audit checkpoint` elsewhere)"
        after = self.checkpoint.size - self.proven
        if after > 0:
            proof = "nothing proves them but the audit key, and in an export nothing does"
            return f"the last {after} entries are under no checkpoint: {proof}; nor would it show if more were cut off"
        if self.kept == 0:
            return "no checkpoint from elsewhere was compared: entries cut off at the end, with the checkpoints about them, cannot be seen"
        later = self.checkpoint.size - self.kept
        return (
            f"the last {later} entries are newer than the checkpoint that was kept: if more were cut off, nothing shows it"
            if later
            else None
        )


class Verification:
    """Takes a log in pieces, rows of the database in any order or lines of an export, and ends in a report.

    ``key`` is the audit key, which only the database's owner has. The MACs of entries before ``covered`` are left out: say so only
    where a checkpoint of that size is compared, which proves more, and where it does not match, verify again without.
    """

    def __init__(self, key: bytes = b"", covered: int = 0) -> None:
        self.report = Report()
        self.tree = Tree([])
        self._macs, self._covered = Macs(key), covered
        self._places: list[int] = []
        self._leaves: list[bytes] = []
        self._waiting: list[tuple[str, bytes]] = []  # id and leaf
        self._lines = 1  # the head

    def take(self, rows: Iterable[AuditEntry]) -> None:
        """Take rows of the database."""
        remaining = iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            self.report.entries += len(batch)
            leaves: list[bytes] = []
            try:
                leaves = [leaf_hash(row.content) for row in batch]
                sound = self._all_sound(batch, leaves)
            except (TypeError, AttributeError):
                sound = False
            if sound:
                self._places += [row.place for row in batch if row.place is not None]
                self._leaves += leaves
            else:
                batch = [_typed(row) for row in batch]
                leaves = [leaf_hash(row.content) for row in batch]
                for row, leaf in zip(batch, leaves, strict=True):
                    self._take_row(row, leaf)
            for row, leaf in zip(batch, leaves, strict=True):
                if b'"declaration":' in row.content and Flaw.ENTRY_WRONG not in self._flaws(row, leaf):
                    self._note_version(row.content)

    def _all_sound(self, batch: Sequence[AuditEntry], leaves: Sequence[bytes]) -> bool:
        """Tell whether ``_flaws`` finds nothing, in a third of the time. Comparing need not take equally long: nobody learns from it."""
        entry_mac_of, place_mac_of, covered = self._macs.entry, self._macs.place, self._covered
        return all(
            stated == leaf
            and type(place) is int
            and place >= 0
            and content.rfind(b'"id":"%b"' % id_.encode()) >= 0
            and (place < covered or (entry_mac_of(leaf) == mac and place_mac_of(place, id_, leaf) == mac_of_place))
            for (id_, content, stated, mac, place, mac_of_place), leaf in zip(batch, leaves, strict=True)
        )

    def _take_row(self, row: AuditEntry, leaf: bytes) -> None:
        self.report.findings += [Finding(flaw, row.place, row.id) for flaw in self._flaws(row, leaf)]
        if row.place is None:
            self._waiting.append((row.id, leaf))
        elif row.place >= 0:
            self._places.append(row.place)
            self._leaves.append(leaf)

    def _flaws(self, row: AuditEntry, leaf: bytes) -> Sequence[Flaw]:
        """Look at one row by itself."""
        id_, content, stated, mac, place, mac_of_place = row
        apart = place is None or place >= self._covered
        flaws = []
        if stated != leaf or b'"id":"%b"' % id_.encode() not in content or (apart and self._macs.entry(leaf) != mac):
            flaws.append(Flaw.ENTRY_WRONG)
        if place is None:
            flaws.append(Flaw.UNPLACED)
        elif place < 0 or (apart and self._macs.place(place, id_, leaf) != mac_of_place):
            flaws.append(Flaw.PLACE_WRONG)
        return flaws

    def _note_version(self, content: bytes) -> None:
        try:
            fields = json.loads(content)["fields"]
            declaration, version = fields.get("declaration"), fields.get("version")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return  # below a checkpoint that does not match, anything can stand there
        if isinstance(declaration, str) and isinstance(version, int):
            self.report.versions[declaration] = max(self.report.versions.get(declaration, 0), version)

    def take_lines(self, lines: Sequence[bytes]) -> Iterator[str]:
        """Take lines of an export, without its head; give the notes of the checkpoints among them."""
        first = self._places[-1] + 1 if self._places else 0
        parts = [line.partition(b',"entry":') for line in lines]
        leaves = [sha256(b"\x00" + content[:-2]).digest() for _, _, content in parts]
        expected = [b'{"place":%d,"leaf":"%b"' % (place, hexlify(leaf)) for place, leaf in enumerate(leaves, first)]
        if expected == [head for head, _, _ in parts] and all(line.endswith(b"}}\n") for line in lines):
            self._places += range(first, first + len(leaves))
            self._leaves += leaves
            self.report.entries += len(leaves)
            self._lines += len(lines)
        else:
            for line in lines:
                yield from self._take_line(line)

    def _take_line(self, line: bytes) -> Iterator[str]:
        """Take a line that is not just the next entry as it should be, and say why."""
        self._lines += 1
        match = _LINE.fullmatch(line)
        if match is None:
            said = _read(line)
            if said.keys() == {"checkpoint"}:
                yield str(said["checkpoint"])
            else:
                self.report.findings.append(Finding(Flaw.LINE_WRONG, line=self._lines))
            return
        place, stated, content = int(match[1]), match[2].decode(), match[3]
        leaf = leaf_hash(content)
        self.report.entries += 1
        if leaf.hex() != stated:
            self.report.findings.append(Finding(Flaw.ENTRY_WRONG, place, line=self._lines))
        if self._places and place < self._places[-1]:
            self.report.findings.append(Finding(Flaw.OUT_OF_ORDER, place, line=self._lines))
        self._places.append(place)
        self._leaves.append(leaf)

    def conclude(self, checkpoints: Sequence[Checkpoint] = (), origin: str = "") -> Report:
        """Put the entries in their order and compare them with verified checkpoints of this log."""
        report = self.report
        if len({*self._leaves, *(leaf for _, leaf in self._waiting)}) < len(self._leaves) + len(self._waiting):
            report.findings += self._doubled()
        self._order()
        self.tree = Tree(self._leaves)
        report.compared_with = tuple(checkpoints)
        for each in report.compared_with:
            if each.size > self.tree.size or self.tree.root(each.size) != each.root:
                report.findings.append(Finding(Flaw.CHECKPOINT_MISMATCH, size=each.size))
            else:
                report.proven = max(report.proven, each.size)
        report.kept = report.proven
        report.checkpoint = Checkpoint(origin, self.tree.size, self.tree.root(self.tree.size))
        return report

    def _order(self) -> None:
        """Sort by place, and say which are missing (of a long gap the first thousand) and which are taken twice."""
        if self._places == list(range(len(self._places))):
            return
        following, ordered = 0, sorted(zip(self._places, self._leaves, strict=True), key=lambda pair: pair[0])
        self._places, self._leaves = [], []
        for place, leaf in ordered:
            if place < following:
                self.report.findings.append(Finding(Flaw.PLACE_DOUBLED, place))
                continue
            self.report.findings += [Finding(Flaw.PLACE_MISSING, each) for each in range(following, min(place, following + _BATCH))]
            self._places.append(place)
            self._leaves.append(leaf)
            following = place + 1

    def _doubled(self) -> Iterator[Finding]:
        seen: set[bytes] = set()
        for place, leaf in zip(self._places, self._leaves, strict=True):
            if leaf in seen:
                yield Finding(Flaw.ENTRY_DOUBLED, place)
            seen.add(leaf)
        for entry, leaf in self._waiting:
            if leaf in seen:
                yield Finding(Flaw.ENTRY_DOUBLED, entry=entry)
            seen.add(leaf)


def _typed(row: AuditEntry) -> AuditEntry:
    """Put something wrong of the right type where a row holds another: SQLite keeps whatever it is given."""
    id_, content, leaf, mac, place, mac_of_place = cast("tuple[object, ...]", tuple(row))
    return AuditEntry(
        id_ if isinstance(id_, str) else "",
        content if isinstance(content, bytes) else b"",
        leaf if isinstance(leaf, bytes) else b"",
        mac if isinstance(mac, bytes) else b"",
        place if place is None or isinstance(place, int) else -1,
        mac_of_place if isinstance(mac_of_place, bytes) else None,
    )


def _read(line: bytes) -> dict[str, object]:
    """Read a line that holds an object, written as it should be; of any other give an empty one."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"
    return said if isinstance(said, dict) and written.encode(errors="replace") == line else {}


def verify_log(key: bytes, rows: Iterable[AuditEntry], checkpoints: Sequence[Checkpoint] = ()) -> Report:
    """Verify a whole log with the audit key, its rows in any order."""
    verification = Verification(key)
    verification.take(rows)
    return verification.conclude(checkpoints)


def lines_of(export: BinaryIO) -> Iterator[bytes]:
    """Read an export line by line. Raises NotProven for one that is longer than any line of an export."""
    while line := export.readline(_LINE_MAX):
        if len(line) == _LINE_MAX:
            raise NotProven("not an export: there is a line without an end")
        yield line


def verify_export(lines: Iterable[bytes], log: VerifierKey, kept: Sequence[Checkpoint] = ()) -> Report:
    """Verify an export of this log against the checkpoints in it and those kept elsewhere.

    Raises NotProven where it is not one, and where there is no checkpoint, without which nothing is proven.
    """
    remaining = iter(lines)
    if _read(next(remaining, b"")) != {"format": "imgate-audit-export/1", "origin": log.name, "vkey": str(log)}:
        raise NotProven("not an export of this log")
    verification, checkpoints = Verification(), list(kept)
    while batch := list(islice(remaining, _BATCH)):
        for note in verification.take_lines(batch):
            try:
                checkpoints.append(verified_checkpoint(note.encode(), log))
            except NotProven:
                verification.report.findings.append(Finding(Flaw.CHECKPOINT_WRONG))
    if not checkpoints:
        raise NotProven("there is no checkpoint of this log, neither in the export nor kept elsewhere")
    report = verification.conclude(checkpoints, log.name)
    report.kept = min(max((checkpoint.size for checkpoint in kept), default=0), report.proven)
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify an export; print a report, and give 0 if it is sound, 1 if not, 2 if nothing could be verified."""
    import argparse  # the gateway imports this file at each start, and has no use for it

    parser = argparse.ArgumentParser(description="Verify an export of an imgate audit log.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", required=True, help="the log's key as a vkey, had from somewhere else than the export")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint that was kept; can stand several times")
    parser.add_argument("--witness", action="append", default=[], help="the vkey of a witness that must have signed each of these")
    given = parser.parse_args(arguments)
    try:
        log, witnesses = VerifierKey.parsed(given.key), [VerifierKey.parsed(vkey) for vkey in given.witness]
        kept = [verified_checkpoint(file.read_bytes(), log, witnesses) for file in given.checkpoint]
        with given.export.open("rb") as lines:
            report = verify_export(lines_of(lines), log, kept)
    except (NotProven, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    findings = [{name: value for name, value in asdict(found).items() if value is not None} for found in report.findings]
    said = {"sound": report.sound, "entries": report.entries, "proven": report.proven, "findings": findings, "caveat": report.caveat}
    sys.stdout.write(json.dumps(said, indent=1) + "\n")
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main())
