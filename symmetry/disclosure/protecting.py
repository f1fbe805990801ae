"""Which cells to hide: the small and the uniform, their companions, and more until no attacker comes too close to one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.disclosure.attacking import attack, unknowns
from symmetry.disclosure.companions import by_algebra, by_remainders, cheapest
from symmetry.disclosure.exchanging import exchanged
from symmetry.disclosure.puzzle import Puzzle

__all__ = ["Protection", "Rules", "far_enough", "protect", "sensitivity"]

_NEAR = 1e-6


@dataclass(frozen=True)
class Rules:
    """How far a hidden cell must stay from what published figures tell.

    `minimum` fewest answers of a shown cell; `width` the share of the scale that must stay open for the mean of a hidden group;
    `digits` decimals of published means, None for exact; `limit` unknowns of the largest linear programme, and of all of one item
    together twenty times that.
    """

    minimum: int = 10
    width: float = 0.2
    digits: int | None = None
    limit: int = 20_000


@dataclass(frozen=True, eq=False)
class Protection:
    """What was decided for one item: `hidden` cells, and how many `sensitive` people each holds (0: a companion, or shown).

    `lost` cells are given away by earlier releases alone; `unsolved` ones had too large a programme and counted as unprotected.
    """

    hidden: np.ndarray
    sensitive: np.ndarray
    lost: np.ndarray
    unsolved: np.ndarray


def protect(
    puzzle: Puzzle,
    rules: Rules,
    *,
    told: np.ndarray | None = None,
    held: np.ndarray | None = None,
    absent: np.ndarray | None = None,
) -> Protection:
    """Choose the cells of one item to hide.

    Parameters
    ----------
    told : (cells,) whether an earlier release shows this very figure of these very people: an equation that stays.
    held : (cells,) by how many people an earlier release of the cell differs, 0 for no such release: it is held back.
    absent : (cells,) cells that only an earlier release had: not published now.

    Notes
    -----
    Every step hides one cell more, so it ends, at the latest with nothing published.  A companion is only kept from being solved
    for exactly; a sensitive cell must keep its count and its mean as open as `far_enough` says.
    """
    nothing = np.zeros(len(puzzle.cells.keys), int)
    fixed = nothing > 0 if told is None else told
    sensitive, small = sensitivity(puzzle, rules, fixed, nothing if held is None else held)
    hidden = ((sensitive > 0) | (nothing > 0 if absent is None else absent)) & ~fixed
    search = _Search(puzzle, rules, fixed, sensitive, small, hidden)
    search.run()
    return Protection(search.hidden, sensitive, search.lost, search.unsolved)


def sensitivity(puzzle: Puzzle, rules: Rules, told: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many people of each cell must be protected (0: it may be shown), and whether their number must be too."""
    n = puzzle.cells.n
    small = ((n < rules.minimum) | (held > 0)) & ~told
    return np.where(held > 0, held, np.where(small | puzzle.uniform, n, 0)) * ~told, small


class _Search:
    """Hide one cell after another until every hidden one is far enough from what is published."""

    def __init__(
        self,
        puzzle: Puzzle,
        rules: Rules,
        fixed: np.ndarray,
        sensitive: np.ndarray,
        small: np.ndarray,
        hidden: np.ndarray,
    ) -> None:
        self.puzzle, self.rules, self.fixed, self.sensitive, self.small = puzzle, rules, fixed, sensitive, small
        self.hidden, self.budget = hidden, 20 * rules.limit
        self.safe, self.unsolved, self.lost = (np.zeros(len(hidden), bool) for _ in range(3))
        if fixed.any():  # what earlier releases alone tell, no hiding can untell
            open_ = exchanged(puzzle, ~fixed)
            for cell in np.flatnonzero(hidden & ~self.far(open_)):
                if unknowns(puzzle, ~fixed, int(cell)) <= rules.limit:
                    open_[cell] = attack(puzzle, ~fixed, int(cell), digits=rules.digits).interval
            self.lost = hidden & ~self.far(open_)

    def run(self) -> None:
        """Hide until nothing is exposed, or nothing is left to hide."""
        while True:
            self.hidden = by_remainders(self.puzzle, self.hidden, self.rules.minimum, self.fixed)
            more = by_algebra(self.puzzle, self.hidden, self.rules.minimum, self.fixed, self.lost)
            more = self.by_audit() if more is None else more
            if more is None:
                return
            self.hidden[more] = True

    def by_audit(self) -> int | None:
        """The next cell to hide because a hidden one is known too closely; None where all are far enough."""
        self.safe |= self.far(exchanged(self.puzzle, self.hidden))
        n = self.puzzle.cells.n
        waiting = np.flatnonzero(self.hidden & ~self.safe & ~self.lost)
        for cell in waiting[np.argsort(n[waiting], kind="stable")]:
            size = unknowns(self.puzzle, self.hidden, cell)
            if size > min(self.rules.limit, self.budget):
                self.unsolved[cell] = True
                near = self.beside(cell)
            else:
                self.budget -= size
                found = attack(self.puzzle, self.hidden, int(cell), digits=self.rules.digits)
                self.unsolved[cell] = not found.solved
                self.safe[cell] = found.solved and self.far(found.interval[None], np.array([cell]))[0]
                if self.safe[cell]:
                    continue
                near = np.isin(np.arange(len(n)), found.given_by) if found.solved else self.beside(cell)
            return cheapest(self.puzzle, self.hidden | self.fixed, near)
        return None

    def beside(self, cell: int) -> np.ndarray:
        """Cells of the same table."""
        return np.asarray(self.puzzle.cells.table == self.puzzle.cells.table[cell])

    def far(self, interval: np.ndarray, cells: np.ndarray | None = None) -> np.ndarray:
        """Whether intervals are wide enough for their cells (by default all)."""
        which = np.arange(len(self.small)) if cells is None else cells
        return far_enough(self.puzzle, interval, self.sensitive, self.small, self.rules, which)


def far_enough(
    puzzle: Puzzle,
    interval: np.ndarray,
    sensitive: np.ndarray,
    small: np.ndarray,
    rules: Rules,
    which: np.ndarray,
) -> np.ndarray:
    """Whether cells are protected by what the attacker leaves open of them.

    Parameters
    ----------
    interval : (asked, 4) lower and upper count and mean, as `exchanged` and `attack` give.
    sensitive : (cells,) how many people must be protected, 0 for a companion.
    small : (cells,) whether the count must stay open too.
    which : (asked,) the cells.

    Notes
    -----
    A small cell: the count keeps an interval of `minimum` people or more, so that it is not known to lie in 1..minimum-1, and the
    mean, to one who is told the count, one of `width` of the scale.  A large cell that is hidden because all answered alike, or
    because few came since an earlier release: the sum must stay as open as `width` of the scale for these people, at most
    `minimum` of them.  A companion must not be known exactly.
    """
    count, mean = interval[:, 1] - interval[:, 0], interval[:, 3] - interval[:, 2]
    people = np.minimum(sensitive[which], rules.minimum) / np.maximum(puzzle.cells.n[which], 1)
    enough = mean >= rules.width * puzzle.span * people - _NEAR
    wide = ~small[which] | (count >= rules.minimum - _NEAR)
    companion = (count > _NEAR) | (mean > _NEAR)
    return np.asarray(np.where(sensitive[which] > 0, enough & wide, companion) & ~np.isnan(count))
