"""What the Jobcenter's adapter is good for, told through HTTP: what the Jobcenter says, what the case system gets, and what leaves."""

import json

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.words import Role
from tests.acceptance.office import CONFIG, JOBCENTER, Office, reasons
from tests.http.live import CLIENT

SUBSCRIBED = CONFIG.replace(
    'name = "Jobcenter Rems-Murr, Team 412"\n',
    'name = "Jobcenter Rems-Murr, Team 412"\ndigest = "monday 06:00"\n'
    'subscriptions = [{ purpose = "labour_market_integration", scopes = ["language.level", "needs.support"] }]\n',
)
CONTACT = (
    "<m:jobcenterContact><m:unit>Team 412</m:unit>"
    '<m:unitNumber listURI="urn:de:bund:ba:codelist:integration:ba.dienststellen"><code>67704</code></m:unitNumber>'
    "<m:name><m:family>{}</m:family></m:name><m:channels><m:channel><m:kind>phone</m:kind><m:value>07151 000-17</m:value></m:channel>"
    "</m:channels></m:jobcenterContact>"
)
APPOINTMENT = (
    "<m:appointments><m:appointment><m:at>2026-03-17T09:30:00+01:00</m:at><m:with>Jobcenter Rems-Murr</m:with><m:subject>AVGS</m:subject>"
    "<m:place>Zimmer 2.14</m:place><m:bring><m:thing>Ausweis</m:thing></m:bring></m:appointment></m:appointments>"
)
MEASURE = "<m:measures><m:measure><m:title>Coaching (AVGS)</m:title>{}</m:measure></m:measures>"
PROPOSALS = (
    "<m:proposals><m:proposal><m:employer>Bäckerei Müller GmbH</m:employer><m:proposedOn>2026-03-01</m:proposedOn></m:proposal>"
    "<m:proposal><m:employer>Polsterei Weich</m:employer></m:proposal></m:proposals>"
)
NEEDS = [{"field": "childcare", "text": "Kita-Platz ab April", "since": "2026-01-10"}]
LEVEL = {"cefr": "B1", "evidence": "dtz"}
SECRET = "GEHEIM-Flucht"


@pytest.fixture
def office(tmp_path, request):
    config = tmp_path / "imgate.toml"
    config.write_text(getattr(request, "param", CONFIG), encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield Office(gateway)


def test_who_is_in_charge_at_the_jobcenter_is_known_and_so_is_who_comes_after(office):
    office.allow(JOBCENTER, "contact_persons.jobcenter")
    office.says(JOBCENTER, CONTACT.format("Müßig"))
    item = office.got()
    assert item["record"] == {
        "contact_persons": {
            "jobcenter": {
                "unit": "Team 412",
                "unit_number": "67704",
                "name": {"family": "Müßig"},
                "channels": [{"kind": "phone", "value": "07151 000-17"}],
            }
        }
    }
    assert item["provenance"] == {"contact_persons.jobcenter": JOBCENTER}
    assert "hints" not in item
    office.says(JOBCENTER, CONTACT.format("Neu"))
    assert office.got()["record"]["contact_persons"]["jobcenter"]["name"] == {"family": "Neu"}


def test_two_changes_that_nobody_fetched_come_in_their_order(office):
    office.allow(JOBCENTER, "contact_persons.jobcenter")
    for name in ("Müßig", "Neu"):
        office.says(JOBCENTER, CONTACT.format(name))
    assert [item["record"]["contact_persons"]["jobcenter"]["name"]["family"] for item in office.inbox()] == ["Müßig", "Neu"]


def test_a_contact_that_the_client_stopped_in_between_reaches_nobody(office):
    declaration = office.allow(JOBCENTER, "contact_persons.jobcenter")
    office.says(JOBCENTER, CONTACT.format("Müßig"))
    office.revoke(declaration)
    assert office.inbox() == []


def test_who_counsels_the_client_is_told_to_the_jobcenter(office):
    office.allow(JOBCENTER, "contact_persons.integration_management")
    us = {"unit": "Integrationsmanagement Winnenden", "name": {"family": "Beispiel", "given": "Vera"}, "channels": []}
    assert office.send(JOBCENTER, {"contact_persons": {"integration_management": us}}).status_code == 201
    assert office.left(JOBCENTER) == (
        "<m:integrationManagement><m:unit>Integrationsmanagement Winnenden</m:unit>"
        "<m:name><m:family>Beispiel</m:family><m:given>Vera</m:given></m:name><m:channels></m:channels></m:integrationManagement>"
    )


def test_an_appointment_at_the_jobcenter_is_not_lost(office):
    office.allow(JOBCENTER, "appointments.upcoming")
    office.says(JOBCENTER, APPOINTMENT)
    assert office.got()["record"]["appointments"]["upcoming"] == [
        {
            "at": "2026-03-17T09:30:00+01:00",
            "with": "Jobcenter Rems-Murr",
            "subject": "AVGS",
            "place": "Zimmer 2.14",
            "bring": ["Ausweis"],
        }
    ]


def test_an_appointment_without_permission_is_on_the_report_and_nowhere_else(office):
    office.allow(JOBCENTER, "contact_persons.jobcenter")
    person = office.says(JOBCENTER, APPOINTMENT)
    assert person["taken"] == []
    assert reasons(person["withheld"]) == {"appointments.upcoming": "scope_not_covered"}
    assert office.inbox() == []


def test_needs_are_reported_back_to_the_jobcenter_and_nothing_beside_them(office):
    office.allow(JOBCENTER, "needs.support", direction="to_partner")
    record = {
        "needs": {"support": NEEDS},
        "asylum": {"grounds": {"text": SECRET}},
        "notes": {"counselling": [{"on": "2026-01-01", "text": SECRET}]},
    }
    answer = office.send(JOBCENTER, record).json()
    assert answer["released"] == ["needs.support"]
    assert reasons(answer["withheld"]) == {"asylum.grounds": "scope_closed", "notes.counselling": "beyond_partner_ceiling"}
    assert office.left(JOBCENTER) == (
        "<m:needs><m:need><m:field>childcare</m:field><m:text>Kita-Platz ab April</m:text><m:since>2026-01-10</m:since></m:need></m:needs>"
    )
    assert SECRET.encode() not in b"".join(office.outbox(JOBCENTER))


def test_the_jobcenter_has_no_place_to_say_what_a_client_needs(office):
    office.allow(JOBCENTER, "needs.support")
    answer = office.post(JOBCENTER, "<m:needs><m:need><m:field>childcare</m:field><m:text>Kita-Platz</m:text></m:need></m:needs>")
    assert (answer.status_code, answer.json()["code"]) == (422, "message_unreadable")
    assert "Kita" not in answer.text


def test_needs_do_not_leave_under_a_declaration_for_the_other_direction(office):
    office.allow(JOBCENTER, "needs.support", "appointments.upcoming", direction="from_partner")
    answer = office.send(JOBCENTER, {"needs": {"support": NEEDS}}).json()
    assert reasons(answer["withheld"]) == {"needs.support": "direction_not_covered"}
    assert office.outbox(JOBCENTER) == []


def test_an_employer_that_declined_and_is_proposed_again_is_noticed_and_the_jobcenter_is_told(office):
    office.allow(JOBCENTER, "work.proposals", "work.job_search")
    office.says(JOBCENTER, PROPOSALS)
    proposals = office.got()["record"]["work"]["proposals"]
    declined = [{"name": "Baeckerei Mueller GmbH", "on": "2026-01-07", "declined_by": "employer"}]
    job_search = {"occupations": ["Bäckerin"], "declined_employers": declined}
    record = {"work": {"proposals": proposals, "job_search": job_search}}
    shown = office.preview(JOBCENTER, record, provenance={"work.proposals": JOBCENTER})
    assert shown["hints"] == [{"code": "employer_already_declined", "proposals": [0]}]
    assert office.send(JOBCENTER, {"work": {"job_search": job_search}}).status_code == 201
    assert office.left(JOBCENTER) == (
        "<m:jobSearch><m:occupations><m:occupation>Bäckerin</m:occupation></m:occupations><m:declinedEmployers><m:declinedEmployer>"
        "<m:name>Baeckerei Mueller GmbH</m:name><m:on>2026-01-07</m:on><m:declinedBy>employer</m:declinedBy></m:declinedEmployer>"
        "</m:declinedEmployers></m:jobSearch>"
    )
    assert b"already_declined" not in b"".join(office.outbox(JOBCENTER))


def test_a_measure_is_asked_for_and_the_decision_comes_back(office):
    office.allow(JOBCENTER, "work.measures")
    asked = {"title": "Coaching (AVGS)", "status": "requested", "requested_on": "2026-01-02"}
    assert office.send(JOBCENTER, {"work": {"measures": [asked]}}).status_code == 201
    assert office.left(JOBCENTER) == MEASURE.format("<m:status>requested</m:status><m:requestedOn>2026-01-02</m:requestedOn>")
    office.says(JOBCENTER, MEASURE.format("<m:status>approved</m:status><m:decidedOn>2026-01-20</m:decidedOn>"))
    item = office.got()
    decided = [{"title": "Coaching (AVGS)", "status": "approved", "decided_on": "2026-01-20"}]
    assert item["record"] == {"work": {"measures": decided}}
    refused = office.send(JOBCENTER, {"work": {"measures": decided}})
    assert (refused.status_code, refused.json()["scopes"]) == (422, ["work.measures"])
    assert office.send(JOBCENTER, {"work": {"measures": decided}}, provenance={"work.measures": JOBCENTER}).status_code == 201


def test_a_decision_that_the_client_did_not_allow_to_come_does_not(office):
    office.allow(JOBCENTER, "work.measures", direction="to_partner")
    person = office.says(JOBCENTER, MEASURE.format("<m:status>refused</m:status>"))
    assert reasons(person["withheld"]) == {"work.measures": "direction_not_covered"}
    assert office.inbox() == []


@pytest.mark.parametrize("office", [SUBSCRIBED], indirect=True)
def test_once_a_week_the_jobcenter_gets_what_changed_in_one_message(office):
    declaration = office.allow(JOBCENTER, "language.level", "needs.support")
    office.it_is(2026, 3, 3)
    for record in ({"needs": {"support": NEEDS}}, {"language": {"level": LEVEL | {"cefr": "A2"}}}, {"language": {"level": LEVEL}}):
        assert office.ask("POST", "/v1/updates", {"client": CLIENT, "record": record}).status_code == 201
    assert office.outbox(JOBCENTER) == []
    office.it_is(2026, 3, 9)
    assert office.left(JOBCENTER) == (
        "<m:languageLevel><m:level>B1</m:level><m:evidence>dtz</m:evidence></m:languageLevel>"
        "<m:needs><m:need><m:field>childcare</m:field><m:text>Kita-Platz ab April</m:text><m:since>2026-01-10</m:since></m:need></m:needs>"
    )
    office.revoke(declaration)
    assert [b"endOfUse" in message for message in office.outbox(JOBCENTER)] == [True]


@pytest.mark.parametrize("office", [SUBSCRIBED], indirect=True)
def test_what_is_revoked_before_monday_is_not_in_the_weekly_message(office):
    declaration = office.allow(JOBCENTER, "language.level", "needs.support")
    record = {"language": {"level": LEVEL}, "needs": {"support": NEEDS}}
    assert office.ask("POST", "/v1/updates", {"client": CLIENT, "record": record}).status_code == 201
    office.revoke(declaration, "needs.support")
    office.it_is(2026, 3, 9)
    assert office.left(JOBCENTER) == "<m:languageLevel><m:level>B1</m:level><m:evidence>dtz</m:evidence></m:languageLevel>"
    assert b"Kita" not in b"".join(office.outbox(JOBCENTER))


def test_an_update_says_what_runs_out_and_keeps_none_of_it(office):
    record = {"residence": {"work_permission": {"code": "03", "until": "2026-04-30"}}}
    answers = [office.ask("POST", "/v1/updates", {"client": CLIENT, "record": record}, idempotency_key="dieselbe") for _ in range(2)]
    told = [{"code": "runs_out", "scope": "residence.work_permission", "on": "2026-04-30"}]
    assert [(answer.status_code, answer.json()["hints"]) for answer in answers] == [(200, told), (200, told)]
    kept = office.gateway.settings.file.parent / "imgate.db"
    assert b"2026-04-30" not in b"".join(path.read_bytes() for path in kept.parent.glob("imgate.db*"))


def test_the_lines_of_many_clients_say_which_exchanges_were_made_and_no_more(office):
    record = {"residence": {"work_permission": {"code": "03", "until": "2026-04-30"}}}
    line = json.dumps({"client": CLIENT, "record": record}).encode()
    answer = office._ask("POST", "/v1/updates", line, Role.CASE_SYSTEM, None, {"content-type": "application/x-ndjson"})
    assert [json.loads(told) for told in answer.text.splitlines()] == [{"line": 1, "exchanges": []}]
