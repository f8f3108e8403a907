"""Users: codes and secrets are kept so that the database gives none away, and who is revoked stays so."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.storage.enrolment import can_enrol
from imgate.storage.people import LoginTaken, UserRevoked
from imgate.storage.proof import verify_store
from imgate.storage.statement import Statement
from imgate.vocabulary.words import Notify, UserRole

NOBODY = "00000000-0000-0000-0000-000000000001"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def users(store):
    return store.people.users


@pytest.fixture
def vera(users, sample):
    return users.add(UserRole.LIAISON, "jobcenter", "Vera Beispiel", "Vera.Beispiel", "vera@jobcenter.example", sample.at, "operator")


def told(store, *names):
    with store.reading() as tx:
        entries = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return [(entry["event"], entry["actor"], entry["fields"]) for entry in entries if entry["event"] in names]


def change(store, statement, **values):
    with store.engine.begin() as connection:
        connection.execute(text(statement), values)


def test_a_user_is_found_by_id_and_by_the_login_in_any_case(users, vera, sample):
    user, _ = vera
    assert (user.role, user.partner, user.name, user.login) == (UserRole.LIAISON, "jobcenter", "Vera Beispiel", "vera.beispiel")
    assert (user.email, user.notify, user.created_at, user.failures) == ("vera@jobcenter.example", Notify.NEVER, sample.at, 0)
    assert (user.password, user.totp, user.revoked_at, user.locked_until) == (None, None, None, None)
    assert users.get(user.id) == users.by_login("VERA.beispiel") == user
    assert users.get(NOBODY) is None
    assert users.by_login("") is None
    assert users.by_login("vera") is None


def test_neither_code_nor_address_nor_secret_stands_in_the_files_or_in_a_repr(sqlite_store, sqlite_sample, tmp_path):
    users = sqlite_store.people.users
    user, code = users.add(UserRole.OFFICE, None, "Amt", "amt", "canary@office.example", sqlite_sample.at, "operator")
    users.set_password(user.id, "$argon2id$canary", b"canary-totp", sqlite_sample.at)
    users.signed_in_by("https://idp.example", "canary-subject", UserRole.OFFICE, None, "B", sqlite_sample.at)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("imgate.db*"))
    for secret in (code, code.replace("-", ""), "canary@office.example", "canary-totp", "canary-subject"):
        assert secret.encode() not in files
    shown = repr(users.get(user.id))
    assert "canary" not in shown
    assert "argon2" not in shown


@pytest.mark.parametrize("login", ["", "x" * 65, "vera beispiel", "vera/", "verä", "vera\n", "ＶＥＲＡ"])
def test_what_is_no_login_is_refused(users, sample, login):
    with pytest.raises(ValueError, match="login"):
        users.add(UserRole.OFFICE, None, "x", login, None, sample.at, "operator")
    assert users.list() == ()


@pytest.mark.parametrize(("role", "partner"), [(UserRole.LIAISON, None), (UserRole.OFFICE, "abh"), (UserRole.INTEGRATION_MANAGER, "abh")])
def test_only_a_liaison_is_bound_to_a_partner(users, sample, role, partner):
    with pytest.raises(ValueError, match="partner"):
        users.add(role, partner, "x", "x", None, sample.at, "operator")
    with pytest.raises(ValueError, match="partner"):
        users.signed_in_by("https://idp.example", "s", role, partner, "x", sample.at)
    assert users.list() == ()


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "x\n", "x\u202e"])
def test_what_nobody_can_see_is_no_name(users, sample, name):
    with pytest.raises(ValueError, match="name"):
        users.add(UserRole.OFFICE, None, name, "x", None, sample.at, "operator")
    with pytest.raises(ValueError, match="name"):
        users.signed_in_by("https://idp.example", "s", UserRole.OFFICE, None, name, sample.at)
    assert users.list() == ()


def test_a_login_is_given_once_and_not_again_after_its_user_was_revoked(users, vera, sample):
    with pytest.raises(LoginTaken):
        users.add(UserRole.OFFICE, None, "x", "VERA.BEISPIEL", None, sample.at, "operator")
    users.revoke(vera[0].id, sample.at, "operator")
    with pytest.raises(LoginTaken):
        users.add(UserRole.OFFICE, None, "x", "vera.beispiel", None, sample.at, "operator")
    assert users.list() == (users.get(vera[0].id),)


def signed_in(store, user, method, at):
    return store.people.sessions.sign_in(user.id, method, at, at + DAY, confirmed=True, planted=None)


def test_a_code_enrols_as_it_was_typed_until_it_runs_out(users, vera, sample):
    user, code = vera
    assert len(code.replace("-", "")) == 24
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert users.enrolling(typed, sample.at) == user
    assert users.enrolling(code, sample.at + 7 * DAY - MINUTE) == user
    assert users.enrolling(code, sample.at + 7 * DAY) is None
    for wrong in ("", "-", code[:-1], code + "A"):
        assert users.enrolling(wrong, sample.at) is None


def test_a_code_is_used_up_by_the_password_that_it_brings(users, vera, sample):
    user, code = vera
    assert users.set_password(user.id, "$argon2id$1", b"secret", sample.at, enrolment=code) is True
    assert users.enrolling(code, sample.at) is None
    assert users.set_password(user.id, "$argon2id$2", b"other", sample.at, enrolment=code) is False
    assert (users.get(user.id).password, users.get(user.id).totp) == ("$argon2id$1", b"secret")
    assert users.set_password(user.id, "$argon2id$3", None, sample.at) is True
    assert (users.get(user.id).password, users.get(user.id).totp) == ("$argon2id$3", None)


def test_a_code_that_was_replaced_meanwhile_sets_no_password_and_leaves_the_new_one(users, vera, sample):
    user, code = vera
    again = users.new_enrolment(user.id, sample.at, "operator")
    assert users.set_password(user.id, "$argon2id$1", None, sample.at, enrolment=code) is False
    assert users.get(user.id).password is None
    assert users.set_password(user.id, "$argon2id$1", None, sample.at, enrolment=again) is True


def test_a_code_that_has_run_out_sets_no_password(users, vera, sample):
    user, code = vera
    assert users.set_password(user.id, "$argon2id$1", None, sample.at + 7 * DAY, enrolment=code) is False
    assert users.get(user.id).password is None
    assert users.set_password(NOBODY, "$argon2id$1", None, sample.at) is False


def test_who_is_revoked_can_neither_enrol_nor_set_a_password_nor_come_back(store, users, vera, sample):
    user, code = vera
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at)
    store.people.passkeys.add(user.id, b"id", b"key", 0, "x", sample.at)
    assert users.revoke(user.id, sample.at, "operator") is True
    assert users.revoke(user.id, sample.at + DAY, "operator") is False
    assert users.revoke(NOBODY, sample.at, "operator") is False
    revoked = users.get(user.id)
    assert (revoked.revoked_at, revoked.password, revoked.totp) == (sample.at, None, None)
    assert store.people.passkeys.of(user.id) == ()
    assert users.enrolling(code, sample.at) is None
    assert users.new_enrolment(user.id, sample.at, "operator") is None
    assert users.set_password(user.id, "$argon2id$1", None, sample.at) is False
    assert users.use_totp_step(user.id, 1, "$argon2id$1") is False
    assert users.use_totp_step(user.id, 1, None) is False


def test_a_new_code_takes_the_place_of_all_that_the_user_signed_in_with(store, users, vera, sample):
    user, code = vera
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at)
    store.people.passkeys.add(user.id, b"id", b"key", 0, "x", sample.at)
    token = store.people.sessions.begin(user.id, None, sample.at, sample.at + DAY, confirmed=True)
    again = users.new_enrolment(user.id, sample.at, "operator")
    assert users.enrolling(code, sample.at) is None
    found = users.enrolling(again, sample.at)
    assert (found.id, found.password, found.totp) == (user.id, None, None)
    assert store.people.passkeys.get(b"id") is None
    assert store.people.sessions.get(token, sample.at, DAY) is None
    assert users.new_enrolment(NOBODY, sample.at, "operator") is None


def test_a_step_of_one_time_codes_counts_once_and_never_backwards(users, vera, sample):
    user, _ = vera
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at)
    used = [users.use_totp_step(user.id, step, "$argon2id$1") for step in (7, 7, 6, 8, 7, 8)]
    assert used == [True, False, False, True, False, False]
    users.set_password(user.id, "$argon2id$2", b"another secret", sample.at)
    assert users.use_totp_step(user.id, 8, "$argon2id$2") is False
    assert users.use_totp_step(NOBODY, 1, "$argon2id$2") is False


def test_a_step_counts_only_with_the_password_that_was_compared(users, vera, sample):
    user, _ = vera
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at)
    assert users.use_totp_step(user.id, 7, "$argon2id$2") is False
    assert users.use_totp_step(user.id, 7, None) is False
    users.new_enrolment(user.id, sample.at, "operator")
    assert users.use_totp_step(user.id, 7, "$argon2id$1") is False
    assert users.use_totp_step(user.id, 7, None) is False


def test_five_failures_in_a_row_lock_for_a_quarter_of_an_hour(users, vera, sample):
    user, _ = vera
    for _ in range(4):
        users.failed(user.id, sample.at)
    assert (users.get(user.id).failures, users.get(user.id).locked_until) == (4, None)
    users.failed(user.id, sample.at)
    until = sample.at + 15 * MINUTE
    assert users.get(user.id).locked_until == until
    users.failed(user.id, until - MINUTE)  # nobody keeps a user locked out by going on
    assert (users.get(user.id).failures, users.get(user.id).locked_until) == (5, until)
    for _ in range(5):
        users.failed(user.id, until)
    assert users.get(user.id).locked_until == until + 15 * MINUTE


def test_a_failure_of_nobody_runs_the_statements_of_somebodys(store, users, vera, sample, monkeypatch):
    ran = []
    for name in ("run", "first", "all"):
        real = getattr(Statement, name)

        def noted(self, on, /, _real=real, **values):
            ran.append(self)
            return _real(self, on, **values)

        monkeypatch.setattr(Statement, name, noted)
    users.failed(vera[0].id, sample.at)
    somebodys = [*ran]
    ran.clear()
    users.failed(None, sample.at)
    assert ran == somebodys


def test_a_failure_off_the_record_counts_and_is_not_written_down(store, users, vera, sample):
    for user in (vera[0].id, None):
        users.failed(user, sample.at, on_record=False)
    assert users.get(vera[0].id).failures == 1
    assert told(store, "user_sign_in_failed") == []


@pytest.mark.parametrize(
    "typed", ["", "AAAA", "A" * 23, "A" * 25, "A" * 23 + "1", "A" * 23 + "Ä", "A" * 24 + "\n.", "\x00" * 24, "x" * 5000]
)
def test_what_has_not_the_form_of_a_code_enrols_nobody(typed):
    assert not can_enrol(typed)


def test_a_code_has_the_form_of_one_however_it_is_typed(vera):
    for typed in (vera[1], vera[1].lower(), vera[1].replace("-", " "), f" {vera[1].replace('-', '')}\n"):
        assert can_enrol(typed)


def test_a_proof_by_password_and_code_counts_failures_anew_and_a_used_code_does_not(users, vera, sample):
    user, _ = vera
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at)
    for _ in range(5):
        users.failed(user.id, sample.at)
    assert users.use_totp_step(user.id, 7, "$argon2id$1") is True
    assert (users.get(user.id).failures, users.get(user.id).locked_until) == (0, None)
    users.failed(user.id, sample.at)
    assert users.use_totp_step(user.id, 7, "$argon2id$1") is False
    assert users.get(user.id).failures == 1


def test_a_password_is_kept_at_another_price_only_where_it_is_still_the_same(store, users, vera, sample):
    user, code = vera
    assert users.renew_password(user.id, "", "$argon2id$dearer") is False
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at, enrolment=code)
    assert users.renew_password(user.id, "$argon2id$other", "$argon2id$dearer") is False
    assert users.renew_password(NOBODY, "$argon2id$1", "$argon2id$dearer") is False
    assert users.get(user.id).password == "$argon2id$1"
    before = told(store, "user_enrolled", "user_reset")
    assert users.renew_password(user.id, "$argon2id$1", "$argon2id$dearer") is True
    assert (users.get(user.id).password, users.get(user.id).totp) == ("$argon2id$dearer", b"secret")
    assert told(store, "user_enrolled", "user_reset") == before
    users.new_enrolment(user.id, sample.at, "operator")
    assert users.renew_password(user.id, "$argon2id$dearer", "$argon2id$dearest") is False
    assert users.get(user.id).password is None


def test_a_sign_in_between_failures_counts_them_anew(store, users, vera, sample):
    user, code = vera
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at, enrolment=code)
    for _ in range(3):
        for _ in range(4):
            users.failed(user.id, sample.at)
        assert signed_in(store, user, "password", sample.at) is not None
    assert (users.get(user.id).failures, users.get(user.id).locked_until) == (0, None)


def test_what_a_user_settles_stays_and_nothing_else_changes(users, vera):
    user, _ = vera
    users.settle(user.id, notify=Notify.WEEKLY)
    users.settle(user.id, language="en")
    assert (users.get(user.id).notify, users.get(user.id).language, users.get(user.id).email) == (Notify.WEEKLY, "en", user.email)
    users.settle(user.id, email="other@jobcenter.example")
    assert users.get(user.id).email == "other@jobcenter.example"
    users.settle(user.id, email="", language="")
    assert (users.get(user.id).email, users.get(user.id).language) == (None, None)


def test_when_somebody_was_last_notified_is_remembered(users, vera, sample):
    users.notified(vera[0].id, sample.at)
    assert users.get(vera[0].id).notified_at == sample.at


def test_an_identity_provider_makes_one_user_for_each_issuer_and_subject(users, sample):
    vera = users.signed_in_by("https://idp.example", "s1", UserRole.LIAISON, "jobcenter", "Vera", sample.at)
    assert (vera.login, vera.issuer, vera.role, vera.partner) == (None, "https://idp.example", UserRole.LIAISON, "jobcenter")
    assert users.signed_in_by("https://idp.example", "s1", UserRole.LIAISON, "jobcenter", "Vera", sample.at + DAY) == vera
    assert users.signed_in_by("https://idp.example", "s2", UserRole.OFFICE, None, "B", sample.at).id != vera.id
    assert users.signed_in_by("https://other.example", "s1", UserRole.OFFICE, None, "C", sample.at).id != vera.id
    assert len(users.list()) == 3


def test_who_is_looked_up_by_the_identity_providers_word_is_not_made_by_it(store, users, sample):
    vera = users.signed_in_by("https://idp.example", "s1", UserRole.OFFICE, None, "Vera", sample.at)
    assert users.known_by("https://idp.example", "s1") == vera
    assert users.known_by("https://idp.example", "s2") is None
    assert users.known_by("https://other.example", "s1") is None
    assert users.list() == (vera,)


def test_another_role_from_the_identity_provider_holds_at_once_and_ends_the_sessions(store, users, sample):
    vera = users.signed_in_by("https://idp.example", "s1", UserRole.OFFICE, None, "Vera", sample.at)
    token = store.people.sessions.begin(vera.id, None, sample.at, sample.at + DAY, confirmed=True)
    renamed = users.signed_in_by("https://idp.example", "s1", UserRole.OFFICE, None, "Vera B.", sample.at)
    assert (renamed.id, renamed.name) == (vera.id, "Vera B.")
    assert store.people.sessions.get(token, sample.at, DAY) is not None
    moved = users.signed_in_by("https://idp.example", "s1", UserRole.LIAISON, "abh", "Vera B.", sample.at)
    assert (moved.id, moved.role, moved.partner) == (vera.id, UserRole.LIAISON, "abh")
    assert store.people.sessions.get(token, sample.at, DAY) is None
    assert [event for event, *_ in told(store, "user_added", "user_changed")] == ["user_added", "user_changed"]


def test_who_was_revoked_is_not_brought_back_by_the_identity_provider(users, sample):
    vera = users.signed_in_by("https://idp.example", "s1", UserRole.OFFICE, None, "Vera", sample.at)
    users.revoke(vera.id, sample.at, "operator")
    with pytest.raises(UserRevoked):
        users.signed_in_by("https://idp.example", "s1", UserRole.LIAISON, "abh", "Vera", sample.at)
    assert (users.get(vera.id).role, users.get(vera.id).revoked_at) == (UserRole.OFFICE, sample.at)


def test_who_comes_from_an_identity_provider_has_no_other_way_in(store, users, sample):
    vera = users.signed_in_by("https://idp.example", "s1", UserRole.OFFICE, None, "Vera", sample.at)
    assert users.new_enrolment(vera.id, sample.at, "operator") is None
    assert users.set_password(vera.id, "$argon2id$1", None, sample.at) is False
    assert store.people.passkeys.add(vera.id, b"id", b"key", 0, "x", sample.at) is False


def test_a_secret_that_does_not_open_leaves_no_password_alone_to_sign_in_with(store, users, vera, sample):
    user, _ = vera
    other, _ = users.add(UserRole.OFFICE, None, "B", "b", "b@office.example", sample.at, "operator")
    for each in (user, other):
        users.set_password(each.id, "$argon2id$1", b"secret", sample.at)
    change(
        store,
        "UPDATE users SET totp = (SELECT o.totp FROM users o WHERE o.id = :other), email = NULL WHERE id = :id",
        id=user.id,
        other=other.id,
    )
    assert (users.get(user.id).password, users.get(user.id).totp) == (None, None)
    assert [each.id for each in users.list()] == [user.id, other.id]
    assert users.get(other.id).password == "$argon2id$1"


def test_an_address_from_another_row_counts_as_missing(store, users, vera, sample):
    other, _ = users.add(UserRole.OFFICE, None, "B", "b", "b@office.example", sample.at, "operator")
    change(
        store, "UPDATE users SET email = (SELECT o.email FROM users o WHERE o.id = :other) WHERE id = :id", id=vera[0].id, other=other.id
    )
    assert users.get(vera[0].id).email is None


def test_what_happened_to_users_is_on_record_without_address_code_or_secret(store, users, vera, sample):
    user, code = vera
    users.failed(None, sample.at)
    for _ in range(5):
        users.failed(user.id, sample.at)
    users.set_password(user.id, "$argon2id$1", b"secret", sample.at, enrolment=code)
    assert signed_in(store, user, "passkey", sample.at) is not None
    users.new_enrolment(user.id, sample.at, "operator")
    users.revoke(user.id, sample.at, "operator")
    whose = {"user": user.id}
    names = ("user_added", "user_sign_in_failed", "user_enrolled", "user_signed_in", "user_reset", "user_revoked")
    assert told(store, *names) == [
        ("user_added", "operator", whose | {"role": "liaison", "partner": "jobcenter", "name": "Vera Beispiel", "method": "code"}),
        ("user_sign_in_failed", "unknown", {"locked": False}),
        *[("user_sign_in_failed", "unknown", whose | {"locked": False})] * 4,
        ("user_sign_in_failed", "unknown", whose | {"locked": True}),
        ("user_enrolled", user.id, whose | {"methods": ["password"]}),
        ("user_signed_in", user.id, whose | {"method": "passkey"}),
        ("user_reset", "operator", whose),
        ("user_revoked", "operator", whose),
    ]
    assert code not in json.dumps(told(store, *names))
    assert verify_store(store).sound


def test_of_many_who_use_the_same_code_or_step_at_once_one_succeeds(store, users, vera):
    user, code = vera
    users.set_password(user.id, "$argon2id$first", None, user.created_at)
    with ThreadPoolExecutor(8) as threads:
        steps = list(threads.map(lambda _: users.use_totp_step(user.id, 7, "$argon2id$first"), range(8)))
        codes = list(threads.map(lambda n: users.set_password(user.id, f"$argon2id${n}", None, user.created_at, enrolment=code), range(8)))
    assert (steps.count(True), codes.count(True)) == (1, 1)
    assert users.get(user.id).password == f"$argon2id${codes.index(True)}"


def test_whoever_comes_twice_at_once_from_an_identity_provider_is_one_user(store, users, sample):
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: users.signed_in_by("https://idp.example", "s", UserRole.OFFICE, None, "V", sample.at), range(8)))
    assert len({user.id for user in found}) == len(users.list()) == 1
    assert len(told(store, "user_added")) == 1
