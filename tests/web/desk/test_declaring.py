"""A declaration is made on one page out of a template; what is wrong is said at its field, and nothing is made twice or for another."""

from datetime import date

import pytest

from imgate.exchange.scope_requests import ask
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from imgate.web.desk import necessity
from imgate.web.desk.offering import sections_of, template_of
from tests.exchange.conftest import ABH, CLIENT, CONFIG, JOBCENTER
from tests.web.desk.declaring import ABH_TEMPLATE, INFORMED, OCCASION, begun, declared, kept, opened, said

OTHER = "K-2026-1102"
SCRIPT = "<script>alert('Ausbildung zur Pflegefachkraft')</script>"


# Making it.


def test_a_template_an_occasion_and_four_ticks_make_a_draft(pages):
    page = declared(pages.manager())
    assert (page.status, page.title) == (200, "Erklärung für Jobcenter Rems-Murr, Team 412")
    assert "Der Entwurf ist angelegt" in page.text
    (made,) = kept(pages)
    assert made["state"] == "draft"
    assert made["content"]["occasion"] == OCCASION
    assert set(made["content"]["scopes"]) == set(template_of(pages.corridor.partners[JOBCENTER], "labour_market_integration").scopes)
    assert made["content"]["clauses"] == ["confidentiality_release", "data_protection_consent"]
    assert made["content"]["discloser"] == {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]}
    assert made["content"]["signers_required"] == ["client"]
    assert (made["content"]["valid_from"], made["content"]["valid_until"]) == ("2026-03-02", "2027-03-01")


def test_no_address_on_the_way_says_who_it_is_or_what_stands_in_it(pages):
    page = declared(pages.manager())
    assert not any(text in str(page.answer.url) for text in (CLIENT, "Pflege", "labour", "language", JOBCENTER))


def test_a_clerk_can_say_everything_else_that_a_declaration_may_say(pages):
    declared(
        pages.manager(),
        language="ar",
        interpreter="Amira Haddad",
        signers=["guardian", "second_guardian"],
        direction="to_partner",
        persons="Vera Beispiel\n\n  Ugur Ünal  \n",
        onward_from=[ABH],
    )
    (made,) = kept(pages)
    content = made["content"]
    assert content["interpreter"] == {"name": "Amira Haddad", "language": "ar"}
    assert content["signers_required"] == ["guardian", "guardian"]
    assert content["direction"] == "to_partner"
    assert content["discloser"]["persons"] == ["Vera Beispiel", "Ugur Ünal"]
    assert content["onward_from"] == [ABH]


def test_a_language_that_is_not_in_the_list_can_be_named_by_its_tag(pages):
    declared(pages.manager(), language="", other_language="kmr")
    assert kept(pages)[0]["content"]["language"] == "kmr"


def test_a_double_click_makes_one(pages):
    browser = pages.manager()
    page = begun(browser)
    first = page.send("Entwurf anlegen", occasion=OCCASION, informed_of=INFORMED)
    second = page.send("Entwurf anlegen", occasion=OCCASION, informed_of=INFORMED)
    assert first.path == second.path
    assert len(kept(pages)) == 1


def test_the_same_form_with_other_words_is_shown_again_before_it_makes_a_second_one(pages):
    page = begun(pages.manager())
    page.send("Entwurf anlegen", occasion=OCCASION, informed_of=INFORMED)
    again = page.send("Entwurf anlegen", occasion=f"{OCCASION} im Herbst", informed_of=INFORMED)
    assert again.status == 409
    assert "schon gesendet" in again.text
    assert len(kept(pages)) == 1
    assert again.send("Entwurf anlegen").status == 200
    assert len(kept(pages)) == 2


@pytest.mark.parametrize("key", ["", "x", "../..", "0" * 5000])
def test_a_form_without_its_key_is_not_taken(pages, key):
    assert declared(pages.manager(), key=key).status == 400
    assert kept(pages) == []


# What is wrong.


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"occasion": "kurz"}, "occasion", "mindestens 20 Zeichen"),
        ({"occasion": "Soweit zur Aufgabenerledigung erforderlich!"}, "occasion", "Pauschalformel"),
        ({"occasion": "x" * 2001}, "occasion", "höchstens 2.000 Zeichen"),
        ({"occasion": f"{OCCASION}\x07"}, "occasion", "ohne Steuerzeichen"),
        ({"scopes": None}, "scopes", "mindestens eine Angabe"),
        ({"scopes": ["asylum.grounds"]}, "scopes", "verschlossen"),
        ({"scopes": ["residence.title"]}, "scopes", "nicht bekommen"),
        ({"scopes": ["health.everything"]}, "scopes", "gibt es nicht"),
        ({"purposes": None}, "purposes", "mindestens einen Zweck"),
        ({"purposes": ["gossip"]}, "purposes", "gibt es nicht"),
        ({"informed_of": ["voluntariness"]}, "informed_of", "alle vier Punkte"),
        ({"signers": None}, "signers", "wer unterschreibt"),
        ({"valid_until": "2026-01-01"}, "valid_until", "liegt vor dem ersten"),
        ({"valid_until": "2036-01-01"}, "valid_until", "So lange"),
        ({"valid_until": "morgen"}, "valid_until", "ein Datum"),
        ({"valid_from": ""}, "valid_from", "ein Datum"),
        ({"direction": None}, "direction", "eine Richtung"),
        ({"language": "", "other_language": "Kurdisch!"}, "language", "Sprache"),
        ({"language": "ar", "other_language": "my"}, "language", "Sprache"),
        ({"language": ""}, "language", "Sprache"),
        ({"persons": "x" * 201}, "persons", "höchstens 200 Zeichen"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(pages, changes, field, sentence):
    page = declared(pages.manager(), **changes)
    assert page.status == 422
    assert sentence in said(page, field)
    assert page.tree.xpath(f"//a[@href='#{field}-error']")
    assert kept(pages) == []


def test_everything_that_is_wrong_is_said_at_once(pages):
    page = declared(pages.manager(), ABH_TEMPLATE, occasion="", informed_of=None, valid_until="2020-01-01")
    assert all(said(page, field) for field in ("occasion", "informed_of", "valid_until", "needed-notices"))


def test_what_was_typed_stays(pages):
    page = declared(pages.manager(), occasion="zu kurz", language="ti", interpreter="Amira Haddad", scopes=["language.level"])
    assert page.tree.xpath("string(//textarea[@name='occasion'])") == "zu kurz"
    assert page.tree.xpath("//select[@name='language']/option[@selected]/@value") == ["ti"]
    assert page.tree.xpath("//input[@name='interpreter']/@value") == ["Amira Haddad"]
    assert page.tree.xpath("//input[@name='scopes'][@checked]/@value") == ["language.level"]


def test_a_partner_that_is_none_is_not_found(pages):
    assert declared(pages.manager(), partner="jobcenter-stuttgart").status == 404


def test_one_of_another_client_is_not_replaced(pages):
    stranger = pages.declare("language.level", client=OTHER)
    page = declared(pages.manager(), supersedes=stranger)
    assert page.status == 422
    assert kept(pages) == []


def test_one_that_holds_can_be_replaced_and_is_not_unless_somebody_says_so(pages):
    old = pages.declare("language.level")
    browser = pages.manager()
    assert begun(browser).tree.xpath("//input[@name='supersedes'][@checked]/@value") == [""]
    declared(browser, supersedes=old)
    assert kept(pages)[-1]["content"]["supersedes"] == old


def test_what_somebody_writes_is_text_wherever_it_is_shown(pages):
    browser = pages.manager()
    page = declared(browser, occasion=SCRIPT, interpreter=SCRIPT, persons=SCRIPT)
    for path in (page.path, f"{page.path}/sign", f"{page.path}/renew"):
        shown = browser.get(path)
        assert SCRIPT in " ".join([shown.text, *shown.tree.xpath("//input/@value")])
        assert all(script.get("src") for script in shown.tree.xpath("//script"))


# The law has a way of its own.


def test_the_residence_status_goes_to_a_jobcenter_only_where_somebody_says_that_it_is_needed(pages):
    browser = pages.manager()
    refused = declared(browser, scopes=["residence.status"])
    assert refused.status == 422
    assert "§ 18b AZRG" in refused.text
    assert "trotzdem" in said(refused, "needed-azr")
    assert kept(pages) == []
    assert refused.send("Entwurf anlegen", needed=["azr"]).status == 200


def test_nobody_is_asked_about_what_was_not_chosen(pages):
    assert declared(pages.manager(), scopes=["language.level"]).status == 200


def test_nobody_is_asked_about_what_only_comes_from_the_partner(pages):
    page = declared(pages.manager(), ABH_TEMPLATE, direction="from_partner", scopes=["residence.status", "residence.applications"])
    assert page.status == 200


def test_for_the_auslaenderbehoerde_the_page_says_that_statutory_notices_go_another_way(pages):
    page = begun(pages.manager(), ABH_TEMPLATE)
    assert "§ 87 Abs. 2 AufenthG" in page.text
    assert declared(pages.manager(), ABH_TEMPLATE).status == 422


def test_another_answer_is_none(pages):
    assert declared(pages.manager(), ABH_TEMPLATE, needed=["azr", "yes"]).status == 422


def test_a_question_concerns_scopes_that_are_offered(pages):
    for partner in pages.corridor.partners.values():
        offered = {each.scope for _section, scopes in sections_of(partner) for each in scopes}
        assert {scope for question in necessity.questions(partner) for scope in question.scopes} <= offered


# What a partner asked for.


def wished(pages, scopes=("work.history",)):
    """Have the Jobcenter ask for what a message does not bring."""
    pages.link()
    pages.declare("language.level")
    sent = pages.send({"language": {"level": {"cefr": "B1", "evidence": "certificate"}}})
    pages.outbox()
    ask(pages.corridor, pages.call(), JOBCENTER, sent["id"], tuple(scopes))
    with pages.corridor.store.reading() as tx:
        (request,) = tx.scope_requests.open(Cursor()).items
    return request.id


def test_what_a_partner_asked_for_begins_the_form_and_its_declaration_answers_it(pages):
    wish, browser = wished(pages), pages.manager()
    page = browser.post("/pages/clients", {"reference": CLIENT, "scope_request": wish})
    assert page.title == "Neue Erklärung"
    assert page.tree.xpath("//input[@name='scopes'][@checked]/@value") == ["work.history"]
    assert page.send("Entwurf anlegen", occasion=OCCASION, informed_of=INFORMED).status == 200
    with pages.corridor.store.reading() as tx:
        assert tx.scope_requests.get(wish).answer == "declared"


def test_a_form_that_is_wrong_answers_no_request(pages):
    wish, browser = wished(pages), pages.manager()
    browser.post("/pages/clients", {"reference": CLIENT, "scope_request": wish}).send("Entwurf anlegen", occasion="")
    with pages.corridor.store.reading() as tx:
        assert tx.scope_requests.get(wish).answer is None


def test_another_clients_request_begins_nothing_and_is_not_answered(pages):
    wish, browser = wished(pages), pages.manager()
    case = opened(browser, OTHER)
    assert browser.get(f"{case.path}/declarations/new?request={wish}").status == 404
    declared(browser, reference=OTHER, request=wish)
    with pages.corridor.store.reading() as tx:
        assert tx.scope_requests.get(wish).answer is None


@pytest.mark.parametrize("wish", ["x", "00000000-0000-4000-8000-000000000000", "%00"])
def test_a_request_that_is_none_begins_nothing(pages, wish):
    browser = pages.manager()
    assert browser.get(f"{opened(browser).path}/declarations/new?request={wish}").status == 404


# Other people's.


PATHS = ["", "/sign", "/renew", "/form.pdf", "/copy.pdf"]


@pytest.mark.parametrize("path", PATHS)
def test_another_clients_declaration_is_as_unknown_as_none(pages, path):
    stranger, browser = pages.declare("language.level", client=OTHER), pages.manager()
    case, none = opened(browser).path, new_id()
    theirs, nobodys = (browser.get(f"{case}/declarations/{one}{path}") for one in (stranger, none))
    assert (theirs.status, nobodys.status) == (404, 404)
    assert theirs.answer.content.replace(stranger.encode(), none.encode()) == nobodys.answer.content


@pytest.mark.parametrize("path", ["/sign", "/renew"])
def test_nothing_can_be_posted_to_another_clients_declaration(pages, path):
    stranger, browser = pages.declare("language.level", client=OTHER, signed=False), pages.manager()
    case = opened(browser).path
    fields = {"key": new_id(), "kind": "oral_record", "role": "client", "reason": "x", "signed_on": "2026-03-02", "informed_of": INFORMED}
    assert browser.post(f"{case}/declarations/{stranger}{path}", fields).status == 404
    assert [one["state"] for one in kept(pages, OTHER)] == ["draft"]


@pytest.mark.parametrize("role", [UserRole.LIAISON, UserRole.OFFICE])
@pytest.mark.parametrize("path", ["/declarations/new", *(f"/declarations/{{}}{path}" for path in PATHS)])
def test_another_role_sees_none_of_it(pages, role, path):
    declaration, manager = pages.declare("language.level"), pages.manager()
    address = opened(manager).path + path.format(declaration)
    other = pages.visit(role)
    assert other.get(address).status == 403
    assert other.post(address, {"key": new_id()}).status in {403, 405}


def test_a_stranger_is_led_to_the_sign_in(pages):
    address = opened(pages.manager()).path
    answer = pages.stranger().get(f"{address}/declarations/new", follow=False)
    assert (answer.status, answer.headers["location"]) == (303, f"/pages/sign-in?next={address}/declarations/new")


# What is closed opens by configuration alone.


class TestWithAnOpenScope:
    """A partner for whom the configuration opens a closed scope."""

    @pytest.fixture
    def config(self):
        return CONFIG.replace(
            'purpose = "labour_market_integration"\n', 'purpose = "labour_market_integration"\nopen = ["health.constraints"]\n'
        )

    def test_it_is_offered_marked_and_never_chosen_beforehand(self, pages):
        page = begun(pages.manager())
        assert page.tree.xpath("//input[@value='health.constraints']")
        assert "besonders geschützt" in page.tree.xpath("string(//label[@for='scope-health-constraints'])")
        assert not page.tree.xpath("//input[@value='health.constraints'][@checked]")


class TestWithUnits:
    """A gateway that names its units, and allows short terms only."""

    @pytest.fixture
    def config(self):
        return CONFIG.replace("[database]", 'units = ["Team Nord", "Team Süd"]\nmax_term_days = 90\n\n[database]')

    def test_the_unit_is_chosen_and_the_term_is_as_long_as_it_may_be(self, pages):
        page = begun(pages.manager())
        assert page.tree.xpath("//select[@name='unit']/option/@value") == ["Integrationsmanagement Winnenden", "Team Nord", "Team Süd"]
        first, last = page.tree.xpath("//input[@name='valid_from']/@value") + page.tree.xpath("//input[@name='valid_until']/@value")
        assert (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 == 90
        page.send("Entwurf anlegen", occasion=OCCASION, informed_of=INFORMED, unit="Team Süd")
        assert kept(pages)[0]["content"]["discloser"]["unit"] == "Team Süd"

    def test_a_unit_that_is_none_is_said_at_its_field(self, pages):
        page = declared(pages.manager(), unit="Team West")
        assert (page.status, said(page, "unit")) == (422, "Diese Stelle ist nicht eingetragen.")
