"""What a report about a receipt says, word for word: whoever is shown one reads its sentences and nothing else."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from imgate.consent import receipt_checks
from imgate.consent.receipt import decided_at, digest_of, signed_at
from imgate.consent.receipt_checks import FILE_MAX
from imgate.consent.receipt_log import PROOF_MAX
from tests.consent.bundled import TRUSTED
from tests.consent.receipted import ALGORITHMS, DECLARATIONS, KEYS, MESSAGE, a_receipt, failures, outcomes, signed, verified
from tests.consent.test_receipt import b64, header_of
from tests.consent.test_receipt_log import OUT, PERMISSION, checked, entry, proof

NOW = datetime(2026, 3, 3, tzinfo=UTC)
TOKEN = signed(a_receipt())
CLOCKS_DIFFER = timedelta(minutes=5)
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


def told(report):
    """Write a report as lines; keys are made anew in each run."""
    lines = [f"{check.name}: {check.outcome.value}: {check.sentence}" for check in report.checks]
    names = {pair.thumbprint(): f"<{name}>" for name, pair in KEYS.items()}
    return [_named(line, names) for line in lines]


def _named(line, names):
    for thumbprint, name in names.items():
        line = line.replace(thumbprint, name)
    return line


def _late(**changed):
    return signed(a_receipt(decided_at="2026-03-02T09:06:00.000000Z", **changed))


RECEIPTS = {
    "genuine": (TOKEN, {"message": MESSAGE}),
    "nothing to compare": (TOKEN, {"trusted": None}),
    "another message": (TOKEN, {"message": b"<b/>"}),
    "another key": (signed(a_receipt(), key="another"), {}),
    "too large": ("a" * (FILE_MAX + 1), {}),
    "as large as may be, and no token": ("a" * FILE_MAX, {}),
    "two parts": ("a.b", {}),
    "another spelling": (TOKEN[:-1] + chr(ord(TOKEN[-1]) + 1), {}),
    "a header that is no object": (f"{b64(b'[]')}.{PAYLOAD}.{SIGNATURE}", {}),
    "a header that is no JSON": (f"{b64(b'{')}.{PAYLOAD}.{SIGNATURE}", {}),
    "another kind": (signed(a_receipt(), kind="JWT"), {}),
    "another algorithm": (f"{b64(header_of(TOKEN) | {'alg': 'none'})}.{PAYLOAD}.{SIGNATURE}", {}),
    "changed": (f"{HEADER}.{b64(b'{}')}.{SIGNATURE}", {}),
    "signed, and no receipt": (signed(b"{}"), {}),
    "signed before it was decided": (_late(), {}),
    "from the future": (signed(a_receipt(iat=1772528401 + 86_400)), {}),
}


@pytest.mark.parametrize("case", RECEIPTS)
def test_each_receipt_is_told_about_in_its_own_words(case, snapshot):
    token, how = RECEIPTS[case]
    assert told(verified(token, NOW, **how).report) == snapshot


def _permission(**fields):
    return entry("exchange_permitted", **PERMISSION | fields)


PROOFS = {
    "genuine": (proof(), {}),
    "nobody's checkpoint": (proof(), {"log": None}),
    "the key of another log": (proof(), {"log": "x"}),
    "another log": (proof(spoil=lambda made: made.update(origin="imgate/im-neustadt")), {}),
    "no proof": (b"{}", {}),
    "proves nothing": (proof(spoil=lambda made: made["entries"][1].update(place=0)), {}),
    "of another hand-out": (proof(_permission(), entry("handed_out", **OUT | {"sha256": "b" * 64})), {}),
    "handed out at another time": (proof(_permission(), entry("delivery_begun", "2026-03-01T09:00:00+00:00", **OUT)), {}),
    "under other declarations": (proof(_permission(declarations=[DECLARATIONS[0]]), entry("handed_out", **OUT)), {}),
}


@pytest.mark.parametrize("case", PROOFS)
def test_each_proof_is_told_about_in_its_own_words(case, snapshot):
    content, how = PROOFS[case]
    assert told(checked(content, **how)) == snapshot


@pytest.mark.parametrize(
    "file",
    [f"{TOKEN}.x", f"{HEADER}.{PAYLOAD}", f"{b64(header_of(TOKEN) | {'alg': 'none'})}.{PAYLOAD}.{SIGNATURE}"],
    ids=["four", "two", "alg"],
)
def test_a_signature_is_looked_at_only_where_form_and_kind_are_those_of_a_receipt(file):
    found = receipt_checks.verify(file.encode(), lambda *_: pytest.fail("it was read"), ALGORITHMS, TRUSTED, NOW)
    assert found.report.key is None
    assert len(failures(found.report)) == 1


def test_a_token_as_large_as_may_be_is_read_and_no_byte_more(monkeypatch):
    monkeypatch.setattr(receipt_checks, "FILE_MAX", len(TOKEN))
    assert failures(verified(TOKEN, NOW).report) == []
    monkeypatch.setattr(receipt_checks, "FILE_MAX", len(TOKEN) - 1)
    assert failures(verified(TOKEN, NOW).report) == ["form"]


@pytest.mark.parametrize("length", range(6, 12))
def test_whatever_a_part_ends_with_its_form_holds(length):
    """``W`` at the end of six bytes is written as ``X``, which is not taken for what base64 fills up with."""
    assert outcomes(verified(signed(b"W".rjust(length, b" ")), NOW).report)["form"] == "passed"


def test_clocks_may_differ_by_five_minutes_and_not_by_more():
    one = timedelta(seconds=1)
    late = a_receipt(decided_at=(signed_at(a_receipt()) + CLOCKS_DIFFER).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    at = decided_at(late) - CLOCKS_DIFFER
    assert failures(verified(signed(late), at).report) == []
    assert failures(verified(signed(late), at - one).report) == ["times"]


@pytest.mark.parametrize("fields", [[], ["exchange"], "exchange", None, 1], ids=["none", "list", "text", "null", "number"])
def test_an_entry_whose_fields_are_none_proves_nothing(fields):
    odd = entry("handed_out") | {"fields": fields}
    assert failures(checked(proof(_permission(), odd))) == ["log"]


def test_a_proof_as_large_as_may_be_is_read():
    assert failures(checked(proof().ljust(PROOF_MAX))) == []


def test_the_digest_of_a_message_is_that_of_its_bytes():
    assert digest_of(MESSAGE) == hashlib.sha256(MESSAGE).hexdigest()
