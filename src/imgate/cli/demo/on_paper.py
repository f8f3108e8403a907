"""The acts about paper: the form that she signs, in her language, and the file by which anybody can check years later that she did."""

import json
from collections.abc import Iterator
from typing import Any

from imgate.cli.demo.configuration import JOBCENTER
from imgate.cli.demo.play import Play
from imgate.cli.demo.telling import expect

_NOT_INSTALLED = 501


class OnPaper(Play):
    """Forms and bundles."""

    def _forms(self) -> None:
        """Show what the sheet is that she signs."""
        self._telling.step("What she signs is made from the declaration itself, German beside her own language")
        answer = self._call("GET", f"/v1/declarations/{self._declarations[JOBCENTER]}/form", None)
        if answer.status_code == _NOT_INSTALLED:
            self._telling.tell("Forms need the extra imgate[forms], which is not installed here.")
            return
        expect(answer.content.startswith(b"%PDF-"), f"the form was answered with {answer.status_code}")
        sheet = self._stage.folder / "form-fa.pdf"
        sheet.write_bytes(answer.content)
        self._telling.tell(
            f"A PDF/A of {len(answer.content) // 1024} KB, German and Persian ({sheet.name}). The declaration travels in it as a file, "
            "whose SHA-256 is the digest above."
        )

    def _bundle(self) -> None:
        """Export what was revoked, and verify it without the gateway; then with one letter changed."""
        self._telling.step("Years later: one file that anybody can check without imgate running")
        declaration = self._declarations[JOBCENTER]
        file = self._call("GET", f"/v1/declarations/{declaration}/bundle", 200, params={"evidence": "true"}).content
        keys = self._call("GET", "/.well-known/jwks.json", 200).content
        folder = self._stage.folder
        folder.joinpath("jwks.json").write_bytes(keys)
        folder.joinpath("bundle.json").write_bytes(file)
        folder.joinpath("changed.json").write_bytes(file.replace(b"zweite Lehrjahr", b"dritte Lehrjahr"))
        whole, changed = self._verified("bundle.json"), self._verified("changed.json")
        expect(whole["holds"] is True, "the bundle does not verify")
        expect(changed["holds"] is False, "a changed bundle verifies")
        self._telling.table(
            f"imgate declaration verify, of a file of {len(file)} bytes",
            ("file", "outcome", "checks"),
            [row for name, report in (("as exported", whole), ("one word changed", changed)) for row in _rows(name, report)],
        )

    def _verified(self, name: str) -> dict[str, Any]:
        folder = self._stage.folder
        _, report, _ = self._stage.imgate("declaration", "verify", str(folder / name), "--jwks", str(folder / "jwks.json"), "--json")
        verified: dict[str, Any] = json.loads(report)
        return verified


def _rows(name: str, report: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    checks: dict[str, list[str]] = {}
    for check in report["checks"]:
        what = check["name"] if check["outcome"] != "failed" else f"{check['name']}: {check['sentence'].rstrip('.')}"
        checks.setdefault(check["outcome"], []).append(what)
    return ((name, outcome.replace("_", " "), "; ".join(found)) for outcome, found in checks.items())
