"""The published vectors of both kinds of signed calls hold: what we sign is what they have, and what they refuse we refuse."""

import json

import pytest

from imgate.transports.fit_connect import callback
from imgate.transports.webhook import is_signed, secret_key, signed_headers

CALLBACKS = ["doc-example", "derived-stale", "derived-body-changed", "derived-timestamp-changed", "derived-wrong-secret"]


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "data/vectors/webhooks.json").read_text(encoding="utf-8"))


@pytest.fixture
def ours(vectors):
    return vectors["standard_webhooks"]


def headers(case):
    return {"callback-timestamp": case["timestamp"], "callback-authentication": case["callback_authentication"]}


def test_nothing_stands_there_that_is_not_held_here(vectors):
    assert set(vectors) == {"standard_webhooks", "fit_connect_callback"}
    assert [case["id"] for case in vectors["fit_connect_callback"]["cases"]] == CALLBACKS


def test_we_sign_as_standard_webhooks_has_it(ours):
    signed = signed_headers([secret_key(ours["secret"])], ours["id"], ours["timestamp"], ours["body"].encode())
    assert signed == {"webhook-id": ours["id"], "webhook-timestamp": str(ours["timestamp"]), "webhook-signature": ours["signature"]}


def test_we_accept_what_standard_webhooks_signed(ours):
    key = secret_key(ours["secret"])
    assert is_signed([key], ours["id"], ours["timestamp"], ours["body"].encode(), ours["signature"])
    beside_others = f"v1,AAAA v1a,{ours['signature'].removeprefix('v1,')} {ours['signature']}"
    assert is_signed([b"x" * 24, key], ours["id"], ours["timestamp"], ours["body"].encode(), beside_others)


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"},
        {"id": "msg_p5jXN8AQM9LWM0D4loKWxJel"},
        {"id": ""},
        {"timestamp": 1614265331},
        {"body": '{"test": 2432232315}'},
        {"body": '{"test":2432232314}'},
        {"signature": "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="},  # the same bytes, written another way
        {"signature": "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"},
        {"signature": "v1,"},
        {"signature": ""},
    ],
)
def test_the_vector_with_one_thing_changed_is_refused(ours, wrong):
    changed = {**ours, **wrong}
    key = secret_key(changed["secret"])
    assert not is_signed([key], changed["id"], changed["timestamp"], changed["body"].encode(), changed["signature"])


@pytest.mark.parametrize("case_id", CALLBACKS)
def test_a_callback_is_taken_or_refused_as_the_vector_says(vectors, case_id):
    (case,) = (case for case in vectors["fit_connect_callback"]["cases"] if case["id"] == case_id)
    genuine = callback.is_genuine([case["secret"].encode()], headers(case), case["body"].encode(), float(case["now"]))
    assert genuine == (case["expected"] == "accept")


def test_a_callback_is_signed_as_the_vector_has_it(vectors):
    for case in vectors["fit_connect_callback"]["cases"]:
        signed = callback.authentication_of(case["secret"].encode(), case["timestamp"], case["body"].encode())
        # Those that are to be refused for anything but their age are signed otherwise.
        assert (signed == case["callback_authentication"]) == (case["id"] in {"doc-example", "derived-stale"})
