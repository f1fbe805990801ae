"""Measurement: whether the answers of a unit's people may be read as the unit's own, and how alike they are."""

from symmetry.measurement.aggregating import icc
from symmetry.measurement.agreeing import rwg, rwg_j
from symmetry.measurement.deviating import ad
from symmetry.measurement.nouns import Agreement
from symmetry.measurement.overview import agreement
from symmetry.measurement.partitioning import partition

__all__ = ["Agreement", "ad", "agreement", "icc", "partition", "rwg", "rwg_j"]
