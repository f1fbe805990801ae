"""Dissonance: where two audiences live different realities, where they agree, and where we do not know yet."""

from symmetry.dissonance.detecting import detect
from symmetry.dissonance.gaps import gap
from symmetry.dissonance.nouns import Gap, Mirror, Pair, Statistic

__all__ = ["Gap", "Mirror", "Pair", "Statistic", "detect", "gap"]
