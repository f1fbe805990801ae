"""A tiny mirrored study made by hand, with a truth and answers to go with it, for tests of any room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from symmetry.fieldwork import Intake
from symmetry.spec import Audience, Comparison, Item, Margin, Privacy, Registered, Scale, Study, Wave

__all__ = ["TRUTH", "tiny_answers", "tiny_intakes", "tiny_study", "with_item", "write_truth"]

AGREE = Scale("agree5", "likert", 1, 5, boxes=2, missing={"na": 0})
NPS = Scale("nps", "nps", 0, 10)
SHARE = Scale("share", "percent", 0, 100)

TRUTH = """\
symmetry: 1
truth: tiny
network:
  unit: branch
  region: region
  payroll: {north: [12, 20, 8, 15, 9], south: [10, 14, 3]}
  customers: {north: 0.4, south: 0.6}
shares:
  customers: {channel: {branch: 0.7, app: 0.3}}
person:
  general: 0.45
  branch: {customers: 0.2, employees: 0.3}
  together: 0.5
  explained: 0.6
  blank: 0.01
  na: 0.05
spread: {likert: 1.0, nps: 2.2}
defaults:
  guess: {likert: 4.0, nps: 30}
  management: {likert: 3.5}
levels:
  recommend: {customer: 10, employee: 25}
  listened: {customer: 3.8, employee: 3.8}
  kept: {customer: 3.3, employee: 3.9}
shifts:
  customers: {region: {north: -0.1}, channel: {app: -0.3}}
drivers:
  customers: {recommend: {kept: 0.7, listened: 0.3}}
  employees: {recommend: {kept: 0.2, listened: 0.6}}
field:
  cold: {customers: {rate: 0.4, factors: {channel: {app: 0.5}}}, employees: {rate: 0.8}}
  hot: {customers: {rate: 0.2, moved: {listened: 0.2}}}
"""


def tiny_study(path: Path = Path("tiny/study.yaml")) -> Study:
    """Five items, both audiences, one cold and one hot wave."""
    words = {"en": "…"}
    both = {"customer": words, "employee": words, "guess": words}
    literal = {"employee": "literal", "guess": "projection"}
    items = [
        Item("recommend", "outcome", words, NPS, both, {"employee": "loose", "guess": "projection"}),
        Item("listened", "driver", words, AGREE, {**both, "management": words}, {**literal, "management": "parallel"}),
        Item("kept", "driver", words, AGREE, both, literal),
        Item("region", "frame", words, values={"north": words, "south": words}, audiences=("customers", "employees")),
        Item("channel", "frame", words, values={"branch": words, "app": words}, audiences=("customers",)),
        Item("branch", "frame", words, audiences=("customers", "employees")),
    ]
    asked = ("recommend", "listened", "kept")
    waves = [
        Wave("cold", "cold", ("customers", "employees"), asked, sample={"customers": 800, "employees": "census"}),
        Wave("hot", "hot", ("customers",), ("recommend", "listened"), sample={"customers": 300}),
    ]
    smallest = (Margin(0.3, "points"), Margin(5, "pct"), Margin(10, "nps"))
    return Study(
        key="tiny",
        path=path,
        title={"en": "Tiny"},
        languages=("en",),
        audiences={key: Audience(key, {"en": key}) for key in ("customers", "employees")},
        promise={},
        moments={},
        scales={"agree5": AGREE, "nps": NPS},
        items={item.key: item for item in items},
        waves={wave.key: wave for wave in waves},
        registered=Registered(
            "recommend", ("listened", "kept"), ("region",), (Comparison("customer", "employee", smallest),)
        ),
        privacy=Privacy(),
        targets={},
        digest="0" * 64,
    )


def with_item(study: Study, item: Item) -> Study:
    """The study with one item more, or with another item under the same key; every wave asks it."""
    waves: Mapping[str, Wave] = {
        key: replace(wave, items=tuple(dict.fromkeys((*wave.items, item.key)))) for key, wave in study.waves.items()
    }
    return replace(study, items={**study.items, item.key: item}, waves=waves)


def write_truth(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the tiny truth into a folder, each change replacing one text in it by another."""
    text = TRUTH
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    path = folder / "truth.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def tiny_answers(audience: str) -> pd.DataFrame:
    """Four people's answers to the cold wave, in the order of the columns of the study."""
    codes = {"recommend": [10, 7, 0, None], "listened": [5, 4, 0, None], "kept": [1, 2, 3, 4]}
    guesses = {f"{key}.guess": cells for key, cells in codes.items()}
    known = {"respondent": ["p1", "p2", "p3", "p4"], "region": ["north", "north", "south", "south"]}
    known |= {"channel": ["app", "branch", "app", "branch"]} if audience == "customers" else {}
    known |= {"branch": ["north-01", "north-01", "south-01", None]}
    faces = codes if audience == "customers" else {**codes, **guesses, "listened.management": [3, 3, 3, 3]}
    order = ["recommend", "recommend.guess", "listened", "listened.guess", "listened.management", "kept", "kept.guess"]
    data = {name: pd.array(cells, dtype="str") for name, cells in known.items()}
    data |= {name: pd.array(faces[name], dtype="Int64") for name in order if name in faces}
    return pd.DataFrame(data)


def tiny_intakes() -> list[Intake]:
    """The cold wave of both audiences, as imported."""
    log = pd.DataFrame([("kept", "", 4, "")], columns=["measure", "item", "n", "note"])
    return [
        Intake("cold", audience, tiny_answers(audience), False, "tiny.csv", log)
        for audience in ("customers", "employees")
    ]
