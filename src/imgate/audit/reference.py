"""Writes ``docs/reference/audit-events.md`` from the catalogue; a test compares the two."""

from imgate.audit.catalogue import CATALOGUE

_HEAD = """# Audit events

Every event that the audit log can hold, with its fields. Written by `python -m imgate.audit.reference`; a test compares it with the code.

Each entry is canonical JSON (RFC 8785) with `id`, `at`, `event`, `actor` (a caller's client id, a user's id, `worker` or `operator`;
`client` on a client's own page, `unknown` before anybody has signed in), `fields`, and, where it is about a client, `subject`: a
random name that is kept under the client's data key and means nothing after erasure. No entry holds a reference or a value of
anybody's data.

Kinds: `id` a UUID; `word` visible ASCII without blanks (imgate's own words, scopes, ids of the configuration); `name` a name out
of the configuration, or a user's; `digest` SHA-256 in hexadecimal; `count`; `flag`; `ids`, `words` and `names` are lists. A field in
brackets may be absent.
"""


def reference() -> str:
    """Give the page."""
    parts = [_HEAD]
    for name, shape in CATALOGUE.items():
        parts.append(f"\n## `{name}`\n\n{shape.meaning}\n")
        if shape.fields:
            parts.append("\n| field | kind |\n|---|---|\n")
        for field, kind in shape.fields.items():
            shown = f"[`{field}`]" if field in shape.optional else f"`{field}`"
            parts.append(f"| {shown} | {kind} |\n")
    return "".join(parts)


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
