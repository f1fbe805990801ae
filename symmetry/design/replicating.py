"""Replicates: a design whose variances come from the same statistic made again with other weights.

    V = scale · Σ_r rscales_r (θ_r - c)²,   c the estimate, or the mean of the θ_r

A replicate reweights *units*, never rows: psus, or psu × recipe cell where the weighting is made again on every replicate,
or rows where nothing else is true (a recipe that trims or uses numbers; replicate weights that were supplied).  The sums of
a statistic over these units, times the factors, are its sums in every replicate: one matrix product
(`symmetry.design.resumming`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from symmetry.design.coding import design_of
from symmetry.design.plans import Centre, Method, Plan, factors_of, not_seen
from symmetry.design.weighting import Weighting, reweigh
from symmetry.errors import DesignError

if TYPE_CHECKING:
    from symmetry.design.layout import Layout
    from symmetry.design.nouns import Design

__all__ = [
    "Replicates",
    "automatic",
    "common_plan",
    "replicate",
    "with_replicates",
    "without_replicates",
]

_FEW = 200  # psus a recipe is replayed on one by one; beyond it, a bootstrap


@dataclass(frozen=True, eq=False)
class Replicates:
    """R replicate weights of n rows, compressed: row i weighs start_i · factor(replicate)[unit_i].

    unit (n,) number of each row's unit; psu (V,) number of each unit's psu; start (n,) what factors multiply; full (V,)
    factor of the weights themselves; factor : slice of replicates → (V, r).  size R; scale; rscales (R,); centre : of the
    squares; df : degrees of freedom, None for psus minus strata of what holds answers (never above R - 1); method : in
    words.  step : replicates that suit one call of `factor`.  sums : a shorter road from (V, k) sums over units to those of
    a slice of replicates (r, k), if there is one.
    across : slice of units → (v, R), where the factors of some units in all replicates are as easy to have.
    random : whether replicates are draws, so that one may be left out.
    plan : how to make them again, None for supplied weights.
    """

    unit: np.ndarray
    psu: np.ndarray
    start: np.ndarray
    full: np.ndarray
    factor: Callable[[slice], np.ndarray]
    size: int
    scale: float
    rscales: np.ndarray
    centre: Centre = "estimate"
    df: float | None = None
    method: str = ""
    step: int = 64
    sums: Callable[[np.ndarray], Callable[[slice], np.ndarray]] | None = None
    across: Callable[[slice], np.ndarray] | None = None
    random: bool = False
    plan: Plan | None = None

    @property
    def units(self) -> int:
        """Number of units V."""
        return len(self.full)

    def blocks(self) -> Iterator[slice]:
        """All replicates, a bearable number at a time."""
        for start in range(0, self.size, self.step):
            yield slice(start, min(start + self.step, self.size))

    def weights(self, block: slice) -> np.ndarray:
        """Weights of some replicates, (n, r)."""
        return np.asarray(self.start[:, None] * self.factor(block)[self.unit])


def replicate(
    design: Design,
    method: Method = "bootstrap",
    *,
    replicates: int | None = None,
    seed: int = 0,
    weighting: Literal["replayed", "fixed"] = "replayed",
    centre: Centre = "estimate",
    rho: float | None = None,
    draws: int | None = None,
    uneven: Literal["fail", "split", "merge"] | None = None,
) -> Design:
    """Give a design replicates, which its variances then come from.

    Parameters
    ----------
    design : any design of strata and psus; of several stages, the first is replicated (and the design says so).
    method : "bootstrap", Rao and Wu's rescaled one; "canty_davison"; "jackknife", a psu left out at a time; "brr", balanced
        half samples of two psus a stratum; "fay", the same with `rho`; "sdr", successive differences in the order of the rows.
    replicates : how many: 500 bootstraps unless told; for "brr", "fay" and "sdr" the least number.  A jackknife has one a psu.
    seed : of the bootstraps; psus are drawn in the order of their labels, whatever the order of the rows.
    weighting : "replayed": weights that `rake`, `calibrate` or a recipe made are made again on every replicate; "fixed" :
        they are taken as given.
    centre : squares around the "estimate" or around the "mean" of the replicates.
    rho : what Fay's method leaves to the lighter half; 0.5 unless told.
    draws : psus drawn in each stratum by "bootstrap"; none for one fewer than it has.
    uneven : "brr" and "fay" with more than two psus in a stratum: "fail", "split" an even number into pairs, "merge" into
        halves; "split" unless told.

    Returns
    -------
    Design with the same rows and weights.

    Raises
    ------
    DesignError : the method does not fit the strata; a stratum has one psu under `lonely_psu="fail"`; the design has joint
        probabilities, two phases or replicates already.

    Notes
    -----
    R twins: ``as.svrepdesign(design, type = "subbootstrap" | "bootstrap" | "JKn" | "JK1" | "BRR" | "Fay", mse = TRUE)``, then
    ``calibrate`` or ``rake`` where weights are replayed.  R centres on the mean unless ``mse = TRUE``.  Formulas are in
    `symmetry.design.factors` and `symmetry.design.bootstrapping`.

    Examples
    --------
    >>> import pandas as pd
    >>> from symmetry.design.nouns import Design
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "trust": [5, 4, 3, 2, 4, 1]})
    >>> replicate(Design(answers, psu="branch"), "jackknife")
    Design: 6 rows, 3 psus in 1 stratum; psu `branch`
      variances from 3 jackknife replicates
    """
    design = design_of(design)
    if method not in get_args(Method):
        raise DesignError(f"no replicates are called {method!r}", mend=f"one of {get_args(Method)}")
    for name, value, known in (("centre", centre, get_args(Centre)), ("weighting", weighting, ("replayed", "fixed"))):
        if value not in known:
            raise DesignError(f"{name}={value!r} is unknown", mend=f"one of {known}")
    if design.layout.form is not None:
        raise DesignError(
            "joint probabilities and two phases are not replicated by psu",
            mend="supply replicate weights to `replicated`",
        )
    if design.layout.replicates is not None and design.layout.replicates.plan is None:
        raise DesignError(
            "the design was supplied with replicate weights", mend="make a design without them to replicate it"
        )
    _refuse_idle(method, replicates=replicates, seed=seed, rho=rho, draws=draws, uneven=uneven)
    plan = Plan(method, replicates, seed, weighting, centre, 0.5 if rho is None else rho, draws, uneven or "split")
    return replace(design, given=with_replicates(design.layout, plan, design.lonely_psu))


def _refuse_idle(method: str, **options: object) -> None:
    """Refuse options that are no whole numbers where they must be, and those the method does not take."""
    for name in ("replicates", "seed", "draws"):
        value = options[name]
        if value is not None and (not isinstance(value, (int, np.integer)) or value < (0 if name == "seed" else 1)):
            raise DesignError(f"{name}={value!r} is no count", mend="give a whole number")
    takes = {
        "rho": method == "fay",
        "draws": method == "bootstrap",
        "uneven": method in ("brr", "fay"),
    }
    for name, taken in takes.items():
        if options[name] is not None and not taken:
            raise DesignError(f"{method!r} takes no {name}", mend=f"leave out {name}={options[name]!r}")


def automatic(layout: Layout) -> Plan:
    """Replicates that a recipe of several steps takes: a jackknife of up to 200 psus, else 500 bootstraps."""
    few = len(layout.psus) <= _FEW
    return Plan("jackknife" if few else "bootstrap", automatic=True)


def with_replicates(layout: Layout, plan: Plan, lonely_psu: str) -> Layout:
    """Lay out a design anew with the replicates of a plan."""
    made = factors_of(layout, plan, lonely_psu)
    played: tuple[Weighting, ...] = layout.weighting if plan.weighting == "replayed" else ()
    random = plan.method in ("bootstrap", "canty_davison")
    words = {
        "brr": "balanced half-sample",
        "fay": "Fay",
        "sdr": "successive-difference",
        "canty_davison": "Canty–Davison bootstrap",
    }
    text = f"{made.size} {words.get(plan.method, plan.method)} replicates" + (f" (seed {plan.seed})" if random else "")
    unit, psu, start, full, factor, step = reweigh(layout, made, played, random=random)
    found = Replicates(
        unit=unit,
        psu=psu,
        start=start,
        full=full,
        factor=factor,
        size=made.size,
        scale=made.scale,
        rscales=made.rscales,
        centre=plan.centre,
        method=text,
        step=step,
        sums=None if played else made.sums,
        random=random,
        plan=plan,
    )
    said = f"variances from {text}" + (", the weighting made again on each" if played else "")
    if plan.automatic:
        said += ", as no single calibration made the weights"
    bare = without_replicates(layout)
    warning = "; ".join(filter(None, [bare.warning, not_seen(layout, plan)]))
    return replace(bare, fitted=None, replicates=found, notes=(*bare.notes, said), warning=warning)


def without_replicates(layout: Layout) -> Layout:
    """The layout as it was before replicates were made, what they said gone with them."""
    made = layout.replicates
    if made is None or made.plan is None:
        return layout
    left_out = not_seen(layout, made.plan)
    return replace(
        layout,
        replicates=None,
        notes=tuple(note for note in layout.notes if not note.startswith(f"variances from {made.method}")),
        warning="; ".join(part for part in layout.warning.split("; ") if part != left_out),
    )


def common_plan(layouts: Sequence[Layout], together: Layout) -> Plan | None:
    """The plan that replicates several layouts laid out together, None where none of them is replicated.

    Raises
    ------
    DesignError : replicates were supplied to one, or asked for differently.
    """
    found = [layout.replicates for layout in layouts if layout.replicates is not None]
    if not found:
        return None
    plans = [made.plan for made in found]
    asked = {plan for plan in plans if plan is not None and not plan.automatic}
    if None in plans or len(asked) > 1:
        raise DesignError(
            "the audiences have replicates that differ, or that were supplied",
            mend="stack designs without replicates, then replicate the stack",
        )
    return asked.pop() if asked else automatic(together)
