"""Boxes of a scale: what one box up is for each answer, and who has none left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symmetry.design import Design
from symmetry.drivers.outcomes.outcomes import Outcome
from symmetry.errors import DesignError

__all__ = ["Asked", "Boxes", "Scale", "boxes_of", "codes_of", "ends_of"]

Scale = tuple[float, float] | Sequence[float]
_MOST = 11  # of observed codes; a finer column has no boxes unless its scale is told


@dataclass(frozen=True, eq=False)
class Boxes:
    """Steps of P drivers for the m who answered all: step (m, P) to the next box, 0 in the top one; top (m, P), 1 there."""

    step: np.ndarray
    top: np.ndarray


@dataclass(frozen=True, eq=False)
class Asked:
    """What a model is asked of a step up.

    held (n,) rows that answered all m; names of P drivers, then controls; answers (m,) to the outcome, what they are worth (m,)
    and between which ends its mean lies; steps of the drivers; the share to move.
    """

    design: Design
    held: np.ndarray
    names: tuple[str, ...]
    outcome: str
    answers: np.ndarray
    worth: np.ndarray
    ends: tuple[float, float]
    boxes: Boxes
    move: float

    @property
    def weight(self) -> np.ndarray:
        """Weights (m,)."""
        return np.asarray(self.design.layout.weight[self.held])

    @property
    def sets(self) -> list[list[int]]:
        """The columns of each end's model (2P): all of them; a driver and the controls."""
        drivers, size = self.boxes.step.shape[1], len(self.names)
        return [list(range(size))] * drivers + [[one, *range(drivers, size)] for one in range(drivers)]

    def worth_at(self, levels: np.ndarray) -> np.ndarray:
        """What some answers, each given by somebody, are worth."""
        known, first = np.unique(self.answers, return_index=True)
        return np.asarray(self.worth[first][np.searchsorted(known, levels)])

    def spread_out(self, rows: np.ndarray) -> np.ndarray:
        """Numbers of the rows that answered (m, ...) among all rows (n, ...), NaN for the others."""
        found = np.full((len(self.held), *rows.shape[1:]), np.nan)
        found[self.held] = rows
        return found


def codes_of(name: str, answers: np.ndarray, scales: Mapping[str, Scale]) -> np.ndarray:
    """The codes of a column in order: as told, or those that somebody gave.

    Raises
    ------
    DesignError : the scale told is none, an answer is not on it; a column of more than 11 answers without one.
    """
    held = np.unique(answers)
    if name not in scales:
        if len(held) > _MOST:
            raise DesignError(
                f"`{name}` has {len(held)} different answers, and one box up is not known",
                mend=f'tell its scale: scales={{"{name}": (1, 5)}}, or all its codes',
            )
        return held
    told = np.asarray(list(scales[name]), float)
    if len(told) < 2 or not (np.isfinite(told).all() and (np.diff(told) > 0).all()):
        raise DesignError(
            f"the scale of `{name}` is not told by codes that grow", mend="give (low, high), or all codes in order"
        )
    codes = np.append(np.arange(told[0], told[1]), told[1]) if len(told) == 2 else told
    off = held[~np.isin(held, codes)]
    if len(off):
        raise DesignError(
            f"`{name}` holds {off[0]:g}, which its scale from {codes[0]:g} to {codes[-1]:g} does not have",
            mend="tell all its codes, or score the answers first",
        )
    return codes


def boxes_of(x: np.ndarray, names: Sequence[str], scales: Mapping[str, Scale]) -> Boxes:
    """The step of every respondent on every driver (m, P)."""
    step, top = np.empty(x.shape), np.empty(x.shape)
    for column, name in enumerate(names):
        codes = codes_of(name, x[:, column], scales)
        place = np.searchsorted(codes, x[:, column])
        step[:, column] = np.append(np.diff(codes), 0.0)[place]
        top[:, column] = place == len(codes) - 1
    return Boxes(step, top)


def ends_of(statistic: Outcome, name: str, answers: np.ndarray, scales: Mapping[str, Scale]) -> tuple[float, float]:
    """Between which ends the mean of what the outcome counts must lie; the least and greatest answer where no scale is told."""
    if statistic != "mean":
        return (-100.0, 100.0) if statistic == "nps" else (0.0, 1.0)
    codes = codes_of(name, answers, scales) if name in scales else answers
    return float(codes.min()), float(codes.max())
