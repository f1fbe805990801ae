"""What is asked of what was promised: every promise and every moment of truth, face by face, with the items that cover it.

A promise without an item in a face is a promise that nobody on that side is asked about.  `symmetry check --matrix` prints
the matrix, `symmetry preview` draws it, and `Matrix.data` gives it to programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Study
from symmetry.spec.texts import Text

__all__ = ["ASKED", "NONE", "WAIVED", "Cover", "Matrix", "Row", "matrix"]

ASKED, NONE, WAIVED = "asked", "·", "w"
_WAIVERS = ("MIR06", "MIR12")
_HEADS = {"promise": "Promise", "moment": "Moment", "apart": "Drivers without a promise"}


@dataclass(frozen=True)
class Cover:
    """One item in one face: its mirror type, or "asked" where there is nothing that it mirrors."""

    item: str
    mirror: str


@dataclass(frozen=True)
class Row:
    """A promise or a moment of truth, or the drivers that hang on no promise ("apart"): what covers it in each face.

    `items` are all that hang on it.  `waived` holds, for a face, or for "item.face", the reason why nothing stands there.
    """

    kind: Literal["promise", "moment", "apart"]
    key: str
    name: Text
    items: tuple[str, ...]
    cells: Mapping[str, tuple[Cover, ...]]
    waived: Mapping[str, str]

    def mark(self, face: str, item: str | None = None) -> str:
        """What stands in a face: of an item its mirror type, of the row a count; `·` where nothing does, `w` where waived.

        Examples
        --------
        >>> row = Row("promise", "kind", {}, ("heard",), {"customer": (Cover("heard", "asked"),)}, {"guess": "too long"})
        >>> row.mark("customer"), row.mark("customer", "heard"), row.mark("guess"), row.mark("employee")
        ('1', 'asked', 'w', '·')
        """
        here = [cover for cover in self.cells.get(face, ()) if item in (None, cover.item)]
        if here:
            return here[0].mirror if item else str(len(here))
        return WAIVED if (f"{item}.{face}" if item else face) in self.waived else NONE


@dataclass(frozen=True)
class Matrix:
    """Every promise and moment × every face that the study asks."""

    faces: tuple[str, ...]
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        lines = [["", *self.faces]]
        for row, before in zip(self.rows, (None, *self.rows), strict=False):
            lines += [[]] if before and before.kind != row.kind else []
            lines.append([f"{_HEADS[row.kind]} {row.key}".strip(), *(row.mark(face) for face in self.faces)])
            lines += [[f"  {item}", *(row.mark(face, item) for face in self.faces)] for item in row.items]
        marks = {mark for line in lines for mark in line[1:]}
        legend = {NONE: "nobody is asked", WAIVED: "waived, with the reason in the study"}
        said = "   ".join(f"{mark} {words}" for mark, words in legend.items() if mark in marks)
        return "\n".join([*_aligned(lines), *(["", said] if said else [])])

    def data(self) -> dict[str, Any]:
        """The matrix as plain data, for JSON and for pages."""
        return {
            "faces": list(self.faces),
            "rows": [
                {
                    "kind": row.kind,
                    "key": row.key,
                    "name": dict(row.name),
                    "items": list(row.items),
                    "cells": {
                        face: [{"item": cover.item, "mirror": cover.mirror} for cover in row.cells.get(face, ())]
                        for face in self.faces
                    },
                    "waived": dict(row.waived),
                }
                for row in self.rows
            ],
        }


def matrix(study: Study) -> Matrix:
    """Which items ask about which promise, and about which moment of truth, in which face.

    Parameters
    ----------
    study : the study.

    Returns
    -------
    One row for each promise, then for each moment, then one for the drivers that hang on no promise, if there are any; one
    column for each face whose readers the study asks.  `print` shows it: of a promise how many items ask about it, of an
    item how its face mirrors the customer's; `w` where a waiver (MIR06, MIR12) says why nothing stands there, of a promise
    when each of its items has one.
    """
    faces = tuple(face for face in FACES if AUDIENCE_OF[face] in study.audiences)
    items = [item for item in study.items.values() if item.faces]
    rows = [
        _row(study, faces, "promise", key, name, (item for item in items if item.promise == key))
        for key, name in study.promise.items()
    ]
    rows += [
        _row(study, faces, "moment", key, moment.name, (item for item in items if item.moment == key))
        for key, moment in study.moments.items()
    ]
    apart = [item for item in items if item.role == "driver" and item.promise is None]
    if apart:
        rows.append(_row(study, faces, "apart", "", {}, apart))
    return Matrix(faces, tuple(rows))


def _row(
    study: Study,
    faces: tuple[str, ...],
    kind: Literal["promise", "moment", "apart"],
    key: str,
    name: Text,
    items: Iterable[Item],
) -> Row:
    """What covers one promise or moment."""
    chosen = list(items)
    cells = {
        face: tuple(Cover(item.key, item.mirrors.get(face, ASKED)) for item in chosen if face in item.faces)
        for face in faces
    }
    waived: dict[str, str] = {}
    for face in faces:
        lacking = [item for item in chosen if face not in item.faces and item.role != "observation"]
        reasons = {item.key: _reason(item.waived) or _reason(study.waived) for item in lacking if face != "observer"}
        waived |= {f"{item}.{face}": reason for item, reason in reasons.items() if reason}
        if not cells[face] and reasons and all(reasons.values()):
            waived[face] = next(iter(reasons.values()))
    return Row(kind, key, name, tuple(item.key for item in chosen), cells, waived)


def _reason(waivers: Mapping[str, str]) -> str:
    """The reason of a waiver of missing faces."""
    return next((waivers[code] for code in _WAIVERS if code in waivers), "")


def _aligned(lines: list[list[str]]) -> list[str]:
    """Cells in columns, as wide as the widest of each."""
    widths = [max(len(line[at]) for line in lines if line) for at in range(len(lines[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip() for line in lines]
