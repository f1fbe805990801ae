"""Rehearsal: simulate answers from a known truth, run the whole flow, and compare what it finds with what was planted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from symmetry import dissonance, fieldwork
from symmetry.analyse.collecting import collect
from symmetry.analyse.flow import run
from symmetry.analyse.plan import Plan
from symmetry.errors import SpecError

__all__ = ["Rehearsal", "rehearse"]


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """What rehearsals found: pairs, one row a mirrored pair; rates, how often verdicts and intervals erred, family by family."""

    pairs: pd.DataFrame
    rates: pd.DataFrame


def rehearse(plan: Plan, *, seed: int, times: int = 1, tell: Callable[[str], None] | None = None) -> Rehearsal:
    """Run a plan on simulated answers and say how well it finds the planted gaps.

    Parameters
    ----------
    plan : a plan whose data are a truth to simulate from.
    seed : of the first rehearsal; the k-th takes seed + k.
    times : how many rehearsals.

    Returns
    -------
    Rehearsal.  Its `pairs`, one row a mirrored pair and lawful reading: item, a, b, mirror, statistic, reading, smallest, truth
    (the population gap), estimate (mean over rehearsals), covered (share of intervals that hold the truth), dissonant, aligned,
    undetermined (shares of verdicts), and right (share of settled verdicts that agree with the truth: dissonant if
    |truth| ≥ smallest, else aligned; NaN where none settled).  Its `rates` are those of `dissonance.error_rates`, each with its
    Monte Carlo error and its promise.

    Raises
    ------
    SpecError : the plan has no truth to simulate from.
    """
    if plan.truth is None:
        raise SpecError(
            f"{plan.path}: this plan analyses real answers; there is no truth to rehearse with",
            mend="give a plan whose data say `simulate: truth.yaml` and `seed:`",
        )
    truth = fieldwork.expected(plan.study, plan.waves[0], fieldwork.read_truth(plan.truth, plan.study))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(times):
            if tell:
                tell(f"rehearsal {turn + 1} of {times}")
            again = replace(plan, seed=seed + turn, waves=plan.waves[:1], segments=(), unit=None)
            gaps = run(again, collect(again, Path(folder) / "responses")).tables["gaps"]
            found.append(_compared(gaps, truth).assign(rehearsal=turn))
    rows = pd.concat(found, ignore_index=True)
    family = rows["a"] + " - " + rows["b"] + ", " + rows["reading"]
    return Rehearsal(_summary(rows), dissonance.error_rates(rows.assign(family=family), level=plan.level))


def _compared(gaps: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Set overall gaps that carry a verdict beside the truth, read the same way."""
    rows = gaps[(gaps["by"] == "") & (gaps["mirror"] != "loose")].rename(columns={"estimate": "found"})
    planted = truth.rename(columns={"gap": "truth"})
    rows = rows.merge(planted, on=["item", "a", "b", "statistic"], validate="many_to_one")
    lawful = rows["reading"] == np.where(rows["mirror"] == "parallel", "relative", "absolute")
    family = rows[rows["reading"] == "absolute"].groupby(["a", "b", "statistic"])["truth"].mean().rename("usual")
    rows = rows.join(family, on=["a", "b", "statistic"])
    rows["truth"] = rows["truth"] - np.where(rows["reading"] == "relative", rows["usual"], 0.0)
    return rows[lawful]


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Average the rehearsals of each pair."""
    verdict = rows["verdict"].replace({"misjudged": "dissonant", "accurate": "aligned"})
    large = rows["truth"].abs() >= rows["smallest"]
    settled = verdict != "undetermined"
    right = (verdict == np.where(large, "dissonant", "aligned")).astype(float).where(settled)
    rows = rows.assign(
        covered=(rows["lower"] <= rows["truth"]) & (rows["truth"] <= rows["upper"]),
        dissonant=verdict == "dissonant",
        aligned=verdict == "aligned",
        undetermined=~settled,
        right=right,
    )
    keys = ["item", "a", "b", "mirror", "statistic", "reading", "smallest", "truth"]
    values = ["found", "covered", "dissonant", "aligned", "undetermined", "right"]
    return rows.groupby(keys, sort=False)[values].mean().reset_index().rename(columns={"found": "estimate"})
