"""Draws: how often each person is drawn over many seeds is the probability told of him, whatever the method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.chances import Words, words
from symmetry.fieldwork.drawing import draw
from symmetry.fieldwork.drawing_stages import in_units, of_people
from symmetry.fieldwork.frames import read_frame
from symmetry.fieldwork.nouns import Sample
from symmetry.spec import Item
from symmetry.spec.running import SampledUnits, Sampling
from tests.fieldwork.framing import DAY, days_on, frame_of, people, study_of

WIDE = 4.5
"""Standard errors within which every frequency must lie: chance passes it 7 times in a million."""
METHODS = {
    "at random": Sampling(size=11),
    "stratified": Sampling(size=13, by=("region", "channel")),
    "equal": Sampling(size=13, by=("region", "channel"), allocation="equal"),
    "explicit": Sampling(size=9, by=("channel",), allocation={"app": 7, "branch": 2}),
    "systematic": Sampling(size=11, method="systematic", order=("region", "visits")),
    "systematic in strata": Sampling(size=13, by=("channel",), method="systematic", order=("branch",)),
    "pps": Sampling(size=20, method="pps", measure="visits"),
    "pps in strata": Sampling(size=26, by=("region",), method="pps", measure="visits", order=("branch",)),
    "rate": Sampling(rate=0.3),
    "census": Sampling(size="census"),
    "units by people": Sampling(size=14, units=SampledUnits("branch", 5)),
    "units at random, equal": Sampling(
        size=10, by=("region",), allocation="equal", units=SampledUnits("branch", 6, "stratified")
    ),
    "units by visits": Sampling(size=12, by=("region",), units=SampledUnits("branch", 6, "pps", "visits")),
    "all of drawn units": Sampling(size="census", units=SampledUnits("branch", 5)),
    "systematic in units": Sampling(
        size=11, method="systematic", order=("visits",), units=SampledUnits("branch", 5, "stratified")
    ),
}


def sizes() -> dict[str, float]:
    """A size for each branch, unlike its number of people."""
    return {name: 1.0 + 3 * (number % 4) for number, name in enumerate(sorted(set(people()["branch"])))}


def drawn(sampling: Sampling, seed: int = 1, **changed: Any) -> Sample:
    """A sample of the small frame."""
    return draw(study_of(sampling), "cold", "customers", frame_of(people(), **changed), seed=seed, on=DAY)


@pytest.mark.parametrize("method", METHODS)
def test_frequencies_are_probabilities(method: str) -> None:
    """Over 120 seeds every person is drawn as often as told, within 4.5 binomial standard errors."""
    _compare(method, 120)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_frequencies_are_probabilities_over_many_seeds(method: str) -> None:
    """The same over 2,500 seeds, where an error of 4 points would show."""
    _compare(method, 2500)


def _compare(method: str, seeds: int) -> None:
    """Draw with every seed, count, and hold the frequencies against the probabilities."""
    sampling, frame = METHODS[method], frame_of(people(), sizes=sizes())
    study, all_of = study_of(sampling), np.ones(48, dtype=bool)
    times = np.zeros(48)
    for seed in range(seeds):

        def stream(stage: str, persons: Sequence[str], seed: int = seed) -> Words:
            return words(persons, seed=seed, study=study, wave="cold", audience="customers", stage=stage)

        if sampling.units is not None:
            found = in_units(sampling, sampling.units, frame, all_of, all_of, stream)
        else:
            found = of_people(sampling, frame, all_of, all_of, stream)
        times += found.drawn
    chance = found.given
    spread = np.sqrt(chance * (1 - chance) / seeds)
    assert (np.abs(times / seeds - chance) <= WIDE * spread + 1e-12).all()
    if isinstance(sampling.size, int):
        assert chance.sum() == pytest.approx(sampling.size, abs=1e-6)


@pytest.mark.parametrize("method", [name for name, each in METHODS.items() if isinstance(each.size, int)])
def test_the_sample_has_its_size(method: str) -> None:
    """Fixed sizes are met in every stratum; in two stages within what small units cannot give."""
    sampling = METHODS[method]
    for seed in range(5):
        sample = drawn(sampling, seed, sizes=sizes())
        found = sample.units.groupby("stratum")[["drawn", "probability"]].sum()
        if sampling.units is None:
            np.testing.assert_allclose(found["drawn"], found["probability"], atol=1e-9)
        else:
            assert sample.units.loc[sample.units["drawn"], "psu"].nunique() <= sampling.units.size


def test_row_order_and_file_format_change_nothing(tmp_path: Path) -> None:
    """Shuffled rows, CSV or Parquet, columns turned round: the same people with the same probabilities."""
    rows, found = people(), []
    study = study_of(METHODS["systematic in strata"])
    for seed, name in enumerate(("a.csv", "b.csv", "c.parquet")):
        mixed = rows.sample(frac=1, random_state=seed)[list(rows.columns)[:: 1 - 2 * (seed % 2)]]
        path = tmp_path / name
        mixed.to_csv(path, index=False) if name.endswith("csv") else mixed.to_parquet(path)
        frame = read_frame(path, study, "customers", wave="cold")
        found.append(draw(study, "cold", "customers", frame, seed=3, on=DAY).units)
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0].sort_index(axis=1), other.sort_index(axis=1))
    assert found[0]["drawn"].any()


def test_seeds_and_waves_draw_other_people() -> None:
    """Another seed draws others, the same seed the same."""
    one, same, other = (set(drawn(METHODS["at random"], seed).units.query("drawn")["person"]) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_systematic_draws_spread_over_the_order() -> None:
    """Of any run of k people in the order, k/4 are drawn, one more or less."""
    sample = drawn(Sampling(size=12, method="systematic", order=("visits",)))
    counts = sample.units.loc[sample.units["drawn"], "visits"].value_counts()
    expected = sample.units["visits"].value_counts() / 4
    assert (np.abs(counts.reindex(expected.index).fillna(0) - expected) <= 1).all()
    assert 12 == sample.units["drawn"].sum()


def test_two_stages_in_proportion_give_everybody_the_same_chance() -> None:
    """Units by their people and as many from each: n/N for all, where no unit is too small."""
    rows = people()
    rows["branch"] = [f"b{number % 6}" for number in range(24)] + [f"b{number % 3}" for number in range(24)]
    sampling = Sampling(size=9, units=SampledUnits("branch", 3))
    sample = draw(study_of(sampling), "cold", "customers", frame_of(rows), seed=1, on=DAY)
    np.testing.assert_allclose(sample.units["probability"], 9 / 48)
    assert [3, 3, 3] == sample.units.query("drawn").groupby("psu").size().tolist()
    assert sample.units["psu"].tolist() == sample.units["branch"].tolist()


def test_a_weight_the_frame_lacks_is_filled_in() -> None:
    """A frame item `weight` of numbers becomes 1/probability, so that a plan can name it."""
    weight = Item("weight", "frame", {"en": "Weight"}, numeric=True, audiences=("customers",))
    sampling = METHODS["stratified"]
    study, frame = study_of(sampling, items=[weight]), frame_of(people(), absent=("weight",))
    units = draw(study, "cold", "customers", frame, seed=1, on=DAY).units
    np.testing.assert_allclose(units["weight"], 1 / units["probability"])
    assert units.loc[units["drawn"], "weight"].sum() == pytest.approx(48)


@pytest.mark.parametrize(
    ("sampling", "code", "words"),
    [
        (Sampling(size=49), "DRW05", "49 people are to be drawn, and the frame has 48"),
        (Sampling(size=3, by=("region", "channel")), "DRW06", "3 people are to be drawn from 4 strata"),
        (Sampling(size=60, by=("channel",), allocation={"app": 40, "branch": 20}), "DRW05", "stratum app: 40"),
        (Sampling(size=20, by=("channel",), allocation={"app": 20}), "DRW07", "nothing of the strata branch"),
        (Sampling(size=20, by=("channel",), allocation={"app": 9, "branch": 9, "bus": 2}), "DRW07", "names bus"),
        (Sampling(), "DRW02", "does not say how many customers"),
        (
            Sampling(size=12, units=SampledUnits("branch", 99)),
            "DRW05",
            "99 units are to be drawn, and the frame has 15",
        ),
        (Sampling(size=40, units=SampledUnits("branch", 2)), "DRW10", "which hold"),
        (Sampling(size=12, by=("channel",), units=SampledUnits("branch", 4)), "DRW09", "lie in several strata"),
    ],
)
def test_what_cannot_be_drawn_is_refused(sampling: Sampling, code: str, words: str) -> None:
    """More sample than frame or stratum, strata unknown or without a chance: one error that says which."""
    with pytest.raises(DataError, match=words) as error:
        drawn(sampling)
    assert code == error.value.problems[0].code


def test_unknown_waves_and_audiences_are_refused() -> None:
    """A wave the study lacks, an audience the wave does not ask."""
    study, frame = study_of(METHODS["census"]), frame_of(people())
    for wave, audience in (("warm", "customers"), ("cold", "observers")):
        with pytest.raises(DataError) as error:
            draw(study, wave, audience, frame, seed=1, on=DAY)
        assert "DRW01" == error.value.problems[0].code


def test_the_same_seed_twice_on_the_same_people_is_refused() -> None:
    """A wave drawn again with its seed would give people the same luck; with another seed it is drawn."""
    study, frame = study_of(METHODS["at random"], quarantine=1), frame_of(people())
    first = draw(study, "cold", "customers", frame, seed=1, on=DAY)
    with pytest.raises(DataError, match="with the seed 1") as error:
        draw(study, "cold", "customers", frame, seed=1, on=days_on(7), history=[first])
    assert "DRW03" == error.value.problems[0].code
    again = draw(study, "cold", "customers", frame, seed=2, on=days_on(7), history=[first])
    assert 11 == again.units["drawn"].sum()


def test_the_manifest_counts_what_the_units_hold() -> None:
    """Sizes, chances and reasons by stratum are those of the table."""
    sample = drawn(METHODS["stratified"])
    facts: Any = sample.manifest
    strata = pd.DataFrame(facts["strata"]).set_index("stratum")
    by = sample.units.groupby("stratum")
    assert by.size().tolist() == strata["frame"].tolist()
    assert by["drawn"].sum().tolist() == strata["drawn"].tolist()
    assert by["probability"].min().tolist() == strata["lowest"].tolist()
    assert [1, "frame.csv", {}, []] == [
        facts["seed"], facts["frame"]["file"], facts["reasons"], facts["after"]
    ]  # fmt: skip
