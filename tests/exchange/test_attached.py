"""Attached: what a partner's message proves narrows what is taken of it; whatever is wrong with it is said, and stops nothing else."""

import base64
import dataclasses
import json

import pytest
import rfc8785

from imgate.exchange.attached import FILE_MAX
from imgate.vocabulary.words import AttachmentKind
from tests.exchange.bundling import SENDER, STRANGER, US, bundle
from tests.exchange.conftest import CLIENT, CONTACT, JOBCENTER, PROPOSAL, message

BOTH = CONTACT | PROPOSAL
SCOPES = ("contact_persons.jobcenter", "work.proposals")
NAME = "declaration-01a2018e-c63b-7f55-a100-2c7cca54b135.json"


def asking(world, *, keys=(SENDER,), required=True, units=None):
    """Have this partner's messages take attachments, and be proved."""
    partners = dict(world.corridor.partners)
    adapter = partners[JOBCENTER].adapter
    kinds = (AttachmentKind.DECLARATION_BUNDLE, AttachmentKind.CALENDAR)
    inbound = adapter.manifest.from_partner.model_copy(update={"attachments": kinds})
    adapter = dataclasses.replace(adapter, manifest=adapter.manifest.model_copy(update={"from_partner": inbound}))
    thumbprints = None if keys is None else frozenset(key.thumbprint() for key in keys)
    partners[JOBCENTER] = dataclasses.replace(partners[JOBCENTER], adapter=adapter, bundle_keys=thumbprints, requires_bundle=required)
    policy = world.corridor.policy if units is None else dataclasses.replace(world.corridor.policy, units=frozenset(units))
    world.corridor = dataclasses.replace(world.corridor, partners=partners, policy=policy)


def with_files(body, *files):
    """Put files into a message: bytes of bundles, or whole triples of kind, name and content."""
    told = [(one if isinstance(one, tuple) else ("declaration_bundle", NAME, one)) for one in files]
    written = "".join(
        f'<e:attachment kind="{kind}" name="{name}" mediaType="application/json">{base64.b64encode(content).decode()}</e:attachment>'
        for kind, name, content in told
    )
    return body.replace(b"</e:header>", written.encode() + b"</e:header>")


def arrived(world, record, code, *files, **more):
    """Let a message arrive under this handover code; give the intake's report."""
    receipt = world.post(with_files(message(JOBCENTER, code, record, **more), *files))
    world.work()
    report = world.report(receipt)
    assert report["outcome"] == "taken"  # whatever is wrong with it was no crash
    return report


def taken(report):
    return [scope for person in report["people"] for scope in person["taken"]]


def codes(report):
    return [problem["code"] for problem in report["problems"]]


def reasons(report):
    return {entry["scope"]: entry["reason"] for person in report["people"] for entry in person["withheld"]}


def checks(report, place=0):
    return {check["name"]: check["outcome"] for check in report["attachments"][place]["checks"]}


@pytest.fixture
def moved(world):
    """The new office: the client declared what may come in, and the code on the old office's copy is linked."""
    asking(world)
    world.declare(*SCOPES, direction="from_partner")
    return world


def linked(world, *scopes, **more):
    """Make a bundle of the old office, and link its handover code."""
    file, code = bundle(*scopes, **more)
    world.link(code)
    return file, code


def test_what_a_bundle_covers_is_taken_and_the_report_says_what_was_checked(moved):
    file, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, file)
    assert taken(report) == list(SCOPES)
    assert report["problems"] == []
    (shown,) = report["attachments"]
    assert shown["holds"] is True
    assert shown["scopes"] == list(SCOPES)
    assert (shown["kind"], shown["name"], shown["declaration_digest"]) == ("declaration_bundle", NAME, code)
    assert set(checks(report).values()) == {"passed", "not_checked"}
    assert checks(report)["evidence"] == "not_checked"  # only the digest came
    (item,) = moved.inbox()
    assert item["record"] == BOTH


def test_of_a_bundle_that_covers_less_only_that_is_taken(moved):
    file, code = linked(moved, "work.proposals")
    report = arrived(moved, BOTH, code, file)
    assert taken(report) == ["work.proposals"]
    assert reasons(report) == {"contact_persons.jobcenter": "bundle_does_not_cover"}
    assert codes(report) == ["bundle_does_not_cover"]
    (item,) = moved.inbox()
    assert item["record"] == PROPOSAL


def test_a_bundle_widens_nothing(world):
    asking(world)
    world.declare("work.proposals", direction="from_partner")
    file, code = linked(world, *SCOPES)
    report = arrived(world, BOTH, code, file)
    assert taken(report) == ["work.proposals"]
    assert reasons(report) == {"contact_persons.jobcenter": "scope_not_covered"}


def test_without_a_declaration_of_our_own_a_bundle_brings_nothing_in(world):
    asking(world)
    file, code = linked(world, *SCOPES)
    assert taken(arrived(world, BOTH, code, file)) == []
    assert world.inbox() == []


def test_without_a_bundle_nothing_is_taken(moved):
    _, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code)
    assert taken(report) == []
    assert codes(report) == ["bundle_missing"]
    assert set(reasons(report).values()) == {"bundle_missing"}
    assert "attachments" not in report
    assert moved.inbox() == []


def test_where_no_bundle_is_required_none_is_missing(moved):
    asking(moved, required=False)
    moved.link("355A000815")
    report = arrived(moved, BOTH, "355A000815")
    assert taken(report) == list(SCOPES)
    assert report["problems"] == []


def test_where_none_is_required_one_that_is_worth_nothing_is_reported_and_stops_nothing(moved):
    asking(moved, required=False)
    file, code = linked(moved, *SCOPES, pair=STRANGER)
    report = arrived(moved, BOTH, code, file)
    assert taken(report) == list(SCOPES)
    assert codes(report) == ["bundle_invalid"]
    assert report["attachments"][0]["holds"] is False


def test_without_keys_nobody_says_whose_bundle_it_is(moved):
    asking(moved, keys=None, required=False)
    file, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, file)
    assert (checks(report)["key"], report["attachments"][0]["holds"]) == ("not_checked", False)
    assert report["problems"] == []


def test_without_keys_nothing_is_taken_where_a_bundle_is_required(moved):
    asking(moved, keys=None)
    file, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, file)
    assert (taken(report), codes(report)) == ([], ["bundle_invalid"])


def _changed(file):
    return file.replace(b'"work.proposals"', b'"work.measures" ', 1)


def _rewritten(file):
    """Put another scope in, digest and all, and leave the old signature."""
    told = json.loads(file)
    told["declaration"]["content"]["scopes"] = list(SCOPES)
    return rfc8785.dumps(told)


BROKEN = {
    "of another key": lambda: bundle(*SCOPES, pair=STRANGER)[0],
    "changed": lambda: _changed(bundle(*SCOPES)[0]),
    "rewritten": lambda: _rewritten(bundle("work.proposals")[0]),
    "cut": lambda: bundle(*SCOPES)[0][:-40],
    "prolonged": lambda: bundle(*SCOPES)[0] + b"\n",
    "not JSON": lambda: b"%PDF-1.7 a scan of the declaration",
    "other JSON": lambda: b'{"scopes":["work.proposals"]}',
    "null": lambda: b"null",
    "a list": lambda: b"[1,2,3]",
    "deep": lambda: b"[" * 100_000,
    "not UTF-8": lambda: b"\xff\xfe{}",
    "unsigned": lambda: rfc8785.dumps(json.loads(bundle(*SCOPES)[0]) | {"signature": ""}),
    "under no algorithm": lambda: rfc8785.dumps(
        json.loads(bundle(*SCOPES)[0]) | {"signature": base64.urlsafe_b64encode(b'{"alg":"none"}').decode() + ".e30."}
    ),
    "never signed by the client": lambda: bundle(*SCOPES, signers_required=["client", "guardian"])[0],
    "of a state that it has not": lambda: bundle(*SCOPES, life={"state": "paused"})[0],
}


@pytest.mark.parametrize("flaw", BROKEN)
def test_a_bundle_that_does_not_hold_brings_nothing_in_and_is_no_crash(moved, flaw):
    moved.link("ab" * 32)
    report = arrived(moved, BOTH, "ab" * 32, BROKEN[flaw]())
    assert (taken(report), codes(report)) == ([], ["bundle_invalid"])
    (shown,) = report["attachments"]
    assert shown["holds"] is False
    assert "scopes" not in shown
    assert "declaration_digest" not in shown


@pytest.mark.parametrize("flaw", ["of another key", "changed", "rewritten"])
def test_nor_does_it_under_its_own_handover_code(moved, flaw):
    file = BROKEN[flaw]()
    code = json.loads(file)["declaration"]["digest"]
    moved.link(code)
    assert taken(arrived(moved, BOTH, code, file)) == []


REVOKED = {"revocations": [{"at": "2026-03-02T09:00:04.500000Z", "scope": "*"}], "state": "revoked"}
ELSEWHERE = {
    "recipient": {"recipient": "Jobcenter Rems-Murr, Team 412"},
    "clauses": {"clauses": ["confidentiality_release"]},
    "direction": {"direction": "from_partner"},
    "purpose": {"purposes": ["housing"]},
    "term": {"valid_from": "2026-03-03"},
}


@pytest.mark.parametrize("about", ELSEWHERE)
def test_a_bundle_about_something_else_holds_and_covers_nothing(moved, about):
    file, code = linked(moved, *SCOPES, **ELSEWHERE[about])
    report = arrived(moved, BOTH, code, file)
    assert (taken(report), codes(report)) == ([], ["bundle_does_not_cover"])
    assert [name for name, outcome in checks(report).items() if outcome == "failed"] == [about]
    assert (report["attachments"][0]["holds"], report["attachments"][0]["scopes"]) == (True, [])


@pytest.mark.parametrize(
    "content",
    [{"recipient": None}, {"recipient": [US]}, {"purposes": "labour_market_integration"}, {"direction": ["both"]}, {"valid_from": 5}],
)
def test_what_is_said_in_another_shape_is_not_said(moved, content):
    file, code = linked(moved, *SCOPES, **content)
    assert taken(arrived(moved, BOTH, code, file)) == []


def test_one_of_our_other_units_is_us_too(moved):
    asking(moved, units=["Integrationsmanagement Winnenden, Team Süd"])
    file, code = linked(moved, *SCOPES, recipient="Integrationsmanagement Winnenden, Team Süd")
    assert taken(arrived(moved, BOTH, code, file)) == list(SCOPES)


def test_the_purpose_that_the_message_names_is_the_one_that_has_to_be_declared(moved):
    file, code = linked(moved, *SCOPES)
    assert taken(arrived(moved, BOTH, code, file, purpose="housing")) == []


def test_what_had_expired_when_the_bundle_was_made_is_not_covered(moved):
    file, code = linked(moved, *SCOPES, valid_until="2026-03-01", life={"state": "expired"})
    assert taken(arrived(moved, BOTH, code, file)) == []


def test_what_has_expired_since_is_not_covered(moved):
    file, code = linked(moved, *SCOPES, valid_until="2026-03-02")
    moved.later(days=1)
    report = arrived(moved, BOTH, code, file)
    assert (taken(report), checks(report)["term"]) == ([], "failed")


@pytest.mark.parametrize("made_at", ["1970-01-01T00:00:00.000000Z", "2026-02-28T00:00:00.000000Z", "2026-03-04T10:00:00.000000Z"])
def test_a_bundle_from_before_what_it_tells_or_from_the_day_after_tomorrow_covers_nothing(moved, made_at):
    file, code = linked(moved, *SCOPES, made_at=made_at)
    assert taken(arrived(moved, BOTH, code, file)) == []


def test_another_clients_bundle_covers_nothing(moved):
    other, _ = bundle(*SCOPES, client="K-2026-9999", nonce="00000000000000000000000000000001")
    _, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, other)
    assert (taken(report), codes(report)) == ([], ["bundle_does_not_cover"])
    assert report["attachments"][0]["holds"] is True


def test_beside_the_clients_own_another_clients_bundle_adds_nothing(moved):
    other, _ = bundle(*SCOPES, client="K-2026-9999")
    own, code = linked(moved, "work.proposals")
    assert taken(arrived(moved, BOTH, code, own, other)) == ["work.proposals"]


def test_two_declarations_of_one_client_cover_together(moved):
    second, _ = bundle("contact_persons.jobcenter", nonce="00000000000000000000000000000002")
    own, code = linked(moved, "work.proposals")
    assert taken(arrived(moved, BOTH, code, own, second)) == list(SCOPES)


@pytest.mark.parametrize("reference", ["355A000815", "", "9", "f" * 64])
def test_a_reference_that_is_no_handover_code_proves_nobody(moved, reference):
    file, code = bundle(*SCOPES)
    reference = reference or code[:15]
    moved.link(reference)
    assert taken(arrived(moved, BOTH, reference, file)) == []


@pytest.mark.parametrize("shorten", [lambda code: code[:16], lambda code: code[:32].upper(), lambda code: f"{code[:8]} {code[8:16]}"])
def test_the_handover_code_may_be_typed_off_the_paper(moved, shorten):
    file, code = bundle(*SCOPES)
    moved.link(shorten(code))
    assert taken(arrived(moved, BOTH, shorten(code), file)) == list(SCOPES)


def test_a_scope_that_was_revoked_is_not_covered_while_the_rest_is(moved):
    told = json.loads(bundle(*SCOPES)[0])
    life = {"revocations": [{"at": "2026-03-02T09:00:04.500000Z", "scope": "work.proposals"}]}
    history = [*told["history"], {"at": "2026-03-02T09:00:04.500000Z", "event": "partly_revoked"}]
    file, code = linked(moved, *SCOPES, life=life, history=history)
    report = arrived(moved, BOTH, code, file)
    assert taken(report) == ["contact_persons.jobcenter"]
    assert report["attachments"][0]["scopes"] == ["contact_persons.jobcenter"]


def test_a_revoked_declaration_covers_nothing(moved):
    told = json.loads(bundle(*SCOPES)[0])
    history = [*told["history"], {"at": "2026-03-02T09:00:04.500000Z", "event": "revoked"}]
    file, code = linked(moved, *SCOPES, life=REVOKED, history=history)
    report = arrived(moved, BOTH, code, file)
    assert (taken(report), checks(report)["state"]) == ([], "failed")
    assert report["attachments"][0]["holds"] is True  # the bundle tells the truth


def test_a_file_that_is_too_large_is_not_looked_into(moved):
    file, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, file + b" " * FILE_MAX)
    assert (taken(report), codes(report)) == ([], ["attachment_too_large"])
    assert "checks" not in report["attachments"][0]


def test_of_too_many_files_the_first_are_looked_at(moved):
    file, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, *[("calendar", "appointments.ics", b"BEGIN")] * 20, file)
    assert (taken(report), codes(report)) == ([], ["attachments_too_many"])
    assert len(report["attachments"]) == 20


def test_another_file_is_listed_and_proves_nothing(moved):
    _, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, ("calendar", "appointments.ics", b"BEGIN:VCALENDAR"))
    assert report["attachments"][0].keys() == {"kind", "name", "sha256"}
    assert codes(report) == ["bundle_missing"]


def test_a_name_that_no_gateway_gives_is_not_shown(moved):
    file, code = linked(moved, *SCOPES)
    report = arrived(moved, BOTH, code, ("declaration_bundle", "amal-kaelberer.json", file))
    assert report["attachments"][0]["name"] == "?"
    assert taken(report) == list(SCOPES)


def test_somebody_unknown_is_reported_as_ever(moved):
    file, code = bundle(*SCOPES)
    report = arrived(moved, BOTH, code, file)
    assert report["people"] == [{"unknown_reference": code, "taken": [], "withheld": []}]
    assert report["problems"] == []


def test_the_sender_sees_nothing_of_it(moved):
    file, code = linked(moved, *SCOPES)
    good = with_files(message(JOBCENTER, code, BOTH), file)
    bad = with_files(message(JOBCENTER, code, BOTH), b"no bundle")
    assert moved.post(good) != moved.post(bad)  # a receipt each, and not a word more


def test_of_the_bundle_nothing_is_kept_but_what_is_shown(moved):
    file, code = linked(moved, *SCOPES)
    arrived(moved, BOTH, code, file)
    with moved.gateway.store.engine.begin() as connection:
        dump = repr(connection.exec_driver_sql("SELECT * FROM intake").fetchall())
    assert CLIENT not in dump
    assert "Vera Beispiel" not in dump
    assert "Pflegefachkraft" not in dump


def test_nothing_of_a_bundle_is_in_the_log(moved, capsys, caplog):
    file, code = linked(moved, *SCOPES)
    arrived(moved, BOTH, code, file, b"Amal Beispiel")
    printed = capsys.readouterr()
    for secret in ("K-2026-0815", "Amal Beispiel", "Vera Beispiel", code):
        assert secret not in caplog.text + printed.out + printed.err
