"""A planned sample as a frame: a row an audience, and one for the difference of two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from symmetry.design.planning.claims import Claim, Outlook
from symmetry.design.planning.planned import Side

__all__ = ["told"]

_COLUMNS = [
    "statistic", "audience", "se", "margin", "df", "deff", "n", "n_eff", "invited", "psus", "per_psu", "power", "note",
]  # fmt: skip


def told(sides: Sequence[Side], claim: Claim) -> pd.DataFrame:
    """A row for each settled side, and one for the difference of two; the columns of `symmetry.design.power`."""
    rows = [_row(side, claim.alone(side)) for side in sides]
    found = claim.outlook(sides)
    if len(sides) == 2:
        for row in rows if claim.made else ():
            row["note"] = "; ".join(filter(None, ["the claim is on the difference", row["note"]]))
        rows.append(_between(rows, found, shared=claim.sharing == "units"))
    rows[-1]["power"] = found.power
    if claim.sharing == "persons":
        rows[0]["statistic"] = "difference"
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table if claim.made else table.drop(columns="power")


def _between(rows: Sequence[dict[str, Any]], found: Outlook, *, shared: bool) -> dict[str, Any]:
    """The row of a difference; shared psus are counted once."""
    one, other = rows
    n, psus = one["n"] + other["n"], max(one["psus"], other["psus"]) if shared else one["psus"] + other["psus"]
    return {
        "statistic": "difference",
        "audience": f"{one['audience']} - {other['audience']}",
        **_facts(found),
        "deff": math.nan,
        "n": n,
        "n_eff": math.nan,
        "invited": one["invited"] + other["invited"],
        "psus": psus,
        "per_psu": n / psus,
        "note": _reason(found),
    }


def _row(side: Side, found: Outlook) -> dict[str, Any]:
    """What is told of one side."""
    simple = side.sd**2 / side.answers
    deff = side.variance() / simple if simple > 0 else math.nan
    invited = math.ceil(side.answers / side.response - 1e-9)
    notes = [_reason(found)]
    if invited > side.population:
        notes.append(f"{invited} invitations for {side.population:g} persons: too few would answer")
    if side.icc is not None and math.isfinite(side.population) and math.isinf(side.population_psus):
        notes.append("no finite population correction: the psus in the population are not counted")
    return {
        "statistic": "mean" if side.share is None else "share",
        "audience": side.name,
        **_facts(found),
        "deff": deff,
        "n": round(side.answers),
        "n_eff": side.answers / deff if deff > 0 else side.answers,
        "invited": invited,
        "psus": round(side.units),
        "per_psu": side.answers / side.units,
        "power": math.nan,
        "note": "; ".join(filter(None, notes)),
    }


def _facts(found: Outlook) -> dict[str, float]:
    """Error, margin and degrees of freedom as columns."""
    return {"se": found.se, "margin": found.margin, "df": found.df}


def _reason(found: Outlook) -> str:
    """Why there is no margin."""
    return "no degrees of freedom" if math.isnan(found.margin) else ""
