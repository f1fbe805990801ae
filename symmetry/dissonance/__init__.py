"""Dissonance: where two audiences live different realities, where they agree, and where we do not know yet."""

from symmetry.dissonance.detecting import detect
from symmetry.dissonance.effects import effects
from symmetry.dissonance.funnels import funnel
from symmetry.dissonance.gaps import gap
from symmetry.dissonance.inside import inside, persons_where_one_psu
from symmetry.dissonance.leagues import league
from symmetry.dissonance.nouns import Effects, Gap, Mirror, Pair, Statistic
from symmetry.dissonance.ranking import ranks
from symmetry.dissonance.rehearsed import error_rates
from symmetry.dissonance.shrinking import shrink
from symmetry.dissonance.units import Units

__all__ = [
    "Effects",
    "Gap",
    "Mirror",
    "Pair",
    "Statistic",
    "Units",
    "detect",
    "effects",
    "error_rates",
    "funnel",
    "gap",
    "inside",
    "league",
    "persons_where_one_psu",
    "ranks",
    "shrink",
]
