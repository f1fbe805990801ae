"""Golden values and the data behind them, as `make.sh` wrote them from R; tests need no R."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from symmetry import weights
from symmetry.design import Design, stack

__all__ = [
    "BANK_MARGINS",
    "STAFF_MARGINS",
    "agree",
    "bank_stacked",
    "data",
    "designs_in",
    "golden",
    "raked_customers",
    "sample_designs",
    "school_designs",
    "wide",
]

HERE = Path(__file__).resolve().parent
BANK_MARGINS = {
    "region": {"east": 0.22, "north": 0.38, "south": 0.30, "west": 0.10},
    "channel": {"branch": 0.55, "phone": 0.45},
}
STAFF_MARGINS = {"region": {"east": 0.18, "north": 0.42, "south": 0.31, "west": 0.09}}
BANK = {"stratum": "region", "psu": "branch", "fpc": "branches"}


def data(name: str) -> pd.DataFrame:
    """A table of `golden/data`, numbers as R wrote them."""
    return pd.read_csv(HERE / "data" / f"{name}.csv", comment="#")


@cache
def _read(topic: str) -> pd.Series:
    table = pd.read_csv(HERE / f"{topic}.csv", comment="#", keep_default_na=False)
    values = table.set_index(["design", "item", "domain", "what"])["value"].astype(float).sort_index()
    assert values.index.is_unique
    return values


def golden(topic: str, design: str) -> pd.Series:
    """R's values of a topic and design, by (item, domain, what)."""
    return _read(topic).loc[design]


def wide(topic: str, design: str) -> pd.DataFrame:
    """R's values of a topic and design, a row for each item and domain, a column for each thing told of it."""
    rows = golden(topic, design).rename("value").reset_index()
    return rows.pivot_table(index=["item", "domain"], columns="what", values="value")


def designs_in(topic: str) -> list[str]:
    """Names of the designs of a topic."""
    return list(_read(topic).index.unique("design"))


def agree(theirs: pd.Series, ours: Mapping[tuple[str, str, str], float], *, rtol: float, atol: float = 0.0) -> None:
    """Every golden value has a number of ours, and these agree; the three worst that do not are shown."""
    missing = [key for key in theirs.index if key not in ours]
    assert not missing, missing[:5]
    found = pd.DataFrame({"theirs": theirs, "ours": [ours[key] for key in theirs.index]})
    wrong = ~np.isclose(found["ours"], found["theirs"], rtol=rtol, atol=atol)
    apart = found.assign(relative=(found["ours"] / found["theirs"] - 1).abs())[wrong].nlargest(3, "relative")
    assert not wrong.any(), f"{wrong.sum()} of {len(wrong)} values\n{apart}"


def raked_customers(start: str | None = "weight") -> pd.DataFrame:
    """The bank's customers, with weights in `fitted` raked to region and channel."""
    return weights.rake(data("bank_customers"), BANK_MARGINS, weight=start, name="fitted")


def sample_designs() -> dict[str, Design]:
    """The designs of means.R, under the same names."""
    customers = data("bank_customers")
    return {
        "srs": Design(data("apisrs"), fpc="fpc"),
        "stratified": Design(data("apistrat"), weight="pw", stratum="stype", fpc="fpc"),
        "weights_alone": Design(data("apistrat"), weight="pw"),
        "one_stage": Design(data("apiclus1"), weight="pw", psu="dnum", fpc="fpc"),
        "ultimate_cluster": Design(data("apiclus2"), weight="pw", psu="dnum"),
        "bank": Design(customers, weight="weight", **BANK),
        "bank_no_fpc": Design(customers, weight="weight", stratum="region", psu="branch"),
        "bank_raked": Design(raked_customers(), weight="fitted", **BANK),
        "bank_raked_alone": Design(raked_customers(None), weight="fitted"),
    }


def school_designs() -> dict[str, Design]:
    """The designs of `schools()` in common.R, under the same names."""
    strata, one, two = data("apistrat"), data("apiclus1"), data("apiclus2")
    return {
        "srs": Design(data("apisrs"), fpc="fpc"),
        "stratified": Design(strata, weight="pw", stratum="stype", fpc="fpc"),
        "one_stage": Design(one, weight="pw", psu="dnum", fpc="fpc"),
        "two_stage": Design(two, psu=["dnum", "snum"], fpc=["fpc1", "fpc2"]),
        "ultimate_cluster": Design(two, weight="pw", psu="dnum"),
        "nhanes": Design(data("nhanes"), weight="weight", stratum="stratum", psu="psu"),
    }


def bank_stacked() -> dict[str, Design]:
    """The stacked designs of gaps.R, under the same names."""
    customers, employees = data("bank_customers"), data("bank_employees")

    def both(units: str = "shared", weight: str = "weight", c: pd.DataFrame = customers, e: pd.DataFrame = employees,
             **roles: str) -> Design:  # fmt: skip
        sides = {"customers": Design(c, weight=weight, **roles), "employees": Design(e, weight=weight, **roles)}
        return stack(sides, units=units)

    staff = weights.rake(employees, STAFF_MARGINS, weight="weight", name="fitted")
    return {
        "shared": both(**BANK),
        "shared_no_fpc": both(stratum="region", psu="branch"),
        "apart": both("apart", **BANK),
        "persons": both(stratum="region"),
        "raked": both(weight="fitted", c=raked_customers(), e=staff, **BANK),
    }
