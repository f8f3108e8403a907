"""The disclosures on paper (Art. 15 GDPR): what ``exchange.rights.disclosed`` gives, in the client's language alone, nothing left out.

Other papers have German beside the client's language, because somebody signs them. This one is a list to read, and may be long: it is
printed in German too for whoever wants it. The list itself travels inside as JSON.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from imgate.documents.declared import day
from imgate.documents.languages import GERMAN, Language, written_day
from imgate.documents.office import Office
from imgate.documents.runs import Runs, inside, plain, runs_of, written
from imgate.documents.typesetting import Attachment, Relationship, typeset
from imgate.documents.wording import Both, Wording, Words
from imgate.vocabulary.words import SELF, DeclarationState, Direction

_TAIL = 12  # digits of an exchange's id: the part that differs between exchanges of one moment
_BETWEEN = " · "
Line = dict[str, Any]


def disclosures_paper(disclosed: Mapping[str, Any], words: Words, office: Office, zone: ZoneInfo) -> bytes:
    """Set it as PDF. Raises PapersUnavailable, WordingIncomplete."""
    paper = _Paper(disclosed, words, zone)
    unit = disclosed["gateway"]
    as_of = datetime.fromisoformat(disclosed["as_of"]).astimezone(zone).date()
    own, said = paper.own, paper.said
    data = {
        "w": {name: paper.both(name) for name in ("overview", "all", "declarations", "kept", "rights")},
        "lead": said("lead", unit=unit),
        "box": paper.box(written_day(as_of)),
        "also_german": None if words.other is None else said("also_german"),
        "nothing": said("nothing"),
        "total": said("count", count=str(len(disclosed["disclosures"]))),
        "heads": {
            "overview": [said("who"), said("got"), said("sent")],
            "disclosures": [said(name) for name in ("number", "when", "who", "what", "why")],
            "declarations": [said(name) for name in ("number", "recipient", "term", "state")],
            "kept": [said(name) for name in ("kept_what", "kept_count", "kept_term")],
        },
        "overview": [paper.partner(partner) for partner in disclosed["partners"]],
        "disclosures": [paper.row(number, row) for number, row in enumerate(disclosed["disclosures"], 1)],
        "declarations": [paper.declaration(declared) for declared in disclosed["declarations"]],
        "kept": [paper.kept(kept) for kept in disclosed["kept"]],
        "rights": [words.both("copy.further_rights"), words.both("information.revocability", unit=unit)],
        "contact_label": own.runs("information.contact"),
        "contact": [paper.named(line) for line in office.contact],
        "officer_label": own.runs("copy.officer"),
        "officer": [paper.named(office.officer)] if office.officer else [],
    }
    return typeset(
        "disclosures",
        data,
        words=words,
        title=paper.both("title"),
        dated=as_of,
        reference=disclosed["client"],
        alone=True,
        # Our own texts are drafts, also where somebody has checked the wording.
        marks=[words.both("language.machine_draft")] if words.other is not None and not words.machine_draft else (),
        attachments=[Attachment("disclosures.json", json.dumps(disclosed, ensure_ascii=False).encode(), relationship=Relationship.DATA)],
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """Writes the cells, each a list of lines, in the paper's language."""

    disclosed: Mapping[str, Any] = field(repr=False)
    words: Words
    zone: ZoneInfo

    @property
    def language(self) -> Language:
        return GERMAN if self.words.other is None else self.words.other.language

    @property
    def own(self) -> Wording:
        return self.words.other or self.words.german

    def named(self, text: str) -> Line:
        """Give a line that is no text of this language."""
        return _line(self._names([text]))

    def said(self, text: str, /, **values: str) -> Runs:
        return runs_of(_texts()[self.language.tag][text], self.language, values)

    def both(self, name: str) -> Both:
        german = runs_of(_texts()[GERMAN.tag][name], GERMAN, {})
        return {"de": german, "tr": None if self.words.other is None else self.said(name)}

    def box(self, today: str) -> list[Line]:
        return [
            _small(self.own.runs("copy.state", day=today)),
            _strong([*self.own.runs("form.reference"), " ", *self._names([self.disclosed["client"]])]),
        ]

    def partner(self, partner: Mapping[str, Any]) -> list[list[Line]]:
        who = [_strong(self._names([partner["name"]]))]
        if "formerly" in partner:
            who.append(_small(self.said("formerly", names="; ".join(partner["formerly"]))))
        return [who, *(list(self._sum(partner.get(direction.value))) for direction in Direction)]

    def _sum(self, flow: Mapping[str, Any] | None) -> Iterator[Line]:
        if flow is None:
            yield _line(["–"])
            return
        yield _line(self.said("count", count=str(flow["count"])))
        yield _line(self.said("last", day=self._moment(flow["last_at"])[0]))
        yield _small(self._scopes(flow["scopes"]))

    def row(self, number: int, row: Mapping[str, Any]) -> list[list[Line]]:
        to_partner = row["direction"] == Direction.TO_PARTNER
        when = [_line(self._names([part])) for part in self._moment(row["at"])]
        who = [_strong(self._names([row["name"]])), _line(self.said("got" if to_partner else "sent"))]
        if row["arrival"] in ("uncertain", "rejected", "acknowledged"):
            who.append(_small(self.said(row["arrival"])))
        what = [_line(self._scopes(row["scopes"])), _small(self.said("count", count=str(len(row["scopes"]))))]
        why = [_line(self.own.runs(f"purposes.{row['purpose']}"))] if "purpose" in row else []
        why += [_small(line) for line in (*self._sources(row), *self._permissions(row))]
        return [[_line([str(number)])], [*when, _small(self._names([f"…{row['exchange'][-_TAIL:]}"]))], who, what, why]

    def _sources(self, row: Mapping[str, Any]) -> Iterator[Runs]:
        """Say where it came from: in one line where all of it came from one, else who gave what."""
        scopes_by_origin: dict[str, list[str]] = {}
        for scope, origin in row["provenance"].items():
            scopes_by_origin.setdefault(origin, []).append(scope)
        if len(scopes_by_origin) == 1:
            (origin,) = scopes_by_origin
            yield self.said("from_myself") if origin == SELF else self.said("from_partner", name=self._called(origin))
            return
        for origin, scopes in scopes_by_origin.items():
            if origin != SELF:
                yield self.said("from_partner_some", name=self._called(origin), scopes=self._listed(scopes))
        if SELF in scopes_by_origin:
            yield self.said("from_myself_rest")

    def _permissions(self, row: Mapping[str, Any]) -> Iterator[Runs]:
        """Say under which declarations, and until when: where they differ, what holds for most scopes first, then the exceptions."""
        by_size = sorted(row["permissions"], key=lambda permission: -len(permission["scopes"]))
        for at, permission in enumerate(by_size):
            yield self._permission(permission)
            if at:
                yield self.said("only_for", scopes=self._listed(permission["scopes"]))

    def _permission(self, permission: Mapping[str, Any]) -> Runs:
        number = str(self._number(permission["declaration"]))
        if "until" not in permission:
            return self.said("unreadable", number=number)
        if "ended_by" not in permission:
            return self.said("runs", number=number, day=day(permission["until"]))
        if "ended_at" not in permission:
            return self.said("ran_unknown", number=number)
        last = day(permission["until"]) if permission["ended_by"] == "expired" else self._moment(permission["ended_at"])[0]
        return self.said("ran", number=number, day=last)

    def declaration(self, declared: Mapping[str, Any]) -> list[list[Line]]:
        number = str(self._number(declared["id"]))
        tail = _small(self._names([f"…{declared['id'][-_TAIL:]}"]))
        if declared["state"] == "unreadable":
            return [[_line([number])], [tail], [], [_line(self.said("unreadable", number=number))]]
        state = [_strong(self.own.runs(f"states.{declared['state']}"))]
        if "ended_at" in declared and declared["state"] != DeclarationState.EXPIRED:
            state.append(_line(self.said("since", day=self._moment(declared["ended_at"])[0])))
        state += [
            _small(self.said("revoked", day=self._moment(revoked["at"])[0], scopes=self._listed([revoked["scope"]])))
            for revoked in declared["revoked"]
        ]
        span = [_line(self._names([day(declared[end])])) for end in ("valid_from", "valid_until")]
        return [[_line([number])], [_strong(self._names([declared["recipient"]])), tail], span, state]

    def kept(self, kept: Mapping[str, Any]) -> list[list[Line]]:
        count = str(kept.get("years", kept.get("days", "")))
        number = str(kept["count"]) if "count" in kept else "–"
        return [[_line(self.said(f"{kept['category']}_kept"))], [_line([number])], [_line(self.said(kept["term"], count=count))]]

    def _number(self, declaration: str) -> int:
        """Give under which number a declaration stands on this paper; 0 for one of which nothing is left."""
        return next((number for number, one in enumerate(self.disclosed["declarations"], 1) if one["id"] == declaration), 0)

    def _called(self, origin: str) -> str:
        return next((str(partner["name"]) for partner in self.disclosed["partners"] if partner["partner"] == origin), origin)

    def _names(self, texts: Sequence[str]) -> Runs:
        """Set apart what is no text of this language: names, days, ids."""
        return [inside(written(text), self.language) for text in texts]

    def _scopes(self, scopes: Sequence[str]) -> Runs:
        return [run for at, scope in enumerate(scopes) for run in ([_BETWEEN] if at else []) + self.own.scope(scope)[0]]

    def _listed(self, scopes: Sequence[str]) -> str:
        return plain(self._scopes(scopes))

    def _moment(self, at: str) -> tuple[str, str]:
        """Write day and time of a moment, as it was in the gateway's zone."""
        here = datetime.fromisoformat(at).astimezone(self.zone)
        return written_day(here.date()), f"{here:%H:%M:%S}"


def _line(runs: Runs) -> Line:
    return {"as": "plain", "runs": runs}


def _strong(runs: Runs) -> Line:
    return {"as": "strong", "runs": runs}


def _small(runs: Runs) -> Line:
    return {"as": "small", "runs": runs}


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((resources.files("imgate.documents") / "disclosure_words.toml").read_text(encoding="utf-8"))
