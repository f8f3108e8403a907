"""Evidence counts only for what an examination found, only for this declaration, and one signature only once."""

import base64
import contextlib
import dataclasses
import hashlib
import json

import pytest

from imgate.exchange.declarations import register, signing
from imgate.exchange.ports import Examination, Stale
from imgate.exchange.refusals import Refused
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole
from tests.exchange.declarations.examining import JWT, PDF, examined_by, refused, request, sign, taken

SCOPE = "language.level"


def evidence_of(world, declaration):
    return register.show(world.corridor, declaration)["evidence"]


@contextlib.contextmanager
def refusal(world, declaration, code, pointer=None):
    """Expect a refusal with this code that stores nothing."""
    before = register.show(world.corridor, declaration)
    with pytest.raises(Refused) as raised:
        yield
    assert (raised.value.status, raised.value.code) == (422, code)
    if pointer is not None:
        assert [(problem.code, problem.pointer) for problem in raised.value.problems] == [(code, pointer)]
    assert register.show(world.corridor, declaration) == before


@pytest.mark.parametrize("kind", ["pades", "eid"])
@pytest.mark.parametrize("content", [None, b"%PDF-1.7 any", b"nothing of the kind"])
def test_without_an_examiner_what_would_have_to_be_checked_is_unsupported_whatever_its_content(world, kind, content):
    declaration = world.declare(SCOPE, signed=False)
    with refusal(world, declaration, "evidence_kind_unsupported", "/evidence/kind"):
        sign(world, declaration, kind, content=content)


def test_without_an_examiner_a_signed_document_without_content_is_unsupported_too(world):
    declaration = world.declare(SCOPE, signed=False)
    with refusal(world, declaration, "evidence_kind_unsupported"):
        sign(world, declaration, evidence={"content": None, "media_type": None})


@pytest.mark.parametrize("code", ["signature_invalid", "signature_untrusted", "evidence_unreadable", "eid_expired"])
def test_what_the_examiner_refuses_is_refused_with_its_code_and_stores_nothing(world, code):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, refused(code, checks=[]))
    with refusal(world, declaration, code, "/evidence/content"):
        sign(world, declaration)


def test_an_examination_without_a_level_is_a_refusal(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, Examination(None))
    with refusal(world, declaration, "evidence_unreadable"):
        sign(world, declaration)


def test_a_refusal_counts_even_where_a_level_stands_beside_it(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, Examination(EvidenceLevel.QUALIFIED, "signature_revoked"))
    with refusal(world, declaration, "signature_revoked"):
        sign(world, declaration)


@pytest.mark.parametrize(
    ("kind", "level"), [("oral_record", "recorded"), ("paper_scan", "written"), ("drawn", "written"), ("pades", "qualified")]
)
def test_an_examiner_can_not_make_a_kind_count_for_more(world, kind, level):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken(EvidenceLevel.QUALIFIED))
    sign(world, declaration, kind)
    assert evidence_of(world, declaration)[0]["level"] == level


@pytest.mark.parametrize("kind", ["paper_scan", "pades", "eid"])
def test_an_examiner_can_make_evidence_count_for_less(world, kind):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken(EvidenceLevel.RECORDED))
    sign(world, declaration, kind)
    assert evidence_of(world, declaration)[0]["level"] == "recorded"


@pytest.mark.parametrize(
    ("kind", "changed", "code"),
    [
        ("pades", {"content": None}, "evidence_content_missing"),
        ("pades", {"media_type": "image/png"}, "evidence_media_type_unsupported"),
        ("pades", {"content": "UE5H"}, "evidence_content_mismatch"),
        ("eid", {"media_type": "application/pdf"}, "evidence_media_type_unsupported"),
        ("eid", {"content": "YS5i"}, "evidence_content_mismatch"),
        ("eid", {"content": "YS5iLmMK"}, "evidence_content_mismatch"),
    ],
)
def test_evidence_of_the_wrong_form_is_refused_before_it_is_looked_into(world, kind, changed, code):
    declaration = world.declare(SCOPE, signed=False)
    examiner = examined_by(world, taken())
    with refusal(world, declaration, code, "/evidence/content"):
        sign(world, declaration, kind, evidence=changed)
    assert all(content is None for _, content, _, _ in examiner.asked)


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"role": "guardian"}, "role_not_required", "/role"),
        ({"evidence": {"digest": "0" * 64}}, "evidence_digest_differs", "/evidence/digest"),
        ({"evidence": {"reason": "Kann nicht schreiben"}}, "evidence_reason_unexpected", "/evidence/reason"),
        ({"authority": {"areas": ["Behörden"], "order": "AG Waiblingen 3 XVII 12/24"}}, "authority_unexpected", "/authority"),
    ],
)
@pytest.mark.parametrize("kind", ["paper_scan", "drawn", "pades"])
def test_what_does_not_fit_the_declaration_is_refused_before_the_content_is_looked_into(world, kind, more, code, pointer):
    declaration = world.declare(SCOPE, signed=False)
    examiner = examined_by(world, taken())
    with refusal(world, declaration, code, pointer):
        sign(world, declaration, kind, **more)
    assert examiner.asked == []


def test_the_examiner_is_told_what_the_evidence_has_to_be_about(world):
    declaration = world.declare(SCOPE, signed=False)
    examiner = examined_by(world, taken())
    sign(world, declaration, signer="Amina Muster")
    ((kind, content, about, at),) = examiner.asked
    assert (kind, content, at) == (EvidenceKind.PADES, PDF, world.now)
    digest = register.show(world.corridor, declaration)["digest"]
    assert (about.declaration, about.digest, about.role, about.signer) == (declaration, digest, SignerRole.CLIENT, "Amina Muster")
    assert "Amina" not in repr(about)


def test_no_transaction_runs_while_evidence_is_examined(world):
    declaration = world.declare(SCOPE, signed=False)
    store, running = world.corridor.store, []

    class Watched:
        def __getattr__(self, name):
            return getattr(store, name)

        @contextlib.contextmanager
        def transaction(self):
            with store.transaction() as tx:
                running.append(True)
                yield tx
            running.pop()

        @contextlib.contextmanager
        def reading(self):
            with store.reading() as tx:
                running.append(True)
                yield tx
            running.pop()

    class Examiner:
        def examine(self, kind, media_type, content, about, at):
            assert not running
            return taken()

    world.corridor = dataclasses.replace(world.corridor, store=Watched(), examiner=Examiner())
    assert sign(world, declaration) == "active"


def test_the_same_request_under_the_same_key_is_examined_once(world):
    declaration = world.declare(SCOPE, signed=False)
    examiner = examined_by(world, taken())
    call = world.call(key="once", body=b"the body")
    first = signing.sign(world.corridor, call, declaration, request())
    assert signing.sign(world.corridor, call, declaration, request()) == first
    assert len(examiner.asked) == 1
    assert len(evidence_of(world, declaration)) == 1
    with pytest.raises(Refused, match="idempotency_key_reused"):
        signing.sign(world.corridor, world.call(key="once", body=b"another"), declaration, request())
    assert len(examiner.asked) == 1


def test_a_request_that_waited_for_itself_begins_anew_and_is_no_reuse(world):
    """On PostgreSQL the second one waits for the declaration, when it has already looked for an answer and found none."""
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken())
    call = world.call(key="once", body=b"the body")
    signing.sign(world.corridor, call, declaration, request())
    with world.corridor.store.transaction() as tx:
        _, stored = tx.declarations.get(declaration)
        examined = signing._examine(world.corridor, stored, request())
        with pytest.raises(Stale):
            signing._sign(world.corridor, tx, call, declaration, request(), examined, world.now)
        with pytest.raises(Refused, match="signature_reused"):
            signing._sign(world.corridor, tx, world.call(key="another"), declaration, request(), examined, world.now)


def test_a_refused_examination_uses_up_no_key(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, refused("signature_untrusted"))
    call = world.call(key="again", body=b"the body")
    with refusal(world, declaration, "signature_untrusted"):
        sign(world, declaration, call=call)
    examined_by(world, taken())
    assert sign(world, declaration, call=call) == "active"


def test_nothing_is_examined_for_a_declaration_that_is_not_there(world):
    examiner = examined_by(world, taken())
    with pytest.raises(Refused, match="not_found"):
        sign(world, "00000000-0000-4000-8000-000000000000")
    assert examiner.asked == []


def test_the_report_is_kept_and_shown(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken(EvidenceLevel.WRITTEN, checks=[{"number": 1, "check": "form", "result": "passed"}], pages=2))
    sign(world, declaration)
    (piece,) = evidence_of(world, declaration)
    assert piece["report"] == {
        "checks": [{"number": 1, "check": "form", "result": "passed"}],
        "pages": 2,
        "examined_at": "2026-03-02T09:00:00.000Z",
    }
    assert piece["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_the_report_of_a_scan_is_kept_too(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken(EvidenceLevel.WRITTEN, pages=3))
    sign(world, declaration, "paper_scan")
    assert evidence_of(world, declaration)[0]["report"] == {"pages": 3}


def test_without_a_report_none_is_shown(world):
    declaration = world.declare(SCOPE)
    assert "report" not in evidence_of(world, declaration)[0]


def test_the_audit_log_says_kind_and_level_and_nobodys_name(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken(name="Amina Canary"))
    sign(world, declaration, signer="Amina Canary")
    with world.corridor.store.reading() as tx:
        rows = [entry.content for entry in tx.audit_log.entries()]
    (signed,) = [json.loads(row)["fields"] for row in rows if b"declaration_signed" in row]
    assert (signed["role"], signed["kind"], signed["level"]) == ("client", "pades", "qualified")
    assert not any(b"Canary" in row for row in rows)


def test_one_content_does_not_count_twice(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken())
    assert sign(world, declaration) == "draft"
    with refusal(world, declaration, "signature_reused", "/evidence/content"):
        sign(world, declaration, role="guardian")


@pytest.mark.parametrize("mark", [{"certificate": {"sha256": "a" * 64}}, {"signature": "a" * 64}, {"subject": "a" * 64}])
def test_one_certificate_assertion_or_person_does_not_count_twice(world, mark):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken(**mark, name="Amina Muster"))
    assert sign(world, declaration) == "draft"
    with refusal(world, declaration, "signature_reused"):
        sign(world, declaration, role="guardian", content=PDF + b" again")


def test_two_certificates_are_two_signatures(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken(certificate={"sha256": "a" * 64}), taken(certificate={"sha256": "b" * 64}, signature="a" * 64))
    sign(world, declaration)
    assert sign(world, declaration, role="guardian", content=PDF + b" again") == "active"


def test_reports_without_marks_are_not_taken_for_the_same(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken())
    sign(world, declaration, content=PDF + b" 1")
    assert sign(world, declaration, role="guardian", content=PDF + b" 2") == "active"


def test_the_same_certificate_counts_for_another_declaration(world):
    examined_by(world, taken(certificate={"sha256": "a" * 64}))
    for _ in range(2):
        assert sign(world, world.declare(SCOPE, signed=False)) == "active"


@pytest.mark.parametrize(("first", "second"), [("pades", "paper_scan"), ("paper_scan", "pades"), ("pades", "drawn"), ("drawn", "pades")])
def test_a_signed_file_does_not_count_again_as_something_else(world, first, second):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken())
    pdf = {"media_type": "application/pdf"}
    assert sign(world, declaration, first, content=PDF, evidence=pdf) == "draft"
    with refusal(world, declaration, "signature_reused", "/evidence/content"):
        sign(world, declaration, second, content=PDF, evidence=pdf, role="guardian")


def test_an_assertion_does_not_count_again_as_the_text_of_a_note(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken())
    sign(world, declaration, "eid")
    note = {"media_type": "text/plain", "content": base64.b64encode(JWT).decode()}
    with refusal(world, declaration, "signature_reused"):
        sign(world, declaration, "oral_record", evidence=note, role="guardian")


@pytest.mark.parametrize("kind", ["paper_scan", "drawn", "oral_record"])
def test_one_scan_may_show_two_signatures(world, kind):
    declaration = world.declare("contact_persons.jobcenter", signed=False, signers_required=["client", "guardian"])
    sign(world, declaration, kind)
    assert sign(world, declaration, kind, role="guardian") == "active"


def test_a_note_without_content_stands_beside_a_signed_file(world):
    declaration = world.declare("contact_persons.jobcenter", signed=False, signers_required=["client", "guardian"])
    examined_by(world, taken())
    sign(world, declaration)
    assert sign(world, declaration, "oral_record", role="guardian") == "active"


def test_a_declaration_holds_so_many_pieces_and_looks_into_none_beyond(world, monkeypatch):
    monkeypatch.setattr(signing, "PIECES_MAX", 3)
    declaration = world.declare("contact_persons.jobcenter", signed=False)
    for _ in range(3):
        sign(world, declaration, "oral_record")
    examiner = examined_by(world, taken())
    for kind in ("oral_record", "pades", "paper_scan"):
        with refusal(world, declaration, "evidence_too_many", "/evidence"):
            sign(world, declaration, kind)
    assert examiner.asked == []
    assert world.revoke(declaration)["state"] == "revoked"


def test_a_hundred_pieces_are_as_many_as_a_declaration_holds():
    assert signing.PIECES_MAX == 100


def test_of_two_requests_at_once_for_the_last_place_the_second_is_refused(world, monkeypatch):
    """Both find room before either is on record: the transaction counts again."""
    monkeypatch.setattr(signing, "PIECES_MAX", 1)
    declaration = world.declare(SCOPE, signed=False)
    inner = []

    class Examiner:
        def examine(self, kind, media_type, content, about, at):
            if not inner:
                inner.append(True)
                sign(world, declaration, content=PDF + b" another")
            return taken()

    world.corridor = dataclasses.replace(world.corridor, examiner=Examiner())
    with pytest.raises(Refused, match="evidence_too_many"):
        sign(world, declaration)
    assert len(evidence_of(world, declaration)) == 1


def test_of_two_requests_at_once_with_one_signature_the_second_is_refused(world):
    """Both are examined before either is on record: the transaction compares."""
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "client"])
    inner = []

    class Examiner:
        def examine(self, kind, media_type, content, about, at):
            if not inner:
                inner.append(True)
                sign(world, declaration)
            return taken()

    world.corridor = dataclasses.replace(world.corridor, examiner=Examiner())
    with pytest.raises(Refused, match="signature_reused"):
        sign(world, declaration)
    assert len(evidence_of(world, declaration)) == 1


def test_what_was_on_the_screen_is_on_record_for_a_drawn_signature(world):
    declaration = world.declare(SCOPE, signed=False, signers_required=["client", "client"])
    digest = register.show(world.corridor, declaration)["digest"]
    sign(world, declaration, "drawn", evidence={"digest": digest})
    sign(world, declaration, "drawn")
    assert [piece["report"] for piece in evidence_of(world, declaration)] == [{"shown_digest": True}, {"shown_digest": False}]


def test_what_was_said_keeps_why_it_is_not_in_writing(world):
    declaration = world.declare("contact_persons.jobcenter", signed=False)
    sign(world, declaration, "oral_record", evidence={"reason": "Kann nicht lesen, Arm gebrochen"}, signer="Amina Muster")
    (piece,) = evidence_of(world, declaration)
    assert (piece["reason"], piece["level"]) == ("Kann nicht lesen, Arm gebrochen", "recorded")


def test_an_assertion_is_kept_with_its_bytes(world):
    declaration = world.declare(SCOPE, signed=False)
    examined_by(world, taken())
    assert sign(world, declaration, "eid") == "active"
    piece = evidence_of(world, declaration)[0]["id"]
    with world.corridor.store.reading() as tx:
        client, _ = tx.declarations.get(declaration)
        assert tx.declarations.evidence_content(client, declaration, piece) == JWT


def test_nothing_of_it_lies_in_the_database_in_clear(world, tmp_path):
    declaration = world.declare("contact_persons.jobcenter", signed=False, signers_required=["guardian", "client"])
    authority = {"areas": ["Canary-Bereich"], "order": "Canary-Beschluss", "until": "2027-01-01"}
    examined_by(world, taken(EvidenceLevel.WRITTEN, name="Canary-Name"))
    sign(world, declaration, "drawn", role="guardian", authority=authority, interpreter="Canary-Dolmetscher")
    sign(world, declaration, "oral_record", evidence={"reason": "Canary-Grund"})
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("imgate.db*"))
    assert b"evidence" in stored
    assert b"Canary" not in stored
