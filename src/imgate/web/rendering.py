"""Pages out of templates, in German or English; the client's page in the client's language.

German is the language of the templates themselves. The others are catalogues beside them (``locale``), read once; what a catalogue does
not have is shown in German.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from imgate import __version__
from imgate.documents.languages import GERMAN, LANGUAGES
from imgate.web import labels
from imgate.web.navigation import navigation_of

LANGUAGE_COOKIE = "imgate-language"
OF_THE_HOUSE = ("de", "en")


@dataclass(frozen=True)
class Rendering:
    """Renders for one gateway. ``unit`` is its name, ``zone`` the zone that times are shown in."""

    unit: str
    zone: ZoneInfo
    wording: str

    def render(self, template: str, language: str, values: Mapping[str, Any]) -> str:
        """Render a template in one language."""
        return _environment(self, language).get_template(template).render(values)

    def translate(self, language: str, message: str) -> str:
        """Give a sentence of the code in this language."""
        return _translations(language).gettext(message)


@cache
def _environment(rendering: Rendering, language: str) -> Environment:
    """Make the environment of one language once: a template is compiled when it is first asked for, and kept."""
    environment = Environment(
        loader=PackageLoader("imgate.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations, locale, words = _translations(language), _locale(language), LANGUAGES[language]
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.filters |= {**_dates(rendering.zone, locale), **labels.filters_of(language, rendering.wording, translations.gettext)}
    environment.globals |= {
        "language": words.bcp47,
        "direction": "rtl" if words.right_to_left else "ltr",
        "languages_of_the_house": {"de": "Deutsch", "en": "English"},
        "unit": rendering.unit,
        "version": __version__,
        "static": static_url,
        "kern": has_kern(),
    }
    return environment


def _dates(zone: ZoneInfo, locale: Locale) -> dict[str, Callable[[Any], str]]:
    def day(given: str | date) -> str:
        at = date.fromisoformat(given[:10]) if isinstance(given, str) else given
        return format_date(at, "dd.MM.y" if locale.language != "en" else "d MMM y", locale=locale)

    def moment(given: str | datetime) -> str:
        at = (datetime.fromisoformat(given) if isinstance(given, str) else given).astimezone(zone)
        return format_datetime(at, "dd.MM.y, HH:mm" if locale.language != "en" else "d MMM y, HH:mm", locale=locale)

    return {"day": day, "moment": moment}


def page(request: Request, template: str, *, status: int = 200, language: str | None = None, **values: Any) -> HTMLResponse:
    """Answer with a page. ``language`` is given where it does not follow the visitor's own choice."""
    rendering: Rendering = request.app.state.house.rendering
    spoken = language or chosen_language(request)
    visitor = getattr(request.state, "visitor", None)
    shared = {
        "visitor": visitor,
        "navigation": navigation_of(visitor, request.url.path),
        "path": request.url.path,
        "done": labels.DONE.get(request.query_params.get("done", "")),
    }
    return HTMLResponse(rendering.render(template, spoken, shared | values), status)


def chosen_language(request: Request) -> str:
    """Give the language of the house that the visitor chose, or whose browser asks for it first; else German."""
    visitor = getattr(request.state, "visitor", None)
    for chosen in (request.cookies.get(LANGUAGE_COOKIE), visitor and visitor.user.language):
        if chosen in OF_THE_HOUSE:
            return str(chosen)
    for asked in request.headers.get("accept-language", "").split(","):
        tag = asked.partition(";")[0].strip().lower().partition("-")[0]
        if tag in OF_THE_HOUSE:
            return tag
    return "de"


def _translations(language: str) -> NullTranslations:
    return NullTranslations() if language == GERMAN.tag else _catalogue(language)


@cache
def _catalogue(language: str) -> NullTranslations:
    """Read the catalogues of one language, one for each part of the pages."""
    folder, whole = resources.files("imgate.web") / "locale" / language, Translations()
    for file in sorted(folder.iterdir(), key=lambda each: each.name) if folder.is_dir() else ():
        compiled = BytesIO()
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=_locale(language)))
        compiled.seek(0)
        whole.merge(Translations(compiled))
    return whole


def _locale(language: str) -> Locale:
    return Locale.parse(LANGUAGES[language].bcp47, sep="-")


@cache
def static_folder() -> Traversable:
    """Give the folder of style sheets, fonts and scripts."""
    return resources.files("imgate.web") / "static"


@cache
def has_kern() -> bool:
    """Tell whether the KERN design system was put into this installation; without it the pages are plain."""
    return (static_folder() / "kern" / "kern.min.css").is_file()


@cache
def static_url(name: str) -> str:
    """Give the address of a static file. It changes with the content, so that browsers may keep the file for good."""
    digest = hashlib.sha256((static_folder() / name).read_bytes()).hexdigest()[:12]
    return f"/pages/static/{digest}/{name}"
