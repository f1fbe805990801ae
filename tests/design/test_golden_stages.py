"""Several stages with their fpc agree with R and with books: means, totals, ratios, domains, covariances, design effects, df."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry import estimate
from symmetry.design import Design
from tests.golden.reading import agree, data, designs_in, golden

TOLERANCE = 1e-10
"""Relative; closed forms on both sides."""
ITEMS = {"mu284": ["y1"], "three_stage": ["rooms", "rent"], "fpc": ["x"], "fpc_without": ["x"], "hospital": ["births"],
         "scd": ["alive", "arrests"], "scd_no_fpc": ["alive", "arrests"]}  # fmt: skip
BY = {"three_stage": "garden", "two_stage": "stype", "two_stage_strata": "stype", "ultimate_cluster": "stype"}
RATIOS = {"three_stage": ("rent", "rooms"), "scd": ("alive", "arrests"), "scd_no_fpc": ("alive", "arrests"),
          "two_stage": ("tested", "enroll"), "two_stage_strata": ("tested", "enroll"),
          "ultimate_cluster": ("tested", "enroll")}  # fmt: skip


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """Every design of stages.R."""
    two, small, ambulances = data("apiclus2"), data("fpc"), data("scd").assign(stations=5)
    return {
        "mu284": Design(data("mu284"), psu=["id1", "id2"], fpc=["n1", "n2"]),
        "two_stage": Design(two, psu=["dnum", "snum"], fpc=["fpc1", "fpc2"]),
        "two_stage_strata": Design(two, stratum="parity", psu=["dnum", "snum"], fpc=["districts", "fpc2"]),
        "ultimate_cluster": Design(two, weight="pw", psu="dnum"),
        "three_stage": Design(
            data("houses"),
            stratum=["country", "kind"],
            psu=["town", "street", "house"],
            fpc=["towns", "streets", "houses"],
        ),
        "fpc": Design(small, weight="weight", stratum="stratid", psu="psuid", fpc="Nh"),
        "fpc_without": Design(small, weight="weight", stratum="stratid", psu="psuid"),
        "hospital": Design(data("hospital"), weight="weight", stratum="oblevel", psu="hospno", fpc="tothosp"),
        "scd": Design(ambulances.assign(one=1), weight="one", stratum="ESA", psu="ambulance", fpc="stations"),
        "scd_no_fpc": Design(ambulances, stratum="ESA", psu="ambulance"),
    }


def statistics(name: str) -> set[str]:
    """What was asked of R: design effects need more people in the population than in the sample."""
    return set(golden("stages", name).index.get_level_values("what").str.replace(r"\..*", "", regex=True))


@pytest.mark.parametrize("name", designs_in("stages"))
def test_stages_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Means, totals, ratios, design effects of both references and df, overall and by domain, are R's."""
    design = designs[name]
    expected = golden("stages", name)
    whats, domains = expected.index.get_level_values("what"), expected.index.get_level_values("domain")
    expected = expected[(whats != "covariance") & (domains != "published")]
    ours = {}
    items, by = ITEMS.get(name, ["api00", "enroll", "agree"]), BY.get(name)
    for domain in [[], [by]] if by else [[]]:
        asked = {
            (statistic, deff): getattr(estimate, statistic)(design, items, by=domain, deff=deff).table()
            for statistic in ("mean", "total")
            for deff in ("wr", "wor")
        }
        for (statistic, deff), table in asked.items():
            for row in table.to_dict("records"):
                key = (row["item"], row[by] if domain else "")
                ours |= {
                    (*key, f"{statistic}.{what}"): row[column] for what, column in (("value", "estimate"), ("se", "se"))
                }
                ours |= {(*key, f"{statistic}.deff.{deff}"): row["deff"], (*key, "df"): row["df"]}
        if name in RATIOS:
            for row in estimate.ratio(design, *RATIOS[name], by=domain).table().to_dict("records"):
                key = ("/".join(RATIOS[name]), row[by] if domain else "")
                ours |= {(*key, "ratio.value"): row["estimate"], (*key, "ratio.se"): row["se"]}
    agree(expected, ours, rtol=TOLERANCE)


@pytest.mark.parametrize("name", [name for name in designs_in("stages") if "covariance" in statistics(name)])
def test_domains_and_items_covary_as_in_r(designs: dict[str, Design], name: str) -> None:
    """The covariance of the means of domains, or of items, is R's."""
    by = BY.get(name)
    items = ITEMS.get(name, ["api00", "enroll", "agree"])
    est = estimate.mean(designs[name], items[1] if by else items, by=[by] if by else [])
    labels = list(est.labels[by or "item"])
    theirs = golden("stages", name)[items[1] if by else "", :, "covariance"]
    expected = np.array([[theirs[f"{row}:{column}"] for column in labels] for row in labels])
    np.testing.assert_allclose(est.covariance(), expected, rtol=TOLERANCE, atol=1e-12 * np.abs(expected).max())


def test_the_printed_values_of_books(designs: dict[str, Design]) -> None:
    """Särndal, Swensson and Wretman's two-stage total (page 143) and Stata's mean with and without fpc, to the digits printed."""
    total = estimate.total(designs["mu284"], "y1")
    printed = golden("stages", "mu284")["y1", "published"]
    np.testing.assert_allclose(total.values, printed["total.value"], atol=0.5)
    np.testing.assert_allclose(total.variance, printed["total.variance"], atol=0.5)
    for name in ("fpc", "fpc_without"):
        mean, printed = estimate.mean(designs[name], "x"), golden("stages", name)["x", "published"]
        np.testing.assert_allclose([mean.values[0], mean.se[0]], printed[["mean.value", "mean.se"]], atol=5.1e-5)
