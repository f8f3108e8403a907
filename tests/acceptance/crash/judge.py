"""What must hold, however often somebody was killed. Each function states one promise; nothing that waits is left when they are asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from imgate.consent.head import WHOLE, Head
from imgate.storage.proof import verify_store
from tests.acceptance.crash import asking
from tests.acceptance.crash.facts import Facts
from tests.exchange.conftest import World

Row = dict[str, Any]

# How an attempt, of at most 0.8 seconds, may come to the partner after it began; the rest is for a machine that has much to do.
_ON_ITS_WAY = 5.0
_NEEDS_NO_REASON = {"delivered", "acknowledged", "withheld"}


def the_log_proves_itself(world: World) -> None:
    """No gap, nothing doubled, every declaration as the log last saw it."""
    report = verify_store(world.gateway.store)
    assert report.findings == []


def what_was_accepted_is_there_once(facts: Facts) -> None:
    """Each key has one answer, whoever asked however often; each exchange there is somebody was told of."""
    for key, told in facts.told.items():
        assert len({repr(one.body) for one in told if one.status < 300}) <= 1, key
    accepted = [one.body["id"] for one in facts.answers("send", 201)]
    there = [exchange for exchange, row in facts.exchanges.items() if row["direction"] == "to_partner" and row["notice"] is None]
    assert sorted(accepted) == sorted(there)
    permitted = facts.events("exchange_permitted", "exchange_withheld")
    assert {exchange: len(entries) for exchange, entries in permitted.items()} == dict.fromkeys(permitted, 1)
    assert set(there) <= set(permitted)


def every_exchange_comes_to_one_end(facts: Facts) -> None:
    """One effect at the partner, or a recorded reason; an id that the partner saw is one that was accepted."""
    outgoing = {exchange: row for exchange, row in facts.exchanges.items() if row["direction"] == "to_partner"}
    begun, ended, withdrawn = facts.events("delivery_begun"), facts.events("delivery_ended"), facts.events("exchange_cancelled")
    fetched = {exchange for fetch in facts.fetches for exchange in fetch["fetched"]}
    assert set(facts.posts) | fetched <= set(outgoing)
    for exchange, row in outgoing.items():
        taken = [post for post in facts.posts.get(exchange, ()) if post.status == 204]
        delivered = [entry for entry in ended.get(exchange, ()) if entry.fields["outcome"] == "delivered"]
        match row["state"]:
            case "delivered" if row["partner"] == asking.FETCHED:  # handed out, and withdrawn before it was acknowledged
                assert [entry.fields["handed_out"] for entry in withdrawn[exchange]] == [True]
            case "delivered":
                assert taken
                assert all(entry.at <= delivered[0].at for entry in begun[exchange]), exchange
            case "acknowledged":
                assert row["partner"] == asking.FETCHED
                assert exchange in fetched
            case "withheld":
                assert row["withheld"]
            case "rejected" | "overtaken" | "cancelled":
                assert facts.history[exchange][-1]["detail"], exchange
            case state:
                raise AssertionError(f"{exchange} is left {state}")
    assert facts.acknowledged <= {exchange for exchange, row in outgoing.items() if row["state"] == "acknowledged"} | _taken_in(facts)


def what_came_again_is_the_same_message(facts: Facts) -> None:
    """The bytes of each call were on record before it; a later one holds no scope that an earlier one did not."""
    begun = facts.events("delivery_begun")
    for exchange, posts in facts.posts.items():
        attempts = begun[exchange]
        assert len(posts) <= len(attempts), exchange
        for post in posts:
            of_it = [entry for entry in attempts if entry.fields["sha256"] == post.sha256]
            assert any(entry.at <= post.at <= entry.at + _ON_ITS_WAY for entry in of_it), exchange
    for entries in [*begun.values(), *facts.events("handed_out").values()]:
        for earlier, later in pairwise(entries):
            assert set(later.fields["released"]) <= set(earlier.fields["released"])
    handed_out = {(exchange, entry.fields.get("sha256")) for exchange, entries in facts.events("handed_out").items() for entry in entries}
    fetched = {(exchange, sha256) for fetch in facts.fetches for exchange, sha256 in fetch["fetched"].items()}
    assert fetched <= handed_out


def whatever_may_have_been_seen_is_on_record(facts: Facts) -> None:
    """Each exchange of which a partner saw anything stands among the client's disclosures."""
    disclosed = {row["exchange"] for row in facts.disclosures}
    seen = set(facts.posts) | {exchange for fetch in facts.fetches for exchange in fetch["fetched"]}
    assert {exchange for exchange in seen if facts.exchanges[exchange]["notice"] is None} <= disclosed


def every_message_is_taken_once(facts: Facts) -> None:
    """Each 202 stands for one receipt that a worker took once; a message that came again has the receipt it had."""
    receipts = {one.body["receipt"] for one in facts.answers("post", 202)}
    assert {row["receipt"]: row["outcome"] for row in facts.intake} == dict.fromkeys(receipts, "taken")
    taken = Counter(entry.fields["receipt"] for entry in facts.log if entry.event == "message_taken")
    assert taken == dict.fromkeys(receipts, 1)
    decided = Counter(
        entry.fields["receipt"]
        for entry in facts.log
        if entry.event in ("exchange_permitted", "exchange_withheld") and "receipt" in entry.fields
    )
    assert decided == dict.fromkeys(receipts, 1)
    posted = Counter(one.request["asked"]["body"] for one in facts.answers("post", 202))
    assert set(posted.values()) == {1}
    withdrawn = facts.events("exchange_cancelled")
    for exchange, row in facts.exchanges.items():
        if row["direction"] == "from_partner" and row["state"] not in ("acknowledged", "withheld", "cancelled"):
            assert [entry.fields["handed_out"] for entry in withdrawn[exchange]] == [True], exchange


def what_was_revoked_stays_revoked(facts: Facts) -> None:
    """An answered revocation stands in the declaration, and from its answer on nothing begins that rested on it."""
    heads = {declared.head.id: declared.head for declared in facts.declarations}
    revoked = facts.answers("revoke", 200)
    for one in revoked:
        head, scopes = heads[one.request["asked"]["declaration"]], one.request["asked"]["scopes"]
        assert WHOLE in head.revoked if scopes is None else WHOLE in head.revoked or set(scopes) <= set(head.revoked)
    ended_at = _ends(facts)
    of_whom = defaultdict(list)
    for declared in facts.declarations:
        of_whom[declared.client, declared.head.partner].append(declared.head)
    for exchange, entries in facts.events("delivery_begun", "handed_out").items():
        row = facts.exchanges[exchange]
        for entry in entries:
            for scope in entry.fields["released"]:
                standing = of_whom[row["client"], row["partner"]]
                assert any(_stands(head, ended_at, scope, entry.at) for head in standing), (exchange, scope)
    for fetch in facts.fetches:  # what was decided before the answer may be heard after it; asked for after it, it may not
        for exchange in fetch["fetched"]:
            row = facts.exchanges[exchange]
            if row["notice"] is None:
                standing = of_whom[row["client"], row["partner"]]
                assert any(_stands(head, ended_at, scope, fetch["asked"]) for scope in row["released"] for head in standing), exchange


def what_was_on_its_way_was_named(facts: Facts) -> None:
    """An attempt that began before a revocation's answer, and had not ended by then, is named in the answer."""
    permitted = facts.events("exchange_permitted")
    narrowed = facts.events("exchange_narrowed")
    ended = facts.events("delivery_ended", "exchange_cancelled")
    under = defaultdict(list)
    for exchange, entries in facts.events("delivery_begun").items():
        if exchange not in narrowed and exchange in permitted:
            for declaration in permitted[exchange][0].fields["declarations"]:
                under[declaration].append((exchange, entries))
    for one in facts.answers("revoke", 200):
        if one.request["asked"]["scopes"] is None:
            for exchange, entries in under[one.request["asked"]["declaration"]]:
                before = [entry.at for entry in entries if entry.at <= one.at]
                if before and not any(before[-1] <= entry.at <= one.at for entry in ended.get(exchange, ())):
                    assert exchange in one.body["in_flight"], exchange


def every_end_of_use_is_told(facts: Facts) -> None:
    """Whoever was handed something under a declaration that was revoked was told so; each notice came to one end."""
    # By the order of the log: a time is taken before a transaction waits for its turn.
    first, told_in = {}, {}
    for place, entry in enumerate(facts.log):
        if entry.event in ("delivery_begun", "handed_out"):
            first.setdefault(entry.fields["exchange"], place)
        elif entry.event == "end_of_use_told":
            told_in[entry.fields["revocation"]] = place
    told = defaultdict(list)
    for notice in facts.notices:
        run = facts.revocations[notice["revocation"]]
        told[run["client"], run["partner"]].append((told_in[run["id"]], set(notice["scopes"])))
        assert len(facts.messages[notice["id"]]) == notice["reminders"] + 1
        message = facts.exchanges[notice["message"]]
        bodies = {post.sha256 for post in facts.posts.get(message["id"], ())}
        assert len(bodies) <= 1
        if message["state"] == "delivered":
            assert bodies
        else:
            assert message["state"] in ("acknowledged", "rejected", "cancelled")
            needless_at = facts.history[message["id"]][-1]["at"]
            assert message["state"] != "cancelled" or notice["answer"] or not _was_handed_out(facts, run, notice["scopes"], needless_at)
        for earlier in facts.messages[notice["id"]]:
            assert earlier["state"] in ("delivered", "acknowledged", "rejected", "cancelled")
    gone = {
        declared.head.id: {scope for scope in declared.head.scopes if not _lasts(facts, declared.head, scope)}
        for declared in facts.declarations
    }
    for disclosure in facts.disclosures:
        if disclosure["direction"] == "to_partner":
            exchange = disclosure["exchange"]
            for scope in disclosure["scopes"]:
                if all(scope in gone[declaration] for declaration in disclosure["declarations"]):
                    of_it = told[disclosure["client"], disclosure["partner"]]
                    since = any(place > first[exchange] and scope in scopes for place, scopes in of_it)
                    assert since or _stands_somewhere(facts, disclosure, scope), (exchange, scope)


def _was_handed_out(facts: Facts, run: Row, scopes: Iterable[str], until: float) -> bool:
    return any(
        (row["client"], row["partner"]) == (run["client"], run["partner"])
        and row["at"] < until
        and not set(scopes).isdisjoint(row["scopes"])
        for row in facts.disclosures
        if row["direction"] == "to_partner"
    )


def _stands_somewhere(facts: Facts, disclosure: Row, scope: str) -> bool:
    """Tell whether a scope is covered by any declaration of this client and partner in the end: then nobody need be told."""
    whose = (disclosure["client"], disclosure["partner"])
    return any((declared.client, declared.head.partner) == whose and _lasts(facts, declared.head, scope) for declared in facts.declarations)


def _lasts(facts: Facts, head: Head, scope: str) -> bool:
    """Tell whether a declaration permits this scope when everything is over."""
    signed = {declared.head.id for declared in facts.declarations if declared.head.levels}
    superseded = not signed.isdisjoint(head.superseded_by)
    return bool(head.levels) and scope in head.scopes and not superseded and head.revoked.keys().isdisjoint((WHOLE, scope))


def _ends(facts: Facts) -> dict[tuple[str, str], float]:
    """Give when the end of each declaration's scope was answered first: by a revocation, or as a successor was signed."""
    ends: dict[tuple[str, str], float] = {}
    superseded = {declared.head.id: declared.head.supersedes for declared in facts.declarations}
    for one in facts.answers("sign", 201):
        key = (superseded[one.request["asked"]["declaration"]] or "", WHOLE)
        ends[key] = min(one.at, ends.get(key, one.at))
    for one in facts.answers("revoke", 200):
        asked = one.request["asked"]
        for scope in asked["scopes"] or [WHOLE]:
            key = (asked["declaration"], scope)
            ends[key] = min(one.at, ends.get(key, one.at))
    return ends


def _stands(head: Head, ended_at: dict[tuple[str, str], float], scope: str, at: float) -> bool:
    if scope not in head.scopes or not head.levels:
        return False
    return at <= min(ended_at.get((head.id, WHOLE), at), ended_at.get((head.id, scope), at))


def _taken_in(facts: Facts) -> set[str]:
    return {exchange for exchange, row in facts.exchanges.items() if row["direction"] == "from_partner"}


PROMISES = (
    what_was_accepted_is_there_once,
    every_exchange_comes_to_one_end,
    what_came_again_is_the_same_message,
    whatever_may_have_been_seen_is_on_record,
    every_message_is_taken_once,
    what_was_revoked_stays_revoked,
    what_was_on_its_way_was_named,
    every_end_of_use_is_told,
)


def judge(world: World, facts: Facts) -> None:
    """Ask for every promise."""
    the_log_proves_itself(world)
    for promise in PROMISES:
        promise(facts)
