"""Tables + manifest: the one door out.  Written aside and renamed, so that a reader never sees half a run."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.analyse.plan import Plan
from symmetry.spec import Study

if TYPE_CHECKING:
    import pandas as pd

    from symmetry.disclosure import Ledger
    from symmetry.fieldwork import Tabulated
    from symmetry.responses import Responses

__all__ = ["Results", "describe_run", "words", "write", "write_json"]

_PACKAGES = ("symmetry", "numpy", "scipy", "pandas", "pyarrow", "statsmodels", "pydantic", "nbconvert", "nbclient")


@dataclass(frozen=True, eq=False)
class Results:
    """Tables by name, the facts of the run (manifest without file hashes), and the words of its study.

    remarks : what the answers did not bear, for the analyst alone: they are never written.
    """

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    words: Mapping[str, Any]
    remarks: tuple[str, ...] = ()


def write(results: Results, folder: Path) -> None:
    """Write tables (Parquet and CSV), `study.json` and `manifest.json` into a folder; same results, same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    hashes = {}
    for name, table in results.tables.items():
        arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(arrow, folder / f"{name}.parquet", compression="zstd")
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        hashes[name] = hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest()
    write_json(folder / "study.json", results.words)
    write_json(folder / "manifest.json", {**results.facts, "tables": hashes})


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a mapping as readable JSON, in its own order (items and categories keep the study's)."""
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


_UNITS = {
    "shared": "psus shared by both audiences count once",
    "apart": "the audiences share no psu",
    "surveyed": "every unit was surveyed: units are strata of each audience, persons are psus",
}


def describe_run(
    plan: Plan, answers: Responses, counts: Tabulated | None = None, ledger: Ledger | None = None
) -> dict[str, Any]:
    """The facts that made the results: hashes of study, plan and data, versions, seed, and every rule in force."""
    return {
        "symmetry": version("symmetry"),
        "holds": "results",
        "study": {"key": plan.study.key, "digest": plan.study.digest},
        "plan": {"key": plan.key, "digest": plan.digest},
        "data": dict(sorted(answers.hashes.items())) | ({} if counts is None else {"tabulated": counts.sha256}),
        "packages": {name: version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "seed": plan.seed if answers.simulated else None,
        "simulated": answers.simulated,
        "published": plan.published,
        "releases": ledger.releases(plan.study.key) if ledger else [],
        "mirrored": plan.study.mirrored,
        "waves": list(plan.waves),
        "unit": plan.unit,
        "segments": list(plan.segments),
        "outcome": plan.outcome,
        "drivers": list(plan.drivers),
        "min_cell": plan.min_cell,
        "level": plan.level,
        "adjust": plan.adjust,
        "units": plan.units,
        "lonely_psu": plan.lonely_psu,
        "missing": plan.missing,
        "df_rule": f"psus minus strata; Satterthwaite over the audiences for gaps; {_UNITS[plan.units]}",
        "departures": [dict(departure) for departure in plan.departures],
        "notes": {language: list(texts) for language, texts in plan.notes.items()},
        "language": plan.language,
        "design": {
            audience: {"weight": roles.weight, "stratum": roles.stratum, "psu": roles.psu, "fpc": roles.fpc}
            for audience, roles in plan.roles.items()
        },
    }


def words(study: Study) -> dict[str, Any]:
    """The study's words that a report needs: titles, labels, wordings, scales."""
    items, frames = {}, {}
    for key, item in study.items.items():
        if item.role == "frame":
            values = {category: dict(label) for category, label in (item.values or {}).items()}
            frames[key] = {"label": dict(item.label), "values": values}
        elif (scale := item.scale) and scale.rated:
            per_kind = {"nps": "nps", "percent": "favourable"}
            items[key] = {
                "label": dict(item.label),
                "role": item.role,
                "statistic": per_kind.get(scale.kind, "mean"),
                "scale": {"key": scale.key, "kind": scale.kind, "low": scale.low, "high": scale.high},
                "wording": {face: dict(text) for face, text in item.faces.items()},
                "mirror": dict(item.mirrors),
                "promise": item.promise,
                "moment": item.moment,
            }
    return {
        "key": study.key,
        "title": dict(study.title),
        "languages": list(study.languages),
        "audiences": {key: dict(audience.name) for key, audience in study.audiences.items()},
        "source": dict(study.source),
        "items": items,
        "frames": frames,
        "promise": {key: dict(text) for key, text in study.promise.items()},
        "waves": {key: {"kind": wave.kind, "window": wave.window} for key, wave in study.waves.items()},
    }
