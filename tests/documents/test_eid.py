"""An assertion counts only if a configured service signed it, just now, for this declaration, role and gateway."""

import dataclasses
import hmac
import json
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey

from imgate.bootstrap.eid import reader_of
from imgate.documents import eid
from imgate.documents.eid import ASSURANCE, OPTIONAL, REQUIRED, UNCHECKED, EidExaminer, EidService, examine_eid
from imgate.exchange.declarations.evidence import ExaminesNothing
from imgate.exchange.ports import Examination
from imgate.settings.eid import EidAlgorithm
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole
from tests.documents.asserting import DIGEST, GATEWAY, ISSUER, KEYS, NOW, about, assertion, claims, encoded


def service(*algorithms, issuer=ISSUER, name="bund", **more):
    keys = {KEYS[one].thumbprint(): (KEYS[one], EidAlgorithm(one)) for one in algorithms or KEYS}
    return EidService(name, issuer, more.get("max_age_seconds", 300), more.get("levels", frozenset({"high"})), reader_of(keys))


SERVICE = service()


def examined(content, *, statement=None, at=NOW, services=(SERVICE,)):
    return examine_eid(services, content, statement or about(), at, GATEWAY)


def test_an_assertion_of_a_configured_service_is_qualified():
    found = examined(assertion(), statement=about("Amina Muster"))
    assert (found.level, found.refused) == (EvidenceLevel.QUALIFIED, None)
    assert {check["result"] for check in found.report["checks"]} == {"passed"}
    assert [check["number"] for check in found.report["checks"]] == list(range(1, 10))
    facts = {name: value for name, value in found.report.items() if name != "checks"}
    assert facts == {
        "service": "bund",
        "algorithm": "ES256",
        "key": KEYS["ES256"].thumbprint(),
        "unchecked": [],
        "unknown": [],
        "signature": facts["signature"],
        "issued_at": "2026-03-02T09:00:00Z",
        "expires_at": "2026-03-02T09:05:00Z",
        "acr": "high",
        "name": "Amina Muster",
    }
    assert "Amina" not in repr(found)


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_algorithm_of_the_list_is_verified(algorithm):
    assert examined(assertion(algorithm=algorithm)).refused is None


def test_ed25519_is_known_by_its_older_name_too():
    assert examined(assertion(algorithm="Ed25519", header={"alg": "EdDSA"})).refused is None


@pytest.mark.parametrize("claim", sorted(REQUIRED))
def test_without_a_required_claim_nothing_counts(claim):
    found = examined(assertion(**{claim: ...}))
    assert found.level is None
    assert found.refused == ("eid_untrusted" if claim == "iss" else "eid_invalid")


def test_without_a_level_of_assurance_nothing_counts():
    assert examined(assertion(acr=...)).refused == "eid_invalid"


@pytest.mark.parametrize("level", ["low", "substantial", "HIGH", "high ", "", None, ["high"], True])
@pytest.mark.parametrize("claim", sorted(ASSURANCE))
def test_another_level_of_assurance_does_not_suffice(claim, level):
    assert examined(assertion(**({"acr": ...} | {claim: level}))).refused == "eid_invalid"


def test_of_two_levels_of_assurance_both_have_to_suffice():
    assert examined(assertion(acr="high", loa="low")).refused == "eid_invalid"
    assert examined(assertion(acr="high", loa="high")).refused is None


def test_the_levels_are_those_that_are_configured():
    substantial = service(levels=frozenset({"substantial"}))
    assert examined(assertion(acr="substantial"), services=(substantial,)).refused is None
    assert examined(assertion(), services=(substantial,)).refused == "eid_invalid"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://eid.example.net"}, "eid_untrusted"),
        ({"iss": ISSUER + "/"}, "eid_untrusted"),
        ({"iss": [ISSUER]}, "eid_untrusted"),
        ({"aud": "another-gateway"}, "eid_declaration_differs"),
        ({"aud": [GATEWAY, "another-gateway"]}, "eid_declaration_differs"),
        ({"aud": []}, "eid_invalid"),
        ({"aud": None}, "eid_invalid"),
        ({"aud": {GATEWAY: GATEWAY}}, "eid_invalid"),
        ({"declaration": "e" * 64}, "eid_declaration_differs"),
        ({"declaration": DIGEST.upper()}, "eid_declaration_differs"),
        ({"declaration": ""}, "eid_invalid"),
        ({"declaration": None}, "eid_invalid"),
        ({"role": "guardian"}, "eid_declaration_differs"),
        ({"role": ["client"]}, "eid_invalid"),
        ({"jti": ""}, "eid_invalid"),
        ({"jti": 1}, "eid_invalid"),
        ({"jti": "x" * 501}, "eid_invalid"),
        ({"iat": True}, "eid_invalid"),
        ({"iat": 1772442000.5}, "eid_invalid"),
        ({"iat": "1772442000"}, "eid_invalid"),
        ({"iat": -1}, "eid_invalid"),
        ({"exp": 10**18}, "eid_invalid"),
        ({"exp": None}, "eid_invalid"),
        ({"nbf": "now"}, "eid_invalid"),
        ({"name": ""}, "eid_invalid"),
        ({"name": 7}, "eid_invalid"),
        ({"name": "Amina\nMuster"}, "eid_invalid"),
        ({"sub": ["x"]}, "eid_invalid"),
    ],
)
def test_a_claim_that_is_not_right_is_refused(changes, code):
    assert examined(assertion(**changes)).refused == code


def test_the_audience_may_be_a_list_of_this_gateway_alone():
    assert examined(assertion(aud=[GATEWAY])).refused is None


@pytest.mark.parametrize(
    ("later", "code"), [(0, None), (299, None), (300, "eid_expired"), (3600, "eid_expired"), (-60, None), (-61, "eid_invalid")]
)
def test_it_counts_until_it_expires_and_not_before_it_was_made(later, code):
    assert examined(assertion(), at=NOW + timedelta(seconds=later)).refused == code


@pytest.mark.parametrize(("later", "code"), [(30, None), (31, "eid_expired")])
def test_it_may_be_as_old_as_is_configured_however_long_it_says_it_lasts(later, code):
    lasting = assertion(exp=int((NOW + timedelta(days=1)).timestamp()))
    assert examined(lasting, at=NOW + timedelta(seconds=later), services=(service(max_age_seconds=30),)).refused == code


def test_one_that_ended_before_it_was_made_is_invalid():
    assert examined(assertion(exp=int(NOW.timestamp()) - 10, iat=int(NOW.timestamp()))).refused == "eid_invalid"


def test_one_that_is_yet_to_begin_is_invalid():
    assert examined(assertion(nbf=int(NOW.timestamp()) + 61)).refused == "eid_invalid"


@pytest.mark.parametrize("signer", ["Amina Muster", "amina  MUSTER", " Amina Muster "])
def test_the_signer_is_the_one_whom_the_service_names(signer):
    assert examined(assertion(), statement=about(signer)).refused is None


@pytest.mark.parametrize(("signer", "name"), [("Amina Mustér", "Amina Muster"), ("Muster", "Amina Muster"), ("Amina Muster", ...)])
def test_another_signer_or_one_whom_nobody_names_is_refused(signer, name):
    assert examined(assertion(name=name), statement=about(signer)).refused == "signature_signer_differs"


@pytest.mark.parametrize("name", ["Amina Muster", ...])
def test_a_signer_longer_than_any_name_is_refused_unread(name, monkeypatch):
    monkeypatch.setattr(eid, "_letters", None)
    assert examined(assertion(name=name), statement=about("a\u0323\u0307" * 1_000_000)).refused == "signature_signer_differs"


def test_without_a_signer_the_service_may_name_anybody_or_nobody():
    assert examined(assertion()).refused is None
    found = examined(assertion(name=...))
    assert found.refused is None
    assert "name" not in found.report


def test_composed_and_decomposed_names_are_the_same():
    assert examined(assertion(name="Jose\u0301 Muster"), statement=about("José Muster")).refused is None


def test_unknown_claims_are_ignored_and_reported_by_name():
    found = examined(assertion(amr=["card"], nonce="n", birthdate="1990-01-01", zone="x"))
    assert found.refused is None
    assert (found.report["unchecked"], found.report["unknown"]) == (["amr", "nonce"], ["birthdate", "zone"])
    assert "1990" not in json.dumps(found.report)


def test_every_claim_is_in_one_table_only():
    tables = (REQUIRED, ASSURANCE, OPTIONAL, UNCHECKED)
    assert sum(map(len, tables)) == len(frozenset().union(*tables))


def test_a_role_that_signs_for_the_client_asserts_for_itself():
    guardian = about(role=SignerRole.GUARDIAN)
    assert examined(assertion(role="guardian"), statement=guardian).refused is None
    assert examined(assertion(), statement=guardian).refused == "eid_declaration_differs"


def forged():
    token = assertion()
    header, payload, signature = token.split(b".")
    other = encoded(json.dumps(claims(role="guardian")).encode())
    yield (
        "another key under a known name",
        assertion(key=ECKey.generate_key("P-256", private=True), header={"kid": KEYS["ES256"].thumbprint()}),
    )
    yield "an unknown key", assertion(key=ECKey.generate_key("P-256", private=True))
    yield "a swapped payload", b".".join((header, other, signature))
    yield "a signature of another token", b".".join((header, payload, assertion(jti="a-2").split(b".")[2]))
    yield "no key named", assertion(header={"kid": ...})
    yield "a key named by a number", assertion(header={"kid": 1})
    yield "no algorithm", b".".join((encoded(json.dumps({"alg": "none", "kid": KEYS["ES256"].thumbprint()}).encode()), payload, signature))
    confused = encoded(json.dumps({"alg": "HS256", "kid": KEYS["PS256"].thumbprint()}).encode()) + b"." + payload
    secret = KEYS["PS256"].as_pem(private=False)
    yield "a public key as a shared secret", confused + b"." + encoded(hmac.digest(secret, confused, "sha256"))
    yield "an older padding", assertion(algorithm="RS256", key=KEYS["PS256"])
    yield (
        "another algorithm of the family",
        b".".join((encoded(json.dumps({"alg": "ES384", "kid": KEYS["ES256"].thumbprint()}).encode()), payload, signature)),
    )
    yield "a zero signature", b".".join((header, payload, encoded(bytes(64))))
    yield "a short signature", b".".join((header, payload, signature[:-2]))


@pytest.mark.parametrize(("flaw", "token"), list(forged()), ids=lambda part: part if isinstance(part, str) else "")
def test_what_no_service_signed_is_untrusted(flaw, token):
    found = examined(token)
    assert (found.level, found.refused) == (None, "eid_untrusted"), flaw


def malformed():
    token = assertion()
    header, payload, signature = token.split(b".")
    yield "nothing", None
    yield "empty", b""
    yield "two parts", b".".join((header, payload))
    yield "four parts", token + b".eA"
    yield "five parts, as a JWE", token + b".eA.eA"
    yield "padding", header + b"=." + payload + b"." + signature
    yield "a line end", token + b"\n"
    yield "not ASCII", token + "é".encode()
    yield "a header that is no object", encoded(b"[]") + b"." + payload + b"." + signature
    yield "a header with a key twice", encoded(b'{"alg":"ES256","alg":"ES256"}') + b"." + payload + b"." + signature
    yield "a key in the header", assertion(header={"jwk": KEYS["ES256"].as_dict(private=False)})
    yield "a key's address in the header", assertion(header={"jku": "https://eid.example.org/jwks"})
    yield "certificates in the header", assertion(header={"x5c": ["MII="]})
    yield "another type", assertion(header={"typ": "at+jwt"})
    yield "a payload that is no object", assertion(b"[]")
    yield "a payload with a claim twice", assertion(b'{"iss":"a","iss":"b"}')
    yield "a payload that is not JSON", assertion(b"\xff")
    yield "more than 64 KiB", assertion(more="x" * 70_000)


@pytest.mark.parametrize(("flaw", "token"), list(malformed()), ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_no_assertion_is_invalid(flaw, token):
    found = examined(token)
    assert (found.level, found.refused) == (None, "eid_invalid"), flaw


def test_a_key_whose_algorithm_is_not_listed_verifies_nothing():
    assert examined(assertion(algorithm="Ed25519"), services=(service("ES256", "PS256"),)).refused == "eid_untrusted"


def test_one_service_does_not_sign_for_another():
    ours, theirs = service("ES256"), service("ES384", issuer="https://other.example.org", name="land")
    assert examined(assertion(algorithm="ES384"), services=(ours, theirs)).refused == "eid_untrusted"
    assert examined(assertion(algorithm="ES384", iss="https://other.example.org"), services=(ours, theirs)).report["service"] == "land"


def test_a_single_key_need_not_be_named():
    assert examined(assertion(header={"kid": ...}), services=(service("ES256"),)).refused is None


def test_without_a_service_nothing_is_trusted():
    assert examined(assertion(), services=()).refused == "eid_untrusted"


def test_the_marks_tell_assertions_and_people_apart_and_name_neither():
    one, again, other = (examined(assertion(jti=jti, sub=sub)).report for jti, sub in (("a-1", "p-1"), ("a-2", "p-1"), ("a-3", "p-2")))
    assert len({one["signature"], again["signature"], other["signature"]}) == 3
    assert one["subject"] == again["subject"] != other["subject"]
    assert "p-1" not in json.dumps(one)


def test_every_reached_step_says_what_it_found_and_the_others_that_they_were_not_reached():
    checks = examined(assertion(role="guardian")).report["checks"]
    assert [check["result"] for check in checks] == ["passed"] * 6 + ["failed"] + ["not_checked"] * 2
    assert [check["check"] for check in checks][6] == "declaration"


class Others:
    def examine(self, kind, media_type, content, about, at):
        return Examination(EvidenceLevel.WRITTEN, None, {"by": "others"})


def test_every_other_kind_is_handed_on():
    examiner = EidExaminer([SERVICE], GATEWAY, Others())
    for kind in EvidenceKind:
        handed_on = examiner.examine(kind, "application/jwt", assertion(), about(), NOW).report.get("by") == "others"
        assert handed_on == (kind is not EvidenceKind.EID)


def test_where_no_service_is_configured_an_assertion_is_unsupported():
    examiner = EidExaminer([], GATEWAY, ExaminesNothing())
    assert examiner.examine(EvidenceKind.EID, "application/jwt", assertion(), about(), NOW).refused == "evidence_kind_unsupported"


def test_a_service_shows_neither_keys_nor_reader():
    assert "read" not in repr(dataclasses.replace(SERVICE))


@pytest.mark.parametrize("algorithm", KEYS)
def test_no_byte_of_an_assertion_can_be_changed_left_out_or_put_in(algorithm):
    token = assertion(algorithm=algorithm)
    for place in range(len(token)):
        for other in (token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :], token[:place] + token[place + 1 :]):
            assert examined(other).level is None, place
        assert examined(token[:place] + b"A" + token[place:]).level is None, place
