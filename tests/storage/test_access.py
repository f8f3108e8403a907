"""Access: secrets are shown once and kept as keyed digests, assertions count once."""

from datetime import timedelta

import pytest

from imgate.storage.proof import verify_store
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import Kept, Role


def test_a_secret_is_shown_once_and_matches_only_its_access(store, sample, tmp_path):
    access, secret = store.access.add(Role.CASE_SYSTEM, None, "Fallsystem", sample.at, "operator")
    other, _ = store.access.add(Role.PARTNER, "jobcenter", "Jobcenter", sample.at, "operator")
    assert secret is not None
    assert store.access.matches(access, secret)
    assert not store.access.matches(other, secret)
    assert not store.access.matches(access, secret + "x")
    assert not store.access.matches(access, "")
    assert secret not in repr(access)
    for file in tmp_path.glob("imgate.db*"):
        assert secret.encode() not in file.read_bytes()


def test_an_access_with_a_public_key_has_no_secret(store, sample):
    access, secret = store.access.add(Role.AUDITOR, None, "Revision", sample.at, "operator", public_key="-----BEGIN PUBLIC KEY-----")
    assert secret is None
    assert not store.access.matches(access, "")
    assert store.access.get(access.client_id).public_key == "-----BEGIN PUBLIC KEY-----"


@pytest.mark.parametrize(("role", "partner"), [(Role.PARTNER, None), (Role.ADMIN, "jobcenter"), (Role.CASE_SYSTEM, "jobcenter")])
def test_only_the_role_partner_is_bound_to_a_partner(store, sample, role, partner):
    with pytest.raises(ValueError, match="partner"):
        store.access.add(role, partner, "x", sample.at, "operator")


def test_revoking_counts_from_then_on_and_once(store, sample):
    access, _ = store.access.add(Role.ADMIN, None, "Betrieb", sample.at, "operator")
    assert store.access.get(access.client_id).revoked_at is None
    assert store.access.revoke(access.client_id, sample.at, "operator") is True
    assert store.access.revoke(access.client_id, sample.at + timedelta(hours=1), "operator") is False
    assert store.access.get(access.client_id).revoked_at == sample.at
    assert store.access.revoke("00000000-0000-0000-0000-000000000001", sample.at, "operator") is False


def test_accesses_are_listed_and_their_changes_are_on_record(store, sample):
    first, _ = store.access.add(Role.ADMIN, None, "Betrieb", sample.at, "operator")
    second, _ = store.access.add(Role.PARTNER, "abh", "ABH Winnenden", sample.at + timedelta(hours=1), "operator")
    store.access.revoke(first.client_id, sample.at, "operator")
    assert [access.client_id for access in store.access.list()] == [first.client_id, second.client_id]
    assert store.access.get("00000000-0000-0000-0000-000000000001") is None
    assert verify_store(store).entries == 3


def test_an_assertion_counts_once_for_each_caller_until_it_runs_out(store, sample):
    expires_at = sample.at + timedelta(minutes=5)
    assert store.access.use_assertion("a", "jti-1", expires_at) is True
    assert store.access.use_assertion("a", "jti-1", expires_at) is False
    assert store.access.use_assertion("b", "jti-1", expires_at) is True
    assert sweep(store, sample.at)[Kept.ASSERTIONS] == 0
    assert sweep(store, expires_at)[Kept.ASSERTIONS] == 2
