"""Plans: how replicates are made of the psus of a layout, so that they can be made again on another (a stack, a recipe)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from symmetry.design.bootstrapping import bootstrap, canty_davison
from symmetry.design.factors import Factors, half_samples, jackknife, successive_differences
from symmetry.errors import DesignError

if TYPE_CHECKING:
    from symmetry.design.layout import Layout

__all__ = ["Centre", "Method", "Plan", "factors_of", "not_seen"]

Method = Literal["bootstrap", "canty_davison", "jackknife", "brr", "fay", "sdr"]
Centre = Literal["estimate", "mean"]
_SIZE = 500


@dataclass(frozen=True)
class Plan:
    """How replicates are made; see `replicate`.  automatic : nobody asked for them, the recipe of the weights does."""

    method: Method = "bootstrap"
    replicates: int | None = None
    seed: int = 0
    weighting: Literal["replayed", "fixed"] = "replayed"
    centre: Centre = "estimate"
    rho: float = 0.5
    draws: int | None = None
    uneven: Literal["fail", "split", "merge"] = "split"
    automatic: bool = False


def factors_of(layout: Layout, plan: Plan, lonely_psu: str) -> Factors:
    """Factors of the psus under a plan, lonely strata treated as the design says."""
    stratum, population, rng = layout.stratum, layout.population, np.random.default_rng(plan.seed)
    lonely = layout.stages[0].lonely
    if lonely.any() and lonely_psu == "fail":
        names = ", ".join(repr(label) for label in layout.strata[lonely][:5])
        raise DesignError(
            f"{int(lonely.sum())} strata have one psu: {names}{' …' if lonely.sum() > 5 else ''}",
            mend='merge each with a neighbour, or choose lonely_psu="remove", "certainty", "centre" or "average"',
        )
    if plan.method == "jackknife":
        rules: dict[str, Literal["delete", "average"]] = {"centre": "delete", "average": "average"}
        return jackknife(stratum, population, lonely=rules.get(lonely_psu, "keep"))
    if lonely.any() and lonely_psu == "centre":
        raise DesignError(
            f'lonely_psu="centre" says nothing of {plan.method} replicates',
            mend='choose "remove" or "average", or a jackknife',
        )
    if plan.method in ("brr", "fay"):
        rho = plan.rho if plan.method == "fay" else 0.0
        return half_samples(stratum, rho=rho, replicates=plan.replicates, uneven=plan.uneven)
    size = _SIZE if plan.replicates is None else plan.replicates
    if plan.method == "bootstrap":
        made = bootstrap(stratum, population, size, rng, draws=plan.draws)
    elif plan.method == "canty_davison":
        made = canty_davison(stratum, population, size, rng)
    else:
        order = np.full(len(stratum), len(layout.psu))
        np.minimum.at(order, layout.psu, np.arange(len(layout.psu)))
        made = successive_differences(stratum, population, order, replicates=plan.replicates)
    if lonely.all():
        raise DesignError("every stratum has one psu: there is no other to vary", mend="merge strata")
    average = len(lonely) / (~lonely).sum() if lonely_psu == "average" else 1.0
    return replace(made, scale=made.scale * float(average))


def not_seen(layout: Layout, plan: Plan) -> str:
    """What replicates of first-stage units do not see."""
    finite = np.isfinite(layout.population).any()
    if plan.method in ("brr", "fay") and finite:
        return "half samples leave the fpc out"
    if len(layout.stages) > 1:
        return (
            "replicates are of first-stage units: what later stages add on account of the first stage's fpc is left out"
        )
    return ""
