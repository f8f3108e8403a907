"""The rank-sum test (Wilcoxon, Mann and Whitney) of two samples, by the normal approximation with ties."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt


def z_of(first: Sequence[float], second: Sequence[float]) -> float:
    """Give how many standard deviations the first sample's ranks lie above what chance would give."""
    together = sorted([*first, *second])
    ranks, place = {}, 0
    for value, times in sorted(Counter(together).items()):
        ranks[value] = place + (times + 1) / 2  # those that are equal share their ranks
        place += times
    n, m = len(first), len(second)
    surplus = sum(ranks[value] for value in first) - n * (n + m + 1) / 2
    ties = sum(times**3 - times for times in Counter(together).values())
    variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    return surplus / sqrt(variance)
