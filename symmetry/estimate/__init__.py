"""Estimates: how much, plus or minus what.  Each verb returns an `Estimate`; its table is a frame with the house's columns."""

from symmetry.estimate.boxes import bottom_box, favourable, top_box
from symmetry.estimate.contrasts import contrast
from symmetry.estimate.distribution import cdf
from symmetry.estimate.functions import statistic
from symmetry.estimate.intervals import interval
from symmetry.estimate.joint import adjust, wald
from symmetry.estimate.loyalty import ces, csat, nps
from symmetry.estimate.means import mean
from symmetry.estimate.models import Model, glm
from symmetry.estimate.named import named
from symmetry.estimate.nouns import COLUMNS, Estimate, join
from symmetry.estimate.provenance import provenance
from symmetry.estimate.quantiles import median, quantile
from symmetry.estimate.spread import correlation, variance
from symmetry.estimate.totals import ratio, share, total

__all__ = [
    "COLUMNS",
    "Estimate",
    "Model",
    "adjust",
    "bottom_box",
    "cdf",
    "ces",
    "contrast",
    "correlation",
    "csat",
    "favourable",
    "glm",
    "interval",
    "join",
    "mean",
    "median",
    "named",
    "nps",
    "provenance",
    "quantile",
    "ratio",
    "share",
    "statistic",
    "top_box",
    "total",
    "variance",
    "wald",
]
