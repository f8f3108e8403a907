"""What the pages tell partners and operators is true: examples are read, the webhook code verifies, codes match, configurations load."""

import ast
import json
import os
import re
import shutil
import time
from datetime import date
from pathlib import Path

import pytest
from joserfc.errors import JoseError
from lxml import etree

from imgate.adapters.registry import load_plugins
from imgate.bootstrap.partners import load_registry, partners_of
from imgate.consent.receipt import KIND, payload_of, read_payload
from imgate.keys import Keyring, SignatureAlgorithm
from imgate.keys.signatures import statement_signature
from imgate.record.problem_code import ProblemCode
from imgate.record.strict_json import JsonRefusal
from imgate.settings import load_settings
from imgate.transports.webhook import secret_key, signed_headers
from tests.consent.receipted import MESSAGE, a_receipt

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "partner.md"
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
GATEWAY = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n'
# Which argument of these calls is a code.
CODE_AT = {"MessageUnreadable": 0, "CellUnusable": 0, "RowProblem": 2, "_matched": 2}


def _blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def _shown_codes():
    tables = PAGE.read_text(encoding="utf-8").partition("## All codes")[2]
    return [code for cell in re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE) for code in re.findall(r"`(\w+)`", cell)]


def _codes_of(tree):
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if len(args) > CODE_AT.get(name, len(args)):
                found = args[CODE_AT[name]]
                yield from [found.body, found.orelse] if isinstance(found, ast.IfExp) else [found]
            case ast.Assign(targets=[ast.Name(id="_RULES")], value=ast.Tuple(elts=rules)):
                yield from (rule.elts[1] for rule in rules)
            case _:
                pass


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in [*os.environ]:
        if name.upper().startswith("IMGATE_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("page", [PAGE, ROOT / "plugins" / "jobcenter" / "README.md"], ids=["partner", "jobcenter"])
def test_the_example_message_is_read_by_the_adapter_and_valid_beside_the_three_schemas(page, tmp_path):
    (message,) = _blocks(page, "xml")
    reading = load_plugins().adapter("jobcenter", {}).read(message.encode(), "application/xml")
    assert len(reading.people) == 1
    assert reading.people[0].record
    assert not reading.problems
    own = ROOT / "plugins" / "jobcenter" / "src" / "imgate_jobcenter" / "schemas" / "jobcenter.xsd"
    for schema in (own, ROOT / "schemas" / "imgate-envelope.xsd", ROOT / "schemas" / "xoev-style-code.xsd"):
        shutil.copy(schema, tmp_path)
    etree.XMLSchema(etree.parse(tmp_path / "jobcenter.xsd")).assertValid(etree.fromstring(message.encode()))


def test_what_422_says_in_the_example_is_what_a_wrong_word_brings():
    (message,) = _blocks(PAGE, "xml")
    wrong = message.replace("<m:status>approved<", "<m:status>maybe<")
    assert wrong != message
    (problem,) = load_plugins().adapter("jobcenter", {}).explain(wrong.encode())
    shown = f'{{"line": {problem.line}, "column": "{problem.column}", "code": "{problem.code}"}}'
    assert shown in PAGE.read_text(encoding="utf-8")


def _defined(name):
    """Run the page's own code; give the function of this name."""
    (code,) = [block for block in _blocks(PAGE, "python") if f"def {name}(" in block]
    names = {}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102  # the page's own code is what is tested
    return names[name]


@pytest.mark.parametrize("algorithm", SignatureAlgorithm)
def test_the_receipt_code_takes_a_receipt_of_this_message_and_nothing_else(algorithm):
    what_was_released = _defined("what_was_released")
    keyring = Keyring.made(date(2026, 1, 1), algorithm)
    signature, keys = statement_signature(keyring), json.loads(json.dumps(keyring.jwks()))
    payload = payload_of(a_receipt())
    receipt = signature.sign(payload, KIND)
    assert what_was_released(receipt, MESSAGE, keys) == a_receipt()
    for other in (
        signature.sign(payload, "imgate-declaration-bundle+jws"),
        statement_signature(Keyring.made(date(2026, 1, 1))).sign(payload, KIND),
    ):
        with pytest.raises((ValueError, JoseError)):
            what_was_released(other, MESSAGE, keys)
    with pytest.raises(ValueError, match="not the receipt of this message"):
        what_was_released(receipt, MESSAGE + b" ", keys)
    head, body, end = receipt.split(".")
    for spoilt in (f"{head}.{body}A.{end}", f"{head}.{body}.{end[::-1]}", f"{head}.{body}."):
        with pytest.raises((ValueError, JoseError)):
            what_was_released(spoilt, MESSAGE, keys)


def test_the_receipt_on_the_page_is_one():
    (shown,) = [block for block in _blocks(PAGE, "json") if '"decided_at"' in block]
    written = shown.replace('"…"', json.dumps("a" * 64))
    assert read_payload(written.encode()) is not None


def test_the_webhook_code_takes_what_imgate_signs_and_nothing_else():
    is_genuine, now = _defined("is_genuine"), int(time.time())
    other = secret_key("whsec_" + "QUJD" * 8)
    headers = signed_headers([other, secret_key(SECRET)], "0198c0de", now, b"<a/>")
    assert is_genuine(SECRET, headers, b"<a/>")
    assert not is_genuine(SECRET, headers, b"<b/>")
    assert not is_genuine(SECRET, headers | {"webhook-id": "0198c0df"}, b"<a/>")
    assert not is_genuine(SECRET, signed_headers([other], "0198c0de", now, b"<a/>"), b"<a/>")
    assert not is_genuine(SECRET, signed_headers([secret_key(SECRET)], "0198c0de", now - 600, b"<a/>"), b"<a/>")


def test_the_table_of_codes_and_the_code_agree_both_ways():
    in_code = {code.value for code in (*ProblemCode, *JsonRefusal)}
    for folder in (ROOT / "src" / "imgate", ROOT / "plugins" / "jobkraftwerk" / "src"):
        for file in folder.rglob("*.py"):
            in_code |= {one.value for one in _codes_of(ast.parse(file.read_bytes())) if isinstance(one, ast.Constant)}
    shown = _shown_codes()
    assert len(shown) == len(set(shown))
    assert set(shown) == in_code


def test_every_configuration_with_partners_in_the_documents_loads(tmp_path):
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").glob("*/README.md")]
    examples = [(page, text) for page in pages for text in _blocks(page, "toml") if re.search(r"^\[partners\.", text, re.MULTILINE)]
    assert examples
    (tmp_path / "altstadt.jwks.json").write_text(json.dumps(Keyring.made(date(2026, 1, 1)).jwks()), encoding="utf-8")
    (tmp_path / "neustadt.secret").write_text("secret", encoding="utf-8")
    for number, (page, text) in enumerate(examples):
        file = tmp_path / f"{number}.toml"
        file.write_text(text if "[gateway]" in text else GATEWAY + text, encoding="utf-8")
        settings = load_settings(file)
        assert partners_of(settings, load_registry(settings))[1] == (), page.name
