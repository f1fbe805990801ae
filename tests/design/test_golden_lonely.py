"""Every rule for lonely psus and domains, for means and totals: R's values, and the right ones where R 4.1 is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from tests.golden.reading import agree, data, golden, wide

TOLERANCE = 1e-10
RULES = {"remove": "remove", "certainty": "certainty", "centre": "adjust", "average": "average"}
"""Our names → R's options(survey.lonely.psu)."""
PAIR = ["b03", "b12", "b13", "b17"]


def frame(name: str) -> tuple[pd.DataFrame, dict[str, str], dict[str, pd.Series]]:
    """Rows, roles and domains of a design of lonely.R."""
    if name == "schools":
        schools = data("apiclus1")
        return schools, {"weight": "pw", "stratum": "dnum"}, {kind: schools["stype"] == kind for kind in "EMH"}
    bank = data("bank_customers").dropna(subset=["listened"])
    west, east = bank["region"] == "west", bank["region"] == "east"
    few = bank[~(west & (bank["branch"] != "b23")) & ~(east & (bank["branch"] != "b17"))]
    roles = {"weight": "weight", "stratum": "region", "psu": "branch", "fpc": "branches"}
    domains = {age: few["age"] == age for age in ("middle", "older")} | {"pair": few["branch"].isin(PAIR)}
    return few, roles, domains


@pytest.mark.parametrize("variant", ["keep", "apply"])
@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("name", ["bank", "schools"])
def test_lonely_psus_count_as_they_should(name: str, rule: str, variant: str) -> None:
    """Means and totals, of all and of domains that touch one psu of a stratum or none, have the error worked out by hand."""
    rows, roles, domains = frame(name)
    item = "listened" if name == "bank" else "api00"
    ours = {}
    for domain, inside in {"": None, **domains}.items():
        members = rows if inside is None else rows.assign(inside=np.where(inside, "yes", "no"))
        design = Design(members, **roles, lonely_psu=rule, lonely_domain=variant)
        for statistic in (estimate.mean, estimate.total):
            est = statistic(design, item, by=[] if inside is None else ["inside"])
            what = f"{statistic.__name__}.{RULES[rule]}.{variant}.right"
            ours[item, domain, what] = est.se[-1]
    theirs = golden("lonely", name)
    agree(theirs[theirs.index.isin(list(ours))], ours, rtol=TOLERANCE)
    assert (
        len(ours)
        == theirs.index.get_level_values("what").str.contains(f"{RULES[rule]}.{variant}.right", regex=False).sum()
    )


@pytest.mark.parametrize("name", ["bank", "schools"])
def test_only_totals_under_adjust_differ_from_r(name: str) -> None:
    """By hand and by R 4.1 are one but for totals under "adjust", which R up to 4.2 centres at 0."""
    theirs = wide("lonely", name)
    right = theirs[[what for what in theirs if what.endswith(".right")]].dropna()
    said = theirs[right.columns.str.replace(".right", ".se")].loc[right.index]
    apart = {
        what
        for what, one, other in zip(right, right.to_numpy().T, said.to_numpy().T, strict=True)
        if not np.allclose(one, other)
    }
    assert apart == {"total.adjust.keep.right", "total.adjust.apply.right"}


def test_the_printed_values_of_the_survey_package() -> None:
    """Its own tests of lonely psus (tests/lonely.psu.R): four means of schools, and the total that later versions mended."""
    printed = golden("lonely", "schools")["api00", "published"]
    rows, roles, _ = frame("schools")
    for rule, theirs in RULES.items():
        est = estimate.mean(Design(rows, **roles, lonely_psu=rule), "api00")
        np.testing.assert_allclose(est.se, printed[f"mean.{theirs}.keep.se"], atol=5.1e-5)
    five = golden("lonely", "five")
    people = pd.DataFrame(
        {column: [five[str(row), "", column] for row in range(1, 6)] for column in ("age", "weight", "stratum")}
    )
    design = {
        rule: Design(people, weight="weight", stratum="stratum", lonely_psu=rule) for rule in ("centre", "remove")
    }
    centre, remove = (estimate.total(design[rule], "age").variance[0] for rule in ("centre", "remove"))
    np.testing.assert_allclose(centre, five["age", "", "total.adjust.variance"], rtol=TOLERANCE)
    np.testing.assert_allclose(centre, five["age", "published", "total.adjust.variance"], atol=0.051)
    np.testing.assert_allclose(remove, five["age", "published", "total.remove.variance"], rtol=TOLERANCE)
