"""FIT-Connect, what comes back: events count only where they verify, and a callback only where it is genuine."""

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime

import orjson
import pytest
from joserfc.jwk import RSAKey

from imgate.conformance.fit_connect import FitConnectStandIn, events, keys
from imgate.plugin_api import CallbackCheck, Delivered, NotDelivered, Parcel, Receipt, ReceiptSource, Sent
from imgate.transports.fit_connect import configure
from imgate.transports.fit_connect.callback import is_genuine

MESSAGE_ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
OTHER_ID = "2f6a1c9e-0d5b-4b1a-8a57-6f4d0e1c2b3a"
FORGER = RSAKey.generate_key(2048, private=True)


@pytest.fixture(scope="module")
def running():
    with FitConnectStandIn() as running:
        yield running


@pytest.fixture
def stand_in(running):
    running.reset()
    return running


@pytest.fixture
def submission(stand_in):
    """A submission that the receiver has, and of which nothing more is known."""
    return sent_by(stand_in, MESSAGE_ID)


def sent_by(stand_in, message_id):
    parcel = Parcel(message_id, "application/json", b"{}", "jobcenter", receipt="e30.e30.AA")
    assert asyncio.run(configure(stand_in.entries).deliver(parcel)) == Delivered()
    return stand_in.submission(message_id)


def note(submission):
    return f"{submission.id} {submission.case}"


def sent(submission, message_id=MESSAGE_ID):
    return Sent(message_id, note(submission), datetime.now(UTC))


def receipts(stand_in, *of, **entries):
    return asyncio.run(configure({**stand_in.entries, **entries}).receipts(of))


def test_it_is_a_source_of_receipts_and_checks_callbacks(stand_in):
    transport = configure(stand_in.entries)
    assert isinstance(transport, ReceiptSource)
    assert isinstance(transport, CallbackCheck)


def test_what_is_only_delivered_is_left_out(stand_in, submission):
    assert receipts(stand_in, sent(submission)) == []


def test_acceptance_is_a_receipt(stand_in, submission):
    stand_in.accept(MESSAGE_ID)
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID)]


def test_a_rejection_tells_its_reason(stand_in, submission):
    stand_in.reject(MESSAGE_ID, "schema-violation")
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID, "schema_violation")]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {"problems": []},
        {"problems": "x"},
        {"problems": [7]},
        {"problems": [{"type": "https://example.org/Anna-Muster"}]},
        {"problems": [{"type": events.PROBLEMS + "Größe"}]},
        {"problems": [{"type": events.PROBLEMS + "x" * 65}]},
    ],
)
def test_a_reason_that_is_no_short_word_of_the_service_is_not_repeated(stand_in, submission, payload):
    stand_in.write(submission, events.claims(stand_in.destination, submission.id, submission.case, "reject-submission", payload))
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID, "rejected")]


def test_the_service_may_reject_what_nobody_fetched_and_delete_it(stand_in, submission):
    stand_in.write(submission, events.claims(stand_in.url, submission.id, submission.case, "reject-submission"))
    stand_in.delete(submission)
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID, "rejected")]


def test_deletion_without_another_end_is_told(stand_in, submission):
    stand_in.delete(submission)
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID, "deleted")]


def test_deletion_after_acceptance_changes_nothing(stand_in, submission):
    stand_in.accept(MESSAGE_ID)
    stand_in.delete(submission)
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID)]


def test_each_message_has_its_own_receipt(stand_in, submission):
    other = sent_by(stand_in, OTHER_ID)
    stand_in.accept(OTHER_ID)
    assert receipts(stand_in, sent(submission), sent(other, OTHER_ID)) == [Receipt(OTHER_ID)]


@pytest.mark.parametrize("kept", [None, "", "x", f"{MESSAGE_ID} ../../x", f"{MESSAGE_ID} {OTHER_ID}"])
def test_what_was_not_sent_on_this_way_is_left_out(stand_in, kept):
    assert receipts(stand_in, Sent(MESSAGE_ID, kept, datetime.now(UTC))) == []


# An event that does not verify counts for nothing


def forged(stand_in, submission, *, event="accept-submission", issuer=None, key=None, kid=keys.RECEIVER_KID, claimed=None, **how):
    claims = {**events.claims(issuer or stand_in.destination, submission.id, submission.case, event), **(claimed or {})}
    return events.signed(claims, key or keys.receiver_key(), kid, **how)


def test_what_is_forged_here_would_count_were_it_genuine(stand_in, submission):
    submission.log.append(forged(stand_in, submission))
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID)]


@pytest.mark.parametrize(
    "flaw",
    [
        {"key": FORGER},
        {"key": FORGER, "kid": "unknown"},
        {"kid": "../destinations"},
        {"kid": keys.SERVICE_KID},
        {"kid": keys.ENCRYPTION_KID},
        {"typ": "JWT"},
        {"algorithm": "RS256"},
        {"algorithm": "PS256"},
        {"claimed": {"sub": f"submission:{OTHER_ID}"}},
        {"claimed": {"txn": f"case:{OTHER_ID}"}},
        {"claimed": {"sub": None}},
        {"claimed": {"iss": OTHER_ID}},
        {"claimed": {"iss": "https://service.example.org"}},
        {"claimed": {"iss": None}},
        {"claimed": {"events": {}}},
        {"claimed": {"events": "x"}},
        {"claimed": {"events": {"https://example.org/accept-submission": {}}}},
        {"claimed": {"events": {events.EVENTS + "adopt-submission": {}}}},
        {"claimed": {"events": {events.EVENTS + "accept-submission": {}, events.EVENTS + "reject-submission": {}}}},
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_flawed_event_counts_for_nothing(stand_in, submission, flaw):
    submission.log.append(forged(stand_in, submission, **flaw))
    assert receipts(stand_in, sent(submission)) == []


def test_acceptance_is_the_receivers_word_and_not_the_services(stand_in, submission):
    stand_in.write(submission, events.claims(stand_in.url, submission.id, submission.case, "accept-submission"))
    assert receipts(stand_in, sent(submission)) == []


def test_deletion_is_the_services_word_and_not_the_receivers(stand_in, submission):
    stand_in.write(submission, events.claims(stand_in.destination, submission.id, submission.case, "delete-submission"))
    assert receipts(stand_in, sent(submission)) == []


def test_the_services_word_is_one_under_its_configured_name_only(stand_in, submission):
    stand_in.delete(submission)
    assert receipts(stand_in, sent(submission), issuer="https://service.example.org") == []
    assert receipts(stand_in, sent(submission), issuer=stand_in.url) == [Receipt(MESSAGE_ID, "deleted")]


def test_the_key_of_another_destination_does_not_sign_for_this_one(stand_in, submission):
    with FitConnectStandIn() as other:
        submission.log.append(forged(stand_in, submission, issuer=other.destination))
        assert receipts(stand_in, sent(submission)) == []


def test_an_event_of_another_case_proves_nothing_here(stand_in, submission):
    other = sent_by(stand_in, OTHER_ID)
    stand_in.accept(OTHER_ID)
    submission.log.append(other.log[-1])
    assert receipts(stand_in, sent(submission)) == []


def test_no_algorithm_signs_nothing(stand_in, submission):
    header, claims, signature = forged(stand_in, submission).split(".")
    none = base64.urlsafe_b64encode(orjson.dumps({"alg": "none", "typ": "secevent+jwt", "kid": keys.RECEIVER_KID})).decode().rstrip("=")
    submission.log += [f"{none}.{claims}.", f"{none}.{claims}.{signature}", f"{header}.{claims}.", f"{header}.{claims}"]
    assert receipts(stand_in, sent(submission)) == []


def test_the_public_key_is_no_shared_secret(stand_in, submission):
    claims = forged(stand_in, submission).split(".")[1]
    header = base64.urlsafe_b64encode(orjson.dumps({"alg": "HS512", "typ": "secevent+jwt", "kid": keys.RECEIVER_KID})).decode().rstrip("=")
    for secret in (keys.receiver_key().as_pem(private=False), keys.receiver_jwk()["n"].encode()):
        signature = base64.urlsafe_b64encode(hmac.digest(secret, f"{header}.{claims}".encode(), "sha512")).decode().rstrip("=")
        submission.log.append(f"{header}.{claims}.{signature}")
    assert receipts(stand_in, sent(submission)) == []


def test_a_changed_claim_breaks_the_signature(stand_in, submission):
    other = sent_by(stand_in, OTHER_ID)
    stand_in.accept(OTHER_ID)
    header, _, signature = other.log[-1].split(".")
    claims = events.claims(stand_in.destination, submission.id, submission.case, "accept-submission")
    submission.log.append(f"{header}.{base64.urlsafe_b64encode(orjson.dumps(claims)).decode().rstrip('=')}.{signature}")
    assert receipts(stand_in, sent(submission)) == []


@pytest.mark.parametrize("rubbish", ["", "x", "a.b.c", "ü.ü.ü", "." * 20_000, "A" * 20_000, None, 7, {}])
def test_rubbish_in_the_log_hides_nothing_behind_it(stand_in, submission, rubbish):
    submission.log.append(rubbish)
    stand_in.accept(MESSAGE_ID)
    assert receipts(stand_in, sent(submission)) == [Receipt(MESSAGE_ID)]


@pytest.mark.parametrize(
    "changed", [{"use": "enc"}, {"key_ops": ["wrapKey"]}, {"alg": "RS256"}, {"kty": "EC"}, {"kid": "x"}, {"n": "AQAB"}]
)
def test_a_key_that_is_not_made_for_signatures_verifies_none(stand_in, submission, changed):
    stand_in.accept(MESSAGE_ID)
    stand_in.jwks[keys.RECEIVER_KID].update(changed)
    assert receipts(stand_in, sent(submission)) == []


# Nobody could be asked


@pytest.mark.parametrize(
    ("call", "how", "outcome"),
    [
        (("GET", "/events"), {"status": 503, "headers": {"retry-after": "9"}}, NotDelivered("http_503", 9)),
        (("GET", "/events"), {"cut": True}, NotDelivered("connection_broken")),
        (("GET", "/keys/"), {"status": 500}, NotDelivered("http_500")),
        (("POST", "/token"), {"status": 401}, NotDelivered("token_refused", seen=False)),
    ],
)
def test_a_service_that_is_away_is_told(stand_in, submission, call, how, outcome):
    stand_in.accept(MESSAGE_ID)
    with stand_in.failing(*call, **how):
        assert receipts(stand_in, sent(submission)) == outcome


def test_what_was_found_before_the_service_went_away_counts(stand_in, submission):
    other = sent_by(stand_in, OTHER_ID)
    stand_in.accept(MESSAGE_ID)
    with stand_in.failing("GET", f"/v2/cases/{other.case}", status=503):
        assert receipts(stand_in, sent(submission), sent(other, OTHER_ID)) == [Receipt(MESSAGE_ID)]


# Callbacks


def test_the_published_cases_hold(shared):
    published = json.loads((shared / "data/vectors/webhooks.json").read_text())["fit_connect_callback"]
    for case in published["cases"]:
        headers = {"callback-timestamp": case["timestamp"], "callback-authentication": case["callback_authentication"]}
        genuine = is_genuine([case["secret"].encode()], headers, case["body"].encode(), float(case["now"]))
        assert genuine == (case["expected"] == "accept"), case["id"]
    assert {case["expected"] for case in published["cases"]} == {"accept", "reject"}


def called(stand_in, monkeypatch):
    """Give headers and body of a call that the stand-in makes."""
    calls = []
    monkeypatch.setattr("httpx2.post", lambda _url, *, content, headers, **_: calls.append((headers, content)))
    stand_in.call_back("http://127.0.0.1:9/", sent_by(stand_in, MESSAGE_ID))
    return calls[0]


def test_a_call_of_the_service_is_genuine_for_five_minutes(stand_in, monkeypatch):
    headers, body = called(stand_in, monkeypatch)
    at = int(headers["callback-timestamp"])
    transport = configure(stand_in.entries)
    assert [transport.is_genuine(headers, body, at + late) for late in (-301, -300, 0, 300, 301)] == [False, True, True, True, False]


def test_a_call_that_is_not_the_services_is_not_genuine(stand_in, monkeypatch):
    headers, body = called(stand_in, monkeypatch)
    at = int(headers["callback-timestamp"])
    genuine = configure(stand_in.entries).is_genuine
    assert not genuine(headers, body + b" ", at)
    assert not genuine({}, body, at)
    for changed in (
        {"callback-authentication": ""},
        {"callback-authentication": headers["callback-authentication"][:-1]},
        {"callback-authentication": "ü" * 128},
        {"callback-authentication": headers["callback-authentication"] + "\n"},
        {"callback-timestamp": ""},
        {"callback-timestamp": str(at + 1)},
        {"callback-timestamp": f"+{at}"},
        {"callback-timestamp": f"{at}.0"},
        {"callback-timestamp": "٣" * 10},
        {"callback-timestamp": "9" * 400},
    ):
        assert not genuine({**headers, **changed}, body, at)


def test_without_a_secret_no_call_is_genuine(stand_in, monkeypatch):
    headers, body = called(stand_in, monkeypatch)
    without = {name: value for name, value in stand_in.entries.items() if name != "callback_secret"}
    assert not configure(without).is_genuine(headers, body, int(headers["callback-timestamp"]))


def test_while_a_secret_is_changed_both_are_taken(stand_in, monkeypatch, tmp_path):
    headers, body = called(stand_in, monkeypatch)
    (tmp_path / "secrets").write_text(f"new\n{stand_in.callback_secret}\n")
    both = configure({**stand_in.entries, "callback_secret": None, "callback_secret_file": str(tmp_path / "secrets")})
    assert both.is_genuine(headers, body, int(headers["callback-timestamp"]))
