"""Putting the gateway together: keys and database made once, partners narrowed and never widened."""

import stat
from datetime import UTC, datetime

import pytest

from imgate.bootstrap import open_gateway, record_start
from imgate.keys import KeysMissing, KeysUnusable, KeyUse
from imgate.settings import ConfigurationInvalid
from imgate.storage.audit_log import SqlAuditLog
from imgate.storage.key_checks import KeysMismatch
from imgate.storage.proof import verify_store
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceLevel, Role


def test_keys_and_database_are_made_once_and_belong_to_nobody_else(configure, tmp_path):
    settings = configure()
    with open_gateway(settings, make_keys=True) as first:
        keys = [key.id for key in first.keyring.keys]
    with open_gateway(settings, make_keys=True) as second:
        assert [key.id for key in second.keyring.keys] == keys
    assert stat.S_IMODE((tmp_path / "imgate.keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "imgate.db").stat().st_mode) == 0o600
    assert (tmp_path / "imgate.erasures").read_bytes() == b""


def test_a_worker_makes_no_keys(configure, tmp_path):
    with pytest.raises(KeysMissing):
        open_gateway(configure(), make_keys=False)
    assert [path.name for path in tmp_path.iterdir()] == ["imgate.toml"]


def test_lost_keys_are_not_replaced_beside_a_database_that_needs_them(configure, tmp_path):
    settings = configure()
    open_gateway(settings, make_keys=True).close()
    (tmp_path / "imgate.keys").rename(tmp_path / "elsewhere")
    with pytest.raises(KeysMissing, match=r"put it back"):
        open_gateway(settings, make_keys=True)
    assert not (tmp_path / "imgate.keys").exists()


def test_keys_that_others_may_read_are_refused(configure, tmp_path):
    settings = configure()
    open_gateway(settings, make_keys=True).close()
    (tmp_path / "imgate.keys").chmod(0o755)
    with pytest.raises(KeysUnusable):
        open_gateway(settings, make_keys=True)


def test_other_keys_do_not_open_the_database(configure, tmp_path):
    settings = configure()
    open_gateway(settings, make_keys=True).close()
    (tmp_path / "imgate.keys").rename(tmp_path / "elsewhere")
    (tmp_path / "imgate.db").rename(tmp_path / "first.db")
    open_gateway(settings, make_keys=True).close()
    (tmp_path / "first.db").replace(tmp_path / "imgate.db")
    for beside in ("imgate.db-wal", "imgate.db-shm"):
        (tmp_path / beside).unlink(missing_ok=True)
    with pytest.raises(KeysMismatch):
        open_gateway(settings, make_keys=True)


def test_with_postgresql_a_missing_key_is_an_error(configure, tmp_path):
    database = 'url = "https://im.example.org"\n\n[database]\nurl = "postgresql://nobody@127.0.0.1:9/imgate"\n'
    settings = configure(instead=_configuration("").replace("\n[partners", f"{database}\n[partners", 1))
    with pytest.raises(KeysMissing):
        open_gateway(settings, make_keys=True)
    assert not (tmp_path / "imgate.keys").exists()


def test_the_configuration_narrows_the_adapters_ceiling_in_each_direction(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        ceiling = gateway.policy.partner("jobcenter-rems-murr").ceiling
        adapter = gateway.corridor.partners["jobcenter-rems-murr"].adapter.ceiling
    assert ceiling[Direction.TO_PARTNER] == {"contact_persons.jobcenter", "language.level"}
    assert ceiling[Direction.FROM_PARTNER] == {"contact_persons.jobcenter"}
    assert all(ceiling[direction] <= adapter[direction] for direction in Direction)


def test_a_ceiling_cannot_bring_a_scope_that_the_adapter_has_no_place_for(configure):
    settings = configure(instead=_configuration('ceiling = ["notes.counselling", "language.level"]'))
    with open_gateway(settings, make_keys=True) as gateway:
        assert gateway.policy.partner("jobcenter").either_ceiling == {"language.level"}


def test_an_empty_ceiling_lets_nothing_pass(configure):
    with open_gateway(configure(instead=_configuration("ceiling = []")), make_keys=True) as gateway:
        assert gateway.policy.partner("jobcenter").either_ceiling == frozenset()


def test_evidence_and_purpose_reach_the_partner(configure):
    settings = configure(instead=_configuration('purpose = "housing"') + '[partners.jobcenter.evidence]\ninternal = "qualified"\n')
    with open_gateway(settings, make_keys=True) as gateway:
        partner = gateway.corridor.partners["jobcenter"]
        assert partner.purpose == "housing"
        assert partner.policy.levels[Sensitivity.INTERNAL] is EvidenceLevel.QUALIFIED


def test_a_purpose_that_is_not_configured_is_the_manifests_default(configure):
    settings = configure(instead=_configuration("").replace('adapter = "jobcenter"', 'adapter = "jobkraftwerk"'))
    with open_gateway(settings, make_keys=True) as gateway:
        assert gateway.corridor.partners["jobcenter"].purpose == "case_documentation"


def test_subscriptions_and_digest_reach_the_partner(configure):
    subscription = 'subscriptions = [{ purpose = "housing", scopes = ["contact.address", "person.name"] }]\ndigest = "friday 18:30"'
    with open_gateway(configure(instead=_configuration(subscription)), make_keys=True) as gateway:
        partner = gateway.corridor.partners["jobcenter"]
        assert dict(partner.subscriptions) == {"housing": frozenset({"contact.address", "person.name"})}
        assert str(partner.digest) == "friday 18:30"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            'subscriptions = [{ purpose = "housing", scopes = ["person.name", "residence.title"] }]',
            "scopes.1`: `residence.title` is beyond",
        ),
        ('subscriptions = [{ purpose = "housing", scopes = ["health.constraints"] }]', "`health.constraints` is closed"),
        ('ceiling = []\nsubscriptions = [{ purpose = "housing", scopes = ["person.name"] }]', "`person.name` is beyond"),
        ('digest = "friday 18:30"', "digest`: there are no `subscriptions`"),
    ],
)
def test_a_subscription_that_could_never_be_kept_is_a_problem(configure, entry, said):
    with pytest.raises(ConfigurationInvalid) as invalid:
        open_gateway(configure(instead=_configuration(entry)), make_keys=True)
    (problem,) = invalid.value.problems
    assert problem.line == 7 + len(entry.splitlines())
    assert said in problem.sentence


@pytest.mark.parametrize(
    ("entry", "line", "said"),
    [
        ('transport = { kind = "pigeon" }', 8, "transport.kind"),
        ('transport = { kind = "push", url = "http://example.org/" }', 8, "transport.url"),
        ('transport = { kind = "mailbox", colour = "red" }', 8, "transport.colour"),
        ('settings = { colour = "red" }', 8, "settings"),
    ],
)
def test_what_a_plugin_does_not_take_is_told_with_its_line(configure, tmp_path, entry, line, said):
    with pytest.raises(ConfigurationInvalid) as invalid:
        open_gateway(configure(instead=_configuration(entry)), make_keys=True)
    (problem,) = invalid.value.problems
    assert problem.line == line
    assert said in problem.sentence
    assert [path.name for path in tmp_path.iterdir()] == ["imgate.toml"]


def test_an_adapter_that_is_not_installed_is_told_with_its_line(configure):
    with pytest.raises(ConfigurationInvalid) as invalid:
        open_gateway(configure(instead=_configuration("").replace('"jobcenter"\n', '"jobcentre"\n', 1)), make_keys=True)
    assert [problem.line for problem in invalid.value.problems] == [6]


def test_a_start_is_on_record_with_every_partner(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        record_start(gateway, "serve")
        with gateway.store.reading() as tx:
            log = b"\n".join(entry.content for entry in SqlAuditLog(tx.session).entries()).decode()
        assert log.count('"key_made"') == len(KeyUse)
        assert '"gateway_started"' in log
        assert '"plugin_loaded"' in log
        assert "Jobcenter Rems-Murr, Team 412" in log
        assert "to_partner:language.level" in log
        assert verify_store(gateway.store).sound


def test_a_revoked_access_is_given_to_nobody(configure):
    at = datetime.now(UTC)
    with open_gateway(configure(), make_keys=True) as gateway:
        access, secret = gateway.store.access.add(Role.CASE_SYSTEM, None, "x", at, "operator")
        found = gateway.accesses.get(access.client_id)
        assert found is not None
        assert found.has_secret(secret)
        assert not found.has_secret(secret + "x")
        gateway.store.access.revoke(access.client_id, at, "operator")
        assert gateway.accesses.get(access.client_id) is None


def test_a_signed_assertion_counts_once(configure):
    with open_gateway(configure(), make_keys=True) as gateway:
        assert gateway.accesses.use_once("a", "jti", 2_000_000_000)
        assert not gateway.accesses.use_once("a", "jti", 2_000_000_000)
        assert gateway.accesses.use_once("b", "jti", 2_000_000_000)


def _configuration(entry: str) -> str:
    gateway = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n'
    return f'{gateway}\n[partners.jobcenter]\nadapter = "jobcenter"\nname = "Jobcenter"\n{entry}\n'
