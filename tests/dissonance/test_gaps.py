"""Gaps: which rows there are, what is relative to what, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Pair
from symmetry.errors import DesignError

CLEAN = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
KIND = replace(CLEAN, item="kind", a=("customers", "kind"), b=("employees", "kind"), mirror="parallel")
WARM = replace(CLEAN, item="warm", a=("customers", "warm"), b=("employees", "warm"))
LOOSE = replace(CLEAN, item="loyal", a=("customers", "loyal"), b=("employees", "loyal"), mirror="loose")


def both(regions: str = "nnnsss") -> Design:
    """Six branches with one customer and one employee each; the employees of the south were not asked `kind` and `warm`."""
    rng = np.random.default_rng(2)
    sides = {}
    for audience in ("customers", "employees"):
        frame = pd.DataFrame(rng.integers(1, 6, (6, 4)).astype(float), columns=["clean", "kind", "warm", "loyal"])
        frame = frame.assign(branch=range(6), region=list(regions))
        if audience == "employees":
            frame.loc[frame["region"] == "s", ["kind", "warm"]] = np.nan
        sides[audience] = Design(frame, psu="branch")
    return stack(sides)


def test_a_gap_is_customers_minus_employees() -> None:
    """Side a minus side b, with the number of answers of each."""
    design = both()
    table = dissonance.gap(design, [CLEAN]).table()
    means = design.data.groupby("audience")["clean"].mean()
    np.testing.assert_allclose(table["estimate"], means["customers"] - means["employees"], rtol=1e-12)
    assert (6, 6, 12) == tuple(table.loc[0, ["n_a", "n_b", "n"]])


def test_a_gap_needs_both_sides() -> None:
    """A domain where one side has no answer has a row without number, and its family there nothing to be relative to."""
    found = dissonance.gap(both(), [CLEAN, KIND, WARM], by=["region"])
    table = found.table()
    alone = table[table["estimate"].isna()]
    assert [("kind", "s"), ("warm", "s")] == list(alone[["item", "region"]].itertuples(index=False, name=None))
    assert {"no answer from employees"} == set(alone["note"])
    assert [3, 3, 0, 0] == [*alone["n_a"], *alone["n_b"]]
    assert len(found.estimate) == len(table) - 2
    table = table[table["estimate"].notna()]
    rows = set(table[["item", "region", "reading"]].itertuples(index=False, name=None))
    expected = {(item, "n", reading) for item in ("clean", "kind", "warm") for reading in ("absolute", "relative")}
    assert expected | {("clean", "s", "absolute")} == rows


def test_loose_mirrors_are_never_in_the_mean_of_a_family() -> None:
    """A loose pair has an absolute gap and no relative one, and does not move the others'."""
    with_it, without = (
        dissonance.gap(both(), pairs).table() for pairs in ([CLEAN, KIND, WARM, LOOSE], [CLEAN, KIND, WARM])
    )
    assert "loyal" not in set(with_it.loc[with_it["reading"] == "relative", "item"])
    columns = ["item", "estimate", "se", "df"]
    relative = [
        table.loc[table["reading"] == "relative", columns].reset_index(drop=True) for table in (with_it, without)
    ]
    pd.testing.assert_frame_equal(*relative)


def test_families_and_statistics_are_read_apart() -> None:
    """The mean of a family is over its own pairs on one statistic: points and NPS points are not averaged together."""
    other = replace(KIND, family="customer - management")
    score = replace(KIND, statistic="nps")
    assert len(dissonance.gap(both(), [CLEAN, other]).table()) == 2
    assert len(dissonance.gap(both(), [CLEAN, score]).table()) == 2


def sides(customers: dict[str, object], employees: dict[str, object], **roles: str) -> Design:
    """Two audiences of a few answers."""
    frames = {"customers": customers, "employees": employees}
    return stack({name: Design(pd.DataFrame(frame), **roles) for name, frame in frames.items()})


def test_loose_mirrors_stand_side_by_side_without_a_gap() -> None:
    """The two levels, no number and the reason; alone they are a table too, with no estimate in it."""
    gap = dissonance.gap(both(), [LOOSE])
    row = gap.table().iloc[0]
    means = both().data.groupby("audience")["loyal"].mean()
    assert [means["customers"], means["employees"]] == [row["level_a"], row["level_b"]]
    assert row[["estimate", "se", "lower", "upper", "df"]].isna().all()
    assert "without a gap" in row["note"]
    assert (0, 1) == (len(gap.estimate), len(gap.missing))


@pytest.mark.parametrize(("statistic", "levels"), [("mean", 2), ("score", 1), ("favourable", 1)])
def test_unlike_scales_have_no_gap(statistic: str, levels: int) -> None:
    """Four points are not stretched to ten: a note and no number; thresholds of one scale say nothing of the other."""
    unlike = replace(CLEAN, item="other", scale="four", scale_b="ten", statistic=statistic, low=1, high=5, at_least=4)
    row = dissonance.gap(both(), [CLEAN, unlike]).table().iloc[-1]
    assert np.isnan(row["estimate"])
    assert row["note"] == "unlike scales: four and ten have no common unit, so no gap"
    assert levels == row[["level_a", "level_b"]].notna().sum()


def test_an_audience_or_answers_that_are_missing_are_told() -> None:
    """A pair with an unknown audience, or a column nobody answered, has a row with its reason beside the others."""
    design = both()
    empty = design.data.assign(warm=np.nan)
    silent = stack({name: Design(frame, psu="branch") for name, frame in empty.groupby("audience")})
    table = dissonance.gap(silent, [CLEAN, replace(KIND, b=("partners", "kind")), WARM]).table()
    assert ["", "no audience is called partners", "no answer from customers; no answer from employees"] == list(
        table["note"]
    )
    assert [12, 6, 0] == table["n"].tolist()
    assert [False, True, True] == table["estimate"].isna().tolist()


def test_a_domain_of_weights_of_zero_is_told() -> None:
    """Who weighs nothing answers nothing, and the row says that it is the weight."""
    design = sides(
        {"g": list("aabb"), "x": [1.0, 2, 3, 4], "w": [1.0, 1, 1, 1]},
        {"g": list("aabb"), "x": [1.0, 2, 3, 4], "w": [1.0, 1, 0, 0]},
        weight="w",
    )
    table = dissonance.gap(design, [replace(CLEAN, a=("customers", "x"), b=("employees", "x"))], by=["g"]).table()
    assert ["", "no answer of any weight from employees"] == table["note"].tolist()
    assert [2, 0] == table["n_b"].tolist()


def test_equal_answers_are_told() -> None:
    """Where every answer is equal the error is 0, the note says why; where one side's are, the note names the side."""
    design = sides({"x": [3.0] * 4, "y": [3.0, 4, 5, 2]}, {"x": [4.0] * 3, "y": [2.0] * 3})
    pairs = [replace(CLEAN, item=name, a=("customers", name), b=("employees", name)) for name in "xy"]
    table = dissonance.gap(design, pairs).table()
    assert ["no spread: every answer equal", "every answer of employees equal"] == table["note"].tolist()
    assert [0.0, True] == [table["se"][0], table["se"][1] > 0]
    assert -1.0 == table["estimate"][0]


def test_a_census_has_no_sampling_error() -> None:
    """All persons of both sides answered: the error is 0, and the note says that this is a census."""
    design = sides({"x": [3.0, 4, 5], "N": 3}, {"x": [1.0, 5], "N": 2}, fpc="N")
    with pytest.raises(DesignError):  # one stratum for both audiences would be a stratum of 3 and of 2
        stack({"a": Design(pd.DataFrame({"u": [1], "N": 3}), psu="u", fpc="N", lonely_psu="remove"),
               "b": Design(pd.DataFrame({"u": [1], "N": 2}), psu="u", fpc="N", lonely_psu="remove")})  # fmt: skip
    row = dissonance.gap(design, [replace(CLEAN, a=("customers", "x"), b=("employees", "x"))]).table().iloc[0]
    assert (0.0, "census, no sampling error") == (row["se"], row["note"])


def test_a_domain_of_one_psu_among_others_is_told() -> None:
    """Where some domains are one psu and some are not, the first have no error and say where to look."""
    table = dissonance.gap(grouped("aaaab"), [CLEAN], by=["region"]).table()
    assert [False, True] == table["se"].isna().tolist()
    assert "see dissonance.inside" in table["note"][1]


def grouped(regions: str) -> Design:
    """Branches in regions, each with four customers and four employees."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"branch": np.repeat(np.arange(len(regions)), 4), "region": np.repeat(list(regions), 4)})
    return stack(
        {name: Design(frame.assign(clean=rng.integers(1, 6, len(frame)).astype(float)), psu="branch")
         for name in ("customers", "employees")}
    )  # fmt: skip


def test_one_psu_in_a_stratum_follows_its_rule() -> None:
    """A stratum of one psu is refused, or treated as the design says."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "stratum": list("aaaabb"), "clean": rng.normal(size=6)})

    def of(rule: str) -> Design:
        return stack(
            {
                name: Design(frame, stratum="stratum", psu="branch", lonely_psu=rule)
                for name in ("customers", "employees")
            }
        )

    other = replace(CLEAN, b=("employees", "clean"))
    with pytest.raises(DesignError, match="one psu"):
        dissonance.gap(of("fail"), [other])
    for rule in ("remove", "centre", "average"):
        assert dissonance.gap(of(rule), [other]).table()["estimate"].notna().all()


def test_weights_that_are_none_are_refused() -> None:
    """A missing weight is told with its row before any gap is asked."""
    with pytest.raises(DesignError) as caught:
        sides({"x": [1.0], "w": [np.nan]}, {"x": [1.0], "w": [1.0]}, weight="w")
    assert "weight `w`" in caught.value.problems[0].what


def test_scores_are_points_of_a_hundred() -> None:
    """A score is 25 times the mean of a 1-to-5 scale, its gap and error too; a top box is the share of its highest code."""
    score = replace(CLEAN, statistic="score", low=1, high=5)
    box = replace(CLEAN, statistic="top_box", high=5)
    mean, scored, boxed = (dissonance.gap(both(), [pair]).table().iloc[0] for pair in (CLEAN, score, box))
    np.testing.assert_allclose(
        scored[["estimate", "se"]].to_numpy(float), 25 * mean[["estimate", "se"]].to_numpy(float)
    )
    np.testing.assert_allclose(scored["level_a"], 25 * (mean["level_a"] - 1))
    share = (both().data["clean"] == 5).groupby(both().data["audience"]).mean()
    np.testing.assert_allclose(boxed["estimate"], share["customers"] - share["employees"], atol=1e-15)
    assert ("score", "top_box") == (scored["statistic"], boxed["statistic"])


@pytest.mark.parametrize(
    ("design", "pairs", "message", "mend"),
    [
        (Design(pd.DataFrame({"clean": [1.0, 2.0]})), [CLEAN], "a gap needs a stacked design", "design.stack"),
        (both(), [replace(CLEAN, b=("employees", "tidy"))], "no column `tidy`", "name one of its columns"),
        (
            both(),
            [replace(CLEAN, b=("partners", "clean"))],
            "no pair has answers on both sides: no audience is called partners",
            "check the columns",
        ),
        (
            both().__class__(both().data.assign(clean=np.nan)),
            [CLEAN],
            "nobody answered any of them",
            "check the columns",
        ),
        (both(), [], "no pair was given", "at least one Pair"),
        (both(), [replace(CLEAN, statistic="score", low=1)], "'clean' needs the ends of its scale", "low and high"),
        (both(), [replace(CLEAN, statistic="top_box")], "'clean' needs the ends of its scale", "low and high"),
        (
            both(),
            [replace(CLEAN, statistic="score", low=1, high=2)],
            "outside its scale of 1 to 2",
            "ends of the scale",
        ),
    ],
)
def test_pairs_that_cannot_be_compared_are_refused(design: Design, pairs: list[Pair], message: str, mend: str) -> None:
    """Each fault of pairs is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        dissonance.gap(design, pairs)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend
