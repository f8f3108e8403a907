"""What a proof out of the log adds to a receipt: that this hand-out is on record there, as the receipt says it."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from imgate.audit.canonical import canonical
from imgate.audit.signing import LogSigner
from imgate.audit.verify import leaf_hash, node_hash
from imgate.consent.receipt_log import PROOF_MAX, LogProof
from tests.consent.receipted import DECLARATIONS, EXCHANGE, a_receipt, failures, outcomes, signed, verified

NOW = datetime(2026, 3, 3, tzinfo=UTC)
ORIGIN = "imgate/im-winnenden"
LOG = LogSigner(ORIGIN, Ed25519PrivateKey.generate())
SHA256 = a_receipt()["message"]["sha256"]
SCOPES = ["language.level", "residence.status", "plan.goals"]
OUT = {"exchange": EXCHANGE, "partner": "jobcenter-rems-murr", "released": SCOPES, "sha256": SHA256}
PERMISSION = {"exchange": EXCHANGE, "partner": "jobcenter-rems-murr", "declarations": sorted(DECLARATIONS)}


AT = "2026-03-02T09:00:00.250000+00:00"


def entry(event, at=AT, **fields):
    return {"actor": "x", "at": at, "event": event, "fields": fields, "id": "0" * 32}


def proof(*entries, signer=LOG, spoil=lambda _: None):
    """Make a log of four: two others and these two, which are proved."""
    entries = entries or (entry("exchange_permitted", **PERMISSION), entry("handed_out", **OUT))
    leaves = [leaf_hash(canonical(one)) for one in (entry("gateway_started"), entry("key_made"), *entries)]
    left, right = node_hash(leaves[0], leaves[1]), node_hash(leaves[2], leaves[3])
    listed = [{"place": 2 + place, "entry": one, "proof": [leaves[3 - place].hex(), left.hex()]} for place, one in enumerate(entries)]
    made = {"origin": signer.origin, "checkpoint": str(signer.sign(4, node_hash(left, right))), "entries": listed}
    spoil(made)
    return json.dumps(made).encode()


def checked(content, *, receipt=None, checkpoint=None, log=str(LOG.public)):
    return verified(signed(receipt or a_receipt()), NOW, proof=LogProof(content, checkpoint, log)).report


def test_a_receipt_whose_hand_out_the_log_has_so_holds():
    assert {name: outcomes(checked(proof()))[name] for name in ("log", "checkpoint")} == {"log": "passed", "checkpoint": "passed"}


@pytest.mark.parametrize("event", ["handed_out", "delivery_begun"])
def test_an_attempt_counts_as_a_fetch_does(event):
    assert failures(checked(proof(entry("exchange_permitted", **PERMISSION), entry(event, **OUT)))) == []


def test_a_notice_rests_on_no_permission():
    receipt = {name: value for name, value in a_receipt(released={}).items() if name not in ("purpose", "adapter", "schema")}
    entries = entry("acknowledged", exchange=EXCHANGE), entry("handed_out", **OUT | {"released": []})
    assert failures(checked(proof(*entries), receipt=receipt)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"exchange": DECLARATIONS[0]},
        {"partner": "abh-winnenden"},
        {"sha256": "b" * 64},
        {"released": SCOPES[:2]},
        {"released": [*SCOPES, "health.constraints"]},
        {"released": []},
        {"released": "language.level"},
        {"released": None},
    ],
)
def test_an_entry_that_says_otherwise_is_no_proof_of_it(fields):
    entries = entry("exchange_permitted", **PERMISSION), entry("handed_out", **OUT | fields)
    assert failures(checked(proof(*entries))) == ["log"]


@pytest.mark.parametrize("event", ["exchange_permitted", "delivery_ended", "exchange_cancelled", "acknowledged"])
def test_only_an_entry_of_a_hand_out_proves_one(event):
    assert failures(checked(proof(entry("key_made"), entry(event, **OUT | {"declarations": sorted(DECLARATIONS)})))) == ["log"]


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-02T09:00:00.250001+00:00",
        "2026-03-02T09:00:00.249999+00:00",
        "2026-03-02T09:00:00.250000",
        "0001-01-01T00:00:00+14:00",
        "x",
        "",
        None,
        1772442000,
        {},
    ],
)
def test_an_attempt_that_was_decided_at_another_moment_is_not_that_of_the_receipt(at):
    assert failures(checked(proof(entry("exchange_permitted", **PERMISSION), entry("delivery_begun", at, **OUT)))) == ["log"]


@pytest.mark.parametrize("at", ["2026-03-02T09:05:00.250000+00:00", "2026-03-03T09:00:00.250000+00:00", "2026-03-02T09:00:00", "x", None])
def test_a_fetch_that_the_log_has_only_later_is_not_that_of_the_receipt(at):
    assert failures(checked(proof(entry("exchange_permitted", **PERMISSION), entry("handed_out", at, **OUT)))) == ["log"]


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-01T09:00:00.250000+00:00",
        "2026-03-02T10:00:00.250000+01:00",
        "2026-03-02T09:05:00.249999+00:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_fetch_again_rests_on_the_entry_of_the_first_as_far_as_clocks_agree(at):
    assert failures(checked(proof(entry("exchange_permitted", **PERMISSION), entry("handed_out", at, **OUT)))) == []


def test_of_several_attempts_the_one_that_was_decided_then_counts():
    earlier = entry("delivery_begun", "2026-03-01T09:00:00.250000+00:00", **OUT)
    assert failures(checked(proof(earlier, entry("delivery_begun", **OUT)))) == []


def test_the_moment_of_another_hand_out_proves_nothing():
    assert failures(checked(proof(entry("delivery_ended", **OUT), entry("delivery_begun", "2026-03-01T09:00:00+00:00", **OUT)))) == ["log"]
    others = entry("delivery_begun", **OUT | {"sha256": "b" * 64}), entry("delivery_begun", "2026-03-01T09:00:00+00:00", **OUT)
    assert failures(checked(proof(*others))) == ["log"]


@pytest.mark.parametrize("event", [[], {}, None, 1])
def test_an_event_that_is_no_word_proves_nothing(event):
    assert failures(checked(proof(entry("exchange_permitted", **PERMISSION), entry(event, **OUT)))) == ["log"]


def test_an_entry_without_a_time_is_no_proof_of_one():
    timeless = {name: value for name, value in entry("handed_out", **OUT).items() if name != "at"}
    assert failures(checked(proof(entry("exchange_permitted", **PERMISSION), timeless))) == ["log"]


def test_other_declarations_than_the_log_has_are_seen():
    permission = PERMISSION | {"declarations": [DECLARATIONS[0]]}
    assert failures(checked(proof(entry("exchange_permitted", **permission), entry("handed_out", **OUT)))) == ["log"]


def _changed(made):
    made["entries"][1]["entry"]["actor"] = "y"


def _moved(made):
    made["entries"][1]["place"] = 2


def _beyond(made):
    made["entries"][1]["place"] = 4


def _shorter(made):
    made["entries"][1]["proof"].pop()


def _longer(made):
    made["entries"][1]["proof"].append("00" * 32)


def _swapped(made):
    made["entries"][1]["proof"].reverse()


def _added(made):
    made["entries"].append(made["entries"][0] | {"entry": entry("handed_out", **OUT)})


def _unsigned(made):
    made["checkpoint"] = made["checkpoint"].partition("\n\n")[0]


@pytest.mark.parametrize("spoil", [_changed, _moved, _beyond, _shorter, _longer, _swapped, _added, _unsigned])
def test_a_proof_that_proves_nothing_is_refused(spoil):
    assert failures(checked(proof(spoil=spoil))) == ["log"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"{}",
        b"\xff",
        b'{"origin":"x","checkpoint":"x","entries":[]}',
        b'{"origin":"x","checkpoint":"x","entries":"x"}',
        b'{"origin":1,"checkpoint":"x","entries":[]}',
        proof(spoil=lambda made: made.update(more=1)),
        proof(spoil=lambda made: made["entries"][0].update(proof=["xx"])),
        proof(spoil=lambda made: made["entries"][0].update(place=-1)),
        proof(spoil=lambda made: made["entries"][0].update(proof=["00" * 32] * 65)),
    ],
)
def test_what_is_no_proof_is_refused(content):
    assert failures(checked(content)) == ["log"]


def test_a_proof_of_nothing_proves_nothing():
    assert failures(checked(proof(spoil=lambda made: made.update(entries=[])))) == ["log"]


def test_a_giant_proof_is_not_read():
    assert failures(checked(b" " * (PROOF_MAX + 1))) == ["log"]


def test_the_checkpoint_of_another_log_or_by_another_key_is_refused():
    other = LogSigner("imgate/im-neustadt", LOG.key)
    assert failures(checked(proof(signer=other), log=str(other.public))) == ["checkpoint"]
    stranger = LogSigner(ORIGIN, Ed25519PrivateKey.generate())
    assert failures(checked(proof(signer=stranger))) == ["checkpoint"]
    assert failures(checked(proof(spoil=lambda made: made.update(origin="x")))) == ["checkpoint"]


@pytest.mark.parametrize(
    "log",
    ["", "x", "imgate/im-winnenden+00000000+AAAA", str(LOG.public)[:-4], f" {LOG.public}"],
    ids=["empty", "short", "of-nothing", "cut", "blank-before"],
)
def test_what_is_no_key_of_a_log_vouches_for_nothing(log):
    assert failures(checked(proof(), log=log)) == ["checkpoint"]


def test_without_the_logs_key_it_stays_open_who_signed_the_checkpoint():
    assert outcomes(checked(proof(), log=None))["checkpoint"] == "not_checked"


def test_a_checkpoint_that_was_kept_elsewhere_counts_instead_of_the_one_in_the_proof():
    kept = json.loads(proof())["checkpoint"].encode()
    assert failures(checked(proof(spoil=lambda made: made.update(checkpoint="x")), checkpoint=kept)) == []
    rewritten = proof(entry("exchange_permitted", **PERMISSION), entry("handed_out", **OUT | {"more": True}))
    assert failures(checked(rewritten)) == []
    assert failures(checked(rewritten, checkpoint=kept)) == ["log"]
    assert failures(checked(rewritten, checkpoint=b"")) == ["log"]  # an empty file is no word to look at the other one
