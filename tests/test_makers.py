"""Each step of an exchange takes what only the step before can make: each strong type has exactly one maker (docs/architecture)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")])

# Type → the one function that makes it.
MAKERS = {
    "VerifiedDeclaration": "imgate/consent/head.py:_verified",
    "Decision": "imgate/consent/judge.py:decide",
    "ReleasedRecord": "imgate/consent/minimise.py:minimise",
    "Minimised": "imgate/consent/minimise.py:minimise",
    "PartnerMessage": "imgate/adapters/adapter.py:LoadedAdapter.translate",
    "ValidMessage": "imgate/adapters/adapter.py:LoadedAdapter.validate",
    "PaperMessage": "imgate/documents/message_paper.py:MessagePaper.present",
    "SealedMessage": "imgate/exchange/sealing.py:seal",
    "SignedReceipt": "imgate/exchange/signed_receipt.py:sign_receipt",
    "Examined": "imgate/exchange/declarations/signing.py:_examine",
    "Coverage": "imgate/consent/bundle_coverage.py:coverage",
    "Attached": "imgate/exchange/attached.py:examine",
}
# ``dataclasses.replace`` and these make one from another without naming its type, so they are looked at by hand.
COPIERS = {"replace", "__new__", "_replace", "__setattr__", "copy", "deepcopy", "model_construct"}
COPYING_ROOMS = {"imgate/consent", "imgate/exchange", "imgate/adapters", "imgate/plugin_api"}
# ``Head.next`` copies a head, which is what is stored; what the judge takes is made from it by ``_verified`` alone.
# ``as_if_signed`` is the one that widens a strong type: it is what an annex shows before anybody signs. That only ``would_be`` asks for
# it, and that nothing of it reaches what stores or sends, is held by tests/exchange/declarations/test_would_be.py.
# The others copy what is asked or told, none of it one of these types: an event, a request, an envelope.
COPIES = {
    # What a plugin is handed in place of the core's own, with the same in it (tests/adapters/test_lies.py).
    "imgate/adapters/adapter.py:_own",
    "imgate/consent/as_if_signed.py:as_if_signed",
    "imgate/consent/head.py:Head.next",
    "imgate/exchange/attaching.py:attach",
    # A line of what the law says, which holds nothing of a client.
    "imgate/exchange/legal_circle.py:_by_status",
    "imgate/exchange/legal_circle.py:as_of",
    "imgate/exchange/entering.py:record",
    "imgate/exchange/updates.py:_exchange_request",
}
# Another type of the same name: AuthZEN calls its answer a decision, and that is what the door's published schema says.
NAMESAKES = {("imgate.http.standard_shapes", "Decision")}


class Uses(ast.NodeVisitor):
    """Find where the strong types are called, handed on as a value, or copied."""

    def __init__(self, path: Path) -> None:
        """Look at one file."""
        self.place = path.as_posix().split("/src/")[-1]
        self.within: list[str] = []
        self.names = {name: name for name in MAKERS}
        self.made: list[tuple[str, str]] = []
        self.handed_on: list[tuple[str, str]] = []
        self.copied: list[str] = []

    @property
    def here(self) -> str:
        """The place that is looked at."""
        return f"{self.place}:{'.'.join(self.within)}"

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # the visitor's own naming
        """Follow a type that is imported under another name."""
        for alias in node.names:
            if (node.module, alias.name) in NAMESAKES:
                del self.names[alias.name]
            elif alias.name in MAKERS:
                self.names[alias.asname or alias.name] = alias.name

    def _within(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.within.append(node.name)
        if not isinstance(node, ast.ClassDef):
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    self.visit(default)
        for statement in node.body:  # annotations make nothing
            self.visit(statement)
        self.within.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _within  # noqa: N815  # the visitor's own naming

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # as above
        """Look at the value; the annotation makes nothing."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:  # as above
        """Note what is made, and what is copied; asking for a type is neither."""
        name = _name(node.func)
        if name in self.names:
            self.made.append((self.names[name], self.here))
        elif name in COPIERS and not _is_replace_of_text_or_time(node):
            self.copied.append(self.here)
        if name not in self.names:
            self.visit(node.func)
        if name in ("isinstance", "cast"):
            return
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(argument)

    def visit_Name(self, node: ast.Name) -> None:  # as above
        """Note a type that is used as a value: whoever gets it can call it."""
        if node.id in self.names and isinstance(node.ctx, ast.Load):
            self.handed_on.append((self.names[node.id], self.here))

    def visit_Subscript(self, node: ast.Subscript) -> None:  # as above
        """Pass over ``tuple[VerifiedDeclaration, ...]`` and the like, which are types."""
        if _name(node.value) not in {"tuple", "list", "dict", "Sequence", "Mapping", "Callable", "Iterable"}:
            self.generic_visit(node)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_replace_of_text_or_time(node: ast.Call) -> bool:
    """``text.replace(old, new)`` has no keyword, ``moment.replace(tzinfo=UTC)`` nothing else; ``replace(thing, field=…)`` has both."""
    return isinstance(node.func, ast.Attribute) and node.func.attr == "replace" and not (node.args and node.keywords)


def uses_of(source: str, path: Path) -> Uses:
    """Read one file."""
    uses = Uses(path)
    uses.visit(ast.parse(source))
    return uses


@pytest.fixture(scope="module")
def found() -> list[Uses]:
    """Read all sources, those of the plugins too."""
    return [uses_of(path.read_text(encoding="utf-8"), path) for path in SOURCES]


@pytest.mark.parametrize("name", MAKERS)
def test_each_strong_type_has_exactly_one_maker(found, name):
    """One call in one function; the conformance kit, too, gets its releases from the real ``decide`` and ``minimise``."""
    assert [place for uses in found for made, place in uses.made if made == name] == [MAKERS[name]]


def test_a_verified_declaration_is_reached_through_its_mac_only():
    """``_verified`` has one caller, in its own file, behind the comparison of the MAC."""
    callers = [
        function.name
        for function in ast.walk(ast.parse((ROOT / "src/imgate/consent/head.py").read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == "_verified"
    ]
    assert callers == ["verify_head"]
    assert not [path for path in SOURCES if "import _verified" in path.read_text(encoding="utf-8")]


def test_no_strong_type_is_handed_on_to_somebody_who_could_call_it(found):
    """``map(ReleasedRecord, …)`` or ``make = ReleasedRecord`` would be a second maker without a call."""
    assert [use for uses in found for use in uses.handed_on] == []


def test_nothing_is_copied_with_changes_in_the_rooms_that_hold_strong_types(found):
    """``dataclasses.replace(decision, permitted=…)`` would be a second maker without a name."""
    places = {place for uses in found for place in uses.copied if any(place.startswith(room) for room in COPYING_ROOMS)}
    assert places == COPIES


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("ReleasedRecord({}, {})", "made"),
        ("import imgate.plugin_api as api\napi.ReleasedRecord({}, {})", "made"),
        ("from imgate.plugin_api import ReleasedRecord as R\ndef f():\n    return R({}, {})", "made"),
        ("def f(x=ReleasedRecord({}, {})): ...", "made"),
        ("make = ReleasedRecord", "handed_on"),
        ("list(map(ReleasedRecord, [], []))", "handed_on"),
        ("from dataclasses import replace\nreplace(decision, permitted={})", "copied"),
        ("import dataclasses\ndataclasses.replace(decision, permitted={})", "copied"),
        ("object.__new__(kind)", "copied"),
        ("object.__setattr__(released, 'record', {})", "copied"),
        ("copy.copy(released)", "copied"),
    ],
)
def test_this_test_sees_a_second_maker(source, kind):
    """By another name, through its module, as a default, as a value, or as a copy."""
    assert getattr(uses_of(source, Path("/src/x.py")), kind)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x: ReleasedRecord) -> Decision: ...",
        "isinstance(x, ReleasedRecord)",
        "'a'.replace('a', 'b')",
        "at.replace(tzinfo=UTC)",
        "x: Decision = y",
    ],
)
def test_this_test_does_not_take_an_annotation_for_a_maker(source):
    """To name a type is not to make one."""
    uses = uses_of(source, Path("/src/x.py"))
    assert (uses.made, uses.handed_on, uses.copied) == ([], [], [])
