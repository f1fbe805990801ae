"""Designs: answers made ready for inference, the one pass over them, and the one linearised variance."""

from symmetry.design.cells import Domains, cells_of, domain_names, domains
from symmetry.design.coding import column_of, design_of, names_of, refuse_infinite, series_of
from symmetry.design.combining import Combined, combinations
from symmetry.design.counting import Counts
from symmetry.design.differences import covariances_apart
from symmetry.design.influence import Influence
from symmetry.design.nouns import Design
from symmetry.design.planning.chances import different, equivalent
from symmetry.design.planning.claims import Claim, Outlook, sides_of
from symmetry.design.planning.planned import Side
from symmetry.design.planning.sizing import power, sample_size
from symmetry.design.probability import HartleyRao
from symmetry.design.replicating import Replicates, replicate
from symmetry.design.resumming import deviations, influence, left_out, replicates_of, resampled
from symmetry.design.stacking import stack
from symmetry.design.supplied import replicated
from symmetry.design.totals import Totals, cube_of, gather
from symmetry.design.two_phase import two_phase
from symmetry.design.variance import covariance, degrees_of_freedom, sparse_covariance, variances

__all__ = [
    "Claim",
    "Combined",
    "Counts",
    "Design",
    "Domains",
    "HartleyRao",
    "Influence",
    "Outlook",
    "Replicates",
    "Side",
    "Totals",
    "cells_of",
    "column_of",
    "combinations",
    "covariance",
    "covariances_apart",
    "cube_of",
    "degrees_of_freedom",
    "design_of",
    "deviations",
    "different",
    "domain_names",
    "domains",
    "equivalent",
    "gather",
    "influence",
    "left_out",
    "names_of",
    "power",
    "refuse_infinite",
    "replicate",
    "replicated",
    "replicates_of",
    "resampled",
    "sample_size",
    "series_of",
    "sides_of",
    "sparse_covariance",
    "stack",
    "two_phase",
    "variances",
]
