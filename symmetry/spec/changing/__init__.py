"""Changing a study: what a new version does to its trends, and what a fielded wave no longer allows."""

__all__ = ()
