"""Passkeys: each is one user's, and its counter shows a copy."""

from datetime import timedelta

import pytest

from imgate.vocabulary.words import UserRole

NOBODY = "00000000-0000-0000-0000-000000000001"
LATER = timedelta(minutes=1)


@pytest.fixture
def passkeys(store):
    return store.people.passkeys


@pytest.fixture
def vera(store, sample):
    return store.people.users.add(UserRole.OFFICE, None, "Vera", "vera", None, sample.at, "operator")


@pytest.fixture
def other(store, sample):
    return store.people.users.add(UserRole.OFFICE, None, "B", "b", None, sample.at, "operator")[0]


def test_a_users_passkeys_are_listed_and_found(passkeys, vera, other, sample):
    user, _ = vera
    assert passkeys.add(user.id, b"two", b"key 2", 0, "Telefon", sample.at + LATER) is True
    assert passkeys.add(user.id, b"one", b"key 1", 4, "Schlüssel", sample.at) is True
    assert passkeys.add(other.id, b"three", b"key 3", 0, "x", sample.at) is True
    assert [(key.credential_id, key.label) for key in passkeys.of(user.id)] == [(b"one", "Schlüssel"), (b"two", "Telefon")]
    found = passkeys.get(b"one")
    assert (found.user, found.public_key, found.sign_count, found.added_at, found.used_at) == (user.id, b"key 1", 4, sample.at, None)
    assert passkeys.get(b"") is None
    assert passkeys.of(NOBODY) == ()
    assert "key" not in repr(found).replace("Passkey", "").replace("public_key", "")


def test_a_passkey_uses_up_the_code_that_brought_it(store, passkeys, vera, sample):
    user, code = vera
    assert passkeys.add(user.id, b"one", b"key", 0, "x", sample.at, enrolment=code) is True
    assert store.people.users.enrolling(code, sample.at) is None
    assert passkeys.add(user.id, b"two", b"key", 0, "x", sample.at, enrolment=code) is False
    assert [key.credential_id for key in passkeys.of(user.id)] == [b"one"]


def test_a_code_that_was_replaced_meanwhile_brings_no_passkey(store, passkeys, vera, sample):
    user, code = vera
    again = store.people.users.new_enrolment(user.id, sample.at, "operator")
    assert passkeys.add(user.id, b"one", b"key", 0, "x", sample.at, enrolment=code) is False
    assert passkeys.of(user.id) == ()
    assert store.people.users.enrolling(again, sample.at).id == user.id


def test_a_passkey_that_is_somebodys_already_is_not_added_and_uses_no_code_up(store, passkeys, vera, other, sample):
    user, code = vera
    passkeys.add(other.id, b"one", b"key", 0, "x", sample.at)
    assert passkeys.add(user.id, b"one", b"mine", 0, "x", sample.at, enrolment=code) is False
    assert passkeys.get(b"one").user == other.id
    assert passkeys.get(b"one").public_key == b"key"
    assert store.people.users.enrolling(code, sample.at) == user


def test_nobody_and_who_is_revoked_gets_no_passkey(store, passkeys, vera, sample):
    user, _ = vera
    assert passkeys.add(NOBODY, b"one", b"key", 0, "x", sample.at) is False
    store.people.users.revoke(user.id, sample.at, "operator")
    assert passkeys.add(user.id, b"one", b"key", 0, "x", sample.at) is False
    assert passkeys.get(b"one") is None


def test_a_counter_that_did_not_grow_is_told_and_not_stored(passkeys, vera, sample):
    passkeys.add(vera[0].id, b"one", b"key", 4, "x", sample.at)
    for count in (4, 3, 0):
        assert passkeys.used(b"one", count, sample.at) is False
    assert (passkeys.get(b"one").sign_count, passkeys.get(b"one").used_at) == (4, None)
    assert passkeys.used(b"one", 5, sample.at + LATER) is True
    assert (passkeys.get(b"one").sign_count, passkeys.get(b"one").used_at) == (5, sample.at + LATER)
    assert passkeys.used(b"unknown", 1, sample.at) is False


def test_a_passkey_that_does_not_count_may_say_zero_each_time_until_it_begins_to_count(passkeys, vera, sample):
    passkeys.add(vera[0].id, b"one", b"key", 0, "x", sample.at)
    assert [passkeys.used(b"one", count, sample.at) for count in (0, 0, 1, 0)] == [True, True, True, False]


def test_only_whose_passkey_it_is_removes_it(passkeys, vera, other, sample):
    user, _ = vera
    passkeys.add(user.id, b"one", b"key", 0, "x", sample.at)
    assert passkeys.remove(other.id, b"one", sample.at) is False
    assert passkeys.get(b"one") is not None
    assert passkeys.remove(user.id, b"one", sample.at) is True
    assert passkeys.remove(user.id, b"one", sample.at) is False
    assert passkeys.get(b"one") is None
