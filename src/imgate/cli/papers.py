"""`imgate papers`: the office's papers about this gateway, in German, and what changed in them between two days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from imgate.cli.new_file import check_output, write_new
from imgate.cli.output import Failed, result, table, text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from imgate.bootstrap import Gateway
    from imgate.documents.office_papers.blocks import Paper
    from imgate.documents.office_papers.facts import PaperFacts

app = typer.Typer(help="The office's papers: the record of processing, the impact assessment, what changed.", no_args_is_help=True)
_Output = Annotated[str | None, typer.Option("--output", "-o", help="Write the Markdown into a new file instead of to stdout.")]
_Pdf = Annotated[str | None, typer.Option("--pdf", help="Write a PDF into this new file instead.")]


@app.callback()
def _noun() -> None:
    """Write the papers that an office owes about this gateway."""


@app.command()
def processing(output: _Output = None, pdf: _Pdf = None) -> None:
    """Write the record of processing activities (Art. 30 GDPR, Verzeichnis von Verarbeitungstätigkeiten), as of now."""
    _write("processing", output, pdf)


@app.command()
def assessment(output: _Output = None, pdf: _Pdf = None) -> None:
    """Write the factual part of a data protection impact assessment (Art. 35 GDPR, Datenschutz-Folgenabschätzung), as of now."""
    _write("assessment", output, pdf)


@app.command("list")
def list_kept(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List when the facts of the papers changed, the oldest first, with their digests."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.paper_keeping import facts_kept
    from imgate.settings import load_settings

    with open_gateway(load_settings(), make_keys=False) as gateway:
        kept = [(at.astimezone(gateway.settings.zone).isoformat(timespec="seconds"), sha256) for at, sha256 in facts_kept(gateway)]
    if as_json:
        result([{"at": at, "sha256": sha256} for at, sha256 in kept])
    else:
        table(("at", "sha256"), kept)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="FROM", help="A day (2026-10-01), at its end, or a time (2026-10-01T12:00:00+02:00).")],
    after: Annotated[str | None, typer.Argument(metavar="[TO]", help="The same; what holds now, unless said.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for each fact that is another.")] = False,
    pdf: _Pdf = None,
) -> None:
    """Say in German, fact by fact, what was added, removed or changed between two times."""
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.paper_facts import facts_of
    from imgate.documents.office_papers import differences, markdown
    from imgate.documents.office_papers.words import words
    from imgate.settings import load_settings

    if pdf is not None and as_json:
        raise typer.BadParameter("a PDF (--pdf) or JSON (--json)")
    if pdf is not None:
        check_output(pdf)
    with open_gateway(load_settings(), make_keys=False) as gateway:
        zone, now = gateway.settings.zone, gateway.corridor.clock()
        earlier, later = _moment(before, zone, now), now if after is None else _moment(after, zone, now)
        if later < earlier:
            raise Failed("FROM is later than TO.")
        old = _kept(gateway, earlier)
        new = facts_of(gateway) if after is None else _kept(gateway, later)
    found = differences.differences(old, new)
    if as_json:
        result([difference.as_json() for difference in found])
        return
    named = [_named(moment, zone) for moment in (earlier, later)]
    if after is None:
        named[1] = words()["differences"]["now"].format(moment=named[1])
    paper = differences.differences_paper(found, *named)
    if pdf is not None:
        _write_pdf(pdf, paper, new, now.astimezone(zone).date(), earlier=old)
    else:
        text(markdown.markdown(paper).rstrip("\n"))


def _write(paper: str, output: str | None, pdf: str | None) -> None:
    from imgate.bootstrap import open_gateway
    from imgate.bootstrap.paper_facts import facts_of
    from imgate.documents.office_papers.assessment import assessment
    from imgate.documents.office_papers.markdown import markdown
    from imgate.documents.office_papers.processing import processing
    from imgate.settings import load_settings

    if output is not None and pdf is not None:
        raise typer.BadParameter("write either Markdown (--output) or a PDF (--pdf)")
    for file in filter(None, (output, pdf)):
        check_output(file)
    with open_gateway(load_settings(), make_keys=False) as gateway:
        facts, on = facts_of(gateway), gateway.corridor.clock().astimezone(gateway.settings.zone).date()
    made = {"processing": processing, "assessment": assessment}[paper](facts, on)
    if pdf is not None:
        _write_pdf(pdf, made, facts, on)
    elif output is not None:
        write_new(output, markdown(made).encode(), personal=False)
    else:
        text(markdown(made).rstrip("\n"))


def _write_pdf(file: str, paper: "Paper", facts: "PaperFacts", on: date, *, earlier: "PaperFacts | None" = None) -> None:
    """Set a paper and write it into a new file. Raises Failed."""
    from imgate.documents.office_papers.pdf import pdf
    from imgate.documents.typesetting import PapersUnavailable

    try:
        write_new(file, pdf(paper, facts, on, earlier=earlier), personal=False)
    except PapersUnavailable as unavailable:
        raise Failed(str(unavailable)) from None


def _moment(said: str, zone: "ZoneInfo", now: datetime) -> datetime:
    """Read a day, which means its end, or a time with its distance from UTC. Raises Failed."""
    try:
        if len(said) == len("2026-10-01"):
            day = date.fromisoformat(said)
            if day > now.astimezone(zone).date():
                raise Failed(f"{said} is in the future.")
            return min(datetime.combine(day + timedelta(days=1), time.min, zone) - timedelta(microseconds=1), now)
        read = datetime.fromisoformat(said)
        moment = None if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise Failed(f"{said} is no day such as 2026-10-01, and no time with its offset such as 2026-10-01T12:00:00+02:00.")
    if moment > now:
        raise Failed(f"{said} is in the future.")
    return moment


def _kept(gateway: "Gateway", at: datetime) -> "PaperFacts":
    """Give the facts that held at a moment. Raises Failed."""
    from imgate.bootstrap.paper_keeping import NoFactsThen, facts_at
    from imgate.documents.office_papers.facts import FactsUnreadable

    zone = gateway.settings.zone
    try:
        return facts_at(gateway, at)
    except NoFactsThen as none:
        since = "none yet, they are kept at each start" if none.first is None else f"the first {_written(none.first, zone)}"
        raise Failed(f"No facts had been kept by {_written(at, zone)}: {since}.") from None
    except FactsUnreadable as unreadable:
        raise Failed(f"The facts of {_written(at, zone)} cannot be compared: {unreadable}.") from None


def _written(moment: datetime, zone: "ZoneInfo") -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def _named(moment: datetime, zone: "ZoneInfo") -> str:
    """Write a time as on German letters."""
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M:%S}"
