"""An adapter, a configuration, a plugin or a later catalogue can narrow the outcome and can never widen it."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from imgate.consent.judge import decide
from imgate.consent.policy import LEVEL_FLOOR
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import EvidenceLevel
from tests.consent.brute_force import ORDER_OF_LEVELS
from tests.consent.specimen import partner
from tests.consent.worlds import (
    SCOPES,
    catalogue_of,
    configurations,
    declarations_of,
    drawers,
    instants,
    policy_of,
    question_of,
    questions,
)

SOME = settings(max_examples=100, deadline=None)
LATER = {
    "language.level_of_speaking": ("internal", False),
    "language.*": ("internal", False),
    "residence.title_of_spouse": ("special", False),
}


@st.composite
def cases(draw):
    """Draw a configuration, what was signed, and a question."""
    world = draw(configurations())
    return world, draw(drawers(instants(world.zone))), draw(questions(world.zone))


def permitted(world, papers, asked):
    """Give the scopes that pass, of all that there are."""
    return decide(policy_of(world), declarations_of(world, papers), question_of(asked, *world.catalogue)).permitted.keys()


def some_of(data, these):
    """Draw a part of these."""
    return frozenset(data.draw(st.sets(st.sampled_from(sorted(these))))) if these else frozenset()


@SOME
@given(cases(), st.data())
def test_a_narrower_configuration_permits_nothing_more(case, data):
    """Fewer places, a smaller ceiling, fewer opened scopes, fewer old names, fewer partners, higher levels."""
    world, papers, asked = case
    raised = {word: data.draw(st.sampled_from(ORDER_OF_LEVELS)) for word in ("internal", "confidential", "special")}
    narrower = replace(
        world,
        adapter={direction: some_of(data, scopes) for direction, scopes in world.adapter.items()},
        ceiling=some_of(data, world.ceiling or SCOPES),
        open=some_of(data, world.open),
        formerly=tuple(some_of(data, world.formerly)),
        partners=some_of(data, world.partners),
        evidence={word: max(raised[word], world.evidence.get(word, "recorded"), key=ORDER_OF_LEVELS.index) for word in raised},
    )
    assert permitted(narrower, papers, asked) <= permitted(world, papers, asked)


@SOME
@given(cases())
def test_a_configured_ceiling_cannot_reach_beyond_the_adapters(case):
    """Naming every scope in ``ceiling`` permits what no ceiling at all permits."""
    world, papers, asked = case
    everything = replace(world, ceiling=frozenset(SCOPES))
    assert permitted(everything, papers, asked) == permitted(replace(world, ceiling=None), papers, asked)


@SOME
@given(cases(), st.sampled_from(list(LATER)))
def test_scopes_that_a_later_catalogue_adds_are_not_covered_by_an_earlier_declaration(case, added):
    """Even where the new scope's name looks like an old one, and the partner's new adapter has a place for everything."""
    world, papers, asked = case
    later = replace(
        world,
        catalogue=SCOPES | {added: LATER[added]},
        adapter={direction: scopes | {added} for direction, scopes in world.adapter.items()},
        ceiling=None if world.ceiling is None else world.ceiling | {added},
    )
    assert permitted(later, papers, asked) == permitted(world, papers, asked)


@SOME
@given(cases())
def test_a_plugins_larger_ceiling_permits_nothing_that_was_not_signed(case):
    """Whatever a new version of an adapter has places for."""
    world, papers, asked = case
    larger = replace(world, adapter=dict.fromkeys(("to_partner", "from_partner"), frozenset(SCOPES)), ceiling=None)
    mine = [paper for paper in papers if paper.readable and paper.content["partner"] == world.partner]
    named_by_somebody = {scope for paper in mine for scope in paper.content["scopes"]}
    assert permitted(larger, papers, asked) <= named_by_somebody
    assert permitted(world, papers, asked) <= permitted(larger, papers, asked)


@given(st.dictionaries(st.sampled_from(Sensitivity), st.sampled_from(EvidenceLevel)))
def test_the_level_needed_never_falls_below_the_contracts(levels):
    """Also where a configuration that nobody checked says so."""
    needed = partner(levels=levels).needed_rank
    for scope, entry in partner().catalogue.scopes.items():
        asked_for = levels.get(entry.sensitivity, EvidenceLevel.RECORDED)
        assert needed[scope] == max(LEVEL_FLOOR[entry.sensitivity].rank, asked_for.rank)


def test_opening_what_is_not_closed_opens_nothing():
    """``open`` takes a closed scope out of the closed ones, and has no other effect on the decision."""
    ordinary, opened = partner(), partner(open=frozenset({"contact.address", "language.level", "health.constraints"}))
    assert ordinary.closed - opened.closed == {"health.constraints"}
    assert opened.closed <= ordinary.closed
    assert (opened.ceiling, opened.needed_rank) == (ordinary.ceiling, ordinary.needed_rank)


def test_a_scope_is_closed_because_the_catalogue_says_so():
    """A partner of another catalogue has other closed scopes."""
    assert partner(catalogue=catalogue_of(SCOPES)).closed == {"health.constraints", "identifiers.azr_number"}
