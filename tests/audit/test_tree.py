"""The Merkle tree gives the hashes of RFC 9162; proofs made from it verify, and the published vectors get the verdict they name."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.audit.tree import consistency_proof, inclusion_proof, root_of
from imgate.audit.verify import NOTHING, NotProven, Tree, leaf_hash, verify_consistency, verify_inclusion

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
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(40)]


def subtrees(leaves):
    tree = Tree(leaves)
    return lambda height, index: tree.levels[height][index]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_test_vectors(size):
    leaves = [leaf_hash(each) for each in INPUTS]
    assert Tree(leaves[:size]).root(size).hex() == Tree(leaves).root(size).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert Tree([]).root(0) == Tree(LEAVES).root(0) == root_of(subtrees(LEAVES), 0) == NOTHING == hashlib.sha256(b"").digest()


def recursive(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + recursive(leaves[:split]) + recursive(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_level_by_level_gives_what_the_definition_gives(leaves):
    assert Tree(leaves).root(len(leaves)) == root_of(subtrees(leaves), len(leaves)) == recursive(leaves)


def test_every_proof_of_inclusion_verifies_and_for_nothing_else():
    tree, of = Tree(LEAVES), subtrees(LEAVES)
    for size in range(1, len(LEAVES) + 1):
        root = tree.root(size)
        for place in range(size):
            proof = inclusion_proof(of, place, size)
            verify_inclusion(LEAVES[place], place, size, proof, root)
            wrong = [
                (LEAVES[place - 1], place, size, proof, root) if size > 1 else None,
                (LEAVES[place], place + 1, size, proof, root),
                (LEAVES[place], place, size, (*proof, root), root),
                (LEAVES[place], place, size, proof[:-1], root) if proof else None,
                (LEAVES[place], place, size, proof, LEAVES[0]) if size > 1 else None,
            ]
            for each in filter(None, wrong):
                with pytest.raises(NotProven):
                    verify_inclusion(*each)


def test_every_proof_of_consistency_verifies_and_for_nothing_else():
    tree, of = Tree(LEAVES), subtrees(LEAVES)
    roots = [tree.root(size) for size in range(len(LEAVES) + 1)]
    for second in range(1, len(LEAVES) + 1):
        for first in range(1, second + 1):
            proof = consistency_proof(of, first, second)
            verify_consistency(first, second, roots[first], roots[second], proof)
            wrong = [
                (first, second, roots[first - 1], roots[second], proof),
                (first, second, roots[first], roots[second - 1], proof),
                (first, second, roots[first], roots[second], (*proof, roots[1])),
                (first, second, roots[first], roots[second], proof[:-1]) if proof else None,
                (second, first, roots[second], roots[first], proof) if first != second else None,
            ]
            for each in filter(None, wrong):
                with pytest.raises(NotProven):
                    verify_consistency(*each)


@pytest.mark.parametrize("place", [-1, 2**63 - 1, 2**64 - 1, 2**64, 2**65])
@pytest.mark.parametrize("size", [0, 1, 2**64 - 1, 2**64])
def test_at_the_edges_of_64_bits_nothing_is_proven(place, size):
    for proof in ((), tuple(LEAVES), (LEAVES[0],) * 64):
        with pytest.raises(NotProven):
            verify_inclusion(LEAVES[0], place, size, proof, LEAVES[1])
        with pytest.raises(NotProven):
            verify_consistency(place, size, LEAVES[0], LEAVES[1], proof)


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_every_published_vector_gets_its_verdict(shared, kind):
    vectors = json.loads((shared / "data/vectors/merkle.json").read_text(encoding="utf-8"))[kind]
    assert len(vectors) > 80
    verdicts = {vector["name"]: refused(kind, vector) for vector in vectors}
    assert len(verdicts) == len(vectors)
    assert verdicts == {vector["name"]: vector["wantErr"] for vector in vectors}


def refused(kind, vector):
    names = ("leafHash", "root") if kind == "inclusion" else ("root1", "root2")
    first, second = (base64.b64decode(vector[name]) for name in names)
    proof = [base64.b64decode(each) for each in vector["proof"] or ()]
    try:
        if kind == "inclusion":
            verify_inclusion(first, vector["leafIdx"], vector["treeSize"], proof, second)
        else:
            verify_consistency(vector["size1"], vector["size2"], first, second, proof)
    except NotProven:
        return True
    return False
