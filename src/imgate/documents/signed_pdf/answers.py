"""What the child is asked, and what it answers: about a signature, about pages, about the operator's own files.

Each answer imports what it needs and no more: counting pages is asked most often, and needs least.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from imgate.documents.signed_pdf.rules import SignatureRules


def answer(asked: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    """Answer one question. Raises whatever a hostile file leads to."""
    match asked["question"]:
        case "signature":
            return _signature(asked, content)
        case "pages":
            from imgate.documents.signed_pdf.page_tree import pages_of

            return {"pages": pages_of(content)}
        case "material":
            return {"problems": _problems(asked)}
        case unknown:
            raise ValueError(unknown)


def _signature(asked: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    from imgate.documents.signed_pdf.material import MaterialUnusable, read_material
    from imgate.documents.signed_pdf.verdict import verdict

    rules = SignatureRules.of_json(asked["rules"])
    try:
        material = read_material(rules)
    except MaterialUnusable as error:
        return {"problems": error.problems}
    found = verdict(content, asked["digest"], asked["signer"], rules, material, datetime.fromisoformat(asked["at"]))
    refused = None if found.refused is None else found.refused.value
    return {"refused": refused, "qualified": found.qualified, "report": found.findings.report()}


def _problems(asked: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    from imgate.documents.signed_pdf.material import look_over

    return look_over(SignatureRules.of_json(asked["rules"]), datetime.fromisoformat(asked["at"]))
