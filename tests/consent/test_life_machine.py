"""A declaration and its successor live through anything in any order, and are at each moment what the contract says."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from imgate.consent import life
from imgate.consent.declaration import content_digest
from imgate.consent.head import WHOLE, Head
from imgate.consent.judge import Moment
from imgate.vocabulary.words import EvidenceKind, SignerRole
from tests.consent import brute_force
from tests.consent.brute_force import Asked, Happening, Paper, World
from tests.consent.specimen import (
    AT,
    BERLIN,
    CONTENT,
    EVERYTHING,
    ID,
    NAME,
    PARTNER,
    PURPOSE,
    SCOPE,
    SECOND,
    decision,
    draft,
    partner,
    verified,
)

WORLD = World(
    catalogue={scope: (entry.sensitivity.value, entry.closed) for scope, entry in partner().catalogue.scopes.items()},
    partner=PARTNER,
    name=NAME,
    formerly=(),
    adapter={"to_partner": EVERYTHING},
    ceiling=None,
    open=frozenset(),
    evidence={},
    partners=frozenset({PARTNER}),
    zone=BERLIN,
)
SIGNERS = st.sampled_from([["client"], ["client", "client"], ["client", "guardian"]])
WHICH = st.sampled_from([ID, SECOND])


class Lives(RuleBasedStateMachine):
    """``heads`` is what imgate keeps; ``papers`` is what happened, read by the brute force."""

    def __init__(self):
        """Start in the morning of an ordinary day."""
        super().__init__()
        self.now = AT
        self.heads = {}
        self.papers = {}
        self.pieces = {}

    @initialize(signers=SIGNERS)
    def create(self, signers):
        """Somebody writes down a declaration; nobody has signed it."""
        self._add(ID, {"signers_required": signers, "supersedes": None})

    def _add(self, id_, changes):
        self.papers[id_] = Paper(id_, CONTENT | changes)
        self.heads[id_] = draft(id_, **changes)
        self.pieces[id_] = []

    def _happens(self, id_, head, happening):
        if head is not self.heads[id_]:
            assert head.version == self.heads[id_].version + 1
        self.heads[id_] = head
        self.papers[id_] = replace(self.papers[id_], happened=(*self.papers[id_].happened, happening))
        self.now += timedelta(seconds=1)

    def _there(self, id_):
        return id_ if id_ in self.heads else ID

    @precondition(lambda self: SECOND not in self.heads)
    @rule(signers=SIGNERS, opens=st.integers(-3, 30))
    def supersede(self, signers, opens):
        """A successor is written down; that alone changes nothing."""
        first_day = (self.now + timedelta(days=opens)).astimezone(BERLIN).date().isoformat()
        self._add(SECOND, {"signers_required": signers, "supersedes": ID, "valid_from": first_day, "valid_until": "2029-12-31"})
        before = self.states()[ID]
        self.heads[ID] = life.supersede(self.heads[ID], SECOND)
        assert self.states()[ID] is before

    @rule(which=WHICH, role=st.sampled_from(["client", "guardian"]), kind=st.sampled_from(["oral_record", "paper_scan", "eid"]))
    def sign(self, which, role, kind):
        """One piece of evidence, also from somebody who was not asked, and also after the end."""
        which = self._there(which)
        self.pieces[which].append((SignerRole(role), life.LEVEL_OF_KIND[EvidenceKind(kind)]))
        required = [SignerRole(word) for word in self.papers[which].content["signers_required"]]
        level = life.reached_level(required, self.pieces[which])
        head = life.with_evidence(self.heads[which], f"e{len(self.pieces[which])}", "", level, self.now)
        assert len(head.evidence) == len(self.pieces[which])
        self._happens(which, head, Happening(self.now, "signed", role=role, kind=kind))

    @rule(which=WHICH, scopes=st.one_of(st.none(), st.sets(st.sampled_from(CONTENT["scopes"]), min_size=1)))
    def revoke(self, which, scopes):
        """Of all or of some; each keeps the moment of its first revocation."""
        which = self._there(which)
        before = self.heads[which].revoked
        head = life.revoke(self.heads[which], None if scopes is None else sorted(scopes), self.now)
        assert before.items() <= head.revoked.items()
        assert head.revoked.keys() == before.keys() | ({WHOLE} if scopes is None else scopes)
        self._happens(which, head, Happening(self.now, "revoked", scopes=None if scopes is None else tuple(scopes)))

    @rule(which=WHICH, times=st.integers(1, 2))
    def pause(self, which, times):
        """Once, or again while it is paused: the same."""
        which = self._there(which)
        for _ in range(times):
            self._happens(which, life.pause(self.heads[which], self.now), Happening(self.now, "paused"))
        assert life.pause(self.heads[which], self.now) is self.heads[which]

    @rule(which=WHICH, times=st.integers(1, 2))
    def resume(self, which, times):
        """Once, or again while it is not paused: the same."""
        which = self._there(which)
        for _ in range(times):
            self._happens(which, life.resume(self.heads[which], self.now), Happening(self.now, "resumed"))
        assert life.resume(self.heads[which], self.now) is self.heads[which]

    @rule(days=st.sampled_from([1, 3, 10, 40, 250]))
    def wait(self, days):
        """Days pass; terms begin and end."""
        self.now += timedelta(days=days)

    @rule(seconds=st.integers(-300, 300))
    def another_machine(self, seconds):
        """The next change is committed by a machine whose clock goes wrong."""
        self.now = max(self.now + timedelta(seconds=seconds), datetime(2026, 5, 1, tzinfo=UTC))

    def states(self):
        """Give the shown states."""
        declarations = [verified(head) for head in self.heads.values()]
        return {each.id: life.state(each, declarations, Moment(self.now)) for each in declarations}

    def _shown(self, paper, asked):
        """Read the shown state off the contract: the first that fits."""
        everything = list(self.papers.values())
        whole = brute_force.wholly_revoked(paper.content, list(paper.happened))
        if whole or (paper.id == ID and SECOND in self.papers and brute_force.took_effect(WORLD, self.papers[SECOND], asked)):
            return "revoked"
        for word, premise in (("draft", "not_signed"), ("expired", "expired"), ("paused", "paused")):
            if dict(brute_force.PREMISES)[premise](WORLD, everything, paper, asked):
                return word
        return "active"

    @invariant()
    def shown_and_permitted_as_the_contract_says(self):
        """State by state, and scope by scope."""
        everything = list(self.papers.values())
        asked = Asked("to_partner", PURPOSE, SCOPE, self.now, about_now=True)
        assert self.states() == {paper.id: self._shown(paper, asked) for paper in everything}
        found = decision(*[verified(head) for head in self.heads.values()], scopes=tuple(CONTENT["scopes"]), at=self.now)
        for scope in CONTENT["scopes"]:
            verdict = brute_force.judge(WORLD, everything, replace(asked, scope=scope))
            assert verdict.reason == found.denied.get(scope)
            assert verdict.named == (found.permitted[scope].id if scope in found.permitted else None)

    @invariant()
    def content_never_changes(self):
        """Nothing that happens touches what was signed."""
        for id_, head in self.heads.items():
            assert head.digest == content_digest(self.papers[id_].content)
            again = draft(id_, **self.papers[id_].content)
            living = {"version", "levels", "revoked", "pauses", "superseded_by", "evidence"}
            for name in set(Head.__slots__) - living:
                assert getattr(head, name) == getattr(again, name)

    @invariant()
    def what_was_committed_later_is_later(self):
        """Whatever the clocks said: stamps of one head never go back."""
        for head in self.heads.values():
            moments = [at for at, _ in head.levels]
            assert moments == sorted(moments)
            spans = [moment for span in head.pauses for moment in span if moment is not None]
            assert spans == sorted(spans)
            assert all(ended is not None for _, ended in head.pauses[:-1])


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=3000 if os.environ.get("IMGATE_LONG") else 100, stateful_step_count=30, deadline=None)
