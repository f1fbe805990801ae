"""Designs: answers made ready for inference, the one pass over them, and the one linearised variance."""

from symmetry.design.nouns import Design
from symmetry.design.stacking import stack
from symmetry.design.totals import Totals, domain_names, domains, gather, influence
from symmetry.design.variance import covariance, degrees_of_freedom, variances

__all__ = [
    "Design",
    "Totals",
    "covariance",
    "degrees_of_freedom",
    "domain_names",
    "domains",
    "gather",
    "influence",
    "stack",
    "variances",
]
