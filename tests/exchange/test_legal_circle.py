"""The table of legal circles: every code of the lists has its line, and where the status does not decide, nothing is certain."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from imgate.exchange.legal_circle import BY_REGIME, BY_STATUS, Circle, Phase, Task, as_of, standings
from imgate.record.sections.living import BenefitsRegime
from imgate.record.sections.residence import FictionalEffectKind, StatusCode
from imgate.vocabulary.words import Body

TITLES = "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"


def residence(code, *, title=None, title_list=TITLES, effect=None):
    items = {"status": {"code": code}}
    items |= {} if title is None else {"title": {"list": title_list, "version": "17", "code": title}}
    items |= {} if effect is None else {"fictional_effect": {"kind": effect}}
    return {"residence": items}


def standing(*args, **more):
    (only,) = standings(residence(*args, **more))
    return only


def bodies(standing, task):
    return {(line.body, line.certain) for line in standing.responsible if line.task is task}


def test_every_code_of_the_coarse_list_has_its_line():
    assert set(BY_STATUS) == set(get_args(StatusCode))


def test_every_regime_but_other_has_its_line():
    codes = set(get_args(get_args(BenefitsRegime.__annotations__["code"])[0]))
    assert set(BY_REGIME) == codes - {"other"}


def test_every_line_names_its_source():
    lines = [line for table in (BY_STATUS, BY_REGIME) for standing in table.values() for line in standing.responsible]
    assert all("§" in line.source for line in lines)


@pytest.mark.parametrize("code", ["3", "4"])
def test_gestattung_and_duldung_are_under_the_asylblg(code):
    found = standing(code)
    assert (found.circle, found.certain) == (Circle.ASYLBLG, True)
    assert bodies(found, Task.BENEFITS) == {(Body.SOZIALAMT, True)}
    assert bodies(found, Task.WORK_PLACEMENT) == {(Body.AGENTUR_FUER_ARBEIT, True)}


def test_the_settlement_permit_is_certainly_not_under_the_asylblg():
    found = standing("2")
    assert (found.circle, found.certain) == (Circle.SGB2, True)
    assert bodies(found, Task.BENEFITS) == {(Body.JOBCENTER, True)}


def test_a_coarse_residence_permit_says_sgb_2_and_that_it_depends_on_the_title():
    found = standing("1")
    assert (found.circle, found.phase, found.certain) == (Circle.SGB2, Phase.RESIDENCE_TITLE, False)
    assert bodies(found, Task.BENEFITS) == {(Body.JOBCENTER, False), (Body.SOZIALAMT, False)}


@pytest.mark.parametrize("title", ["026", "027", "036", "028", "033", "303"])
def test_a_title_that_the_asylblg_does_not_name_makes_it_certain(title):
    found = standing("1", title=title)
    assert (found.circle, found.certain) == (Circle.SGB2, True)
    assert bodies(found, Task.BENEFITS) == {(Body.JOBCENTER, True)}


@pytest.mark.parametrize("title", ["023", "025", "029", "030"])
def test_a_title_that_the_asylblg_names_leaves_it_unknown(title):
    found = standing("1", title=title)
    assert (found.circle, found.certain) == (Circle.UNKNOWN, False)
    assert bodies(found, Task.BENEFITS) == {(Body.JOBCENTER, False), (Body.SOZIALAMT, False)}


@pytest.mark.parametrize(("title", "title_list"), [("500", TITLES), ("999", TITLES), ("027", TITLES.replace("erlaubnis", "gestattung"))])
def test_any_other_title_adds_nothing_to_the_status(title, title_list):
    assert standing("1", title=title, title_list=title_list) == BY_STATUS["1"]


@pytest.mark.parametrize("code", ["2", "3", "4", "5", "6", "7"])
def test_a_title_never_overrules_another_status(code):
    assert standing(code, title="027") == BY_STATUS[code]


@pytest.mark.parametrize("code", ["5", "6", "7"])
def test_what_depends_on_more_than_the_status_stays_unknown(code):
    found = standing(code)
    assert (found.circle, found.certain) == (Circle.UNKNOWN, False)
    assert not any(line.certain for line in found.responsible if line.task is not Task.RESIDENCE)


@pytest.mark.parametrize("effect", sorted(set(get_args(FictionalEffectKind)) - {"continued_validity"}))
@pytest.mark.parametrize("code", ["1", "3", "7"])
def test_an_application_that_holds_up_a_stay_makes_the_circle_unknown(code, effect):
    found = standing(code, effect=effect, title="027")
    assert (found.circle, found.phase, found.certain) == (Circle.UNKNOWN, Phase.UNKNOWN, False)


def test_an_application_that_keeps_the_old_title_changes_nothing():
    assert standing("1", effect="continued_validity") == BY_STATUS["1"]


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"residence": {}},
        {"residence": {"title": {"list": TITLES, "version": "17", "code": "027"}}},
        {"residence": {"fictional_effect": {"kind": "tolerated_stay"}}},
        {"residence": {"status": {"code": "8"}}},
        {"benefits": {"regime": {"code": "other"}}},
        {"benefits": {"cooperation_plan": {"steps": []}}},
    ],
)
def test_without_a_status_or_a_regime_nothing_is_said(record):
    assert standings(record) == ()


def test_status_and_regime_are_told_apart():
    both = standings(residence("4") | {"benefits": {"regime": {"code": "sgb2"}}})
    assert [(one.scope, one.circle) for one in both] == [("residence.status", Circle.ASYLBLG), ("benefits.regime", Circle.SGB2)]


TODAY = date(2026, 3, 2)
LASTING = {"kind": "continued_validity"}


@pytest.mark.parametrize(
    ("record", "certain"),
    [
        ({"status": {"code": "3", "since": "2026-03-02", "until": "2026-03-02"}}, True),
        ({"status": {"code": "3", "until": None, "since": None}}, True),
        ({"status": {"code": "3", "until": "2026-03-01"}}, False),
        ({"status": {"code": "3", "since": "2026-03-03"}}, False),
        ({"status": {"code": "1"}, "title": {"list": TITLES, "version": "17", "code": "027", "valid_until": "2026-03-02"}}, True),
        ({"status": {"code": "1"}, "title": {"list": TITLES, "version": "17", "code": "027", "valid_until": "2026-03-01"}}, False),
        ({"status": {"code": "1"}, "title": {"list": TITLES, "version": "17", "code": "027", "valid_from": "2026-03-03"}}, False),
        ({"status": {"code": "2", "until": "2026-03-01"}, "fictional_effect": LASTING}, True),
        ({"status": {"code": "2", "until": "2026-03-01"}, "fictional_effect": LASTING | {"until": "2026-03-02"}}, True),
        ({"status": {"code": "2", "until": "2026-02-01"}, "fictional_effect": LASTING | {"until": "2026-03-01"}}, False),
        ({"status": {"code": "2", "since": "2026-03-03"}, "fictional_effect": LASTING}, False),
    ],
)
def test_what_has_ended_or_is_still_to_begin_is_not_certain(record, certain):
    """Unless an application in time keeps the title as it was (§ 81(4) AufenthG)."""
    (told,) = standings({"residence": record})
    shown = as_of(told, {"residence": record}, TODAY)
    assert shown.certain is certain
    assert (shown.circle, shown.phase) == (told.circle, told.phase)
    assert certain or not any(line.certain for line in shown.responsible)


@pytest.mark.parametrize(
    ("since", "certain"), [("2026", True), ("2026-03", True), ("2026-03-02", True), ("2026-04", False), ("2027", False)]
)
def test_benefits_that_begin_later_are_not_certain(since, certain):
    record = {"benefits": {"regime": {"code": "sgb2", "since": since}}}
    (told,) = standings(record)
    assert as_of(told, record, TODAY).certain is certain


def documented(code, standing):
    lines = [
        f"{'' if line.certain else 'perhaps '}`{line.body.value}` {line.task.value.replace('_', ' ')} ({line.source})"
        for line in standing.responsible
    ]
    certain = "yes" if standing.certain else "no"
    return f"| `{code}` | `{standing.circle.value}` | `{standing.phase.value}` | {certain} | {'; '.join(lines) or 'nobody'} |"


def test_the_page_has_the_same_lines_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "updates.md").read_text(encoding="utf-8")
    _, _, table = page.partition("| status or regime | circle | phase | certain | responsible |\n|---|---|---|---|---|\n")
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert rows == [documented(code, standing) for by in (BY_STATUS, BY_REGIME) for code, standing in by.items()]
