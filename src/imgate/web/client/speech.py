"""In which language somebody reads the page: a word of the address out of a fixed list, so that nothing need be kept in the browser."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from imgate.documents.languages import GERMAN, LANGUAGES, language_of
from imgate.documents.runs import Runs
from imgate.documents.wording import Words, words_of
from imgate.web.house import House, house_of
from imgate.web.rendering import page


@dataclass(frozen=True, slots=True)
class Speech:
    """A language of the papers. ``chosen``: the address says so. ``beside``: German stands beside it, for whoever helps."""

    tag: str
    chosen: bool = False
    beside: bool = False

    @property
    def query(self) -> str:
        """Give what has to stand in an address so that the next page is read in the same way."""
        said = [f"lang={self.tag}"] if self.chosen else []
        return "?" + "&".join([*said, "beside=de"] if self.beside else said) if said or self.beside else ""


def speech_of(request: Request) -> Speech:
    """Read it off the address; else the first language that the browser asks for and the papers have; else German."""
    tag = request.query_params.get("lang", "")
    beside = request.query_params.get("beside") == GERMAN.tag
    if tag in LANGUAGES:
        return Speech(tag, chosen=True, beside=beside and tag != GERMAN.tag)
    for asked in request.headers.get("accept-language", "")[:200].split(","):
        found = language_of(asked.partition(";")[0].strip())
        if found is not None:
            return Speech(found.tag)
    return Speech(GERMAN.tag)


def client_page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Answer with ``client/<template>.html`` in the visitor's language, and with its body in German too where that was asked for."""
    house, speech = house_of(request), speech_of(request)
    shared = {"query": speech.query, "beside": speech.beside, "tongue": speech.tag, "tongues": _tongues(house)}
    german = None
    if speech.beside:
        told = {"said": _Spoken(house, GERMAN.tag), "part": "de-"}
        german = Markup(house.rendering.render(f"client/{template}_body.html", GERMAN.tag, shared | told | values))  # noqa: S704  # a template's
    return page(
        request,
        f"client/{template}.html",
        status=status,
        language=speech.tag,
        **shared,
        german=german,
        said=_Spoken(house, speech.tag),
        part="",
        draft=_words(house, speech.tag).machine_draft,
        **values,
    )


class _Spoken:
    """Gives what the papers say, as HTML: each name and each paragraph of law keeps its direction and its language."""

    def __init__(self, house: House, tag: str) -> None:
        words = _words(house, tag)
        self._wording = words.other or words.german

    def __call__(self, key: str, **values: str) -> Markup:
        return _html(self._wording.runs(key, **values))


def _words(house: House, tag: str) -> Words:
    return words_of(house.rendering.wording, tag)


def _tongues(house: House) -> list[dict[str, str]]:
    """Give each language by its tag, what browsers call it, its direction, and its own name."""
    return [
        {
            "tag": tag,
            "lang": language.bcp47,
            "dir": "rtl" if language.right_to_left else "ltr",
            "name": _own_name(_words(house, tag)),
        }
        for tag, language in LANGUAGES.items()
    ]


def _own_name(words: Words) -> str:
    return (words.other or words.german).text("language.name")


def _html(runs: Runs) -> Markup:
    return Markup("").join(escape(run) if isinstance(run, str) else _apart(run["t"], run["dir"], run.get("lang")) for run in runs)


def _apart(text: str, direction: str, lang: str | None) -> Markup:
    if lang is None:
        return Markup('<bdi dir="{}">{}</bdi>').format(direction, text)
    return Markup('<bdi dir="{}" lang="{}">{}</bdi>').format(direction, lang, text)
