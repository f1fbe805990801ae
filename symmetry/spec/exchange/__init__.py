"""A study for other tools, and a first draft of a study from theirs: what each format cannot carry is always said."""

from __future__ import annotations

__all__ = ()
