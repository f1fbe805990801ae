"""Asking one person: which questions stand on which page, what a posted page says, what happens next.  No network, no store."""

from __future__ import annotations

__all__ = ()
