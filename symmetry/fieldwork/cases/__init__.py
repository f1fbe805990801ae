"""The closed loop: cases that answers open, whose clocks run until somebody has called back and closed them."""

from __future__ import annotations

__all__ = ()
