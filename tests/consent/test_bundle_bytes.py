"""A change of one byte anywhere fails, and the report names the part in which that byte lies and no other.

Which part that is, is worked out here from the text of the file (``bundled.owners``), not by what is tested.
"""

import random

import pytest

from imgate.consent.bundle_layout import split
from tests.consent.bundled import GENUINE, named_parts, owners, vector, verify

SMALL = "paper-ed25519.json"
RANDOM_CHANGES = 10_000
SEAM = b',"signature":"'


def run_of(file, byte, at):
    """Give the places at which this byte could have gone, or could have come in, with the same result: all that stand in a row."""
    low = high = at
    while low > 0 and file[low - 1] == byte:
        low -= 1
    while high < len(file) and file[high] == byte:
        high += 1
    return low, high


def substituted(file, owned, at, byte):
    return file[:at] + bytes([byte]) + file[at + 1 :], {owned[at]}


def deleted(file, owned, at, byte):
    low, high = run_of(file, file[at], at)
    return file[:at] + file[at + 1 :], set(owned[low:high])


def inserted(file, owned, at, byte):
    low, high = run_of(file, byte, at)
    return file[:at] + bytes([byte]) + file[at:], set(owned[max(low - 1, 0) : high + 1])


CHANGES = {"substituted": substituted, "deleted": deleted, "inserted": inserted}


def assert_named(file, owned, change, at, byte):
    changed, may_be = CHANGES[change](file, owned, at, byte)
    report = verify(changed)
    found = named_parts(report)
    assert found, (change, at, byte, report)
    assert found <= may_be, (change, at, byte, found, may_be)
    assert [check for check in report.failed if found & set(check.parts)], (change, at)


def other_byte(chance, byte):
    """Take any other byte, but often one that JSON has a use for."""
    return chance.choice([other for other in (*b'0aZ"\\{}[]:, \n\xc3', chance.randrange(256), byte ^ 1) if other != byte])


def test_the_text_gives_every_byte_to_one_part():
    file = vector("several-signers-with-evidence.json")
    owned = owners(file)
    assert len(owned) == len(file)
    assert sorted(set(owned)) == [
        "/bundle",
        "/declaration",
        "/evidence",
        *[f"/evidence/{place}" for place in range(4)],
        "/gateway",
        "/history",
        "/life",
        "/made_at",
        "/profile",
        "/signature",
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_no_byte_of_a_bundle_can_be_changed(change):
    file, chance = vector(SMALL), random.Random(20260302)  # noqa: S311  # chance that can be repeated
    owned = owners(file)
    for at in range(len(file)):
        assert_named(file, owned, change, at, other_byte(chance, file[at]))


def test_nothing_can_be_put_behind_a_bundle():
    for byte in range(256):
        assert named_parts(verify(vector(SMALL) + bytes([byte]))) == {"/signature"}


def test_what_stands_twice_lies_beside_both_neighbours():
    """Found at its first place from the front, and at its second from the end."""
    file = vector(SMALL)
    profile = file[file.index(b'{"algorithm"') : file.index(SEAM)]
    assert named_parts(verify(file.replace(profile + SEAM, profile * 2 + SEAM))) == {"/profile", "/signature"}


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (b"{" + SEAM + b'a.b.c"}', (b"{", "a.b.c")),
        (SEAM + b'a.b.c"}', (b"", "a.b.c")),
        (b"{" + SEAM + b'"}', (b"{", "")),
        (b"{" + SEAM + b'1"' + SEAM + b'2"}', (b"{" + SEAM + b'1"', "2")),
        (b"{" + SEAM + b"}", None),
        (b"{" + SEAM + b'a.b.c"', None),
        (b"{" + SEAM + b'\xff"}', None),
        (b'{"signature":"a.b.c"}', None),
    ],
    ids=["ordinary", "nothing before", "empty", "the last counts", "no room", "no end", "no ASCII", "no comma"],
)
def test_the_signature_is_what_stands_at_the_end(file, found):
    parted = split(file)
    assert (None if parted is None else (bytes(parted[0]), parted[1])) == found


def test_ten_thousand_random_changes_of_one_byte_all_fail_and_name_the_part():
    chance = random.Random(4)  # noqa: S311  # the same
    files = [(vector(name), owners(vector(name))) for name in GENUINE]
    for _ in range(RANDOM_CHANGES):
        file, owned = chance.choice(files)
        at = chance.randrange(len(file))
        assert_named(file, owned, chance.choice(list(CHANGES)), at, other_byte(chance, file[at]))
