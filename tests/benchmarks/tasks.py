"""What is timed, and the numbers to reach: a row of the table each, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TASKS", "Target", "Task"]


@dataclass(frozen=True)
class Target:
    """Limits at a million rows: seconds, times faster than R and than svy, extra memory in MB, seconds on a ready design."""

    seconds: float | None = None
    r: float | None = None
    svy: float | None = None
    memory: float | None = None
    ready: float | None = None


@dataclass(frozen=True)
class Task:
    """One statistic: its key in every tool, the columns it needs (`answers.columns`), what it is, its limits."""

    key: str
    columns: str
    what: str
    target: Target
    largest: int = 10**7
    calls: int = 1  # public calls it is made of, 10 ms each on 10,000 rows
    values_only: bool = False  # compare estimates, not errors: each tool draws its own replicates
    apart: float = 1e-9  # by how much, relatively, the tools' numbers may differ


_FAST = Target(seconds=0.15, r=150, svy=500, memory=100)
_FITTED = Target(seconds=0.15, r=30, svy=25, memory=40)

TASKS = (
    Task("means", "items", "20 means + SE, 2,000 PSUs", Target(0.08, 20, 2.5, 60)),
    Task("means-rows", "items", "20 means + SE, PSU = respondent", Target(0.10, 20, 2.5, 60)),
    Task("units", "items", "20 means + SE by 200 units, 2,000 PSUs", _FAST),
    Task("units-rows", "items", "20 means + SE by 200 units, PSU = respondent", _FAST),
    Task(
        "everything",
        "items",
        "mean, SD, top box, NPS and distribution of 20 items by 200 units, SE and CI of each",
        Target(seconds=0.35, memory=150),
        calls=5,
    ),
    Task(
        "replicates",
        "items",
        "500 Rao–Wu replicates of 20 means",
        Target(0.25, 100, 200, 30),
        calls=2,
        values_only=True,
    ),
    Task("given", "items", "20 means on the same 500 replicates, handed over", Target(), largest=10**4),
    Task("rake", "margins", "raking, 4 margins, to 1e-10", Target(0.03, 100, 30, 40)),
    Task("greg", "calibration", "GREG, 29 columns", Target(0.06, 30, 25, 40)),
    Task("logit", "calibration", "logit calibration within bounds, 29 columns", _FITTED),
    Task("raking", "calibration", "raking calibration, 29 columns", _FITTED),
    Task("median-coded", "item", "median + Woodruff, a coded item", Target(0.05, 30, 4, 60)),
    Task("median", "continuous", "median + Woodruff, a continuous answer", Target(0.15, 10, 1.2, 60)),
    Task("glm", "model", "gaussian GLM, 10 predictors", Target(0.12, 15, 6, 100)),
    # R takes the working weights of the step before the last
    Task("glm-logit", "model", "logit GLM, 10 predictors", Target(0.40, 6, 2.5, 100), apart=1e-6),
    Task(
        "glm-units",
        "model",
        "gaussian GLM, 10 predictors, in each of 200 units",
        Target(seconds=0.24, memory=100),
        calls=3,
        apart=1e-7,  # coefficients near 0
    ),
    Task(
        "gaps",
        "items",
        "gaps of two audiences, 200 units × 20 items, with their joint covariance, after the pass",
        Target(seconds=0.2, memory=100),
        calls=2,
    ),
)
