"""A new declaration: a template is chosen, the form is filled in on one page, and the corridor records it or says what is wrong."""

import json
from collections.abc import Mapping
from dataclasses import replace

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.consent.declaration import DeclarationRequest, problems_of_declaration
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register
from imgate.exchange.of_client import request_of
from imgate.exchange.reading import partner_of
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.exchange.scope_requests import RequestAnswer, answer
from imgate.http.body import read_model
from imgate.vocabulary.identifiers import new_id
from imgate.web.desk import necessity, problems
from imgate.web.desk.case_page import newest_first, running
from imgate.web.desk.choices import Choices
from imgate.web.desk.filled_in import FilledIn, from_template
from imgate.web.desk.offering import Template, directions_of, purposes_of, sections_of, template_of, templates
from imgate.web.desk.opened_clients import reference_of
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of, today
from imgate.web.labels import SECTIONS
from imgate.web.rendering import page
from imgate.web.sent_once import SENT_BEFORE, key_of
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

# What is folded away, unless something in it is wrong.
_FURTHER = frozenset({"other_language", "unit", "persons", "onward_from"})


@router.get("/pages/clients/{case}/declarations/new")
def choose_template(request: Request, visitor: IntegrationManager, case: str) -> Response:
    """Offer the templates. What a partner asked for (``?request=``) begins the form by itself."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    wished = request.query_params.get("request")
    if wished is not None:
        return _begun(request, visitor, case, _as_asked(corridor, reference, wished), wished)
    offered: dict[str, list[str]] = {}
    for template in templates(corridor):
        offered.setdefault(template.partner, []).append(template.purpose)
    partners = [(partner, corridor.partners[partner].policy.name, purposes) for partner, purposes in offered.items()]
    return page(request, "desk/declare_template.html", case=case, reference=reference, partners=partners)


@router.post("/pages/clients/{case}/declarations/new")
def begin_declaration(request: Request, visitor: IntegrationManager, case: str, form: Form) -> Response:
    """Show the form as a template begins it. Nothing is stored."""
    partner, _slash, purpose = form.one("template").partition("/")
    offering = partner_of(corridor_of(request), partner)
    if purpose not in purposes_of(offering):
        raise not_found()
    return _begun(request, visitor, case, template_of(offering, purpose))


@router.post("/pages/clients/{case}/declarations")
def declare(request: Request, visitor: IntegrationManager, case: str, form: Form) -> Response:
    """Record the declaration as a draft, once however often it is sent; or show the form again with what is wrong."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    filled, key = FilledIn.from_form(form), key_of(form)
    body = orjson.dumps(filled.content(reference))
    asked = necessity.unanswered(partner_of(corridor, filled.partner), filled.direction, filled.scopes, filled.needed)
    try:
        wanted = read_model(DeclarationRequest, body)
        if asked:
            raise _incomplete(corridor, wanted)
        made = json.loads(register.create(corridor, call_of(request, visitor, key=key, body=body), wanted).body)
    except Refused as refused:
        if refused.code == SENT_BEFORE:
            return _form(request, case, filled, new_id(), status=409, sent_before=True)
        if refused.status != 422:
            raise
        errors = problems.errors_of(refused) | {f"needed-{one.name}": problems.sentence("necessity_unanswered", "") for one in asked}
        return _form(request, case, filled, key, status=422, errors=errors)
    _answer_wish(request, visitor, reference, filled.request)
    return RedirectResponse(f"/pages/clients/{case}/declarations/{made['id']}?done=declared", 303)


def _begun(request: Request, visitor: Visitor, case: str, template: Template, wished: str = "") -> Response:
    reference, corridor = reference_of(request, case), corridor_of(request)
    spoken = next((one["content"]["language"] for one in running(newest_first(corridor, reference))), None)
    filled = from_template(template, corridor.policy, today(corridor), author=visitor.user.name, language=spoken)
    return _form(request, case, replace(filled, request=wished), new_id())


def _as_asked(corridor: Corridor, reference: str, wished: str) -> Template:
    """Begin with what a partner asked for, as far as a declaration may hold it."""
    asked = request_of(corridor, reference, wished)
    partner = partner_of(corridor, asked.partner)
    usual = template_of(partner, asked.purpose)
    offered = {each.scope for _section, scopes in sections_of(partner) for each in scopes}
    return replace(usual, scopes=tuple(scope for scope in asked.scopes if scope in offered))


def _answer_wish(request: Request, visitor: Visitor, reference: str, wished: str) -> None:
    """Put on record that a declaration was made for what a partner asked. Where somebody answered meanwhile, that stands."""
    if not wished:
        return
    corridor = corridor_of(request)
    try:
        request_of(corridor, reference, wished)
    except Refused:
        return  # the declaration stands all the same
    answer(corridor, call_of(request, visitor), wished, RequestAnswer.DECLARED)


def _incomplete(corridor: Corridor, wanted: DeclarationRequest) -> Refused:
    """Name everything else that is wrong, so that it stands on the page at once with the questions that nobody answered."""
    found = problems_of_declaration(wanted, corridor.policy, supersedes_known=True)
    return Refused(422, "declaration_invalid", [Problem(problem.code, problem.pointer) for problem in found])


def _form(
    request: Request,
    case: str,
    filled: FilledIn,
    key: str,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    sent_before: bool = False,
) -> Response:
    reference, corridor = reference_of(request, case), corridor_of(request)
    partner, policy = partner_of(corridor, filled.partner), corridor.policy
    choices = Choices.of(request)
    holding = [one for one in running(newest_first(corridor, reference)) if one["content"]["partner"] == partner.id]
    return page(
        request,
        "desk/declare.html",
        status=status,
        case=case,
        reference=reference,
        partner=partner,
        filled=filled,
        key=key,
        errors=errors or {},
        sent_before=sent_before,
        purposes=choices.purposes(purposes_of(partner)),
        directions=choices.directions(direction.value for direction in directions_of(partner)),
        sections=sections_of(partner),
        section_names=SECTIONS,
        questions=necessity.questions(partner),
        languages=choices.languages(),
        information=choices.information(policy.gateway),
        signers=choices.signers(),
        units=[(unit, unit) for unit in sorted(policy.units or ())],
        others=[(each.id, each.policy.name, None) for each in corridor.partners.values() if each.id != partner.id],
        holding=holding,
        longest=policy.max_term_days,
        further_open=bool(filled.other_language) or not _FURTHER.isdisjoint(errors or {}),
    )
