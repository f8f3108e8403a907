"""Which bodies are responsible for somebody with this residence status, as far as the status alone says so. Pure.

With recognition the legal circle changes (AsylbLG, SGB II) and with it who is responsible for what: earlier helpers drop out. This
is one table that says so, each line with its paragraph. Where it depends on more than was released (the title behind a coarse status,
the length of stay), the line is not ``certain``, and a circle that cannot be told is ``unknown``: nothing is guessed. The lines speak of an
adult who needs help and is able to work; whether there is a claim at all, and from which day, is for the body to decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from imgate.codelists import RESIDENCE_PERMITS, RESIDENCE_PERMITS_VERSION
from imgate.vocabulary.words import Body


class Circle(StrEnum):
    """Under which law somebody's livelihood falls, if they need help."""

    ASYLBLG = "asylblg"
    SGB2 = "sgb2"
    SGB3 = "sgb3"
    SGB8 = "sgb8"
    SGB12 = "sgb12"
    NONE = "none"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """The phases of the KGSt (report 7/2017) that a residence status can tell.

    The first of its four, from the request for asylum to the Aufenthaltsgestattung, has no code in the list. The fourth is every
    residence title here: the coarse status does not say on what a title rests.
    """

    ASYLUM_APPLICANT = "asylum_applicant"
    TOLERATED = "tolerated"
    RESIDENCE_TITLE = "residence_title"
    UNKNOWN = "unknown"


class Task(StrEnum):
    """What a body is responsible for."""

    BENEFITS = "benefits"
    WORK_PLACEMENT = "work_placement"
    WORK_PERMISSION = "work_permission"
    RESIDENCE = "residence"


@dataclass(frozen=True, slots=True)
class Responsible:
    """One body for one task, and the paragraph that says so. ``certain``: it follows from what was released."""

    body: Body
    task: Task
    source: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands, and on which scope's value that rests.

    ``narrowed_by`` is another scope that says more, and ``wider`` what would be said without it.
    """

    scope: str
    circle: Circle
    phase: Phase
    certain: bool
    responsible: tuple[Responsible, ...]
    narrowed_by: str | None = None
    wider: "Standing | None" = None


_STATUS = "residence.status"
_TITLE_SCOPE = "residence.title"
_EFFECT_SCOPE = "residence.fictional_effect"
_REGIME = "benefits.regime"
# Without one of these nothing is said of where somebody stands.
SAID_BY = frozenset({_STATUS, _REGIME})


def _sozialamt(source: str = "§ 10 AsylbLG", *, certain: bool = True) -> Responsible:
    """§ 10 AsylbLG leaves it to the Land which body that is; in Baden-Württemberg it is found with the Sozialamt."""
    return Responsible(Body.SOZIALAMT, Task.BENEFITS, source, certain)


def _jobcenter(*, certain: bool = True) -> tuple[Responsible, Responsible]:
    benefits = Responsible(Body.JOBCENTER, Task.BENEFITS, "§ 7 Abs. 1 SGB II", certain)
    return benefits, Responsible(Body.JOBCENTER, Task.WORK_PLACEMENT, "§ 16 Abs. 1 SGB II", certain)


def _agentur(source: str = "§ 35 SGB III", *, certain: bool = True) -> Responsible:
    return Responsible(Body.AGENTUR_FUER_ARBEIT, Task.WORK_PLACEMENT, source, certain)


def _abh(source: str = "§ 71 Abs. 1 AufenthG", *, certain: bool = True) -> Responsible:
    return Responsible(Body.AUSLAENDERBEHOERDE, Task.RESIDENCE, source, certain)


def _work_permission(source: str, *, certain: bool = True) -> Responsible:
    return Responsible(Body.AUSLAENDERBEHOERDE, Task.WORK_PERMISSION, source, certain)


def _standing(circle: Circle, phase: Phase, *responsible: Responsible, certain: bool = True) -> Standing:
    return Standing(_STATUS, circle, phase, certain, responsible)


def _either_law(circle: Circle) -> Standing:
    """Whoever holds one of the titles that § 1(1) AsylbLG names may fall under either law, by what it was issued for and since when."""
    sozialamt = _sozialamt("§ 1 Abs. 1 AsylbLG", certain=False)
    return _standing(circle, Phase.RESIDENCE_TITLE, *_jobcenter(certain=False), sozialamt, _agentur(certain=False), _abh(), certain=False)


_TITLE = _standing(Circle.SGB2, Phase.RESIDENCE_TITLE, *_jobcenter(), _abh())

# By urn:de:bund:bamf:codelist:berd:aufenthaltsstatus, Version2.
BY_STATUS: Mapping[str, Standing] = MappingProxyType(
    {
        # Aufenthaltserlaubnis: SGB II, but for the titles that § 1(1) AsylbLG names.
        "1": _either_law(Circle.SGB2),
        # Niederlassungserlaubnis: none of the cases of § 1 Abs. 1 AsylbLG.
        "2": _TITLE,
        # Duldung. Which authority decides on residence and work permission of tolerated people is for the Land to say (§ 71 AufenthG).
        "3": _standing(
            Circle.ASYLBLG,
            Phase.TOLERATED,
            _sozialamt("§ 1 Abs. 1 Nr. 4, § 10 AsylbLG"),
            _agentur(),
            _work_permission("§ 4a Abs. 4 AufenthG, § 32 BeschV", certain=False),
            _abh(certain=False),
        ),
        # Aufenthaltsgestattung. While somebody has to live in a reception centre the BAMF issues the papers.
        "4": _standing(
            Circle.ASYLBLG,
            Phase.ASYLUM_APPLICANT,
            _sozialamt("§ 1 Abs. 1 Nr. 1, § 10 AsylbLG"),
            _agentur("§§ 35, 39a SGB III"),
            _work_permission("§ 61 AsylG"),
            _abh("§ 63 Abs. 3 AsylG", certain=False),
        ),
        # Blaue Karte EU: it rests on a job, and what holds without one depends on more.
        "5": _standing(Circle.UNKNOWN, Phase.RESIDENCE_TITLE, *_jobcenter(certain=False), _agentur(certain=False), _abh(), certain=False),
        # Visum: § 7 Abs. 1 S. 2 SGB II leaves some of them out for a time.
        "6": _standing(Circle.UNKNOWN, Phase.UNKNOWN, *_jobcenter(certain=False), _agentur(certain=False), _abh(), certain=False),
        # Kein Aufenthaltstitel: who asks for asylum (the first phase of the KGSt), or has to leave, falls under the AsylbLG, others do not.
        "7": _standing(
            Circle.UNKNOWN,
            Phase.UNKNOWN,
            _sozialamt("§ 1 Abs. 1 Nr. 1a, 5 AsylbLG", certain=False),
            *_jobcenter(certain=False),
            _abh(certain=False),
            certain=False,
        ),
    }
)

# Chapter 2, part 5 of the AufenthG, without what § 1(1) AsylbLG names: §§ 22, 23 (2) and (4), 23a, 25 (1) to (3), (4) S. 2,
# (4a), (4b), 25a, 25b. The waiting time of § 7 Abs. 1 S. 2 SGB II does not hold for them (S. 3).
_TITLES_UNDER_SGB2 = frozenset(
    "021 022 024 026 027 028 031 032 033 034 035 036 069 078 300 301 302 303 304 305".split()  # noqa: SIM905  # reads as the list has it
)
# §§ 23(1), 25(4) S. 1, 25(5) (§ 1(1) no. 3 AsylbLG), and § 24, whose law has changed with the years (§ 18 AsylbLG, § 74 SGB II).
_TITLES_UNDER_EITHER_LAW = frozenset({"023", "025", "029", "030"})

_AZR = "urn:de:xauslaender:codelist:azr:"
# Which fine titles a coarse status agrees with: of which lists, and of those that also have codes for what was withdrawn, which codes.
# A title of another kind speaks against the status, and then nothing is certain: so does a Fiktionsbescheinigung (19) beside anything but
# an Aufenthaltserlaubnis, because it has three different effects. Statuses that are not here are certain of nothing.
_AGREES: Mapping[str, Mapping[str, frozenset[str] | None]] = MappingProxyType(
    {
        "1": {RESIDENCE_PERMITS: None, _AZR + "aufenthaltsstatus": frozenset({"18", "19", "21"})},
        "2": {_AZR + "niederlassungserlaubnis": None, _AZR + "aufenthaltsstatus": frozenset({"22"})},
        "3": {_AZR + "artderduldung": frozenset("03 05 10 12 14 16 18 20 58 61 64 67 70 73".split())},  # noqa: SIM905  # as above
        "4": {_AZR + "aufenthaltsgestattung": frozenset({"01"})},
    }
)

_GOES_ON = "continued_validity"  # § 81(4): with it the old title goes on as it was
# What is a title (§ 4(1) AufenthG), so that it can go on: not Duldung, Gestattung, or none at all.
_CAN_GO_ON = frozenset({"1", "2", "5", "6"})

# § 81(3): neither a title nor a Duldung; what was applied for and what held before decide.
_NOT_YET_DECIDED = _standing(
    Circle.UNKNOWN,
    Phase.UNKNOWN,
    _sozialamt(certain=False),
    *_jobcenter(certain=False),
    _abh("§ 81 Abs. 3 AufenthG"),
    certain=False,
)


def _under(circle: Circle, *responsible: Responsible) -> Standing:
    return Standing(_REGIME, circle, Phase.UNKNOWN, True, responsible)


# What the body that pays says itself.
BY_REGIME: Mapping[str, Standing] = MappingProxyType(
    {
        "asylblg": _under(Circle.ASYLBLG, _sozialamt(), _agentur()),
        "sgb2": _under(Circle.SGB2, *_jobcenter()),
        "sgb3": _under(Circle.SGB3, Responsible(Body.AGENTUR_FUER_ARBEIT, Task.BENEFITS, "§ 368 SGB III"), _agentur()),
        "sgb8": _under(Circle.SGB8, Responsible(Body.JUGENDAMT, Task.BENEFITS, "§ 69 Abs. 3 SGB VIII")),
        "sgb12": _under(Circle.SGB12, Responsible(Body.SOZIALAMT, Task.BENEFITS, "§ 3 SGB XII")),
        "none": _under(Circle.NONE),
    }
)


def standings(record: Mapping[str, Mapping[str, Any]]) -> tuple[Standing, ...]:
    """Tell where somebody stands by each scope of this record that says so: by the status, and by the regime of benefits.

    The two are told apart because they come from different bodies and need not have heard of each other yet.
    """
    residence = record.get("residence", {})
    by_status = _by_status(residence) if "status" in residence else None
    by_regime = BY_REGIME.get(record.get("benefits", {}).get("regime", {}).get("code", ""))
    return tuple(standing for standing in (by_status, by_regime) if standing is not None)


def _by_status(residence: Mapping[str, Any]) -> Standing | None:
    """Take the coarse status, and narrow it by what else was released: the effect of an application, and the fine title."""
    status = residence["status"]["code"]
    coarse = BY_STATUS.get(status)
    if coarse is None:
        return None
    effect = residence.get("fictional_effect", {}).get("kind")
    if effect is not None and effect != _GOES_ON:
        return replace(_NOT_YET_DECIDED, narrowed_by=_EFFECT_SCOPE, wider=coarse)
    title = residence.get("title", {})
    if status == "1" and (title.get("list"), title.get("version")) == (RESIDENCE_PERMITS, RESIDENCE_PERMITS_VERSION):
        if title["code"] in _TITLES_UNDER_SGB2:
            return replace(_TITLE, narrowed_by=_TITLE_SCOPE, wider=coarse)
        if title["code"] in _TITLES_UNDER_EITHER_LAW:
            return replace(_either_law(Circle.UNKNOWN), narrowed_by=_TITLE_SCOPE, wider=coarse)
    return coarse


def as_of(standing: Standing, record: Mapping[str, Mapping[str, Any]], today: date) -> Standing:
    """Make nothing of it certain where what it rests on has ended by its own dates, is still to begin, or is spoken against.

    A title of another kind than the status speaks against it, and so does an effect that only a title can have.
    """
    if standing.scope == _REGIME:
        holds = _holds(record["benefits"]["regime"], "since", None, today)
    else:
        holds = _agree(record["residence"]) and _status_holds(record["residence"], today)
    if holds:
        return standing
    return replace(standing, certain=False, responsible=tuple([replace(line, certain=False) for line in standing.responsible]))


def _agree(residence: Mapping[str, Any]) -> bool:
    status, title = residence["status"]["code"], residence.get("title")
    if residence.get("fictional_effect", {}).get("kind") == _GOES_ON and status not in _CAN_GO_ON:
        return False
    if title is None or status not in _AGREES:
        return True
    codes = _AGREES[status].get(title["list"], frozenset())
    return codes is None or title["code"] in codes


def _status_holds(residence: Mapping[str, Any], today: date) -> bool:
    effect = residence.get("fictional_effect", {})
    goes_on = effect.get("kind") == _GOES_ON and _holds(effect, None, "until", today)
    status_holds = _holds(residence["status"], "since", None if goes_on else "until", today)
    return status_holds and _holds(residence.get("title", {}), "valid_from", None if goes_on else "valid_until", today)


def _holds(value: Mapping[str, Any], first: str | None, last: str | None, today: date) -> bool:
    """Tell whether today is not before the one day and not after the other; a day that nobody said stands in nothing's way."""
    now, begins, ends = today.isoformat(), value.get(first or ""), value.get(last or "")
    return (begins is None or begins <= now[: len(begins)]) and (ends is None or now <= ends)
