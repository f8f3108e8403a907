"""The case system is told that the legal circle changed: as long as an item can be fetched, from what was permitted, and nobody else."""

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange import boxes
from imgate.settings import load_settings
from tests.exchange.conftest import ABH, CLIENT, CONFIG, JOBCENTER, World, message

SOZIALAMT = "sozialamt-rems-murr"
SCOPES = ("residence.status", "residence.title", "residence.work_permission")
TITLE = {"list": "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis", "version": "17", "code": "027"}
WITH_BODY = (
    CONFIG
    + f"""
[partners.{SOZIALAMT}]
adapter = "jobcenter"
name = "Sozialamt Rems-Murr"
body = "sozialamt"
"""
)


@pytest.fixture
def world(tmp_path):
    config = tmp_path / "imgate.toml"
    config.write_text(WITH_BODY, encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        world = World(gateway)
        world.link("ABH-4711", partner=ABH)
        world.declaration = world.declare(*SCOPES, partner=ABH, direction="from_partner")
        yield world


def send(world, *, title=None, **status):
    items = {"status": status} | ({} if title is None else {"title": title})
    world.post(message(ABH, "ABH-4711", {"residence": items}), partner=ABH)
    world.work()


def acknowledge(world):
    for item in world.inbox():
        boxes.inbox_ack(world.corridor, world.call(), item["id"])


def circle(item):
    found = [hint for hint in item.get("hints", ()) if hint["code"] in ("legal_circle_changed", "phase_changed")]
    assert len(found) <= 1
    return found[0] if found else None


def told(world):
    """Give the hint of the one item that waits."""
    (item,) = world.inbox()
    return circle(item)


def of_body(hint, body):
    return [line for line in hint["responsible"] if line["body"] == body and line["task"] == "benefits"]


def test_the_first_status_is_told_without_a_previous_circle(world):
    send(world, code="4")
    hint = told(world)
    assert hint["code"] == "legal_circle_changed"
    assert (hint["scope"], hint["circle"], hint["phase"], hint["certain"]) == ("residence.status", "asylblg", "asylum_applicant", True)
    assert "previous" not in hint
    assert of_body(hint, "sozialamt") == [
        {
            "body": "sozialamt",
            "task": "benefits",
            "source": "§ 1 Abs. 1 Nr. 1, § 10 AsylbLG",
            "certain": True,
            "partners": [{"partner": SOZIALAMT, "covered": False}],
        }
    ]


def test_recognition_is_told_with_the_circle_before_and_that_no_declaration_covers_the_jobcenter(world):
    send(world, code="4")
    acknowledge(world)
    send(world, code="1", title=TITLE)
    hint = told(world)
    assert (hint["code"], hint["circle"], hint["certain"]) == ("legal_circle_changed", "sgb2", True)
    assert hint["previous"] == {"circle": "asylblg", "phase": "asylum_applicant"}
    (line,) = of_body(hint, "jobcenter")
    assert line["partners"] == [{"partner": JOBCENTER, "covered": False}]


def test_a_body_that_no_partner_is_has_an_empty_list(world):
    send(world, code="4")
    agentur = [line for line in told(world)["responsible"] if line["body"] == "agentur_fuer_arbeit"]
    assert [line["partners"] for line in agentur] == [[]]


def test_a_hint_stands_in_the_item_until_it_is_acknowledged(world):
    send(world, code="4")
    first = told(world)
    assert first is not None
    assert told(world) == first
    acknowledge(world)
    send(world, code="4")
    assert told(world) is None


def test_a_further_item_that_says_the_same_is_told_the_same_while_none_is_acknowledged(world):
    send(world, code="4")
    send(world, code="4")
    assert [circle(item)["circle"] for item in world.inbox()] == ["asylblg", "asylblg"]


def test_from_one_phase_to_another_of_the_same_circle_is_told_as_that(world):
    send(world, code="4")
    acknowledge(world)
    send(world, code="3")
    hint = told(world)
    assert (hint["code"], hint["circle"], hint["phase"]) == ("phase_changed", "asylblg", "tolerated")
    assert hint["previous"]["phase"] == "asylum_applicant"


def test_the_same_circle_and_phase_by_another_status_is_no_news(world):
    send(world, code="1")
    acknowledge(world)
    send(world, code="2")
    assert told(world) is None


def test_into_the_unknown_is_told_and_not_guessed(world):
    send(world, code="4")
    acknowledge(world)
    send(world, code="7")
    hint = told(world)
    assert (hint["circle"], hint["phase"], hint["certain"]) == ("unknown", "unknown", False)


def test_an_older_item_that_is_fetched_later_is_no_news(world):
    send(world, code="4")
    world.later(days=1)
    send(world, code="1")
    older, newer = world.inbox()
    boxes.inbox_ack(world.corridor, world.call(), newer["id"])
    assert told(world) is None
    boxes.inbox_ack(world.corridor, world.call(), older["id"])
    world.later(days=1)
    send(world, code="1")
    assert told(world) is None


def test_coverage_is_that_of_the_day_of_the_handing_out(world):
    send(world, code="2")
    assert of_body(told(world), "jobcenter")[0]["partners"] == [{"partner": JOBCENTER, "covered": False}]
    world.link()
    declaration = world.declare("language.level")
    assert of_body(told(world), "jobcenter")[0]["partners"] == [{"partner": JOBCENTER, "covered": True}]
    world.revoke(declaration)
    assert of_body(told(world), "jobcenter")[0]["partners"] == [{"partner": JOBCENTER, "covered": False}]


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "from_partner"},
        {"signed": False},
        {"valid_from": "2026-04-01"},
        {"valid_until": "2026-02-28"},
        {"clauses": ["confidentiality_release"]},
        {"kind": "oral_record"},
        {"partner": SOZIALAMT},
    ],
)
def test_a_declaration_under_which_nothing_may_pass_to_it_covers_nobody(world, changes):
    world.declare("language.level", **changes)
    send(world, code="2")
    assert of_body(told(world), "jobcenter")[0]["partners"] == [{"partner": JOBCENTER, "covered": False}]


def test_nothing_is_told_where_the_status_may_not_pass(world):
    world.revoke(world.declaration, ["residence.status"])
    send(world, code="4", title=TITLE)
    (item,) = world.inbox()
    assert "status" not in item["record"]["residence"]
    assert "hints" not in item


def test_a_status_that_was_revoked_in_between_is_told_no_more(world):
    send(world, code="4", title=TITLE)
    assert told(world) is not None
    world.revoke(world.declaration, ["residence.status"])
    (item,) = world.inbox()
    assert "hints" not in item
    acknowledge(world)
    world.declare("residence.status", partner=ABH, direction="from_partner")
    send(world, code="4")
    assert "previous" not in told(world)


def test_a_title_that_may_not_pass_makes_nothing_certain(world):
    world.revoke(world.declaration, ["residence.title"])
    send(world, code="1", title=TITLE)
    assert told(world)["certain"] is False


@pytest.mark.parametrize("title", [TITLE, TITLE | {"code": "025"}])
def test_taking_back_the_title_is_no_change_of_the_circle_and_tells_nothing_of_it(world, title):
    send(world, code="1", title=title)
    acknowledge(world)
    world.revoke(world.declaration, ["residence.title"])
    send(world, code="1", title=title)
    assert told(world) is None


def test_the_same_title_again_is_no_news_and_another_one_is(world):
    send(world, code="1", title=TITLE)
    acknowledge(world)
    send(world, code="1", title=TITLE)
    assert told(world) is None
    acknowledge(world)
    send(world, code="1", title=TITLE | {"code": "025"})
    assert told(world)["previous"] == {"circle": "sgb2", "phase": "residence_title"}


def test_the_item_that_was_taken_last_counts_and_not_an_older_one_that_said_more(world):
    send(world, code="1", title=TITLE)
    acknowledge(world)
    send(world, code="3")
    acknowledge(world)
    send(world, code="1", title=TITLE)
    assert told(world)["previous"] == {"circle": "asylblg", "phase": "tolerated"}


def test_a_status_that_has_ended_says_nothing_for_certain(world):
    send(world, code="3", until="2026-03-02")
    assert told(world)["certain"] is True
    world.later(days=1)
    hint = told(world)
    assert (hint["circle"], hint["certain"], {line["certain"] for line in hint["responsible"]}) == ("asylblg", False, {False})


def test_another_link_forgets_what_was_taken_under_the_first(world):
    send(world, code="4")
    acknowledge(world)
    world.link("ABH-4712", partner=ABH)
    world.post(message(ABH, "ABH-4712", {"residence": {"status": {"code": "4"}}}), partner=ABH)
    world.work()
    assert "previous" not in told(world)


def test_what_one_client_was_told_says_nothing_about_another(world):
    send(world, code="4")
    acknowledge(world)
    world.link("ABH-9999", client="K-2026-0002", partner=ABH)
    world.declare(*SCOPES, client="K-2026-0002", partner=ABH, direction="from_partner")
    world.post(message(ABH, "ABH-9999", {"residence": {"status": {"code": "1"}}}), partner=ABH)
    world.work()
    assert "previous" not in told(world)


def test_the_jobcenter_saying_who_pays_is_told_as_well(world):
    world.link()
    world.declare("benefits.regime")
    world.post(message(JOBCENTER, "355A000815", {"benefits": {"regime": {"code": "sgb2"}}}))
    world.work()
    hint = told(world)
    assert (hint["scope"], hint["circle"], hint["certain"]) == ("benefits.regime", "sgb2", True)
    assert of_body(hint, "jobcenter")[0]["partners"] == [{"partner": JOBCENTER, "covered": True}]


def test_no_value_is_kept_of_what_was_told(world):
    send(world, code="4")
    acknowledge(world)
    with world.gateway.store.reading() as tx:
        client = tx.clients.find(CLIENT)
        (kept,) = tx.known.of(client.digest, ABH, "legal_circle").values()
        logged = b"".join(entry.content.encode() if isinstance(entry.content, str) else entry.content for entry in tx.audit_log.entries())
    assert "asyl" not in kept.digest
    assert b"asylblg" not in logged
    assert b"legal_circle" not in logged


def test_an_acknowledgement_that_is_repeated_changes_nothing(world):
    send(world, code="4")
    (item,) = world.inbox()
    for _ in range(2):
        boxes.inbox_ack(world.corridor, world.call(), item["id"])
    send(world, code="3")
    assert told(world)["previous"] == {"circle": "asylblg", "phase": "asylum_applicant"}


def test_a_date_that_runs_out_is_told_with_the_item(world):
    send(world, code="1", until="2026-04-30")
    (item,) = world.inbox()
    assert {"code": "runs_out", "scope": "residence.status", "on": "2026-04-30", "apply_by": "2026-04-30"} in item["hints"]
    world.later(days=60)
    (item,) = world.inbox()
    assert {"code": "runs_out", "scope": "residence.status", "on": "2026-04-30", "passed": True} in item["hints"]
