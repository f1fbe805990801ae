"""Drivers: what satisfaction, loyalty and engagement are tied to, by exact decomposition of explained variance."""

from symmetry.drivers.importance import importance

__all__ = ["importance"]
