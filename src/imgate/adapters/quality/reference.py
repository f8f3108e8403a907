"""Writes ``docs/reference/quality.md`` from the scale; a test compares the two."""

from imgate.adapters.quality.scale import MEANING, RULES, Tier

_HEAD = """# The quality scale of adapters

*Written by `python -m imgate.adapters.quality.reference` from `src/imgate/adapters/quality/scale.py`; a test compares the two.*

Each rule is one promise that somebody who uses an adapter cares about. The author answers every rule in `adapter.toml`; what a machine
can see is compared with the answer by `imgate plugin check NAME`. An adapter has the highest tier of which, and of those before it,
every rule is kept or has no meaning for it. The scale keeps no adapter from starting. Gold does not say that the code can be trusted.

```toml
[quality]
passes_the_kit = "done"
mutation_tested = "todo"
tested_against_the_partner = { exempt = "No housing office offers a test system." }
```

- `"done"` counts where the machine finds the same; where only a person can tell, the author's word counts.
- `"todo"` is honest and no problem; the tier is not reached.
- `{ exempt = "…" }` says in at least five words why the rule has no meaning here. Nothing is exempt from bronze. Behind
  the level the command counts the exemptions that it rests on, as in `gold (1 exempt)`: their reasons are yours to judge.

An unknown rule, a rule without an answer, and `"done"` where the machine finds something else or can see nothing, are problems: the
command tells them all at once, and exits with 1.
"""

_TAIL = """
## The two proofs that only an author can bring

`translation_measured`: write one of your golden messages once more by hand, with straight-line code that knows this one document and
uses lxml, csv or json. Compare both results first, so that both do the same. Then time your adapter's `to_partner` and the code by hand
in turns, some hundred calls each and at least five times, and divide the medians. `to_partner` is given a `ReleasedRecord(record,
releases)`, and `ENVELOPE` of `imgate.conformance.adapter`. Keep the script beside the tests, and the figures with their date in the
README. imgate's own are in `benchmarks/translation.py` (`make bench`).

`mutation_tested`: `pip install mutmut`, write `source_paths = ["src/"]` below `[tool.mutmut]` in `pyproject.toml`, and call `mutmut
run` in the package's folder. `mutmut results` lists the changes that no test noticed, `mutmut show NAME` shows one. Each gets a test,
or a line with its reason in the README. mutmut changes functions only: a table has none, and is held by its golden messages and the
kit. The first survivors of a new package are the words with which `configure` refuses a setting. imgate's own are in
`docs/mutants.toml` (`make mutants`).

## What `imgate plugin check NAME` does

It loads the adapter as the gateway does and tells everything that would keep it from starting, with the digest that each schema really has.
If it starts, the package's tests are run with pytest in a process of their own: from the folder `tests` of a package that was installed for
editing (`pip install -e`), or from the one that `--tests` names. A promise of the conformance kit counts where it passed for this adapter
as the kit states it; a class that replaces or skips one has not kept it.

`--json` prints one object. Its shape is stable: members may be added, none is taken away or changed.

| member | what it holds |
|---|---|
| `name`, `version` | the plugin's name, and its package's version |
| `level` | `"bronze"`, `"silver"`, `"gold"`, or null where not even bronze is reached |
| `problems` | a list of sentences; the command exits with 1 unless it is empty |
| `schemas` | a list of `{"file","sha256","named"}`: each schema, its digest as it lies there, and whether the manifest names that one |
| `rules` | a list of `{"rule","tier","answer","reason","found","sentence"}` in this page's order; empty for what does not start |

`answer` is `"done"`, `"todo"`, `"exempt"` or null (none that can be used), `reason` the reason of an exemption or null. `found` is
`"kept"`, `"broken"`, `"unseen"` (what the machine would look at is not at hand) or null (only a person can tell); `sentence` says more.
A transport has no rules and no level.
"""


def reference() -> str:
    """Give the page."""
    parts = [_HEAD]
    for tier in Tier:
        parts.append(f"\n## {tier.capitalize()}\n\n{MEANING[tier]}\n\n| rule | promise | what the machine looks at |\n|---|---|---|\n")
        parts += [
            f"| `{rule.name}` | {rule.promise} | {rule.looks_at or '– (only a person can tell)'} |\n"
            for rule in RULES.values()
            if rule.tier is tier
        ]
    return "".join([*parts, _TAIL])


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
