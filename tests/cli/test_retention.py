"""How long things are kept, as the command line says and does it; a dry run says exactly what goes."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.bootstrap.retention import standing_now, sweep_all
from imgate.exchange.ports import Look
from imgate.exchange.stored import Cursor
from imgate.settings import load_settings
from imgate.vocabulary.words import Door, Kept
from tests.exchange.conftest import CONFIG, JOBCENTER, REFERENCE, World, message

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
CONTACT = {"contact_persons": {"jobcenter": {"unit": "Jobcenter Rems-Murr", "channels": []}}}


@pytest.fixture
def old(imgate):
    """A gateway that something has lain in for eleven years."""
    imgate.configure(CONFIG)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        world.now = datetime.now(UTC) - timedelta(days=11 * 366)
        world.link()
        world.declare("language.level", "contact_persons.jobcenter", valid_from="2010-01-01", valid_until="2012-12-31")
        world.declare("language.level", "contact_persons.jobcenter", valid_from="2014-01-01", valid_until="2016-12-31")
        world.send(RECORD)
        world.post(message(JOBCENTER, REFERENCE, CONTACT))
        world.post(message(JOBCENTER, "NOBODY-1", CONTACT))
        world.work()
        with gateway.store.transaction() as tx:
            tx.looks.add(Look(world.now + timedelta(days=day), "x", Door.API, "GET /v1/inbox") for day in range(3))
    return imgate


def told(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_sweep_takes_exactly_what_the_dry_run_said(old):
    said = told(old("retention", "sweep", "--dry-run"))
    again = told(old("retention", "sweep", "--dry-run"))
    went = told(old("retention", "sweep"))
    assert said == again
    assert [(one["kind"], one.get("oldest"), one["would_go"]) for one in said] == [
        (one["kind"], one.get("oldest"), one["went"]) for one in went
    ]
    counts = {one["kind"]: one["went"] for one in went}
    assert {kind: count for kind, count in counts.items() if count} == {"access_log": 3, "references": 1, "intake": 1, "messages": 2}
    assert {one["kind"] for one in said} == set(Kept)
    assert all("oldest" in one for one in said if one["would_go"])


def test_nobody_is_named(old):
    for arguments in (("show",), ("sweep", "--dry-run"), ("sweep",)):
        done = old("retention", *arguments)
        assert "K-2026" not in done.stdout + done.stderr
        assert REFERENCE not in done.stdout + done.stderr


def test_what_waited_lets_go_of_the_rest_at_the_next_sweep(old):
    """The messages go last: what they held is due from then on, and not before somebody could have known."""
    old("retention", "sweep")
    said = {one["kind"]: one["would_go"] for one in told(old("retention", "sweep", "--dry-run"))}
    assert {kind: count for kind, count in said.items() if count} == {"intake": 1}
    assert {one["kind"]: one["went"] for one in told(old("retention", "sweep"))}["intake"] == 1


def test_each_kind_is_shown_with_its_term_and_what_is_due(old):
    shown = old("retention", "show").stdout.splitlines()
    assert [line.split()[0] for line in shown[1:]] == list(Kept)
    assert next(line for line in shown if line.startswith("access_log")).split()[1:4] == ["184", "days", "3"]


def test_the_terms_are_those_of_the_configuration(old):
    old.configure(CONFIG + "\n[retention]\naccess_log_days = 3650\nintake_days = 0\nmessage_days = 3650\nhistory_years = 0\n")
    shown = {line.split()[0]: line for line in old("retention", "show").stdout.splitlines()}
    assert "3650 days" in shown["access_log"]
    assert "kept" in shown["intake"]
    assert "kept" in shown["history"]
    assert {one["kind"] for one in told(old("retention", "sweep", "--dry-run")) if one["would_go"]} == {
        "references",
        "access_log",
        "messages",
    }


def test_what_the_operator_swept_is_on_the_audit_log(old):
    old("retention", "sweep")
    with open_gateway(load_settings(old.folder / "imgate.toml"), make_keys=False) as gateway:
        with gateway.store.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT entry FROM audit_log ORDER BY position").scalars().all()
        swept = [json.loads(row) for row in rows if b"retention_swept" in row]
    assert [(one["actor"], one["fields"]) for one in swept] == [
        ("operator", {"references": 1, "intake": 1, "access_log": 3}),
        ("operator", {"messages": 2}),
    ]


def test_all_kinds_at_all_times(tmp_path):
    """What would go is what goes, messages too, at whatever moment somebody asks."""
    (tmp_path / "imgate.toml").write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(tmp_path / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        begin = world.now
        for number in range(4):
            client, reference = f"K-{number}", f"355A{number}"
            world.now = begin + timedelta(days=50 * number)
            world.link(reference, client=client)
            world.declare("language.level", "contact_persons.jobcenter", client=client)
            world.send(RECORD, client=client)
            world.post(message(JOBCENTER, reference, CONTACT))
            world.work()
        ticking = _Ticking(gateway, world)
        for days in (29, 179, 180, 181, 260, 331, 500, 1095, 1400, 3651, 3652, 3800):
            world.now = begin + timedelta(days=days, seconds=1)
            said = {kind.rule.kind: kind.count for kind in standing_now(ticking) if kind.count}
            assert said == sweep_all(ticking, "worker")
        with gateway.store.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == 0


class _Ticking:
    """A gateway on the clock of its world."""

    def __init__(self, gateway, world):
        self.settings, self.terms, self.store, self.corridor = gateway.settings, gateway.terms, gateway.store, world.corridor


def test_the_terms_that_are_kept_for_good_are_named_in_the_environment_too(old, monkeypatch):
    monkeypatch.setitem(old.environment, "IMGATE_RETENTION__HISTORY_YEARS", "0")
    assert "IMGATE_RETENTION__HISTORY_YEARS" not in os.environ
    shown = {line.split()[0]: line for line in old("retention", "show").stdout.splitlines()}
    assert "kept" in shown["history"]


def test_looks_of_the_operator_are_not_made_by_sweeping(old):
    old("retention", "sweep")
    with open_gateway(load_settings(old.folder / "imgate.toml"), make_keys=False) as gateway, gateway.store.reading() as tx:
        assert tx.looks.page(Cursor()).items == ()
