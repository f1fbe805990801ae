"""The questionnaire as pages that need no script, and the server that gives them out."""

from __future__ import annotations

__all__ = ()
