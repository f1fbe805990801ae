"""The wording of one question, looked at: two things asked at once, negations, length, leading words, cost as an SMS."""

from __future__ import annotations

__all__ = ()
