"""What a study says of its samples, read by hand: every way of drawing, what it defaults to, and how it is told and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from symmetry.spec import check, compile_wave, load, read_yaml
from symmetry.spec.changing.compiling import hash_of, study_in
from symmetry.spec.changing.packing import pack, unpack
from symmetry.spec.exchange.ddi_study import _sampling
from symmetry.spec.running import Quota, SampledUnits, Sampling
from symmetry.spec.showing.running import waves_of
from symmetry.spec.showing.speaking import Speaker
from tests.spec.two_versions import FULL, small_bank

WAYS: dict[str, tuple[Any, Sampling]] = {
    "number": (6000, Sampling(6000)),
    "census": ("census", Sampling("census")),
    "strata": ({"size": 600, "by": ["region"]}, Sampling(600, by=("region",))),
    "quotas": (
        {"size": 600, "quotas": ["400 per region per month"]},
        Sampling(600, quotas=(Quota(400, ("region",), "month"),)),
    ),
    "equal": (
        {"size": 600, "by": ["region"], "allocation": "equal"},
        Sampling(600, by=("region",), allocation="equal"),
    ),
    "by hand": (
        {"size": 500, "by": ["region"], "allocation": {"north": 300, "south": 200}},
        Sampling(500, by=("region",), allocation={"north": 300, "south": 200}),
    ),
    "crossings": (
        {"size": 90, "by": ["region", "channel"], "allocation": {"north × app": 50, "south × branch": 40}},
        Sampling(90, by=("region", "channel"), allocation={"north × app": 50, "south × branch": 40}),
    ),
    "systematic": (
        {"size": 600, "method": "systematic", "order": ["region", "branch"]},
        Sampling(600, method="systematic", order=("region", "branch")),
    ),
    "pps": (
        {"size": 600, "method": "pps", "measure": "balance", "order": ["branch"]},
        Sampling(600, method="pps", measure="balance", order=("branch",)),
    ),
    "stages": (
        {"size": 600, "units": {"of": "branch", "size": 40, "measure": "balance"}, "allocation": "equal"},
        Sampling(600, allocation="equal", units=SampledUnits("branch", 40, "pps", "balance")),
    ),
    "clusters": (
        {"size": "census", "units": {"of": "branch", "size": 40, "method": "stratified"}},
        Sampling("census", units=SampledUnits("branch", 40, "stratified")),
    ),
    "systematic in units": (
        {"size": 600, "units": {"of": "branch", "size": 40}, "method": "systematic"},
        Sampling(600, method="systematic", units=SampledUnits("branch", 40)),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_drawing_is_read(way: str, tmp_path: Path) -> None:
    """The file's words and the noun, both by hand, for the customers of the cold wave."""
    written, expected = WAYS[way]
    data = read_yaml(FULL / "study.yaml").data
    data["waves"]["cold-2027"]["sample"] = {"customers": written}
    data["weights"] = {}
    file = tmp_path / "small" / "study.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    assert [] == [problem for problem in check(file) if problem.code.startswith(("WAV1", "QTA", "SPEC"))]
    assert expected == load(file).waves["cold-2027"].sampling["customers"]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_kept_and_read_again(way: str) -> None:
    """As plain data and back; what says nothing new is left out, so that waves sealed before keep their hash."""
    sampling = WAYS[way][1]
    data = pack(sampling)
    assert sampling == unpack(Sampling, data)
    assert {"size", "rate", "by", "quotas"} <= set(data)
    plain = replace(sampling, method="stratified", measure=None, order=(), allocation="proportional", units=None)
    assert {"size", "rate", "by", "quotas"} == set(pack(plain))


def test_another_method_is_another_wave() -> None:
    """The identity of a wave holds how its people are drawn."""
    bank = small_bank()
    wave = bank.waves["hot"]
    other = replace(wave, sampling={"customers": replace(wave.sampling["customers"], rate=None, method="systematic")})
    made = compile_wave(replace(bank, waves={**bank.waves, "hot": other}), "hot")
    assert hash_of(made) != hash_of(compile_wave(bank, "hot"))
    assert "systematic" == study_in(made, Path("hot.json")).waves["hot"].sampling["customers"].method


@pytest.mark.parametrize(
    ("way", "language", "expected"),
    [
        ("equal", "en", ["600 people", "by region", "as many in each"]),
        ("by hand", "en", ["500 people", "by region", "North 300 and South 200"]),
        ("crossings", "en", ["90 people", "by region and main channel", "North × App 50 and South × Branch 40"]),
        ("pps", "en", ["600 people", "chances in proportion to balance", "sorted by home branch"]),
        ("stages", "en", ["600 people", "in 40 units (home branch) drawn in proportion to balance", "as many in each"]),
        ("clusters", "en", ["everybody", "in 40 units (home branch) drawn at random"]),
        (
            "clusters",
            "fr",
            ["tous", "dans 40 unités (agence de rattachement) tirées au hasard"],
        ),
    ],
)
def test_the_page_says_how_people_are_drawn(way: str, language: str, expected: list[str]) -> None:
    """In the words of whoever approves it, French and English."""
    bank = small_bank()
    cold = replace(bank.waves["cold-2027"], sampling={"customers": WAYS[way][1]})
    study = replace(bank, waves={"cold-2027": cold})
    told = next(each for each in waves_of(study, Speaker(study, language)) if each["sample"])
    assert expected == told["sample"]


def test_the_codebook_says_how_people_are_drawn() -> None:
    """The sampling procedure of the DDI codebook, word for word."""
    cold = small_bank().waves["cold-2027"]
    said = {way: _sampling(replace(cold, sampling={"customers": WAYS[way][1]}, sample={}), "customers") for way in WAYS}
    expected = {
        "by hand": "cold-2027, customers: 500 people; strata region; 300 in north, 200 in south",
        "pps": "cold-2027, customers: 600 people; probability proportional to balance; sorted by branch",
        "clusters": "cold-2027, customers: everybody; in 40 units of branch drawn at random",
        "systematic in units": "cold-2027, customers: 600 people; in 40 units of branch drawn in proportion to their people;"
        " systematic, from a random start",
    }
    assert expected == {way: said[way] for way in expected}
