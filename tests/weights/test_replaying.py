"""Recipes are data: written, read, run, and replayed on other starting weights, by rows or by cells."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import weights
from symmetry.errors import ConvergenceError, DataError

RNG = np.random.default_rng(11)
SAMPLE = pd.DataFrame(
    {
        "region": RNG.choice(["n", "s"], 200),
        "age": RNG.choice([1, 2, 3], 200),
        "x": RNG.normal(10, 2, 200),
        "w": RNG.uniform(1, 3, 200),
        "answered": RNG.uniform(size=200) < 0.7,
    }
)
CROSSED = {("n", 1): 1, ("n", 2): 2, ("n", 3): 3, ("s", 1): 3, ("s", 2): 2, ("s", 3): 1}
CELLS = [
    ("adjust_nonresponse", {"respondent": "answered", "classes": ["region", "age"]}),
    ("poststratify", {"targets": CROSSED, "by": ["region", "age"]}),
    ("rake", {"targets": {"region": {"n": 0.4, "s": 0.6}, "age": {1: 0.3, 2: 0.3, 3: 0.4}}}),
    ("calibrate", {"totals": {"region": {"n": 5, "s": 7}}, "method": "logit", "bounds": (0.1, 9.0)}),
]  # fmt: skip
ROWS = [
    ("adjust_nonresponse", {"respondent": "answered", "covariates": ["x", "region"]}),
    ("calibrate", {"totals": {"age": {1: 30, 2: 30, 3: 40}, "x": 1000}, "method": "raking"}),
    ("trim", {"upper": 2.5, "relative_to": "median"}),
]
REPLICATES = SAMPLE[["w"]].to_numpy() * np.array([[1.0, 2.0, 0.5, 1.0]]) * RNG.uniform(0.5, 1.5, (200, 4))


def recipe(steps: list[Any]) -> weights.Recipe:
    """A recipe from the weights in `w`."""
    return weights.Recipe(steps, weight="w")


@pytest.mark.parametrize("steps", [CELLS, ROWS], ids=["cells", "rows"])
def test_a_recipe_is_its_verbs_one_after_the_other(steps: list[Any]) -> None:
    """`apply` gives what the verbs give by hand, and remembers every step from the first starting weights."""
    by_hand, start = SAMPLE, "w"
    for verb, options in steps:
        by_hand, start = getattr(weights, verb)(by_hand, **options, weight=start), "weight"
    found = weights.apply(recipe(steps), SAMPLE)
    pd.testing.assert_frame_equal(found, by_hand)
    memory = weights.memory_of(found, "weight")
    assert isinstance(memory, weights.Replay)
    assert [verb for verb, _ in steps] == [step.verb for step in memory.recipe.steps]
    assert SAMPLE["w"].tolist() == found[memory.starting].tolist()


@pytest.mark.parametrize("steps", [CELLS, ROWS], ids=["cells", "rows"])
def test_replaying_the_sample_gives_its_weights(steps: list[Any]) -> None:
    """From the starting weights themselves the memory gives the weights again, alone or among replicates."""
    found = weights.apply(recipe(steps), SAMPLE)
    memory = weights.memory_of(found, "weight")
    again = weights.replay(memory.recipe, found, SAMPLE["w"].to_numpy())
    np.testing.assert_allclose(again, found["weight"], rtol=1e-10)
    several = weights.replay(memory.recipe, found, np.column_stack([SAMPLE["w"], REPLICATES]))
    np.testing.assert_allclose(several[:, 0], found["weight"], rtol=1e-10)
    for number, one in enumerate(REPLICATES.T, 1):
        np.testing.assert_allclose(several[:, number], weights.replay(memory.recipe, found, one), rtol=1e-9)


def test_cells_replay_as_rows_do() -> None:
    """Replicates played on cells give the same weights as on rows; a recipe that needs rows has no cells."""
    found = weights.apply(recipe(CELLS), SAMPLE)
    steps = weights.memory_of(found, "weight").recipe
    cell, frame = weights.recipe_cells(steps, found)
    totals = np.zeros((len(frame), REPLICATES.shape[1]))
    np.add.at(totals, cell, REPLICATES)
    factors = weights.replay_in_cells(steps, frame, totals)
    np.testing.assert_allclose(
        REPLICATES * factors[cell], weights.replay(steps, found, REPLICATES), rtol=1e-9, atol=1e-12
    )
    assert weights.recipe_cells(recipe(ROWS), found) is None
    assert 12 == len(frame)


def test_the_populations_size_stays_that_of_the_sample() -> None:
    """Raking to shares keeps the sum of the starting weights: that of the sample, in every replicate."""
    found = weights.rake(SAMPLE, {"region": {"n": 0.4, "s": 0.6}}, weight="w")
    steps = weights.memory_of(found, "weight").recipe
    np.testing.assert_allclose(
        weights.replay(steps, found, REPLICATES).sum(axis=0), [SAMPLE["w"].sum()] * 4, rtol=1e-12
    )


def test_a_replicate_without_a_category_is_told() -> None:
    """A replicate that holds nobody of the south cannot be raked: the step and the category are named."""
    found = weights.rake(SAMPLE, {"region": {"n": 0.4, "s": 0.6}}, weight="w")
    north = (SAMPLE["region"] == "n").to_numpy(float)
    with pytest.raises(
        ConvergenceError, match="step 1 of the recipe fails on a replicate: .* nobody in the sample is s"
    ):
        weights.replay(weights.memory_of(found, "weight").recipe, found, np.column_stack([SAMPLE["w"], north]))
    with pytest.raises(DataError, match="3 starting weights for 200 rows"):
        weights.replay(recipe(CELLS), SAMPLE, np.ones(3))


def test_copies_are_trimmed_each() -> None:
    """A row drawn twice is two copies: trimming bounds the weight of each, as if it stood there twice."""
    frame = pd.DataFrame({"w": [1.0, 2.0, 9.0, 1.0, 4.0]})
    drawn = np.array([1.0, 2.0, 2.0, 0.0, 1.0])
    for limits in (
        {"upper": 5},
        {"upper": 2, "relative_to": "median"},
        {"upper": 1.5, "relative_to": "mean", "spread": "equal"},
    ):
        steps = weights.Recipe([("trim", limits)], weight="w")
        found = weights.replay(steps, frame, frame["w"].to_numpy() * drawn, copies=drawn)
        twice = frame.loc[np.repeat(np.arange(5), drawn.astype(int))].reset_index(drop=True)
        by_hand = weights.trim(twice, weight="w", **limits)["weight"].to_numpy()
        np.testing.assert_allclose(found, [by_hand[0], 2 * by_hand[1], 2 * by_hand[3], 0, by_hand[5]], rtol=1e-12)


@pytest.mark.parametrize("steps", [CELLS, ROWS], ids=["cells", "rows"])
def test_a_recipe_survives_json(steps: list[Any]) -> None:
    """A recipe written to JSON and read again gives the same weights; reading what was written changes nothing."""
    written = json.loads(json.dumps(recipe(steps).to_dict()))
    read = weights.Recipe.from_dict(written)
    assert written == json.loads(json.dumps(read.to_dict()))
    if steps is ROWS:  # JSON turns numbers that are keys into text: the crossed steps write theirs as lists
        written["steps"][1]["calibrate"]["totals"]["age"] = {1: 30, 2: 30, 3: 40}
        read = weights.Recipe.from_dict(written)
        assert weights.apply(read, SAMPLE)["weight"].tolist() == weights.apply(recipe(steps), SAMPLE)["weight"].tolist()


def test_the_memory_is_shared_by_copies() -> None:
    """Copying a frame copies no targets, and two weightings of one frame are both remembered."""
    one = weights.rake(SAMPLE, {"region": {"n": 0.4, "s": 0.6}}, name="one")
    both = weights.apply(recipe(CELLS), one, name="two")
    memories = [weights.memory_of(both.copy(), name) for name in ("one", "two")]
    assert [weights.Calibration, weights.Replay] == [type(memory) for memory in memories]
    assert memories == [copy.deepcopy(memory) for memory in memories]
    assert memories[1] is weights.memory_of(both, "two")


def test_a_forgotten_calibration_takes_the_weights_as_given() -> None:
    """`forget` drops the memory and the starting weights, of one column only."""
    one = weights.rake(SAMPLE, {"region": {"n": 0.4, "s": 0.6}}, name="one")
    both = weights.rake(one, {"age": {1: 0.3, 2: 0.3, 3: 0.4}}, name="two")
    forgotten = weights.forget(both, "one")
    assert weights.memory_of(forgotten, "one") is None
    assert weights.memory_of(forgotten, "two") == weights.memory_of(both, "two")
    assert "one.starting" not in forgotten


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"weights": "w"}, "a recipe has no `weights`"),
        ({"steps": ["rake"]}, "step 1 of the recipe is not a verb with its options"),
        ({"steps": [{"rakes": {}}]}, "a recipe cannot `rakes`"),
        ({"steps": [{"rake": {"target": {}}}]}, "the step `rake` has no option `target`"),
        ([], "a recipe is read from a mapping, not from a list"),
        ("rake", "a recipe is read from a mapping, not from a str"),
        ({"steps": "rake"}, "the steps of a recipe are not a list"),
        ({"steps": 3}, "the steps of a recipe are not a list"),
        ({"steps": {"rake": {}}}, "the steps of a recipe are not a list"),
        ({"steps": [{"rake": {}, "trim": {}}]}, "step 1 of the recipe is not a verb with its options"),
        ({"steps": [3]}, "step 1 of the recipe is not a verb with its options"),
        ({"steps": [{"rake": ["region"]}]}, "the options of the step `rake` are a list, not a mapping"),
        ({"steps": [{"trim": None}]}, "the step `trim` has neither `upper` nor `lower`"),
        ({"steps": [{"rake": {"targets": {"crossed": [1]}}}]}, "the crossed targets of the recipe are not pairs"),
        ({"weight": 3}, "the starting weight of the recipe is 3, not the name of a column"),
        ({3: 4}, "a recipe has no `3`"),
    ],
)
def test_a_recipe_that_cannot_be_read_is_refused(told: Any, message: str) -> None:
    """Unknown keys, verbs and options are told, and what is not written as a recipe is."""
    with pytest.raises(DataError, match=message):
        weights.Recipe.from_dict(told)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({"region": {"n": 1.0}}, "the steps of a recipe are not a list"),
        ("w", "the steps of a recipe are not a list"),
        (None, "the steps of a recipe are not a list"),
        (weights.Step("trim", {"upper": 2}), "the steps of a recipe are not a list"),
        (["rake"], r"step 1 of the recipe is not a verb with its options \(`rake`\)"),
        (("trim", {"upper": 2}), r"step 1 of the recipe is not a verb with its options \(`trim`\)"),
        ([("rake", ["region"])], "the options of the step `rake` are a list, not a mapping"),
        ([(["rake"], {})], "a recipe cannot "),
        ([("balance", {})], "a recipe cannot `balance`"),
        ([("rake", {})], "the step `rake` does not say its `targets`"),
        ([("rake", {"targets": ["region"]})], "the targets of the step `rake` are a list, not a mapping"),
        ([("calibrate", {"method": "raking"})], "the step `calibrate` does not say its `totals`"),
        ([("calibrate", {"totals": [("x", 1)]})], "the totals of the step `calibrate` are a list, not a mapping"),
        ([("poststratify", {"targets": {"n": 1}})], "the step `poststratify` does not say its `by`"),
        ([("adjust_nonresponse", {"classes": "age"})], "the step `adjust_nonresponse` does not say its `respondent`"),
        ([("trim", {"by": "age"})], "the step `trim` has neither `upper` nor `lower`"),
    ],
)
def test_steps_are_verbs_with_what_they_need(steps: Any, message: str) -> None:
    """What is no list of steps, and a step without what it needs, is refused with an example to follow."""
    with pytest.raises(DataError, match=message) as caught:
        weights.Recipe(steps)
    assert caught.value.problems[0].mend.startswith(("such as ", "write ", "its steps are "))


def test_steps_are_written_in_three_ways() -> None:
    """A step, a pair and a mapping are the same; the starting weight is named, and is a name."""
    options = {"upper": 2}
    made = [weights.Recipe([step]) for step in (weights.Step("trim", options), ("trim", options), {"trim": options})]
    assert made[0] == made[1] == made[2]
    assert made[0] == weights.Recipe(step for step in made[0].steps)
    assert (weights.Step("trim", options),) == made[0].steps
    with pytest.raises(DataError, match="is 3, not the name of a column"):
        weights.Recipe([], weight=3)
    listed = weights.Recipe([("trim", {"upper": 2, "by": ["age", "region"]})], weight="w")
    assert listed == weights.Recipe.from_dict(json.loads(json.dumps(listed.to_dict())))
