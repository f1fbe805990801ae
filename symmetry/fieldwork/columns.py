"""Which columns the answers of one audience in one wave hold: the one list that every file here follows.

Frame and demographic items come first, in the order of the study, then one column for each face of each item that the
wave asks of this audience.  Names follow `symmetry.spec.column_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from symmetry.errors import DataError
from symmetry.spec import AUDIENCE_OF, FACES, Item, Scale, Study, Text, column_of, route_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

__all__ = ["Column", "Kind", "cell_counts", "columns_of", "on_route"]

Kind = Literal["code", "share", "category", "choices", "number", "date", "text"]
_KINDS: dict[str, Kind] = {
    "percent": "share",
    "score": "number",
    "single": "category",
    "multiple": "choices",
    "number": "number",
    "date": "date",
    "text": "text",
}


@dataclass(frozen=True)
class Column:
    """One column of the answers: its name, the item it holds, and the face that was shown (none when never asked)."""

    name: str
    item: Item
    face: str | None

    @cached_property
    def kind(self) -> Kind:
        """What its cells are: a code, a share 0..100, a category, chosen keys between spaces, a number, an ISO day, or text."""
        if self.scale is not None:
            return _KINDS.get(self.scale.kind, "code")
        if self.item.values is not None:
            return "category"
        return "number" if self.item.numeric else "text"

    @cached_property
    def scale(self) -> Scale | None:
        """On what its face is answered; none for what is known beforehand."""
        return self.item.scale_of(self.face)

    @cached_property
    def categories(self) -> Mapping[str, Text]:
        """What a cell may hold, where it is chosen from a list."""
        return self.scale.choices if self.scale else self.item.values or {}

    @cached_property
    def missing(self) -> dict[str, int | str]:
        """Reason → how a cell says it: the code of its scale where cells are numbers, the word itself (`na`) elsewhere."""
        if self.scale is None:
            return {}
        return (
            dict(self.scale.missing) if self.kind in ("code", "share", "number") else {k: k for k in self.scale.missing}
        )

    @property
    def asked(self) -> bool:
        """Whether people answered it; a frame item is known beforehand."""
        return self.item.role != "frame"


def columns_of(study: Study, wave: str, audience: str) -> tuple[Column, ...]:
    """List the columns that the answers of one audience in one wave must have, the respondent's own id apart.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.
    audience : "customers" or "employees"; one that this wave asks.

    Returns
    -------
    Frame items, then items without a face (demographics), then faces in the order of the study's items.

    Raises
    ------
    DataError : the study has no such wave, or the wave does not ask this audience.
    """
    if wave not in study.waves:
        near = get_close_matches(wave, study.waves, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise DataError(
            f"study `{study.key}` has no wave `{wave}`{hint}",
            mend=f"name one of: {', '.join(study.waves)}",
            code="DATA01",
        )
    if audience not in study.waves[wave].audiences:
        raise DataError(
            f"wave `{wave}` of study `{study.key}` asks {' and '.join(study.waves[wave].audiences)}, not {audience}",
            mend=f"leave {audience} out of the plan, or add them to `audiences:` of the wave",
            code="DATA02",
        )
    wanted = set(study.waves[wave].items)
    known, faceless, asked = [], [], []
    for item in study.items.values():
        mine = audience in item.audiences or not item.audiences
        if item.role == "frame":
            known += [Column(item.key, item, None)] if mine else []
        elif item.key in wanted and not item.faces:
            faceless += [Column(item.key, item, None)] if mine else []
        elif item.key in wanted:
            faces = [face for face in FACES if face in item.faces and AUDIENCE_OF[face] == audience]
            asked += [Column(column_of(item.key, face), item, face) for face in faces]
    return (*known, *faceless, *asked)


def on_route(study: Study, audience: str, item: Item, answers: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell who is asked an item, of n people with these answers: everybody where it has no route."""
    import numpy as np

    if item.ask_if is None:
        return np.ones(len(answers), dtype=bool)
    asked = route_of(study, item.key, audience)
    return np.array([asked(row) for row in answers.to_dict("records")], dtype=bool)


def cell_counts(
    study: Study, audience: str, expected: tuple[Column, ...], answers: pd.DataFrame
) -> list[tuple[str, str, int, str]]:
    """Count the cells of every column as rows of a log: `measure, item, n, note`.

    What was asked: `answered`, `blank`, and one measure for each missing reason of its scale; with a route, `not asked`
    counts those whom it left out, apart from the blank, and `off route` those who answered all the same.  What is known
    beforehand: `unknown`, and only where something is.
    """
    rows: list[tuple[str, str, int, str]] = []
    for column in expected:
        cells = answers[column.name]
        missing = {reason: int((cells == code).sum()) for reason, code in column.missing.items()}
        blank = int(cells.isna().sum())
        if column.asked:
            skipped = ~on_route(study, audience, column.item, answers)
            not_asked = int((skipped & cells.isna().to_numpy()).sum())
            rows.append(("answered", column.name, len(cells) - blank - sum(missing.values()), ""))
            rows.append(("blank", column.name, blank - not_asked, ""))
            if column.item.ask_if is not None:
                rows.append(("not asked", column.name, not_asked, column.item.ask_if))
                rows.append(("off route", column.name, int(skipped.sum()) - not_asked, column.item.ask_if))
            rows += [(reason, column.name, n, "") for reason, n in missing.items()]
        elif blank:
            rows.append(("unknown", column.name, blank, ""))
    return rows
