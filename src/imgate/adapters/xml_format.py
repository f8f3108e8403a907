"""The core's own look at XML: the schema decides, and the places show which scopes stand in the bytes.

A schema is compiled once and can reach nothing but the schemas that imgate publishes: imports are answered from memory,
whatever else is asked for is refused, and a message's own ``xsi:schemaLocation`` is not followed by libxml2.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from lxml import etree

from imgate.adapters.form import Misfit, difference
from imgate.adapters.heads import Told, differs_in_xml
from imgate.adapters.places import Steps, compile_places
from imgate.adapters.published_schemas import PUBLISHED, published_schema
from imgate.adapters.xml_hidden import hidden_in
from imgate.plugin_api import MessageUnreadable, Place, RowProblem
from imgate.plugin_api.xml_read import line_of, parse_message, parse_written
from imgate.plugin_api.xml_write import ENVELOPE_NAMESPACE


class SchemaUnusable(Exception):
    """A plugin's schema does not compile, or imports something other than what imgate publishes."""


class _FromMemory(etree.Resolver):
    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]  # lxml-stubs lacks the context
        if system_url in PUBLISHED:
            return self.resolve_string(published_schema(system_url), context, base_url=system_url)
        raise SchemaUnusable("imports a schema that imgate does not publish")


def compile_schema(content: bytes) -> etree.XMLSchema:
    """Compile a plugin's schema. Raises SchemaUnusable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    parser.resolvers.add(_FromMemory())
    try:
        return etree.XMLSchema(etree.fromstring(content, parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise SchemaUnusable(f"does not compile: {error}") from None


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """The first rule that a message breaks: libxml2's name of the rule, and the path of elements, without any value."""

    rule: str
    path: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Schema:
    """A plugin's schema: the bytes whose digest the manifest names, and what lxml made of them."""

    content: bytes
    compiled: etree.XMLSchema


def first_problem(schema: Schema, root: etree._Element) -> SchemaProblem | None:
    """Validate, and give the first problem or None. May be called by several threads at once."""
    if schema.compiled.validate(root):
        return None
    # The log of the shared schema belongs to whoever validated last, which may be another thread by now.
    own = compile_schema(schema.content)
    own.validate(root)
    entries: list[Any] = list(own.error_log)  # type: ignore[call-overload]  # lxml-stubs does not know that it is a sequence
    if not entries:
        return SchemaProblem("unknown", "?", None)
    return SchemaProblem(str(entries[0].type_name).removeprefix("SCHEMAV_").lower(), str(entries[0].path), int(entries[0].line))


_ATTACHMENTS = f"{{{ENVELOPE_NAMESPACE}}}envelope/{{{ENVELOPE_NAMESPACE}}}attachment"


def xml_steps(places: Mapping[str, Place], namespace: str) -> Steps:
    """Turn the places of one direction into a tree of element names. Raises ValueError for two scopes in one place."""
    return compile_places(places, "an XML", lambda _, at: [f"{{{namespace}}}{name}" for name in at.split("/")])


# An element beside the places, whatever the schema says.
_BESIDE = "?"


def scopes_standing(root: etree._Element, steps: Steps) -> set[str]:
    """Tell which scopes stand in a message, by walking no deeper than the places lie; ``?`` for an element beside them."""
    found: set[str] = set()
    for child in root:
        # The elements of the root are the schema's: one of them is the head.
        if child.tag in steps:
            _find_standing(child, steps[child.tag], found)
    return found


def _find_standing(element: etree._Element, step: "str | Steps", found: set[str]) -> None:
    if isinstance(step, str):
        found.add(step)
        return
    for child in element:
        _find_standing(child, step.get(child.tag, _BESIDE), found)


@dataclass(frozen=True, slots=True)
class XmlForm:
    """One direction of an XML adapter, ready to check bytes."""

    schema: Schema
    root: str
    steps: Steps

    def guard(self, body: bytes) -> None:
        """Let a partner's message in, or raise MessageUnreadable: well-formed, this direction's root, valid."""
        root = parse_message(body)
        if root.tag != self.root:
            raise MessageUnreadable("root_unknown", line_of(root))
        problem = first_problem(self.schema, root)
        if problem is not None:
            # Only the line: the path holds names that the sender chose.
            raise MessageUnreadable("schema_invalid", problem.line)

    def explain(self, body: bytes) -> tuple[RowProblem, ...]:
        """List what is wrong with a message that ``guard`` refused, by line, path and rule, and never with a value."""
        from imgate.adapters.explain import explain_schema_problems  # imported late, with xmlschema behind it

        return explain_schema_problems(self.schema.content, body)

    def misfit(self, content: bytes, scopes: Set[str], attached: int = 0, told: Told | None = None) -> Misfit | None:
        """Tell what is wrong with a message that is about to leave: not valid, or not exactly these scopes in it."""
        try:
            root = parse_written(content)
        except MessageUnreadable as error:
            return Misfit("schema_invalid", error.code)
        if root.tag != self.root:
            return Misfit("schema_invalid", "root")
        problem = first_problem(self.schema, root)
        if problem is not None:
            return Misfit("schema_invalid", f"{problem.path} {problem.rule}")
        if len(root.findall(_ATTACHMENTS)) > attached:
            return Misfit("attachment_unasked")
        if (misfit := difference(scopes_standing(root, self.steps), scopes)) is not None:
            return misfit
        if told is not None and (differing := differs_in_xml(root, told)) is not None:
            return Misfit("envelope_differs", differing)
        hidden = hidden_in(content, root, self.schema.content)
        return None if hidden is None else Misfit("hidden", hidden)
