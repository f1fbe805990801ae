"""Models by other roads, domain differences and statsmodels, and on bad input: separation, columns that determine each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design, replicate, two_phase
from symmetry.errors import ConvergenceError, DesignError
from tests.golden.reading import bank_stacked, data, school_designs

RNG = np.random.default_rng(6)
N = 240
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(24), 10), "a": RNG.normal(size=N), "g": RNG.choice(["l", "m"], N)})
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["y"] = 2 + FRAME["a"] + (FRAME["g"] == "m") + RNG.normal(size=N)
FRAME["yes"] = (RNG.random(N) < 1 / (1 + np.exp(-FRAME["a"]))).astype(float)
FRAME["count"] = RNG.poisson(np.exp(0.3 * FRAME["a"] + 1)).astype(float)
DESIGN = Design(FRAME, weight="w", psu="psu")


def test_two_groups_are_a_difference_of_domains() -> None:
    """A gaussian model of two groups has the difference of their means, its error and its sign turned when the levels are."""
    fit = estimate.glm(DESIGN, "y ~ C(g)").estimate.select([1])
    gap = estimate.contrast(estimate.mean(DESIGN, "y", by=["g"]), {"m - l": "m - l"})
    np.testing.assert_allclose([fit.values, fit.se], [gap.values, gap.se], rtol=1e-10)
    turned = estimate.glm(DESIGN, "y ~ C(g, contr.treatment('m'))").estimate.select([1])
    np.testing.assert_allclose([turned.values, turned.se], [-gap.values, gap.se], rtol=1e-10)


@pytest.mark.parametrize(("family", "outcome"), [("gaussian", "y"), ("binomial", "yes"), ("poisson", "count")])
def test_coefficients_are_those_of_statsmodels(family: str, outcome: str) -> None:
    """With weights as frequencies the coefficients are the maximum of the same likelihood."""
    import statsmodels.api as sm

    kinds = {"gaussian": sm.families.Gaussian(), "binomial": sm.families.Binomial(), "poisson": sm.families.Poisson()}
    x = sm.add_constant(FRAME[["a"]])
    other = sm.GLM(FRAME[outcome], x, family=kinds[family], freq_weights=FRAME["w"]).fit(tol=1e-14, maxiter=200)
    np.testing.assert_allclose(
        estimate.glm(DESIGN, f"{outcome} ~ a", family=family).estimate.values, other.params, rtol=1e-9
    )


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson", "gamma"])
def test_the_unit_of_a_column_moves_its_coefficient_alone(family: str) -> None:
    """Ten times the column, a tenth of the coefficient and of its error; weights in another unit change nothing."""
    outcome = {"gaussian": "y", "binomial": "yes", "poisson": "count", "gamma": "up"}[family]
    frame = FRAME.assign(up=np.exp(0.2 * FRAME["y"]), ten=10 * FRAME["a"], w=7 * FRAME["w"])
    link = "log" if family == "gamma" else None
    one = estimate.glm(Design(frame, weight="w", psu="psu"), f"{outcome} ~ a", family=family, link=link).estimate
    design = Design(frame.assign(w=FRAME["w"]), weight="w", psu="psu")
    ten = estimate.glm(design, f"{outcome} ~ ten", family=family, link=link).estimate
    np.testing.assert_allclose(10 * ten.values[1], one.values[1], rtol=1e-9)
    np.testing.assert_allclose(10 * ten.se[1], one.se[1], rtol=1e-8)
    np.testing.assert_allclose(ten.values[0], one.values[0], rtol=1e-9)


def test_who_lacks_a_variable_is_out_and_told() -> None:
    """A missing column leaves its rows out; psus stay, and the note counts."""
    frame = FRAME.assign(a=FRAME["a"].where(FRAME.index >= 10))
    found = estimate.glm(Design(frame, weight="w", psu="psu"), "y ~ a")
    assert ("230 of 240 respondents have every variable", 230) == (found.estimate.note[0], found.n)
    assert [21.0, 21.0] == found.estimate.df.tolist()


@pytest.mark.parametrize(
    ("formula", "options", "message", "mend"),
    [
        ("y ~ nobody", {}, "names `nobody`, and there is no such column", "name columns of the frame"),
        ("~ a", {}, "has no outcome", "outcome ~ columns"),
        ("y ~ a + twice", {}, "`a`, `twice` determine each other exactly", "leave one of them out"),
        ("y ~ nothing", {}, "nobody has every variable", "missing everywhere"),
        ("y ~ a", {"family": "binomial"}, "a binomial model takes 0, 1 or shares between", "another family"),
        ("y ~ a", {"family": "normal"}, "no family is called 'normal'", "'gaussian'"),
        ("y ~ a", {"link": "logit"}, "has no link 'logit'", "'identity'"),
        ("g ~ a", {}, "makes 2 columns", "one numeric column"),
        ("y ~ a + C(level)", {}, r"`C\(level\)\[T.nobody\]` is 0 for all respondents", "drop empty levels"),
        ("y ~ endless", {}, "`endless` is infinite on row 6", "leave it missing"),
        ("y ~ a + unheard", {}, "nobody used has `unheard` = 'nobody'", "remove_unused_categories"),
        ("y ~ when", {}, "`when` of 'y ~ when' is no column of numbers", "days since a date"),
        ("y ~ np.log(a)", {}, "makes no number for [0-9]+ respondents who have every variable", "logarithm"),
        ("y ~ 0", {}, "has no column at all", "outcome ~ 1"),
        ("y ~ a | g", {}, "has several parts", "without |"),
        ("y ~ a +", {}, r"cannot be read: Operator `\+` .* y ~ a [+]", "name columns of the frame"),
        ("y ~ open('a').b", {}, "cannot be read: Missing operator", "name columns of the frame"),
        ("y ~ a", {"family": ["gaussian"]}, "no family is called", "'gaussian'"),
    ],
)
def test_models_that_cannot_be_are_refused(formula: str, options: dict[str, str], message: str, mend: str) -> None:
    """Absent and collinear columns, outcomes and families that do not fit: each with its remedy."""
    frame = FRAME.assign(twice=2 * FRAME["a"], nothing=np.nan, level=pd.Categorical(FRAME["g"], ["l", "m", "nobody"]))
    frame["endless"] = frame["a"].where(frame.index != 5, np.inf)
    frame["unheard"] = pd.Categorical(FRAME["g"], ["nobody", "l", "m"])
    frame["when"] = pd.Timestamp("2024-02-29")
    with pytest.raises(DesignError, match=message) as caught:
        estimate.glm(Design(frame, weight="w", psu="psu"), formula, **options)
    assert mend in caught.value.problems[0].mend


@pytest.mark.parametrize("kind", ["string", "string[pyarrow]", "category"])
def test_text_of_every_kind_makes_the_same_categories(kind: str) -> None:
    """Pandas' text, Arrow's and categories: the model, its error and its predictions do not depend on how text is kept."""
    plain = estimate.glm(DESIGN, "y ~ a * g")
    kept = FRAME.assign(g=FRAME["g"].astype(kind))
    other = estimate.glm(Design(kept, weight="w", psu="psu"), "y ~ a * g")
    assert plain.estimate.labels["item"].tolist() == other.estimate.labels["item"].tolist()
    np.testing.assert_allclose(other.covariance(), plain.covariance(), rtol=1e-12)
    both = (estimate.predict(one, rows).values for one, rows in ((plain, FRAME[:9]), (other, kept[:9])))
    np.testing.assert_allclose(*both, rtol=1e-12)


@pytest.mark.parametrize("formula", ["y ~ a + g", "y ~ C(g) * a"])
def test_a_category_that_nobody_of_weight_has_makes_no_column(formula: str) -> None:
    """Rows of weight 0 hold a category of their own, the first or the last: as if they were not there but for their psus."""
    inside = FRAME["psu"] != 3
    known = estimate.glm(Design(FRAME.assign(y=FRAME["y"].where(inside)), weight="w", psu="psu"), formula).estimate
    for strange in ("a", "z"):
        frame = FRAME.assign(g=FRAME["g"].where(inside, strange), w=FRAME["w"].where(inside, 0.0))
        found = estimate.glm(Design(frame, weight="w", psu="psu"), formula).estimate
        np.testing.assert_allclose([found.values, found.se], [known.values, known.se], rtol=1e-10)


def test_models_are_tested_and_contrasted_as_they_come() -> None:
    """A model stands for its coefficients in a joint test and in contrasts; what is neither is refused."""
    fit = estimate.glm(DESIGN, "y ~ a + g")
    pd.testing.assert_frame_equal(estimate.wald(fit.estimate), estimate.wald(fit))
    gap = {"a - m": "a - `g[T.m]`"}
    pd.testing.assert_frame_equal(estimate.contrast(fit.estimate, gap).table(), estimate.contrast(fit, gap).table())
    for ask in (estimate.wald, estimate.small_sample):
        with pytest.raises(DesignError, match="an Estimate or a model, and a DataFrame was given"):
            ask(fit.table())


def designs_of_every_form() -> dict[str, Design]:
    """Stages, unequal probabilities, two phases, two audiences, replicates, calibrated weights."""
    one, frame = (
        data("apiclus1"),
        FRAME.assign(chance=np.repeat(np.linspace(0.2, 0.6, 24), 10), inner=FRAME["a"] > -0.5),
    )
    totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
    fitted = weights.calibrate(one, totals, weight="pw", name="greg").assign(y=one["api00"])
    unequal = frame[["psu", "chance", "y"]]
    return {name: Design(design.data.assign(y=design.data.get("api00", 0.0)), **roles_of(design))
            for name, design in school_designs().items() if name != "nhanes"} | {
        "brewer": Design(unequal, psu="psu", probability="chance", joint="brewer"),
        "two_phase": two_phase(Design(frame, weight="w", psu="psu"), subset="inner"),
        "stacked": bank_stacked()["shared"],
        "jackknife": replicate(Design(frame, weight="w", psu="psu"), "jackknife"),
        "calibrated": Design(fitted, weight="greg", psu="dnum", fpc="fpc"),
        "lonely": Design(frame.assign(h=frame["psu"].clip(0, 1)), weight="w", stratum="h", psu="psu", lonely_psu="centre"),
    }  # fmt: skip


def roles_of(design: Design) -> dict[str, object]:
    """The roles of a design, to make it again of another frame."""
    return {role: getattr(design, role) for role in ("weight", "stratum", "psu", "fpc")}


@pytest.mark.parametrize(("name", "design"), list(designs_of_every_form().items()))
def test_a_model_of_nothing_is_a_mean_on_every_design(name: str, design: Design) -> None:
    """An intercept alone: value, error and df of the mean, by whatever road the design's variance goes."""
    item = "kept" if name == "stacked" else "y"
    mean, found = estimate.mean(design, item), estimate.glm(design, f"{item} ~ 1").estimate
    np.testing.assert_allclose([found.values, found.se], [mean.values, mean.se], rtol=1e-10)
    assert mean.df.tolist() == found.df.tolist()


def test_a_logarithmic_link_bears_outcomes_below_nothing() -> None:
    """A gaussian mean is above 0, its answers need not be: the equations hold at the solution."""
    frame = FRAME.assign(y=np.exp(0.5 * FRAME["a"]) + RNG.normal(0, 0.5, N))
    assert (frame["y"] < 0).any()
    fit = estimate.glm(Design(frame, weight="w", psu="psu"), "y ~ a", link="log")
    mu = np.exp(fit.estimate.values @ [np.ones(N), frame["a"]])
    rest = frame["w"] * (frame["y"] - mu) * mu
    np.testing.assert_allclose([rest.sum(), rest @ frame["a"]], 0.0, atol=1e-9 * np.abs(rest).sum())


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("sure", "`sure` separates the outcomes: 240 of 240 respondents are fitted as certainly 0 or 1"),
        ("C(part)", r"`C\(part\)\[T.m\]` separates the outcomes: {m} of 240 respondents are fitted as certainly 1"),
    ],
)
def test_separation_is_explained(link: str, column: str, message: str) -> None:
    """A column that tells 0 from 1, of everybody or of a category, has no finite coefficient: named and counted."""
    frame = FRAME.assign(sure=FRAME["yes"] + 0.1 * FRAME["a"].clip(-1, 1), part=FRAME["g"])
    if column != "sure":
        frame["yes"] = frame["yes"].where(frame["g"] != "m", 1.0)
    with pytest.raises(ConvergenceError, match=message.format(m=(frame["g"] == "m").sum())) as caught:
        estimate.glm(Design(frame, weight="w", psu="psu"), f"yes ~ a + {column}", family="binomial", link=link)
    assert "no finite coefficient" in caught.value.problems[0].mend


@pytest.mark.parametrize(
    ("change", "formula", "options", "message"),
    [
        ({"count": 0.0}, "count ~ a", {"family": "poisson"}, "the outcome is 0 for all 240 respondents"),
        ({"yes": 1.0}, "yes ~ a", {"family": "binomial"}, "the outcome is 1 for all 240 respondents"),
        ({}, "yes ~ a", {"family": "binomial", "link": "identity"}, "leave the range the family has"),
    ],
)
def test_fits_without_end_say_why(
    change: dict[str, float], formula: str, options: dict[str, str], message: str
) -> None:
    """Outcomes that do not vary, and means that leave what the family allows."""
    with pytest.raises(ConvergenceError, match=message):
        estimate.glm(Design(FRAME.assign(**change), weight="w", psu="psu"), formula, **options)


def test_a_strong_column_does_not_separate() -> None:
    """One answer out of line is enough for a finite coefficient, however large."""
    frame = FRAME.assign(strong=np.where(FRAME["yes"] == 1, 30.0, -30.0) + FRAME["a"])
    frame.loc[[3, 7], "strong"] *= -1
    found = estimate.glm(Design(frame, weight="w", psu="psu"), "yes ~ strong", family="binomial").estimate
    assert np.isfinite(found.values).all()


@pytest.mark.parametrize(("family", "outcome"), [("gaussian", "y"), ("binomial", "yes"), ("poisson", "count")])
@pytest.mark.parametrize("roles", [{"psu": "psu"}, {}, {"stratum": "g"}])
def test_models_by_domain_are_models_of_domains(family: str, outcome: str, roles: dict[str, str]) -> None:
    """All at once, or one after the other with everybody else missing: coefficients, errors, df and counts."""
    frame = FRAME.assign(unit=np.tile(list("nsew"), N // 4))
    both = estimate.glm_by(Design(frame, weight="w", **roles), f"{outcome} ~ a", ["unit"], family=family)
    for unit in "nsew":
        alone = Design(frame.assign(a=frame["a"].where(frame["unit"] == unit)), weight="w", **roles)
        one = estimate.glm(alone, f"{outcome} ~ a", family=family).estimate
        here = both.select((both.labels["unit"] == unit).to_numpy())
        np.testing.assert_allclose(here.values, one.values, rtol=1e-10)
        np.testing.assert_allclose(here.covariance(), one.covariance(), rtol=1e-8)
        np.testing.assert_array_equal([here.df, here.n], [one.df, one.n])


def test_a_domain_without_a_solution_is_a_noted_row() -> None:
    """Separation, too few rows and collinear columns in a domain leave the others as they are, and say why."""
    unit = np.tile(list("nsew"), N // 4).astype(object)
    unit[:2] = "few"
    frame = FRAME.assign(unit=unit, b=np.where(unit == "e", 2 * FRAME["a"], RNG.normal(size=N)))
    frame["yes"] = np.where(unit == "s", frame["a"] > 0, frame["yes"])
    design = Design(frame, weight="w", psu="psu")
    found = estimate.glm_by(design, "yes ~ a + b", "unit", family="binomial")
    table = found.table().set_index(["unit", "item"])
    for unit_, told in (("few", "2 respondents cannot tell 3"), ("s", "`a` separates"), ("e", "`a`, `b` determine")):
        assert table.loc[unit_, "note"].str.contains(told).all()
        assert table.loc[unit_, ["estimate", "se", "lower"]].isna().all(axis=None)
    assert (table.loc[["n", "w"], "note"] == "").all()
    assert np.isfinite(found.covariance()[np.ix_([2, 3], [2, 3])]).all()
    with pytest.raises(DesignError, match="no column to make domains of"):
        estimate.glm_by(design, "yes ~ a", [])


def test_replicates_without_a_solution_are_left_out_and_counted() -> None:
    """A jackknife that drops the only respondents of a level goes on without that replicate, and says so."""
    frame = FRAME.assign(g=np.where(FRAME["psu"] == 3, "rare", FRAME["g"]))
    found = estimate.glm(replicate(Design(frame, weight="w", psu="psu"), "jackknife"), "y ~ C(g)").estimate
    assert "1 of 24 replicates gave no value and were left out" == found.note[0]
    assert np.isfinite(found.se).all()


def test_a_million_rows_and_a_few_find_the_same_solution() -> None:
    """Large fits begin from a part of their rows, and end where small ones do: four copies of everybody change nothing."""
    rng, n = np.random.default_rng(2), 1 << 17
    frame = pd.DataFrame({"a": rng.normal(size=n), "psu": rng.integers(0, 50, n)})
    frame["yes"] = (rng.random(n) < 1 / (1 + np.exp(1 - frame["a"]))).astype(int)
    one, four = (
        estimate.glm(Design(rows, psu="psu"), "yes ~ a", family="binomial").estimate
        for rows in (frame, pd.concat([frame] * 4, ignore_index=True))
    )
    np.testing.assert_allclose(four.values, one.values, rtol=1e-12)
    np.testing.assert_allclose(four.se, one.se, rtol=1e-11)


def test_a_model_without_degrees_of_freedom_has_no_error() -> None:
    """More columns than psus: values, and a note in the place of errors."""
    table = estimate.glm(Design(FRAME[FRAME["psu"] < 2], psu="psu"), "y ~ a + g").table()
    assert table["se"].isna().all()
    assert ["no degrees of freedom"] * 3 == table["note"].tolist()


def test_p_values_do_not_underflow_and_stay_between_0_and_1() -> None:
    """A difference of hundreds of errors has a p above 0; one without degrees of freedom has none, and says so."""
    frame = FRAME.assign(y=FRAME["y"] + 500 * (FRAME["g"] == "m"))
    means = estimate.mean(Design(frame, psu="psu"), "y", by=["g"])
    p = estimate.wald(means, {"gap": "m - l"})["p"].iloc[0]
    assert 0 < p < 1e-30
    alone = estimate.mean(Design(FRAME.head(10), psu="psu", lonely_psu="remove"), "y")
    with pytest.raises(DesignError, match="has no error"):
        estimate.wald(alone)
    assert np.isnan(estimate.adjust([0.1, np.nan])[1])
    with pytest.raises(DesignError, match="not between 0 and 1"):
        estimate.adjust([1.2])
    with pytest.raises(DesignError, match="no adjustment is called 'fdr'"):
        estimate.adjust([0.2], method="fdr")
