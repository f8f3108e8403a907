"""Chance for tests: the same each time where a seed is given."""

import random


def chance(seed: int | None = None) -> random.Random:
    """Make a source of chance."""
    return random.Random(seed)  # noqa: S311  # chooses test cases, guards nothing
