"""A text for people, in the languages of a study."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Text"]

Text = Mapping[str, str]
