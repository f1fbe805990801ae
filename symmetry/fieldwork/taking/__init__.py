"""What happened to whom, and whom one may write to, as other systems say it: files, a drop folder and posted events."""

from __future__ import annotations

__all__ = ()
