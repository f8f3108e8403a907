"""The office's papers cannot differ from what runs: each entry of the configuration is in them, or is excused by name."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from imgate.audit.signing import Cosigner
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS
from imgate.bootstrap.plugin_facts import plugins_of
from imgate.keys import Keyring
from imgate.settings import Settings
from imgate.vocabulary.words import Direction
from tests.bootstrap.papers_configured import DOCUMENT, JOBCENTER, KEYS, NEIGHBOUR, SECRET, changed, facts_from, paper_of, registry

# By its path, what an entry is changed to; each is seen in the facts, and in the record of processing.
_PARTNER, _EID, _OPENID = ("partners", JOBCENTER), ("eid", "bund"), "openid"
CHANGES = {
    "gateway.id": "im-2",
    "gateway.name": "Integrationsmanagement Waiblingen",
    "gateway.timezone": "Europe/Vienna",
    "gateway.url": "https://im.example.org",
    "gateway.units": ["Außenstelle Süd"],
    "gateway.regime": "gdpr-land",
    "gateway.max_term_days": 365,
    "gateway.remind_days": 30,
    "database.url": "postgresql://imgate@db.example.org/imgate",
    "database.erasures": "elsewhere.erasures",
    "evidence.internal": "qualified",
    "evidence.confidential": "qualified",
    "evidence.special": "qualified",
    "signatures.trust_roots": ["other.pem"],
    "signatures.trusted_lists": ["de.xml"],
    "signatures.trusted_list_signers": ["signers.pem"],
    "signatures.time_stamp_roots": ["other-times.pem"],
    "signatures.time_stamp": "required",
    "signatures.revocation": "if_given",
    "signatures.max_pages": 7,
    "eid.*.issuer": "https://other.example.org",
    "eid.*.algorithms": ["ES384"],
    "eid.*.levels": ["substantial"],
    "eid.*.max_age_seconds": 60,
    "papers.office": ["Rathausplatz 2, 71332 Waiblingen"],
    "papers.data_protection_officer": "D. Wacht, 07151 1",
    "partners.*.name": "Jobcenter Rems-Murr, Team 413",
    "partners.*.formerly": ["Arbeitsgemeinschaft Waiblingen"],
    "partners.*.ceiling": ["language.level", "health.constraints"],
    "partners.*.open": [],
    "partners.*.accept_single": True,
    "partners.*.body": "agentur_fuer_arbeit",
    "partners.*.purpose": "housing",
    "partners.*.subscriptions": [{"purpose": "labour_market_integration", "scopes": ["language.level", "work.status"]}],
    "partners.*.digest": "monday 06:00",
    "partners.*.paper": True,
    "partners.*.attach": ["calendar"],
    "partners.*.transport": {"kind": "mailbox"},
    "partners.*.evidence.internal": "qualified",
    "partners.*.evidence.confidential": "qualified",
    "partners.*.evidence.special": "qualified",
    "delivery.give_up_days": 3,
    "revocation.reminder_days": 21,
    "revocation.reminders": 1,
    "audit.origin": "log.example.org",
    "audit.checkpoint_minutes": 5,
    "audit.time_stamp_url": "https://tsa.example.com/tsr",
    "audit.time_stamp_roots": "other-tsa.pem",
    "pages.idle_minutes": 5,
    "pages.session_hours": 2,
    "pages.confirm_minutes": 3,
    "pages.client_minutes": 4,
    "pages.factor_hours": 24,
    "openid.issuer": "https://login.example.org",
    "openid.roles": {"imgate-amt": {"role": "office"}},
    "mail.host": "localhost",
}
# What no paper says, each with the reason; it decides neither what flows nor how it is protected.
_SECRET, _KEYS = "a secret, or where it lies", "what it comes to is read off the keys themselves (KeysHeld)"
EXCUSED = {
    "database.secret_file": _SECRET,
    "keys.folder": _KEYS,
    "keys.passphrase_file": _SECRET,
    "keys.passphrase": _SECRET,
    "keys.signature": _KEYS,
    "keys.pkcs11": _KEYS,
    "signatures.intermediates": "helps to check a signature and makes nobody trusted",
    "signatures.crls": "helps to check a signature and makes nobody trusted",
    "eid.*.jwks_file": "the service's public keys, which it changes as it likes",
    "partners.*.adapter": "see the test of two adapters",
    "partners.*.bundle_keys_file": "see the test of a neighbour's keys",
    "partners.*.requires_bundle": "see the test of a neighbour's keys",
    "partners.*.settings": "free of form; what it does to the flow shows in what may flow",
    "server.host": "a command may say otherwise, and behind a proxy it says nothing",
    "server.port": "a command may say otherwise, and behind a proxy it says nothing",
    "server.metrics_host": "a command may say otherwise, and behind a proxy it says nothing",
    "server.metrics_port": "a command may say otherwise, and behind a proxy it says nothing",
    "openid.name": "what stands on a button",
    "openid.client_id": "how the provider knows imgate",
    "openid.client_secret": _SECRET,
    "openid.secret_file": _SECRET,
    "openid.ca_file": "how the provider is recognised",
    "openid.scopes": "how the provider is asked",
    "openid.role_claim": "where the roles stand that the paper names",
    "mail.port": "how the server is reached",
    "mail.sender": "how the server is reached",
    "mail.user": _SECRET,
    "mail.password": _SECRET,
    "mail.secret_file": _SECRET,
    "mail.starttls": "see the test of a mail server on this machine",
    "mail.ca_file": "how the server is recognised",
    "audit.witnesses": "see the test of witnesses",
}
# Where the entries of free names stand in the configuration that is changed.
_NAMED = {"partners": JOBCENTER, "eid": "bund"}


def leaves(model, path=()):
    """Give the path of each entry that the configuration may have; ``*`` stands for a free name."""
    for name, field in model.model_fields.items():
        yield from _leaf(field.annotation, (*path, name))


def _leaf(annotation, path):
    kinds = [kind for kind in typing.get_args(annotation) if kind is not type(None)] if _is_union(annotation) else [annotation]
    inner = kinds[0]
    if typing.get_origin(inner) in (dict, Mapping) and _model(typing.get_args(inner)[1]) is not None and len(path) == 1:
        yield from leaves(typing.get_args(inner)[1], (*path, "*"))
    elif _model(inner) is not None and path[-1] not in ("transport", "pkcs11"):
        yield from leaves(inner, path)
    else:
        yield ".".join(path)


def _is_union(annotation):
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _model(kind):
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


ALL = list(leaves(Settings))
RETENTION = [path for path in ALL if path.startswith("retention.")]


def placed(path):
    """Give where an entry stands in the configuration that is changed."""
    section, *rest = path.split(".")
    return (section, *(_NAMED[section] if part == "*" else part for part in rest))


@pytest.fixture(scope="module")
def usual():
    return facts_from()


def test_every_entry_of_the_configuration_is_in_the_papers_or_is_excused():
    known = {*CHANGES, *EXCUSED, *RETENTION}
    assert [path for path in ALL if path not in known] == []
    assert [path for path in known if path not in ALL] == []
    assert set(CHANGES) & set(EXCUSED) == set()


@pytest.mark.parametrize("path", CHANGES)
def test_another_value_is_another_fact_and_another_paper(path, usual):
    facts = facts_from(changed(placed(path), CHANGES[path]))
    assert facts.sha256 != usual.sha256
    assert paper_of(facts) != paper_of(usual)


@pytest.mark.parametrize("path", RETENTION)
def test_every_term_of_retention_is_in_the_papers_by_itself(path, usual):
    _, name = path.split(".")
    facts = facts_from(changed(("retention", name), 29 if name.endswith("years") else 77))
    assert {term.name for term in facts.terms} >= {*RETENTION}
    assert facts.terms != usual.terms
    assert paper_of(facts) != paper_of(usual)


@pytest.mark.parametrize("path", [path for path in EXCUSED if path.split(".")[0] in {"server", "mail", "openid"} and "secret" not in path])
def test_what_is_excused_changes_nothing(path, usual):
    values = {"server.port": 1, "server.metrics_port": 1, "mail.port": 25, "openid.scopes": ["email"], "mail.sender": "a@example.org"}
    if path == "mail.starttls":
        return
    assert facts_from(changed(placed(path), values.get(path, "other"))) == usual


def test_another_adapter_is_another_paper(usual):
    document = changed((*_PARTNER, "adapter"), "auslaenderbehoerde")
    table = document["partners"][JOBCENTER]
    del table["subscriptions"], table["open"]
    facts = facts_from(document)
    assert {plugin.id for plugin in facts.plugins} == {"auslaenderbehoerde", "nachbar"}
    assert paper_of(facts) != paper_of(usual)


def test_whose_bundles_count_for_a_neighbour_is_in_the_papers(tmp_path, usual):
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(Keyring.made(date(2026, 1, 1)).jwks()))
    named = changed(("partners", NEIGHBOUR, "bundle_keys_file"), file)
    facts = facts_from(named)
    assert len(next(partner for partner in facts.partners if partner.id == NEIGHBOUR).bundle_keys) == 1
    named["partners"][NEIGHBOUR]["requires_bundle"] = True
    assert len({facts.sha256, facts_from(named).sha256, usual.sha256}) == 3


def test_a_mail_server_on_this_machine_may_be_reached_in_clear_and_that_is_said():
    document = changed(("mail",), {"host": "127.0.0.1", "sender": "a@example.org", "starttls": False})
    assert "| Verbindung zum E-Mail-Server verschlüsselt | nein |" in paper_of(facts_from(document))


def test_who_cosigns_the_log_is_in_the_papers(usual):
    witness = str(Cosigner("amt.example.org", Ed25519PrivateKey.from_private_bytes(bytes(32))).public)
    paper = paper_of(facts_from(changed(("audit", "witnesses"), [witness])))
    assert "amt.example.org" in paper
    assert paper != paper_of(usual)


# ---- What may flow ----


def flows_by_policy(partners):
    """Ask the policies themselves, as the judge does, what can flow: neither closed nor beyond the ceiling."""
    return {
        (partner.id, direction.value, scope)
        for partner in partners.values()
        for direction in Direction
        for scope in partner.policy.catalogue.scopes
        if scope not in partner.policy.closed and scope in partner.policy.ceiling_of(direction)
    }


def flows_on_paper(facts):
    """Read the table of the record of processing."""
    numbers = {f"E{number}": partner.id for number, partner in enumerate(facts.partners, start=1)}
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in paper_of(facts).splitlines() if line.startswith("| ")]
    at = next(index for index, row in enumerate(rows) if row[:2] == ["Gruppe", "Angabe"])
    found = set()
    for row in rows[at + 1 :]:
        if len(row) != 5 or "`" not in row[1]:
            break
        scope = row[1].split("`")[1]
        for direction, cell in (("to_partner", row[3]), ("from_partner", row[4])):
            found |= {(numbers[number], direction, scope) for number in cell.split(", ") if number != "–"}
    return found


@pytest.mark.parametrize(
    "document",
    [DOCUMENT, changed((*_PARTNER, "open"), []), changed(("partners", NEIGHBOUR, "ceiling"), ["asylum.grounds", "person.name"])],
    ids=["opened", "closed", "narrowed"],
)
def test_every_scope_that_may_flow_stands_in_the_paper_with_whom_and_no_other(document):
    seen = {}
    facts = facts_from(document, narrow=lambda partners: seen.setdefault("partners", partners))
    assert flows_on_paper(facts) == flows_by_policy(seen["partners"]) != set()


def test_a_partner_that_is_left_out_is_found():
    seen = {}
    facts = facts_from(narrow=lambda partners: seen.setdefault("partners", partners))
    planted = facts.model_copy(update={"partners": facts.partners[:1]})
    assert flows_on_paper(planted) != flows_by_policy(seen["partners"])


def test_what_the_office_has_not_confirmed_is_shut_and_said_to_wait():
    def unheard(partners):
        narrowed = dataclasses.replace(partners[JOBCENTER], policy=dataclasses.replace(partners[JOBCENTER].policy, open=frozenset()))
        return {**partners, JOBCENTER: narrowed}

    partner = next(partner for partner in facts_from(narrow=unheard).partners if partner.id == JOBCENTER)
    assert (partner.open, partner.waiting, partner.shut) == ((), ("health.constraints",), ("health.constraints",))
    assert "health.constraints" not in partner.to_partner


@pytest.mark.parametrize("partner", [JOBCENTER, NEIGHBOUR])
def test_every_partner_stands_in_the_paper_by_its_name(partner, usual):
    assert DOCUMENT["partners"][partner]["name"] in paper_of(usual)
    without = changed(("partners", partner), None)
    if partner == JOBCENTER:
        del without["openid"]["roles"]
    assert DOCUMENT["partners"][partner]["name"] not in paper_of(facts_from(without))


def test_without_partners_nothing_flows_and_the_paper_says_so():
    document = changed(("partners",), {})
    del document["openid"]
    paper = paper_of(facts_from(document))
    assert "kann keine Angabe fließen" in paper
    assert "Es ist kein Partner eingerichtet." in paper


# ---- The ways, the keys, the plugins ----


@pytest.mark.parametrize(
    ("transport", "departure", "hosts"),
    [
        ({"kind": "mailbox"}, "fetched", ()),
        ({"kind": "folder", "folder": "/srv/out"}, "laid_down", ()),
        ({"kind": "push", "url": "https://jc.example.org/x", "secret": SECRET}, "sent", ("jc.example.org",)),
        ({"kind": "push", "url": "http://127.0.0.1:9/x", "secret": SECRET}, "this_machine", ("127.0.0.1",)),
        ({"kind": "push", "url": "http://localhost:9/x", "secret": SECRET}, "this_machine", ("localhost",)),
    ],
)
def test_whether_a_message_leaves_the_house_is_said(transport, departure, hosts):
    facts = facts_from(changed((*_PARTNER, "transport"), transport))
    found = next(partner for partner in facts.partners if partner.id == JOBCENTER).transport
    assert (found.departure, found.hosts, found.encrypted_to_partner) == (departure, hosts, False)


def test_encryption_to_the_partner_is_said_and_names_the_host_of_the_keys():
    entries = {**DOCUMENT["partners"][JOBCENTER]["transport"], "encrypt_to": {"jwks_url": "https://keys.example.org/jwks"}}
    facts = facts_from(changed((*_PARTNER, "transport"), entries))
    found = next(partner for partner in facts.partners if partner.id == JOBCENTER).transport
    assert (found.hosts, found.encrypted_to_partner) == (("jc.example.org", "keys.example.org"), True)


def test_no_secret_no_path_and_no_address_gets_into_the_facts():
    document = changed((*_PARTNER, "transport", "secret"), SECRET)
    document["database"] = {"url": "postgresql://user:geheim@db.example.org/imgate"}
    document["gateway"]["url"] = "https://im.example.org"
    document["mail"] |= {"user": "postbote", "password": "briefgeheimnis"}
    document["openid"] |= {"client_secret": "losung"}
    document["signatures"] |= {"trust_roots": ["/etc/imgate/trust/roots.pem"]}
    document["database"]["erasures"] = "/mnt/apart/imgate.erasures"
    kept = json.dumps(facts_from(document).kept())
    assert [word for word in (SECRET, "geheim", "postbote", "losung", "secret-path", "/etc", "/mnt", "user:") if word in kept] == []


@pytest.mark.parametrize("change", [{"files_encrypted": False}, {"signing_in_token": True}, {"signature": "imgate-statement-ed25519-2026"}])
def test_how_keys_are_held_is_in_the_papers(change, usual):
    assert paper_of(facts_from(keys=dataclasses.replace(KEYS, **change))) != paper_of(usual)


def test_whether_four_eyes_open_is_in_the_papers(usual):
    assert paper_of(facts_from(four_eyes=False)) != paper_of(usual)


def test_every_plugin_is_named_with_the_digests_of_its_schemas(usual):
    paper = paper_of(usual)
    for adapter in ("jobcenter", "nachbar"):
        manifest = registry().adapters[adapter].manifest
        for direction in Direction:
            assert manifest.direction(direction).sha256 in paper
            assert manifest.direction(direction).schema_file in paper
        assert [each.uri for each in manifest.code_lists if each.uri not in paper] == []


def test_another_manifest_is_another_paper(usual):
    adapter = registry().adapters["jobcenter"]
    manifest = adapter.manifest.model_copy(
        update={"to_partner": adapter.manifest.to_partner.model_copy(update={"sha256": "0" * 64}), "name": "Jobcenter, zweite Fassung"}
    )
    other = dataclasses.replace(registry(), adapters={**registry().adapters, "jobcenter": dataclasses.replace(adapter, manifest=manifest)})
    plugins = plugins_of(Settings(**DOCUMENT), other)
    assert paper_of(usual.model_copy(update={"plugins": plugins})) != paper_of(usual)


def test_of_every_built_in_way_is_known_whether_it_leaves_the_house():
    from imgate.bootstrap import paper_facts

    kinds = {module.imgate_register_transport().kind for module in BUILT_IN_TRANSPORTS}
    assert kinds == {*paper_facts._SENDING, "mailbox", "folder"}
