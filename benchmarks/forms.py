"""Set one form in Arabic and German, against typst's own time for an empty page with the same fonts given.

The form is another one each time: another client, occasion and digest. The empty page is what typst offers to everybody, `typst.compile`
with the folder of our fonts and no others, as PDF without tags.
"""

import hashlib
import statistics
import time
from collections.abc import Callable
from datetime import date
from itertools import count

import rfc8785
import typst

from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.documents.clients_copy import Office
from imgate.documents.fonts import FOLDER
from imgate.documents.form import form
from imgate.documents.wording import words_of
from imgate.vocabulary.words import Information

_CONTENT = {
    "partner": "jobcenter-rems-murr",
    "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
    "clauses": ["confidentiality_release", "data_protection_consent"],
    "direction": "both",
    "purposes": ["labour_market_integration"],
    "scopes": ["contact_persons.jobcenter", "language.level", "language.course", "residence.status", "work.history", "work.status"],
    "onward_from": [],
    "valid_from": "2026-01-15",
    "valid_until": "2026-12-31",
    "signers_required": ["client"],
    "language": "ar",
    "interpreter": None,
    "informed_of": [told.value for told in Information],
    "supersedes": None,
    "recipient": "Jobcenter Rems-Murr, Team 412",
    "catalogue": 1,
    "wording": "1",
}
_OFFICE = Office(("Marktplatz 1, 71364 Winnenden", "07195 13-0"), "Dr. D. Schutz")


def measure(*, quick: bool = False) -> list[Row]:
    """Measure, after looking at what was set."""
    numbers = count()

    def ours() -> None:
        _form(next(numbers))

    def empty() -> None:
        typst.compile(f"// {next(numbers)}".encode(), font_paths=[FOLDER], ignore_system_fonts=True, format="pdf")

    begun = time.perf_counter()
    check(_form(0).startswith(b"%PDF-"), "no form was set")
    first = (time.perf_counter() - begun) * 1000
    check(_form(1) == _form(1), "the same declaration made another form")
    calls, rounds = (10, 5) if quick else (30, 9)
    forms, pages = interleaved(rounds, _timed(ours, calls), _timed(empty, calls))
    return [
        promise(
            "forms: one form, Arabic and German (reference: typst's empty page, fonts given)",
            statistics.median(forms),
            "ms",
            statistics.median(pages),
            median_ratio(forms, pages),
            Goal("at most", 10),
        ),
        note("  the first form of a process", first, "ms"),
    ]


def _form(number: int) -> bytes:
    content = _CONTENT | {"client": f"K-{number}", "occasion": f"Vermittlung in die Ausbildung {number}", "nonce": f"{number:032x}"}
    digest = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    shown = {"id": f"00000000-0000-4000-8000-{number:012x}", "digest": digest, "state": "draft", "content": content}
    return form(shown, words_of("1", "ar"), _OFFICE, partners={}, made_on=date(2026, 1, 14))


def _timed(step: Callable[[], None], calls: int) -> Callable[[], float]:
    """Give a round of many calls; it answers with milliseconds for one."""

    def timed() -> float:
        begun = time.perf_counter()
        for _ in range(calls):
            step()
        return (time.perf_counter() - begun) * 1000 / calls

    return timed
