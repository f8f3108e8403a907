"""The record of processing (Art. 30 GDPR), the factual part of an impact assessment (Art. 35), and what changed in them since when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from imgate.bootstrap.paper_facts import facts_of
from imgate.bootstrap.paper_keeping import facts_at, facts_kept
from imgate.documents.office_papers.assessment import assessment
from imgate.documents.office_papers.blocks import Paper
from imgate.documents.office_papers.differences import differences, differences_paper
from imgate.documents.office_papers.facts import FactsUnreadable, PaperFacts
from imgate.documents.office_papers.markdown import markdown
from imgate.documents.office_papers.pdf import pdf
from imgate.documents.office_papers.processing import processing
from imgate.documents.typesetting import PapersUnavailable
from imgate.exchange.refusals import Refused, not_found
from imgate.web.file_answers import file_to_keep
from imgate.web.forms import Form
from imgate.web.house import House, house_of, today
from imgate.web.office.paper_blocks import shown_blocks
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import Office

router = APIRouter()

_CHANGES = "/pages/office/papers/changes"
_NOW = "now"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One paper: how it is written, and what its files are called."""

    write: Callable[[PaperFacts, date], Paper]
    file: str


_KINDS: Mapping[str, _Kind] = {
    "processing": _Kind(processing, "verarbeitungsverzeichnis"),
    "assessment": _Kind(assessment, "folgenabschaetzung"),
}
_WRONG = {
    "order": _("Der zweite Zeitpunkt liegt vor dem ersten."),
    "unreadable": _("Die aufbewahrten Tatsachen lassen sich nicht vergleichen: Sie sind nicht mehr die, die aufbewahrt wurden."),
}


@router.get(_CHANGES)
def ask_for_changes(request: Request, visitor: Office) -> Response:
    """List when the facts changed, and ask which two times to compare."""
    kept = facts_kept(house_of(request).gateway)
    before = kept[-1][0].isoformat() if kept else ""
    return _changes(request, kept, before, _NOW)


@router.post(_CHANGES)
def list_changes(request: Request, visitor: Office, form: Form) -> Response:
    """Say what was added, removed or changed between two of the times that are listed, the later of which may be now."""
    house = house_of(request)
    kept = facts_kept(house.gateway)
    times = {at.isoformat(): at for at, _ in kept}
    before, after = form.one("before"), form.one("after")
    if before not in times or after not in {*times, _NOW}:
        raise not_found()
    now = house.corridor.clock()
    earlier, later = times[before], times.get(after, now)
    if later < earlier:
        return _changes(request, kept, before, after, wrong="order")
    try:
        old = facts_at(house.gateway, earlier)
        new = facts_of(house.gateway) if after == _NOW else facts_at(house.gateway, later)
    except FactsUnreadable:
        return _changes(request, kept, before, after, wrong="unreadable")
    found = differences_paper(differences(old, new), _written(house, earlier), _written(house, later))
    return _changes(request, kept, before, after, found=found)


@router.get("/pages/office/papers/{paper}")
def show_paper(request: Request, visitor: Office, paper: str) -> Response:
    """Show one of the papers, as of now."""
    made, facts = _made(house_of(request), _kind(paper))
    return page(request, "office/paper.html", paper=paper, title=made.title, subtitle=made.subtitle, blocks=shown_blocks(made), facts=facts)


@router.get("/pages/office/papers/{paper}/markdown")
def give_markdown(request: Request, visitor: Office, paper: str) -> Response:
    """Give one of them as Markdown, to be kept."""
    kind = _kind(paper)
    return file_to_keep(markdown(_made(house_of(request), kind)[0]).encode(), "text/markdown; charset=utf-8", f"{kind.file}.md")


@router.get("/pages/office/papers/{paper}/pdf")
async def give_pdf(request: Request, visitor: Office, paper: str) -> Response:
    """Give one of them as PDF, to be kept. Raises Refused ``papers_unavailable``."""
    house, kind = house_of(request), _kind(paper)
    content = await run_sync(_set, house, kind, limiter=house.typesetting)
    return file_to_keep(content, "application/pdf", f"{kind.file}.pdf")


def _changes(
    request: Request,
    kept: Sequence[tuple[datetime, str]],
    before: str,
    after: str,
    *,
    wrong: str | None = None,
    found: Paper | None = None,
) -> Response:
    return page(
        request,
        "office/paper_changes.html",
        status=200 if wrong is None else 422,
        kept=[(at.isoformat(), at, sha256) for at, sha256 in reversed(kept)],
        now=_NOW,
        before=before,
        after=after,
        wrong=None if wrong is None else _WRONG[wrong],
        found=found,
        blocks=() if found is None else shown_blocks(found),
    )


def _kind(paper: str) -> _Kind:
    """Find the paper that is meant. Raises Refused 404."""
    if paper not in _KINDS:
        raise not_found()
    return _KINDS[paper]


def _made(house: House, kind: _Kind) -> tuple[Paper, PaperFacts]:
    facts = facts_of(house.gateway)
    return kind.write(facts, today(house.corridor)), facts


def _set(house: House, kind: _Kind) -> bytes:
    made, facts = _made(house, kind)
    try:
        return pdf(made, facts, today(house.corridor))
    except PapersUnavailable:
        raise Refused(501, "papers_unavailable") from None


def _written(house: House, at: datetime) -> str:
    """Write a time as on German letters: the paper is German."""
    return f"{at.astimezone(house.corridor.policy.zone):%d.%m.%Y %H:%M:%S}"
