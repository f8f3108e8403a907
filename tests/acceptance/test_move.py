"""A move between two offices, configured as `docs/moving.md` says: what both declarations allow arrives, and nothing without proof."""

import asyncio
import base64
import json
import re
from dataclasses import replace

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange import boxes, inbound, received_notices
from imgate.exchange.attached import FILE_MAX
from imgate.exchange.declarations import register
from imgate.exchange.stored import Cursor
from imgate.keys import Keyring
from imgate.settings import load_settings
from imgate.vocabulary.reasons import Unproved
from tests.conftest import ROOT
from tests.exchange.conftest import TODAY, World

PAGE = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")
THERE, HERE = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ALTSTADT, NEUSTADT = "im-altstadt", "im-neustadt"
OLD_NUMBER, NEW_NUMBER = "K-2026-1101", "M-0042"
GOES = ("person.name", "language.level", "plan.goals")
COMES = ("language.level", "plan.goals", "needs.support")
RECORD = {
    "person": {"name": {"family": "Beispiel", "given": "Amal"}},
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "plan": {"goals": []},
    "education": {"vocational": []},
}


class Office(World):
    """One of the two, with its own folder."""

    def declared(self, client, partner, *scopes, **more):
        purposes = {"purposes": ["case_handover"], "discloser": {"unit": self.gateway.name, "persons": ["Vera Beispiel"]}}
        return self.declare(*scopes, client=client, partner=partner, **purposes | more)

    def digest(self, declaration):
        return register.show(self.corridor, declaration)["digest"]


class Move:
    """Two offices, and one client between them."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def begins(self, goes=GOES, comes=COMES, **more):
        """Take steps 1 to 3 of the page; give the handover code."""
        declaration = self.old.declared(OLD_NUMBER, NEUSTADT, *goes, direction="to_partner", **more)
        self.new.declared(NEW_NUMBER, ALTSTADT, *comes, direction="from_partner")
        self.declaration = declaration
        code = self.old.digest(declaration)
        self.new.link(code, client=NEW_NUMBER, partner=ALTSTADT)
        self.old.link(code, client=OLD_NUMBER, partner=NEUSTADT)
        return code

    def sends(self, record=RECORD):
        """Take step 4."""
        return self.old.send(record, client=OLD_NUMBER, partner=NEUSTADT, purpose="case_handover")

    def bytes(self):
        return [base64.b64decode(item["content"]) for item in self.old.outbox(NEUSTADT)]

    def arrives(self, content=None):
        """Carry what waits to the new office, as any transport would; give the new office's report about the last message."""
        for message in self.bytes() if content is None else [content]:
            receipt = self.new.post(message, partner=ALTSTADT)
        self.new.work()
        return self.new.report(receipt)


@pytest.fixture
def move(tmp_path):
    for office, config in (("altstadt", HERE), ("neustadt", THERE)):
        (tmp_path / office).mkdir()
        (tmp_path / office / "imgate.toml").write_text(re.sub(r"(?m)^transport.*$", "", config), encoding="utf-8")
    with open_gateway(load_settings(tmp_path / "altstadt" / "imgate.toml"), make_keys=True) as old:
        (tmp_path / "neustadt" / "altstadt.jwks.json").write_text(json.dumps(old.jwks), encoding="utf-8")
        with open_gateway(load_settings(tmp_path / "neustadt" / "imgate.toml"), make_keys=True) as new:
            yield Move(Office(old), Office(new))


def taken(report):
    return [scope for person in report["people"] for scope in person["taken"]]


def codes(report):
    return [problem["code"] for problem in report["problems"]]


def test_what_both_declarations_allow_arrives_and_nothing_else(move):
    move.begins()
    assert move.sends()["released"] == list(GOES)
    report = move.arrives()
    assert taken(report) == ["language.level", "plan.goals"]
    assert report["people"][0]["withheld"] == [{"scope": "person.name", "reason": "scope_not_covered"}]
    (item,) = move.new.inbox()
    assert (item["client"], item["record"]) == (NEW_NUMBER, {"language": RECORD["language"], "plan": {"goals": []}})
    assert item["provenance"] == {"language.level": ALTSTADT, "plan.goals": ALTSTADT}


def test_the_new_office_is_shown_that_her_declaration_holds_and_what_it_covers(move):
    code = move.begins()
    move.sends()
    report = move.arrives()
    (bundle,) = report["attachments"]
    assert (bundle["holds"], bundle["declaration_digest"], bundle["name"]) == (True, code, f"declaration-{move.declaration}.json")
    assert sorted(bundle["scopes"]) == sorted(GOES)
    assert [check["name"] for check in bundle["checks"] if check["outcome"] != "passed"] == ["evidence"]
    assert report["problems"] == []


def test_neither_offices_number_reaches_the_other_but_in_what_was_signed(move):
    move.begins()
    move.sends()
    (content,) = move.bytes()
    message = json.loads(content)
    attached = message["envelope"].pop("attachments")
    assert OLD_NUMBER not in json.dumps(message)
    assert OLD_NUMBER.encode() in base64.b64decode(attached[0]["content"])
    assert NEW_NUMBER.encode() not in content


def test_before_the_new_office_has_linked_the_code_the_data_is_dropped(move):
    move.new.declared(NEW_NUMBER, ALTSTADT, *COMES, direction="from_partner")
    code = move.old.digest(move.old.declared(OLD_NUMBER, NEUSTADT, *GOES, direction="to_partner"))
    move.old.link(code, client=OLD_NUMBER, partner=NEUSTADT)
    move.sends()
    assert move.arrives()["people"] == [{"unknown_reference": code, "taken": [], "withheld": []}]
    move.new.link(code, client=NEW_NUMBER, partner=ALTSTADT)
    move.new.work()
    assert move.new.inbox() == []
    move.sends()
    move.arrives()
    assert len(move.new.inbox()) == 1


def test_without_a_declaration_at_the_new_office_nothing_is_taken(move):
    code = move.old.digest(move.old.declared(OLD_NUMBER, NEUSTADT, *GOES, direction="to_partner"))
    move.new.link(code, client=NEW_NUMBER, partner=ALTSTADT)
    move.old.link(code, client=OLD_NUMBER, partner=NEUSTADT)
    move.sends()
    assert taken(move.arrives()) == []
    assert move.new.inbox() == []


@pytest.mark.parametrize("comes", [("needs.support",), ("person.sex",)])
def test_what_the_new_office_was_not_allowed_to_take_stays_out(move, comes):
    move.begins(comes=comes)
    move.sends()
    assert taken(move.arrives()) == []
    assert move.new.inbox() == []


def test_what_was_revoked_while_it_waited_is_gone_from_the_bytes_with_its_bundle(move):
    second = move.old.declared(OLD_NUMBER, NEUSTADT, "education.vocational", direction="to_partner")
    move.begins(comes=(*COMES, "education.vocational"))
    assert "education.vocational" in move.sends()["released"]
    move.old.revoke(second)
    content, *_ = move.bytes()
    assert second.encode() not in content
    assert b'"vocational"' not in content
    assert taken(move.arrives(content)) == ["language.level", "plan.goals"]


def test_two_declarations_of_hers_go_and_count_together(move):
    move.old.declared(OLD_NUMBER, NEUSTADT, "education.vocational", direction="to_partner")
    move.begins(comes=(*COMES, "education.vocational"))
    move.sends()
    report = move.arrives()
    assert set(taken(report)) == {"language.level", "plan.goals", "education.vocational"}
    assert len(report["attachments"]) == 2


def test_a_new_declaration_has_a_new_code(move):
    move.begins()
    move.old.declared(OLD_NUMBER, NEUSTADT, *GOES, direction="to_partner", supersedes=move.declaration)
    move.sends()
    report = move.arrives()
    assert (taken(report), codes(report)) == ([], ["bundle_does_not_cover"])


def test_another_clients_bundle_does_not_help(move):
    move.begins()
    other = move.old.declared("K-2026-9999", NEUSTADT, *GOES, direction="to_partner")
    move.old.link(move.old.digest(other), client="K-2026-9999", partner=NEUSTADT)
    move.old.send(RECORD, client="K-2026-9999", partner=NEUSTADT, purpose="case_handover")
    message = json.loads(move.bytes()[0])
    message["envelope"]["reference"] = move.old.digest(move.declaration)
    report = move.arrives(json.dumps(message).encode())
    assert (taken(report), codes(report)) == ([], ["bundle_does_not_cover"])


def _swapped(message, change):
    attached = message["envelope"]["attachments"][0]
    bundle = change(base64.b64decode(attached["content"]))
    attached["content"] = base64.b64encode(bundle).decode()


FORGED = {
    "a scope put in": lambda file: file.replace(b'"plan.goals"', b'"plan.steps"'),
    "a letter changed": lambda file: file.replace(b"Vera", b"Vero"),
    "cut": lambda file: file[:-100],
    "empty JSON": lambda _: b"{}",
    "a scan": lambda _: b"%PDF-1.7 scan",
    "too large": lambda file: file + b" " * FILE_MAX,
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_bundle_that_was_tampered_with_brings_nothing_in(move, forgery):
    move.begins()
    move.sends()
    message = json.loads(move.bytes()[0])
    _swapped(message, FORGED[forgery])
    report = move.arrives(json.dumps(message).encode())
    assert taken(report) == []
    assert codes(report) in (["bundle_invalid"], ["attachment_too_large"])
    assert move.new.inbox() == []


def test_a_message_without_its_bundle_brings_nothing_in(move):
    move.begins()
    move.sends()
    message = json.loads(move.bytes()[0])
    del message["envelope"]["attachments"]
    report = move.arrives(json.dumps(message).encode())
    assert (taken(report), codes(report)) == ([], ["bundle_missing"])


def test_the_bundle_of_another_gateway_brings_nothing_in(move):
    move.begins()
    move.sends()
    strangers = frozenset(pair.thumbprint() for pair in Keyring.made(TODAY.date()).statement_keys.values())
    partners = dict(move.new.corridor.partners)
    partners[ALTSTADT] = replace(partners[ALTSTADT], bundle_keys=strangers)
    move.new.corridor = replace(move.new.corridor, partners=partners)
    report = move.arrives()
    assert (taken(report), codes(report)) == ([], ["bundle_invalid"])
    (failed,) = [check["name"] for check in report["attachments"][0]["checks"] if check["outcome"] == "failed"]
    assert failed == "key"


def test_a_declaration_that_ended_on_the_way_covers_nothing(move):
    move.begins(valid_until="2026-03-02")
    move.sends()
    (content,) = move.bytes()
    move.new.later(days=1)
    report = move.arrives(content)
    assert (taken(report), codes(report)) == ([], ["bundle_does_not_cover"])


def moved(move):
    """Have her case moved, taken over by the new office, and what was handed over taken back at the old one; give what leaves for that."""
    move.begins()
    move.sends()
    move.arrives()
    (item,) = move.new.inbox()
    for item in move.old.outbox(NEUSTADT):
        boxes.outbox_ack(move.old.corridor, move.old.call(), NEUSTADT, item["id"])
    move.old.later(minutes=1)
    move.revocation = move.old.revoke(move.declaration)["revocation"]
    (notice,) = move.bytes()
    return notice


def test_what_she_takes_back_at_the_old_office_the_new_one_is_told(move):
    report = move.arrives(moved(move))
    (told,) = received_notices.page(move.new.corridor, Cursor())["items"]
    assert (told["client"], told["partner"], told["revocation"]) == (NEW_NUMBER, ALTSTADT, move.revocation)
    assert told["scopes"] == report["end_of_use"]["scopes"] == ["language.level", "plan.goals"]  # her name was never taken
    assert told["ended_on"] == "2026-03-02"


def test_what_the_new_office_was_allowed_to_take_it_keeps_until_it_decides(move):
    move.arrives(moved(move))
    (item,) = move.new.inbox()
    assert item["provenance"].keys() == {"language.level", "plan.goals"}


def test_the_old_office_learns_by_it_no_more_than_by_any_message(move):
    notice = moved(move)
    answers = []
    for content in (
        notice,
        notice.replace(move.old.digest(move.declaration).encode(), b"NIEMAND-1").replace(b"<n:messageId>0", b"<n:messageId>1"),
    ):
        answer = asyncio.run(inbound.accept(move.new.corridor, move.new.call(), ALTSTADT, "application/xml", content))
        answers.append((answer.status, re.sub(rb"[0-9a-f-]{36}", b"-", answer.body)))
    assert answers[0] == answers[1] == (202, b'{"receipt":"-","problems":[]}')
    move.new.work()
    assert len(received_notices.page(move.new.corridor, Cursor())["items"]) == 1


def test_the_page_names_each_check_and_each_code():
    for code in (*(reason.value for reason in Unproved), "attachment_too_large", "attachments_too_many"):
        assert f"`{code}`" in PAGE
    for name in ("recipient", "clauses", "direction", "purpose", "state", "term"):
        assert f"`{name}`" in PAGE
