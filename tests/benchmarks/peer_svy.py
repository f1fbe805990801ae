"""The tasks in svy (PyPI), on a polars frame; svy is installed in an environment of its own and imported only when asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import answers
from tests.benchmarks.tasks import TASKS as ASKED

__all__ = ["TASKS", "load"]


def load(home: Path, task: str) -> Any:
    """The columns of a task as a polars frame, with the targets of the calibrations."""
    import polars as pl

    kind = next(asked.columns for asked in ASKED if asked.key == task)
    names = ("psu", "stratum", "unit", "weight", *answers.columns(kind))
    data = {name: as_64(column) for name, column in answers.read(home, names).items()}
    frame, told = pl.DataFrame(data), answers.targets(home)
    if task == "glm-logit":
        frame = frame.with_columns(pleased=(pl.col("q1") >= 7).cast(pl.Float64))
    if task == "given":
        factors = np.fromfile(home / "factors.f8").reshape(-1, answers.PSUS)
        rows = factors[:, data["psu"]] * data["weight"]
        frame = frame.hstack(pl.DataFrame({f"r{number}": row for number, row in enumerate(rows, start=1)}))
    return frame, told


def as_64(column: np.ndarray) -> np.ndarray:
    """Codes as 64-bit integers, as frames usually have them."""
    return column.astype(np.int64) if column.dtype.kind == "i" else column


def clustered(loaded: Any) -> Any:
    """A sample with 2,000 PSUs, and the targets."""
    import svy

    frame, told = loaded
    return svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="weight")), told


def element(loaded: Any) -> Any:
    """A sample where each respondent is a PSU."""
    import svy

    frame, told = loaded
    return svy.Sample(frame, svy.Design(stratum="stratum", wgt="weight")), told


def supplied(loaded: Any) -> Any:
    """A sample with the replicate weights of its columns."""
    import svy

    frame, told = loaded
    replicates = svy.BootstrapWgts(prefix="r", n_reps=500)
    return svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="weight", rep_wgts=replicates)), told


def means(ready: Any) -> Any:
    """Twenty means."""
    return ready[0].estimation.mean(list(answers.ITEMS))


def units(ready: Any) -> Any:
    """Twenty means by unit."""
    return ready[0].estimation.mean(list(answers.ITEMS), by="unit")


def replicates(ready: Any) -> Any:
    """Twenty means on 500 Rao-Wu replicates, drawn here."""
    sample = ready[0].weighting.create_bs_wgts(n_reps=500, rstate=1)
    return sample.estimation.mean(list(answers.ITEMS), method="replication")


def given(ready: Any) -> Any:
    """Twenty means on the replicates of the frame."""
    return ready[0].estimation.mean(list(answers.ITEMS), method="replication")


def rake(ready: Any) -> Any:
    """Raking to four margins."""
    sample, told = ready
    return sample.weighting.rake(controls=controls(told), tol=1e-10, wgt_name="fitted")


def greg(ready: Any) -> Any:
    """Linear calibration to four margins and two totals."""
    import svy

    sample, told = ready
    asked = {svy.Cat(name): counts for name, counts in controls(told).items()}
    asked |= {name: total[0] for name, total in told["totals"].items()}
    return sample.weighting.calibrate(controls=asked, wgt_name="fitted")


def median(item: str) -> Any:
    """The median of an item, with Woodruff's interval."""
    return lambda ready: ready[0].estimation.median(item)


def model(outcome: str, family: str) -> Any:
    """A model of ten items, to the last step but one."""
    x = list(answers.ITEMS[1:11])
    return lambda ready: [ready[0].glm.fit(outcome, x=x, family=family, tol=1e-12).to_polars()]


def models(ready: Any) -> Any:
    """The same in each unit."""
    import svy

    x, units = list(answers.ITEMS[1:11]), range(answers.UNITS)
    return [ready[0].glm.fit("q1", x=x, where=svy.col("unit") == unit).to_polars() for unit in units]


def controls(told: Any) -> dict[str, dict[int, float]]:
    """Margins as svy takes them: a count a level."""
    return {name: dict(enumerate(counts)) for name, counts in told["margins"].items()}


def of_means(results: Any) -> np.ndarray:
    """Values, then errors; by unit where there are units."""
    tables = [result.to_polars() for result in results]
    tables = [table.sort("unit") if "unit" in table.columns else table for table in tables]
    return np.concatenate([table[name].to_numpy() for name in ("est", "se") for table in tables])


def of_models(results: Any) -> np.ndarray:
    """Coefficients, then errors; those of a coefficient together, unit after unit."""
    return np.concatenate(
        [np.array([table[name].to_numpy() for table in results]).T.ravel() for name in ("estimate", "std_err")]
    )


def of_weights(sample: Any) -> np.ndarray:
    """The fitted weights."""
    return sample.data["fitted"].to_numpy()


def of_median(result: Any) -> np.ndarray:
    """Value, limits and error."""
    return result.to_polars().select("est", "lci", "uci", "se").to_numpy()[0]


TASKS = {
    "means": (clustered, means, of_means),
    "means-rows": (element, means, of_means),
    "units": (clustered, units, of_means),
    "units-rows": (element, units, of_means),
    "replicates": (clustered, replicates, of_means),
    "given": (supplied, given, of_means),
    "rake": (clustered, rake, of_weights),
    "greg": (clustered, greg, of_weights),
    "median-coded": (clustered, median("q1"), of_median),
    "median": (clustered, median("y"), of_median),
    "glm": (clustered, model("q1", "gaussian"), of_models),
    "glm-logit": (clustered, model("pleased", "binomial"), of_models),
    "glm-units": (clustered, models, of_models),
}
