"""Draw so many out of each group: at random, systematically, or in proportion to a size; and the chance everyone had.

A group is a stratum, or a drawn unit at the second stage.  Whoever may not be drawn now (at rest) has a chance all the
same: the one that he would have had in somebody else's place, which later draws need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from symmetry.fieldwork.chances import Floats, Mask, Wholes, Words, proportional, uniform

__all__ = ["Method", "Pool", "chance_of", "select"]

Method = Literal["stratified", "systematic", "pps"]


@dataclass(frozen=True)
class Pool:
    """Who can be drawn from.

    Attributes
    ----------
    group : (n,) number of the group of each, from 0.
    groups : how many groups there are.
    could : (n,) whether it may be drawn.
    words : (n,) its random word; equal words in the order of the rows.
    method : how each group is drawn from.
    size : (n,) above 0, for `pps`.
    rank : (n,) its place in the order of a systematic draw, equal ranks in the order of words.
    """

    group: Wholes
    groups: int
    could: Mask
    words: Words
    method: Method
    size: Floats | None = None
    rank: Wholes | None = None

    @property
    def open(self) -> Wholes:
        """(groups,) how many may be drawn from each."""
        return np.bincount(self.group[self.could], minlength=self.groups).astype(np.int64)


def chance_of(pool: Pool, wanted: Wholes) -> Floats:
    """The chance of each of the n to be drawn if so many are wanted of its group.

    Parameters
    ----------
    pool : who can be drawn from.
    wanted : (groups,) how many; a group of fewer is drawn whole.

    Returns
    -------
    (n,) probabilities, of those at rest too; of those who may be drawn they sum to `wanted` in each group.
    """
    held = pool.open
    taken = np.minimum(wanted, held)
    if pool.method != "pps" or pool.size is None:
        return np.divide(taken, held, out=np.zeros(pool.groups), where=held > 0)[pool.group]
    chance = np.zeros(len(pool.group))
    for number, rows in enumerate(_rows(pool)):
        may = rows[pool.could[rows]]
        if len(may) and taken[number]:
            chance[may] = proportional(pool.size[may], int(taken[number]))
            part = may[chance[may] < 1]
            slope = chance[part[0]] / pool.size[part[0]] if len(part) else np.inf
            others = rows[~pool.could[rows]]
            chance[others] = np.minimum(pool.size[others] * slope, 1.0)
    return chance


def select(pool: Pool, wanted: Wholes, starts: Words) -> Mask:
    """Draw from every group.

    Parameters
    ----------
    pool : who can be drawn from.
    wanted : (groups,) how many; a group of fewer is drawn whole.
    starts : (groups,) the word from which a systematic draw of each group begins.

    Returns
    -------
    (n,) whether each was drawn: the least words of each group, or those on which the points of a systematic draw fall.
    """
    drawn = np.zeros(len(pool.group), dtype=bool)
    rank = np.zeros(len(pool.group), dtype=np.int64) if pool.rank is None else pool.rank
    rows = np.flatnonzero(pool.could)
    if pool.method == "stratified":
        rows = rows[np.lexsort((pool.words[rows], pool.group[rows]))]
        first = np.concatenate([[0], np.cumsum(pool.open)[:-1]])
        drawn[rows[np.arange(len(rows)) - first[pool.group[rows]] < wanted[pool.group[rows]]]] = True
        return drawn
    chance = chance_of(pool, wanted)
    rows = rows[np.lexsort((pool.words[rows], rank[rows], pool.group[rows]))]
    begins = uniform(starts)
    for number, members in enumerate(np.split(rows, np.cumsum(pool.open)[:-1])):
        drawn[members] = _points(chance[members], float(begins[number]))
    return drawn


def _points(chance: Floats, start: float) -> Mask:
    """On whom the points start, start + 1, … fall when everyone's chance is laid end to end; certainties always."""
    found = chance >= 1
    part = chance[~found]
    if len(part):
        ends = np.cumsum(part)
        ends[-1] = round(ends[-1])
        passed = np.ceil(ends - start)
        found[~found] = np.diff(passed, prepend=0.0) > 0
    return found


def _rows(pool: Pool) -> list[Wholes]:
    """Rows of each group."""
    order = np.argsort(pool.group, kind="stable").astype(np.int64)
    counts = np.bincount(pool.group, minlength=pool.groups)
    return np.split(order, np.cumsum(counts)[:-1])
