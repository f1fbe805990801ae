"""The rows of the drivers' later tables: what counts on either side, penalties and rewards, what a move would go with."""

from __future__ import annotations

from dataclasses import dataclass

from symmetry.report.rows import Row

__all__ = ["PenaltyRow", "PriorityRow", "WhatIfRow"]


@dataclass(frozen=True)
class PriorityRow(Row):
    """One item's weight and level on either side (`share_gap`: weight of a minus weight of b), or a number of all of them.

    importance_a, importance_b : part of R² of the item in the audience a (or b), between 0 and 1.
    level_a, level_b : how the audience rates the item, from 0 to 100.
    p : of an item, its max-T probability; of the `total_variation`, the probability under permutation of units.
    null : mean of the total variation under permutation; `test` says what was permuted.
    units : units that stand on both sides.
    """

    a: str = ""
    b: str = ""
    importance_a: float | None = None
    importance_a_lower: float | None = None
    importance_a_upper: float | None = None
    importance_b: float | None = None
    importance_b_lower: float | None = None
    importance_b_upper: float | None = None
    level_a: float | None = None
    level_a_lower: float | None = None
    level_a_upper: float | None = None
    level_b: float | None = None
    level_b_lower: float | None = None
    level_b_upper: float | None = None
    p: float | None = None
    null: float | None = None
    test: str = ""
    units: float | None = None
    n_a: float | None = None
    n_b: float | None = None
    outcome: str = ""

    def number(self, name: str, side: str) -> tuple[float | None, float | None, float | None]:
        """Estimate and interval of a side: `name` is importance or level, `side` a or b."""
        stem = f"{name}_{side}"
        return getattr(self, stem), getattr(self, f"{stem}_lower"), getattr(self, f"{stem}_upper")


@dataclass(frozen=True)
class PenaltyRow(Row):
    """What a low answer costs and what a high one earns, in the outcome's unit, against an answer in between.

    asymmetry : from -1 (all penalty) to 1 (all reward), with its interval, which is all of it where nothing is known.
    n_low, n_high : how many answered so.
    """

    penalty: float | None = None
    penalty_lower: float | None = None
    penalty_upper: float | None = None
    reward: float | None = None
    reward_lower: float | None = None
    reward_upper: float | None = None
    asymmetry: float | None = None
    asymmetry_lower: float | None = None
    asymmetry_upper: float | None = None
    kind: str = ""
    n_low: float | None = None
    n_high: float | None = None
    audience: str = ""
    outcome: str = ""

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return not self.suppressed and (self.penalty is not None or self.reward is not None)


@dataclass(frozen=True)
class WhatIfRow(Row):
    """By how much the outcome's mean moves with an item one box up: `direct` (the others stay) or `total` (they follow).

    moved : share of the respondents who are moved; top : share who stand in the top box already and cannot.
    """

    moved: float | None = None
    top: float | None = None
    audience: str = ""
    outcome: str = ""
