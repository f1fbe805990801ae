"""What probability.R asked of every design, asked of ours and held against its numbers."""

from __future__ import annotations

import numpy as np

from symmetry import estimate
from symmetry.design import Design
from tests.golden.reading import golden

__all__ = ["agree_with_r"]


def agree_with_r(name: str, design: Design, items: list[str], over: str, by: str) -> None:
    """Totals, means, ratios, domain means and domain totals, value and standard error, and df: to 1e-10 those of R."""
    expected = golden("probability", name)
    found = {("", "", "df"): estimate.mean(design, items[0]).df[0]}
    for item in items:
        for what, est in (
            ("total", estimate.total(design, item)),
            ("mean", estimate.mean(design, item)),
            ("ratio", estimate.ratio(design, item, over)),
        ):
            found[item, "", f"{what}.value"], found[item, "", f"{what}.se"] = est.values[0], est.se[0]
    for what, verb in (("mean", estimate.mean), ("total", estimate.total)):
        est = verb(design, items[0], by=[by])
        for domain, value, se in zip(est.labels[by].astype(str), est.values, est.se, strict=True):
            found[items[0], domain, f"{what}.value"], found[items[0], domain, f"{what}.se"] = value, se
    assert sorted(expected.index) == sorted(found)
    theirs = expected[list(found)].to_numpy()
    np.testing.assert_allclose(list(found.values()), theirs, rtol=1e-10, atol=1e-10, err_msg=name)
