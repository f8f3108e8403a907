"""A head row counts only as it was written: every byte of it, for this client, with what is sealed beside it."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.consent import life
from imgate.consent.head import Head, VerifiedDeclaration, head_mac, verify_head
from tests.consent.specimen import BERLIN, BESIDE, CLIENT, CONTENT, ID, KEY, SECOND, SIGNED, draft, signed, verified


def lived() -> Head:
    """Give a head in which every field says something."""
    head = life.revoke(signed(onward_from=["abh-winnenden"], supersedes=SECOND), ["language.level"], SIGNED)
    return life.supersede(life.pause(life.resume(life.pause(head, SIGNED), SIGNED), SIGNED), SECOND)


CANONICAL = lived().canonical()
MAC = head_mac(KEY, CLIENT, CANONICAL, BESIDE)


def read(key=KEY, client=CLIENT, canonical=CANONICAL, beside=BESIDE, mac=MAC) -> VerifiedDeclaration | None:
    """Verify the head with these changes of its row."""
    return verify_head(key, client, canonical, beside, mac, BERLIN)


def test_the_row_as_it_was_written_is_read():
    """Whatever the tests below change is why they get nothing."""
    found = read()
    assert found is not None
    assert (found.id, found.partner, found.scopes) == (ID, CONTENT["partner"], frozenset(CONTENT["scopes"]))
    assert (found.version, found.digest) == (lived().version, lived().digest)


def flipped(whole: bytes):
    """Give the bytes with each single bit turned over in turn."""
    for index in range(len(whole)):
        for bit in range(8):
            yield whole[:index] + bytes([whole[index] ^ (1 << bit)]) + whole[index + 1 :]


@pytest.mark.parametrize("column", ["canonical", "beside", "mac"])
def test_a_flip_of_any_bit_is_no_head(column):
    """Of the head, of what is sealed beside it, and of the MAC itself."""
    whole = {"canonical": CANONICAL, "beside": BESIDE, "mac": MAC}[column]
    assert all(read(**{column: other}) is None for other in flipped(whole))


@pytest.mark.parametrize("column", ["canonical", "beside", "mac"])
def test_a_truncated_an_extended_and_an_empty_column_is_no_head(column):
    """Lengths count."""
    whole = {"canonical": CANONICAL, "beside": BESIDE, "mac": MAC}[column]
    for other in (b"", whole[:-1], whole[1:], whole + b"\x00", whole + b" "):
        assert read(**{column: other}) is None


@pytest.mark.parametrize("client", ["d" * 64, "c" * 63, "", "c" * 65, CLIENT.upper()])
def test_a_head_of_another_client_is_no_head(client):
    """A row that was moved to somebody else, or a digest that was swapped, permits nothing."""
    assert read(client=client) is None


def test_a_head_under_another_key_is_no_head():
    """Whoever has the database and no key cannot write one."""
    assert read(key=b"l" * 32) is None


@pytest.mark.parametrize("other", [draft(SECOND), signed(), lived().next(), lived().next(revoked={})])
def test_a_head_of_another_declaration_or_another_version_does_not_fit_this_mac(other):
    """Neither the head with the other's MAC nor the MAC with the other's head."""
    canonical = other.canonical()
    assert read(canonical=canonical) is None
    assert read(mac=head_mac(KEY, CLIENT, canonical, BESIDE)) is None


def test_bytes_cannot_wander_between_the_columns():
    """What is sealed beside the head is not the end of the head."""
    assert read(canonical=CANONICAL + BESIDE, beside=b"") is None
    assert read(canonical=CANONICAL[:-5], beside=CANONICAL[-5:] + BESIDE) is None
    assert read(client=CLIENT + "\x00", canonical=CANONICAL) is None


@pytest.mark.parametrize(
    "canonical",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b"[1]",
        b"\xff\xfe",
        b"not json",
        b"[" * 5000,
        CANONICAL[:-1],
        CANONICAL[:-1] + b",1]",
        CANONICAL.replace(b'"both"', b'"sideways"'),
        CANONICAL.replace(b'"both"', b"null"),
        CANONICAL.replace(b"2026-12-31", b"2026-13-31"),
        CANONICAL.replace(b"2026-12-31", b"for ever  "),
        CANONICAL.replace(b'"written"', b'"sworn"'),
        CANONICAL.replace(b"2026-01-20T", b"2026-99-20T"),
    ],
    ids=lambda canonical: "",  # the name of a test must not depend on what is tested
)
def test_an_unreadable_head_is_no_head_even_under_a_good_mac(canonical):
    """Another version wrote it, or something broke: what cannot be understood permits nothing."""
    assert read(canonical=canonical, mac=head_mac(KEY, CLIENT, canonical, BESIDE)) is None


@pytest.mark.parametrize("mac", [None, "", MAC.hex()], ids=["nothing", "empty", "hex"])
def test_a_mac_that_is_no_mac_is_no_head(mac):
    """A database gives back what was put into it."""
    assert read(mac=mac) is None


@given(
    st.integers(0, len(Head.__slots__) - 1), st.one_of(st.none(), st.integers(-1, 9), st.text(max_size=5), st.lists(st.none(), max_size=2))
)
def test_a_field_of_another_shape_never_raises(index, junk):
    """It is read or it is not; a fault in one row must not hold up a client's other declarations."""
    fields = orjson.loads(CANONICAL)
    fields[index] = junk
    canonical = orjson.dumps(fields)
    found = read(canonical=canonical, mac=head_mac(KEY, CLIENT, canonical, BESIDE))
    assert found is None or isinstance(found, VerifiedDeclaration)


def test_a_head_survives_writing_and_reading():
    """Field by field, in the order in which they are authenticated."""
    again = Head.of(CANONICAL)
    assert again.canonical() == CANONICAL
    assert again.next().version == lived().version + 1


def test_every_field_of_a_head_is_authenticated():
    """A field that is added tomorrow is among them, or this test fails."""
    fields = orjson.loads(CANONICAL)
    assert len(fields) == len(Head.__slots__)
    assert all(field not in (None, [], {}, "") for field in fields)


def test_the_same_head_written_for_another_zone_is_the_same_row():
    """Days are worked out when it is read: the zone is the gateway's and not the paper's."""
    assert verified(lived()).valid_until == "2026-12-31"
