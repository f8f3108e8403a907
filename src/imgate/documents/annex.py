"""The annex: "this is what would be sent", in words a client can read, and then the message itself, character by character.

It shows what ``would_be_sent`` found and adds nothing: what is withheld stands there by its name and reason, never with its value.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from imgate.documents.fonts import printable
from imgate.documents.laid_out import Line, Said, laid_out
from imgate.documents.length import is_too_long
from imgate.documents.message_file import message_file
from imgate.documents.runs import written
from imgate.documents.typesetting import Attachment, Relationship, typeset
from imgate.documents.wording import Both, Words
from imgate.exchange.code_lists import NoNames
from imgate.exchange.declarations.would_be import WouldBe, WouldBeMessage
from imgate.exchange.ports import CodeNames
from imgate.exchange.refusals import Problem, Refused
from imgate.vocabulary.words import DeclarationState

# A case's message is a few pages. Of a longer one the beginning is printed; the file that is attached is whole.
_PRINTED_MAX, _PRINTED_LINES_MAX = 40_000, 1_000
# As many letters of 7 points as stand in one line; what is longer goes on in the next, set in.
_LINE_MAX = 108


def annex(shown: WouldBe, words: Words, names: CodeNames = NoNames()) -> bytes:  # noqa: B008  # holds nothing
    """Set the annex as PDF; ``names`` says how codes of published lists are called.

    Raises Refused ``annex_too_long``, PapersUnavailable, WordingIncomplete.
    """
    content = shown.shown["content"]
    message = shown.message
    lines = {scope: _laid_out(scope, shown, names) for scope in shown.origins}
    if is_too_long([line.content or "" for scope in lines.values() for line in scope]):
        raise Refused(422, "annex_too_long", [Problem("annex_too_long", "/record")])
    data = {
        "w": {name: words.both(f"annex.{name}") for name in ("purpose", "sent", "withheld", "origin", "nothing", "message", "reason")}
        | {"scope": words.both("form.scope")},
        "lead": words.both("annex.lead", recipient=shown.partner),
        "day": words.both("annex.day", day=f"{shown.judged_on:%d.%m.%Y}"),
        "purpose": words.both(f"purposes.{shown.purpose}"),
        "sent": [_sent(scope, lines[scope], shown.origins[scope], words) for scope in lines],
        "withheld": [{"scope": words.scope(scope)["words"], "reason": _reason(reason, words)} for scope, reason in shown.withheld],
        "envelope": words.both("annex.envelope", recipient=shown.partner, reference=shown.reference) if message else None,
        "message": words.both("annex.no_message") if message is None else None,
        "printed": None if message is None else _printed(message, words),
    }
    return typeset(
        "annex",
        data,
        words=words,
        title=words.both("annex.title"),
        dated=shown.made_on,
        reference=f"{content['client']} · {shown.shown['id']}",
        digest=shown.shown["digest"],
        marks=[words.both("form.draft")] if shown.shown["state"] == DeclarationState.DRAFT else (),
        attachments=() if message is None else (_attachment(message),),
    )


def _laid_out(scope: str, shown: WouldBe, names: CodeNames) -> tuple[Line, ...]:
    section, _, item = scope.partition(".")
    return laid_out(scope, shown.record[section][item], names)


def _sent(scope: str, lines: Sequence[Line], origin: str | None, words: Words) -> dict[str, Any]:
    return {
        "scope": words.scope(scope)["words"],
        "origin": None if origin is None else written(origin),
        "lines": [_line(line, words) for line in lines],
    }


def _line(line: Line, words: Words) -> dict[str, Any]:
    content = line.content
    return {
        "depth": line.depth,
        "label": line.label,
        "content": written(content) if isinstance(content, str) and not isinstance(content, Said) else None,
        "said": words.both(f"annex.{content.value}") if isinstance(content, Said) else None,
    }


def _reason(reason: str, words: Words) -> Both:
    """Give the reason in words; some of them a client need not tell apart."""
    return words.both(f"reasons.{reason}" if reason in words.german.texts["reasons"] else "reasons.other")


def _printed(message: WouldBeMessage, words: Words) -> dict[str, Any]:
    """Give the message as it is printed: its lines, or what it is where it is no text."""
    text = _text(message)
    lines, is_cut = _beginning(text or "")
    return {
        "lead": words.both("annex.message_lead"),
        "file": words.both(
            "annex.message_file", file=message_file(message.media_type), media_type=message.media_type, size=str(len(message.content))
        ),
        "sha256": hashlib.sha256(message.content).hexdigest(),
        "note": words.both("annex.message_binary") if text is None else words.both("annex.message_cut") if is_cut else None,
        "lines": [] if text is None else [list(_pieces(line)) for line in lines],
    }


def _text(message: WouldBeMessage) -> str | None:
    """Read the bytes as text, None where they are none: UTF-8, and for a table what Windows writes."""
    kind = message.media_type.partition(";")[0].strip().lower()
    if not kind.startswith("text/") and not kind.endswith(("/xml", "+xml", "/json", "+json")):
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return message.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _beginning(text: str) -> tuple[list[str], bool]:
    """Give the lines that are printed, and whether that is not all."""
    whole = text.replace("\r\n", "\n")
    printed = printable(whole[:_PRINTED_MAX])
    lines = printed[:_PRINTED_MAX].split("\n")
    return lines[:_PRINTED_LINES_MAX], max(len(whole), len(printed)) > _PRINTED_MAX or len(lines) > _PRINTED_LINES_MAX


def _pieces(line: str) -> Iterator[str]:
    """Give a line in pieces that fit on the paper; joined, they are the line.

    Break before an element or behind a blank where there is one in the second half of the line, anywhere else where there is none.
    """
    while len(line) > _LINE_MAX:
        window = line[_LINE_MAX // 2 : _LINE_MAX + 1]
        at = max(window.rfind("<"), window.rfind(" ") + 1, window.rfind(";") + 1)
        end = _LINE_MAX if at <= 0 else _LINE_MAX // 2 + min(at, _LINE_MAX - _LINE_MAX // 2)
        yield line[:end]
        line = line[end:]
    yield line


def _attachment(message: WouldBeMessage) -> Attachment:
    return Attachment(message_file(message.media_type), message.content, message.media_type, Relationship.DATA)
