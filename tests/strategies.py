"""Random samples for laws: small frames with every role a design may have, drawn so that each stratum keeps two psus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from symmetry.design import Design, Influence, stack, variances
from symmetry.dissonance import Gap, Pair
from symmetry.estimate import Estimate

__all__ = ["FEW", "PAIRS", "Sample", "made_up", "margins", "samples", "two_audiences"]

FEW = settings(max_examples=max(10, settings.default.max_examples // 4))
"""For laws whose every example builds several designs: a quarter of the profile's examples."""

FAMILY = "customer - employee"
PAIRS = (
    Pair("x", ("customers", "x"), ("employees", "x"), FAMILY, "literal", "mean", 0.3),
    Pair("y", ("customers", "y"), ("employees", "y"), FAMILY, "parallel", "mean", 0.3),
    Pair("top", ("customers", "x"), ("employees", "x"), FAMILY, "literal", "favourable", 0.05, at_least=4),
    Pair("code", ("customers", "code"), ("employees", "code"), FAMILY, "literal", "nps", 10.0),
)


@dataclass(frozen=True)
class Sample:
    """A frame and the roles its design takes; `x` are answers 1 to 5 with gaps, `y` and `z` are floats, `code` is 0 to 10."""

    frame: pd.DataFrame
    roles: Mapping[str, Any]

    def design(self, frame: pd.DataFrame | None = None, **changed: Any) -> Design:
        """The design of this sample, or of a changed frame or changed roles."""
        return Design(self.frame if frame is None else frame, **{**self.roles, **changed})

    def with_frame(self, frame: pd.DataFrame) -> Sample:
        """The same roles on another frame."""
        return replace(self, frame=frame)


@st.composite
def samples(draw: st.DrawFn, *, psu: bool | None = None, fpc: bool | None = None, weight: bool | None = None) -> Sample:
    """Samples with or without strata, psus, weights and fpc (None: either)."""
    strata = draw(st.integers(1, 3))
    clustered = draw(st.booleans()) if psu is None else psu
    finite = draw(st.booleans()) if fpc is None else fpc
    weighted = draw(st.booleans()) if weight is None else weight
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = [draw(st.integers(2, 5)) for _ in range(strata)]
    parts = []
    for stratum, psus in enumerate(sizes):
        rows = rng.integers(1, 5, psus) if clustered else np.full(psus, 3)
        part = pd.DataFrame(
            {"stratum": f"s{stratum}", "psu": np.repeat([f"p{number}" for number in range(psus)], rows)}
        )
        drawn = psus if clustered else len(part)
        parts.append(part.assign(population=float(drawn + rng.integers(0, 20))))
    frame = pd.concat(parts, ignore_index=True)
    n = len(frame)
    frame["weight"] = np.round(rng.uniform(0.2, 5.0, n), 3)
    frame["group"] = rng.choice(["a", "b"], n)
    frame["side"] = rng.choice(["u", "v", "w"], n)
    frame["x"] = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 6, n))
    frame.loc[:1, "x"] = [2.0, 4.0]
    frame["code"] = rng.integers(0, 11, n).astype(float)
    frame["y"] = rng.normal(3, 1, n)
    frame["z"] = 0.5 * frame["y"] + rng.normal(0, 1, n)
    roles: dict[str, Any] = {"stratum": "stratum"} if strata > 1 else {}
    roles |= {"psu": "psu"} if clustered else {}
    roles |= {"fpc": "population"} if finite else {}
    roles |= {"weight": "weight"} if weighted else {}
    return Sample(frame, roles)


@st.composite
def two_audiences(draw: st.DrawFn, *, shared: bool | None = None) -> tuple[Design, dict[str, Design]]:
    """Customers and employees of the same units stacked, and the two designs apart."""
    together = draw(st.booleans()) if shared is None else shared
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units = draw(st.integers(4, 9))
    quality = rng.normal(0, 0.6, units)
    designs = {}
    for audience in ("customers", "employees"):
        rows = np.concatenate([np.arange(units), rng.integers(0, units, draw(st.integers(units, 4 * units)))])
        n = len(rows)
        frame = pd.DataFrame({"unit": rows, "region": np.where(rows % 2 == 0, "n", "s"), "w": rng.uniform(0.5, 3, n)})
        frame["x"] = np.clip(np.round(3.3 + quality[rows] + rng.normal(0, 1, n)), 1, 5)
        frame["y"] = 3 + quality[rows] + rng.normal(0, 1, n)
        frame["code"] = rng.integers(0, 11, n).astype(float)
        designs[audience] = Design(frame, weight="w", stratum="region", psu="unit")
    return stack(designs, units="shared" if together else "apart"), designs


@st.composite
def margins(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """A frame in which every crossing of two variables is held, starting weights, and targets it can be raked to."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    first, second = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    grid = np.array([(i, j) for i in range(first) for j in range(second)])
    rows = np.vstack([grid, grid[rng.integers(0, len(grid), draw(st.integers(0, 60)))]])
    frame = pd.DataFrame({"a": [f"a{i}" for i in rows[:, 0]], "b": [f"b{j}" for j in rows[:, 1]]})
    frame["start"] = rng.uniform(0.3, 4.0, len(frame))
    frame["x"] = rng.normal(0, 1, len(frame))
    targets = {}
    for name, size in (("a", first), ("b", second)):
        share = rng.dirichlet(np.full(size, 4.0)) * 0.9 + 0.1 / size
        targets[name] = {f"{name}{k}": float(value) for k, value in enumerate(share)}
    return frame, targets


def made_up(
    values: list[float], errors: list[float], df: float = 50.0, mirror: str = "literal", smallest: float = 0.3
) -> Gap:
    """Gaps of chosen value and standard error: two psus carry the influence, each side has 200 answers."""
    g = len(values)
    design = Design(pd.DataFrame({"audience": np.repeat(["customers", "employees"], 2)}))
    step = np.array(errors) * np.sqrt(3 / 8)  # V = 4/3 · 2 step²
    influence = np.vstack([step, -step, np.zeros((2, g))])
    names = [f"item{k}" for k in range(g)]
    labels = pd.DataFrame({"statistic": "mean", "item": names, "family": "f", "mirror": mirror, "smallest": smallest,
                           "reading": "absolute", "scale": ""})  # fmt: skip

    def of(labels: pd.DataFrame, values: np.ndarray, influence: np.ndarray, n: int) -> Estimate:
        size = len(values)
        spread, every = Influence.of(influence), np.full(size, n)
        return Estimate(design, labels, values, spread, variances(design, spread), np.zeros(size, int), every,
                        np.full(size, 4), np.full(size, float(df)), np.full(size, np.nan))  # fmt: skip

    levels = of(
        pd.concat([labels, labels]),
        np.concatenate([values, np.zeros(g)]),
        np.hstack([influence, np.zeros((4, g))]),
        200,
    )
    sides = pd.DataFrame({"a": np.arange(g), "b": np.arange(g, 2 * g)})
    return Gap(of(labels, np.array(values), influence, 400), levels, sides, (), {})
