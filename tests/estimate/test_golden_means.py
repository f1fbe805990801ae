"""Means, totals, shares, ratios, variances, correlations and distributions agree with R, with missing answers and by domain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from tests.golden.reading import agree, designs_in, golden, school_designs

TOLERANCE = 1e-10
"""Relative; closed forms on both sides.  A share or a value of the distribution of exactly 0 or 1 has error 0 within `ZERO`."""
ZERO = 1e-12
SHARES = {"nhanes": ["cholesterol", "race"]}
AT = [400, 555, 650.5, 800]


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The samples of schools and the survey of cholesterol."""
    return school_designs()


def of(name: str, kinds: tuple[str, ...]) -> pd.Series:
    """Golden values of some statistics."""
    theirs = golden("estimators", name)
    return theirs[theirs.index.get_level_values("what").str.split(".").str[0].isin(kinds)]


def collected(tables: list[tuple[str, pd.DataFrame]], by: str) -> dict[tuple[str, str, str], float]:
    """Values and errors of our tables, under R's names."""
    ours = {}
    for statistic, table in tables:
        for row in table.to_dict("records"):
            key = (row["item"].replace(" / ", "/").replace(" × ", "*"), str(row.get(by, "")))
            ours |= {(*key, f"{statistic}.value"): row["estimate"], (*key, f"{statistic}.se"): row["se"]}
            ours |= {(*key, f"{statistic}.{how}"): row[how] for how in ("deff.wr", "deff.wor") if how in row}
    return ours


def items(name: str) -> tuple[list[str], str]:
    """What was asked of a design, and by what."""
    return (["cholesterol"], "race") if name == "nhanes" else (["api00", "enroll", "agree"], "stype")


@pytest.mark.parametrize("name", designs_in("estimators"))
def test_means_totals_and_ratios_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Values, standard errors and design effects of both references, overall and by domain, are R's."""
    design, (asked, by) = designs[name], items(name)
    tables = []
    for domain in ([], [by]):
        wr, wor = (estimate.mean(design, asked, by=domain, deff=deff).table() for deff in ("wr", "wor"))
        tables += [("mean", wr.assign(**{"deff.wr": wr["deff"], "deff.wor": wor["deff"]}))]
        tables += [("total", estimate.total(design, asked, by=domain).table())]
        if name != "nhanes":
            ratios = [
                estimate.ratio(design, *pair, by=domain).table() for pair in (("tested", "enroll"), ("api00", "api99"))
            ]
            tables += [("ratio", table.assign(**{"deff.wr": table["deff"]})) for table in ratios]
    agree(of(name, ("mean", "total", "ratio")), collected(tables, by), rtol=TOLERANCE)


@pytest.mark.parametrize("name", designs_in("estimators"))
def test_shares_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Shares of categories and their covariances, overall and by domain, are those of svymean(~factor(x))."""
    design, by = designs[name], items(name)[1]
    ours = {}
    for item in SHARES.get(name, ["agree", "stype"]):
        for domain in [[], [by]] if item != by else [[]]:
            est = estimate.share(design, item, by=domain)
            labels = est.labels.assign(**{} if domain else {by: ""}).astype({by: str})
            codes = labels["category"].map(lambda code: f"{code:g}" if isinstance(code, float) else str(code))
            cov = est.covariance()
            for row, (where, code) in enumerate(zip(labels[by], codes, strict=True)):
                ours |= {
                    (item, where, f"share.{code}.value"): est.values[row],
                    (item, where, f"share.{code}.se"): est.se[row],
                }
                ours[item, where, f"share.{code}.deff.wr"] = est.deff[row]
                for column in np.flatnonzero(labels[by] == where):
                    ours[f"{item}@{where}", f"{code}:{codes[column]}", "share.covariance"] = cov[row, column]
    agree(of(name, ("share",)), ours, rtol=TOLERANCE, atol=ZERO)


@pytest.mark.parametrize("name", designs_in("estimators"))
def test_variances_and_correlations_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Variances of items and correlations of pairs, with their errors, are those of svyvar over the people who answered."""
    design, (asked, by) = designs[name], items(name)
    pairs = [] if name == "nhanes" else [["api00", "api99"], ["meals", "tested"]]
    singles = sorted({*asked, *(item for pair in pairs for item in pair)})
    tables = [("variance", estimate.variance(design, singles, by=domain).table()) for domain in ([], [by])]
    tables += [
        ("correlation", estimate.correlation(design, pair, by=domain).table())
        for pair in pairs
        for domain in ([], [by])
    ]
    agree(of(name, ("variance", "correlation")), collected(tables, by), rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in designs_in("estimators") if name != "nhanes"])
def test_covariances_of_items_agree_with_r_by_the_variance_of_their_sum(name: str) -> None:
    """Half of var(x + y) - var(x) - var(y), a contrast of three variances, is svyvar's covariance, and so is its error."""
    plain, ours = school_designs()[name], {}
    for x, y in (("api00", "api99"), ("meals", "tested")):
        both = plain.data[[x, y]].dropna().index
        frame = plain.data.assign(x=plain.data[x].loc[both], y=plain.data[y].loc[both]).assign(
            both=lambda f: f["x"] + f["y"]
        )
        design = Design(frame, **{role: getattr(plain, role) for role in ("weight", "stratum", "psu", "fpc")})
        for by in ([], ["stype"]):
            est = estimate.variance(design, ["both", "x", "y"], by=by)
            size = len(est) // 3
            terms = {str(d): {d: 0.5, d + size: -0.5, d + 2 * size: -0.5} for d in range(size)}
            found = estimate.contrast(est, terms)
            for d in range(size):
                key = (f"{x}*{y}", str(est.labels["stype"][d]) if by else "")
                ours |= {(*key, "covariance.value"): found.values[d], (*key, "covariance.se"): found.se[d]}
    # a sum of variances loses the digits that its terms have in common: three or four here
    agree(of(name, ("covariance",)), ours, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in designs_in("estimators") if name != "nhanes"])
def test_distributions_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Shares at or below given values are svycdf's, their errors those of the mean of an indicator."""
    ours = {}
    for domain in ([], ["stype"]):
        for row in estimate.cdf(designs[name], "api00", at=AT, by=domain).table().to_dict("records"):
            key = ("api00", row.get("stype", ""))
            ours |= {(*key, f"cdf.{row['at']:g}.value"): row["estimate"], (*key, f"cdf.{row['at']:g}.se"): row["se"]}
    agree(of(name, ("cdf",)), ours, rtol=TOLERANCE, atol=ZERO)
