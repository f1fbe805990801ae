"""What may be asked of gaps and effects: pairs, domains and designs that are none, and rows that have no error or no gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.errors import DesignError
from tests.dissonance.test_gaps import CLEAN, KIND, WARM, both, sides


def told(make: Callable[[], object]) -> tuple[str, str]:
    """Fault and remedy of what is refused."""
    with pytest.raises(DesignError) as caught:
        make()
    return caught.value.problems[0].what, caught.value.problems[0].mend


def test_pairs_are_checked_when_they_are_made() -> None:
    """Unknown words name the known ones and the nearest; sides are two texts; numbers are numbers."""
    for change, message, remedy in (
        ({"mirror": "litteral"}, "no mirror is called 'litteral'", "perhaps literal was meant"),
        ({"mirror": "Loose"}, "no mirror is called 'Loose'", "perhaps loose was meant"),
        ({"statistic": "average"}, "no statistic is called 'average'", "mean, score, top_box, favourable, nps"),
        ({"a": ("customers",)}, "side a of 'clean'", "two texts"),
        ({"b": "employees"}, "side b of 'clean'", "two texts"),
        ({"b": ("employees", 3)}, "side b of 'clean'", "two texts"),
        ({"smallest": "0.3"}, "smallest of 'clean' is '0.3'", "give a number"),
        ({"smallest": None}, "smallest of 'clean' is None", "give a number"),
        ({"at_least": "4"}, "at_least of 'clean' is '4'", "give a number"),
        ({"low": True}, "low of 'clean' is True", "give a number"),
        ({"high": float("nan")}, "high of 'clean' is nan", "give a number"),
        ({"item": 3}, "the item of a pair is text, not 3", "by text"),
    ):
        what, mend = told(lambda change=change: replace(CLEAN, **change))
        assert message in what
        assert remedy in mend
    numbers: dict[str, Any] = {"smallest": np.float32(0.5), "at_least": np.int64(4)}
    assert (0.5, 4) == (replace(CLEAN, **numbers).smallest, replace(CLEAN, **numbers).at_least)


def test_answers_outside_a_share_or_a_scale_are_refused() -> None:
    """A favourable share without threshold wants shares; a top box wants answers between its ends; elsewhere they may lie."""
    design = sides({"x": [0.2, 1.0, 0.0], "code": [1.0, 4, 5]}, {"x": [0.5, 0.5, 0.1], "code": [1.0, 2, 6]})
    share = replace(CLEAN, a=("customers", "x"), b=("employees", "x"), statistic="favourable")
    assert 1 == len(dissonance.gap(design, [share]).table())
    coded = replace(share, a=("customers", "code"), b=("employees", "code"))
    what, mend = told(lambda: dissonance.gap(design, [coded]))
    assert "`code` of customers holds 4, which is no share" in what
    assert "at_least" in mend
    box = replace(coded, statistic="top_box", high=5)
    assert (
        "`code` of employees holds 6, outside the scale of 'clean', -inf to 5"
        in told(lambda: dissonance.gap(design, [box]))[0]
    )
    assert "holds 1, outside" in told(lambda: dissonance.gap(design, [replace(box, low=2, high=6)]))[0]
    assert 1 == len(dissonance.gap(design, [replace(box, low=1, high=6)]).table())
    mixed = replace(share, b=("customers", "x"), item="own")
    data = design.data.assign(x=design.data["x"].where(design.data["audience"] == "customers", 5.0))
    assert 1 == len(dissonance.gap(Design(data), [mixed]).table())


def test_namesakes_are_refused() -> None:
    """One item and family is one comparison: other columns are refused, another statistic stays, the same one twice not."""
    crossed = replace(CLEAN, b=("employees", "kind"))
    what, mend = told(lambda: dissonance.gap(both(), [CLEAN, crossed]))
    assert "one compares `clean` of customers with `clean` of employees, the other" in what
    assert "`kind` of employees" in what
    assert "another item" in mend
    assert "stands twice" in told(lambda: dissonance.gap(both(), [CLEAN, replace(CLEAN, smallest=0.5)]))[0]
    share = replace(CLEAN, statistic="favourable", at_least=4)
    found = dissonance.gap(both(), [CLEAN, share])
    family = "customer - employee"
    assert {("clean", family, "mean"): CLEAN, ("clean", family, "favourable"): share} == dict(found.pairs)


def test_every_column_of_every_table_is_no_domain() -> None:
    """What a verb of this room writes into its table can be no domain, or one would hide the other."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"branch": np.repeat(np.arange(8), 6), "size_of": "s"})
    design = stack({name: Design(frame.assign(**{x: rng.integers(1, 6, 48).astype(float) for x in ("clean", "kind", "warm")}),
                                 psu="branch") for name in ("customers", "employees")})  # fmt: skip
    pairs = [CLEAN, KIND, WARM]
    found = dissonance.gap(design, pairs, by=["branch"])
    units = dissonance.shrink(found)
    tables = [found.table(), dissonance.detect(found), dissonance.effects(design, pairs, by=["branch"]).table(),
              dissonance.ranks(found, seed=1), units.table(), dissonance.funnel(found, levels=(0.9,)), dissonance.funnel(units),
              dissonance.league(units, seed=1)]  # fmt: skip
    names = {name for table in tables for name in table} - {"branch"} | {"a", "b", "kind", "audience"}
    assert 60 < len(names)
    for name in sorted(names):
        for verb in (dissonance.gap, dissonance.effects):
            what, mend = told(lambda verb=verb, name=name: verb(design, pairs, by=[name]))
            assert f"the domain column `{name}` is called like a column" in what
            assert "rename it" in mend
    assert 9 == len(dissonance.gap(design, [CLEAN], by="branch").table()) + 1


def test_domains_of_numbers_and_texts_are_sorted() -> None:
    """Numbers come first, then texts, in the order of each; also crossed with another column."""
    keys = pd.Series([10, "x", 2, "b"] * 3, dtype=object)
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"lab": keys, "region": list("nnssnn") * 2})
    design = stack({name: Design(frame.assign(clean=rng.integers(1, 6, 12).astype(float)), lonely_psu="remove")
                    for name in ("customers", "employees")})  # fmt: skip
    assert [2, 10, "b", "x"] == dissonance.gap(design, [CLEAN], by=["lab"]).table()["lab"].tolist()
    crossed = dissonance.gap(design, [CLEAN], by=["region", "lab"]).table()
    assert [2, 10, "b", "x"] == crossed.loc[crossed["region"] == "n", "lab"].tolist()


def test_what_is_no_design_and_no_list_of_pairs_is_refused() -> None:
    """A frame, a Gap, a bare pair, dicts and domains that are no text are told with their remedy, by gaps and effects alike."""
    design, frame = both(), pd.DataFrame({"clean": [1.0]})
    for verb in (dissonance.gap, dissonance.effects):
        for given, pairs, by, message in (
            (frame, [CLEAN], (), "wants a Design, and a DataFrame was given"),
            (dissonance.gap(design, [CLEAN]), [CLEAN], (), "wants a Design, and a Gap was given"),
            (design, CLEAN, (), "a Pair was given"),
            (design, "clean", (), "a str was given"),
            (design, 3, (), "a int was given"),
            (design, {"clean": CLEAN}, (), "a dict was given"),
            (design, [{"item": "clean"}], (), "is a dict, not a Pair"),
            (design, [CLEAN], [3], "named by text, not by 3"),
            (design, [CLEAN], 3, "named by text, not by 3"),
        ):
            what, mend = told(lambda verb=verb, given=given, pairs=pairs, by=by: verb(given, pairs, by=by))
            assert message in what
            assert mend
    assert "a DataFrame was given" in told(lambda: dissonance.inside(frame))[0]
    for given in (design, dissonance.gap(design, [CLEAN]).table()):
        assert "ranks wants gaps" in told(lambda given=given: dissonance.ranks(given, seed=1))[0]


def test_one_side_in_a_single_psu_is_told() -> None:
    """Where one side alone lies in one psu, its row has no error and names the side and where to look."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"branch": np.repeat(np.arange(6), 4), "region": np.repeat(list("nnnsss"), 4)})
    frame["clean"] = rng.integers(1, 6, 24).astype(float)
    few = frame.assign(clean=rng.integers(1, 6, 24).astype(float))[~frame["branch"].isin([1, 2])]
    for one, other in (("customers", "employees"), ("employees", "customers")):
        design = stack({one: Design(few, psu="branch"), other: Design(frame, psu="branch")})
        table = dissonance.gap(design, [CLEAN], by=["region"]).table()
        assert [True, False] == table["se"].isna().tolist()
        assert f"one psu holds all answers of {one} here: see dissonance.inside" in table["note"][0]
        assert other not in table["note"][0]
        assert "psu" not in table["note"][1]


def test_a_gap_of_equal_answers_is_nothing_at_all() -> None:
    """All answers are a third on both sides, whatever the weights: the gap is 0, not the rounding of two means."""
    rng = np.random.default_rng(10)
    frames: list[dict[str, object]] = [
        {"w": rng.uniform(0.1, 3, n), "x": np.full(n, 1 / 3), "y": np.full(n, 0.1), "z": np.full(n, 0.7)} for n in (31, 17)
    ]  # fmt: skip
    pairs = [replace(CLEAN, item=name, a=("customers", name), b=("employees", name)) for name in "xyz"]
    found = dissonance.gap(sides(*frames, weight="w"), pairs)
    assert [0.0] * 6 == found.estimate.values.tolist()
    assert [0.0] * 6 == found.estimate.se.tolist()
    assert found.estimate.by_part is not None
    assert 0.0 == found.estimate.by_part.max()
