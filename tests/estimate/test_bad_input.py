"""What users hand in: odd types give the same numbers or one clear error, never a silent NaN and never a warning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from symmetry.errors import DesignError

N = 300
RNG = np.random.default_rng(4)
FRAME = pd.DataFrame(
    {
        "x": RNG.integers(0, 11, N),
        "g": RNG.integers(0, 4, N),
        "psu": RNG.integers(0, 30, N),
        "w": RNG.uniform(0.5, 2, N),
    }
)


@pytest.mark.parametrize(
    "kind", ["int8", "float32", "object", "category", "Int64", "Float64", "int64[pyarrow]", "double[pyarrow]"]
)
def test_every_type_of_number_gives_the_same_mean(kind: str) -> None:
    """Plain, nullable, Arrow and categorical columns of codes are the same answers."""
    plain = estimate.mean(Design(FRAME, weight="w", psu="psu"), "x", by=["g"])
    other = estimate.mean(Design(FRAME.astype({"x": kind}), weight="w", psu="psu"), "x", by=["g"])
    np.testing.assert_allclose(other.values, plain.values, rtol=1e-12)
    np.testing.assert_allclose(other.se, plain.se, rtol=1e-12)


@pytest.mark.parametrize("kind", ["Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", "object"])
def test_every_type_of_missing_is_missing(kind: str) -> None:
    """NA, None and NaN leave the answer out, and nothing else."""
    holed = FRAME.astype({"x": kind})
    holed.loc[[3, 8], "x"] = None
    found = estimate.mean(Design(holed, psu="psu"), "x")
    expected = estimate.mean(
        Design(FRAME.assign(x=FRAME["x"].astype(float).where(~FRAME.index.isin([3, 8]))), psu="psu"), "x"
    )
    assert [N - 2] == found.n.tolist()
    np.testing.assert_allclose(found.se, expected.se, rtol=1e-12)


@pytest.mark.parametrize("kind", ["category", "string", "string[pyarrow]", "object", "Int64", "int64[pyarrow]"])
def test_every_type_of_label_makes_the_same_design(kind: str) -> None:
    """Strata, psus and domains may be text, categories or nullable numbers."""
    labels = FRAME.assign(**{name: FRAME[name].astype(kind) for name in ("g", "psu")})
    one, other = (
        estimate.mean(Design(frame, weight="w", stratum="g", psu="psu"), "x", by=["g"]) for frame in (FRAME, labels)
    )
    np.testing.assert_allclose(np.sort(other.se), np.sort(one.se), rtol=1e-12)
    assert sorted(one.df) == sorted(other.df)


def test_any_frame_with_to_pandas_will_do() -> None:
    """A frame of another library is taken through its own `to_pandas` (polars and pyarrow have one)."""
    import pyarrow as pa

    found = estimate.mean(Design(pa.Table.from_pandas(FRAME), psu="psu"), "x")
    np.testing.assert_allclose(found.se, estimate.mean(Design(FRAME, psu="psu"), "x").se, rtol=1e-12)


def test_what_is_done_to_the_frame_later_does_not_reach_the_design() -> None:
    """A design keeps the answers it was given."""
    frame = FRAME.copy()
    design = Design(frame, psu="psu")
    frame["x"] = 0
    assert estimate.mean(Design(FRAME), "x").values.tolist() == estimate.mean(design, "x").values.tolist()


@pytest.mark.parametrize(
    ("frame", "message", "mend"),
    [
        (FRAME.assign(x="3"), r"`x` is not numeric \(row 1 holds '3'\)", "score the answers first"),
        (
            FRAME.assign(x=FRAME["x"].astype(object).where(FRAME.index != 4, "ten")),
            "row 5 holds 'ten'",
            "a category needs codes",
        ),
        (FRAME.assign(x=pd.Timestamp("2026-01-01")), r"not numeric \(dates\)", "score the answers"),
        (FRAME.assign(x=np.where(FRAME.index == 6, np.inf, 1.0)), "infinite on row 7", "leave it missing"),
        (FRAME.assign(x=np.nan), "nobody answered x", "check the columns"),
        (pd.concat([FRAME, FRAME[["x"]]], axis=1), "several columns called `x`", "a name of its own"),
        (FRAME.drop(columns="x"), "no column `x`", "name one of its columns"),
        ([1, 2, 3], "a list was given", "a pandas or polars frame"),
    ],
)
def test_what_is_no_answer_is_refused(frame: pd.DataFrame, message: str, mend: str) -> None:
    """Text, dates, infinite and absent columns are told with their row, and how to mend them."""
    with pytest.raises(DesignError, match=message) as caught:
        estimate.mean(Design(frame), "x")
    assert mend in caught.value.problems[0].mend


def test_items_are_named_by_text() -> None:
    """A column whose name is a number is no item."""
    with pytest.raises(DesignError, match="items are named by text, not by 0"):
        estimate.mean(Design(pd.DataFrame({0: [1.0, 2.0]})), 0)


def test_a_domain_without_answers_gives_no_row() -> None:
    """Domains in which nobody answered are left out; those of one psu have a value, no error and a note."""
    frame = FRAME.assign(x=FRAME["x"].where(FRAME["g"] != 2), h=np.where(FRAME["psu"] == 5, "five", "others"))
    assert [0, 1, 3] == estimate.mean(Design(frame, psu="psu"), "x", by=["g"]).labels["g"].tolist()
    told = estimate.mean(Design(frame, psu="psu"), "x", by=["h"]).table().set_index("h").loc["five"]
    assert np.isnan(told["se"])
    assert told["note"] == "no degrees of freedom"


def test_every_row_may_be_a_domain() -> None:
    """As many domains as rows is slow business for others: here each gives its own answer."""
    found = estimate.mean(Design(FRAME.assign(id=range(N)), psu="psu"), "x", by=["id"])
    assert FRAME["x"].tolist() == found.values.tolist()


def test_an_identifier_is_no_category() -> None:
    """A column of more than 1,000 categories has no shares."""
    many = pd.DataFrame({"id": np.arange(1_200)})
    with pytest.raises(DesignError, match="1,200 categories: it looks like an identifier"):
        estimate.share(Design(many), "id")


def test_a_domain_without_answers_is_told_last() -> None:
    """The table says of an item and domain that nobody answered; rows of the estimate are those with values."""
    frame = FRAME.assign(x=FRAME["x"].where(FRAME["g"] != 2), z=1.0)
    found = estimate.mean(Design(frame, psu="psu"), ["x", "z"], by=["g"])
    table = found.table()
    assert (7, 8) == (len(found), len(table))
    last = table.iloc[-1]
    assert ("x", 2, 0, "nobody answered") == (last["item"], last["g"], last["n"], last["note"])
    assert np.isnan(last["estimate"])
    assert "nobody answered" in estimate.median(Design(frame, psu="psu"), "x", by=["g"]).table()["note"].tolist()


@pytest.mark.parametrize("role", ["weight", "fpc", "probability"])
def test_text_is_no_weight(role: str) -> None:
    """A column of "3" is refused as a weight, an fpc or a probability, with its row."""
    with pytest.raises(DesignError, match="is the text '3' on row 1"):
        Design(FRAME.assign(three="3"), **{role: "three"})


def test_domains_of_numbers_and_texts_have_an_order() -> None:
    """Labels of several kinds in one column are domains like any others: numbers first."""
    labels = np.where(FRAME["g"] == 0, "none", FRAME["g"].astype(object))
    assert [1, 2, 3, "none"] == estimate.mean(Design(FRAME.assign(h=labels)), "x", by=["h"]).labels["h"].tolist()


def test_complex_numbers_are_no_answers() -> None:
    """An imaginary part is not dropped in silence."""
    with pytest.raises(DesignError, match="complex numbers"):
        estimate.mean(Design(FRAME.assign(x=FRAME["x"] + 1j)), "x")


def test_labels_of_the_result_are_no_domains() -> None:
    """A domain column that would hide a column of the result, or stands twice, is refused; one name needs no list."""
    design = Design(FRAME.assign(item=FRAME["g"]))
    with pytest.raises(DesignError, match="`item` is called like a column of the result"):
        estimate.mean(design, "x", by=["item"])
    with pytest.raises(DesignError, match="stands twice"):
        estimate.median(design, "x", by=["g", "g"])
    assert estimate.mean(design, "x", by="g").values.tolist() == estimate.mean(design, "x", by=["g"]).values.tolist()


@pytest.mark.parametrize("verb", [estimate.mean, estimate.total, estimate.share, estimate.median, estimate.cdf])
def test_a_frame_is_no_design(verb: object) -> None:
    """Verbs that want a design say how to make one."""
    with pytest.raises(DesignError, match="this wants a Design, and a DataFrame was given"):
        verb(FRAME, "x")


def test_errors_that_are_only_rounding_are_zero() -> None:
    """Where everybody says the same, every statistic has an error of exactly 0, and a correlation none."""
    design = Design(FRAME.assign(same=0.1, nine=9.0), weight="w", psu="psu")
    for verb in (estimate.mean, estimate.variance):
        assert [0.0] * 4 == verb(design, "same", by=["g"]).se.tolist()
    assert [0.0] * 4 == estimate.nps(design, "nine", by=["g"]).se.tolist()
    assert np.isnan(estimate.correlation(design, ["same", "x"]).se).all()
    gap = estimate.contrast(estimate.mean(design, "same", by=["g"]), {"gap": {0: 1, 1: -1}})
    assert [0.0] == gap.se.tolist()
