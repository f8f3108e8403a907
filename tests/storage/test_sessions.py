"""Sessions end when they should, and whoever reads the database can take over none."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.exchange.ports import Stale
from imgate.storage.erase import erase_client
from imgate.storage.people import SessionOver
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import Kept, UserRole

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
IDLE = timedelta(minutes=30)


@pytest.fixture
def sessions(store):
    return store.people.sessions


@pytest.fixture
def vera(store, sample):
    return store.people.users.add(UserRole.OFFICE, None, "Vera", "vera", None, sample.at, "operator")[0]


@pytest.fixture
def client(store, sample):
    with store.transaction() as tx:
        return sample.client(tx).digest


def seen(store):
    with store.engine.connect() as connection:
        return [str(at) for (at,) in connection.execute(text("SELECT seen_at FROM sessions"))]


def test_a_session_is_its_users_until_it_ends(sessions, vera, sample):
    token = sessions.begin(vera.id, None, sample.at, sample.at + 8 * HOUR, confirmed=True)
    found = sessions.get(token, sample.at + MINUTE, 9 * HOUR)
    assert (found.user, found.client, found.created_at, found.confirmed_at) == (vera, None, sample.at, sample.at)
    assert sessions.get(token, sample.at + 8 * HOUR - MINUTE, 9 * HOUR) is not None
    assert sessions.get(token, sample.at + 8 * HOUR, 9 * HOUR) is None


def signed_in(sessions, user, at, planted=None):
    return sessions.sign_in(user.id, "password", at, at + HOUR, confirmed=True, planted=planted)


def test_who_has_just_proved_who_they_are_gets_a_session_in_place_of_the_browsers(store, sessions, vera, sample):
    other = store.people.users.signed_in_by("https://idp.example", "s1", UserRole.OFFICE, None, "B", sample.at)
    planted = sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=True)
    token = signed_in(sessions, other, sample.at, planted)
    assert sessions.get(token, sample.at, IDLE).user.id == other.id
    assert sessions.get(planted, sample.at, IDLE) is None


def test_who_was_reset_or_revoked_since_they_proved_it_gets_no_session_and_the_browser_keeps_its_own(store, sessions, sample):
    users = store.people.users
    user, code = users.add(UserRole.OFFICE, None, "Vera", "v", None, sample.at, "operator")
    assert signed_in(sessions, user, sample.at) is None
    assert users.set_password(user.id, "$argon2id$1", b"secret", sample.at, enrolment=code)
    assert signed_in(sessions, user, sample.at) is not None
    again = users.new_enrolment(user.id, sample.at, "operator")
    other = users.add(UserRole.OFFICE, None, "B", "b", None, sample.at, "operator")[0]
    kept = sessions.begin(other.id, None, sample.at, sample.at + HOUR, confirmed=True)
    assert signed_in(sessions, user, sample.at, kept) is None
    assert sessions.get(kept, sample.at, IDLE) is not None
    assert users.set_password(user.id, "$argon2id$2", b"secret", sample.at, enrolment=again)
    users.revoke(user.id, sample.at, "operator")
    assert signed_in(sessions, user, sample.at) is None


def test_nothing_but_the_token_gives_the_session(store, sessions, vera, sample):
    token = sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=True)
    with store.engine.connect() as connection:
        (kept,) = connection.execute(text("SELECT token FROM sessions")).one()
    for wrong in ("", kept, token[:-1], token + "A", token.swapcase(), vera.id):
        assert sessions.get(wrong, sample.at, IDLE) is None
    assert len(token) == 43


def test_an_idle_session_is_over_and_one_that_is_used_is_not(sessions, vera, sample):
    token = sessions.begin(vera.id, None, sample.at, sample.at + 8 * HOUR, confirmed=False)
    for minutes in (29, 58, 87):
        assert sessions.get(token, sample.at + minutes * MINUTE, IDLE) is not None
    assert sessions.get(token, sample.at + 117 * MINUTE, IDLE) is None


def test_a_sighting_is_written_once_a_minute_at_most(store, sessions, vera, sample):
    token = sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=False)
    at_first = seen(store)
    sessions.get(token, sample.at + timedelta(seconds=59), IDLE)
    assert seen(store) == at_first
    sessions.get(token, sample.at + MINUTE, IDLE)
    assert seen(store) != at_first


def test_the_sessions_of_who_is_revoked_are_over(store, sessions, vera, sample):
    token = sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=True)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE users SET revoked_at = created_at"))
    assert sessions.get(token, sample.at, IDLE) is None
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE users SET revoked_at = NULL"))
    store.people.users.revoke(vera.id, sample.at, "operator")
    assert seen(store) == []


def test_confirming_gives_another_token_and_kills_the_one_before(sessions, vera, sample):
    token = sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=False)
    before = sessions.get(token, sample.at, IDLE)
    again = sessions.confirm(token, sample.at + MINUTE)
    assert sessions.get(token, sample.at + MINUTE, IDLE) is None
    found = sessions.get(again, sample.at + MINUTE, IDLE)
    assert (before.confirmed_at, found.confirmed_at, found.created_at) == (None, sample.at + MINUTE, sample.at)


def test_what_is_over_or_a_clients_is_not_confirmed(sessions, vera, client, sample):
    over = sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=True)
    of_client = sessions.begin(None, client, sample.at, sample.at + 2 * HOUR, confirmed=False)
    for token in (over, of_client, "", "x"):
        with pytest.raises(SessionOver):
            sessions.confirm(token, sample.at + HOUR)


def test_ending_ends_this_one_or_all_of_one_user(store, sessions, vera, sample):
    other, _ = store.people.users.add(UserRole.OFFICE, None, "B", "b", None, sample.at, "operator")
    mine = [sessions.begin(vera.id, None, sample.at, sample.at + HOUR, confirmed=True) for _ in range(3)]
    theirs = sessions.begin(other.id, None, sample.at, sample.at + HOUR, confirmed=True)
    sessions.end(mine[0])
    sessions.end(mine[0])
    assert [sessions.get(token, sample.at, IDLE) is not None for token in (*mine, theirs)] == [False, True, True, True]
    sessions.end_all(vera.id)
    assert [sessions.get(token, sample.at, IDLE) is not None for token in (*mine, theirs)] == [False, False, False, True]


def test_a_session_is_a_users_or_a_clients_and_never_both_or_nobodys(sessions, vera, client, sample):
    for user, about in ((None, None), (vera.id, client)):
        with pytest.raises(ValueError, match="either"):
            sessions.begin(user, about, sample.at, sample.at + HOUR, confirmed=False)


def test_a_clients_session_has_no_user_and_goes_with_the_client(store, sessions, client, sample):
    token = sessions.begin(None, client, sample.at, sample.at + HOUR, confirmed=False)
    found = sessions.get(token, sample.at, IDLE)
    assert (found.user, found.client) == (None, client)
    erase_client(store, "K-2026-0815", sample.at, "operator")
    assert sessions.get(token, sample.at, IDLE) is None
    assert seen(store) == []
    with pytest.raises(Stale):
        sessions.begin(None, client, sample.at, sample.at + HOUR, confirmed=False)


def test_what_has_ended_is_swept_and_nothing_else(store, sessions, vera, sample):
    for hours in (1, 2, 3):
        sessions.begin(vera.id, None, sample.at, sample.at + hours * HOUR, confirmed=True)
    assert sweep(store, sample.at + 2 * HOUR)[Kept.SESSIONS] == 2
    assert len(seen(store)) == 1


def test_a_value_is_used_once_for_each_kind_until_it_runs_out(store, sample):
    use_once = store.people.use_once
    assert use_once("challenge", "x", sample.at + MINUTE) is True
    assert use_once("challenge", "x", sample.at + HOUR) is False
    assert use_once("state", "x", sample.at + MINUTE) is True
    assert store.access.use_assertion("challenge", "x", sample.at + MINUTE) is True
    assert sweep(store, sample.at + MINUTE)[Kept.ASSERTIONS] == 3
