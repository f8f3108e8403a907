"""What a form begins with and offers: what such a matter needs and the partner may have, and nothing that is closed."""

import tomllib
from importlib import resources

import pytest

from imgate.record import CATALOGUE
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.web.desk.offering import template_of, templates
from tests.exchange.conftest import ABH, JOBCENTER
from tests.web.desk.declaring import ABH_TEMPLATE, begun


def test_there_is_a_template_for_each_purpose_that_an_adapter_offers(pages):
    offered = {(partner.id, purpose.value) for partner in pages.corridor.partners.values() for purpose in partner.adapter.manifest.purposes}
    made = templates(pages.corridor)
    assert {(template.partner, template.purpose) for template in made} == offered
    assert all(template.scopes for template in made)


def test_a_template_begins_with_nothing_that_is_closed_special_beyond_the_ceiling_or_asked_about(pages):
    for template in templates(pages.corridor):
        partner = pages.corridor.partners[template.partner]
        assert set(template.scopes) <= partner.policy.either_ceiling - partner.policy.closed
        assert not [scope for scope in template.scopes if CATALOGUE.scopes[scope].sensitivity is Sensitivity.SPECIAL]
        assert template.partner != JOBCENTER or "residence.status" not in template.scopes


def test_the_templates_name_scopes_of_the_catalogue_only():
    written = tomllib.loads((resources.files("imgate.web.desk") / "templates.toml").read_text(encoding="utf-8"))["templates"]
    assert {scope for entry in written for scope in entry["scopes"]} <= CATALOGUE.scopes.keys()
    assert all(len(set(entry["scopes"])) == len(entry["scopes"]) for entry in written)


def test_a_purpose_that_no_template_knows_begins_with_nothing(pages):
    assert template_of(pages.corridor.partners[ABH], "unheard_of").scopes == ()


def test_the_page_offers_what_the_partner_may_have_and_no_closed_scope(pages):
    page = begun(pages.manager())
    offered = set(page.tree.xpath("//input[@name='scopes']/@value"))
    policy = pages.corridor.partners[JOBCENTER].policy
    assert offered == policy.either_ceiling - policy.closed
    assert "health.constraints" not in offered


def test_what_is_specially_protected_is_marked(pages):
    page = begun(pages.manager(), ABH_TEMPLATE)
    label = page.tree.xpath("string(//label[@for='scope-residence-title'])")
    assert "besonders geschützt" in label
    assert "besonders geschützt" not in page.tree.xpath("string(//label[@for='scope-residence-status'])")


def test_it_begins_today_and_ends_in_a_year(pages):
    page = begun(pages.manager())
    assert page.tree.xpath("//input[@name='valid_from']/@value") == ["2026-03-02"]
    assert page.tree.xpath("//input[@name='valid_until']/@value") == ["2027-03-01"]


def test_the_language_is_that_of_the_clients_other_declarations(pages):
    pages.declare("language.level", language="ti")
    assert begun(pages.manager()).tree.xpath("//select[@name='language']/option[@selected]/@value") == ["ti"]


def test_no_point_counts_as_explained_before_somebody_says_so(pages):
    assert not begun(pages.manager()).tree.xpath("//input[@name='informed_of'][@checked]")


@pytest.mark.parametrize("template", ["", "x", "/", "jobcenter-rems-murr", "jobcenter-rems-murr/housing", "nobody/housing", "a/b/c"])
def test_what_is_no_template_leads_nowhere(pages, template):
    assert begun(pages.manager(), template).status == 404
