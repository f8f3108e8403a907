"""Push, encrypted: what leaves is readable by the partner's key alone, and without a usable key nothing leaves."""

import asyncio
import base64
import json
import time

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OKPKey, RSAKey

from imgate.conformance.simulated import SimulatedPartner
from imgate.consent.receipt import RECEIPT_MAX
from imgate.plugin_api import (
    PARTNER_KEY_UNAVAILABLE,
    PARTNER_KEY_UNUSABLE,
    Delivered,
    NotDelivered,
    Parcel,
    RefusedByPartner,
    SettingsInvalid,
)
from imgate.transports.encryption import encrypted, first_usable
from imgate.transports.partner_keys import PublishedKeys
from imgate.transports.push import configure
from imgate.transports.webhook import is_signed, secret_key
from tests.transports.misbehaving import certificate, misbehaving, serving_tls, status

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PARCEL = Parcel("0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de", "application/xml", "<a>Müller</a>".encode(), "jobcenter", receipt="e30.e30.AA")
EC = ECKey.generate_key("P-256")


def published(key=EC, private=False, **words):
    return {**key.as_dict(private=private), "kid": "k1", "use": "enc", **words}


def without(words, *names):
    return {name: value for name, value in words.items() if name not in names}


def key_set(*keys):
    return json.dumps({"keys": keys}).encode()


@pytest.fixture
def partner():
    with misbehaving() as served:
        served.published = key_set(published())
        yield served


def made(partner, **entries):
    address = partner.url.replace("/messages", "/jwks.json")
    return configure({"url": partner.url, "secret": SECRET, "encrypt_to": {"jwks_url": address}, **entries})


def deliver(partner, **entries):
    return asyncio.run(made(partner, **entries).deliver(PARCEL))


def header_of(body):
    first = body.split(b".")[0]
    return json.loads(base64.urlsafe_b64decode(first + b"=" * (-len(first) % 4)))


def test_what_leaves_is_encrypted_to_the_published_key_and_signed_as_it_left(partner):
    assert deliver(partner) == Delivered()
    ((headers, body),) = partner.seen
    assert headers["content-type"] == "application/jose"
    assert is_signed([secret_key(SECRET)], PARCEL.message_id, int(headers["webhook-timestamp"]), body, headers["webhook-signature"])
    assert b"M\xc3\xbcller" not in body
    header = header_of(body)
    assert without(header, "epk") == {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k1", "typ": "JOSE", "cty": "application/xml"}
    assert set(header["epk"]) == {"kty", "crv", "x", "y"}
    parts = body.split(b".")
    assert (len(parts), parts[1]) == (5, b"")
    assert jwe.decrypt_compact(body, EC, algorithms=["ECDH-ES", "A256GCM"]).plaintext == PARCEL.content


def test_the_receipt_is_encrypted_as_the_message_is_and_says_nothing_on_the_way(partner):
    assert deliver(partner) == Delivered()
    ((headers, _),) = partner.seen
    receipt = headers["imgate-receipt"].encode()
    assert PARCEL.receipt.encode() not in receipt
    assert header_of(receipt)["cty"] == "imgate-receipt+jwt"
    assert jwe.decrypt_compact(receipt, EC, algorithms=["ECDH-ES", "A256GCM"]).plaintext == PARCEL.receipt.encode()


def test_the_longest_receipt_is_a_header_that_common_servers_take():
    for key in (ECKey.generate_key("P-521"), OKPKey.generate_key("X25519")):
        encrypted_receipt = encrypted(b"A" * RECEIPT_MAX, "imgate-receipt+jwt", first_usable([published(key, kid="k" * 43)]))
        assert len(b"imgate-receipt: " + encrypted_receipt) <= 8190


@pytest.mark.parametrize("key", [ECKey.generate_key(curve) for curve in ("P-256", "P-384", "P-521")] + [OKPKey.generate_key("X25519")])
def test_every_usable_kind_of_key_opens_what_was_encrypted_to_it(key):
    chosen = first_usable([published(key)])
    body = encrypted(b"x" * 30_000, "text/csv", chosen)
    assert jwe.decrypt_compact(body, key, algorithms=["ECDH-ES", "A256GCM"]).plaintext == b"x" * 30_000
    assert body != encrypted(b"x" * 30_000, "text/csv", chosen)


@pytest.mark.parametrize(
    "words",
    [
        published(),
        published(alg="ECDH-ES"),
        published(key_ops=["deriveKey"]),
        without(published(key_ops=["deriveBits"]), "use"),
        published(x5t="ignored", ext=True),
    ],
)
def test_a_key_that_is_meant_for_this_is_usable(words):
    assert first_usable([words]).kid == "k1"
    assert encrypted(b"", "text/csv", first_usable([words]))


def test_a_key_without_an_id_is_named_by_its_thumbprint():
    assert first_usable([without(published(), "kid")]).kid == EC.thumbprint()


@pytest.mark.parametrize(
    "words",
    [
        published(use="sig"),
        without(published(), "use"),
        published(key_ops=[]),
        published(key_ops=["encrypt"]),
        published(key_ops="deriveKey"),
        published(key_ops=[["deriveKey"]]),
        published(alg="ECDH-ES+A256KW"),
        published(alg="ES256"),
        published(private=True),
        published(kid=""),
        published(kid="k" * 201),
        published(kid=1),
        published(crv="P-384"),
        published(crv="secp256k1"),
        published(crv=["P-256"]),
        published(x="AAAA"),
        published(y=None),
        published(x=1),
        without(published(), "x"),
        without(published(), "y"),
        without(published(), "kty"),
        published(OKPKey.generate_key("Ed25519")),
        published(OKPKey.generate_key("X448")),
        published(OKPKey.generate_key("X25519"), x="AAAA"),
        published(RSAKey.generate_key(2048)),
        {"kty": "oct", "k": "c2VjcmV0", "use": "enc"},
        {},
        "key",
        None,
    ],
)
def test_any_other_key_is_passed_over(words):
    assert first_usable([words]) is None
    assert first_usable([words, published(kid="next")]).kid == "next"


def test_a_point_of_low_order_agrees_on_nothing(partner):
    nothing = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    partner.published = key_set(published(OKPKey.generate_key("X25519"), x=nothing))
    assert deliver(partner) == NotDelivered(PARTNER_KEY_UNUSABLE)
    assert partner.seen == []


def test_without_a_usable_key_nothing_leaves(partner):
    partner.published = key_set(published(use="sig"))
    assert deliver(partner) == NotDelivered(PARTNER_KEY_UNUSABLE)
    assert partner.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b"[" * 5000,
        key_set(published()) + b" " * 65536,
    ],
)
def test_what_is_no_key_set_lets_nothing_leave(partner, answer):
    partner.published = answer
    assert deliver(partner) == NotDelivered(PARTNER_KEY_UNAVAILABLE)
    assert partner.seen == []


@pytest.mark.parametrize("code", [204, 301, 307, 404, 500])
def test_another_status_than_200_is_no_key_set_and_no_redirect_is_followed(partner, code):
    partner.answer_fetch = status(code, location=partner.url)
    assert deliver(partner) == NotDelivered(PARTNER_KEY_UNAVAILABLE)
    assert (partner.fetched, partner.seen) == (1, [])


def test_a_key_set_that_does_not_come_in_time_is_not_waited_for(partner):
    partner.answer_fetch = lambda handler, call: (time.sleep(0.6), status(404)(handler, call))
    begun = time.monotonic()
    assert deliver(partner, timeout=0.1) == NotDelivered(PARTNER_KEY_UNAVAILABLE)
    assert time.monotonic() - begun < 0.5


def test_a_key_set_behind_a_wrong_certificate_lets_nothing_leave(tmp_path):
    with misbehaving(serving_tls(certificate(tmp_path))) as partner:
        partner.published = key_set(published())
        assert deliver(partner) == NotDelivered(PARTNER_KEY_UNAVAILABLE)
    assert (partner.fetched, partner.seen) == (0, [])


def test_at_every_try_the_same_bytes_leave(partner):
    partner.answer = lambda handler, call: status(500 if call == 1 else 204)(handler, call)
    assert deliver(partner) == Delivered()
    (first, second) = partner.seen
    assert first[1] == second[1]
    assert first[0]["webhook-id"] == second[0]["webhook-id"] == PARCEL.message_id


def test_many_messages_at_once_fetch_the_key_set_once(partner):
    transport = made(partner)

    async def all_at_once():
        return await asyncio.gather(*(transport.deliver(PARCEL) for _ in range(20)))

    assert asyncio.run(all_at_once()) == [Delivered()] * 20
    assert asyncio.run(transport.deliver(PARCEL)) == Delivered()
    assert partner.fetched == 1
    assert len({body for _, body in partner.seen}) == 21


class Clock:
    """Seconds as the test says."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def chosen_at(partner, *moments):
    """Ask for the key at these moments; before each the test may change what is published."""
    clock = Clock()
    transport = made(partner)
    keys = PublishedKeys(partner.url.replace("/messages", "/jwks.json"), 5.0, clock)
    transport._encrypt_to = keys

    async def asked():
        kids = []
        for now, change in moments:
            clock.now = now
            change()
            outcome = await transport.deliver(PARCEL)
            kids.append(header_of(partner.seen[-1][1])["kid"] if outcome == Delivered() else outcome.code)
        return kids

    return asyncio.run(asked())


def test_a_key_set_is_fetched_anew_after_ten_minutes(partner):
    def publish(kid):
        return lambda: setattr(partner, "published", key_set(published(kid=kid)))

    assert chosen_at(partner, (0, publish("a")), (599, publish("b")), (600, publish("b")), (1199, publish("c"))) == ["a", "a", "b", "b"]
    assert partner.fetched == 2


def test_while_the_key_set_is_away_the_one_we_have_serves_on_for_a_day_and_no_longer(partner):
    def away():
        partner.answer_fetch = status(503)

    assert chosen_at(partner, (0, lambda: None), (700, away), (86_400, away), (86_401, away)) == ["k1", "k1", "k1", PARTNER_KEY_UNAVAILABLE]


def test_a_withdrawn_key_is_not_used_again(partner):
    def withdraw():
        partner.published = key_set()

    assert chosen_at(partner, (0, lambda: None), (600, withdraw), (610, withdraw)) == ["k1", PARTNER_KEY_UNUSABLE, PARTNER_KEY_UNUSABLE]


def test_after_a_failure_the_server_is_left_alone_for_some_seconds(partner):
    def away():
        partner.answer_fetch = status(503)

    def back():
        partner.answer_fetch = None

    assert chosen_at(partner, (0, away), (4.9, back), (5, back)) == [PARTNER_KEY_UNAVAILABLE, PARTNER_KEY_UNAVAILABLE, "k1"]
    assert partner.fetched == 2


def test_a_key_that_was_handed_over_as_a_file_is_used(tmp_path, partner):
    (tmp_path / "key.json").write_bytes(key_set(published(kid="file")))
    assert deliver(partner, encrypt_to={"key_file": str(tmp_path / "key.json")}) == Delivered()
    assert header_of(partner.seen[0][1])["kid"] == "file"
    assert partner.fetched == 0


@pytest.mark.parametrize("content", [None, b"", b"{}", key_set(), key_set(published(use="sig")), key_set(published()) + b" " * 65536])
def test_a_file_without_a_usable_key_is_refused_at_once(tmp_path, partner, content):
    if content is not None:
        (tmp_path / "key.json").write_bytes(content)
    with pytest.raises(SettingsInvalid) as invalid:
        made(partner, encrypt_to={"key_file": str(tmp_path / "key.json")})
    assert invalid.value.setting == "encrypt_to.key_file"


@pytest.mark.parametrize(
    ("entry", "setting"),
    [
        ({}, "encrypt_to"),
        ({"jwks_url": "https://partner.example.org/jwks.json", "key_file": "x"}, "encrypt_to"),
        ({"jwks_url": "http://partner.example.org/jwks.json"}, "encrypt_to.jwks_url"),
        ({"jwks_url": "https://user:pw@partner.example.org/"}, "encrypt_to.jwks_url"),
        ({"jwks_url": "https://partner.example.org/", "alg": "RSA-OAEP"}, "encrypt_to.alg"),
        ("https://partner.example.org/jwks.json", "encrypt_to"),
    ],
)
def test_what_cannot_be_used_is_refused(partner, entry, setting):
    with pytest.raises(SettingsInvalid) as invalid:
        made(partner, encrypt_to=entry)
    assert invalid.value.setting == setting
    assert "user:pw" not in str(invalid.value)


@pytest.fixture
def simulated():
    with SimulatedPartner("jobcenter", "Jobcenter", encrypted=True) as running:
        yield running


def to_simulated(simulated, **entries):
    entries = {"url": f"{simulated.url}/messages", "secret": simulated.secret, **entries}
    return asyncio.run(configure(entries).deliver(PARCEL))


def test_the_simulated_partner_reads_what_was_encrypted_to_it(simulated):
    assert to_simulated(simulated, encrypt_to={"jwks_url": f"{simulated.url}/jwks.json"}) == Delivered()
    (held,) = simulated.held
    assert (held.id, held.media_type, held.content) == (PARCEL.message_id, "application/xml", PARCEL.content)
    assert held.receipt == PARCEL.receipt


def test_the_simulated_partner_takes_nothing_that_is_not_encrypted(simulated):
    assert to_simulated(simulated) == RefusedByPartner("http_415")
    assert (simulated.held, simulated.refused_webhooks) == ((), [PARCEL.message_id])


def test_the_simulated_partner_takes_nothing_that_is_encrypted_to_somebody_else(simulated, tmp_path):
    (tmp_path / "key.json").write_bytes(key_set(published()))
    assert to_simulated(simulated, encrypt_to={"key_file": str(tmp_path / "key.json")}) == RefusedByPartner("http_415")
    assert simulated.held == ()


def test_the_simulated_partner_publishes_no_private_part(simulated):
    assert "d" not in simulated._key.as_dict()
