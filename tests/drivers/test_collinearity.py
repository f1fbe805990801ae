"""Collinearity: R by regressions and singular values on rows, and halo with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design
from symmetry.drivers.covariances import complete
from symmetry.drivers.sharing.collinearity import collinearity, collinearity_of
from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError
from tests.drivers.decompositions import cases
from tests.golden.reading import data, golden


@pytest.mark.parametrize("name", ["swiss", "mtcars", "bank", "employees"])
def test_collinearity_agrees_with_r(name: str) -> None:
    """VIF of each driver by lm on the rows, condition index and first share by singular values of the standardised rows."""
    design, outcome, predictors, always = cases()[name]
    theirs = golden("decompositions", name)
    if always:
        design = Design(design.data.dropna(subset=always), weight="weight", stratum="region", psu="branch")
    found = collinearity(design, predictors, outcome)
    np.testing.assert_allclose(found.vif, [theirs[item, "", "vif"] for item in predictors], rtol=1e-9)
    np.testing.assert_allclose(found.condition, theirs["", "", "condition"], rtol=1e-9)
    np.testing.assert_allclose(found.halo, theirs["", "", "halo"], rtol=1e-9)


def test_variance_inflation_of_mtcars() -> None:
    """car::vif(lm(mpg ~ disp + hp + wt + drat)) to seven digits; the values are remembered, R's own are in the golden file."""
    found = collinearity(Design(data("mtcars")), ["disp", "hp", "wt", "drat"])
    np.testing.assert_allclose(found.vif, [8.209402, 2.894373, 5.096601, 2.279547], atol=5.1e-7)


def equally_correlated(p: int, r: float, n: int = 400) -> pd.DataFrame:
    """Answers whose drivers all correlate by exactly r."""
    rng = np.random.default_rng(p)
    x = rng.normal(size=(n, p))
    x = np.linalg.qr(x - x.mean(axis=0))[0]
    root = np.linalg.cholesky(np.full((p, p), r) + (1 - r) * np.eye(p))
    return pd.DataFrame(x @ root.T, columns=[f"x{place}" for place in range(p)])


def test_halo_of_equal_correlations_is_known() -> None:
    """The first eigenvalue of p drivers that all correlate by r has the share (1 + (p - 1) r) / p; `together` gives r back."""
    found = collinearity(Design(equally_correlated(6, 0.7)), [f"x{place}" for place in range(6)])
    assert found.halo == pytest.approx((1 + 5 * 0.7) / 6, rel=1e-9)
    assert found.together == pytest.approx(0.7, rel=1e-9)
    np.testing.assert_allclose(found.condition, np.sqrt((1 + 5 * 0.7) / 0.3), rtol=1e-9)


@pytest.mark.parametrize(
    ("p", "r", "told"), [(6, 0.7, True), (6, 0.5, False), (2, 0.4, False), (2, 0.6, True), (3, 0.45, False)]
)
def test_halo_is_told_when_it_hides_the_truth(p: int, r: float, told: bool) -> None:
    """A halo above 60 % is told with what it does and what helps; among few drivers only if they correlate by more than .5."""
    note = collinearity(Design(equally_correlated(p, r)), [f"x{place}" for place in range(p)]).note
    assert told == note.startswith("halo: one factor holds")
    assert told == (f"shares then shrink towards 1/{p} whatever the truth: group items" in note)


def test_what_drivers_nearly_determine_each_other_is_named() -> None:
    """VIF above 5 is noted and above 10 warned of, a condition index above 30 names the drivers that share it."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(500, 4)), columns=list("abcd"))
    frame["near"] = frame["a"] + frame["b"] + 0.05 * rng.normal(size=500)
    frame["half"] = frame["c"] + 0.45 * rng.normal(size=500)
    found = collinearity(Design(frame), ["a", "b", "c", "d", "near", "half"])
    notes = found.table().set_index("item")["note"]
    assert {"a", "b", "near"} == set(notes.index[notes.str.startswith("warning: VIF")])
    assert {"c", "half"} == set(notes.index[notes.str.startswith("VIF")])
    assert notes["d"] == ""
    assert found.note.startswith("condition index")
    assert "a, b, near nearly determine each other" in found.note


def test_the_table_tells_what_others_explain() -> None:
    """A row a driver: VIF is 1 / (1 - R² on the others)."""
    table = collinearity(Design(data("swiss")), ["examination", "education", "catholic"]).table()
    assert ["item", "vif", "r2_on_others", "n", "note"] == table.columns.tolist()
    np.testing.assert_allclose(1 / (1 - table["r2_on_others"]), table["vif"], rtol=1e-12)
    assert [47] * 3 == table["n"].tolist()


def test_rows_and_moments_agree() -> None:
    """Moments leave their outcome out; an outcome given only drops those who did not answer it."""
    frame = data("swiss")
    frame.loc[3:9, "fertility"] = np.nan
    names = ["examination", "education", "catholic"]
    one = collinearity(Design(frame), names, "fertility")
    two = collinearity_of(complete(Design(frame), [*names, "fertility"]))
    three = collinearity(Design(frame.dropna()), names)
    for other in (two, three):
        np.testing.assert_allclose(other.vif, one.vif, rtol=1e-10)
        assert other.note == one.note
    assert one.n == 40
    assert collinearity(Design(frame), names).n == 47


def test_controls_are_taken_out_first() -> None:
    """Given a control, VIFs and halo are those of the residuals of drivers on it, and what was halo is gone."""
    rng = np.random.default_rng(4)
    mood = rng.normal(size=300)
    frame = pd.DataFrame(mood[:, None] + 0.4 * rng.normal(size=(300, 4)), columns=list("abcd")).assign(mood=mood)
    frame["d"] += 0.3 * frame["a"]
    names, weight = list("abcd"), rng.uniform(1, 3, 300)
    design = Design(frame.assign(y=1.0 + mood, w=weight), weight="w")
    found = collinearity(design, names, always="mood")
    centred = frame - weight @ frame.to_numpy() / weight.sum()
    slopes = (weight * centred["mood"]) @ centred[names].to_numpy() / (weight @ centred["mood"] ** 2)
    left = centred[names].to_numpy() - np.outer(centred["mood"], slopes)
    covariance = left.T @ (weight[:, None] * left)
    correlation = covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    np.testing.assert_allclose(found.vif, np.diag(np.linalg.inv(correlation)), rtol=1e-9)
    np.testing.assert_allclose(found.halo, np.linalg.eigvalsh(correlation)[-1] / 4, rtol=1e-9)
    assert found.note == ""
    assert "halo" in collinearity(design, names).note
    moments = complete(Design(frame.assign(y=rng.normal(size=300), w=weight), weight="w"), ["mood", *names, "y"])
    again = collinearity_of(moments, Players(("ab", "c", "d"), ((1, 2), (3,), (4,)), (0,)))
    assert again.names == tuple(names)
    np.testing.assert_allclose(again.vif, found.vif, rtol=1e-9)


def frame_of(**columns: list[float | None]) -> Design:
    """A design of six rows."""
    return Design(pd.DataFrame({"a": [1.0, 3, 2, 5, 4, 6], "b": [2.0, 1, 4, 3, 6, 5], **columns}))


@pytest.mark.parametrize(
    ("design", "predictors", "outcome", "message"),
    [
        (frame_of(), ["a"], None, "1 drivers are given"),
        (frame_of(), ["a", "b"], "b", "the outcome `b` is among its own drivers"),
        (frame_of(c=[3.0] * 6), ["a", "c"], None, "same answer to `c`"),
        (frame_of(c=[3.0, 4, 6, 8, 10, 11]), ["a", "b", "c"], None, "a, b, c determine each other"),
        (frame_of(c=[None] * 6), ["a", "c"], None, "0 respondents answered all of"),
    ],
)
def test_drivers_that_cannot_be_compared_are_refused(
    design: Design, predictors: list[str], outcome: str | None, message: str
) -> None:
    """Each fault of drivers is told, with its remedy; an exact combination is named even if it stands last."""
    with pytest.raises(DesignError) as caught:
        collinearity(design, predictors, outcome)
    assert message in caught.value.problems[0].what
    assert caught.value.problems[0].mend


def test_moments_of_one_driver_are_refused() -> None:
    """One driver has nothing to be collinear with."""
    with pytest.raises(DesignError, match="one driver alone"):
        collinearity_of(complete(frame_of(), ["a", "b"]))
