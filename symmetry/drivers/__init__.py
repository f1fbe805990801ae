"""Drivers: what satisfaction, loyalty and engagement are tied to, how sure that is, and whether two audiences agree on it."""

from symmetry.drivers.crossing.crossing import CrossSource, cross_source
from symmetry.drivers.importance import importance
from symmetry.drivers.missing.answering import moments_of
from symmetry.drivers.missing.lacking import losses
from symmetry.drivers.moving.caution import caution
from symmetry.drivers.moving.moving import WhatIf, what_if
from symmetry.drivers.nouns import Moments
from symmetry.drivers.overview import Overview, overview
from symmetry.drivers.priorities.priorities import Priorities, compare_priorities
from symmetry.drivers.priorities.single import importance_map
from symmetry.drivers.ranking.noise import Presence, bounded, presence
from symmetry.drivers.ranking.ranking import Ranks, ranks
from symmetry.drivers.shapes.penalties import Penalties, penalty_reward
from symmetry.drivers.shapes.permuting import permutation_importance
from symmetry.drivers.shapes.slopes import slopes
from symmetry.drivers.sharing.collinearity import Collinearity, collinearity
from symmetry.drivers.sharing.dominance import Dominance, dominance
from symmetry.drivers.sharing.relative import relative_weights

__all__ = [
    "Collinearity",
    "CrossSource",
    "Dominance",
    "Moments",
    "Overview",
    "Penalties",
    "Presence",
    "Priorities",
    "Ranks",
    "WhatIf",
    "bounded",
    "caution",
    "collinearity",
    "compare_priorities",
    "cross_source",
    "dominance",
    "importance",
    "importance_map",
    "losses",
    "moments_of",
    "overview",
    "penalty_reward",
    "permutation_importance",
    "presence",
    "ranks",
    "relative_weights",
    "slopes",
    "what_if",
]
