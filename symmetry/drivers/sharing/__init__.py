"""Sharing R² out: the lattice of subsets, Shapley values, relative weights, dominance, and how collinear drivers are."""

__all__ = ()
