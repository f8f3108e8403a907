"""Breaks what was found sound, one thing at a time: a judge that sees nothing wrong there would see nothing anywhere."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from typing import Any

import pytest

from imgate.consent.head import WHOLE
from tests.acceptance.crash import judge
from tests.acceptance.crash.facts import Facts, Logged

Promise = Callable[[Facts], None]


def see_that_it_sees(sound: Facts) -> None:
    """Ask each promise about a world in which it is broken."""
    asked = set()
    for promise, changes in _broken(sound):
        broken = copy(sound)
        for name, value in changes.items():
            setattr(broken, name, value)
        with pytest.raises((AssertionError, KeyError)):
            promise(broken)
        asked.add(promise)
    assert asked == set(judge.PROMISES)


def _broken(facts: Facts) -> Iterator[tuple[Promise, dict[str, Any]]]:
    outgoing = [row for row in facts.exchanges.values() if row["direction"] == "to_partner" and row["notice"] is None]
    seen = next(row["id"] for row in outgoing if row["state"] == "delivered" and facts.posts.get(row["id"]))
    without = {exchange: row for exchange, row in facts.exchanges.items() if exchange != seen}
    yield judge.what_was_accepted_is_there_once, {"exchanges": without}
    yield judge.what_was_accepted_is_there_once, {"log": [*facts.log, _entry(facts, "exchange_permitted", "exchange", seen)]}
    yield judge.every_exchange_comes_to_one_end, {"posts": {**facts.posts, seen: []}}
    yield judge.every_exchange_comes_to_one_end, {"exchanges": {**facts.exchanges, seen: {**facts.exchanges[seen], "state": "queued"}}}
    changed = [replace(post, sha256="0" * 64) for post in facts.posts[seen]]
    yield judge.what_came_again_is_the_same_message, {"posts": {**facts.posts, seen: changed}}
    yield judge.what_came_again_is_the_same_message, {"posts": {**facts.posts, seen: facts.posts[seen] * 20}}
    yield judge.whatever_may_have_been_seen_is_on_record, {"disclosures": [row for row in facts.disclosures if row["exchange"] != seen]}
    yield judge.every_message_is_taken_once, {"intake": facts.intake[1:]}
    receipt = facts.intake[0]["receipt"]
    yield judge.every_message_is_taken_once, {"log": [*facts.log, _entry(facts, "message_taken", "receipt", receipt)]}
    gone = next(one.request["asked"]["declaration"] for one in facts.answers("revoke", 200) if one.request["asked"]["scopes"] is None)
    standing = [
        replace(one, head=replace(one.head, revoked={})) if one.head.id == gone else one
        for one in facts.declarations
        if one.head.id == gone or WHOLE in one.head.revoked
    ]
    yield judge.what_was_revoked_stays_revoked, {"declarations": standing}
    named = {
        key: [replace(one, body={**one.body, "in_flight": []}) for one in told] if told[0].request["task"] == "revoke" else told
        for key, told in facts.told.items()
    }
    late = [entry for entry in facts.log if entry.event not in ("delivery_ended", "exchange_cancelled", "exchange_narrowed")]
    yield judge.what_was_on_its_way_was_named, {"told": named, "log": late}
    yield judge.every_end_of_use_is_told, {"notices": []}


def _entry(facts: Facts, event: str, name: str, value: str) -> Logged:
    return next(entry for entry in facts.log if entry.event == event and entry.fields.get(name) == value)
