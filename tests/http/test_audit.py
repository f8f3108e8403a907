"""Auditors fetch the newest checkpoint, letter by letter as it was signed, and keep it elsewhere."""

import pytest

from imgate.audit.verify import verified_checkpoint
from imgate.bootstrap.checkpoints import sign_now, signer_of
from imgate.vocabulary.words import Role
from tests.http.live import PARTNER, Door, open_live

PATH = "/v1/audit/checkpoint"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with open_live(tmp_path_factory.mktemp("audited")) as gateway:
        yield Door(gateway)


def test_the_newest_checkpoint_is_shown_to_auditors_alone(door):
    assert door.ask("GET", PATH, role=Role.AUDITOR).status_code == 404
    first = sign_now(door.gateway).checkpoint
    for role, partner in ((Role.CASE_SYSTEM, None), (Role.ADMIN, None), (Role.PARTNER, PARTNER)):
        assert door.ask("GET", PATH, role=role, partner=partner).status_code == 403
    assert sign_now(door.gateway).checkpoint.size > first.size
    answer = door.http.get(PATH, headers={"Authorization": f"Bearer {door.token(Role.AUDITOR)}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert verified_checkpoint(answer.content, signer_of(door.gateway).public).size > first.size
    with door.gateway.store.reading() as tx:
        assert answer.text == tx.checkpoints.newest_note()
