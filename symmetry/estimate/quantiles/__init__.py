"""Quantiles: rules, intervals and replicates."""

__all__ = ()
