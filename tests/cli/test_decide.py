"""`imgate decide`: past decisions read well in a terminal and as JSON, and name nobody."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imgate.bootstrap import open_gateway, record_start
from imgate.cli.decide import compared, explained
from imgate.exchange.past.comparison import Changed, Compared, Summary
from imgate.exchange.past.explanation import Rules
from imgate.exchange.past.recorded import Limit
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import Direction
from tests.exchange.conftest import CLIENT, CONFIG, REFERENCE, World
from tests.exchange.told import BOTH

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "what-if.md"
NARROWED = CONFIG.replace('purpose = "labour_market_integration"', 'ceiling = ["residence.status"]', 1)


@pytest.fixture
def decided(imgate):
    """One exchange of which one scope was released and one withheld, and one of which nothing was. Gives the ids."""
    imgate.configure(CONFIG)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        record_start(gateway, "serve")
        world = World(gateway)
        world.link()
        nothing = world.send(BOTH)["id"]
        world.later(days=1)
        world.declare("language.level")
        return world.send(BOTH)["id"], nothing


def lines(done):
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_an_unknown_exchange_is_one_sentence(imgate, decided):
    for arguments in ((NIL_UUID,), (NIL_UUID, "--json"), ("K-2026-1101",)):
        done = imgate("decide", "explain", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"There is no exchange {arguments[0]}.\n"


@pytest.mark.parametrize(
    "arguments", [("explain",), ("compare",), ("compare", "--since", "yesterday"), ("compare", "--since", "2026-02-30")]
)
def test_what_is_asked_for_wrongly_is_a_mistake_in_usage(imgate, decided, arguments):
    done = imgate("decide", *arguments)
    assert (done.returncode, done.stdout) == (2, "")


def test_an_explanation_says_what_is_on_record_and_each_premise(imgate, decided):
    exchange, _ = decided
    said = lines(imgate("decide", "explain", exchange))
    assert said[0] == f"Exchange {exchange}: to_partner jobcenter-rems-murr, labour_market_integration; queued."
    assert "  2026-03-03T09:00:00Z  1 released under " in "\n".join(said)
    answers = [line.split() for line in said if line.startswith(("language.level ", "residence.status "))]
    assert ["language.level", "released", "permitted"] in [line[:3] for line in answers]
    assert ["residence.status", "scope_not_covered", "scope_not_covered"] in [line[:3] for line in answers]
    assert [line.split()[:4] for line in said if "covers the scope" in line] == [
        ["covers", "the", "scope", "yes"],
        ["covers", "the", "scope", "NO"],
    ]
    assert not any(line.endswith(" ") for line in said)


def test_an_explanation_names_what_makes_the_difference(imgate, decided):
    """Today the ceiling of the partner is narrower."""
    imgate.configure(NARROWED)
    said = lines(imgate("decide", "explain", decided[0]))
    at = said.index("What makes the difference")
    assert said[at + 1 : at + 3] == [
        "  language.level: [1] permitted, [2] beyond_partner_ceiling",
        "    is within this partner's ceiling: NO (to partner)",
    ]


def test_an_explanation_as_json_holds_every_premise(imgate, decided):
    exchange, nothing = decided
    told = json.loads(lines(imgate("decide", "explain", exchange, "--json"))[0])
    assert (told["exchange"], told["client"], told["catalogue"]) == (exchange, "kept", {"then": 1, "now": 1})
    assert [(asking["rules"], asking.get("decision")) for asking in told["askings"]] == [
        ("of_then", 0),
        ("of_today", 0),
        ("of_today", None),
    ]
    (level,) = [scope for scope in told["askings"][0]["scopes"] if scope["scope"] == "language.level"]
    assert (level["decision"], level["declarations"]) == ("permit", told["recorded"][0]["declarations"])
    assert [premise["premise"] for premise in level["premises"] + level["under"][0]["premises"]] == [
        reason.value for reason in [*list(Reason)[:3], *list(Reason)[4:16]]
    ]
    without = json.loads(lines(imgate("decide", "explain", nothing, "--json"))[0])
    assert {scope["reason"] for scope in without["askings"][0]["scopes"]} == {"not_signed"}


def test_an_empty_comparison_says_so(imgate, decided):
    said = lines(imgate("decide", "compare", "--since", "2026-03-01"))
    assert said[1:] == ["Would flow now, and did not: nothing", "Did flow, and would not now: nothing"]
    assert said[0].startswith("2 decisions since 2026-03-01 asked again")
    assert lines(imgate("decide", "compare", "--since", "2026-03-03"))[0].startswith("1 decision since")
    assert lines(imgate("decide", "compare", "--since", "2099-01-01"))[0].startswith("0 decisions since")


def test_a_comparison_lists_what_would_be_decided_otherwise(imgate, decided):
    imgate.configure(NARROWED)
    first, *summary = lines(imgate("decide", "compare", "--since", "2026-03-01"))
    assert first == (
        f"2026-03-03T09:00:00.000Z  {decided[0]}  to_partner  jobcenter-rems-murr  "
        "language.level: did flow, and would not now: beyond_partner_ceiling"
    )
    assert summary[-1] == "Did flow, and would not now: 1 scope (withheld now: beyond_partner_ceiling 1)"


def test_a_comparison_as_json_is_a_line_for_each_scope_and_a_summary(imgate, decided):
    imgate.configure(NARROWED)
    change, summary = map(json.loads, lines(imgate("decide", "compare", "--since", "2026-03-01", "--json")))
    assert change.pop("entry")
    assert change == {
        "exchange": decided[0],
        "at": "2026-03-03T09:00:00.000Z",
        "partner": "jobcenter-rems-murr",
        "direction": "to_partner",
        "change": "would_not_flow",
        "scope": "language.level",
        "then": "released",
        "now": "beyond_partner_ceiling",
    }
    assert summary["summary"] | {"version": ""} == {
        "version": "",
        "catalogue": 1,
        "decisions": 2,
        "asked_again": 2,
        "would_flow": {},
        "would_not_flow": {"beyond_partner_ceiling": 1},
        "not_asked_again": {},
    }


def test_strict_refuses_differences_and_nothing_else(imgate, decided):
    assert imgate("decide", "compare", "--since", "2026-03-01", "--strict").returncode == 0
    imgate.configure(NARROWED)
    assert imgate("decide", "compare", "--since", "2026-03-01").returncode == 0
    done = imgate("decide", "compare", "--since", "2026-03-01", "--strict")
    assert (done.returncode, done.stderr) == (1, "Today it would be decided otherwise.\n")
    assert done.stdout.endswith("beyond_partner_ceiling 1)\n")


def test_neither_command_names_anybody(imgate, decided):
    said = "".join(
        done.stdout + done.stderr
        for more in ((), ("--json",))
        for done in (imgate("decide", "explain", decided[0], *more), imgate("decide", "compare", "--since", "2026-03-01", *more))
    )
    assert not [word for word in (CLIENT, REFERENCE, "Vera", "Pflegefachkraft", "2024-05-02", "B1") if word in said]


def test_everything_that_can_be_said_has_words():
    """A premise, a fact or a limit without words would be an error where somebody needs an answer."""
    assert explained._PREMISES.keys() == set(Reason) - {Reason.ADDRESS_BLOCKED, Reason.NOTHING_LEFT, Reason.OVERTAKEN}
    assert compared._WHY.keys() == set(Limit)


@pytest.mark.parametrize(("assumed", "end"), [(False, ""), (True, ", if it is the client's own word: its origin is not on record")])
def test_what_would_flow_names_the_reason_of_then_and_the_declaration(assumed, end):
    changed = Changed("language.level", "scope_closed", "released", "D", assumed_own_word=assumed)
    (line,) = compared.lines_of(Compared("e", "x", NOON, "abh", Direction.TO_PARTNER, (changed,)))
    said = f"language.level: did not flow (scope_closed), and would now under D{end}"
    assert line == f"2026-03-02T12:00:00.000Z  x  to_partner  abh  {said}"


def test_every_limit_is_counted_in_the_summary():
    summary = Summary()
    for limit in Limit:
        summary.take(Compared("e", limits=((None, limit),)))
    said = [*compared.summary_lines(summary, "2026-03-01", 1)]
    assert said[-len(Limit) - 1] == "Not asked again:"
    assert all(line.startswith("  1 × ") for line in said[-len(Limit) :])


def test_the_page_names_both_commands_every_limit_and_the_rules():
    page = PAGE.read_text(encoding="utf-8")
    words = [*Limit, *Rules, "--strict", "--json"]
    assert not [word for word in words if f"`{word}`" not in page]
    assert "imgate decide explain EXCHANGE" in page
    assert "imgate decide compare --since" in page
