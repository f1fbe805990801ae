"""Watching waves: who answered and who did not, what comes in a day, how well it is answered, and what needs attention."""

from __future__ import annotations

__all__ = ()
