"""What has arrived at simulated partners, and how to make one of them send and misbehave, as plain pages without scripts."""

import html
import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from imgate.conformance.simulated.behaviour import Behaviour, WrongAnswer
from imgate.conformance.simulated.samples import Sample

_STYLE = """<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
pre { overflow: auto; background: #f4f4f4; padding: .75rem; white-space: pre-wrap }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0 }
label { display: grid } input, select, button { font: inherit; padding: .25rem .5rem }
</style></head><body>
"""
_HEAD = """<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">{refresh}
"""
_REFRESH = '<meta http-equiv="refresh" content="5">'
_ARRIVED = "imgate: was bei den Partnern angekommen ist"


@dataclass(frozen=True, slots=True)
class Received:
    """One message that the partner holds, with its signed receipt where one came."""

    id: str
    media_type: str
    content: bytes = field(repr=False)
    at: datetime
    encrypted: bool = False
    receipt: str | None = field(default=None, repr=False)


class Why(StrEnum):
    """Why a webhook was not taken."""

    NO_TIME = "no time that can be read"
    OLD = "older than five minutes"
    AHEAD = "more than five minutes ahead"
    SIGNATURE = "signature does not fit"
    NOT_FOR_ITS_KEY = "not encrypted to its key"
    NOT_VALID = "not valid by the adapter"
    TOLD = "told to answer so"


# As the page says it.
_GERMAN = {
    Why.NO_TIME: "ohne lesbare Zeit",
    Why.OLD: "älter als fünf Minuten",
    Why.AHEAD: "mehr als fünf Minuten voraus",
    Why.SIGNATURE: "Signatur passt nicht",
    Why.NOT_FOR_ITS_KEY: "nicht für seinen Schlüssel verschlüsselt",
    Why.NOT_VALID: "nach dem Adapter nicht gültig",
    Why.TOLD: "soll so antworten",
}
_LAST_REFUSED = 20


@dataclass(frozen=True, slots=True)
class Refused:
    """One webhook that was not taken, and what was answered; ``wrong`` where that was no plain status.

    ``unverified_id`` is whatever the caller wrote: nothing says that a gateway sent it.
    """

    unverified_id: str
    status: int
    why: Why
    at: datetime
    wrong: WrongAnswer | None = None

    @property
    def shown_id(self) -> str:
        """The id as it can be shown: nothing in it can steer a terminal."""
        return self.unverified_id[:64] if self.unverified_id and self.unverified_id.isprintable() else "without id"


class Holder(Protocol):
    """Whose messages a page can show."""

    @property
    def name(self) -> str:
        """Who it is."""

    @property
    def held(self) -> Sequence[Received]:
        """What it holds now, in the order of arrival."""


def page(*holders: Holder) -> str:
    """Show what has arrived at partners, as a page that fetches nothing from anywhere and reloads itself."""
    head = _HEAD.format(title=_ARRIVED, refresh=_REFRESH) + _STYLE
    intro = "<h1>Was bei den Partnern angekommen ist</h1>\n<p>Simulierte Partner; die Personen sind erfunden. "
    return f"{head}{intro}Die Seite lädt sich alle fünf Sekunden neu.</p>\n{''.join(map(_section, holders))}</body></html>"


def desk(
    holder: Holder,
    behaviour: Behaviour,
    samples: Sequence[Sample],
    *,
    connected: bool,
    refused: Sequence[Refused] = (),
    told: str = "",
) -> str:
    """Show one partner with what it refused last, and the forms that make it send a sample or answer in another way."""
    title = html.escape(f"imgate: {holder.name}, simuliert")
    head = _HEAD.format(title=title, refresh="") + _STYLE
    said = f"<p><strong>{html.escape(told)}</strong></p>" if told else ""
    intro = f'<h1>{html.escape(holder.name)}</h1><p>Ein simulierter Partner; niemand hier ist echt. <a href="/">Neu laden</a></p>{said}'
    forms = f"{_sending(samples, connected=connected)}{_behaving(behaviour)}"
    return f"{head}{intro}{forms}{_refusals(refused)}{_section(holder)}</body></html>"


def _sending(samples: Sequence[Sample], *, connected: bool) -> str:
    if not connected:
        return "<h2>Senden</h2><p>Ohne Zugang zum Gateway (--gateway und --access) kann dieser Partner nichts senden.</p>"
    if not samples:
        return "<h2>Senden</h2><p>Das Plugin bringt keine Beispiele mit (Ordner samples/ in seinem Paket).</p>"
    options = "".join(f"<option>{html.escape(sample.name)}</option>" for sample in samples)
    return (
        f'<h2>Senden</h2><form method="post" action="/send"><label>Beispiel <select name="sample">{options}</select></label>'
        '<label>Kennzeichen der Person <input name="reference" required maxlength="64" autocomplete="off"></label>'
        "<button>Senden</button></form>"
    )


def _behaving(behaviour: Behaviour) -> str:
    wrong = "".join(f"<option{' selected' if behaviour.wrong is one else ''}>{one.value}</option>" for one in WrongAnswer)
    numbers = "".join(
        f'<label>{label} <input name="{name}" inputmode="decimal" size="6" value="{_shown(getattr(behaviour, name))}"></label>'
        for name, label in (
            ("status", "Status statt 204"),
            ("delay", "Sekunden warten"),
            ("times", "so oft"),
            ("retry_after", "Retry-After"),
        )
    )
    return (
        f'<h2>Antworten</h2><form method="post" action="/behaviour">{numbers}'
        f'<label>falsch <select name="wrong"><option></option>{wrong}</select></label><button>So antworten</button></form>'
    )


def _shown(number: float | None) -> str:
    return "" if not number else f"{number:g}"


def _refusals(refused: Sequence[Refused]) -> str:
    if not refused:
        return ""
    lines = "".join(
        f"<li>{one.at:%d.%m.%Y %H:%M:%S} UTC: {one.status}, {_GERMAN[one.why]}"
        f"{f' ({one.wrong})' if one.wrong else ''}, {html.escape(one.shown_id)}</li>"
        for one in reversed(refused[-_LAST_REFUSED:])
    )
    return f"<h2>Nicht angenommen</h2><p>{len(refused)}, die letzten zuerst</p><ul>{lines}</ul>"


def _section(holder: Holder) -> str:
    held = holder.held
    messages = "".join(
        f"<h3>{html.escape(one.id)}</h3><p>{html.escape(one.media_type)}, {one.at:%d.%m.%Y %H:%M:%S} UTC"
        f"{', verschlüsselt gekommen' if one.encrypted else ''}</p>"
        f"<pre>{html.escape(text(one))}</pre>{_receipt(one)}"
        for one in reversed(held)
    )
    return f"<h2>{html.escape(holder.name)}</h2><p>{len(held)} {'Nachricht' if len(held) == 1 else 'Nachrichten'}</p>{messages}"


def _receipt(received: Received) -> str:
    """Show what a receipt says; whether its signature holds is not looked at here."""
    if received.receipt is None:
        return "<p>Ohne Nachweis der Freigabe gekommen.</p>"
    payload = received.receipt.split(".")[1] if received.receipt.count(".") == 2 else ""
    try:
        said = json.dumps(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        said = "nicht lesbar"
    return f"<details><summary>Nachweis der Freigabe, hier nicht geprüft</summary><pre>{html.escape(said)}</pre></details>"


def text(received: Received) -> str:
    """Give a message as text to look at; of a PDF only that it is one."""
    if received.content.startswith(b"%PDF-"):
        return f"PDF, {len(received.content)} Bytes"
    return received.content.decode("utf-8-sig", errors="replace")
