"""Ranks of drivers: Tukey's range, Student's t, replicates counted by hand, a stepwise rule by brute force, coverage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry.design import Design, Influence, replicate
from symmetry.drivers.estimating import estimate_of_spread
from symmetry.drivers.importance import importance
from symmetry.drivers.ranking.ranking import ranks
from symmetry.drivers.sharing.lattice import players_of
from symmetry.drivers.sharing.shapley import lmg
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, join
from tests.golden.reading import data, sample_designs

THREE = ["listened", "kept", "helped"]
UNITS = 31


def shares_with(values: list[float], covariance: np.ndarray) -> Estimate:
    """An estimate of shares with these values and this covariance exactly, on 30 degrees of freedom."""
    p = len(values)
    rng = np.random.default_rng(0)
    centred = rng.normal(size=(UNITS, p))
    plain = np.linalg.qr(centred - centred.mean(axis=0))[0]
    spread = Influence.of(plain @ np.linalg.cholesky(covariance).T * np.sqrt((UNITS - 1) / UNITS))
    labels = pd.DataFrame({"statistic": "lmg", "item": [f"driver {j}" for j in range(p)]})
    found = estimate_of_spread(
        Design(pd.DataFrame({"x": np.arange(UNITS)})),
        labels,
        np.array(values),
        spread,
        np.diag(covariance).copy(),
        n=UNITS,
        note=("",) * p,
    )
    np.testing.assert_allclose(found.covariance(), covariance, atol=1e-15)
    return found


@pytest.mark.parametrize("factor", [0.97, 1.03])
def test_the_critical_value_is_tukeys_range(factor: float) -> None:
    """Of four uncorrelated shares with one error, extremes differ where Tukey's honest difference (30 df) says so."""
    honest = stats.studentized_range.ppf(0.95, 4, UNITS - 1) * 0.01
    shares = shares_with([0.1 + factor * honest, 0.1, 0.1 + honest / 2, 0.1 + honest / 2], np.eye(4) * 1e-4)
    table = ranks(shares, draws=100_000).table()
    assert table["rank_lower"].tolist() == [1, 1 if factor < 1 else 2, 1, 1]
    assert table["rank_upper"].tolist() == [4 if factor < 1 else 3, 4, 4, 4]
    assert table["tier"].tolist() == [1, 1 if factor < 1 else 2, 1, 1]


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_two_drivers_are_ordered_by_the_t_test_of_their_difference(factor: float) -> None:
    """With correlated shares, the difference counts with its own error: Student's t on 30 df, two-sided."""
    covariance = np.array([[4.0, 3.0], [3.0, 9.0]]) * 1e-4
    away = stats.t.ppf(0.975, UNITS - 1) * np.sqrt(7e-4) * factor
    table = ranks(shares_with([0.2, 0.2 - away], covariance), draws=200_000).table()
    told = [1, 2] if factor > 1 else [1, 1]
    assert table["tier"].tolist() == told
    assert table["rank_lower"].tolist() == told
    assert table["rank_upper"].tolist() == ([1, 2] if factor > 1 else [2, 2])


def test_chances_of_two_drivers_are_students() -> None:
    """The chance to come first is Student's distribution of the difference over its error."""
    covariance = np.array([[4.0, -1.0], [-1.0, 9.0]]) * 1e-4
    table = ranks(shares_with([0.2, 0.18], covariance), top=(1, 2), draws=40_000).table()
    expected = stats.t.cdf(0.02 / np.sqrt(15e-4), UNITS - 1)
    np.testing.assert_allclose(table["top1"], [expected, 1 - expected], atol=4 * 0.5 / np.sqrt(40_000))
    assert table["top2"].tolist() == [1, 1]


def stepwise(values: np.ndarray, covariance: np.ndarray, level: float) -> set[tuple[int, int]]:
    """Pairs (j, k) with j above k, by Romano and Wolf's stepdown on normal draws of the claims still open."""
    p = len(values)
    drawn = np.random.default_rng(99).multivariate_normal(np.zeros(p), covariance, size=100_000)
    drawn /= np.sqrt(np.random.default_rng(98).chisquare(UNITS - 1, 100_000) / (UNITS - 1))[:, None]
    left = [(j, k) for j in range(p) for k in range(p) if j != k]
    error = {(j, k): np.sqrt(covariance[j, j] + covariance[k, k] - 2 * covariance[j, k]) for j, k in left}
    found: set[tuple[int, int]] = set()
    while left:
        critical = np.quantile(np.max([(drawn[:, j] - drawn[:, k]) / error[j, k] for j, k in left], axis=0), level)
        new = {(j, k) for j, k in left if (values[j] - values[k]) / error[j, k] > critical}
        if not new:
            break
        found |= new
        left = [pair for pair in left if pair not in new]
    return found


def test_rejected_claims_leave_and_ease_the_rest() -> None:
    """Bounds follow the stepwise rule; the last claim here is not accepted by the first step's critical value."""
    covariance = np.eye(4) * 1e-4
    values = np.array([0.50, 0.30, 0.1368, 0.10])
    found = ranks(shares_with(values.tolist(), covariance), draws=100_000)
    above = stepwise(values, covariance, 0.95)
    assert above == {(j, k) for j in range(4) for k in range(4) if found.above[j, k]}
    assert (2, 3) in above
    assert (values[2] - values[3]) / np.sqrt(2e-4) < stats.studentized_range.ppf(0.95, 4, UNITS - 1) / np.sqrt(2)


def test_a_tier_opens_below_its_first_driver() -> None:
    """Of neighbours none is told from the next: C is below A and opens a tier; D is below B, but not below C, and stays there."""
    shares = shares_with([0.10, 0.145, 0.19, 0.05], np.eye(4) * 4e-4)
    found = ranks(shares)
    c, b, a, d = range(4)
    assert set(zip(*np.nonzero(found.above), strict=True)) == {(a, c), (a, d), (b, d)}
    table = found.table()
    assert table["rank"].tolist() == [3, 2, 1, 4]
    assert table["tier"].tolist() == [2, 1, 1, 2]
    assert table["rank_lower"].tolist() == [2, 1, 1, 3]
    assert table["rank_upper"].tolist() == [4, 3, 2, 4]


def test_an_exact_difference_needs_no_test() -> None:
    """Shares that move as one are ordered by their values alone, and equal ones are not ordered."""
    covariance = np.full((3, 3), 1e-2) + np.diag([1e-18, 1e-18, 1e-18])
    table = ranks(replace(shares_with([0.2, 0.1, 0.1], np.eye(3) * 1e-2), influence=one_column(covariance))).table()
    assert table["rank"].tolist() == [1, 2, 2]
    assert table["rank_lower"].tolist() == [1, 2, 2]
    assert table["rank_upper"].tolist() == [1, 3, 3]


def one_column(covariance: np.ndarray) -> Influence:
    """The same influence on each of p values."""
    z = np.arange(UNITS) - (UNITS - 1) / 2
    return Influence.of(np.repeat((z / np.sqrt(z @ z * UNITS / (UNITS - 1)))[:, None], len(covariance), axis=1) * 0.1)


def test_chances_are_counted_over_bootstrap_replicates() -> None:
    """How often each driver is first, from LMG shares under the weights of each replicate, one by one."""
    bank = sample_designs()["bank"]
    design = replicate(bank, "bootstrap", replicates=200, seed=4)
    found = ranks(importance(design, "recommend", THREE), top=(1, 2))
    made = design.layout.replicates
    assert made is not None
    first, two = np.zeros(3), np.zeros(3)
    for weight in np.hstack([made.weights(block) for block in made.blocks()]).T:
        again = Design(bank.data.assign(again=weight), weight="again")
        place = np.argsort(-importance(again, "recommend", THREE).values[1:])
        first[place[:1]] += 1
        two[place[:2]] += 1
    np.testing.assert_allclose(found.chance, np.stack([first, two], axis=1) / 200, atol=1e-12)
    assert found.source == "200 bootstrap replicates"


def test_a_jackknife_is_no_sample_of_ranks() -> None:
    """Leaving out one psu moves shares far less than another sample would: chances come from draws, by its covariance."""
    alone = Design(data("bank_customers"), weight="weight")
    plain = ranks(importance(alone, "recommend", THREE))
    knife = ranks(importance(replicate(alone, "jackknife"), "recommend", THREE))
    assert len(alone.data) >= 200
    assert knife.source == plain.source == "10000 draws by the covariance of the shares"
    np.testing.assert_allclose(knife.chance, plain.chance, atol=0.03)


def test_rows_of_r2_and_controls_have_no_rank() -> None:
    """Two drivers beside a control: two ranks, whatever the order of rows, and chances that sum to k."""
    shares = importance(sample_designs()["bank"], "recommend", THREE[:2], always="helped")
    table = ranks(shares, top=1).table()
    assert table["item"].tolist() == ["listened", "kept"]
    assert table["top1"].sum() == 1
    turned = ranks(shares.select([3, 2, 1, 0]), top=1).table()
    assert turned["rank"].tolist() == table["rank"].tolist()[::-1]
    pd.testing.assert_frame_equal(ranks(shares, top=1).table(), table)


def test_a_driver_without_error_is_not_ordered() -> None:
    """It keeps its place by value, its bounds are open, the others' bounds allow for it, and the note says why."""
    shares = shares_with([0.5, 0.3, 0.1], np.eye(3) * 1e-4)
    unknown = replace(shares, df=np.array([30.0, 0.0, 30.0]))
    table = ranks(unknown, top=1).table()
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["rank_lower"].tolist() == [1, 1, 2]
    assert table["rank_upper"].tolist() == [2, 3, 3]
    assert np.isnan(table["top1"][1])
    assert table["note"].tolist() == ["", "no standard error: not ordered against the others", ""]
    absent = ranks(replace(shares, values=np.array([0.5, np.nan, 0.1]))).table()
    assert absent.iloc[1][["rank", "rank_lower", "rank_upper", "tier", "top1"]].isna().all()
    assert absent["note"][1] == "no share: no rank"
    assert absent["rank_upper"].tolist()[::2] == [2, 3]


def test_one_driver_is_first_and_says_that_it_is_alone() -> None:
    """One share alone is no error: it is first for sure, and the note says what that is worth."""
    table = ranks(shares_with([0.5, 0.3], np.eye(2) * 1e-4).select([0])).table()
    assert table[["rank", "rank_lower", "rank_upper", "tier", "top1"]].iloc[0].tolist() == [1, 1, 1, 1, 1]
    assert table["note"][0] == "no other driver to compare with"


def test_what_cannot_be_ranked_is_refused() -> None:
    """No driver, two shares of one driver, a level, k, seed or number of draws that is none, and what is no Estimate."""
    shares = importance(sample_designs()["bank"], "recommend", THREE)
    with pytest.raises(DesignError, match="there is no driver to rank"):
        ranks(shares.select([0]))
    with pytest.raises(DesignError, match="driver `listened` has two shares"):
        ranks(join([shares, shares]))
    with pytest.raises(DesignError, match="confidence level of 95"):
        ranks(shares, level=95)
    with pytest.raises(DesignError, match="top=0 is no number"):
        ranks(shares, top=0)
    for what in (10, "a", None, 2000.5, True):
        with pytest.raises(DesignError, match=f"{what!r} draws"):
            ranks(shares, draws=what)
    for seed in (-3, "a", 1.5):
        with pytest.raises(DesignError, match=f"seed={seed!r} is no whole number from 0"):
            ranks(shares, seed=seed)
    for level in (None, "a"):
        with pytest.raises(DesignError, match=f"confidence level of {level!r}"):
            ranks(shares, level=level)
    for top in (None, 1.5, "a"):
        with pytest.raises(DesignError, match=f"top={top!r} is no number"):
            ranks(shares, top=top)
    with pytest.raises(DesignError, match="a DataFrame was given"):
        ranks(shares.table())


def test_the_seed_is_the_only_chance() -> None:
    """One seed gives the same bytes; another moves chances within their Monte Carlo error."""
    shares = importance(Design(data("swiss")), "fertility", ["agriculture", "examination", "education", "catholic"])
    assert ranks(shares).chance.tobytes() == ranks(shares).chance.tobytes()
    np.testing.assert_allclose(ranks(shares, seed=1).chance, ranks(shares).chance, atol=0.03)


POPULATION = np.array(
    [  # four drivers that go together, two that have nothing to do with anything
        [1, 0.4, 0.3, 0.2, 0, 0],
        [0.4, 1, 0.4, 0.3, 0, 0],
        [0.3, 0.4, 1, 0.4, 0, 0],
        [0.2, 0.3, 0.4, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]
)
SLOPES = np.array([0.5, 0.35, 0.25, 0.1, 0.0, 0.0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("psus", "alike"), [(40, False), (150, False), (300, True)], ids=["40 psus", "150 psus", "shares all equal"]
)
def test_bounds_hold_for_all_drivers_as_often_as_they_promise(psus: int, alike: bool) -> None:
    """1,000 rehearsals with clusters and weights: every true rank (a range, where shares tie) within its bounds in 90 %; where
    all true shares are equal, so that any claim is wrong, in no more than 95 % either: bounds are not wide for nothing."""
    between = np.where(np.eye(6) == 1, 1.0, 0.3) if alike else POPULATION
    slopes = np.full(6, 0.3) if alike else SLOPES
    whole = np.block([[between, (between @ slopes)[:, None]], [between @ slopes, slopes @ between @ slopes + 1]])
    truth = lmg(whole, players_of(6)).round(12)
    best, worst = 1 + (truth[:, None] < truth).sum(axis=1), (truth[:, None] <= truth).sum(axis=1)
    rng = np.random.default_rng(17)
    root, names = np.linalg.cholesky(between), list("abcdef")
    held = ordered = 0
    rehearsals, psu = 1000, np.repeat(np.arange(psus), 10)
    for _ in range(rehearsals):
        plain = np.sqrt(0.2) * rng.normal(size=(psus, 7))[psu] + np.sqrt(0.8) * rng.normal(size=(len(psu), 7))
        x = plain[:, :6] @ root.T
        frame = pd.DataFrame(x, columns=names).assign(y=x @ slopes + plain[:, 6], psu=psu)
        frame["weight"] = rng.choice([0.5, 1.0, 2.0], size=len(psu))
        found = ranks(importance(Design(frame, psu="psu", weight="weight"), "y", names), level=0.9, draws=2000)
        held += bool(((found.lower <= best) & (found.upper >= worst)).all())
        ordered += int(found.above.sum())
    print(f"{psus} psus, alike {alike}: bounds hold in {held / rehearsals:.3f}, {ordered / rehearsals:.2f} claims")
    assert held / rehearsals >= 0.9 - 2 * np.sqrt(0.9 * 0.1 / rehearsals)
    assert held / rehearsals <= 0.95 if alike else ordered / rehearsals > 5
