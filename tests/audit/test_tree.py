"""The Merkle tree gives the hashes of RFC 9162 and of the certificate-transparency test vectors."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.audit.entry import leaf_hash
from imgate.audit.tree import Checkpoint, Tree

# The inputs and roots of the reference implementation's tests (google/certificate-transparency, merkle_tree_test).
INPUTS = [bytes.fromhex(x) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_test_vectors(size):
    assert Tree(map(leaf_hash, INPUTS[:size])).root.hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert Tree().root == hashlib.sha256(b"").digest()


def recursive(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + recursive(leaves[:split]) + recursive(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_growing_leaf_by_leaf_gives_what_the_definition_gives(leaves):
    assert Tree(leaves).root == recursive(leaves)


def test_a_checkpoint_is_read_as_it_is_written():
    checkpoint = Tree([b"x" * 32]).checkpoint
    assert Checkpoint.parsed(str(checkpoint)) == checkpoint


@pytest.mark.parametrize("line", ["", "1", "x " + "a" * 64, "1 " + "a" * 63, "-1 " + "a" * 64, "1 " + "g" * 64, "1 2 3"])
def test_what_is_no_checkpoint_is_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011  # whichever part is wrong
        Checkpoint.parsed(line)
