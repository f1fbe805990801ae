"""Whom a wave writes to, about what event, and when: planned here, sent elsewhere."""

from __future__ import annotations

__all__ = ()
