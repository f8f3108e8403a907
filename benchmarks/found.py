"""Whether what was measured was done: the scopes in the bytes, the exchanges in the database, the audit entries in their places."""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import orjson
from lxml import etree

from benchmarks import people
from benchmarks.gateway import Office
from benchmarks.table import check
from imgate.adapters.registry import load_plugins
from imgate.audit.verify import verify_log
from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.storage.audit_log import SqlAuditLog

_FULL = 2
_ENVELOPE = "{urn:imgate:envelope:1}"
_TEXTS = 20  # a case record of 33 scopes has three times as many that are written as they are


def found_in_bytes(items: Sequence[Mapping[str, Any]], expected: Sequence[str], record: Mapping[str, Mapping[str, Any]]) -> None:
    """Check messages as their partner fetched them: each scope stands in its place, with the record's own words in it."""
    check(bool(items), "the partner's outbox is empty")
    adapter = load_plugins(listed={"jobcenter"}).adapter("jobcenter", {})
    places = adapter.translator.fields.sent()
    namespace = adapter.manifest.namespace
    for item in items:
        root = etree.fromstring(base64.b64decode(item["content"]))
        said = [scope for release in root.iter(f"{_ENVELOPE}release") for scope in release.get("scopes", "").split()]
        check(sorted(said) == sorted(expected), "the envelope names other scopes")
        texts = 0
        for scope, place in places.items():
            standing = root.find("/".join(f"{{{namespace}}}{name}" for name in place.at[0].split("/")))
            check((standing is not None) == (scope in expected), f"{scope} stands in the bytes, or does not, and should not, or should")
            if standing is not None:
                section, name = scope.split(".")
                words = set(standing.itertext())
                check(bool(words), f"{scope} stands in the bytes and says nothing")
                texts += len(words & set(_texts(record[section][name])))
        check(texts >= _TEXTS, "the record's own words do not stand in the bytes")


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case _:
            return []


def found_in_database(office: Office, exchanges: Sequence[str], overtakers: Sequence[str]) -> None:
    """Check that each 201 is on record once, sealed or acknowledged, with its audit entry placed, and that the whole log verifies.

    Each of the ``overtakers`` overtook exactly one message; of the other exchanges none overtook any, nor was any overtaken.
    """
    wanted = {*exchanges, *overtakers}
    check(len(wanted) == len(exchanges) + len(overtakers), "an exchange was answered twice")
    check(len(exchanges) > 0 < len(overtakers), "no exchange was answered")
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway, gateway.store.reading() as tx:
        driver = tx.session.driver
        _durable(driver)
        stored: dict[str, str] = dict(driver.execute("SELECT id, state FROM exchanges").fetchall())
        check(wanted <= stored.keys(), f"{len(wanted - stored.keys())} exchanges are not in the database")
        with closing(driver.execute("SELECT exchange, message, released FROM outbox")) as rows:
            waiting = {exchange: (message, released) for exchange, message, released in rows}
        ended = {each for each in wanted if stored[each] in ("acknowledged", "overtaken")}
        check(wanted == ended ^ (wanted & waiting.keys()), "an exchange has no message in the outbox and has not ended, or has both")
        _overtaken(driver, stored, exchanges, overtakers)
        fetched = {each for each in ended if stored[each] == "acknowledged"}
        disclosed = dict(driver.execute("SELECT exchange, count(*) FROM disclosures GROUP BY 1").fetchall())
        check(all(disclosed.get(each) == 1 for each in fetched), "an acknowledged exchange has no disclosure, or several")
        for message, released in waiting.values():
            check(b"<" + people.PURPOSE.encode() not in message and b'"person"' not in released, "a message is not sealed")
            check(message[:1] == b"\x01" and b"xmlns" not in message, "a message is not sealed")
        entries = list(SqlAuditLog(tx.session).entries())
        # The log by itself: declarations that were made quickly (see stored_rows) left no entries to compare them with.
        check(verify_log(tx.session.vault.audit_key, entries).sound, "the audit log does not verify")
    check(all(entry.place is not None for entry in entries), "an audit entry has no place")
    said = [orjson.loads(entry.content) for entry in entries]
    audited = Counter(each["fields"]["exchange"] for each in said if each["event"].endswith("permitted"))
    check(all(audited[each] == 1 for each in wanted), "an exchange has no audit entry, or two")


def _overtaken(driver: Any, stored: Mapping[str, str], exchanges: Sequence[str], overtakers: Sequence[str]) -> None:
    check(all(stored[each] != "overtaken" for each in exchanges), "an exchange was overtaken that should not have been: too few clients")
    by = dict(driver.execute("SELECT exchange, detail FROM exchange_history WHERE state = 'overtaken'").fetchall())
    check(sorted(by.values()) == sorted(overtakers), "an exchange overtook none or several, or overtook one that should not have")
    check(all(later > earlier for earlier, later in by.items()), "an exchange was overtaken by one that came earlier")
    check(by.keys() == {each for each, state in stored.items() if state == "overtaken"}, "an exchange's history says another state")
    partly = driver.execute("SELECT count(*) FROM exchange_history WHERE detail LIKE 'overtaken_by:%'").fetchone()[0]
    check(partly == 0, "an exchange was overtaken in part")


def _durable(driver: Any) -> None:
    check(driver.execute("PRAGMA journal_mode").fetchone()[0] == "wal", "the database has no write-ahead log")
    check(driver.execute("PRAGMA synchronous").fetchone()[0] == _FULL, "the database does not wait for the disk")


def delivered_in_database(office: Office, exchanges: Sequence[str]) -> None:
    """Check that each of these was delivered in one attempt: its state, history, disclosure and audit entries, and no message left."""
    wanted = dict.fromkeys(exchanges, 1)
    check(len(wanted) == len(exchanges) > 0, "a message was delivered twice, or none was")
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway, gateway.store.reading() as tx:
        driver = tx.session.driver
        _durable(driver)
        done = driver.execute("SELECT id, attempts FROM exchanges WHERE state = 'delivered'").fetchall()
        lines = driver.execute("SELECT exchange, count(*) FROM exchange_history WHERE state = 'delivered' GROUP BY 1").fetchall()
        disclosed = driver.execute("SELECT exchange, count(*) FROM disclosures GROUP BY 1").fetchall()
        waiting = {row[0] for row in driver.execute("SELECT exchange FROM outbox")}
        entries = list(SqlAuditLog(tx.session).entries())
        # The log by itself: declarations that were made quickly (see stored_rows) left no entries to compare them with.
        check(verify_log(tx.session.vault.audit_key, entries).sound, "the audit log does not verify")
    check(dict(done) == wanted, "the exchanges that are delivered are others, or took several attempts")
    check(dict(lines) == wanted, "an exchange's history does not say once that it was delivered")
    check(dict(disclosed) == wanted, "a delivery has no disclosure, or several")
    check(waiting.isdisjoint(wanted), "a delivered message is still in the outbox")
    said = [orjson.loads(entry.content) for entry in entries]
    for event in ("delivery_begun", "delivery_ended"):
        audited = Counter(each["fields"]["exchange"] for each in said if each["event"] == event)
        check(audited == wanted, f"a delivery has no audit entry {event}, or several")
