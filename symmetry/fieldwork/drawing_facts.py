"""What is told of a draw beside its units: where it came from, what was followed, and sizes and chances by stratum."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd

from symmetry.fieldwork.frames import Frame
from symmetry.fieldwork.resting import Rules
from symmetry.fieldwork.sampled import content_of
from symmetry.spec import Sampling, Study

__all__ = ["OTHER", "manifest_of"]

OTHER = "another event"


def manifest_of(
    study: Study,
    wave: str,
    audience: str,
    frame: Frame,
    sampling: Sampling,
    units: pd.DataFrame,
    *,
    seed: int,
    on: date,
    rules: Rules,
) -> dict[str, Any]:
    """The manifest of a sample, as plain data.

    Parameters
    ----------
    study, wave, audience, frame, sampling, seed, on, rules : what was drawn from, and how.
    units : what came of it.

    Returns
    -------
    Of each stratum: `frame` rows, those who `could` be drawn on the day, `drawn`, `expected` to be, and the `lowest` and
    `highest` probability above 0; `reasons` why others could not, `never` how many had no chance at all: both of the rows of the
    wave's event alone.  `weighted` says whether the units bear a `weight`.
    """
    frame_facts: dict[str, Any] = {
        "file": frame.path.name,
        "sha256": frame.sha256,
        "kind": frame.kind,
        "rows": len(frame.rows),
        "ignored": list(frame.ignored),
        "absent": list(frame.absent),
        "notes": list(frame.notes),
        "units": None if frame.units is None else {"file": frame.units[0], "sha256": frame.units[1]},
    }
    how = asdict(sampling) | {"quotas": [str(quota) for quota in sampling.quotas]}
    reasons = units.loc[units["reason"] != "", "reason"].value_counts().sort_index()
    scope = units[units["reason"] != OTHER]
    return {
        "symmetry": 1,
        "holds": "sample",
        "study": {"key": study.key, "digest": study.digest},
        "wave": wave,
        "audience": audience,
        "on": on.isoformat(),
        "seed": seed,
        "frame": frame_facts,
        "sampling": _plain(how),
        "rules": {"quarantine": rules.quarantine, "most": rules.most},
        "strata": _strata(scope),
        "reasons": {str(reason): int(count) for reason, count in reasons.items()},
        "never": int((scope["probability"] == 0).sum()),
        "weighted": "weight" in units,
        "content": content_of(units),
    }


def _plain(value: Any) -> Any:
    """Data as JSON gives it back: lists, no tuples."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _strata(units: pd.DataFrame) -> list[dict[str, Any]]:
    """Sizes and chances of each stratum, in the order of their names."""
    chance = units["probability"]
    told = pd.DataFrame(
        {
            "stratum": units["stratum"],
            "could": units["reason"] == "",
            "drawn": units["drawn"],
            "chance": chance,
            "some": chance.where(chance > 0),
        }
    )
    by = told.groupby("stratum", sort=True)
    return [
        {
            "stratum": str(stratum),
            "frame": len(part),
            "could": int(part["could"].sum()),
            "drawn": int(part["drawn"].sum()),
            "expected": round(float(part["chance"].sum()), 9),
            "lowest": float(part["some"].min()) if part["some"].notna().any() else 0.0,
            "highest": float(part["some"].max()) if part["some"].notna().any() else 0.0,
        }
        for stratum, part in by
    ]  # fmt: skip
