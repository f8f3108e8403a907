"""An examiner that answers what the test says, and requests with evidence for it."""

import base64
import dataclasses
import json

from imgate.exchange.declarations import signing
from imgate.exchange.ports import Examination
from imgate.exchange.requests import SignatureRequest
from imgate.vocabulary.words import EvidenceLevel

PDF, PNG, JWT = b"%PDF-1.7 signed", b"\x89PNG\r\n\x1a\n drawn", b"eyJhIjoxfQ.eyJiIjoyfQ.c2ln"
CONTENTS = {
    "paper_scan": ("application/pdf", PDF),
    "drawn": ("image/png", PNG),
    "pades": ("application/pdf", PDF),
    "eid": ("application/jwt", JWT),
    "oral_record": (None, None),
}


class ScriptedExaminer:
    """Gives the next examination, or the same for ever; remembers what it was asked, and whether a transaction ran meanwhile."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def examine(self, kind, media_type, content, about, at):
        self.asked.append((kind, content, about, at))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def taken(level=EvidenceLevel.QUALIFIED, **report):
    return Examination(level, None, report)


def refused(code, **report):
    return Examination(None, code, report)


def examined_by(world, *answers):
    """Give the gateway an examiner."""
    examiner = ScriptedExaminer(*answers)
    world.corridor = dataclasses.replace(world.corridor, examiner=examiner)
    return examiner


def request(kind="pades", *, role="client", content=None, signed_on="2026-01-14", signer=None, evidence=None, **more):
    media_type, usual = CONTENTS[kind]
    given = {"kind": kind}
    if media_type is not None:
        given |= {"media_type": media_type, "content": base64.b64encode(content or usual).decode()}
    asked = {"role": role, "signed_on": signed_on, "evidence": given | (evidence or {}), "attested_by": "Vera Beispiel"}
    return SignatureRequest.model_validate(asked | ({} if signer is None else {"signer": signer}) | more)


def sign(world, declaration, kind="pades", *, call=None, **more):
    """Sign, and give the state after it."""
    return json.loads(signing.sign(world.corridor, call or world.call(), declaration, request(kind, **more)).body)["state"]
