"""Two audiences and the columns in which each answers the same drivers and the same outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from symmetry.design import Design, design_of, stack
from symmetry.drivers.covariances import check_columns, complete
from symmetry.drivers.nouns import Moments
from symmetry.errors import DesignError

__all__ = ["FEWEST", "Mirrors", "Named", "both_sides", "mirrors_of", "rows_of"]

Named = str | tuple[str, str]
FEWEST = 30


@dataclass(frozen=True)
class Mirrors:
    """What two audiences are asked alike.

    names (2,) of the audiences.  items : the q drivers and controls, each by one name for both.  columns (2, q) in which an
    audience answers them; outcome (2,) that of the outcome.  always : items that are controls.
    """

    names: tuple[str, str]
    items: tuple[str, ...]
    columns: tuple[tuple[str, ...], tuple[str, ...]]
    outcome: tuple[str, str]
    always: tuple[str, ...]

    def all_of(self, side: int) -> list[str]:
        """Columns of one audience, the outcome last."""
        return [*self.columns[side], self.outcome[side]]


def mirrors_of(
    designs: Mapping[str, Design],
    outcome: Named,
    predictors: Sequence[Named] | Mapping[str, Named],
    always: str | Sequence[Named],
) -> Mirrors:
    """Columns of both audiences, matched.

    Parameters
    ----------
    designs : audience → design, exactly two.
    outcome : a column of both, or the pair of columns.
    predictors : each a column of both or a pair, called by its first column; or a mapping from what each is to be called.
    always : the same for controls.

    Raises
    ------
    DesignError : not two audiences, a driver twice or the outcome, no pair, or a column that an audience does not have.
    """
    if not isinstance(designs, Mapping) or len(designs) != 2:
        raise DesignError(
            "priorities are compared between two audiences", mend='give {"customers": design, "employees": other}'
        )
    controls = [always] if isinstance(always, str) else list(always)
    drivers = dict(predictors) if isinstance(predictors, Mapping) else {}
    listed = [*drivers.values()] if drivers else [predictors] if isinstance(predictors, str) else list(predictors)
    pairs = [_pair(one) for one in [*listed, *controls]]
    called = [*(drivers or [_pair(one)[0] for one in listed]), *(_pair(one)[0] for one in controls)]
    ends = _pair(outcome)
    for side in (0, 1):
        check_columns(ends[side], [pair[side] for pair in pairs], least=2 + len(controls))
    check_columns("", called)
    first, second = designs
    for name, side in ((first, 0), (second, 1)):
        known = design_of(designs[name]).data.columns
        absent = [column for column in (*(pair[side] for pair in pairs), ends[side]) if column not in known]
        if absent:
            raise DesignError(
                f"{name} have no column `{absent[0]}`",
                mend='name a driver in the columns of both audiences, ("theirs", "ours"), or leave it out: it has no mirror',
            )
    return Mirrors(
        (first, second),
        tuple(called),
        (tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)),
        ends,
        tuple(called[len(called) - len(controls) :]) if controls else (),
    )


def both_sides(
    designs: Mapping[str, Design], mirrors: Mirrors, units: Literal["shared", "apart"] = "shared"
) -> tuple[Design, tuple[Moments, Moments]]:
    """The stacked design, and the moments of each audience in it, so that what units they share is known to all errors.

    Raises
    ------
    DesignError : an audience is too small, or its drivers do not bear a regression; it says which.  A design with joint
        probabilities or two phases, whose error no stack of audiences can tell.
    """
    for name, design in designs.items():
        if design_of(design).layout.form is not None:
            raise DesignError(
                f"{name}: a design with joint probabilities or two phases has no common error with another audience's",
                mend="give its weight, strata and psus alone, Design(frame, weight=…, stratum=…, psu=…) or probability= without "
                "joint=, psus then being taken as drawn with replacement; or read each audience alone: importance_map(design, …)",
            )
    both = stack(designs, units=units)
    one, other = (_moments(both, mirrors, side) for side in (0, 1))
    return both, (one, other)


def _moments(both: Design, mirrors: Mirrors, side: int) -> Moments:
    """Moments of one audience in the stack."""
    who = mirrors.names[side]
    try:
        found = complete(both, mirrors.all_of(side), within=both.layout.part == side)
    except DesignError as error:
        (problem,) = error.problems
        raise DesignError(f"{who}: {problem.what}", mend=problem.mend) from error
    if found.n < max(FEWEST, len(found.names) + 1):
        raise DesignError(
            f"{who}: {found.n} respondents answered every driver and the outcome, too few to tell their priorities",
            mend=f"compare audiences of {FEWEST} complete answers or more, or fewer drivers",
        )
    few = f"{who}: fewer than ten complete answers for each driver" if found.n < 10 * len(mirrors.items) else ""
    note = "; ".join(filter(None, [f"{who}: {found.note}" if found.note else "", few]))
    return replace(found, note=note)


def _pair(name: Named) -> tuple[str, str]:
    """The columns of both audiences."""
    if isinstance(name, str):
        return name, name
    if isinstance(name, (tuple, list)) and len(name) == 2 and all(isinstance(one, str) for one in name):
        return name[0], name[1]
    raise DesignError(
        f"{name!r} names no driver of two audiences", mend='give a column of both, or the pair ("theirs", "ours")'
    )


def rows_of(both: Design, side: int) -> np.ndarray:
    """Which rows of the stack are of one audience (n,)."""
    return np.asarray(both.layout.part == side)
