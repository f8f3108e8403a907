"""Where the pieces of the pictures stand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.exchange.ports import DayCount, Flow
from imgate.vocabulary.words import Direction, ExchangeState
from imgate.web.office.charts import GROUPS, HEIGHT, WIDTH, bars, group_of
from imgate.web.office.flow_map import flow_map, shortened

TODAY = date(2026, 3, 2)
OUT, IN = Direction.TO_PARTNER, Direction.FROM_PARTNER


def count(ago, state, number):
    return DayCount(TODAY - timedelta(days=ago), "p", OUT, state, number)


def test_every_state_belongs_to_exactly_one_group():
    assert sorted(state for _, states in GROUPS.values() for state in states) == sorted(ExchangeState)
    assert {group_of(state) for state in ExchangeState} == set(GROUPS)


def test_a_picture_of_nothing_has_a_ground_and_no_pieces():
    picture = bars([], TODAY, 30)
    assert picture.pieces == ()
    assert [mark.says for mark in picture.side] == [0, 1, 2, 3, 4]
    assert len(picture.days) == 30


@given(
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from(list(ExchangeState)), st.integers(1, 10**7)), max_size=40),
    st.sampled_from([30, 90]),
)
def test_every_piece_stands_in_the_picture_and_no_two_of_a_day_lie_on_each_other(counts, days):
    picture = bars([count(*one) for one in counts], TODAY, days)
    for piece in picture.pieces:
        assert 0 <= piece.x <= piece.x + piece.width <= WIDTH
        assert 0 <= piece.y <= piece.y + piece.height <= HEIGHT
    for first, second in zip(picture.pieces, picture.pieces[1:], strict=False):
        assert first.x != second.x or second.y + second.height <= first.y + 0.2
    assert sum(picture.totals.values()) == sum(number for ago, _, number in counts if ago < days)


def test_the_highest_bar_reaches_no_higher_than_the_highest_line():
    picture = bars([count(0, ExchangeState.QUEUED, 41)], TODAY, 30)
    assert [mark.says for mark in picture.side] == [0, 20, 40, 60, 80]
    assert min(piece.y for piece in picture.pieces) >= picture.side[-1].at


def test_days_before_the_picture_are_not_in_it():
    assert bars([count(30, ExchangeState.QUEUED, 1)], TODAY, 30).pieces == ()


def test_the_thickest_line_is_what_flowed_most_and_each_direction_has_its_own():
    flows = [Flow("p", OUT, "language.level", 100), Flow("p", OUT, "work.current", 1), Flow("p", IN, "work.current", 25)]
    picture = flow_map(flows, {"language": "Deutsch", "work": "Arbeit"}, {"p": "Partner"})
    assert [line.direction for line in picture.lines] == [OUT, IN, OUT]
    assert picture.lines[0].width > picture.lines[1].width > picture.lines[2].width > 1
    assert [node.name for node in picture.sections] == ["Deutsch", "Arbeit"]


def test_scopes_of_one_section_are_one_line():
    flows = [Flow("p", OUT, "work.current", 2), Flow("p", OUT, "work.history", 3)]
    assert len(flow_map(flows, {"work": "Arbeit"}, {"p": "P"}).lines) == 1


def test_what_flowed_to_a_partner_that_is_configured_no_more_is_shown_by_its_id():
    picture = flow_map([Flow("alt", OUT, "work.current", 1)], {"work": "Arbeit"}, {})
    assert [node.name for node in picture.partners] == ["alt"]


@pytest.mark.parametrize(("name", "cut"), [("kurz", "kurz"), ("x" * 34, "x" * 34), ("x" * 35, "x" * 33 + "…")])
def test_a_long_name_is_cut(name, cut):
    assert shortened(name) == cut
