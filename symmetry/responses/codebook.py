"""The codebook: what each column of each frozen table holds, enough to read the answers without the study.

Written from the study when answers are frozen, compared with the table and with the study whenever they are read, so
that an item which one side lacks is found on either.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from symmetry.errors import Place, Problem
from symmetry.fieldwork import Column, columns_of
from symmetry.spec import Study

__all__ = ["arrow_types", "codebook_of", "differences", "misfits"]

_ARROW = {"code": "int64", "share": "double", "number": "double", "category": "string"} | dict.fromkeys(
    ("choices", "date", "text"), "string"
)


def codebook_of(study: Study, keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Write the codebook of the tables (wave, audience) of a study as plain data."""
    tables = {
        f"{wave}/{audience}": {column.name: _entry(column) for column in columns_of(study, wave, audience)}
        for wave, audience in keys
    }
    return {"symmetry": 1, "study": study.key, "tables": tables}


def misfits(file: Path, key: str, names: Iterable[str], codebook: dict[str, Any]) -> list[Problem]:
    """Compare the columns of a table with its codebook, both ways."""
    have, listed = set(names) - {"respondent"}, set(codebook["tables"][key])
    mend = "import and freeze the answers again with the study they were asked by"
    problems = [
        Problem(Place(file), f"{key}: the answers hold `{name}`, which the codebook lacks", mend, "RES10")
        for name in sorted(have - listed)
    ]
    problems += [
        Problem(Place(file), f"{key}: the codebook lists `{name}`, which the answers lack", mend, "RES11")
        for name in sorted(listed - have)
    ]
    if "respondent" not in set(names):
        problems.append(Problem(Place(file), f"{key}: the answers lack `respondent`", mend, "RES11"))
    return problems


def differences(file: Path, frozen: dict[str, Any], current: dict[str, Any]) -> list[Problem]:
    """Compare the codebook of frozen answers with what the study says now, both ways and entry by entry."""
    mend = "use the study as it was when the answers were frozen, or import and freeze them again"
    problems = []
    for key, table in frozen["tables"].items():
        now = current["tables"][key]
        for name in sorted({*table, *now}):
            if name not in now:
                what = f"{key}: the answers hold `{name}`, which the study no longer has there"
                problems.append(Problem(Place(file), what, mend, "RES12"))
            elif name not in table:
                what = f"{key}: the study asks `{name}`, which the answers were frozen without"
                problems.append(Problem(Place(file), what, mend, "RES12"))
            elif table[name] != now[name]:
                parts = [part for part in now[name] if table[name].get(part) != now[name][part]]
                what = f"{key}: `{name}` was frozen with another {' and '.join(parts) or 'form'} than the study has now"
                problems.append(Problem(Place(file), what, mend, "RES12"))
    return problems


def arrow_types(table: dict[str, Any]) -> dict[str, str]:
    """Column → Arrow type in which a table is stored, the respondent's id first."""
    return {"respondent": "string"} | {name: _ARROW[entry["kind"]] for name, entry in table.items()}


def _finite(bound: float) -> float | None:
    """A bound as JSON can say it: none where there is none."""
    return bound if isfinite(bound) else None


def _entry(column: Column) -> dict[str, Any]:
    scale = column.scale
    entry: dict[str, Any] = {
        "item": column.item.key,
        "face": column.face,
        "role": column.item.role,
        "kind": column.kind,
    }
    if column.categories:
        entry["values"] = list(column.categories)
    if scale is not None:
        entry["scale"] = {
            "type": scale.kind,
            "low": _finite(scale.low),
            "high": _finite(scale.high),
            "reversed": scale.reversed,
            "missing": dict(scale.missing),
        }
    return entry
