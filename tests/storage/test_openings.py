"""Four eyes: who of the office confirmed which closed scope, and only who is of the office still."""

from datetime import timedelta

import pytest

from imgate.vocabulary.words import UserRole

SCOPE = "health.constraints"


@pytest.fixture
def office(store, sample):
    """Two users of the office."""
    return [store.people.users.add(UserRole.OFFICE, None, "Amt", login, None, sample.at, "operator")[0].id for login in ("one", "two")]


def openings(store):
    with store.reading() as tx:
        return tx.openings.all()


def confirmed(store, partner="jobcenter", scope=SCOPE):
    return openings(store).get((partner, scope), frozenset())


def in_use(store):
    with store.reading() as tx:
        return tx.openings.in_use()


def confirm(store, at, *users, partner="jobcenter"):
    with store.transaction() as tx:
        return [tx.openings.confirm(partner, SCOPE, user, at) for user in users]


def test_a_closed_scope_is_confirmed_once_by_each_user_and_for_one_partner(store, sample, office):
    one, two = office
    assert confirmed(store) == frozenset()
    assert confirm(store, sample.at, one, one) == [True, False]
    assert confirmed(store) == {one}
    assert confirm(store, sample.at, two) == confirm(store, sample.at, two, partner="abh") == [True]
    assert confirmed(store, scope="language.level") == confirmed(store, "", "") == frozenset()
    assert openings(store) == {("jobcenter", SCOPE): frozenset(office), ("abh", SCOPE): frozenset({two})}


def test_a_confirmation_is_withdrawn_by_whose_it_is(store, sample, office):
    one, two = office
    confirm(store, sample.at, one)
    with store.transaction() as tx:
        assert tx.openings.withdraw("jobcenter", SCOPE, two) is False
        assert tx.openings.withdraw("abh", SCOPE, one) is False
        assert tx.openings.all() == {("jobcenter", SCOPE): frozenset({one})}
        assert tx.openings.withdraw("jobcenter", SCOPE, one) is True
        assert tx.openings.withdraw("jobcenter", SCOPE, one) is False
        assert tx.openings.all() == {}


def test_who_is_revoked_or_never_was_of_the_office_confirms_nothing(store, sample, office):
    one, two = office
    vera, _ = store.people.users.add(UserRole.INTEGRATION_MANAGER, None, "Vera", "vera", None, sample.at, "operator")
    confirm(store, sample.at, *office, vera.id, "00000000-0000-0000-0000-000000000001", "")
    assert confirmed(store) == {one, two}
    store.people.users.revoke(two, sample.at, "operator")
    assert confirmed(store) == {one}
    assert openings(store) == {("jobcenter", SCOPE): frozenset({one})}


def test_who_is_of_the_office_no_longer_confirms_nothing(store, sample):
    def comes_as(role, partner=None):
        return store.people.users.signed_in_by("https://idp.example", "s", role, partner, "V", sample.at).id

    confirm(store, sample.at, comes_as(UserRole.OFFICE))
    comes_as(UserRole.LIAISON, "abh")
    assert confirmed(store) == frozenset()


def test_the_pages_are_in_use_from_the_first_user_of_the_office_on_and_for_good(store, sample):
    users = store.people.users
    assert in_use(store) is False
    users.add(UserRole.LIAISON, "abh", "Vera", "vera", None, sample.at, "operator")
    assert in_use(store) is False
    one, _ = users.add(UserRole.OFFICE, None, "Amt", "one", None, sample.at, "operator")
    assert in_use(store) is True
    users.revoke(one.id, sample.at, "operator")
    assert in_use(store) is True


@pytest.mark.parametrize("first", [UserRole.OFFICE, UserRole.INTEGRATION_MANAGER])
def test_neither_does_another_role_from_the_identity_provider_take_that_back(store, sample, first):
    for role in (first, UserRole.OFFICE, UserRole.INTEGRATION_MANAGER):
        store.people.users.signed_in_by("https://idp.example", "s", role, None, "V", sample.at)
    assert in_use(store) is True


def test_who_confirmed_when_is_told_in_that_order(store, sample, office):
    one, two = office
    confirm(store, sample.at + timedelta(hours=1), one)
    confirm(store, sample.at, two)
    with store.reading() as tx:
        told = tx.openings.confirmations()
    assert [(each.partner, each.scope, each.user, each.confirmed_at) for each in told] == [
        ("jobcenter", SCOPE, two, sample.at),
        ("jobcenter", SCOPE, one, sample.at + timedelta(hours=1)),
    ]
    store.people.users.revoke(two, sample.at, "operator")
    with store.reading() as tx:
        assert [each.user for each in tx.openings.confirmations()] == [one]
