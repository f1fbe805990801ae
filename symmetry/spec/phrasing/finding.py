"""What a look at a wording finds: always a warning, because a rule of thumb can be wrong about a sentence."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a wording: its code, the fault, the remedy, and where the culprit begins in the text (from 0).

    `offset` is None where the whole text is meant.
    """

    code: str
    what: str
    mend: str
    offset: int | None = None
