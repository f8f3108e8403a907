"""The stand-in is strict: what the real service would not take, it does not take either, and the receiver looks closely."""

import base64
import hashlib
import json
import uuid

import httpx2
import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from imgate.conformance.fit_connect import FitConnectStandIn, keys

MESSAGE_ID = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
ATTACHMENT = str(uuid.UUID(int=7, version=4))
DATA = b'{"attachment": "x"}'
FILE = b"a;b\r\n"


class Sender:
    """A sender that speaks the API by hand, so that it can speak it wrongly."""

    def __init__(self, stand_in):
        self.stand_in = stand_in
        self.token = self.post_token().json()["access_token"]

    def post_token(self, **changed):
        form = {"grant_type": "client_credentials", "client_id": self.stand_in.client_id, "client_secret": self.stand_in.secret}
        return httpx2.post(f"{self.stand_in.url}/token", data={**form, **changed}, trust_env=False)

    def call(self, method, path, token=None, **how):
        headers = {"authorization": f"Bearer {token or self.token}", **how.pop("headers", {})}
        return httpx2.request(method, self.stand_in.url + path, headers=headers, trust_env=False, **how)

    def announce(self, **changed):
        service = {"identifier": self.stand_in.service, "name": "x"}
        body = {"destinationId": self.stand_in.destination, "announcedAttachments": [ATTACHMENT], "publicService": service}
        return self.call("POST", "/v2/submissions", json={**body, **changed})

    def attach(self, submission, attachment=ATTACHMENT, content=None, content_type="application/jose"):
        content = sealed(FILE, "text/csv") if content is None else content
        path = f"/v2/submissions/{submission}/attachments/{attachment}"
        return self.call("PUT", path, content=content, headers={"content-type": content_type})

    def submit(self, submission, metadata=None, content=None):
        body = {"encryptedMetadata": metadata or sealed(json.dumps(described())), "encryptedData": content or sealed(DATA)}
        return self.call("PUT", f"/v2/submissions/{submission}", json=body)

    def opened(self):
        """Announce, and attach what was announced."""
        submission = self.announce().json()["submissionId"]
        assert self.attach(submission).status_code == 204
        return submission


def sealed(content, cty="application/json", key=None, **changed):
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": keys.ENCRYPTION_KID, "cty": cty, **changed}
    header = {name: value for name, value in header.items() if value is not None}
    return jwe.encrypt_compact(header, content, key or keys.encryption_key(), algorithms=[header["alg"], header["enc"]])


def sha512(content):
    return {"type": "sha512", "content": hashlib.sha512(content).hexdigest()}


def described(**changed):
    schema = {"schemaUri": "https://schema.example.org/stand-in.json", "mimeType": "application/json"}
    about = {"filename": f"{MESSAGE_ID}.csv", "mimeType": "text/csv", "hash": sha512(FILE)}
    attachment = {"attachmentId": ATTACHMENT, "purpose": "attachment", **about}
    structure = {"data": {"hash": sha512(DATA), "submissionSchema": schema}, "attachments": [attachment]}
    return {
        "$schema": "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json",
        "contentStructure": {**structure, **changed},
        "additionalReferenceInfo": {"senderReference": MESSAGE_ID},
    }


@pytest.fixture(scope="module")
def sender():
    with FitConnectStandIn() as running:
        yield Sender(running)


def test_what_is_right_in_every_step_arrives(sender):
    submission = sender.opened()
    assert sender.submit(submission).status_code == 200
    assert sender.stand_in.held[-1].content == FILE
    assert sender.stand_in.submissions[submission].state == "submitted"


def test_a_token_is_for_the_right_client_alone(sender):
    assert sender.post_token(client_secret="wrong").status_code == 401
    assert sender.post_token(grant_type="password").status_code == 400
    assert sender.call("GET", f"/v2/destinations/{sender.stand_in.destination}", token="wrong").status_code == 401


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"destinationId": MESSAGE_ID}, 404),
        ({"announcedAttachments": ["x"]}, 400),
        ({"announcedAttachments": [ATTACHMENT, ATTACHMENT]}, 400),
        ({"announcedAttachments": None}, 400),
        ({"publicService": {"identifier": "urn:x:y"}}, 400),
        ({"publicService": {"identifier": "99", "name": "x"}}, 400),
        ({"publicService": {"identifier": "urn:x:y", "name": "x"}}, 422),
    ],
)
def test_a_wrong_announcement_is_refused(sender, changed, status):
    assert sender.announce(**changed).status_code == status


def test_the_order_is_kept(sender):
    submission = sender.announce().json()["submissionId"]
    assert sender.submit(submission).status_code == 422
    assert sender.attach(submission).status_code == 204
    assert sender.submit(submission).status_code == 200
    assert sender.submit(submission).status_code == 409
    assert sender.attach(submission).status_code == 409


def test_what_was_not_announced_is_not_taken(sender):
    submission = sender.announce().json()["submissionId"]
    assert sender.attach(submission, attachment=MESSAGE_ID).status_code == 404
    assert sender.attach(MESSAGE_ID).status_code == 404
    assert sender.submit(MESSAGE_ID).status_code == 404
    assert sender.attach(submission, content_type="text/csv").status_code == 415


@pytest.mark.parametrize(
    "flaw",
    [{"cty": None}, {"cty": "text/plain"}, {"kid": "another"}, {"kid": None}, {"alg": "RSA-OAEP"}, {"enc": "A128GCM"}],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_wrong_header_of_what_is_encrypted_is_refused(sender, flaw):
    submission = sender.opened()
    assert sender.submit(submission, metadata=sealed(b"{}", **flaw)).status_code == 422
    assert sender.submit(submission, content=sealed(b"{}", **flaw)).status_code == 422
    assert sender.submit(submission).status_code == 200


@pytest.mark.parametrize("content", ["", "x", "a.b.c.d.e", "clear text"])
def test_what_is_not_encrypted_is_refused(sender, content):
    submission = sender.announce().json()["submissionId"]
    assert sender.attach(submission, content=content).status_code == 422


def tampered(encrypted):
    head, _, tag = encrypted.rpartition(".")
    return f"{head}.{tag[:-4]}AAAA"


@pytest.mark.parametrize(
    ("metadata", "data", "problem"),
    [
        (
            lambda: sealed(json.dumps(described(data={**described()["contentStructure"]["data"], "hash": sha512(b"x")}))),
            None,
            "hash-mismatch",
        ),
        (lambda: sealed(json.dumps(described(attachments=[]))), None, "missing-attachment"),
        (lambda: sealed(json.dumps({})), None, "schema-violation"),
        (lambda: sealed(b"x"), None, "encryption-issue"),
        (lambda: tampered(sealed(json.dumps(described()))), None, "encryption-issue"),
        (None, lambda: sealed(b"{}"), "hash-mismatch"),
        (None, lambda: tampered(sealed(DATA)), "encryption-issue"),
        (None, lambda: sealed(DATA, key=RSAKey.generate_key(4096, private=True)), "encryption-issue"),
    ],
)
def test_the_receiver_rejects_what_it_cannot_trust(sender, metadata, data, problem):
    submission = sender.opened()
    before = sender.stand_in.held
    assert sender.submit(submission, metadata and metadata(), data and data()).status_code == 200
    taken = sender.stand_in.submissions[submission]
    assert (taken.state, sender.stand_in.held) == ("rejected", before)
    assert f"problems/{problem}" in str(jwt_claims(taken.log[-1]))
    assert sender.submit(submission).status_code == 404


def jwt_claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_receiver_may_accept_at_once():
    with FitConnectStandIn(accepts=True) as stand_in:
        sender = Sender(stand_in)
        submission = sender.opened()
        sender.submit(submission)
        log = [next(iter(jwt_claims(one)["events"])).rpartition("/")[2] for one in stand_in.submissions[submission].log]
    assert log == ["create-submission", "submit-submission", "notify-submission", "accept-submission"]
