"""Intervals of a proportion agree with svyciprop: mean, asin, xlogit, logit, beta, likelihood; Wilson by its formula."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from tests.golden.reading import agree, designs_in, golden, raked_customers, school_designs, wide

TOLERANCE = {"likelihood": 1e-9, "logit": 1e-9}
"""Relative, 1e-10 where nothing is said: R solves both by iteration, to 1e-14 and better."""
METHODS = ("mean", "asin", "xlogit", "logit", "beta", "likelihood", "wilson")
RIGHT = ("likelihood", "asin", "beta")
"""Where proportions.R works out by hand what R says only roughly or, now and then, wrongly; `test_where_r_slips` says where."""
EVENTS = {"met": "Yes", "no_ell": 0, "cholesterol": 1, "agree": 5, "kept": 5}
COLUMNS = {"no_ell": "ell"}
PAIRS = [(name, method) for name in designs_in("proportions") for method in METHODS
         if name != "jackknife" or method != "likelihood"]  # fmt: skip
"""R fits the model of "likelihood" on every replicate, which no interval of an estimate does."""
BY = {"cholesterol": "race", "kept": "age", "agree": None}


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of proportions.R."""
    found = school_designs()
    fitted = Design(raked_customers(), weight="fitted", stratum="region", psu="branch", fpc="branches")
    return found | {"jackknife": replicate(found["one_stage"], "jackknife", centre="mean"), "fitted": fitted}


def indicator(design: Design, event: str) -> Design:
    """The design with a column `v`: 1 where the event is, missing where the answer is."""
    column = design.data[COLUMNS.get(event, event)]
    v = (column == EVENTS[event]).astype(float).where(column.notna())
    if design.layout.replicates is not None:
        plain = school_designs()["one_stage"]
        return replicate(Design(plain.data.assign(v=v), weight="pw", psu="dnum", fpc="fpc"), "jackknife", centre="mean")
    roles = {role: getattr(design, role) for role in ("weight", "stratum", "psu", "fpc")}
    frame = design.data.copy()
    frame["v"] = v
    return Design(frame, **roles)


def tables(design: Design, event: str) -> list[tuple[str, estimate.Estimate]]:
    """Our shares of the event, of all and by domain."""
    by = BY.get(event, "stype")
    return [("", estimate.mean(design, "v"))] + ([(by, estimate.mean(design, "v", by=[by]))] if by else [])


def expected(name: str, event: str, what: str) -> pd.Series:
    """Both limits."""
    theirs = golden("proportions", name).loc[[event]]
    return theirs[theirs.index.get_level_values("what").isin([f"{what}.lower", f"{what}.upper"])]


@pytest.mark.parametrize(("name", "method"), PAIRS)
def test_intervals_agree_with_r(designs: dict[str, Design], name: str, method: str) -> None:
    """Both limits, overall and by domain, on designs of one stage and two, with fpc and without, calibrated and replicated."""
    ours = {}
    for event in golden("proportions", name).index.unique("item"):
        for by, est in tables(indicator(designs[name], event), event):
            lower, upper, _ = estimate.interval(est, method=method)
            what = f"{method}.right" if method in RIGHT else method
            for row in range(len(est)):
                key = (event, str(est.labels[by][row]) if by else "")
                ours |= {(*key, f"{what}.lower"): lower[row], (*key, f"{what}.upper"): upper[row]}
        agree(expected(name, event, what), ours, rtol=TOLERANCE.get(method, 1e-10))


def test_of_replicates_the_logit_interval_replicates_the_log_odds(designs: dict[str, Design]) -> None:
    """As in R, "logit" transforms every replicate and "xlogit" the error of the share, which is not far away."""
    est = estimate.mean(indicator(designs["jackknife"], "met"), "v")
    one, other = (np.ravel(estimate.interval(est, method=method)[:2]) for method in ("logit", "xlogit"))
    theirs = golden("proportions", "jackknife")["met", ""]
    np.testing.assert_allclose(other, theirs[["xlogit.lower", "xlogit.upper"]], rtol=1e-10)
    np.testing.assert_allclose(one, other, atol=1e-3)
    assert (one != other).all()


@pytest.mark.parametrize("name", designs_in("proportions"))
def test_where_r_slips(name: str) -> None:
    """R's "asin" is wrong where a limit would pass 0 or 1, its "beta" of calibrated designs, which keep rows at weight 0."""
    table = wide("proportions", name)
    for limit in ("lower", "upper"):
        inside = table[f"asin.right.{limit}"].between(0, 1, inclusive="neither")
        theirs, right = table[f"asin.{limit}"], table[f"asin.right.{limit}"]
        np.testing.assert_allclose(theirs[inside], right[inside], rtol=1e-10)
        assert not np.isclose(theirs[~inside], right[~inside], rtol=0, atol=1e-6).any()
        same = np.isclose(table[f"beta.{limit}"], table[f"beta.right.{limit}"], rtol=1e-10, atol=0)
        assert same.all() if name != "fitted" else not same.all()


@pytest.mark.parametrize("name", [name for name in designs_in("proportions") if name != "jackknife"])
def test_r_reads_its_likelihood_interval_off_a_spline(name: str) -> None:
    """R's "likelihood" is that of n (rows - 1)/rows effective answers, to the 5e-4 of its spline, and so wider than exact."""
    table = wide("proportions", name)
    for limit, wider in (("lower", -1), ("upper", 1)):
        theirs, dispersed, exact = (table[f"likelihood{kind}.{limit}"] for kind in ("", ".dispersed", ".right"))
        np.testing.assert_allclose(theirs, dispersed, atol=5e-4)
        assert (wider * (dispersed - exact) > 0).all()
