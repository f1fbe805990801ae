"""What an attacker has before him: how many people of each smallest group gave which answer to one item, and what is told of it.

The unknowns are the masses (people, or their weights) of each atom at each answer.  Every published figure of a cell, its count,
mean, shares and, through a standard error, its sum of squares, is a sum over them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from symmetry.disclosure.cells import Cells

__all__ = ["Puzzle", "puzzle_of"]

_CODES = 12


@dataclass(frozen=True, eq=False)
class Puzzle:
    """One item's answers over the cells of its tables.

    `kinds` (atoms, classes) people by class of answer; `mass` (atoms, options) weight at each answer, 1 a person if unweighted;
    `functions` (statistics, options) what each published statistic adds up, the first of which is the protected value.
    """

    cells: Cells
    kinds: np.ndarray
    mass: np.ndarray
    functions: np.ndarray
    weighted: bool

    @property
    def value(self) -> np.ndarray:
        """The protected value at each answer: its code, 0/1 of a share, -100 to 100 of an NPS."""
        return np.asarray(self.functions[0])

    @property
    def span(self) -> float:
        """Length of the scale."""
        return float(np.ptp(self.value))

    @cached_property
    def uniform(self) -> np.ndarray:
        """Whether all answers of a cell are of one class, (cells,)."""
        return np.asarray((self.cells.member @ self.kinds > 0).sum(axis=1) <= 1)

    @cached_property
    def total(self) -> np.ndarray:
        """Mass of each cell, (cells,)."""
        return np.asarray(self.cells.member @ self.mass.sum(axis=1))


def puzzle_of(
    cells: Cells,
    answers: Sequence[object] | np.ndarray | pd.Series,
    *,
    classes: Sequence[object] | np.ndarray | None = None,
    weight: np.ndarray | None = None,
    statistics: Collection[str] = ("mean",),
    cuts: Sequence[float] = (),
    scale: tuple[float, float] | None = None,
) -> Puzzle:
    """Lay out one item's answers.

    Parameters
    ----------
    cells : of the people who answered.
    answers : of each of them; texts count and have no value.
    classes : class of each answer that figures tell apart; by default the answers themselves.
    weight : of each person, if they differ.
    statistics : what is published of a cell: "mean", "score", "favourable", "top_box", "nps".
    cuts : lowest codes of the published classes.
    scale : ends of the scale; by default the lowest and the highest answer given, which tells the attacker more.
    """
    kinds = _tally(cells.atom, pd.factorize(np.asarray(answers if classes is None else classes))[0], len(cells.count))
    if weight is not None and np.ptp(weight) <= 1e-12 * np.max(weight, initial=0.0):
        weight = None
    weight = None if weight is None else weight / weight.mean()
    number = pd.to_numeric(pd.Series(np.asarray(answers)), errors="coerce").to_numpy(float)
    if np.isnan(number).any() or not len(number):
        return Puzzle(cells, kinds, kinds.astype(float), np.zeros((1, kinds.shape[1])), weighted=False)
    codes = np.unique(np.append(number, scale) if scale else number)
    if len(codes) > _CODES:  # of a class only the ends matter to means and shares; between them everything is a mixture
        return _mixed(cells, kinds, number, weight, statistics, cuts, codes)
    mass = _tally(cells.atom, np.searchsorted(codes, number), len(cells.count), weight, width=len(codes))
    functions = _functions(codes, statistics, cuts)
    if weight is None and "mean" in statistics:
        functions = np.vstack([functions, codes**2])
    return Puzzle(cells, kinds, mass, functions, weighted=weight is not None)


def _mixed(
    cells: Cells,
    kinds: np.ndarray,
    number: np.ndarray,
    weight: np.ndarray | None,
    statistics: Collection[str],
    cuts: Sequence[float],
    codes: np.ndarray,
) -> Puzzle:
    """Many different answers: each is written as a mixture of the two ends of its class."""
    side = np.searchsorted(np.asarray(cuts, float), codes, side="right")
    ends = np.unique([[codes[side == one].min(), codes[side == one].max()] for one in np.unique(side)])
    above = np.clip(np.searchsorted(ends, number, side="left"), 1, len(ends) - 1)
    below = above - 1
    up = np.clip((number - ends[below]) / (ends[above] - ends[below]), 0.0, 1.0)
    one = np.ones(len(number)) if weight is None else weight
    shape = (len(cells.count), len(ends))
    mass = np.zeros(shape)
    np.add.at(mass, (cells.atom, below), one * (1 - up))
    np.add.at(mass, (cells.atom, above), one * up)
    return Puzzle(cells, kinds, mass, _functions(ends, statistics, cuts), weighted=weight is not None)


def _tally(
    atom: np.ndarray, option: np.ndarray, atoms: int, weight: np.ndarray | None = None, *, width: int = 0
) -> np.ndarray:
    """People, or their weight, by atom and option."""
    width = width or int(option.max(initial=-1)) + 1
    flat = np.bincount(atom * width + option, weights=weight, minlength=atoms * width)
    return np.asarray(flat.reshape(atoms, width))


def _functions(codes: np.ndarray, statistics: Collection[str], cuts: Sequence[float]) -> np.ndarray:
    """What each published statistic adds up at each code, (statistics, options)."""
    found = []
    if "nps" in statistics:
        low, high = (cuts[0], cuts[-1]) if len(cuts) > 1 else (7.0, 9.0)
        found.append(100.0 * (codes >= high) - 100.0 * (codes < low))
    if {"mean", "score"} & set(statistics) or not {"nps", "favourable", "top_box"} & set(statistics):
        found.append(codes.astype(float))
    if "favourable" in statistics and len(cuts):
        found.append((codes >= cuts[0]).astype(float))
    if "top_box" in statistics:
        found.append((codes >= codes.max()).astype(float))
    return np.array(found if found else [codes], float)
