"""The tasks in symmetry, on a pandas frame: a design, a verb, and the table or the weighted frame it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from symmetry import design, estimate, weights
from tests.benchmarks import answers
from tests.benchmarks.tasks import TASKS as ASKED

__all__ = ["TASKS", "frame_of", "load"]

ITEMS = list(answers.ITEMS)
AUDIENCES = ("customers", "employees")
RIGHT = " + ".join(ITEMS[1:11])


def load(home: Path, task: str) -> Any:
    """The columns of a task as a frame, with the targets of the calibrations."""
    kind = next(asked.columns for asked in ASKED if asked.key == task)
    more = ("audience",) if task == "gaps" else ()
    frame, told = (
        frame_of(home, ("psu", "stratum", "unit", "weight", *answers.columns(kind), *more)),
        answers.targets(home),
    )
    if task == "given":
        factors = np.fromfile(home / "factors.f8").reshape(-1, answers.PSUS)
        told["replicates"] = (factors[:, frame["psu"]] * frame["weight"].to_numpy()).T.copy()
    if task == "glm-logit":
        frame["pleased"] = (frame["q1"] >= 7).astype(float)
    if task == "gaps":
        parts = {
            name: part.drop(columns="audience")
            for name, (_, part) in zip(AUDIENCES, frame.groupby("audience"), strict=True)
        }
        return stacked(parts)
    return frame, told


def frame_of(home: Path, names: tuple[str, ...]) -> pd.DataFrame:
    """Columns as a frame: codes are 64-bit integers, numbers 64-bit floats, as pandas reads them from a file."""
    found = answers.read(home, names)
    return pd.DataFrame(
        {name: column.astype(np.int64) if column.dtype.kind == "i" else column for name, column in found.items()}
    )


def clustered(loaded: Any) -> Any:
    """A design with 2,000 PSUs."""
    return design.Design(loaded[0], weight="weight", stratum="stratum", psu="psu")


def element(loaded: Any) -> Any:
    """A design where each respondent is a PSU."""
    return design.Design(loaded[0], weight="weight", stratum="stratum")


def supplied(loaded: Any) -> Any:
    """A design with replicate weights handed over."""
    frame, told = loaded
    return design.replicated(
        frame, weight="weight", replicates=told["replicates"], method="bootstrap", scale=1 / 500, centre="mean"
    )


def stacked(parts: dict[str, pd.DataFrame]) -> Any:
    """The pass before the gaps: both audiences' means by unit in one design."""
    both = {name: design.Design(frame, weight="weight", stratum="stratum", psu="psu") for name, frame in parts.items()}
    return estimate.mean(design.stack(both), ITEMS, by=["audience", "unit"])


def passed(levels: Any) -> Any:
    """The estimates of the pass, without what an earlier round has worked out from them."""
    return levels.select(np.arange(len(levels)))


def as_it_is(loaded: Any) -> Any:
    """Weights are fitted to a frame: no design is needed."""
    return loaded


def means(ready: Any) -> pd.DataFrame:
    """Twenty means."""
    return estimate.mean(ready, ITEMS).table()


def units(ready: Any) -> pd.DataFrame:
    """Twenty means by unit."""
    return estimate.mean(ready, ITEMS, by=["unit"]).table()


def everything(ready: Any) -> list[pd.DataFrame]:
    """All that is said of an item, by unit."""
    verbs = (
        estimate.mean,
        estimate.variance,
        lambda *asked, by: estimate.top_box(*asked, scale=(0, 10), by=by),
        estimate.nps,
        estimate.share,
    )
    return [verb(ready, ITEMS, by=["unit"]).table() for verb in verbs]


def replicates(ready: Any) -> pd.DataFrame:
    """Twenty means on 500 Rao-Wu replicates, drawn here."""
    return means(design.replicate(ready, "bootstrap", replicates=500, seed=1))


def rake(loaded: Any) -> pd.DataFrame:
    """Raking to four margins."""
    frame, told = loaded
    total = sum(told["margins"]["m1"])
    shares = {
        name: {level: count / total for level, count in enumerate(counts)} for name, counts in told["margins"].items()
    }
    return weights.rake(frame, shares, weight="weight", name="fitted", total=total, tolerance=1e-10)


def calibrated(**method: Any) -> Callable[[Any], pd.DataFrame]:
    """Calibration to four margins and two totals."""

    def fitted(loaded: Any) -> pd.DataFrame:
        frame, told = loaded
        totals: dict[str, Any] = {name: dict(enumerate(counts)) for name, counts in told["margins"].items()}
        totals |= {name: total[0] for name, total in told["totals"].items()}
        return weights.calibrate(frame, totals, weight="weight", name="fitted", **method)

    return fitted


def median(item: str) -> Callable[[Any], pd.DataFrame]:
    """The median of an item, with Woodruff's interval."""
    return lambda ready: estimate.median(ready, item).table()


def model(outcome: str, family: str) -> Callable[[Any], pd.DataFrame]:
    """A model of ten items."""
    return lambda ready: estimate.glm(ready, f"{outcome} ~ {RIGHT}", family=family).table()


def models(ready: Any) -> pd.DataFrame:
    """The same in each unit."""
    return estimate.glm_by(ready, f"q1 ~ {RIGHT}", ["unit"]).table()


def gaps(levels: Any) -> Any:
    """Differences of the audiences, a unit and an item each, and their joint covariance."""
    rows = levels.labels.reset_index(names="row").pivot_table(index=["item", "unit"], columns="audience", values="row")
    difference = {f"{item} {unit}": {a: 1.0, b: -1.0} for (item, unit), a, b in rows.astype(int).itertuples(name=None)}
    found = estimate.contrast(levels, difference)
    return found.table(), found.sparse_covariance()


def of_means(table: pd.DataFrame) -> np.ndarray:
    """Values, then errors; item after item, by unit where there are units."""
    table = table.assign(item=pd.Categorical(table["item"], ITEMS))
    table = table.sort_values(["item", *(["unit"] if "unit" in table else [])])
    return np.concatenate([table[name].to_numpy(float) for name in ("estimate", "se")])


def of_models(table: pd.DataFrame) -> np.ndarray:
    """Coefficients, then errors; those of a coefficient together, unit after unit."""
    return np.concatenate([table[name].to_numpy(float) for name in ("estimate", "se")])


def of_weights(frame: pd.DataFrame) -> np.ndarray:
    """The fitted weights."""
    return frame["fitted"].to_numpy()


def of_median(table: pd.DataFrame) -> np.ndarray:
    """Value, limits and error."""
    return table[["estimate", "lower", "upper", "se"]].to_numpy(float)[0]


def of_nothing(_: object) -> np.ndarray:
    """No other tool does this: there is nothing to compare."""
    return np.empty(0)


TASKS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], np.ndarray]]] = {
    "means": (clustered, means, of_means),
    "means-rows": (element, means, of_means),
    "units": (clustered, units, of_means),
    "units-rows": (element, units, of_means),
    "everything": (clustered, everything, of_nothing),
    "replicates": (clustered, replicates, of_means),
    "given": (supplied, means, of_means),
    "rake": (as_it_is, rake, of_weights),
    "greg": (as_it_is, calibrated(method="linear"), of_weights),
    "logit": (as_it_is, calibrated(method="logit", bounds=answers.BOUNDS), of_weights),
    "raking": (as_it_is, calibrated(method="raking"), of_weights),
    "median-coded": (clustered, median("q1"), of_median),
    "median": (clustered, median("y"), of_median),
    "glm": (clustered, model("q1", "gaussian"), of_models),
    "glm-logit": (clustered, model("pleased", "binomial"), of_models),
    "glm-units": (clustered, models, of_models),
    "gaps": (passed, gaps, of_nothing),
}
