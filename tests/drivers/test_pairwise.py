"""Correlations of pairs: pandas, complete answers, a jackknife by hand; contradicting pairs are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry.design import Design, replicate
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import shares_of
from symmetry.drivers.missing.pairwise import pairwise
from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError
from tests.drivers.test_em import ITEMS, THREE, thinned
from tests.golden.reading import data, sample_designs

SQUARE = Players(("a", "b"), ((0,), (1,)))


def test_correlations_are_those_of_each_pair() -> None:
    """pandas' pairwise correlations without weights; with weights numpy on the rows of one pair."""
    frame = thinned()
    found = pairwise(Design(frame), ITEMS)
    np.testing.assert_allclose(found.correlation, frame[ITEMS].corr().to_numpy(), rtol=1e-12)
    both = frame.dropna(subset=["kept", "recommend"])
    cov = np.cov(both["kept"], both["recommend"], aweights=both["weight"])
    expected = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
    weighted = pairwise(Design(frame, weight="weight"), ITEMS).correlation
    assert weighted[1, 3] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["bank", "bank_raked", "bank_raked_alone"])
def test_with_complete_answers_it_is_what_they_say(name: str) -> None:
    """Shares and their errors on strata and clusters with fpc and raked weights: as from the complete covariance."""
    design = sample_designs()[name]
    answered = design.data[ITEMS].notna().all(axis=1).to_numpy()
    told = shares_of(complete(design, ITEMS, within=answered), THREE)
    found = shares_of(pairwise(design, ITEMS, within=answered), THREE)
    np.testing.assert_allclose(found.values, told.values, rtol=1e-10)
    np.testing.assert_allclose(found.se, told.se, rtol=1e-10)
    assert told.df.tolist() == found.df.tolist()
    assert ("",) * 4 == found.note


def test_the_jackknife_leaves_each_branch_out_of_every_pair() -> None:
    """Replicates agree with designs made without each branch; linearised errors are near."""
    frame = thinned()
    design = Design(frame, weight="weight", psu="branch")
    linear = shares_of(pairwise(design, ITEMS), THREE)
    branches = frame["branch"].unique()
    without = [
        shares_of(pairwise(Design(frame[frame["branch"] != branch], weight="weight"), ITEMS), THREE).values
        for branch in branches
    ]
    expected = np.sqrt(25 / 26 * ((np.array(without) - linear.values) ** 2).sum(axis=0))
    found = shares_of(pairwise(replicate(design, "jackknife"), ITEMS), THREE)
    np.testing.assert_allclose(found.se, expected, rtol=1e-10)
    np.testing.assert_allclose(linear.se, expected, rtol=0.12)


def test_a_row_weighs_as_its_derivative_says() -> None:
    """What a little more weight for one respondent does to the shares is their influence, by central differences."""
    frame = thinned().assign(weight=lambda one: one["weight"].astype(float), row=np.arange(len(thinned())))
    step = 1e-4 * frame.loc[3, "weight"]

    def shares(change: float) -> np.ndarray:
        moved = frame["weight"].where(frame.index != 3, frame["weight"] + change)
        return shares_of(pairwise(Design(frame.assign(weight=moved), weight="weight"), ITEMS), THREE).values

    expected = (shares(step) - shares(-step)) / (2 * step)
    found = shares_of(pairwise(Design(frame, weight="weight", psu="row", lonely_psu="centre"), ITEMS), THREE)
    np.testing.assert_allclose(found.influence.dense()[3] / frame.loc[3, "weight"], expected, rtol=1e-6, atol=1e-12)


def test_the_note_gives_the_range_of_pairs() -> None:
    """n is that of the pair that fewest answered."""
    frame = thinned()
    found = pairwise(Design(frame), ITEMS)
    o = frame[ITEMS].notna().to_numpy().astype(int)
    counts = (o.T @ o)[np.triu_indices(4, 1)]
    assert counts.min() == found.n
    expected = (
        f"each correlation is of those who answered both items, {counts.min()} to {counts.max()} of 310 respondents"
    )
    assert expected == found.note


def contradicting() -> pd.DataFrame:
    """Three groups, each of which answered two of a, b and y: a goes with b and with y, b against y."""
    x = np.tile([-1.0, 1.0, -2.0, 2.0, 0.5, -0.5], 10)
    off = np.tile([0.1, -0.1, 0.1, -0.1, 0.2, -0.2], 10)[::-1]
    none = np.full(60, np.nan)
    return pd.DataFrame(
        {"a": [*x, *x, *none], "b": [*(x + off), *none, *x], "y": [*none, *(x - off), *(off - x)]},
        columns=["a", "b", "y"],
    )


def test_pairs_that_contradict_each_other_are_refused() -> None:
    """A matrix no people could have has an eigenvalue below 0; EM is named as the way out."""
    with pytest.raises(
        DesignError, match=r"contradict each other: their smallest eigenvalue is -0\.9.*\n.*missing=\"em\""
    ):
        pairwise(Design(contradicting()), ["a", "b", "y"])


def test_a_replicate_no_people_could_have_is_left_out() -> None:
    """Where the matrix stands by one cluster alone, the replicate without it is counted and has no say."""
    rng = np.random.default_rng(1)
    whole = pd.DataFrame(rng.normal(size=(400, 1)) + 0.5 * rng.normal(size=(400, 3)), columns=["a", "b", "y"])
    frame = pd.concat([contradicting(), whole]).reset_index(drop=True)
    frame["cluster"] = np.where(np.arange(len(frame)) < 180, np.arange(len(frame)) % 20, 20)
    found = shares_of(pairwise(replicate(Design(frame, psu="cluster"), "jackknife"), ["a", "b", "y"]), SQUARE)
    assert all("1 of 21 replicates gave no value and were left out" in note for note in found.note)


def test_pairs_that_nobody_answered_both_are_refused() -> None:
    """Two items without a common respondent, and two of which one is the same for all who answered both."""
    frame = thinned()
    frame.loc[frame["listened"].notna(), "helped"] = np.nan
    frame.loc[:20, ["listened", "helped"]] = [np.nan, 3.0]
    frame.loc[:10, "helped"] = 4.0
    with pytest.raises(DesignError, match="0 respondents answered both `listened` and `helped`"):
        pairwise(Design(frame), ITEMS)
    frame = thinned()
    frame.loc[frame["helped"].notna(), "listened"] = frame.loc[frame["helped"].notna(), "listened"].mask(
        frame["listened"].notna(), 4.0
    )
    with pytest.raises(DesignError, match="who answered both `listened` and `helped` one of them is the same for all"):
        pairwise(Design(frame), ITEMS)


def test_drivers_that_determine_each_other_are_named() -> None:
    """An item that is the sum of two others, all answered."""
    frame = data("bank_customers").dropna(subset=ITEMS).assign(helped=lambda one: one["listened"] + one["kept"])
    with pytest.raises(DesignError, match="determine each other exactly|contradict each other"):
        pairwise(Design(frame), ITEMS)
