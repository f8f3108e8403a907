"""The table of legal circles: every code of the lists has its line, and where the status does not decide, nothing is certain."""

import json
import re
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


@pytest.mark.parametrize("title", ["025", "027"])
def test_a_title_of_a_version_that_nobody_knows_adds_nothing(title):
    record = residence("1", title=title)
    record["residence"]["title"]["version"] = "18"
    assert standings(record) == (BY_STATUS["1"],)


def test_every_title_of_the_transcribed_list_is_where_its_paragraph_belongs(shared):
    """Chapter 2, part 5 (§§ 22 to 26) makes it certain, but for what § 1(1) AsylbLG names or has named; any other adds nothing."""
    lists = json.loads((shared / "data" / "codelists" / "xauslaender_subset.json").read_text(encoding="utf-8"))["lists"]
    either = ("§ 23 Abs. 1 ", "§ 24 ", "§ 25 Abs. 4 S. 1 ", "§ 25 Abs. 5 ")
    for code, name in lists[TITLES]["codes"].items():
        found = standing("1", title=code)
        humanitarian = re.match(r"§ (22|23|23a|24|25|25a|25b) ", name) is not None
        expected = Circle.UNKNOWN if name.startswith(either) else Circle.SGB2
        assert (found.circle, found.certain) == (expected, humanitarian and expected is Circle.SGB2), name


# The rows of the KGSt: who is in which phase, and the body that pays then.
KGST = [
    ("Asylsuchender", "7", Phase.UNKNOWN, Circle.UNKNOWN, {(Body.SOZIALAMT, False), (Body.JOBCENTER, False)}),
    ("Asylbewerber (Aufenthaltsgestattung)", "4", Phase.ASYLUM_APPLICANT, Circle.ASYLBLG, {(Body.SOZIALAMT, True)}),
    ("Geduldeter", "3", Phase.TOLERATED, Circle.ASYLBLG, {(Body.SOZIALAMT, True)}),
    (
        "Asylberechtigter (Aufenthaltserlaubnis)",
        "1",
        Phase.RESIDENCE_TITLE,
        Circle.SGB2,
        {(Body.SOZIALAMT, False), (Body.JOBCENTER, False)},
    ),
]


@pytest.mark.parametrize(("code", "phase", "circle", "benefits"), [row[1:] for row in KGST], ids=[row[0] for row in KGST])
def test_each_phase_of_the_kgst_is_told_as_far_as_the_coarse_status_tells_it(code, phase, circle, benefits):
    """Who asks for asylum has no code of their own; that somebody was recognised is said by the title alone."""
    found = standing(code)
    assert (found.phase, found.circle) == (phase, circle)
    assert bodies(found, Task.BENEFITS) == benefits


@pytest.mark.parametrize("title", ["026", "027", "036"])
def test_who_was_recognised_is_certainly_the_jobcenters_once_the_title_is_told(title):
    found = standing("1", title=title)
    assert (found.phase, found.circle, found.certain) == (Phase.RESIDENCE_TITLE, Circle.SGB2, True)
    assert bodies(found, Task.BENEFITS) == {(Body.JOBCENTER, True)}
    assert bodies(found, Task.WORK_PLACEMENT) == {(Body.JOBCENTER, True)}


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
        ({"status": {"code": "3"}, "fictional_effect": LASTING}, False),
        ({"status": {"code": "3", "until": "2026-03-01"}, "fictional_effect": LASTING}, False),
        ({"status": {"code": "4"}, "fictional_effect": LASTING}, False),
    ],
)
def test_what_has_ended_or_is_still_to_begin_is_not_certain(record, certain):
    """Unless an application in time keeps the title as it was (§ 81(4) AufenthG), which a Duldung or a Gestattung is not."""
    (told,) = standings({"residence": record})
    shown = as_of(told, {"residence": record}, TODAY)
    assert shown.certain is certain
    assert (shown.circle, shown.phase) == (told.circle, told.phase)
    assert certain or not any(line.certain for line in shown.responsible)


def azr(name, code):
    return {"list": TITLES.replace("aufenthaltserlaubnis", name), "version": "6", "code": code}


@pytest.mark.parametrize(
    ("code", "title", "certain"),
    [
        ("2", azr("niederlassungserlaubnis", "24"), True),
        ("2", azr("aufenthaltserlaubnis", "027"), False),
        ("2", azr("artderduldung", "58"), False),
        ("3", azr("artderduldung", "58"), True),
        ("3", azr("artderduldung", "59"), False),  # one that was withdrawn
        ("3", azr("aufenthaltserlaubnis", "027"), False),
        ("4", azr("aufenthaltsgestattung", "01"), True),
        ("4", azr("aufenthaltsgestattung", "02"), False),  # one that has ended
        ("4", azr("aufenthaltserlaubnis", "027"), False),
        ("2", azr("aufenthaltsstatus", "22"), True),
        ("2", azr("aufenthaltsstatus", "15"), False),  # the title has ended
        ("3", azr("aufenthaltsstatus", "19"), False),  # a Fiktionsbescheinigung, of which effect nobody said
        ("4", azr("aufenthaltsstatus", "19"), False),
    ],
)
def test_where_status_and_title_speak_of_different_things_nothing_is_certain(code, title, certain):
    record = {"residence": {"status": {"code": code}, "title": title}}
    (told,) = standings(record)
    shown = as_of(told, record, TODAY)
    assert shown.certain is certain
    assert shown.circle is told.circle
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
