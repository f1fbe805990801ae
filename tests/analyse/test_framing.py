"""What stands in for the names of small units that the field withholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.analyse import framing, load_plan
from symmetry.design import Design

PLAN = "analyses/everyday_bank"


def answers() -> pd.DataFrame:
    """Six branches in two regions; two small ones lost their names."""
    rng = np.random.default_rng(4)
    branch = np.repeat(["n1", "n2", "n3", "s1", "s2", "s3"], 8)
    frame = pd.DataFrame({"branch": branch, "region": np.where(np.char.startswith(branch, "n"), "north", "south")})
    frame["weight"], frame["listened"] = rng.uniform(1, 2, 48), rng.integers(1, 6, 48).astype(float)
    frame.loc[frame["branch"].isin(["n3", "s3"]), "branch"] = None
    return frame


def test_people_of_withheld_units_are_one_psu_of_their_stratum(root: Path) -> None:
    """Their error is that of a design in which they were given one name in each stratum; the unit stays unknown as a domain."""
    plan = load_plan(root / PLAN)
    frame = answers()
    given = framing.with_psus(plan, "employees", frame, source="field store, wave cold-2027, spec sha256 00")
    found = estimate.mean(Design(given, **framing.roles(plan, "employees", given)), ["listened"]).table()
    by_hand = frame.assign(branch=frame["branch"].fillna("lost in the " + frame["region"]))
    told = estimate.mean(Design(by_hand, weight="weight", stratum="region", psu="branch"), ["listened"]).table()
    np.testing.assert_allclose(found[["estimate", "se", "df"]], told[["estimate", "se", "df"]], rtol=1e-12)
    assert 16 == given["branch"].isna().sum()


def test_any_other_missing_psu_is_refused_by_the_design(root: Path) -> None:
    """Answers from a file are left as they are."""
    plan = load_plan(root / PLAN)
    frame = answers()
    assert framing.with_psus(plan, "employees", frame, source="staff.csv, sha256 00") is frame
