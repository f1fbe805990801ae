"""Cumulative models agree with svyolr: slopes, thresholds, errors, degrees of freedom, three links on five designs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design
from tests.golden.reading import data, golden, school_designs

SOLVED, LOOSE = 1e-7, 1e-4
"""The same equations solved in the script by differences; R's own optimiser stops sooner, and its curvature is coarser."""


def with_band(design: Design, **roles: str) -> Design:
    """The same design with performance in four bands, and the two percentages in tens."""
    frame = design.data
    band = pd.cut(frame["api00"], [-np.inf, 550, 650, 750, np.inf], labels=False)
    own = {role: getattr(design, role) for role in ("weight", "stratum", "psu", "fpc")}
    return Design(frame.assign(band=band + 1, ell=frame["ell"] / 10, meals=frame["meals"] / 10), **own | roles)


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of ordinal.R, under the same names."""
    found = {
        name: with_band(design) for name, design in school_designs().items() if name not in ("nhanes", "two_stage")
    }
    totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
    fitted = weights.calibrate(data("apiclus1"), totals, weight="pw", name="greg")
    return found | {"calibrated": with_band(Design(fitted, weight="greg", psu="dnum", fpc="fpc"))}


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
@pytest.mark.parametrize("name", ["srs", "stratified", "one_stage", "ultimate_cluster", "calibrated"])
def test_ordinal_models_agree_with_r(designs: dict[str, Design], name: str, link: str) -> None:
    """To seven digits with R's equations solved further, to four with what svyolr prints."""
    est, theirs = (
        estimate.ordinal(designs[name], "band ~ ell + meals", link=link).estimate,
        golden("ordinal", name)[link],
    )
    for row, term in enumerate(est.labels["item"]):
        np.testing.assert_allclose(est.values[row], theirs[term, "value"], rtol=SOLVED)
        np.testing.assert_allclose(est.se[row], theirs[term, "se"], rtol=SOLVED)
        np.testing.assert_allclose(est.values[row], theirs[term, "value.loose"], rtol=LOOSE)
        np.testing.assert_allclose(est.se[row], theirs[term, "se.loose"], rtol=LOOSE)
    assert [theirs["", "df"]] * len(est) == est.df.tolist()
