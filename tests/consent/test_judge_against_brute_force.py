"""``decide`` gives the contract's own answer to any question about any declarations under any configuration."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from imgate.consent.judge import decide
from tests.consent.brute_force import PREMISES, Happening, Verdict, judge
from tests.consent.worlds import (
    NO_SCOPES,
    SCOPES,
    configurations,
    declarations_of,
    drawers,
    instants,
    policy_of,
    question_of,
    questions,
)

# The long form (make test-long) looks at twenty-five times as many.
MANY = settings(
    max_examples=5_000 if os.environ.get("IMGATE_LONG") else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def cases(draw, now=None):
    """Draw a whole case."""
    world = draw(configurations())
    return world, draw(drawers(instants(world.zone))), draw(questions(world.zone, now))


def answer(world, papers, asked) -> Verdict:
    """Ask the judge one question, and give the answer in the words of the brute force."""
    decision = decide(policy_of(world), declarations_of(world, papers), question_of(asked))
    if asked.scope in decision.permitted:
        passing = tuple(sorted(declaration.id for declaration in decision.passing[asked.scope]))
        return Verdict(named=decision.permitted[asked.scope].id, passing=passing)
    return Verdict(reason=decision.denied[asked.scope].value)


@MANY
@given(cases())
def test_every_answer_is_that_of_the_brute_force(case):
    """Permit or deny, the reason that got furthest, the declaration that is named, and all that pass."""
    expected = judge(*case)
    event(expected.reason or "permitted")
    assert answer(*case) == expected


@MANY
@given(cases())
def test_nothing_is_permitted_that_the_brute_force_denies(case):
    """Asked for all scopes at once, known and unknown ones, no scope passes that does not pass alone."""
    world, papers, asked = case
    scopes = (*SCOPES, *NO_SCOPES)
    decision = decide(policy_of(world), declarations_of(world, papers), question_of(asked, *scopes))
    allowed = {scope for scope in scopes if judge(world, papers, replace(asked, scope=scope)).named is not None}
    assert decision.permitted.keys() == allowed
    assert [*decision.permitted, *decision.denied] != []
    assert sorted([*decision.permitted, *decision.denied]) == sorted(scopes)


@MANY
@given(case=cases(now=True), data=st.data())
def test_about_now_the_order_of_the_commits_counts_whatever_the_clocks_say(case, data):
    """Clocks that go up to an hour wrong between two commits change no answer about now."""
    world, papers, asked = case
    noon = st.integers(0, 3600).map(lambda second: timedelta(seconds=second))
    wrong = [
        replace(
            paper,
            happened=tuple(
                replace(h, at=datetime(2026, 3, 1 + index // 4, 12, tzinfo=UTC) + data.draw(noon)) for index, h in enumerate(paper.happened)
            ),
        )
        for paper in papers
    ]
    right = [
        replace(
            paper,
            happened=tuple(
                replace(h, at=datetime(2026, 3, 1 + index // 4, 12, index, tzinfo=UTC)) for index, h in enumerate(paper.happened)
            ),
        )
        for paper in papers
    ]
    assert answer(world, wrong, asked) == judge(world, right, asked)


@given(configurations().flatmap(lambda world: st.tuples(st.just(world), questions(world.zone))))
def test_without_a_declaration_nothing_passes(case):
    """The empty cupboard denies every question."""
    world, asked = case
    assert answer(world, [], asked).reason in {"unknown_scope", "scope_closed", "beyond_partner_ceiling", "no_declaration"}


@given(cases())
def test_the_order_in_which_declarations_are_handed_over_changes_nothing(case):
    """Not even which one is named."""
    world, papers, asked = case
    there, back = declarations_of(world, papers), declarations_of(world, papers)[::-1]
    policy, question = policy_of(world), question_of(asked)
    first, second = decide(policy, there, question), decide(policy, back, question)
    assert (first.named, first.denied) == (second.named, second.denied)


@MANY
@given(cases(), st.data())
def test_one_more_revocation_or_pause_never_permits_more(case, data):
    """What the client takes back is gone, and nothing else comes of it."""
    world, papers, asked = case
    if not papers:
        return
    victim = data.draw(st.sampled_from(papers))
    last = max((h.at for h in victim.happened), default=asked.at) + timedelta(seconds=1)
    scopes = data.draw(st.one_of(st.none(), st.just(tuple(victim.content["scopes"][:1]))))
    what = data.draw(st.sampled_from(["revoked", "paused"]))
    taken = replace(victim, happened=(*victim.happened, Happening(last, what, scopes=scopes)))
    if victim.content["supersedes"] is not None:
        return  # a successor that is revoked before its time does leave its predecessor in force
    after = [taken if paper is victim else paper for paper in papers]
    about_now = replace(asked, about_now=True)
    if answer(world, papers, about_now).named is None:
        assert answer(world, after, about_now).named is None
    assert victim.id not in answer(world, after, replace(about_now, scope=victim.content["scopes"][0])).passing


def test_the_brute_force_reads_twelve_premises_in_the_contracts_order():
    """The oracle itself is complete."""
    assert [name for name, _ in PREMISES] == [
        *("not_signed", "revoked", "paused", "not_yet_valid", "expired", "recipient_changed", "clause_missing"),
        *("direction_not_covered", "purpose_not_covered", "scope_not_covered", "evidence_too_weak", "onward_transfer_not_covered"),
    ]
