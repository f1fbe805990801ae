"""Estimates: how much, plus or minus what.  Each verb returns an `Estimate`; its table is a frame with the house's columns."""

from symmetry.estimate.contrasts import contrast
from symmetry.estimate.intervals import interval
from symmetry.estimate.loyalty import favourable, nps
from symmetry.estimate.means import mean
from symmetry.estimate.named import named
from symmetry.estimate.nouns import COLUMNS, Estimate, join

__all__ = ["COLUMNS", "Estimate", "contrast", "favourable", "interval", "join", "mean", "named", "nps"]
