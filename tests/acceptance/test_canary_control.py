"""The counter-check: what is leaked on purpose is found by the same search, whatever way it is written."""

import base64
import dataclasses
import json
import os
from urllib.parse import quote

import pytest
import structlog

from imgate.exchange import outbound
from tests.acceptance.canary import Canary
from tests.acceptance.chance import chance
from tests.acceptance.doors import CorridorDoor
from tests.acceptance.inbound_writers import ABH, JOBCENTER, JOBKRAFTWERK, PARTNERS
from tests.acceptance.marks import Marks
from tests.acceptance.search import found_in, found_in_files


class LeakyTranslator:
    """An adapter that writes more than it may: it has seen the whole record somewhere else."""

    def __init__(self, translator, write):
        self._translator, self._write = translator, write

    def __getattr__(self, name):
        return getattr(self._translator, name)

    def to_partner(self, released, envelope):
        return self._write(self._translator.to_partner(released, envelope))


def leak_by(world, partner, write):
    partners = dict(world.corridor.partners)
    adapter = partners[partner].adapter
    leaky = dataclasses.replace(adapter, translator=LeakyTranslator(adapter.translator, write))
    partners[partner] = dataclasses.replace(partners[partner], adapter=leaky)
    world.corridor = dataclasses.replace(world.corridor, partners=partners)


def leaks_of(world, where="", clients=60):
    """Play clients until something is found in this place, or anywhere."""
    canary = Canary(CorridorDoor(world), chance(3))
    for _ in range(clients):
        canary.play()
        if any(where in place for place, _ in canary.leaks):
            break
    return canary.leaks


def beside(place, text):
    """Where the schema takes any text: the core looks for scopes at their places, and not at what is said there."""
    return lambda content: content.replace(place.encode(), f"{text} {place}".encode())


def test_an_adapter_that_leaks_a_name_is_found(world):
    leak_by(world, JOBCENTER, beside("</m:unit>", "Kanarienquarzabcdefgh"))
    assert ("message to jobcenter-rems-murr", {"Kanarienquarzabcdefgh"}) in leaks_of(world, "message to")


def test_an_adapter_that_leaks_a_number_in_base64_is_found(world):
    leak_by(world, ABH, beside("</m:unit>", base64.b64encode(b"Tel. 4913791312345").decode()))
    assert ("message to abh-winnenden", {"base64"}) in leaks_of(world, "message to")


def test_an_adapter_that_leaks_a_date_in_german_is_found(world):
    leak_by(world, JOBKRAFTWERK, beside("§ 203 StGB", "31.12.2913"))
    leaks = leaks_of(world, "message to")
    assert any(where == "message to jobkraftwerk-winnenden" and "2913-12-31" in marks for where, marks in leaks)


def test_a_log_line_that_leaks_is_found(world, monkeypatch, capfd):
    load = outbound.load

    def talkative(tx, partner, request):
        structlog.get_logger().info("loading", record=base64.b64encode(json.dumps(request.record).encode()).decode())
        return load(tx, partner, request)

    monkeypatch.setattr(outbound, "load", talkative)
    leaks_of(world, clients=3)
    out, err = capfd.readouterr()
    assert found_in((out + err).encode()) == {"base64"}


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_payload_that_is_stored_unsealed_is_found(world, tmp_path, monkeypatch, partner):
    record, _ = Marks(chance(4)).record()
    world.link("4711", partner=partner)
    world.declare(*world.corridor.partners[partner].policy.ceiling["to_partner"], partner=partner)
    monkeypatch.setattr("imgate.storage.client_keys.seal", lambda key, plain, place: plain)
    world.send(record, partner=partner)
    assert "imgate.db-wal" in found_in_files(tmp_path)


MARK = "Kanarienquarzabcdefgh"
WRITTEN = {
    "plain": MARK.encode(),
    "base64, first alignment": base64.b64encode(MARK.encode()),
    "base64, second alignment": base64.b64encode(b"x" + MARK.encode()),
    "base64, third alignment": base64.b64encode(b"xy" + MARK.encode() + b"z"),
    "base64 for URLs": base64.urlsafe_b64encode(b"xyz" + MARK.encode()),
    "hex": MARK.encode().hex().encode(),
    "hex in capitals": MARK.encode().hex().upper().encode(),
    "percent-encoded": "".join(f"%{byte:02x}" for byte in MARK.encode()).encode(),
    "percent-encoded as addresses are": quote(f"für {MARK}").encode(),
    "JSON-escaped": "".join(f"\\u{ord(letter):04x}" for letter in MARK).encode(),
    "JSON as it is": json.dumps({"größe": f"ß{MARK}"}).encode(),
    "XML-escaped": "".join(f"&#{ord(letter)};" for letter in MARK).encode(),
    "XML-escaped in hex": "".join(f"&#x{ord(letter):x};" for letter in MARK).encode(),
    "reversed": MARK[::-1].encode(),
    "UTF-16": MARK.encode("utf-16"),
    "UTF-16, big end first": MARK.encode("utf-16-be"),
    "in small letters": MARK.lower().encode(),
    "in capitals": MARK.upper().encode(),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_mark_is_found_in_every_form(form):
    noise = os.urandom(10_000)
    assert found_in(noise) == set()
    assert found_in(noise + WRITTEN[form] + noise)


@pytest.mark.parametrize(
    "mark", ["+491379131234567", "491379131234", "491Q371234", "2913-10-05", "05.10.2913", "2913-12-24T09:30:00+01:00"]
)
def test_a_number_and_a_date_are_found_like_a_name(mark):
    assert found_in(mark.encode())
    assert found_in(base64.b64encode(b"xy" + mark.encode() + b"xyz"))
    assert found_in(mark.encode("utf-16"))
    assert found_in(mark[::-1].encode())


def test_every_record_is_full_of_marks():
    """A mark stands in nearly every scope; the scopes without one hold codes and numbers only."""
    _, marks = Marks(chance(5)).record()
    without = {scope for scope, found in marks.items() if not found}
    assert without <= {
        "person.sex",
        "person.nationality",
        "person.marital_status",
        "contact.preferred_language",
        "contact.address",  # while it has an information block
    }
