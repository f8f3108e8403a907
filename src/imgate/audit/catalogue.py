"""What each event may say: its fields by name, each of one kind. ``docs/reference/audit-events.md`` shows the same."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from imgate.audit.events import EventName
from imgate.vocabulary.words import Kept

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_VISIBLE = r"[\x21-\x7e]{1,128}"
_id, _word, _digest = (re.compile(pattern).fullmatch for pattern in (_UUID, _VISIBLE, r"[0-9a-f]{64}"))
# Lists are checked in one piece, joined by line feeds, which no item can hold.
_ids, _words = (re.compile(rf"(?:{pattern}(?:\n{pattern})*)?").fullmatch for pattern in (_UUID, _VISIBLE))


class Kind(StrEnum):
    """What a field holds. Nobody's data is of any kind: a free text stands only in the operator's own names."""

    ID = "id"  # a UUID
    WORD = "word"  # a word of imgate's own, a scope, an id out of the configuration: visible ASCII without blanks
    NAME = "name"  # a name out of the configuration, as the operator wrote it
    DIGEST = "digest"  # SHA-256 in hexadecimal
    COUNT = "count"
    FLAG = "flag"
    WORDS = "words"
    NAMES = "names"
    IDS = "ids"


def _is_name(value: object) -> bool:
    return type(value) is str and 0 < len(value) <= 500 and value.isprintable()


def _list_fits(value: object, matches: Callable[[str], object]) -> bool:
    if type(value) is not list:
        return False
    try:
        joined = "\n".join(value)
    except TypeError:
        return False
    return matches(joined) is not None and joined.count("\n") == max(len(value) - 1, 0) and (len(value) != 1 or joined != "")


_FITS: Mapping[Kind, Callable[[Any], bool]] = {
    Kind.ID: lambda value: type(value) is str and _id(value) is not None,
    Kind.WORD: lambda value: isinstance(value, str) and _word(value) is not None,
    Kind.NAME: _is_name,
    Kind.DIGEST: lambda value: type(value) is str and _digest(value) is not None,
    Kind.COUNT: lambda value: type(value) is int and 0 <= value < 2**53,
    Kind.FLAG: lambda value: type(value) is bool,
    Kind.WORDS: lambda value: _list_fits(value, _words),
    Kind.NAMES: lambda value: type(value) is list and all(map(_is_name, value)),
    Kind.IDS: lambda value: _list_fits(value, _ids),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One event's meaning and fields. Those in ``optional`` may be absent, the others never are."""

    meaning: str
    fields: Mapping[str, Kind]
    optional: frozenset[str] = frozenset()


_DECLARATION = {"declaration": Kind.ID, "version": Kind.COUNT, "partner": Kind.WORD}
_EXCHANGE = {"exchange": Kind.ID, "partner": Kind.WORD}
_USER = {"user": Kind.ID}
_ROLE = {**_USER, "role": Kind.WORD, "partner": Kind.WORD, "name": Kind.NAME}
_OPENING = {"partner": Kind.WORD, "scope": Kind.WORD}
_OUTCOME = {"purpose": Kind.WORD, "released": Kind.WORDS, "withheld": Kind.WORDS, "declarations": Kind.IDS, "receipt": Kind.ID}

CATALOGUE: Mapping[EventName, Shape] = {
    EventName.GATEWAY_STARTED: Shape(
        "A gateway or a worker started.",
        {"gateway": Kind.WORD, "version": Kind.WORD, "process": Kind.WORD, "catalogue": Kind.COUNT},
        frozenset({"process", "catalogue"}),
    ),
    EventName.PARTNER_CONFIGURED: Shape(
        "What the configuration said about a partner at the start: `ceiling` holds `direction:scope`, `subscriptions` holds "
        "`purpose:scope`, `bundle_keys` the thumbprints of the keys whose bundles count.",
        {
            "partner": Kind.WORD,
            "name": Kind.NAME,
            "formerly": Kind.NAMES,
            "adapter": Kind.NAME,
            "transport": Kind.WORD,
            "ceiling": Kind.WORDS,
            "open": Kind.WORDS,
            "evidence": Kind.WORDS,
            "subscriptions": Kind.WORDS,
            "digest": Kind.NAME,
            "attach": Kind.WORDS,
            "bundle_keys": Kind.WORDS,
            "requires_bundle": Kind.FLAG,
        },
        frozenset({"formerly", "evidence", "subscriptions", "digest", "attach", "bundle_keys", "requires_bundle"}),
    ),
    EventName.PAPERS_CHANGED: Shape(
        "What the office's papers are made from changed, and was kept: `sha256` is the digest of its canonical JSON.",
        {"sha256": Kind.DIGEST},
    ),
    EventName.PLUGIN_LOADED: Shape(
        "A plugin was loaded.",
        {"plugin": Kind.WORD, "version": Kind.WORD, "kind": Kind.WORD, "package": Kind.WORD},
        frozenset({"kind", "package"}),
    ),
    EventName.ACCESS_ADDED: Shape(
        "A caller was given access.",
        {"access": Kind.ID, "role": Kind.WORD, "partner": Kind.WORD, "name": Kind.NAME, "method": Kind.WORD},
        frozenset({"partner"}),
    ),
    EventName.ACCESS_REVOKED: Shape("A caller's access was revoked.", {"access": Kind.ID}),
    EventName.KEY_MADE: Shape("A key was made.", {"key": Kind.WORD, "use": Kind.WORD}),
    EventName.KEY_ROTATED: Shape(
        "A key took the place of another, which stays for what it sealed or signed.", {"key": Kind.WORD, "use": Kind.WORD}
    ),
    EventName.DECLARATION_CREATED: Shape("A declaration was recorded, as a draft.", {**_DECLARATION, "digest": Kind.DIGEST}),
    EventName.DECLARATION_SIGNED: Shape(
        "A piece of evidence was recorded, and what it counts for.",
        {**_DECLARATION, "role": Kind.WORD, "kind": Kind.WORD, "level": Kind.WORD},
        frozenset({"level"}),
    ),
    EventName.DECLARATION_RECHECKED: Shape(
        "Stored evidence was examined again, which changes nothing: `failed` pieces of all that were looked at would not be taken today.",
        {**_DECLARATION, "pieces": Kind.COUNT, "failed": Kind.COUNT},
    ),
    EventName.DECLARATION_SUPERSEDED: Shape("A successor was recorded.", {**_DECLARATION, "successor": Kind.ID}),
    EventName.DECLARATION_REVOKED: Shape(
        "A declaration was revoked: `scopes` are all that are revoked by now, of all of them where it is the whole declaration.",
        {**_DECLARATION, "scopes": Kind.WORDS},
    ),
    EventName.DECLARATION_PAUSED: Shape("A declaration was paused.", _DECLARATION),
    EventName.DECLARATION_RESUMED: Shape("A declaration was resumed.", _DECLARATION),
    EventName.DECLARATION_EXPORTED: Shape(
        "A declaration was given out as a bundle; `evidence`: with the evidence itself. After the client's erasure there is no subject.",
        {**_DECLARATION, "evidence": Kind.FLAG},
    ),
    EventName.LINK_SET: Shape("Under what a partner knows the client was set, or changed.", {"partner": Kind.WORD}),
    EventName.LINK_REMOVED: Shape("A link was removed.", {"partner": Kind.WORD}),
    EventName.EXCHANGE_PERMITTED: Shape(
        "Scopes were released, in either direction; the permission is on record before anything leaves. `withheld` holds `scope:reason`; "
        "`overtakes` names earlier exchanges whose messages still waited and lost what this one carries too; `attached` the files inside "
        "the message, of which a declaration's bundle bears its id.",
        {**_EXCHANGE, **_OUTCOME, "adapter": Kind.NAME, "sha256": Kind.DIGEST, "overtakes": Kind.IDS, "attached": Kind.WORDS},
        frozenset({"purpose", "receipt", "adapter", "sha256", "overtakes", "attached"}),
    ),
    EventName.EXCHANGE_WITHHELD: Shape(
        "Nothing was released.",
        {**_EXCHANGE, **_OUTCOME},
        frozenset({"purpose", "receipt", "released", "declarations"}),
    ),
    EventName.EXCHANGE_NARROWED: Shape(
        "A later decision left less of what waits, or something else of it: its message was written anew, with what is `attached`.",
        {**_EXCHANGE, "released": Kind.WORDS, "withheld": Kind.WORDS, "declarations": Kind.IDS, "attached": Kind.WORDS},
        frozenset({"attached"}),
    ),
    EventName.EXCHANGE_CANCELLED: Shape(
        "A later decision left nothing of what waits; its payload is deleted.",
        {**_EXCHANGE, "reason": Kind.WORD, "handed_out": Kind.FLAG},
    ),
    EventName.EXCHANGE_RETRIED: Shape(
        "A message that had been given up was queued again because an operator said so; `overtaken`: later ones carry all of it by now; "
        "`anew`: without what its transport kept of earlier attempts.",
        {**_EXCHANGE, "overtaken": Kind.FLAG, "anew": Kind.FLAG},
    ),
    EventName.DELIVERY_BEGUN: Shape(
        "An attempt to deliver began: from here on the message may have been disclosed.",
        {**_EXCHANGE, "released": Kind.WORDS, "sha256": Kind.DIGEST},
    ),
    EventName.DELIVERY_ENDED: Shape("An attempt to deliver ended.", {**_EXCHANGE, "outcome": Kind.WORD}),
    EventName.HANDED_OUT: Shape(
        "A box item was handed out for the first time, or with other bytes than before.",
        {**_EXCHANGE, "released": Kind.WORDS, "sha256": Kind.DIGEST},
        frozenset({"sha256"}),
    ),
    EventName.ACKNOWLEDGED: Shape("It was acknowledged; its payload is deleted.", _EXCHANGE),
    EventName.REJECTED: Shape("The partner refused it; its payload is deleted.", {**_EXCHANGE, "reason": Kind.WORD}, frozenset({"reason"})),
    EventName.END_OF_USE_TOLD: Shape(
        "A declaration ended, or a part of it, and a partner that was handed something under it is told, by one message for each "
        "reference it knows the client by; none: no reference is known, and somebody must phone.",
        {
            "revocation": Kind.ID,
            "declaration": Kind.ID,
            "partner": Kind.WORD,
            "cause": Kind.WORD,
            "scopes": Kind.WORDS,
            "notices": Kind.IDS,
            "messages": Kind.IDS,
        },
    ),
    EventName.END_OF_USE_REMINDED: Shape(
        "A partner that had not answered a notice of the end of use is sent a reminder; `reminder` is its number.",
        {"revocation": Kind.ID, "notice": Kind.ID, "message": Kind.ID, "partner": Kind.WORD, "reminder": Kind.COUNT},
    ),
    EventName.END_OF_USE_ANSWERED: Shape(
        "A partner answered a notice of the end of use, or the case system said so for it; a later answer takes the place of this one.",
        {"revocation": Kind.ID, "notice": Kind.ID, "partner": Kind.WORD, "answer": Kind.WORD},
    ),
    EventName.END_OF_USE_RECEIVED: Shape(
        "A partner told us that a permission ended: `scopes` are those that it had told us and that were taken; none: nobody has to "
        "be told. Nothing was changed by it. `revocation` is the partner's id, `reminder` 0 in its first notice.",
        {
            "exchange": Kind.ID,
            "partner": Kind.WORD,
            "receipt": Kind.ID,
            "revocation": Kind.ID,
            "reminder": Kind.COUNT,
            "scopes": Kind.WORDS,
        },
    ),
    EventName.MESSAGE_ACCEPTED: Shape("A partner's message was accepted.", {"receipt": Kind.ID, "partner": Kind.WORD}),
    EventName.MESSAGE_TAKEN: Shape(
        "A worker took a partner's message: so many people were in it.",
        {"receipt": Kind.ID, "partner": Kind.WORD, "people": Kind.COUNT},
    ),
    EventName.CLIENT_ERASED: Shape(
        "A client was erased; from here on nobody can say whose the entries with this subject were.",
        {"client": Kind.ID, "cancelled": Kind.COUNT},
    ),
    EventName.CLIENT_EXPORTED: Shape("All that is kept about a client was given out as files, for the client (Art. 20 GDPR).", {}),
    EventName.CORRECTION_PASSED_ON: Shape(
        "A correction was passed on to partners that had been handed `scopes` (Art. 19 GDPR), by these exchanges; `otherwise` names those "
        "whom no permission reaches any more: the office tells them.",
        {"scopes": Kind.WORDS, "exchanges": Kind.IDS, "partners": Kind.WORDS, "otherwise": Kind.WORDS},
    ),
    EventName.BACKUP_RESTORED: Shape(
        "A backup was restored. `lost_erasures`: the file of erasures was not at hand, and the operator accepted that.",
        {"erasures": Kind.COUNT, "lost_erasures": Kind.FLAG},
    ),
    EventName.RETENTION_SWEPT: Shape(
        "What had run out was taken away: how many of each kind (see `imgate retention show`) went in one transaction.",
        dict.fromkeys(map(str, Kept), Kind.COUNT),
        frozenset(map(str, Kept)),
    ),
    EventName.CODELIST_IMPORTED: Shape(
        "A version of a published code list was imported from a file with this digest; `replaced`: in place of other content.",
        {"uri": Kind.WORD, "version": Kind.WORD, "sha256": Kind.DIGEST, "rows": Kind.COUNT, "replaced": Kind.FLAG},
    ),
    EventName.CODELIST_REMOVED: Shape(
        "A version of a published code list, imported from a file with this digest, was removed.",
        {"uri": Kind.WORD, "version": Kind.WORD, "sha256": Kind.DIGEST, "rows": Kind.COUNT},
    ),
    EventName.USER_ADDED: Shape(
        "A person was let onto the web pages: by an operator, with a code to enrol (`method` `code`), or by the identity provider at the "
        "first sign-in (`openid`).",
        {**_ROLE, "method": Kind.WORD},
        frozenset({"partner"}),
    ),
    EventName.USER_CHANGED: Shape(
        "The identity provider gave a user another role or partner; the user's sessions ended.", _ROLE, frozenset({"partner"})
    ),
    EventName.USER_REVOKED: Shape("A user was revoked, and the user's sessions ended.", _USER),
    EventName.USER_RESET: Shape(
        "A user was given a new code to enrol with; what the user signed in with until then is deleted, and the sessions ended.", _USER
    ),
    EventName.USER_ENROLLED: Shape(
        "A user set up how to sign in: `methods` holds what was set up just now, `password` or `passkey`.", {**_USER, "methods": Kind.WORDS}
    ),
    EventName.USER_PASSKEY_REMOVED: Shape("A user's passkey was removed.", _USER),
    EventName.USER_SIGNED_IN: Shape("A user signed in, by `password`, `passkey` or `openid`.", {**_USER, "method": Kind.WORD}),
    EventName.USER_SIGN_IN_FAILED: Shape(
        "Somebody failed to sign in; `user` only where the login was a user's. `locked`: no further try counts for a quarter of an hour.",
        {**_USER, "locked": Kind.FLAG},
        frozenset({"user"}),
    ),
    EventName.USER_CONFIRMED: Shape("A user who was signed in proved once more to be there, as signing demands.", _USER),
    EventName.OPENING_CONFIRMED: Shape(
        "A user of the office confirmed that a closed scope is open to a partner; it takes two.", {**_OPENING, **_USER}
    ),
    EventName.OPENING_WITHDRAWN: Shape("A user of the office took that back.", {**_OPENING, **_USER}),
    EventName.OPENING_SINGLE: Shape(
        "A closed scope is open to a partner without two users' confirmation, because the configuration accepts that.", _OPENING
    ),
    EventName.CLIENT_PAGE_MADE: Shape("A client's own page was made, or given another code; the earlier code opens nothing.", {}),
    EventName.CLIENT_PAGE_OPENED: Shape("A client's own page was opened by its code and the second factor.", {}),
    EventName.CLIENT_PAGE_LOCKED: Shape(
        "A client's own page was locked, after `failures` failed tries or by an integration manager; the office sets a new second factor.",
        {"failures": Kind.COUNT},
    ),
    EventName.CLIENT_PAGE_FACTOR: Shape("The second factor of a client's own page was set.", {}),
    EventName.SCOPE_REQUESTED: Shape(
        "A liaison asked for scopes that the partner does not get: a question to the client.",
        {"request": Kind.ID, "partner": Kind.WORD, "purpose": Kind.WORD, "scopes": Kind.WORDS},
    ),
    EventName.SCOPE_REQUEST_ANSWERED: Shape(
        "An integration manager answered such a request; what the client allowed stands in a declaration, not here.",
        {"request": Kind.ID, "partner": Kind.WORD, "answer": Kind.WORD},
    ),
}


def problem_of(name: EventName, fields: Mapping[str, object]) -> str | None:
    """Say what is wrong with an event's fields; None where nothing is. Shows no value."""
    shape = CATALOGUE[name]
    for field, value in fields.items():
        kind = shape.fields.get(field)
        if kind is None:
            return f"{name} has no field {field}"
        if not _FITS[kind](value):
            return f"{name}.{field} is no {kind}"
    if len(fields) < len(shape.fields):
        missing = shape.fields.keys() - fields.keys() - shape.optional
        if missing:
            return f"{name} lacks {', '.join(sorted(missing))}"
    return None
