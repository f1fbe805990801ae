"""Drivers: what satisfaction, loyalty and engagement are tied to, by exact decomposition of explained variance."""

from symmetry.drivers.shapley import importance

__all__ = ["importance"]
