"""`imgate revocation`: the list of those who have not answered, without anybody's name."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from imgate.bootstrap import open_gateway
from imgate.consent.head import Head
from imgate.exchange.answers import Call
from imgate.exchange.end_of_use_answers import EndOfUseByTelephone, answer_by_telephone
from imgate.exchange.stored import Notice, Revocation
from imgate.settings import load_settings
from imgate.vocabulary.words import EndCause

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def told(imgate):
    """Two clients of whom a partner was told, and a third of whom it could not be; gives the revocations' ids."""
    imgate.configure()
    runs = []
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway, gateway.store.transaction() as tx:
        for number in range(3):
            client = tx.clients.open(f"K-Canary-{number}")
            clauses = ("confidentiality_release", "data_protection_consent")
            head = Head(
                str(uuid.uuid4()),
                "jobkraftwerk",
                "d" * 64,
                "X",
                1,
                clauses,
                "both",
                (),
                ("language.level",),
                (),
                "2026-01-01",
                "2026-12-31",
            )
            tx.declarations.add(client, head, {"discloser": {"unit": "X"}}, NOW)
            run = Revocation(str(uuid.uuid4()), client.digest, "jobkraftwerk", head.id, EndCause.REVOKED, ("language.level",), NOW)
            tx.revocations.add(run)
            if number < 2:
                notice = Notice(str(uuid.uuid4()), run.id, client.digest, "R-Canary", run.scopes, str(uuid.uuid4()), reminders=number)
                tx.revocations.add_notice(client, notice)
            runs.append(run.id)
    return runs


def test_an_unknown_one_is_one_sentence(imgate, told):
    shown = imgate("revocation", "show", str(uuid.uuid4()))
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("There is no revocation")


def test_the_list_says_who_was_told_and_how_often_and_names_nobody(imgate, told):
    listed = imgate("revocation", "list")
    assert listed.returncode == 0
    lines = [line.split() for line in listed.stdout.splitlines()]
    assert lines[0] == ["id", "partner", "cause", "since", "state", "reminders"]
    assert [(line[0], line[4], line[5]) for line in lines[1:]] == [
        (told[0], "open", "0"),
        (told[1], "open", "1"),
        (told[2], "unreachable", "0"),
    ]
    assert "Canary" not in listed.stdout + listed.stderr


def test_the_open_ones_are_those_that_somebody_has_yet_to_answer(imgate, told):
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=False) as gateway:
        request = EndOfUseByTelephone.model_validate({"answer": "ended"})
        answer_by_telephone(gateway.corridor, Call("operator", "/test"), told[0], request)
    lines = imgate("revocation", "list", "--open").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == told[1:]


def test_one_is_shown_as_json(imgate, told):
    shown = json.loads(imgate("revocation", "show", told[1]).stdout)
    assert (shown["id"], shown["state"], shown["notices"][0]["reminders"]) == (told[1], "open", 1)
