"""Laws of gaps, effect sizes, ranks and verdicts (house style, section 9, laws 2, 7, 11 and 13), on random pairs of audiences."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from symmetry import dissonance, estimate
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from tests.strategies import FEW, PAIRS, made_up, two_audiences

Audiences = tuple[Design, dict[str, Design]]
TEN = settings(max_examples=10)
"""For laws whose every example asks a dozen estimates."""


def swapped(pair: Pair) -> Pair:
    """The pair seen from the other side."""
    return replace(pair, a=pair.b, b=pair.a)


@FEW
@given(two_audiences())
def test_swapping_audiences_flips_the_sign(case: Audiences) -> None:
    """Law 11: gaps seen from the other side are their opposites, with the same errors and degrees of freedom."""
    stacked, _ = case
    one = dissonance.gap(stacked, PAIRS, by=["region"]).estimate
    two = dissonance.gap(stacked, [swapped(pair) for pair in PAIRS], by=["region"]).estimate
    np.testing.assert_allclose(two.values, -one.values, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(two.covariance(), one.covariance(), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(two.df, one.df, rtol=1e-10)


@FEW
@given(two_audiences())
def test_an_audience_minus_itself_is_nothing(case: Audiences) -> None:
    """Law 11: the same answers on both sides of shared units give 0 ± 0, and the verdict is aligned."""
    _, designs = case
    twice = stack({"customers": designs["customers"], "employees": designs["customers"]})
    found = dissonance.detect(dissonance.gap(twice, PAIRS), n_eff=0)
    np.testing.assert_allclose(found["estimate"], 0.0, atol=1e-12)
    np.testing.assert_allclose(found["se"], 0.0, atol=1e-12)
    lawful = found["verdict"] != ""
    assert {"aligned"} == set(found["verdict"][lawful])


@FEW
@given(two_audiences())
def test_stacking_leaves_levels_alone(case: Audiences) -> None:
    """A level read in the stacked design is the level of the audience's own design, with its error and df, when both
    audiences hold the same units."""
    stacked, designs = case
    both = estimate.mean(stacked, ["x", "y"], by=["audience"]).table().set_index(["item", "audience"]).sort_index()
    for audience, design in designs.items():
        own = estimate.mean(design, ["x", "y"]).table().set_index("item")
        mine = both.xs(audience, level="audience")
        for column in ("estimate", "se", "df", "deff", "n"):
            np.testing.assert_allclose(mine[column], own.loc[mine.index, column], rtol=1e-9)


@FEW
@given(two_audiences(shared=False))
def test_variances_add_where_nothing_is_shared(case: Audiences) -> None:
    """Audiences apart: the variance of the gap is the sum of the two variances, and df are Welch's and Satterthwaite's."""
    stacked, designs = case
    found = dissonance.gap(stacked, PAIRS[:1]).estimate
    own = [estimate.mean(design, "x") for design in designs.values()]
    v = np.array([one.se[0] ** 2 for one in own])
    np.testing.assert_allclose(found.se[0] ** 2, v.sum(), rtol=1e-10)
    df = v.sum() ** 2 / sum(v[k] ** 2 / own[k].df[0] for k in range(2))
    np.testing.assert_allclose(found.df[0], df, rtol=1e-9)


@FEW
@given(two_audiences(), st.floats(-3, 3))
def test_general_severity_leaves_relative_gaps_alone(case: Audiences, shift: float) -> None:
    """Relative gaps sum to 0 with no error in their sum, and one audience's general severity does not move them."""
    stacked, designs = case
    pairs = [PAIRS[0], PAIRS[1], replace(PAIRS[1], item="again", a=("customers", "code"), b=("employees", "code"))]
    relative = dissonance.gap(stacked, pairs).estimate
    rows = np.flatnonzero(relative.labels["reading"] == "relative")
    np.testing.assert_allclose(relative.values[rows].sum(), 0.0, atol=1e-12)
    np.testing.assert_allclose(relative.covariance()[np.ix_(rows, rows)].sum(), 0.0, atol=1e-12)
    severe = designs["employees"].data.assign(
        **{name: designs["employees"].data[name] + shift for name in ("x", "y", "code")}
    )
    other = stack({**designs, "employees": Design(severe, weight="w", stratum="region", psu="unit")})
    same = stack(designs)
    before, after = (dissonance.gap(design, pairs).estimate for design in (same, other))
    np.testing.assert_allclose(after.values[rows], before.values[rows], atol=1e-10)
    np.testing.assert_allclose(after.se[rows], before.se[rows], rtol=1e-7)


@FEW
@given(two_audiences(), st.floats(-2, 2), st.floats(0.5, 9))
def test_a_score_is_a_line(case: Audiences, low: float, length: float) -> None:
    """Law 7: gaps of scores are 100 over the length of the scale times the gaps of means, and so are their errors."""
    stacked, _ = case
    low, high = low - 10, low + 10 + length
    score = replace(PAIRS[1], statistic="score", low=low, high=high)
    mean, scored = (dissonance.gap(stacked, [pair], by=["region"]).estimate for pair in (PAIRS[1], score))
    np.testing.assert_allclose(scored.values, 100 / (high - low) * mean.values, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(scored.se, 100 / (high - low) * mean.se, rtol=1e-8, atol=1e-10)


@TEN
@given(two_audiences())
def test_swapping_audiences_turns_effects_and_ranks(case: Audiences) -> None:
    """Law 11: g, delta and differences of ranks are opposites from the other side, superiority its complement."""
    stacked, _ = case
    pairs = [PAIRS[0], PAIRS[1], replace(PAIRS[3], statistic="mean")]
    turned = [swapped(pair) for pair in pairs]
    one, two = (dissonance.effects(stacked, asked, by=["region"]).estimate for asked in (pairs, turned))
    over = (one.labels["statistic"] == "superiority").to_numpy()
    np.testing.assert_allclose(two.values, np.where(over, 1 - one.values, -one.values), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(two.se, one.se, rtol=1e-8, atol=1e-12)
    first, second = (dissonance.ranks(dissonance.gap(stacked, asked), seed=1) for asked in (pairs, turned))
    np.testing.assert_array_equal(second["estimate"], -first["estimate"])


@TEN
@given(two_audiences(), st.floats(-3, 3), st.floats(0.1, 10))
def test_effects_have_no_unit(case: Audiences, shift: float, factor: float) -> None:
    """Law 7: answers shifted and stretched alike on both sides have the same effects, with the same errors."""
    _, designs = case
    moved = {
        name: replace(design, data=design.data.assign(y=shift + factor * design.data["y"]))
        for name, design in designs.items()
    }
    one, two = (dissonance.effects(stack(both), PAIRS[1:2]).estimate for both in (designs, moved))
    np.testing.assert_allclose(two.values, one.values, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(two.se, one.se, rtol=1e-7, atol=1e-10)


@TEN
@given(two_audiences(), st.randoms(use_true_random=False))
def test_inside_units_the_order_of_rows_never_matters(case: Audiences, random: Random) -> None:
    """Law 2, unit by unit: shuffled rows have the same gaps and errors; an error is 0 only where answers are equal."""
    _, designs = case
    shuffled = {}
    for name, design in designs.items():
        order = random.sample(range(len(design.data)), len(design.data))
        frame = design.data.iloc[order].reset_index(drop=True)
        shuffled[name] = Design(frame, weight="w", stratum="region", psu="unit")
    one, two = (dissonance.gap(stack(both), PAIRS[1:2], by=["unit"]) for both in (designs, shuffled))
    columns = ["unit", "estimate", "se", "df", "n_a", "n_b"]
    np.testing.assert_allclose(one.table()[columns], two.table()[columns], rtol=1e-9, atol=1e-12)
    assert (one.estimate.se[one.estimate.df > 0] > 0).all()


numbers = st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 0.6)), min_size=1, max_size=12)


@FEW
@given(numbers, st.sampled_from(["bh", "by", "holm"]))
def test_adjusting_never_helps(gaps: list[tuple[float, float]], adjust: str) -> None:
    """Law 13: adjusted p ≥ p, in the same order inside the family."""
    found = dissonance.detect(made_up(*map(list, zip(*gaps, strict=True))), adjust=adjust)
    tested = found["p"].where(found["estimate"].abs() >= found["smallest"], 1.0)
    for p, adjusted in ((tested, found["p_adjusted"]), (found["p_aligned"], found["p_aligned_adjusted"])):
        assert (adjusted >= p - 1e-12).all()
        assert (adjusted.iloc[np.argsort(p, kind="stable")].diff().dropna() >= -1e-12).all()


@FEW
@given(numbers, st.floats(0.01, 1.0), st.floats(1.0, 4.0))
def test_a_larger_margin_never_adds_a_dissonance(gaps: list[tuple[float, float]], m: float, times: float) -> None:
    """Law 13: raising the smallest gap of interest never makes a gap dissonant or material, nor un-aligns one."""
    values, errors = map(list, zip(*gaps, strict=True))
    low, high = (dissonance.detect(made_up(values, errors, smallest=margin)) for margin in (m, m * times))
    assert set(high.index[high["verdict"] == "dissonant"]) <= set(low.index[low["verdict"] == "dissonant"])
    assert set(high.index[high["grade"] == "material"]) <= set(low.index[low["grade"] == "material"])
    still = low[(low["verdict"] == "aligned")].index
    assert set(high.loc[still, "verdict"]) <= {"aligned"}


@FEW
@given(numbers)
def test_verdicts_exclude_each_other(gaps: list[tuple[float, float]]) -> None:
    """Dissonant means at least the margin and not zero; aligned means less than the margin; the rest is undetermined."""
    found = dissonance.detect(made_up(*map(list, zip(*gaps, strict=True))))
    size = found["estimate"].abs()
    assert (size[found["verdict"] == "dissonant"] >= 0.3).all()
    assert (size[found["verdict"] == "aligned"] < 0.3).all()
    assert (found.loc[found["grade"] == "material", "verdict"] == "dissonant").all()
    assert found["p"].notna().all()
    assert found.loc[found["verdict"] != "undetermined", "n_to_settle"].isna().all()


@FEW
@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_items_never_matters(gaps: list[tuple[float, float]], random: Random) -> None:
    """Law 2: a family in another order has the same verdicts."""
    values, errors = map(np.array, zip(*gaps, strict=True))
    order = np.array(random.sample(range(len(values)), len(values)))
    one = dissonance.detect(made_up(list(values), list(errors)))
    two = dissonance.detect(made_up(list(values[order]), list(errors[order])))
    assert one["verdict"].iloc[order].tolist() == two["verdict"].tolist()
