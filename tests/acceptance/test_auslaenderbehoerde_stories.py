"""What the Ausländerbehörde's adapter is good for, told through HTTP: what it says, what the case system gets, and what leaves."""

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from tests.acceptance.office import ABH, CONFIG, JOBCENTER, Office, reasons
from tests.http.live import CLIENT, examples

OPENED = CONFIG.replace('adapter = "auslaenderbehoerde"\n', 'adapter = "auslaenderbehoerde"\nopen = ["identifiers.azr_number"]\n')
STATUS = (
    '<m:residenceStatus><m:status listURI="urn:de:bund:bamf:codelist:berd:aufenthaltsstatus" listVersionID="Version2"><code>{}</code>'
    "</m:status><m:until>2026-04-30</m:until></m:residenceStatus>"
)
TITLE = (
    '<m:residenceTitle><m:title listURI="urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis" listVersionID="17"><code>027</code>'
    "</m:title><m:validUntil>2026-04-30</m:validUntil></m:residenceTitle>"
)
EFFECT = "<m:fictionalEffect><m:kind>{}</m:kind><m:until>2026-09-30</m:until><m:card>true</m:card></m:fictionalEffect>"
PERMISSION = (
    '<m:workPermission><m:permission listURI="urn:de:xauslaender:codelist:nebenbestimmungen:beschaeftigung" listVersionID="2">'
    "<code>03</code></m:permission><m:until>2027-02-28</m:until></m:workPermission>"
)
APPLICATION = "<m:applications><m:application><m:kind>work_permission</m:kind>{}</m:application></m:applications>"
ASKED = {"kind": "work_permission", "filed_on": "2026-01", "state": "pending", "question": "Was fehlt noch?"}
APPOINTMENT = (
    "<m:appointments><m:appointment><m:at>2026-03-17T08:00:00+01:00</m:at><m:with>Ausländerbehörde</m:with><m:subject>Verlängerung</m:subject>"
    "</m:appointment></m:appointments>"
)
AZR_NUMBER = "123456789012"


@pytest.fixture
def office(tmp_path, request):
    config = tmp_path / "imgate.toml"
    config.write_text(getattr(request, "param", CONFIG), encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield Office(gateway)


def circle(item):
    return [hint for hint in item.get("hints", ()) if hint["code"] == "legal_circle_changed"]


def test_recognition_tells_which_bodies_become_responsible_and_that_nothing_covers_them_yet(office):
    office.allow(ABH, "residence.status")
    office.says(ABH, STATUS.format("4"))
    (asylum,) = circle(office.got())
    assert (asylum["circle"], asylum["certain"]) == ("asylblg", True)
    office.says(ABH, STATUS.format("1"))
    (item,) = office.inbox()
    (recognised,) = circle(item)
    assert (recognised["circle"], recognised["certain"]) == ("sgb2", False)
    assert recognised["previous"] == {"circle": "asylblg", "phase": "asylum_applicant"}
    jobcenter = {"body": "jobcenter", "task": "benefits", "source": "§ 7 Abs. 1 SGB II", "certain": False}
    assert jobcenter | {"partners": [{"partner": JOBCENTER, "covered": False}]} in recognised["responsible"]
    office.allow(JOBCENTER, "language.level")
    (signed,) = circle(office.got())
    assert jobcenter | {"partners": [{"partner": JOBCENTER, "covered": True}]} in signed["responsible"]


def test_the_partner_sees_nothing_of_what_the_case_system_is_told(office):
    office.allow(ABH, "residence.status", "residence.applications")
    before = office.post(ABH, STATUS.format("4")).json()
    office.work()
    office.got()
    after = office.post(ABH, STATUS.format("1")).json()
    assert before.keys() == after.keys() == {"receipt", "problems"}
    assert before["problems"] == after["problems"] == []
    office.work()
    office.inbox()
    assert office.send(ABH, {"residence": {"applications": [ASKED]}}).status_code == 201
    assert b"circle" not in b"".join(office.outbox(ABH))


def test_who_allows_the_coarse_status_alone_never_lets_the_title_pass(office):
    office.allow(ABH, "residence.status")
    person = office.says(ABH, STATUS.format("1") + TITLE)
    assert reasons(person["withheld"]) == {"residence.title": "scope_not_covered"}
    item = office.got()
    assert item["record"] == {"residence": {"status": {"code": "1", "until": "2026-04-30"}}}
    assert "027" not in str(item["record"]) + str(item["hints"])  # ids begin with the time, and may hold any digits
    assert circle(item)[0]["certain"] is False


def test_who_allows_the_title_alone_never_lets_the_coarse_status_pass(office):
    office.allow(ABH, "residence.title")
    person = office.says(ABH, STATUS.format("1") + TITLE)
    assert reasons(person["withheld"]) == {"residence.status": "scope_not_covered"}
    item = office.got()
    assert set(item["record"]["residence"]) == {"title"}
    assert circle(item) == []


def test_a_title_cannot_be_slipped_into_the_element_of_the_status(office):
    office.allow(ABH, "residence.status", "residence.title")
    slipped = STATUS.format("1").replace(
        "urn:de:bund:bamf:codelist:berd:aufenthaltsstatus", "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis"
    )
    for content in (slipped, STATUS.format("027"), TITLE.replace("azr:aufenthaltserlaubnis", "azr:asylstatus")):
        answer = office.post(ABH, content)
        assert (answer.status_code, answer.json()["code"]) == (422, "message_unreadable")


def test_neither_of_them_is_for_the_auslaenderbehoerde_to_be_told(office):
    office.allow(ABH, "residence.status", "residence.title")
    title = {"list": "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis", "version": "17", "code": "027"}
    answer = office.send(ABH, {"residence": {"status": {"code": "1"}, "title": title}}).json()
    assert reasons(answer["withheld"]) == {"residence.status": "beyond_partner_ceiling", "residence.title": "beyond_partner_ceiling"}
    assert office.outbox(ABH) == []


@pytest.mark.parametrize("kind", ["permitted_stay", "tolerated_stay", "continued_validity"])
def test_each_of_the_three_effects_of_an_application_comes_as_itself(office, kind):
    office.allow(ABH, "residence.fictional_effect")
    office.says(ABH, EFFECT.format(kind))
    assert office.got()["record"] == {"residence": {"fictional_effect": {"kind": kind, "until": "2026-09-30", "card": True}}}


def test_a_word_that_is_none_of_them_is_no_effect(office):
    office.allow(ABH, "residence.fictional_effect")
    assert office.post(ABH, EFFECT.format("81(4)")).status_code == 422


def test_an_application_that_keeps_the_title_does_not_move_anybody_to_another_circle(office):
    office.allow(ABH, "residence.status", "residence.fictional_effect")
    office.says(ABH, STATUS.format("1"))
    office.got()
    office.says(ABH, STATUS.format("1") + EFFECT.format("continued_validity"))
    assert circle(office.got()) == []
    office.says(ABH, STATUS.format("1") + EFFECT.format("tolerated_stay"))
    assert [(hint["circle"], hint["certain"]) for hint in circle(office.got())] == [("unknown", False)]


def test_where_a_work_permission_stands_is_asked_and_answered(office):
    office.allow(ABH, "residence.applications", "residence.work_permission")
    assert office.send(ABH, {"residence": {"applications": [ASKED]}}).status_code == 201
    assert office.left(ABH) == APPLICATION.format(
        "<m:filedOn>2026-01</m:filedOn><m:state>pending</m:state><m:question>Was fehlt noch?</m:question>"
    )
    office.says(ABH, PERMISSION + APPLICATION.format("<m:state>granted</m:state><m:answer>Liegt zur Abholung bereit.</m:answer>"))
    assert office.got()["record"] == {
        "residence": {
            "work_permission": {"code": "03", "until": "2027-02-28"},
            "applications": [{"kind": "work_permission", "state": "granted", "answer": "Liegt zur Abholung bereit."}],
        }
    }


def test_the_answer_without_the_permission_itself_where_only_that_was_allowed(office):
    office.allow(ABH, "residence.applications")
    person = office.says(ABH, PERMISSION + APPLICATION.format("<m:state>granted</m:state>"))
    assert reasons(person["withheld"]) == {"residence.work_permission": "scope_not_covered"}
    assert set(office.got()["record"]["residence"]) == {"applications"}


def test_a_question_does_not_leave_once_the_client_has_said_no(office):
    declaration = office.allow(ABH, "residence.applications")
    office.send(ABH, {"residence": {"applications": [ASKED]}})
    office.revoke(declaration)
    assert office.outbox(ABH) == []


def test_an_answer_does_not_come_under_a_declaration_for_asking_only(office):
    office.allow(ABH, "residence.applications", direction="to_partner")
    person = office.says(ABH, APPLICATION.format("<m:state>granted</m:state>"))
    assert reasons(person["withheld"]) == {"residence.applications": "direction_not_covered"}
    assert office.inbox() == []


def test_an_appointment_at_the_auslaenderbehoerde_is_not_lost(office):
    office.allow(ABH, "appointments.upcoming")
    office.says(ABH, APPOINTMENT)
    appointment = {"at": "2026-03-17T08:00:00+01:00", "with": "Ausländerbehörde", "subject": "Verlängerung"}
    assert office.got()["record"] == {"appointments": {"upcoming": [appointment]}}


def test_other_appointments_do_not_concern_it(office):
    office.allow(ABH, "appointments.upcoming")
    record = {"appointments": {"upcoming": [{"at": "2026-03-17T08:00:00+01:00", "with": "Beratungsstelle"}]}}
    assert reasons(office.send(ABH, record).json()["withheld"]) == {"appointments.upcoming": "beyond_partner_ceiling"}
    assert office.outbox(ABH) == []


def test_a_title_that_ends_is_told_in_time_to_apply_and_afterwards_as_ended(office):
    office.allow(ABH, "residence.status", "residence.title")
    office.says(ABH, STATUS.format("1") + TITLE)
    expiring = [{"code": "runs_out", "scope": f"residence.{item}", "on": "2026-04-30"} for item in ("status", "title")]
    (item,) = office.inbox()
    assert [hint for hint in item["hints"] if hint["code"] == "runs_out"] == [hint | {"apply_by": "2026-04-30"} for hint in expiring]
    office.it_is(2026, 5, 1)
    (item,) = office.inbox()
    assert [hint for hint in item["hints"] if hint["code"] == "runs_out"] == [hint | {"passed": True} for hint in expiring]


def test_a_date_that_may_not_pass_is_not_told_as_a_hint_either(office):
    office.allow(ABH, "residence.file_number")
    office.says(ABH, STATUS.format("1") + TITLE + "<m:fileNumber>32.4-17</m:fileNumber>")
    item = office.got()
    assert "hints" not in item
    assert "2026-04-30" not in str(item)


@pytest.mark.parametrize(("office", "reason"), [(CONFIG, "scope_closed"), (OPENED, "beyond_partner_ceiling")], indirect=["office"])
def test_the_azr_number_stays_closed_whatever_the_configuration_opens(office, reason):
    office.allow(ABH, "residence.file_number")
    record = {"identifiers": {"azr_number": AZR_NUMBER}, "residence": {"file_number": "32.4-17"}}
    assert reasons(office.send(ABH, record).json()["withheld"]) == {"identifiers.azr_number": reason}
    assert office.left(ABH) == "<m:fileNumber>32.4-17</m:fileNumber>"
    assert AZR_NUMBER.encode() not in b"".join(office.outbox(ABH))


@pytest.mark.parametrize(("office", "code"), [(CONFIG, "scope_closed"), (OPENED, "scope_beyond_ceiling")], indirect=["office"])
def test_nobody_can_sign_for_the_azr_number(office, code):
    asked = examples.DECLARATION | {"client": CLIENT, "partner": ABH, "scopes": ["identifiers.azr_number"]}
    answer = office.ask("POST", "/v1/declarations", asked)
    assert (answer.status_code, [problem["code"] for problem in answer.json()["problems"]]) == (422, [code])
