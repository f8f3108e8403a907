"""What a record by itself gives to think of: dates that run out, employers that already declined; and nothing where nothing is."""

from datetime import date

import pytest

from imgate.exchange.record_hints import of_record

TODAY = date(2026, 3, 2)
TITLES = "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"
ENDING = [
    ("status", "until", {"code": "4"}),
    ("title", "valid_until", {"list": "urn:de:xauslaender:codelist:azr:artderduldung", "version": "6", "code": "58"}),
    ("fictional_effect", "until", {"kind": "continued_validity"}),
    ("work_permission", "until", {"code": "03"}),
    ("domicile_restriction", "until", {"code": "03"}),
]


def ending(item, leaf, value, day):
    return {"residence": {item: value | {leaf: day}}}


@pytest.mark.parametrize(("item", "leaf", "value"), ENDING)
def test_a_last_day_within_the_term_is_told(item, leaf, value):
    hint = {"code": "runs_out", "scope": f"residence.{item}", "on": "2026-05-31"}
    assert of_record(ending(item, leaf, value, "2026-05-31"), TODAY, 90) == [hint]


@pytest.mark.parametrize(("item", "leaf", "value"), ENDING)
def test_a_later_one_and_one_that_nobody_knows_is_not(item, leaf, value):
    assert of_record(ending(item, leaf, value, "2026-06-01"), TODAY, 90) == []
    assert of_record(ending(item, leaf, value, None), TODAY, 90) == []
    assert of_record({"residence": {item: value}}, TODAY, 90) == []


@pytest.mark.parametrize(("item", "leaf", "value"), ENDING)
def test_one_that_has_passed_is_told_as_passed_however_long_ago(item, leaf, value):
    hint = {"code": "runs_out", "scope": f"residence.{item}", "on": "2019-12-31", "passed": True}
    assert of_record(ending(item, leaf, value, "2019-12-31"), TODAY, 90) == [hint]


def test_the_last_day_itself_has_not_passed():
    assert of_record(ending("status", "until", {"code": "4"}, "2026-03-02"), TODAY, 0) == [
        {"code": "runs_out", "scope": "residence.status", "on": "2026-03-02"}
    ]
    assert of_record(ending("status", "until", {"code": "4"}, "2026-03-03"), TODAY, 0) == []


@pytest.mark.parametrize(
    ("item", "leaf", "value"),
    [
        ("status", "until", {"code": "1"}),
        ("status", "until", {"code": "5"}),
        ("title", "valid_until", {"list": TITLES, "version": "17", "code": "027"}),
    ],
)
def test_a_title_with_a_term_says_until_when_to_apply(item, leaf, value):
    (hint,) = of_record(ending(item, leaf, value, "2026-03-31"), TODAY, 90)
    assert hint["apply_by"] == "2026-03-31"
    (passed,) = of_record(ending(item, leaf, value, "2026-03-01"), TODAY, 90)
    assert "apply_by" not in passed


APPLIED = {"kind": "continued_validity"}


@pytest.mark.parametrize("day", ["2026-03-31", "2026-02-27"])
@pytest.mark.parametrize("effect", [APPLIED, APPLIED | {"until": None}, APPLIED | {"until": "2026-12-31"}])
def test_a_title_that_an_application_keeps_does_not_end_on_its_own_last_day(day, effect):
    title = {"list": TITLES, "version": "17", "code": "027", "valid_until": day}
    record = {"residence": {"status": {"code": "1", "until": day}, "title": title, "fictional_effect": effect}}
    assert of_record(record, TODAY, 90) == []


def test_of_a_title_that_an_application_keeps_the_last_day_of_the_effect_is_told():
    effect = APPLIED | {"until": "2026-03-31"}
    assert of_record({"residence": {"status": {"code": "1", "until": "2026-02-27"}, "fictional_effect": effect}}, TODAY, 90) == [
        {"code": "runs_out", "scope": "residence.fictional_effect", "on": "2026-03-31"}
    ]


@pytest.mark.parametrize(
    ("code", "effect"), [("1", APPLIED | {"until": "2026-03-01"}), ("1", {"kind": "tolerated_stay"}), ("3", APPLIED), ("4", APPLIED)]
)
def test_an_effect_that_has_ended_or_keeps_no_title_hides_nothing(code, effect):
    hints = of_record({"residence": {"status": {"code": code, "until": "2026-02-27"}, "fictional_effect": effect}}, TODAY, 90)
    assert {"code": "runs_out", "scope": "residence.status", "on": "2026-02-27", "passed": True} in hints


def test_a_transitional_title_is_not_extended_and_promises_nothing():
    """§ 104c AufenthG, also where the coarse status stands beside it."""
    chance = {"list": TITLES, "version": "17", "code": "488", "valid_until": "2026-03-31"}
    hints = of_record({"residence": {"status": {"code": "1", "until": "2026-03-31"}, "title": chance}}, TODAY, 90)
    assert [hint["code"] for hint in hints] == ["runs_out", "runs_out", "code_runs_out"]
    assert not any("apply_by" in hint for hint in hints)


@pytest.mark.parametrize("code", ["2", "3", "4", "6", "7"])
def test_what_is_not_a_title_with_a_term_promises_nothing(code):
    (hint,) = of_record(ending("status", "until", {"code": code}, "2026-03-31"), TODAY, 90)
    assert "apply_by" not in hint


def work(proposals, declined):
    job_search = {"occupations": ["Pflege"], "declined_employers": [{"name": name, "declined_by": "employer"} for name in declined]}
    return {"work": {"job_search": job_search, "proposals": [{"employer": employer} for employer in proposals]}}


@pytest.mark.parametrize(
    ("proposed", "declined"),
    [
        ("Bäckerei Müller GmbH", "Baeckerei Mueller GmbH"),
        ("BÄCKEREI  MÜLLER", "Bäckerei Müller"),
        ("Café L'Été", "Cafe LÉte"),
    ],
)
def test_an_employer_is_found_in_another_spelling(proposed, declined):
    record = work(["Andere", proposed, "Dritte", proposed], [declined])
    assert of_record(record, TODAY, 90) == [{"code": "employer_already_declined", "proposals": [1, 3]}]


@pytest.mark.parametrize(
    "record",
    [
        work(["Bäckerei Müller"], ["Bäckerei Müller und Sohn"]),
        work(["Bäckerei Müller"], []),
        work([], ["Bäckerei Müller"]),
        work(["..."], ["---"]),
        {"work": {"proposals": [{"employer": "Bäckerei Müller"}]}},
        {"work": {"job_search": {"occupations": [], "declined_employers": None}, "proposals": [{"employer": "Bäckerei Müller"}]}},
        {"work": {"job_search": {"occupations": []}}},
        {},
    ],
)
def test_nothing_is_said_where_no_name_is_the_same(record):
    assert of_record(record, TODAY, 90) == []


def title(code, version="17"):
    return {"residence": {"title": {"list": TITLES, "version": version, "code": code}}}


def test_a_code_that_its_list_takes_for_a_time_only_is_told():
    (hint,) = of_record(title("488"), TODAY, 90)
    assert hint | {"on": ""} in (
        {"code": "code_runs_out", "scope": "residence.title", "on": "", **passed} for passed in ({}, {"passed": True})
    )


def test_what_an_imported_list_says_counts():
    def last_day(uri, version, code):
        return "2026-03-01" if (uri, version, code) == (TITLES, "17", "027") else None

    assert of_record(title("027"), TODAY, 90, last_day) == [
        {"code": "code_runs_out", "scope": "residence.title", "on": "2026-03-01", "passed": True}
    ]
    assert of_record(title("026"), TODAY, 90, last_day) == []


def test_of_a_version_that_nobody_knows_nothing_is_told():
    assert of_record(title("488", version="99"), TODAY, 90) == []
