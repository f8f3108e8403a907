"""`imgate declaration expiring` and `recheck`: what has to be renewed soon, and whether what was kept still holds."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.bootstrap.examiner import ExaminerUnavailable
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange.answers import Call
from imgate.exchange.declarations import register, signing
from imgate.exchange.requests import SignatureRequest
from imgate.http import examples
from imgate.settings import load_settings

SCAN = {"kind": "paper_scan", "media_type": "image/png", "content": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()}


def day(days):
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@pytest.fixture
def declared(imgate):
    """Three signed declarations that end in 20, 10 and 100 days; gives their ids."""
    imgate.configure()
    made = []
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        call = Call("case", "/test")
        for client, days in (("K-A", 20), ("K-B", 10), ("K-C", 100)):
            asked = examples.DECLARATION | {
                "client": client,
                "partner": "jobkraftwerk",
                "scopes": ["language.level"],
                "valid_until": day(days),
            }
            asked |= {"valid_from": day(-10)}
            answer = register.create(gateway.corridor, call, DeclarationRequest.model_validate(asked))
            made.append(json.loads(answer.body)["id"])
            signing.sign(gateway.corridor, call, made[-1], SignatureRequest.model_validate(examples.SIGNATURE | {"evidence": SCAN}))
    return made


def test_what_ends_first_stands_first(imgate, declared):
    lines = imgate("declaration", "expiring").stdout.splitlines()
    assert lines[0].split() == ["last", "day", "client", "partner", "state", "scopes", "declaration", "renewed", "by"]
    assert [line.split() for line in lines[1:]] == [
        [day(10), "K-B", "jobkraftwerk", "active", "1", declared[1]],
        [day(20), "K-A", "jobkraftwerk", "active", "1", declared[0]],
    ]


def test_only_what_ends_in_so_many_days_is_named(imgate, declared):
    assert len(imgate("declaration", "expiring", "--days", "5").stdout.splitlines()) == 1
    assert len(imgate("declaration", "expiring", "--days", "400").stdout.splitlines()) == 4


@pytest.mark.parametrize("days", ["0", "401", "x"])
def test_other_numbers_of_days_are_a_usage_error(imgate, days):
    imgate.configure()
    assert imgate("declaration", "expiring", "--days", days).returncode == 2


def test_evidence_that_still_holds_is_reported_and_done(imgate, declared):
    done = imgate("declaration", "recheck", declared[0])
    report = json.loads(done.stdout)
    assert (done.returncode, report["failed"], [piece["level"] for piece in report["evidence"]]) == (0, 0, ["written"])


def test_evidence_that_was_changed_fails(imgate, declared):
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=False) as gateway, gateway.store.transaction() as tx:
        tx.session.driver.execute("UPDATE evidence SET content = zeroblob(60)")
    done = imgate("declaration", "recheck", declared[0])
    assert (done.returncode, json.loads(done.stdout)["evidence"][0]["refused"]) == (1, "evidence_changed")


def test_a_declaration_that_is_not_there_is_one_sentence(imgate, declared):
    done = imgate("declaration", "recheck", "00000000-0000-4000-8000-000000000000")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no declaration" in done.stderr


def test_a_file_of_the_operator_s_that_cannot_be_used_is_named(imgate, declared, monkeypatch):
    """And what its name holds is printed as it is."""

    def unavailable(*_):
        raise ExaminerUnavailable("signatures.crls: file 1 ({0}.crl) cannot be read: No such file or directory")

    monkeypatch.setattr("imgate.exchange.declarations.recheck.recheck", unavailable)
    done = imgate("declaration", "recheck", declared[0])
    assert done.returncode == 1
    assert done.stdout == ""
    assert "signatures.crls: file 1 ({0}.crl) cannot be read: No such file or directory" in done.stderr
