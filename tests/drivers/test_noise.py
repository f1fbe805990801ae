"""Drivers and noise: slopes by R's regTermTest, floors by permuting for good, planted drivers of no share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry.design import Design, replicate, replicated
from symmetry.drivers.covariances import complete
from symmetry.drivers.importance import importance
from symmetry.drivers.ranking.floors import _noise_form, _sampled_form
from symmetry.drivers.ranking.noise import bounded, presence
from symmetry.drivers.sharing.lattice import players_of
from symmetry.drivers.sharing.shapley import lmg
from symmetry.errors import DesignError
from tests.golden.reading import data, golden

THREE = ["listened", "kept", "helped"]
NAMES = ["a", "b", "c", "idle"]
ABSENT = "not told from noise"


def bank() -> Design:
    """The bank's customers, branches as psus."""
    return Design(data("bank_customers"), weight="weight", stratum="region", psu="branch")


def clustered(
    rng: np.random.Generator, *, psus: int = 40, size: int = 15, icc: float = 0.3, together: bool = True
) -> pd.DataFrame:
    """Three drivers that go together and an idle one; all, and the outcome, have effects of the psu; weights vary."""
    psu = np.repeat(np.arange(psus), size)
    plain = np.sqrt(icc) * rng.normal(size=(psus, 5))[psu] + np.sqrt(1 - icc) * rng.normal(size=(len(psu), 5))
    x = plain[:, :3] @ (np.array([[1, 0.6, 0.6], [0, 0.8, 0.3], [0, 0, 0.74]]) if together else np.eye(3))
    frame = pd.DataFrame(x, columns=NAMES[:3]).assign(idle=plain[:, 3], y=x @ [0.4, 0.3, 0.2] + plain[:, 4], psu=psu)
    return frame.assign(w=np.exp(0.6 * rng.normal(size=len(psu))), borrower=0.6 * x[:, 0] + 0.8 * plain[:, 3])


@pytest.mark.parametrize(
    ("name", "together"), [("bank", "kept+helped"), ("employees", "helped+guess"), ("weights_alone", "")]
)
def test_slopes_are_tested_as_by_r(name: str, together: str) -> None:
    """Wald's F of each slope, and of two together, on psus minus strata minus slopes: p-values as survey::regTermTest's."""
    staff = Design(data("bank_employees"), weight="weight", stratum="region", psu="branch")
    alone = Design(data("bank_customers"), weight="weight")
    design = {"bank": bank(), "employees": staff, "weights_alone": alone}[name]
    drivers = [*THREE, "guess"] if name == "employees" else THREE
    expected = golden("presence", name)
    found = presence(design, "recommend", drivers).table().set_index("item")["p_slope"]
    np.testing.assert_allclose(found, [expected[item, "", "p"] for item in drivers], rtol=1e-6)
    if together:
        pair = together.split("+")
        both = presence(design, "recommend", drivers, groups={"both": pair}).table().set_index("item")["p_slope"]
        np.testing.assert_allclose(both["both"], expected[together, "", "p"], rtol=1e-6)


def shares_of_copies(frame: pd.DataFrame, columns: list[str], beside: list[list[str]], times: int) -> np.ndarray:
    """LMG shares of a permuted copy of columns beside players, the copy entering as one (times,).

    Psu means change places among psus, what is left of each row among rows of its psu (rows come psu by psu).
    """
    rng = np.random.default_rng(8)
    w = frame["w"].to_numpy() / frame["w"].sum()
    psu, x, b = frame["psu"].to_numpy(), frame[columns].to_numpy(), len(columns)
    means = frame.groupby("psu")[columns].mean().to_numpy()
    z = np.hstack([frame[NAMES].to_numpy(), x, frame[["y"]].to_numpy()])
    found = np.empty((times, 5 + b, 5 + b))
    for time in range(times):
        order = np.argsort(psu + rng.random(len(psu)))
        z[:, 4 : 4 + b] = means[rng.permutation(len(means))][psu] + (x - means[psu])[order]
        found[time] = (z * w[:, None]).T @ z - np.outer(w @ z, w @ z)
    real = [tuple(map(NAMES.index, player)) for player in beside]
    players = replace(players_of(len(real) + 1), columns=(*real, tuple(range(4, 4 + b))))
    return lmg(found, players)[:, -1]


@pytest.mark.parametrize("columns", [["a"], ["idle"], ["b", "idle"]])
def test_the_floor_is_what_permuting_for_good_gives(columns: list[str]) -> None:
    """The 95 % quantile of 10,000 permuted copies within 5 %: its own error is 2 %, the normal limit does the rest."""
    frame = clustered(np.random.default_rng(2), psus=60, size=12)
    pair = len(columns) > 1
    beside = [["a"], ["c"], columns] if pair else [[name] for name in NAMES]
    groups = {"pair": columns} if pair else None
    found = presence(Design(frame, weight="w", psu="psu"), "y", NAMES, groups=groups).table().set_index("item")
    expected = np.quantile(shares_of_copies(frame, columns, beside, 10_000), 0.95)
    np.testing.assert_allclose(found["floor"]["pair" if pair else columns[0]], expected, rtol=0.05)


def test_the_floor_errs_upward_where_drivers_are_many() -> None:
    """Ten drivers and 80 independent rows: between the quantile of 10,000 permuted copies and 12 % above it, never below."""
    rng = np.random.default_rng(6)
    names = [f"d{j}" for j in range(10)]
    frame = pd.DataFrame(rng.normal(size=(80, 10)), columns=names)
    frame["y"] = frame["d0"] + rng.normal(size=80)
    z = frame.to_numpy()
    copies = np.stack([np.insert(z, 10, z[rng.permutation(80), 9], axis=1) for _ in range(10_000)])
    copies = copies - copies.mean(axis=1, keepdims=True)
    shares = lmg(copies.swapaxes(1, 2) @ copies, players_of(11))[:, -1]
    ratio = presence(Design(frame), "y", names).floor[9] / np.quantile(shares, 0.95)
    assert 0.99 < ratio < 1.12


def test_noise_shared_by_psus_reaches_higher() -> None:
    """With psus of 15 and effects of the psu on both sides, the floor is above that of the same rows taken as independent."""
    frame = clustered(np.random.default_rng(2))
    psus = presence(Design(frame, weight="w", psu="psu"), "y", NAMES).floor
    rows = presence(Design(frame, weight="w"), "y", NAMES).floor
    assert (psus > 1.4 * rows).all()


def test_the_floor_of_independent_rows_is_known() -> None:
    """Of rows as psus and drivers without any tie, the floor is 3.84 / n but for chance ties: the tail of χ² on one df."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(4000, 5)), columns=[*NAMES, "y"])
    np.testing.assert_allclose(presence(Design(frame), "y", NAMES).floor, 3.8415 / 4000, rtol=0.01)


def test_weights_units_and_order_do_not_matter() -> None:
    """Weights × 7, drivers in other units, rows and drivers in another order: the same floors and p-values."""
    frame = clustered(np.random.default_rng(4))
    first = presence(Design(frame, weight="w", psu="psu"), "y", NAMES).table().set_index("item")
    turned = frame.assign(w=7 * frame["w"], a=3 - 100 * frame["a"], y=frame["y"] / 5).sample(frac=1, random_state=3)
    again = presence(Design(turned, weight="w", psu="psu"), "y", NAMES[::-1]).table().set_index("item")
    np.testing.assert_allclose(again.loc[NAMES, ["floor", "p_slope"]], first[["floor", "p_slope"]], rtol=1e-6)
    assert again.loc[NAMES, "present"].tolist() == ["present", "present", "present", ABSENT]


def test_what_is_borrowed_is_not_present() -> None:
    """A driver tied to the outcome through another alone has a share above the floor and no slope: it is called borrowed."""
    frame = clustered(np.random.default_rng(5), psus=150, icc=0.1)
    table = presence(Design(frame, weight="w", psu="psu"), "y", [*NAMES[:3], "borrower"]).table()
    assert table["estimate"][3] > 10 * table["floor"][3]
    assert table["p_slope"][3] > 0.05
    assert table["present"][3] == "borrowed"
    assert "its slope is not told from 0" in table["note"][3]
    assert table["note"][0] == ""


def test_replicates_give_their_own_test() -> None:
    """With a jackknife, slopes are made anew in each replicate: p on the scale of the linearised one; floors do not change."""
    plain = presence(bank(), "recommend", THREE).table()
    knife = presence(replicate(bank(), "jackknife"), "recommend", THREE).table()
    np.testing.assert_allclose(knife["floor"], plain["floor"], rtol=1e-12)
    np.testing.assert_allclose(np.log(knife["p_slope"]), np.log(plain["p_slope"]), rtol=0.25)
    assert (knife["p_slope"] != plain["p_slope"]).all()


def test_supplied_replicates_name_no_psus() -> None:
    """Replicate weights that were supplied test slopes; floors take rows as independent, which every note says."""
    frame = clustered(np.random.default_rng(2))
    made = replicate(Design(frame, weight="w", psu="psu"), "jackknife").layout.replicates
    assert made is not None
    factors = np.hstack([made.weights(block) for block in made.blocks()])
    supplied = replicated(frame, weight="w", replicates=factors, method="jk1")
    table = presence(supplied, "y", NAMES).table()
    np.testing.assert_allclose(table["floor"], presence(Design(frame, weight="w"), "y", NAMES).floor, rtol=1e-9)
    assert table["note"].str.startswith("floor as if each row were a psu: replicate weights were supplied").all()


def test_a_domain_is_its_own_rows() -> None:
    """Within a domain, floors and shares are those of a design of that domain's rows alone."""
    frame = clustered(np.random.default_rng(6), psus=80)
    inside = (frame["psu"] < 50).to_numpy()
    here = presence(Design(frame, weight="w", psu="psu"), "y", NAMES, within=inside)
    alone = presence(Design(frame[inside], weight="w", psu="psu"), "y", NAMES)
    np.testing.assert_allclose(here.floor, alone.floor, rtol=1e-9)
    np.testing.assert_allclose(here.share, alone.share, rtol=1e-12)
    assert here.n == alone.n == 750


def test_answers_that_pairs_share_are_counted_where_moments_are_not_of_complete_ones() -> None:
    """Moments that say more answers are behind them than are complete: the noise is that of those who gave both answers."""
    rng = np.random.default_rng(7)
    frame = clustered(rng)
    holes = frame.assign(c=frame["c"].where(rng.random(len(frame)) > 0.5))
    design = Design(holes, weight="w", psu="psu")
    moments = complete(design, [*NAMES, "y"])
    more = replace(moments, n=len(frame), note="pairs")
    listwise, pairs = (presence(design, "y", NAMES, moments=each) for each in (moments, more))
    whole = presence(Design(frame, weight="w", psu="psu"), "y", NAMES)
    assert (pairs.floor < listwise.floor)[[0, 1, 3]].all()
    assert (np.abs(pairs.floor / whole.floor - 1)[[0, 1, 3]] < 0.25).all()
    assert set(pairs.note) == {"pairs"} or pairs.note[0].startswith("pairs")


def test_controls_are_in_before_noise() -> None:
    """A control that explains most of the outcome leaves noise less to pick up: floors fall, and it has none itself."""
    frame = clustered(np.random.default_rng(9))
    strong = frame.assign(y=frame["y"] + 3 * frame["idle"])
    design = Design(strong, weight="w", psu="psu")
    table = presence(design, "y", NAMES[:3], always="idle").table()
    assert table["item"].tolist() == NAMES[:3]
    assert (table["floor"].to_numpy() < 0.5 * presence(design, "y", NAMES).floor[:3]).all()


def test_subsets_drawn_at_random_agree_with_all_of_them() -> None:
    """The form of more than 20 players, from 4,000 subsets, is that of all subsets within 3 % for six players."""
    rng = np.random.default_rng(3)
    correlation = np.corrcoef(rng.normal(size=(7, 60)) + rng.normal(size=60))
    exact = _noise_form(correlation, players_of(6), 0)
    drawn = _sampled_form(correlation, players_of(6), np.random.default_rng(0))
    np.testing.assert_allclose(drawn, exact, atol=0.03 * np.abs(exact).max())


def test_more_than_twenty_drivers_need_their_shares() -> None:
    """Above 20 players LMG is refused; with shares given, floors come from subsets drawn by the seed."""
    rng = np.random.default_rng(3)
    names = [f"d{j:02d}" for j in range(22)]
    frame = pd.DataFrame(rng.normal(size=(400, 22)), columns=names)
    frame["y"] = frame["d00"] + rng.normal(size=400)
    with pytest.raises(DesignError, match="22 players"):
        presence(Design(frame), "y", names)
    some = importance(Design(frame), "y", names[:11])
    shares = some.select([*range(1, 12), *range(1, 12)])
    shares = replace(shares, labels=shares.labels.assign(item=names, statistic="johnson"))
    table = presence(Design(frame), "y", names, shares=shares).table()
    assert table["statistic"].unique().tolist() == ["johnson"]
    np.testing.assert_allclose(table["floor"], 3.84 * 0.7 / 400, rtol=0.2)
    assert table["present"].tolist()[:2] == ["present", ABSENT]
    again = presence(Design(frame), "y", names, shares=shares, seed=0).table()
    pd.testing.assert_frame_equal(again, table)


def test_too_few_psus_are_said_not_guessed() -> None:
    """Five psus and four drivers: no slope test, no floor, no word on presence, and a note for each."""
    frame = clustered(np.random.default_rng(1), psus=5, size=40, icc=0.9)
    table = presence(Design(frame, weight="w", psu="psu"), "y", NAMES).table()
    assert table["p_slope"].isna().all()
    assert table["present"].tolist() == [""] * 4
    assert table["note"].str.contains("too few psus").all()
    assert table.loc[table["floor"].isna(), "note"].str.contains("no floor").all()


def test_columns_that_are_no_columns_have_no_floor() -> None:
    """Moments of made-up columns (answers times who was asked) have slopes and no rows: the note says so."""
    frame = clustered(np.random.default_rng(1))
    design = Design(frame, weight="w", psu="psu")
    columns = [frame[name].to_numpy() for name in NAMES[:2]]
    moments = complete(design, [*columns, frame["y"].to_numpy()], ["made", "up", "y"])
    table = presence(design, "y", ["made", "up"], moments=moments).table()
    assert table["floor"].isna().all()
    assert table["p_slope"].notna().all()
    assert table["note"].tolist() == ["no floor: `made` is no column of the answers"] * 2


def test_what_cannot_be_asked_is_refused() -> None:
    """A level that is none, moments or shares of other columns, and what importance refuses."""
    frame = clustered(np.random.default_rng(1))
    design = Design(frame, weight="w", psu="psu")
    with pytest.raises(DesignError, match="confidence level of 5"):
        presence(design, "y", NAMES, level=5)
    for what, message in (
        ({"level": None}, "confidence level of None"),
        ({"level": "a"}, "confidence level of 'a'"),
        ({"seed": -1}, "seed=-1 is no whole number"),
        ({"within": np.ones(3, bool)}, r"within= is of shape \(3,\) and the answers have 600 rows"),
        ({"shares": 5}, "shares= takes an Estimate, and a int was given"),
    ):
        with pytest.raises(DesignError, match=message):
            presence(design, "y", NAMES, **what)
    with pytest.raises(DesignError, match="1 drivers are given"):
        presence(design, "y", "idle")
    with pytest.raises(DesignError, match="the outcome is no name of a column"):
        presence(design, frame["y"].to_numpy(), NAMES)
    with pytest.raises(DesignError, match="the moments are of a, b, y"):
        presence(design, "y", NAMES, moments=complete(design, ["a", "b", "y"]))
    with pytest.raises(DesignError, match="the shares are of a, b"):
        presence(design, "y", NAMES, shares=importance(design, "y", ["a", "b"]))
    with pytest.raises(DesignError, match="the outcome `y` is among its own drivers"):
        presence(design, "y", [*NAMES, "y"])
    with pytest.raises(DesignError, match="everybody gave the same answer to `idle`"):
        presence(Design(frame.assign(idle=1.0)), "y", NAMES)


def rarely_used() -> tuple[pd.DataFrame, list[str]]:
    """Forty psus of twenty, and a driver that one of them used."""
    rng = np.random.default_rng(11)
    psu = np.repeat(np.arange(40), 20)
    plain = 0.4 * rng.normal(size=(40, 4))[psu] + rng.normal(size=(800, 4))
    frame = pd.DataFrame(plain[:, :3], columns=["a", "b", "c"]).assign(psu=psu)
    frame["rare"] = np.where(psu == 7, rng.integers(0, 4, 800), 0.0)
    return frame.assign(y=plain @ [0.5, 0.4, 0.15, 1.0] + 0.5 * frame["rare"]), ["a", "b", "c", "rare"]


def slopes_of(frame: pd.DataFrame, names: list[str], weight: np.ndarray) -> np.ndarray:
    """Least squares on the rows, over deviations, of the drivers that vary there; NaN for the others."""
    used = [name for name in names if np.ptp(frame.loc[weight > 0, name]) > 0]
    root = np.sqrt(weight)
    x = np.column_stack([np.ones(len(frame)), frame[used]])
    found = np.linalg.lstsq(x * root[:, None], frame["y"].to_numpy() * root)[0][1:]
    return pd.Series(found, used).reindex(names).to_numpy()


@pytest.mark.parametrize("kind", ["jackknife", "bootstrap"])
def test_a_driver_that_does_not_vary_in_a_replicate_has_no_slope_there(kind: Any) -> None:
    """The replicate is left out of its test, with a note, and of no other: p by least squares on the rows of each replicate."""
    frame, names = rarely_used()
    design = Design(frame, psu="psu")
    made = replicate(design, kind, **({"replicates": 200, "seed": 1} if kind == "bootstrap" else {}))
    factors = made.layout.replicates
    assert factors is not None
    weights = np.hstack([factors.weights(block) for block in factors.blocks()])
    thetas = np.array([slopes_of(frame, names, weight) for weight in weights.T])
    lost = int(np.isnan(thetas[:, 3]).sum())
    assert np.isfinite(thetas[:, :3]).all()
    assert lost == int((weights[frame["psu"].to_numpy() == 7][0] == 0).sum()) > 0
    whole = slopes_of(frame, names, np.ones(800))
    kept = np.isfinite(thetas).sum(axis=0)
    scale = 39 / 40 if kind == "jackknife" else 1 / (kept - 1)
    variance = scale * np.nansum((thetas - whole) ** 2, axis=0)
    found = presence(made, "y", names)
    expected = stats.f.sf(whole**2 / variance, 1, 39 - 4)
    np.testing.assert_allclose(found.p_slope, expected, rtol=1e-6)
    told = f"slope test: {lost} of {len(thetas)} replicates gave no value and were left out"
    assert [told in note for note in found.note] == [False, False, False, True]
    assert found.present == presence(design, "y", names).present


def test_a_floor_is_no_more_than_one() -> None:
    """Of seven people and four drivers noise may reach beyond R² at a high level: the floor is 1 and says so."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(7, 4)), columns=["a", "b", "c", "y"])
    found = presence(Design(frame), "y", ["a", "b", "c"], level=0.999)
    assert found.floor.tolist() == [1.0] * 3
    assert all("floor bounded at 1" in note for note in found.note)


@pytest.mark.parametrize("unit", [1e-11, 1e11])
def test_the_unit_of_a_driver_never_matters(unit: float) -> None:
    """A column in units of 1e-11 varies as much as the same in others; one that does not is refused in any unit."""
    frame = clustered(np.random.default_rng(3))
    found = presence(Design(frame.assign(a=unit * frame["a"]), weight="w", psu="psu"), "y", NAMES)
    plain = presence(Design(frame, weight="w", psu="psu"), "y", NAMES)
    np.testing.assert_allclose(found.share, plain.share, rtol=1e-9)
    np.testing.assert_allclose(found.p_slope, plain.p_slope, rtol=1e-6)
    for constant in (0.0, 0.1 * unit):
        with pytest.raises(DesignError, match="everybody gave the same answer to `a`"):
            presence(Design(frame.assign(a=constant), weight="w", psu="psu"), "y", NAMES)


def test_intervals_of_shares_stay_where_shares_are() -> None:
    """Bounds are cut at 0 and said to be; the others are value ± t·se as before, in a selection too."""
    frame = clustered(np.random.default_rng(3))
    shares = importance(Design(frame, weight="w", psu="psu"), "y", NAMES)
    plain, cut = shares.table(), bounded(shares).table()
    assert plain["lower"][4] < 0
    assert cut["lower"].tolist() == plain["lower"].clip(lower=0).tolist()
    assert cut["upper"].tolist() == plain["upper"].tolist()
    assert cut["note"].tolist() == ["", "", "", "", "bounded below at 0"]
    assert bounded(shares).select([4]).table(level=0.5)["lower"][0] >= 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weight", "icc", "planted", "together"),
    [
        (None, 0.0, "idle", False),
        ("w", 0.0, "idle", True),
        ("w", 0.3, "idle", False),
        ("w", 0.3, "idle", True),
        ("w", 0.3, "borrower", True),
    ],
)
def test_a_driver_of_no_share_is_seldom_called_present(
    weight: str | None, icc: float, planted: str, together: bool
) -> None:
    """1,200 rehearsals: called present in at most 5 % (+ 2 Monte Carlo errors), among independent and correlated drivers, with
    clusters and weights, and with a share borrowed from another; taking clustered rows as independent breaks the promise."""
    rng = np.random.default_rng(12)
    names, rehearsals = [*NAMES[:3], planted], 1200
    wrong = naive = found = 0
    for number in range(rehearsals):
        frame = clustered(rng, icc=icc, together=together)
        present = presence(Design(frame, weight=weight, psu="psu"), "y", names).present
        wrong += present[3] == "present"
        found += present[0] == "present"
        if icc and number % 3 == 0:
            naive += presence(Design(frame, weight=weight), "y", names).present[3] == "present"
    print(
        f"{planted}, icc {icc}, weight {weight}, together {together}: {wrong / rehearsals:.4f}; "
        f"naive {3 * naive / rehearsals:.4f}; a {found / rehearsals:.3f}"
    )
    most = 0.05 + 2 * np.sqrt(0.05 * 0.95 / rehearsals)
    assert wrong / rehearsals <= most
    assert found / rehearsals > 0.9
    assert icc == 0 or 3 * naive / rehearsals > most
