"""Priorities of two audiences, side by side and tested."""

__all__ = ()
