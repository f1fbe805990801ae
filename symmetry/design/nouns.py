"""Design: answers with the facts inference needs, weight, stratum, psu, fpc or probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design.coding import names_of
from symmetry.design.laying import lay_out
from symmetry.design.layout import Layout
from symmetry.design.probability import HartleyRao
from symmetry.errors import DesignError

__all__ = ["Design", "LonelyPsu"]

LonelyPsu = Literal["fail", "remove", "certainty", "centre", "average"]
LonelyDomain = Literal["keep", "apply"]
Pps = Literal["yates_grundy", "horvitz_thompson"]


@dataclass(frozen=True, eq=False)
class Design:
    """A sample ready for inference.

    Parameters
    ----------
    data : one row a respondent: a pandas frame, or any frame with `to_pandas()` (polars, pyarrow).  What is done to the frame
        afterwards does not reach the design, and the design's own `data` are not to be changed: make another design.
    weight : column of weights, none missing or negative; without it they follow from `fpc` (the product over stages of
        population over sample) or from `probability`, and without these they are 1.
    stratum : column of strata, or one a stage; none means one stratum.
    psu : column of primary sampling units, or one column a stage; none means that each row is one.  A label used in two strata is
        two psus.
    fpc : column with the number of units in the population of the row's stratum, or one column a stage (the number of units of
        that stage in the row's unit of the stage above).  A count, never a fraction.  Stages without fpc add nothing of their own
        to a variance: without any, the first stage says it all (the ultimate-cluster formula).
    probability : column of inclusion probabilities of the units of a single stage.
    joint : what is known of joint probabilities: None (drawn as if with replacement), "brewer", "overton", "hartley_rao",
        `HartleyRao(squares=…)`, "poisson" (drawn independently), or the (P, P) matrix of joint inclusion probabilities of the
        psus in the order in which the rows first name them.
    pps : formula used with joint probabilities, "yates_grundy" (samples of fixed size) or "horvitz_thompson".
    lonely_psu : what a stratum with one psu adds to a variance: "fail" refuses, "remove" and "certainty" nothing, "centre" its
        squared distance to the mean of all psu totals, "average" the mean of the other strata.
    lonely_domain : "keep" treats a domain that touches one psu of a larger stratum as any other (its other psus hold zeros);
        "apply" gives these strata the treatment of `lonely_psu` ("centre" or "average") too.

    given : the layout of a stacked, replicated or two-phase design, which the verbs that make these hand over; for them alone.

    Raises
    ------
    DesignError : a column is absent, a weight is missing, negative or not a number, a role is missing on a row, an fpc varies
        inside a stratum or is smaller than the sample, a probability is not above 0 and at most 1.

    Notes
    -----
    R twin: ``svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~fpc, data = data, nest = TRUE)``

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2], "weight": [2.0, 1.0, 1.0, 1.0], "trust": [5, 4, 3, 2]})
    >>> Design(answers, weight="weight", psu="branch")
    Design: 4 rows, 2 psus in 1 stratum; weight `weight`, psu `branch`
    """

    data: pd.DataFrame
    weight: str | None = field(default=None, kw_only=True)
    stratum: str | Sequence[str] | None = field(default=None, kw_only=True)
    psu: str | Sequence[str] | None = field(default=None, kw_only=True)
    fpc: str | Sequence[str] | None = field(default=None, kw_only=True)
    probability: str | None = field(default=None, kw_only=True)
    joint: str | HartleyRao | np.ndarray | None = field(default=None, kw_only=True)
    pps: Pps = field(default="yates_grundy", kw_only=True)
    lonely_psu: LonelyPsu = field(default="fail", kw_only=True)
    lonely_domain: LonelyDomain = field(default="keep", kw_only=True)
    given: Layout | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for role, known in (
            ("lonely_psu", get_args(LonelyPsu)),
            ("lonely_domain", get_args(LonelyDomain)),
            ("pps", get_args(Pps)),
        ):
            if getattr(self, role) not in known:
                raise DesignError(f"{role}={getattr(self, role)!r} is unknown", mend=f"one of {known}")
        for role, most in (("weight", 1), ("probability", 1), ("stratum", 9), ("psu", 9), ("fpc", 9)):
            names = getattr(self, role)
            if not (names is None or isinstance(names, str) or (most > 1 and _are_texts(names))):
                raise DesignError(
                    f"the {role} is named by text, and a {type(names).__name__} was given",
                    mend=f'name a column of the frame: {role}="…"'
                    + ("" if most == 1 else ", or one a stage in a list"),
                )
        if self.weight is not None and self.probability is not None and self.joint is None:
            raise DesignError(
                "with a weight, probabilities serve only with joint probabilities",
                mend="leave one out, or say what is known of joint probabilities with joint=",
            )
        object.__setattr__(self, "data", _frame(self.data))
        len(self.layout.weight)

    @cached_property
    def layout(self) -> Layout:
        """The arrays behind the design, worked out once (a stacked design is given them)."""
        return self.given or lay_out(self)

    @cached_property
    def element(self) -> bool:
        """Whether sums by stratum are all that a variance needs: see `Layout.element`.

        Lonely psus that add nothing need no more: the square of one less that of its mean is nothing.
        """
        lonely = self.lonely_psu not in ("remove", "certainty") and bool(self.layout.stages[0].lonely.any())
        return self.layout.element and not lonely and self.lonely_domain == "keep"

    @cached_property
    def memory(self) -> dict[Any, Any]:
        """What was worked out once for this design and serves again (the cells of its domains)."""
        return {}

    def __repr__(self) -> str:
        layout = self.layout
        roles = [
            f"{role} {' within '.join(f'`{name}`' for name in reversed(names))}"
            for role in ("weight", "stratum", "psu", "fpc", "probability")
            if (names := names_of(getattr(self, role)))
        ]
        strata = f"{len(layout.strata)} strat{'um' if len(layout.strata) == 1 else 'a'}"
        audiences = f"; {' and '.join(layout.parts)}" if len(layout.parts) > 1 else ""
        told = "".join(f"\n  {note}" for note in (*layout.notes, *filter(None, [layout.warning])))
        supplied = layout.replicates is not None and layout.replicates.plan is None
        head = f"Design: {len(self.data)} rows" + ("" if supplied else f", {len(layout.psus)} psus in {strata}")
        return f"{head}{'; ' if roles else ''}{', '.join(roles)}{audiences}{told}"


def _are_texts(names: object) -> bool:
    """Whether these are several names."""
    return isinstance(names, Sequence) and all(isinstance(name, str) for name in names)


def _frame(data: object) -> pd.DataFrame:
    """Take a frame as pandas, without its later changes."""
    if not isinstance(data, pd.DataFrame) and hasattr(data, "to_pandas"):
        data = data.to_pandas()
    if not isinstance(data, pd.DataFrame):
        raise DesignError(
            f"a design is made of a frame, and a {type(data).__name__} was given",
            mend="hand in a pandas or polars frame",
        )
    twice = data.columns[data.columns.duplicated()]
    if len(twice):
        raise DesignError(
            f"the frame has several columns called `{twice[0]}`", mend="give each column a name of its own"
        )
    return data.copy(deep=False)
