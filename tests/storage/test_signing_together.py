"""Two gateways on one PostgreSQL are handed evidence at the same time: one request is one piece, and one signature counts once."""

import dataclasses
import threading

import pytest

from imgate.bootstrap import make_first_keys, open_gateway
from imgate.exchange.declarations import register, signing
from imgate.exchange.declarations.worklist import running_out
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.settings import load_settings
from tests.exchange.conftest import CONFIG, World
from tests.exchange.declarations.examining import examined_by, request, sign, taken
from tests.exchange.renewing import renewed

pytestmark = pytest.mark.postgres
ROUNDS = 6
ROLES = ("client", "guardian")


@pytest.fixture
def worlds(postgres, tmp_path):
    config = tmp_path / "imgate.toml"
    text = CONFIG.replace("sqlite:///imgate.db", postgres()).replace("[gateway]\n", '[gateway]\nurl = "https://imgate.example.org"\n')
    config.write_text(text, encoding="utf-8")
    settings = load_settings(config)
    make_first_keys(settings)
    with open_gateway(settings, make_keys=False) as one, open_gateway(settings, make_keys=False) as other:
        yield World(one), World(other)


def at_once(worlds, ask):
    """Have both examine before either goes on; give what each was answered, or its refusal."""
    both, answers = threading.Barrier(2), []

    class Examiner:
        def examine(self, kind, media_type, content, about, at):
            both.wait(30)
            return taken()

    def asked(world, number):
        world.corridor = dataclasses.replace(world.corridor, examiner=Examiner())
        try:
            answers.append(ask(world, number).body)
        except Refused as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=asked, args=(world, number)) for number, world in enumerate(worlds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_the_same_request_twice_at_once_is_one_piece_and_one_answer(worlds):
    for _ in range(ROUNDS):
        declaration = worlds[0].declare("language.level", signed=False, signers_required=["client", "client"])
        path = f"/v1/declarations/{declaration}/signatures"
        answers = at_once(
            worlds, lambda world, _, at=path, of=declaration: signing.sign(world.corridor, world.call(key="k", path=at), of, request())
        )
        assert answers == [b'{"state":"draft"}'] * 2
        assert len(register.show(worlds[0].corridor, declaration)["evidence"]) == 1


def test_one_signature_in_two_requests_at_once_counts_once(worlds):
    for _ in range(ROUNDS):
        declaration = worlds[0].declare("language.level", signed=False, signers_required=["client", "client"])
        answers = at_once(worlds, lambda world, _, of=declaration: signing.sign(world.corridor, world.call(), of, request()))
        assert sorted(answers, key=str) == [b'{"state":"draft"}', "signature_reused"]
        assert len(register.show(worlds[0].corridor, declaration)["evidence"]) == 1


def test_two_signatures_at_once_are_both_kept(worlds):
    for _ in range(ROUNDS):
        declaration = worlds[0].declare("language.level", signed=False, signers_required=["client", "guardian"])
        answers = at_once(
            worlds,
            lambda world, number, of=declaration: signing.sign(
                world.corridor, world.call(), of, request(role=ROLES[number], content=b"%PDF-1.7 " + ROLES[number].encode())
            ),
        )
        assert sorted(answers) == [b'{"state":"active"}', b'{"state":"draft"}']
        assert len(register.show(worlds[0].corridor, declaration)["evidence"]) == 2


def test_what_runs_out_and_what_renews_it_are_the_same_on_both(worlds):
    one, other = worlds
    declaration = one.declare("language.level", valid_until="2026-03-20")
    successor = renewed(other, declaration)["id"]
    for world in worlds:
        assert [item["renewed_by"] for item in running_out(world.corridor, 30, Cursor())["items"]] == [successor]
    examined_by(other, taken())
    sign(other, successor)
    assert running_out(one.corridor, 30, Cursor()) == {"items": []}
