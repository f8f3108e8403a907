"""Random worlds for the judge: configurations, declarations with a past, questions; and the same as ``imgate.consent`` takes them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from imgate.consent import life
from imgate.consent.declaration import first_head
from imgate.consent.head import Head, VerifiedDeclaration, head_mac, verify_head
from imgate.consent.judge import Moment, Question
from imgate.consent.policy import PartnerPolicy, Policy
from imgate.record import Catalogue, ScopeEntry
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceKind, EvidenceLevel, SignerRole
from tests.consent.brute_force import NINE_PURPOSES, Asked, Happening, Paper, World

KEY, CLIENT, BESIDE = b"k" * 32, "c" * 64, b"sealed discloser"

SCOPES = {
    "contact_persons.jobcenter": ("internal", False),
    "language.level": ("confidential", False),
    "residence.status": ("confidential", False),
    "residence.title": ("special", False),
    "health.constraints": ("special", True),
    "identifiers.azr_number": ("confidential", True),
}
NO_SCOPES = ["language", "language.*", "language.levels", "residence.", "*", ""]
PARTNER, OTHER, THIRD, STRANGER = "jobcenter-rems-murr", "abh-winnenden", "jobkraftwerk", "nobody-knows"
NAME, OLD_NAME, LATER_NAME = "Jobcenter Rems-Murr, Team 412", "Jobcenter Rems-Murr, Team 411", "Jobcenter Stuttgart"
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "UTC")]
DAYS = ["2026-03-28", "2026-03-29", "2026-03-30", "2026-04-24", "2026-10-24", "2026-10-25", "2026-10-26"]
DIRECTIONS = ["to_partner", "from_partner"]


def mostly(usual, *rare):
    """Draw what a counsellor usually meets, and now and then one of the others."""
    return st.sampled_from([usual] * (5 * len(rare)) + list(rare))


def subsets(of, least=0):
    """Draw some of these, mostly all."""
    everything = st.just(frozenset(of))
    return st.one_of(
        everything, everything, everything, everything, everything, st.sets(st.sampled_from(list(of)), min_size=least).map(frozenset)
    )


def instants(zone):
    """Draw midnights, the microseconds beside them, and hours of the days that matter."""
    midnights = [datetime.combine(date.fromisoformat(day), time(0), tzinfo=zone).astimezone(UTC) for day in DAYS]
    steps = [
        timedelta(0),
        timedelta(microseconds=1),
        timedelta(microseconds=-1),
        timedelta(hours=1),
        timedelta(hours=7),
        timedelta(hours=23),
    ]
    return st.sampled_from([midnight + step for midnight in midnights for step in steps])


@st.composite
def configurations(draw):
    """Draw a gateway's configuration of one partner."""
    return World(
        catalogue=SCOPES,
        partner=PARTNER,
        name=draw(mostly(NAME, LATER_NAME)),
        formerly=draw(st.sampled_from([(), (), (NAME,), (OLD_NAME, NAME), (OLD_NAME,)])),
        adapter={direction: draw(subsets(SCOPES)) for direction in draw(mostly(DIRECTIONS, DIRECTIONS[:1], DIRECTIONS[1:], []))},
        ceiling=draw(st.one_of(st.none(), st.none(), st.none(), subsets(SCOPES))),
        open=draw(st.one_of(st.just(frozenset()), subsets(["health.constraints", "identifiers.azr_number", "contact.address"]))),
        evidence=draw(
            st.dictionaries(st.sampled_from(["internal", "confidential", "special"]), mostly("recorded", "written", "qualified"))
        ),
        partners=frozenset(draw(mostly((PARTNER, OTHER, THIRD), (PARTNER,), (OTHER, THIRD)))),
        zone=draw(st.sampled_from(ZONES)),
    )


@st.composite
def contents(draw, supersedes):
    """Draw what was signed. Some of it could not be created today: other code made it, or a configuration changed since."""
    first, last = sorted([draw(mostly(DAYS[0], *DAYS)), draw(mostly(DAYS[-1], *DAYS))])
    return {
        "partner": PARTNER if supersedes else draw(mostly(PARTNER, PARTNER, OTHER)),
        "recipient": draw(mostly(NAME, OLD_NAME)),
        "catalogue": 1,
        "clauses": list(
            draw(mostly(("confidentiality_release", "data_protection_consent"), ("confidentiality_release",), ("data_protection_consent",)))
        ),
        "direction": draw(mostly("both", *DIRECTIONS)),
        "purposes": sorted(draw(subsets(NINE_PURPOSES[:3], least=1))),
        "scopes": sorted(draw(subsets(SCOPES, least=1))),
        "onward_from": sorted(draw(st.sets(st.sampled_from([OTHER, THIRD, STRANGER])))),
        "valid_from": first,
        "valid_until": last,
        "signers_required": list(draw(mostly(("client",), ("client", "guardian"), ("client", "client"), ("betreuer", "client", "client")))),
        "supersedes": supersedes,
    }


SOME_TIME = datetime(2026, 3, 1, tzinfo=UTC)


def happenings(content):
    """Draw one thing that can be committed for this declaration, its moment apart."""
    kinds = st.sampled_from(["oral_record", "paper_scan", "drawn", "eid"])
    some = st.sets(st.sampled_from(content["scopes"]), min_size=1).map(tuple)
    signed = st.builds(Happening, st.just(SOME_TIME), st.just("signed"), st.sampled_from(content["signers_required"]), kinds)
    revoked = st.builds(Happening, st.just(SOME_TIME), st.just("revoked"), scopes=st.one_of(st.none(), some))
    turned = st.builds(Happening, st.just(SOME_TIME), st.sampled_from(["paused", "resumed"]))
    return st.one_of(signed, signed, signed, revoked, turned, turned)


@st.composite
def papers(draw, id_, supersedes, moments):
    """Draw one declaration with its past. Usually every role signs first; then anything can come."""
    content = draw(contents(supersedes))
    done = [Happening(SOME_TIME, "signed", role, "paper_scan") for role in content["signers_required"]] if draw(mostly(True, False)) else []
    done += draw(st.lists(happenings(content), max_size=draw(mostly(0, 1, 2, 3, 5))))
    times = sorted(draw(st.lists(moments, min_size=len(done), max_size=len(done), unique=True)))
    past = tuple(replace(happening, at=at) for at, happening in zip(times, done, strict=True))
    return Paper(id_, content, past, readable=draw(mostly(True, True, False)))


@st.composite
def drawers(draw, moments):
    """Draw up to four declarations of one client, of which each may supersede an earlier one: chains, and several successors."""
    found: list[Paper] = []
    for number in range(draw(st.sampled_from([0, 1, 1, 2, 2, 3, 4]))):
        same_partner = [paper.id for paper in found if paper.content["partner"] == PARTNER]
        supersedes = draw(st.sampled_from([None, None, *same_partner]))
        # Ids run against the order of creation, so that naming the lowest id is not naming the oldest.
        found.append(draw(papers(f"{9 - number}0000000-0000-4000-8000-000000000000", supersedes, moments)))
    return found


@st.composite
def questions(draw, zone, now=None):
    """Draw a question, often a sensible one."""
    scope = draw(st.one_of(mostly("language.level", *NO_SCOPES), st.sampled_from(list(SCOPES))))
    return Asked(
        direction=draw(mostly("to_partner", "from_partner", "from_partner", "both", "", "TO_PARTNER")),
        purpose=draw(mostly(NINE_PURPOSES[0], NINE_PURPOSES[1], NINE_PURPOSES[8], "everything", "", None)),
        scope=scope,
        at=draw(st.one_of(st.just(datetime(2026, 4, 24, 12, tzinfo=UTC)), instants(zone))),
        about_now=draw(st.booleans()) if now is None else now,
        provenance=draw(
            st.one_of(st.just({}), st.sampled_from(["self", PARTNER, OTHER, THIRD, STRANGER, ""]).map(lambda origin: {scope: origin}))
        ),
    )


def catalogue_of(scopes, version=1):
    """Make the catalogue that holds these scopes."""
    entries = {}
    for scope, (word, closed) in scopes.items():
        section, item = scope.split(".")
        entries[scope] = ScopeEntry(scope, scope, Sensitivity(word), closed, section, item, {})
    return Catalogue(version, entries, {})


def policy_of(world: World) -> PartnerPolicy:
    """Give the configuration as the judge takes it."""
    catalogue = catalogue_of(world.catalogue)
    configured = PartnerPolicy(
        partner=world.partner,
        name=world.name,
        formerly=frozenset(world.formerly),
        ceiling={Direction(d): scopes if world.ceiling is None else scopes & world.ceiling for d, scopes in world.adapter.items()},
        open=world.open,
        levels={Sensitivity(word): EvidenceLevel(level) for word, level in world.evidence.items()},
        partners=world.partners,
        catalogue=catalogue,
    )
    known = {PARTNER: configured} if PARTNER in world.partners else {}
    return Policy("im", world.zone, None, 1096, catalogue, known, "1").partner(world.partner)


def head_of(paper: Paper, all_of_them: list[Paper]) -> Head:
    """Let a declaration live through its past."""
    head = first_head(paper.id, paper.content)
    for other in all_of_them:
        if other.content["supersedes"] == paper.id:
            head = life.supersede(head, other.id)
    pieces: list[tuple[SignerRole, EvidenceLevel]] = []
    for number, happening in enumerate(paper.happened):
        match happening.what:
            case "signed":
                pieces.append((SignerRole(happening.role), life.LEVEL_OF_KIND[EvidenceKind(happening.kind)]))
                level = life.reached_level([SignerRole(role) for role in paper.content["signers_required"]], pieces)
                head = life.with_evidence(head, f"e{number}", "00", level, happening.at)
            case "revoked":
                head = life.revoke(head, happening.scopes, happening.at)
            case "paused":
                head = life.pause(head, happening.at)
            case "resumed":
                head = life.resume(head, happening.at)
            case unknown:
                raise ValueError(unknown)
    return head


def verified(head: Head, zone: ZoneInfo) -> VerifiedDeclaration | None:
    """Take a head through the door that every head takes."""
    canonical = head.canonical()
    return verify_head(KEY, CLIENT, canonical, BESIDE, head_mac(KEY, CLIENT, canonical, BESIDE), zone)


def declarations_of(world: World, all_of_them: list[Paper]) -> tuple[VerifiedDeclaration, ...]:
    """Give what the store hands to the judge: everything that can be read."""
    found = (verified(head_of(paper, all_of_them), world.zone) for paper in all_of_them if paper.readable)
    return tuple(declaration for declaration in found if declaration is not None)


def question_of(asked: Asked, *scopes: str) -> Question:
    """Give the question as the judge takes it."""
    moment = Moment(asked.at, committed=asked.about_now)
    return Question(asked.direction, asked.purpose, scopes or (asked.scope,), moment, asked.provenance)
