"""Drivers whose answers are missing: why, what it costs, and moments all the same."""

__all__ = ()
