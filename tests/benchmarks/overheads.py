"""What small calls cost: every public estimator on 10,000 rows, and the imports."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from symmetry.errors import SymmetryError

__all__ = ["calls", "imports"]

HEAVY = "altair bokeh flask IPython ipykernel matplotlib nbclient nbconvert nbformat plotly seaborn starlette uvicorn"
ROOMS = (
    "import pandas, scipy.sparse, scipy.special",
    "import symmetry",
    "from symmetry import design, estimate, weights",
    "from symmetry import load, run",
)
IMPORTS = """
import sys, time
start = time.perf_counter()
{0}
spent = time.perf_counter() - start
print(spent, *sorted(set(sys.modules) & set("{1}".split())))
"""


def imports(times: int) -> list[tuple[str, float, str]]:
    """Seconds of an import in a fresh interpreter, and which heavy libraries came with it; first what all the rest stands on."""
    found = []
    for what in ROOMS:
        told = [
            subprocess.run(
                [sys.executable, "-c", IMPORTS.format(what, HEAVY)], check=True, capture_output=True, text=True
            ).stdout
            for _ in range(times + 1)
        ]
        seconds = [float(one.split()[0]) for one in told[1:]]
        found.append((what, statistics.median(seconds), " ".join(told[0].split()[1:])))
    return found


def calls(home: Path, times: int) -> list[tuple[str, float]]:
    """Seconds of every public estimator on small answers; not a number for one that fails, which breaks the promise."""
    found = []
    for name, call in asked(home).items():
        try:
            call()
            spent = []
            for _ in range(times):
                start = time.perf_counter()
                call()
                spent.append(time.perf_counter() - start)
            found.append((name, statistics.median(spent)))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, SymmetryError) as error:
            found.append(
                (f"{name}: {type(error).__name__}: {error}".partition("\n")[0].replace("|", "/"), float("nan"))
            )
    return found


def asked(home: Path) -> dict[str, Callable[[], Any]]:
    """One call of every public estimator, weight and design."""
    from symmetry import design, estimate
    from tests.benchmarks import answers, ours

    items = list(answers.ITEMS)
    frame = ours.frame_of(
        home, ("psu", "stratum", "unit", "audience", "weight", "y", *answers.LEVELS, *answers.NUMERIC, *items)
    )
    told = answers.targets(home)
    ready = design.Design(frame, weight="weight", stratum="stratum", psu="psu")
    two = ["q1", "q2"]
    sides = cache(lambda: estimate.mean(ready, two, by=["audience"]))
    shares = cache(lambda: estimate.favourable(ready, two, at_least=8))
    return {
        "Design(…)": lambda: design.Design(frame, weight="weight", stratum="stratum", psu="psu"),
        "mean(design, item)": lambda: estimate.mean(ready, "q1").table(),
        "mean(design, 20 items)": lambda: estimate.mean(ready, items).table(),
        "mean(design, item, by=200 units)": lambda: estimate.mean(ready, "q1", by=["unit"]).table(),
        "total": lambda: estimate.total(ready, two).table(),
        "share": lambda: estimate.share(ready, "m1").table(),
        "ratio": lambda: estimate.ratio(ready, "q1", "q2").table(),
        "quantile": lambda: estimate.quantile(ready, "y", [0.25, 0.5, 0.75]).table(),
        "median": lambda: estimate.median(ready, "q1").table(),
        "variance": lambda: estimate.variance(ready, two).table(),
        "correlation": lambda: estimate.correlation(ready, two).table(),
        "cdf": lambda: estimate.cdf(ready, "y", at=[2.0, 4.0]).table(),
        "nps": lambda: estimate.nps(ready, two).table(),
        "bottom_box": lambda: estimate.bottom_box(ready, two).table(),
        "top_box": lambda: estimate.top_box(ready, two).table(),
        "favourable": lambda: estimate.favourable(ready, two, at_least=8).table(),
        "csat": lambda: estimate.csat(ready, two).table(),
        "ces": lambda: estimate.ces(ready, two).table(),
        "contrast": lambda: estimate.contrast(sides(), {"difference": {0: 1.0, 1: -1.0}}).table(),
        "interval": lambda: estimate.interval(shares(), method="logit"),
        "replicate(design), 100, mean": lambda: estimate.mean(design.replicate(ready, replicates=100), "q1").table(),
        "rake": lambda: ours.rake((frame, told)),
        "calibrate": lambda: ours.calibrated(method="linear")((frame, told)),
    }
