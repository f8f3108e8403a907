"""The scale: three tiers of rules, each of them one promise that somebody who uses the adapter cares about.

An adapter's author answers every rule in ``adapter.toml``; what a machine can see is compared with the answer. The way of
Home Assistant's quality scale, which keeps hundreds of foreign integrations alike.
"""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How far an adapter has come; a tier includes those before it."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


MEANING = {
    Tier.BRONZE: "It works, and does no more than it says.",
    Tier.SILVER: "An office can rely on it, and a partner can build for it.",
    Tier.GOLD: "It was proved as far as that is possible.",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise. ``looks_at`` says what the machine compares it with; None where only a person can tell.

    What bronze asks for has no exemption: it can be kept by every adapter.
    """

    name: str
    tier: Tier
    promise: str
    looks_at: str | None

    @property
    def may_be_exempt(self) -> bool:
        """Whether the answer may be that this rule has no meaning here."""
        return self.tier is not Tier.BRONZE


def _rule(name: str, tier: Tier, promise: str, looks_at: str | None = None) -> tuple[str, Rule]:
    return name, Rule(name, tier, promise, looks_at)


RULES: dict[str, Rule] = dict(
    (
        _rule(
            "starts_without_settings",
            Tier.BRONZE,
            "The gateway starts with it as it is installed; no setting is needed.",
            "The adapter was configured with no settings.",
        ),
        _rule(
            "every_scope_accounted_for",
            Tier.BRONZE,
            "For every scope of the catalogue and each direction there is a place, or a sentence that says why there is none.",
            "Each reason in the field table has at least four words.",
        ),
        _rule(
            "imports_only_the_api",
            Tier.BRONZE,
            "It uses nothing of imgate but the plugin API, so that a new imgate does not break it.",
            "The import statements of every module in the package.",
        ),
        _rule(
            "passes_the_kit",
            Tier.BRONZE,
            "It keeps every promise of the conformance kit: nothing unreleased gets out, and nothing hostile gets in.",
            "The package's tests are run; each promise of the kit has to pass unchanged for this adapter, and no test may fail.",
        ),
        _rule(
            "readme_says_what_it_is",
            Tier.BRONZE,
            "A README says who the partner is, whose format this is, and what was never tried.",
            "A README of at least 50 words that names the adapter.",
        ),
        _rule(
            "licence_named",
            Tier.BRONZE,
            "An office knows under which licence it may use it.",
            "The metadata of the installed package.",
        ),
        _rule(
            "every_scope_decided",
            Tier.SILVER,
            "Somebody decided about every scope; no reason is the one that `imgate plugin new` wrote.",
            "The reasons in the field table.",
        ),
        _rule(
            "golden_messages_both_directions",
            Tier.SILVER,
            "What leaves, and how an answer is read, was reviewed byte for byte, and a change of it is seen.",
            "Files below `golden/to_partner` and `golden/from_partner` in the tests, in each direction that has scopes.",
        ),
        _rule(
            "schema_published",
            Tier.SILVER,
            "A partner's developers can check messages without imgate: the schema lies in the package.",
            "A schema for each direction that has scopes. A table has none, and says in an exemption what describes it.",
        ),
        _rule(
            "format_versioned",
            Tier.SILVER,
            "A message says in which version of the format it is written, so that the format can change.",
            "The namespace, or the `$id` of the JSON schema, ends in a number.",
        ),
        _rule(
            "code_lists_named",
            Tier.SILVER,
            "The manifest names every published code list that the messages use, so that an office sees when one runs out.",
            "The code lists that stand in the golden messages, in JSON and tables also the scopes that hold codes, and `[[code_lists]]`.",
        ),
        _rule(
            "simulated_partner",
            Tier.SILVER,
            "An office can try it before any partner is connected: `imgate simulate` sends its sample messages.",
            "The adapter reads every file of `samples/` in the package, each about the person `REFERENCE`.",
        ),
        _rule(
            "left_out_leaves_documented",
            Tier.SILVER,
            "The README names each detail of a released item that the format has no place for.",
            "Each `without` of the field table stands in the README, by its path.",
        ),
        _rule(
            "settings_documented",
            Tier.SILVER,
            "The README says which settings there are, and a misspelt one is refused by its name.",
            "The adapter is configured with a setting that nobody has; the README speaks of settings.",
        ),
        _rule(
            "nothing_left_out",
            Tier.GOLD,
            "All of a released item arrives; the format has a place for every detail.",
            "No place of the field table has a `without`, in the direction to the partner.",
        ),
        _rule(
            "translation_measured",
            Tier.GOLD,
            "Writing a message takes at most three times as long as by hand with lxml, csv or a JSON library; a benchmark shows it.",
        ),
        _rule(
            "mutation_tested",
            Tier.GOLD,
            "Of faults that mutmut plants in the translation, the tests find more than nine in ten; the others are listed with reasons.",
        ),
        _rule(
            "tested_against_the_partner",
            Tier.GOLD,
            "A message was exchanged with the partner's own system, or with a test system that the partner runs.",
        ),
    )
)
