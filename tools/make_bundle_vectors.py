"""Make the bundles in tests/vectors/bundles/, by which every later release shows that it still reads what this one wrote.

Vectors of a released version are never made anew, only added to: this script writes what is not there yet and touches nothing else. A
bundle that a later release cannot verify is a fault of that release, and is not mended by making the bundle again.

Everything in them is made up; the keys in keys.json are for these files only.
"""

import base64
import dataclasses
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from imgate import __version__
from imgate.bootstrap import Gateway, open_gateway
from imgate.cli.declaration.bundle import read_signature
from imgate.consent.bundle import written
from imgate.consent.bundle_checks import verify
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange.answers import Call
from imgate.exchange.declarations import bundles, register, signing
from imgate.exchange.declarations.bundles import Issuer
from imgate.exchange.declarations.evidence import CHECKED
from imgate.exchange.ports import Examination, Statement
from imgate.exchange.requests import PauseRequest, RevocationRequest, SignatureRequest
from imgate.keys.keyring import PUBLISHED_USE, STATEMENTS
from imgate.keys.pairs import algorithm_of, made_pair, public_members, read_pair, sign
from imgate.keys.profiles import CURRENT_SIGNATURES, SIGNATURE_PROFILES, SignatureAlgorithm
from imgate.keys.signatures import StatementSignature
from imgate.settings import load_settings
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel

FOLDER = Path(__file__).resolve().parent.parent / "tests/vectors/bundles"
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONFIGURATION = """
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"
[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
"""
NOTE = "Test keys: they sign the bundles in this folder and nothing else. Never use them."
SCAN = ("paper_scan", "application/pdf", b"%PDF-1.7\n% Unterschrift von Hand\n")
DRAWN = ("drawn", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 9 Q 4 1 9 5"/></svg>')
SIGNED_PDF = ("pades", "application/pdf", b"%PDF-1.7\n% a stand-in: no real signature is in it\n")


class Office:
    """A gateway in a folder of its own, by a clock and under a key that are always the same."""

    def __init__(self, gateway: Gateway, key: dict[str, Any]) -> None:
        """Take a key of keys.json."""
        pair = read_pair(key, "test")
        self.now = BEGIN
        signature = StatementSignature(pair, lambda signed: sign(pair, signed))
        profile = CURRENT_SIGNATURES[algorithm_of(pair)]
        named = {"name": profile.name, "since": profile.since.isoformat(), "source": profile.source, "algorithm": profile.algorithm.value}
        self.issuer = Issuer("im-winnenden", named)
        self.corridor = dataclasses.replace(gateway.corridor, clock=self._tick, signature=signature, examiner=TakesAll())

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1, microseconds=17)
        return self.now

    def declare(self, **changes: object) -> str:
        """Record a declaration."""
        request = {
            "client": "K-2026-0815",
            "partner": "jobcenter-rems-murr",
            "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
            "clauses": ["confidentiality_release", "data_protection_consent"],
            "direction": "both",
            "purposes": ["labour_market_integration"],
            "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst 2026",
            "scopes": ["contact_persons.jobcenter", "language.level", "residence.status"],
            "valid_from": "2026-01-15",
            "valid_until": "2026-12-31",
            "signers_required": ["client"],
            "language": "ar",
            "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
        } | changes
        made = register.create(self.corridor, Call("case-system", "/"), DeclarationRequest.model_validate(request))
        return str(json.loads(made.body)["id"])

    def sign(self, declaration: str, role: str = "client", evidence: tuple[str, str, bytes] | None = SCAN, **more: object) -> None:
        """Record a piece of evidence; None: what was said."""
        given: dict[str, object] = {"kind": "oral_record"}
        if evidence is not None:
            given = {"kind": evidence[0], "media_type": evidence[1], "content": base64.b64encode(evidence[2]).decode()}
        reason = more.pop("reason", None)
        given |= {} if reason is None else {"reason": reason}
        request = {"role": role, "signed_on": "2026-03-01", "evidence": given, "attested_by": "Vera Beispiel"} | more
        signing.sign(self.corridor, Call("case-system", "/"), declaration, SignatureRequest.model_validate(request))

    def revoke(self, declaration: str, scopes: list[str] | None) -> None:
        """Revoke some scopes, or all."""
        request = RevocationRequest.model_validate({"scopes": scopes, "reason": "stands in no bundle"})
        register.revoke(self.corridor, Call("case-system", "/"), declaration, request)

    def pause(self, declaration: str) -> None:
        """Pause it."""
        register.pause(self.corridor, Call("case-system", "/"), declaration, PauseRequest())

    def resume(self, declaration: str) -> None:
        """Resume it."""
        register.resume(self.corridor, Call("case-system", "/"), declaration, PauseRequest())

    def export(self, declaration: str, *, evidence: bool = False) -> bytes:
        """Give the bundle."""
        return bundles.export(self.corridor, self.issuer, "case-system", declaration, with_evidence=evidence, also_erased=False)


class TakesAll:
    """An examiner that believes what it is given: what stands in a bundle is what it says, not whether it was right."""

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Take it."""
        if kind not in CHECKED:
            return Examination(EvidenceLevel.RECORDED if kind is EvidenceKind.ORAL_RECORD else EvidenceLevel.WRITTEN)
        return Examination(EvidenceLevel.QUALIFIED, None, {"examined": "by nobody", "checks": [{"name": "integrity", "passed": True}]})


def paper(office: Office) -> bytes:
    """One signer on paper, by digest."""
    declaration = office.declare()
    office.sign(declaration)
    return office.export(declaration)


def drawn(office: Office) -> bytes:
    """Drawn on a screen, with the drawing."""
    declaration = office.declare()
    office.sign(declaration, evidence=DRAWN, signer="Amal Beispiel")
    return office.export(declaration, evidence=True)


def oral(office: Office) -> bytes:
    """Only said, so there is nothing to have a digest of."""
    declaration = office.declare(scopes=["contact_persons.jobcenter"], interpreter={"name": "Samir Beispiel", "language": "ar"})
    office.sign(declaration, evidence=None, interpreter="Samir Beispiel", reason="Am Telefon, die Vorsprache fiel aus")
    return office.export(declaration)


def several_signers(office: Office) -> bytes:
    """Two guardians and the client, and later a stronger piece of one of them."""
    declaration = office.declare(signers_required=["client", "guardian", "guardian"])
    authority = {"areas": ["Gesundheitssorge"], "order": "12 F 345/25", "until": "2027-06-30"}
    office.sign(declaration, "guardian", authority=authority, signer="Rahel Beispiel")
    office.sign(declaration, evidence=None)
    office.sign(declaration, "guardian", signer="Yonas Beispiel")
    office.sign(declaration, evidence=DRAWN)
    return office.export(declaration, evidence=True)


def signed_document(office: Office) -> bytes:
    """A signed PDF with the report of its examination."""
    declaration = office.declare()
    office.sign(declaration, evidence=SIGNED_PDF)
    return office.export(declaration, evidence=True)


def partly_revoked(office: Office) -> bytes:
    """One scope revoked after a pause."""
    declaration = office.declare()
    office.sign(declaration)
    office.pause(declaration)
    office.resume(declaration)
    office.revoke(declaration, ["language.level"])
    return office.export(declaration)


def revoked(office: Office) -> bytes:
    """Revoked in parts and then as a whole, twice."""
    declaration = office.declare()
    office.sign(declaration)
    office.revoke(declaration, ["language.level"])
    office.revoke(declaration, None)
    office.revoke(declaration, None)
    return office.export(declaration)


def paused(office: Office) -> bytes:
    """Paused at the time."""
    declaration = office.declare()
    office.sign(declaration)
    office.pause(declaration)
    return office.export(declaration)


def superseded(office: Office) -> bytes:
    """A successor has taken effect."""
    declaration = office.declare()
    office.sign(declaration)
    office.sign(office.declare(supersedes=declaration))
    return office.export(declaration)


def expired(office: Office) -> bytes:
    """Its last day is over."""
    declaration = office.declare(valid_until="2026-03-02")
    office.sign(declaration)
    office.now += timedelta(days=1)
    return office.export(declaration)


def draft(office: Office) -> bytes:
    """Never signed by all who had to."""
    declaration = office.declare(signers_required=["client", "betreuer"])
    office.sign(declaration)
    return office.export(declaration)


def changed(office: Office) -> bytes:
    """One letter of the history was changed afterwards."""
    return paper(office).replace(b'"event":"created"', b'"event":"creatad"')


def resigned(office: Office) -> bytes:
    """Somebody else changed it and signed it with a key of their own."""
    bundle = json.loads(paper(office))
    bundle["evidence"][0]["signed_on"] = "2026-02-28"
    parts = {name: part for name, part in bundle.items() if name not in ("bundle", "signature")}
    somebody = made_pair(SignatureAlgorithm.ES256)
    return written(parts, StatementSignature(somebody, lambda signed: sign(somebody, signed)).sign)


SHAPES: dict[str, tuple[Callable[[Office], bytes], SignatureAlgorithm]] = {
    "paper-es256": (paper, SignatureAlgorithm.ES256),
    "paper-ed25519": (paper, SignatureAlgorithm.ED25519),
    "drawn-with-evidence": (drawn, SignatureAlgorithm.ES256),
    "oral": (oral, SignatureAlgorithm.ED25519),
    "several-signers-with-evidence": (several_signers, SignatureAlgorithm.ED25519),
    "signed-document": (signed_document, SignatureAlgorithm.ES256),
    "partly-revoked": (partly_revoked, SignatureAlgorithm.ED25519),
    "revoked": (revoked, SignatureAlgorithm.ES256),
    "paused": (paused, SignatureAlgorithm.ES256),
    "superseded": (superseded, SignatureAlgorithm.ES256),
    "expired": (expired, SignatureAlgorithm.ED25519),
    "draft": (draft, SignatureAlgorithm.ES256),
    "changed": (changed, SignatureAlgorithm.ES256),
    "signed-by-somebody": (resigned, SignatureAlgorithm.ES256),
}


def main() -> None:
    """Write what is missing, with the report that it has today for its expected one: read that before it is committed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    keys = _keys(FOLDER / "keys.json")
    manifest_file = FOLDER / "manifest.json"
    manifest: dict[str, Any] = json.loads(manifest_file.read_text(encoding="utf-8")) if manifest_file.exists() else {}
    profiles = {name: profile.algorithm.value for name, profile in SIGNATURE_PROFILES.items()}
    trusted = [read_pair(key, "test").thumbprint() for key in keys.values()]
    for name, (make, algorithm) in SHAPES.items():
        file = FOLDER / f"{name}.json"
        if file.exists():
            continue
        file.write_bytes(content := _made(make, keys[algorithm]))
        report = verify(content, read_signature, profiles, trusted)
        checks = [[check.name, check.outcome.value, *check.parts] for check in report.checks]
        manifest[file.name] = {"made_by": f"imgate {__version__}", "checks": checks}
        print(f"made {file.name}: {'; '.join(check.sentence for check in report.failed) or 'nothing failed'}")
    manifest_file.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _made(make: Callable[[Office], bytes], key: dict[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "imgate.toml"
        configuration.write_text(CONFIGURATION, encoding="utf-8")
        with open_gateway(load_settings(configuration), make_keys=True) as gateway:
            return make(Office(gateway, key))


def _keys(file: Path) -> dict[str, dict[str, Any]]:
    """Give the private test keys, by algorithm, made once; and write what a gateway would publish of them."""
    if not file.exists():
        made = {algorithm.value: made_pair(algorithm).as_dict(private=True) for algorithm in SignatureAlgorithm}
        file.write_text(json.dumps({"note": NOTE, "keys": made}, indent=1) + "\n", encoding="utf-8")
    keys: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["keys"]
    signs = {PUBLISHED_USE: STATEMENTS}
    public = [public_members(read_pair(key, "test")) | {"use": "sig", "alg": algorithm} | signs for algorithm, key in keys.items()]
    (file.parent / "jwks.json").write_text(json.dumps({"keys": public}, indent=1) + "\n", encoding="utf-8")
    return keys


if __name__ == "__main__":
    main()
