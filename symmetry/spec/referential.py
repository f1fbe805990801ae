"""What was promised, and how it is to be lived: the service referential, its two mirrors inside, and observation grids.

Frozen nouns, as in `nouns.py`.  A referential is written three times on one structure: `service` (company to customer),
`management` (manager to employee) and `cooperation` (team to team).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from symmetry.spec.texts import Text

__all__ = ["SENSES", "Grid", "Moment", "Referential"]

SENSES = ("sight", "touch", "smell", "hearing")


@dataclass(frozen=True)
class Moment:
    """A moment of truth: where it is lived, the emotion aimed at, and the rituals and cues that bring it about."""

    name: Text
    channel: str = ""
    emotion: Text = field(default_factory=dict)
    rituals: tuple[Text, ...] = ()
    cues: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Referential:
    """One promise, three attitudes with respect among them, and moments of truth.

    `attitudes` maps keys of the study's `promise` to the words of this relation; `respect` is the key of the one that is
    respect.  The moments of the service referential are those of the journeys; a mirror has its own.
    """

    promise: Text
    attitudes: Mapping[str, Text]
    respect: str
    moments: Mapping[str, Moment] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    """Items that an observer fills in on the spot: a sensory walk of the place, or skills seen in practice.

    `unit` is the frame item that says which place was observed.
    """

    key: str
    kind: Literal["walk", "skills"]
    title: Text
    items: tuple[str, ...]
    unit: str | None = None
