"""Work done once for each questionnaire: routes compiled, questions sorted into pages.

A questionnaire holds mappings, so it cannot be a key; it is known by its identity, and what was made is dropped with it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from symmetry.fieldwork.asking.nouns import Asked

__all__ = ["once"]

Made = TypeVar("Made")


def once(make: Callable[[Asked], Made]) -> Callable[[Asked], Made]:
    """Keep what a function makes of a questionnaire as long as that questionnaire lives.

    Parameters
    ----------
    make : from a questionnaire to anything that does not hold it.
    """
    kept: dict[int, tuple[weakref.ref[Asked], Made]] = {}

    @wraps(make)
    def made(asked: Asked) -> Made:
        key = id(asked)
        if key not in kept:  # before the address of another is used again, `pop` was called for it
            kept[key] = (weakref.ref(asked, lambda gone: kept.pop(key, None)), make(asked))
        return kept[key][1]

    return made
