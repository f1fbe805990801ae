"""Outcomes that are no mean: top box, NPS, ordered answers, yes or no."""

__all__ = ()
