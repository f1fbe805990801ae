"""Where all roads meet: each option of `importance` gives what its own verb gives; roads that do not meet are refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from symmetry import drivers, estimate
from symmetry.design import Design, replicate
from symmetry.drivers.outcomes.binary import binary_shares
from symmetry.drivers.outcomes.polychoric import polychoric
from symmetry.errors import DesignError
from tests.golden.reading import data

NAMES = ["listened", "kept", "helped"]
ROLES = {"weight": "weight", "stratum": "region", "psu": "branch"}


def bank() -> Design:
    """Customers of a bank."""
    return Design(data("bank_customers"), **ROLES)


def rebuilt(**columns: object) -> Design:
    """The same with other columns."""
    return Design(data("bank_customers").assign(**columns), **ROLES)


@pytest.mark.parametrize("statistic", ["top_box", "nps"])
def test_an_outcome_is_read_as_its_statistic(statistic: str) -> None:
    """Shares of the top box, or of the NPS, are those of a column coded by hand; blanks stay blank."""
    x = data("bank_customers")["recommend"]
    coded = (x >= 9).astype(float) if statistic == "top_box" else 100.0 * ((x >= 9).astype(float) - (x <= 6))
    options: dict[str, Any] = {"statistic": statistic} | ({"at_least": 9} if statistic == "top_box" else {})
    found = drivers.importance(bank(), "recommend", NAMES, **options)
    other = drivers.importance(rebuilt(coded=coded.where(x.notna())), "coded", NAMES)
    np.testing.assert_allclose(found.values, other.values, rtol=1e-12)
    np.testing.assert_allclose(found.se, other.se, rtol=1e-9)
    assert "recommend" == found.labels["item"][0]
    told = "NPS of recommend" if statistic == "nps" else "recommend at least 9"
    assert tuple(f"{told}; {note}" for note in other.note) == found.note
    table = drivers.overview(bank(), "recommend", NAMES, **options).table()
    assert table["note"][0].startswith(told)
    assert told not in drivers.importance(bank(), "recommend", NAMES).note[0]


@pytest.mark.parametrize("method", ["johnson", "first", "last", "pratt", "car"])
def test_every_method_has_its_rows(method: str) -> None:
    """R² first, then a row a driver in the method's name; those that share R² out sum to it."""
    found = drivers.importance(bank(), "recommend", NAMES, method=method).table()
    assert ["r2", method, method, method] == found["statistic"].tolist()
    total = found["estimate"][1:].sum()
    assert (method in ("first", "last")) != np.isclose(total, found["estimate"][0], rtol=1e-10)


def test_relative_weights_take_more_than_twenty_drivers() -> None:
    """LMG refuses 24 drivers and says what else there is; relative weights of the same sum to R²."""
    rng = np.random.default_rng(1)
    names = [f"x{j}" for j in range(24)]
    frame = pd.DataFrame(rng.normal(size=(300, 24)), columns=names)
    design = Design(frame.assign(y=frame.sum(axis=1) + rng.normal(size=300)))
    with pytest.raises(DesignError, match="24 players") as caught:
        drivers.importance(design, "y", names)
    assert 'method="johnson"' in caught.value.problems[0].mend
    found = drivers.importance(design, "y", names, method="johnson")
    np.testing.assert_allclose(found.values[1:].sum(), found.values[0], rtol=1e-12)


def test_models_are_those_of_their_verbs() -> None:
    """Polychoric shares have the R² of the polychoric matrix; pseudo-R² are shared as by `binary_shares`."""
    ordered = [*NAMES, "recommend"]
    found = drivers.importance(bank(), "recommend", NAMES, model="polychoric", ordinal=ordered)
    r = polychoric(bank(), ordered, ordinal=ordered).correlation
    np.testing.assert_allclose(found.values[0], r[3, :3] @ np.linalg.solve(r[:3, :3], r[:3, 3]), rtol=1e-10)
    yes = (data("bank_customers")["recommend"] >= 9).astype(float).where(data("bank_customers")["recommend"].notna())
    for measure in ("mcfadden", "estrella"):
        top = drivers.importance(bank(), "recommend", NAMES, model=measure, statistic="top_box", at_least=9)
        own = binary_shares(rebuilt(yes=yes), "yes", NAMES, measure=measure)
        np.testing.assert_allclose(top.values, own.values, rtol=1e-10)
        np.testing.assert_allclose(top.se, own.se, rtol=1e-9)
        assert top.note[0].startswith("recommend at least 9; ")


def test_a_control_that_does_not_apply_to_all_enters_as_two_columns() -> None:
    """With "indicator" a control becomes "used" and "rating", both in before any driver; rows still sum to R²."""
    frame = data("bank_customers")
    frame["atm"] = np.where(np.arange(len(frame)) % 3 == 0, np.nan, frame["helped"])
    why = pd.DataFrame({"atm": np.where(frame["atm"].isna() & (np.arange(len(frame)) % 3 == 0), "not applicable", "")})
    why.loc[frame["atm"].isna() & (why["atm"] == ""), "atm"] = "no answer"
    design = Design(frame, **ROLES)
    found = drivers.importance(
        design, "recommend", ["listened", "kept"], always="atm", missing="indicator", reasons=why
    ).table()
    assert ["r2", "lmg", "lmg", "always"] == found["statistic"].tolist()
    assert "atm: used + atm: rating" == found["item"][3]
    np.testing.assert_allclose(found["estimate"][1:].sum(), found["estimate"][0], rtol=1e-10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "pmvd"}, "no decomposition is called 'pmvd'"),
        ({"model": "probit"}, "no model of drivers is called 'probit'"),
        ({"model": "polychoric", "missing": "em"}, "takes complete answers"),
        ({"model": "mcfadden", "method": "johnson"}, 'shared out by "lmg" alone'),
        ({"ordinal": ["kept"]}, "ordinal= means nothing"),
        ({"missing": "guess"}, "missing='guess' is unknown"),
        ({"missing": "users"}, "needs to know why answers are missing"),
        ({"statistic": "top_box"}, "none was given"),
        ({"statistic": "median"}, "no statistic of an outcome"),
        ({"model": "polychoric", "reasons": pd.DataFrame()}, 'reasons= mean nothing with model="polychoric"'),
        ({"model": "mcfadden", "reasons": pd.DataFrame()}, 'reasons= mean nothing with model="mcfadden"'),
        ({"statistic": "top_box", "at_least": "4"}, "at_least='4' is no answer"),
        ({"statistic": "top_box", "at_least": float("nan")}, "at_least=nan is no answer"),
        ({"model": "polychoric", "ordinal": [1]}, "the ordered columns: 1 is no name of a column"),
    ],
)
def test_roads_that_do_not_meet_are_refused(options: dict[str, Any], message: str) -> None:
    """An unknown word, and options that have no common meaning, end in an error that names them."""
    with pytest.raises(DesignError, match=message):
        drivers.importance(bank(), "recommend", NAMES, **options)


def played(groups: Any, **options: Any) -> None:
    """Importance of three drivers for the bank's recommendation, with a control and groups."""
    drivers.importance(trusted(), "recommend", ["listened", "kept", "trust"], groups=groups, always="helped", **options)


def trusted() -> Design:
    """The bank's customers, and how much they trust it."""
    frame = data("bank_customers")
    return rebuilt(trust=0.3 * frame["kept"] + np.random.default_rng(4).normal(size=len(frame)))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"helped": ["listened", "kept"]}, "group `helped` is called like a control"),
        ({"recommend": ["listened", "kept"]}, "group `recommend` is called like the outcome"),
        ({"trust": ["listened", "kept"]}, "group `trust` is called like a driver"),
        ({"service": []}, "group `service` is empty"),
        ([["listened", "kept"]], "groups= is a list"),
        ({"service": ["listened", "helped"]}, "group `service` holds `helped`, which is no driver"),
        ({"service": ["listened", "listened"]}, "`listened` is in groups `service` and `service`"),
        ({"service": [1]}, "group `service`: 1 is no name of a column"),
    ],
)
def test_groups_that_are_not_told_apart_are_refused(groups: Any, message: str) -> None:
    """A group called like a control, a driver or the outcome would change roles with it; one without drivers does nothing."""
    top: dict[str, Any] = {"statistic": "top_box", "at_least": 9}
    more: tuple[dict[str, Any], ...] = ({}, {"model": "polychoric"}, {"missing": "em"}, {"model": "mcfadden"} | top)
    for options in more:
        with pytest.raises(DesignError, match=message):
            played(groups, **options)


def test_a_group_of_another_name_leaves_roles_alone() -> None:
    """Drivers in a group beside a control, by regressions on the rows: the group, the other driver, the control alone."""
    frame = trusted().data.dropna(subset=[*NAMES, "recommend", "trust"])
    weight, y = frame["weight"].to_numpy(), frame["recommend"].to_numpy(float)

    def fitted(*names: str) -> float:
        x = np.column_stack([np.ones(len(frame)), frame[list(names)].to_numpy(float)])
        root = np.sqrt(weight)
        rest = y - x @ np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
        return float(1 - weight @ rest**2 / (weight @ (y - weight @ y / weight.sum()) ** 2))

    alone, both, one, whole = (
        fitted("helped", *names) for names in ((), ("listened", "kept"), ("trust",), ("listened", "kept", "trust"))
    )
    names = ["listened", "kept", "trust"]
    found = drivers.importance(trusted(), "recommend", names, groups={"service": names[:2]}, always="helped")
    expected = [whole, (both - alone + whole - one) / 2, (one - alone + whole - both) / 2, alone]
    np.testing.assert_allclose(found.values, expected, rtol=1e-10)
    assert ["recommend", "service", "trust", "helped"] == found.labels["item"].tolist()


def test_names_may_be_given_in_any_way() -> None:
    """From a generator, as an index, one alone: the same; what are no names is refused and not a traceback."""
    expected = drivers.importance(bank(), "recommend", NAMES, method="johnson")
    each: tuple[Any, ...] = ((name for name in NAMES), pd.Index(NAMES))
    for names in each:
        np.testing.assert_array_equal(
            expected.values, drivers.importance(bank(), "recommend", names, method="johnson").values
        )
    some: Any = (name for name in NAMES)
    np.testing.assert_array_equal(expected.values, drivers.relative_weights(bank(), "recommend", some).values)
    top: dict[str, Any] = {"model": "mcfadden", "statistic": "top_box", "at_least": 9}
    np.testing.assert_array_equal(
        drivers.importance(bank(), "recommend", NAMES, **top).values,
        drivers.importance(bank(), "recommend", cast(Any, (name for name in NAMES)), **top).values,
    )
    one = drivers.importance(bank(), "recommend", NAMES, model="polychoric", ordinal="kept")
    np.testing.assert_array_equal(
        one.values, drivers.importance(bank(), "recommend", NAMES, model="polychoric", ordinal=["kept"]).values
    )


@pytest.mark.parametrize(
    ("outcome", "predictors", "always", "message"),
    [
        ("recommend", None, (), "the drivers: None is no list of names"),
        ("recommend", [0, 1], (), "the drivers: 0 is no name of a column"),
        ("recommend", NAMES, None, r"the controls \(always=\): None"),
        (0, NAMES, (), "the outcome is no name of a column"),
        ("recommend", NAMES, "kept", "`kept` is both driver and control"),
    ],
)
def test_what_are_no_names_is_refused(outcome: Any, predictors: Any, always: Any, message: str) -> None:
    """None, numbers, and a column in two roles, whatever the model."""
    for model in ("linear", "mcfadden"):
        with pytest.raises(DesignError, match=message):
            drivers.importance(bank(), outcome, predictors, always=always, model=cast(Any, model))


def test_what_is_too_many_has_a_mend_that_works() -> None:
    """Each verb names its own limit, and what it tells to do instead can be done."""
    rng = np.random.default_rng(1)
    names = [f"x{j}" for j in range(24)]
    frame = pd.DataFrame(rng.normal(size=(300, 24)), columns=names)
    design = Design(frame.assign(y=(frame.sum(axis=1) + rng.normal(size=300) > 0).astype(float)))
    verbs: dict[int, tuple[Any, ...]] = {20: (drivers.importance, drivers.overview, drivers.dominance), 12: ()}
    verbs[12] = (lambda *asked: drivers.importance(*asked, model="mcfadden"),)
    for most, some in verbs.items():
        for verb in some:
            with pytest.raises(DesignError, match="24 players") as caught:
                verb(design, "y", names)
            mend = caught.value.problems[0].mend
            assert mend.startswith(f"name at most {most}, or groups=")
            assert 'for a linear model importance(…, method="johnson")' in mend
    assert 25 == len(drivers.importance(design, "y", names, method="johnson").values)
    with pytest.raises(DesignError, match="1 players") as caught:
        drivers.importance(design, "y", names[:2], groups={"g": names[:2]})
    assert "name 2 drivers or groups, or more" == caught.value.problems[0].mend


def test_an_overview_is_its_parts() -> None:
    """Shares, ranks, presence and collinearity side by side, row by row those of their own verbs; controls have no row."""
    design = bank()
    found = drivers.overview(design, "recommend", NAMES[:2], always="helped", seed=3)
    table = found.table().set_index("item")
    shares = drivers.importance(design, "recommend", NAMES[:2], always="helped")
    assert {"recommend", *NAMES[:2]} == set(table.index)
    np.testing.assert_allclose(table.loc[["recommend", *NAMES[:2]], "estimate"], shares.values[:3], rtol=1e-12)
    told = drivers.presence(design, "recommend", NAMES[:2], always="helped").table().set_index("item")
    np.testing.assert_allclose(table.loc[NAMES[:2], "floor"], told.loc[NAMES[:2], "floor"], rtol=1e-9)
    places = drivers.ranks(shares, seed=3).table().set_index("item")
    for name in ("rank", "rank_lower", "rank_upper", "tier", "top1"):
        np.testing.assert_array_equal(table.loc[NAMES[:2], name], places.loc[NAMES[:2], name])
    both = drivers.collinearity(design, NAMES[:2], "recommend", always="helped")
    np.testing.assert_allclose(table.loc[NAMES[0], "vif"], both.vif[0], rtol=1e-10)
    np.testing.assert_allclose(table["share_of_r2"]["recommend"], 1.0)


def test_an_overview_says_all_that_its_parts_say() -> None:
    """With four psus there is no slope test of four drivers: the row says why; supplied replicates tell of their floor."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(80, 5)), columns=["a", "b", "c", "d", "y"]).assign(psu=np.arange(80) % 4)
    frame["y"] += frame["a"]
    table = drivers.overview(Design(frame, psu="psu"), "y", list("abcd")).table()
    told = drivers.presence(Design(frame, psu="psu"), "y", list("abcd")).table().set_index("item")
    for item, note, p in zip(table["item"][1:], table["note"][1:], table["p_slope"][1:], strict=True):
        assert np.isnan(p)
        assert told.loc[item, "note"] in note
        assert len(set(note.split("; "))) == len(note.split("; "))


def test_halo_that_controls_take_out_is_not_warned_of() -> None:
    """Five drivers of one mood: halo without controls; with the mood as control, what is left of it, and no warning."""
    rng = np.random.default_rng(3)
    mood = rng.normal(size=500)
    names = list("abcde")
    frame = pd.DataFrame(3 * mood[:, None] + rng.normal(size=(500, 5)), columns=names).assign(mood=mood)
    frame["y"] = mood + frame["a"] + rng.normal(size=500)
    plain = drivers.overview(Design(frame), "y", names)
    with_it = drivers.overview(Design(frame), "y", names, always="mood")
    assert "halo" in plain.table()["note"][0]
    assert "halo" not in with_it.table()["note"][0]
    expected = drivers.collinearity(Design(frame), names, "y", always="mood").halo
    np.testing.assert_allclose(with_it.table()["halo"][0], expected, rtol=1e-10)
    assert expected < 0.4 < 0.8 < plain.collinearity.halo


def test_replicates_and_imputations_are_for_every_road() -> None:
    """A bootstrap of EM shares has errors near the linearised ones; shares of imputed answers pool by Rubin's rules."""
    design = bank()
    plain = drivers.importance(design, "recommend", NAMES, missing="em")
    again = drivers.importance(replicate(design, "jackknife"), "recommend", NAMES, missing="em")
    np.testing.assert_allclose(again.values, plain.values, rtol=1e-9)
    np.testing.assert_allclose(again.se, plain.se, rtol=0.1)
    filled = estimate.impute(design, [*NAMES, "recommend"], method="chained", imputations=3, seed=1)
    parts = [drivers.importance(one, "recommend", NAMES) for one in filled]
    pooled = estimate.combine(parts)
    np.testing.assert_allclose(pooled.values, np.mean([part.values for part in parts], axis=0), rtol=1e-12)
    within = np.mean([part.variance for part in parts], axis=0)
    between = np.var([part.values for part in parts], axis=0, ddof=1)
    np.testing.assert_allclose(pooled.variance, within + (1 + 1 / 3) * between, rtol=1e-9)
