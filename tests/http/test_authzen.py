"""AuthZEN 1.0: 400 for what the standard requires and nothing else; every other odd question is denied."""

from datetime import UTC, datetime

import pytest

from imgate.exchange.questions import Evaluation
from imgate.exchange.refusals import Refused
from imgate.http.authzen import evaluate_many, evaluate_one

QUESTION = {
    "subject": {"type": "partner", "id": "jobcenter-rems-murr"},
    "action": {"name": "to_partner"},
    "resource": {"type": "scope", "id": "language.level", "properties": {"client": "K-2026-0815"}},
    "context": {"purpose": "labour_market_integration"},
}


class Judge:
    """Permits what it is told to, and remembers what it was asked."""

    def __init__(self, *permitted: str) -> None:
        self.permitted, self.asked = permitted, []

    def __call__(self, asked) -> Evaluation:
        self.asked.append(asked)
        if asked.scope in self.permitted:
            return Evaluation(True, "permitted", "d1")
        return Evaluation(False, "no_declaration")


def scope(name: str) -> dict:
    return {"resource": {"type": "scope", "id": name, "properties": {"client": "K-1"}}}


def test_a_permit_names_its_declaration():
    judge = Judge("language.level")
    assert evaluate_one(QUESTION, judge) == {"decision": True, "context": {"reason": "permitted", "declaration": "d1"}}
    asked = judge.asked[0]
    assert (asked.partner, asked.direction, asked.purpose) == ("jobcenter-rems-murr", "to_partner", "labour_market_integration")
    assert (asked.scope, asked.client, asked.at, dict(asked.provenance)) == ("language.level", "K-2026-0815", None, {})


def test_a_denial_names_a_reason_only():
    assert evaluate_one(QUESTION, Judge()) == {"decision": False, "context": {"reason": "no_declaration"}}


MALFORMED = {
    "no object": [],
    "null": None,
    "no subject": {name: part for name, part in QUESTION.items() if name != "subject"},
    "no action": {name: part for name, part in QUESTION.items() if name != "action"},
    "no resource": {name: part for name, part in QUESTION.items() if name != "resource"},
    "subject a string": QUESTION | {"subject": "jobcenter"},
    "no subject id": QUESTION | {"subject": {"type": "partner"}},
    "no subject type": QUESTION | {"subject": {"id": "x"}},
    "subject id a number": QUESTION | {"subject": {"type": "partner", "id": 1}},
    "no action name": QUESTION | {"action": {}},
    "action name null": QUESTION | {"action": {"name": None}},
    "resource properties a list": QUESTION | {"resource": {"type": "scope", "id": "x", "properties": []}},
    "context a string": QUESTION | {"context": "now"},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_the_standard_requires_is_400(case):
    for evaluate in (evaluate_one, evaluate_many):
        with pytest.raises(Refused) as refused:
            evaluate(MALFORMED[case], Judge("language.level"))
        assert (refused.value.status, refused.value.code) == (400, "evaluation_invalid")


ODD = {
    "another subject type": ({"subject": {"type": "user", "id": "x"}}, "unknown_scope"),
    "another resource type": ({"resource": {"type": "document", "id": "language.level"}}, "unknown_scope"),
    "time without offset": ({"context": {"at": "2026-01-01T00:00:00"}}, "unreadable_time"),
    "time as a date": ({"context": {"at": "2026-01-01"}}, "unreadable_time"),
    "time as a week": ({"context": {"at": "2026-W01-1T00:00:00Z"}}, "unreadable_time"),
    "time null": ({"context": {"at": None}}, "unreadable_time"),
    "time a number": ({"context": {"at": 0}}, "unreadable_time"),
    "time before the calendar": ({"context": {"at": "0001-01-01T00:00:00+23:59"}}, "unreadable_time"),
    "time in full-width digits": ({"context": {"at": "２０２６-01-01T00:00:00Z"}}, "unreadable_time"),
    "provenance a string": ({"context": {"provenance": "self"}}, "provenance_required"),
    "provenance null": ({"context": {"provenance": {"language.level": None}}}, "provenance_required"),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_odd_is_denied_without_asking_the_judge(case):
    change, reason = ODD[case]
    judge = Judge("language.level")
    assert evaluate_one(QUESTION | change, judge) == {"decision": False, "context": {"reason": reason}}
    assert judge.asked == []


def test_a_client_that_cannot_be_is_nobody():
    for properties in ({}, {"client": None}, {"client": ["K-1"]}, {"client": "K 1"}, {"client": ""}, {"client": "K-1\x00"}):
        judge = Judge()
        evaluate_one(QUESTION | {"resource": {"type": "scope", "id": "x", "properties": properties}}, judge)
        assert judge.asked[0].client is None


def test_a_partner_that_cannot_be_is_unknown():
    for partner in ("", "A", "a b", "a\x00", "a" * 65):
        judge = Judge()
        evaluate_one(QUESTION | {"subject": {"type": "partner", "id": partner}}, judge)
        assert judge.asked[0].partner == ""


def test_the_time_is_handed_on_in_utc():
    judge = Judge()
    evaluate_one(QUESTION | {"context": {"at": "2026-01-01t00:30:00.5+01:00"}}, judge)
    assert judge.asked[0].at == datetime(2025, 12, 31, 23, 30, 0, 500000, tzinfo=UTC)


def test_unknown_fields_are_ignored():
    question = QUESTION | {"more": 1, "subject": QUESTION["subject"] | {"more": None}}
    assert evaluate_one(question, Judge("language.level"))["decision"] is True


def test_a_batch_answers_in_its_order_with_defaults():
    judge = Judge("b.b")
    request = {**QUESTION, "evaluations": [scope("a.a"), scope("b.b") | {"action": {"name": "from_partner"}}, {}]}
    answer = evaluate_many(request, judge)
    assert [one["decision"] for one in answer["evaluations"]] == [False, True, False]
    assert [asked.direction for asked in judge.asked] == ["to_partner", "from_partner", "to_partner"]
    assert [asked.scope for asked in judge.asked] == ["a.a", "b.b", "language.level"]
    assert answer.keys() == {"evaluations"}


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [("execute_all", [True, False, True]), ("deny_on_first_deny", [True, False]), ("permit_on_first_permit", [True])],
)
def test_batch_semantics(semantic, decisions):
    request = {**QUESTION, "evaluations": [scope("p.p"), scope("d.d"), scope("p.p")], "options": {"evaluations_semantic": semantic}}
    assert [one["decision"] for one in evaluate_many(request, Judge("p.p"))["evaluations"]] == decisions


def test_an_empty_or_missing_batch_is_one_question():
    for request in (QUESTION, QUESTION | {"evaluations": []}):
        assert evaluate_many(request, Judge("language.level"))["decision"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"evaluations": {}},
        {"evaluations": [1]},
        {"evaluations": [{"subject": None}]},
        {"options": []},
        {"options": {"evaluations_semantic": "any"}},
        {"options": {"evaluations_semantic": ["execute_all"]}},
    ],
    ids=str,
)
def test_a_malformed_batch_is_400_and_nothing_is_asked(change):
    judge = Judge("language.level")
    with pytest.raises(Refused):
        evaluate_many({**QUESTION, "evaluations": [scope("a.a")]} | change, judge)
    assert judge.asked == []
