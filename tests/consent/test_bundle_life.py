"""What a bundle says has to fit together, whoever signed it: also a gateway can be wrong, or be made to sign what is."""

import hashlib

import pytest
import rfc8785

from tests.consent.bundled import KEYS, failures, outcome, parts_of, signed, vector, verify

PAPER, SEVERAL, PARTLY = "paper-es256.json", "several-signers-with-evidence.json", "partly-revoked.json"


def report_of(name, change):
    """Have the gateway's own key sign a bundle that was spoiled before."""
    parts = parts_of(vector(name))
    pair = KEYS[parts["profile"]["algorithm"]]
    change(parts)
    return verify(signed(parts, pair))


def sentence(report, name):
    return next(check.sentence for check in report.checks if check.name == name)


def content(parts, **changes):
    """Change the content with its digest, as a gateway would have it."""
    parts["declaration"]["content"].update(changes)
    parts["declaration"]["digest"] = hashlib.sha256(rfc8785.dumps(parts["declaration"]["content"])).hexdigest()


def event(parts, name, place=-1):
    parts["history"].insert(len(parts["history"]) if place == -1 else place, {"at": parts["history"][-1]["at"], "event": name})


def test_a_bundle_that_is_signed_anew_without_a_change_holds():
    for name in (PAPER, SEVERAL, PARTLY):
        assert failures(report_of(name, lambda parts: None)) == []


def test_a_content_that_has_another_digest_fails():
    report = report_of(PAPER, lambda parts: parts["declaration"]["content"].update(client="K-2026-0816"))
    assert failures(report) == ["declaration"]


@pytest.mark.parametrize(
    "change",
    [
        lambda piece: piece.update(content="JVBERi0xLjcK"),
        lambda piece: piece.update(content=piece["content"][:-1] + "="),
        lambda piece: piece.update(content=" " + piece["content"]),
        lambda piece: piece.update(content=piece["content"] + "AAAA"),
        lambda piece: piece.update(content="é"),
        lambda piece: piece.update(sha256="0" * 64),
        lambda piece: piece.pop("sha256"),
    ],
)
def test_evidence_that_has_another_digest_fails(change):
    assert failures(report_of(SEVERAL, lambda parts: change(parts["evidence"][2]))) == ["evidence 2"]


def test_content_in_another_spelling_of_base64_fails():
    def respell(parts):  # the same byte to a lenient reader
        parts["evidence"][3].update(content="AB==", sha256=hashlib.sha256(b"\x00").hexdigest())

    assert "one spelling" in sentence(report_of(SEVERAL, respell), "evidence 3")


def test_without_its_content_evidence_is_not_checked_and_its_digest_is_named():
    report = verify(vector(PAPER))
    assert outcome(report, "evidence 0") == "not_checked"
    assert parts_of(vector(PAPER))["evidence"][0]["sha256"] in sentence(report, "evidence 0")


def test_a_declaration_that_not_all_signed_fails_though_nobody_changed_it():
    report = verify(vector("draft.json"))
    assert failures(report) == ["signers"]
    assert "betreuer" in sentence(report, "signers")
    assert "never took effect" in sentence(report, "signers")


def test_a_signer_that_the_content_asks_for_cannot_be_left_out():
    report = report_of(PAPER, lambda parts: content(parts, signers_required=["client", "client"]))
    assert failures(report) == ["signers", "life"]


def test_nobody_signing_is_not_enough():
    report = report_of(PAPER, lambda parts: content(parts, signers_required=[]))
    assert "signers" in failures(report)


CONTRADICTIONS = {
    "a note counts as written": (SEVERAL, lambda parts: parts["evidence"][1].update(level="written"), "more than its kind"),
    "a scan counts as qualified": (PAPER, lambda parts: parts["evidence"][0].update(level="qualified"), "more than its kind"),
    "somebody signs who does not have to": (PAPER, lambda parts: parts["evidence"][0].update(role="guardian"), "role that does not sign"),
    "a level that was not reached": (SEVERAL, lambda parts: parts["life"]["levels"][0].update(level="written"), "does not reach"),
    "no level though all signed": (PAPER, lambda parts: parts["life"]["levels"].clear(), "does not reach"),
    "reached before": (PAPER, lambda parts: parts["life"]["levels"][0].update(at="2026-03-01T00:00:00.000000Z"), "before its evidence"),
    "evidence before": (PAPER, lambda parts: parts["evidence"][0].update(recorded_at="2026-03-01T00:00:00.000000Z"), "one signature for"),
    "a signature more": (PAPER, lambda parts: event(parts, "signed"), "one signature for each"),
    "a signature less": (PAPER, lambda parts: parts["history"].pop(1), "one signature for each"),
    "signatures in another order": (SEVERAL, lambda parts: parts["evidence"].reverse(), "one signature for each"),
    "never active": (PAPER, lambda parts: parts["history"].pop(), "became active"),
    "active twice": (PAPER, lambda parts: event(parts, "activated"), "became active"),
    "active too early": (SEVERAL, lambda parts: parts["history"].insert(2, parts["history"].pop(4)), "became active"),
    "active too late": (SEVERAL, lambda parts: parts["history"].append(parts["history"].pop(4)), "became active"),
    "never made": (PAPER, lambda parts: parts["history"].pop(0), "begin with the making"),
    "made twice": (PAPER, lambda parts: event(parts, "created"), "begin with the making"),
    "made afterwards": (PAPER, lambda parts: parts["history"].append(parts["history"].pop(0)), "begin with the making"),
    "no history": (PAPER, lambda parts: parts["history"].clear(), "begin with the making"),
    "revoked by history only": (PAPER, lambda parts: event(parts, "revoked"), "history and revocations"),
    "partly revoked by history only": (PAPER, lambda parts: event(parts, "partly_revoked"), "history and revocations"),
    "a revocation left out": (PARTLY, lambda parts: parts["life"]["revocations"].clear(), "history and revocations"),
    "its line left out": (PARTLY, lambda parts: parts["history"].pop(), "history and revocations"),
    "another scope": (PARTLY, lambda parts: parts["life"]["revocations"][0].update(scope="health.constraints"), "not in the declaration"),
    "a scope twice": (PARTLY, lambda parts: parts["life"]["revocations"].append(parts["life"]["revocations"][0]), "names a scope twice"),
    "a pause left out": (PARTLY, lambda parts: parts["life"]["pauses"].clear(), "history and pauses"),
    "a pause that lasts": (PARTLY, lambda parts: parts["life"]["pauses"][0].pop("ended"), "history and pauses"),
    "resumed out of nothing": (PAPER, lambda parts: event(parts, "resumed"), "history and pauses"),
    "superseded by history only": (PAPER, lambda parts: event(parts, "superseded"), "history and successors"),
    "superseded by nobody": (PAPER, lambda parts: parts["life"].update(superseded=True, state="revoked"), "history and successors"),
    "a successor left out": ("superseded.json", lambda parts: parts["life"].update(superseded_by=[]), "history and successors"),
    "a successor that did not count": ("superseded.json", lambda parts: parts["life"].update(superseded=False), "said to be revoked"),
    "revoked and said to be active": ("revoked.json", lambda parts: parts["life"].update(state="active"), "and is revoked"),
    "expired and said to be active": ("expired.json", lambda parts: parts["life"].update(state="active"), "and is expired"),
    "paused and said to be active": ("paused.json", lambda parts: parts["life"].update(state="active"), "and is paused"),
    "draft and said to be active": ("draft.json", lambda parts: parts["life"].update(state="active"), "and is draft"),
    "active and said to be a draft": (PAPER, lambda parts: parts["life"].update(state="draft"), "and is active"),
    "every scope revoked one by one": (
        PARTLY,
        lambda parts: parts["life"]["revocations"].extend(
            {"at": parts["made_at"], "scope": scope} for scope in ("contact_persons.jobcenter", "residence.status")
        ),
        "and is revoked",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_does_not_fit_together_fails_and_says_what(case):
    name, change, says = CONTRADICTIONS[case]
    report = report_of(name, change)
    assert "life" in failures(report)
    assert says in sentence(report, "life")


def test_the_last_day_ends_in_the_gateways_zone():
    at_home = report_of(PAPER, lambda parts: parts.update(made_at="2026-12-31T22:59:59.999999Z"))
    over = report_of(PAPER, lambda parts: parts.update(made_at="2026-12-31T23:00:00.000000Z"))
    assert (failures(at_home), failures(over)) == ([], ["life"])
    assert "and is expired" in sentence(over, "life")


@pytest.mark.parametrize("zone", ["Europe/Winnenden", "", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 5000])
def test_a_zone_that_is_not_known_here_leaves_the_state_open(zone):
    report = report_of(PAPER, lambda parts: parts["gateway"].update(timezone=zone))
    assert failures(report) == []
    assert outcome(report, "life") == "not_checked"


def test_an_event_of_a_later_release_leaves_the_life_open():
    report = report_of(PAPER, lambda parts: event(parts, "handed_over"))
    assert failures(report) == []
    assert outcome(report, "life") == "not_checked"


def test_an_unknown_event_does_not_hide_a_contradiction():
    def change(parts):
        event(parts, "handed_over")
        parts["life"]["state"] = "paused"

    assert failures(report_of(PAPER, change)) == ["life"]


def test_a_profile_that_says_another_algorithm_than_the_signature_has_fails():
    report = report_of(PAPER, lambda parts: parts["profile"].update(algorithm="Ed25519"))
    assert failures(report) == ["profile"]


def test_a_profile_under_a_known_name_says_what_that_one_says():
    parts = parts_of(vector("paper-ed25519.json"))
    parts["profile"]["name"] = parts_of(vector(PAPER))["profile"]["name"]
    assert failures(verify(signed(parts, KEYS["Ed25519"]))) == ["profile"]


def test_a_profile_that_nobody_knows_here_is_not_checked():
    report = report_of(PAPER, lambda parts: parts["profile"].update(name="imgate-2099"))
    assert failures(report) == []
    assert outcome(report, "profile") == "not_checked"


def test_the_signatures_inside_signed_documents_are_said_not_to_be_checked():
    report = verify(vector("signed-document.json"))
    assert failures(report) == []
    assert outcome(report, "document 0") == "not_checked"
    assert not [check.name for check in verify(vector(PAPER)).checks if check.name.startswith("document")]


@pytest.mark.parametrize(("holds", "said"), [(True, "passed"), (False, "failed"), (None, "not_checked")])
def test_who_can_look_into_a_signed_document_is_asked_about_this_declaration(holds, said):
    asked = []

    def read(document):
        asked.append(document)
        return holds, "as it was found"

    file = vector("signed-document.json")
    report = verify(file, read_document=read)
    declared, (piece,) = parts_of(file)["declaration"], parts_of(file)["evidence"]
    assert outcome(report, "document 0") == said
    assert [(document.digest, hashlib.sha256(document.content).hexdigest()) for document in asked] == [
        (declared["digest"], piece["sha256"])
    ]
    assert repr(asked).count("PDF") == 0


def test_a_signed_document_that_was_changed_or_is_not_here_is_not_looked_into():
    def read(document):
        raise AssertionError("not to be asked")

    parts = parts_of(vector("signed-document.json"))
    del parts["evidence"][0]["content"]
    for file in (signed(parts), vector("signed-document.json").replace(b"qualified", b"recorded")):
        report = verify(file, read_document=read)
        assert outcome(report, "document 0") == "not_checked"
