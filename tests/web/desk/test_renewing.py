"""Renewing makes a draft for another term, with the same content, to be signed anew."""

import pytest

from tests.web.desk.declaring import INFORMED, kept, opened, said


def test_renewing_makes_a_draft_for_the_next_term_with_the_same_content(pages):
    old, browser = pages.declare("language.level", "work.status"), pages.manager()
    page = browser.get(f"{opened(browser).path}/declarations/{old}/renew")
    assert page.tree.xpath("//input[@name='valid_from']/@value") == ["2027-01-01"]
    made = page.send("Entwurf anlegen", informed_of=INFORMED)
    assert "für die nächste Zeit" in made.text
    successor = kept(pages)[-1]
    assert (successor["state"], successor["content"]["supersedes"]) == ("draft", old)
    assert successor["content"]["scopes"] == ["language.level", "work.status"]
    assert successor["content"]["valid_until"] == "2027-12-31"


def test_what_has_run_out_is_renewed_from_today(pages):
    old, browser = pages.declare("language.level", valid_until="2026-02-01"), pages.manager()
    page = browser.get(f"{opened(browser).path}/declarations/{old}/renew")
    assert page.tree.xpath("//input[@name='valid_from']/@value") == ["2026-03-02"]


def test_a_renewal_that_is_sent_twice_is_one(pages):
    old, browser = pages.declare("language.level"), pages.manager()
    page = browser.get(f"{opened(browser).path}/declarations/{old}/renew")
    assert page.send("Entwurf anlegen", informed_of=INFORMED).path == page.send("Entwurf anlegen", informed_of=INFORMED).path
    assert len(kept(pages)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "informed_of"),
        ({"valid_until": "x", "informed_of": INFORMED}, "valid_until"),
        ({"occasion": "", "informed_of": INFORMED}, "occasion"),
    ],
)
def test_a_renewal_that_is_wrong_is_shown_again(pages, changes, field):
    old, browser = pages.declare("language.level"), pages.manager()
    page = browser.get(f"{opened(browser).path}/declarations/{old}/renew").send("Entwurf anlegen", **changes)
    assert page.status == 422
    assert said(page, field)
    assert len(kept(pages)) == 1
