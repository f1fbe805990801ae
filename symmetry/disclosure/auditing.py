"""The audit of a release: for every hidden cell, what an attacker with all published figures still cannot know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.disclosure.attacking import attack, unknowns
from symmetry.disclosure.exchanging import exchanged
from symmetry.disclosure.items import Context, Laid, items
from symmetry.disclosure.ledger import Ledger
from symmetry.disclosure.protecting import Rules, far_enough, sensitivity
from symmetry.disclosure.puzzle import Puzzle
from symmetry.disclosure.suppressing import rules_of

__all__ = ["audit"]

_COLUMNS = ["wave", "audience", "item", "face", "by", "domain", "why", "n_lower", "n_upper", "mean_lower", "mean_upper"]
_COLUMNS += ["protected", "given_by", "method", "note"]


def audit(
    levels: pd.DataFrame,
    *,
    people: Mapping[tuple[str, str], pd.DataFrame],
    cuts: Mapping[str, Sequence[float]],
    minimum: int = 10,
    scales: Mapping[str, tuple[float, float]] | None = None,
    width: float = 0.2,
    digits: int | None = None,
    ledger: Ledger | None = None,
    study: str = "",
    data: Mapping[tuple[str, str], str] | None = None,
) -> pd.DataFrame:
    """Tell between which values every hidden cell lies, to one who has all published figures.

    Parameters
    ----------
    levels : as released, hidden rows marked `suppressed`; whoever hid them.
    people, cuts, minimum, scales, width, digits, ledger, study, data : as in `suppress`.

    Returns
    -------
    One row a hidden cell, and one a cell that is shown and should not be: `why` (small, uniform, earlier, companion);
    `n_lower`, `n_upper` of its count; `mean_lower`, `mean_upper` of its mean (share, NPS) to one who is told the count;
    `protected`; `given_by`, the published cells that hold these ends; `method`: "linear programme" (the exact interval) or
    "exchange" (it is at least this wide); `note`.

    Raises
    ------
    DisclosureError : the minimum is below 5, or `width` is not a share.

    Notes
    -----
    The frame is for the analyst, not for publication: it says why a cell is hidden.
    """
    rules = rules_of(minimum, width, digits)
    context = Context(people, cuts, scales or {}, rules, ledger, study, data)
    gone = levels.loc[levels["suppressed"].astype(bool), ["wave", "audience", "item", "face", "by", "domain"]]
    hidden = set(gone.itertuples(index=False, name=None))
    rows = [row for one in items(levels, context) for row in _rows(one, hidden, context)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _rows(one: Laid, hidden: set[tuple[str, ...]], context: Context) -> list[list[object]]:
    """Rows of one item."""
    puzzle, rules = one.puzzle, context.rules
    keys = [(*one.key, *cell) for cell in puzzle.cells.keys]
    known = np.array([key in hidden for key in keys], bool) | ~one.own
    known &= ~one.told
    sensitive, small = sensitivity(puzzle, rules, one.told, one.held)
    open_ = exchanged(puzzle, known)
    found = []
    for cell in np.flatnonzero(one.own & (known | (sensitive > 0))):
        interval, given, method, note = _known(puzzle, known, int(cell), open_[cell], rules)
        far = far_enough(puzzle, interval[None], sensitive, small, rules, np.array([cell]))[0]
        why = (
            "companion"
            if not sensitive[cell]
            else "earlier"
            if one.held[cell]
            else "small"
            if small[cell]
            else "uniform"
        )
        unseen = [f"earlier tables by {by} could not be laid out: a variable is not there" for by in one.missing]
        told = "; ".join(_said(puzzle.cells.keys[other]) for other in given)
        found.append(
            [*keys[cell], why, *interval, bool(far and known[cell]), told, method, "; ".join([*note, *unseen])]
        )
    return found


def _known(
    puzzle: Puzzle, known: np.ndarray, cell: int, open_: np.ndarray, rules: Rules
) -> tuple[np.ndarray, np.ndarray, str, list[str]]:
    """What is left open of one cell, the published cells that say so, by which method, and what to note."""
    if not known[cell]:
        people, mean = float(puzzle.cells.n[cell]), _mean(puzzle, cell)
        return np.array([people, people, mean, mean]), np.array([cell]), "shown", ["shown, and should not be"]
    size, nobody = unknowns(puzzle, known, cell), np.array([], int)
    if size > rules.limit:
        note = f"not solved: {size} unknowns, above the limit of {rules.limit}"
        return open_, nobody, "exchange", [note]
    found = attack(puzzle, known, cell, digits=rules.digits)
    if not found.solved:
        return open_, nobody, "exchange", ["not solved: the solver gave up"]
    return found.interval, found.given_by, "linear programme", []


def _mean(puzzle: Puzzle, cell: int) -> float:
    """The mean that is shown."""
    return float((puzzle.cells.member[[cell]] @ puzzle.mass @ puzzle.value)[0] / puzzle.total[cell])


def _said(key: tuple[str, str]) -> str:
    """A cell in words."""
    return f"{key[0]}: {key[1]}" if key[0] else "all"
