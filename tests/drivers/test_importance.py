"""Where all roads meet: each option of `importance` gives what its own verb gives; roads that do not meet are refused."""

from __future__ import annotations

from typing import Any

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
    ],
)
def test_roads_that_do_not_meet_are_refused(options: dict[str, Any], message: str) -> None:
    """An unknown word, and options that have no common meaning, end in an error that names them."""
    with pytest.raises(DesignError, match=message):
        drivers.importance(bank(), "recommend", NAMES, **options)


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
    both = drivers.collinearity(design, [*NAMES[:2], "helped"], "recommend")
    np.testing.assert_allclose(table.loc[NAMES[0], "vif"], both.vif[0], rtol=1e-10)
    np.testing.assert_allclose(table["share_of_r2"]["recommend"], 1.0)


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
