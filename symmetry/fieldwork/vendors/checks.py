"""What is wrong with a file as a whole: another survey, columns that nothing feeds, cells that slid, labels that disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.columns import Column, columns_of
from symmetry.fieldwork.vendors.conventions import conventions, whole
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.matching import match
from symmetry.fieldwork.vendors.nouns import Feed, FileColumn, VendorTable
from symmetry.fieldwork.vendors.typing_in import typed_in
from symmetry.spec import Answered, Study, answered_elsewhere

__all__ = ["check_columns", "check_labels", "check_shift", "several_of"]

_SHOWN = 40
_HARDLY = 4  # fewer than one in so many columns: another survey
_SLID, _FIT, _MOST, _SAMPLE = 0.5, 0.9, 2 / 3, 500


def several_of(expected: Sequence[Column]) -> list[str]:
    """Names of the columns that hold several choices."""
    return [column.name for column in expected if column.kind == "choices"]


def check_columns(
    study: Study, wave: str, audience: str, table: VendorTable, feeds: Mapping[str, Feed], absent: Sequence[str]
) -> None:
    """Refuse a file of another survey in one sentence, else name every column of the study that nothing feeds.

    Raises
    ------
    DataError : hardly any column fits (VEN08), or some are not fed and not said to be absent (VEN09).
    """
    expected = columns_of(study, wave, audience)
    asked = [column.name for column in expected if column.asked]
    fit = [name for name in asked if name in feeds]
    place = Place(table.path)
    if len(fit) * _HARDLY < len(asked):
        what = (
            f"{len(fit)} of the {len(asked)} questions of {audience} in wave `{wave}` are in {table.path.name}, which has "
            f"{len(table.columns)} columns: this looks like another survey"
        )
        raise DataError(what, where=place, mend=_better(study, wave, audience, table), code="VEN08")
    without = [column for column in expected if column.name not in feeds and column.name not in absent]
    if without:
        used = {name for feed in feeds.values() for name in feed.columns}
        left = [f"`{column.name}`" for column in table.columns if column.name not in used and not column.role]
        more = f" and {len(left) - _SHOWN} more" if left[_SHOWN:] else ""
        what = f"file columns that feed nothing: {', '.join(left[:_SHOWN]) or 'none'}{more}"
        raise DataError([*(_unfed(column, place) for column in without), Problem(place, what, "", "VEN09", "note")])


def _unfed(column: Column, place: Place) -> Problem:
    """One column that nothing feeds, with the lines that mend it."""
    what = f"no column of the file feeds `{column.name}` ({next(iter(column.item.label.values()), column.item.role)})"
    mend = (
        f"in a mapping file: `columns: {{{column.name}: NAME}}`; if it was not asked: `--allow-missing {column.name}`"
    )
    return Problem(place, what, mend, "VEN09")


def _better(study: Study, wave: str, audience: str, table: VendorTable) -> str:
    """Where the columns of a file fit best in this study, as a remedy."""
    best, most = "", 0.0
    for key, each in study.waves.items():
        for who in each.audiences:
            expected = columns_of(study, key, who)
            asked = [column.name for column in expected if column.asked]
            found = match(table, answered_elsewhere(study, key, who), several_of(expected), {}).feeds
            share = sum(name in found for name in asked) / max(1, len(asked))
            if (key, who) != (wave, audience) and share > most:
                best, most = f"{who} in wave `{key}`", share
    return (
        f"its columns fit {best}" if most >= 0.5 else "name the file of this wave, or map its columns: `--mapping FILE`"
    )


def check_labels(column: Column, answered: Answered, feed: Feed, file: FileColumn, table: VendorTable) -> list[Problem]:
    """A value whose label in the file is the label of another code in the study: the scale was turned, or another."""
    if not file.labels or feed.values is not None or column.kind not in ("code", "category"):
        return []
    codes = next(conventions(column, answered, file))
    if any(text and text not in file.missing and codes.of(text) is None for text in set(table.cells[file.name])):
        return []  # its values are no codes of ours: they are read by their labels
    said: dict[str, set[str]] = {}
    for code, label in answered.answers.items():
        for words in label.values():
            said.setdefault(plain(words), set()).add(code)
    for value, named in file.labels.items():
        own = codes.of(value)
        meant = said.get(plain(named), set())
        if own is not None and meant and own not in meant and whole(named) != whole(value):
            ours = next(iter(answered.answers[own].values()), own) if own in answered.answers else own
            meaning = f"which is {min(meant)} in the study, where {own} is “{ours}”"
            what = f"`{file.name}` labels {value} “{named}”, {meaning}"
            mend = f"recode it: `columns: {{{column.name}: {{column: {file.name}, values: {{{value}: {min(meant)}, …}}}}}}`"
            return [Problem(Place(table.path), what, mend, "VEN07")]
    return []


def check_shift(
    expected: Sequence[Column], answered: Mapping[str, Answered], feeds: Mapping[str, Feed], table: VendorTable
) -> None:
    """Refuse in one sentence a file whose cells stand beside the columns that they belong to.

    Raises
    ------
    DataError : most cells of several columns do not fit, and fit when they are moved by one or two columns (VEN14).
    """
    order = {column.name: place for place, column in enumerate(table.columns)}
    own = {feed.column: column for column in expected if (feed := feeds.get(column.name)) and feed.column}
    fed = sorted(own, key=lambda name: order[name])
    wrong = [name for name in fed if _fits(own[name], answered, feeds, table, name) < _SLID]
    if len(wrong) < 2:
        return
    for step in (1, -1, 2, -2):
        there = {name: order[name] + step for name in wrong}
        moved = {n: table.columns[place].name for n, place in there.items() if 0 <= place < len(table.columns)}
        filled = [(n, m) for n, m in moved.items() if (table.cells[m] != "").any()]
        fit = sum(_fits(own[n], answered, feeds, table, m) >= _FIT for n, m in filled)
        if fit >= max(2, _MOST * len(wrong)):
            way = "right" if step > 0 else "left"
            what = (
                f"from `{wrong[0]}` to `{wrong[-1]}` most cells do not fit their column, and fit "
                f"{abs(step)} column{'s' if abs(step) > 1 else ''} further to the {way}: the cells have shifted"
            )
            raise DataError(
                what, where=Place(table.path), mend="export the file again, and do not edit it", code="VEN14"
            )


def _fits(
    column: Column, answered: Mapping[str, Answered], feeds: Mapping[str, Feed], table: VendorTable, name: str
) -> float:
    """The share of filled cells of a file column that a column of the study could hold; 1 where nothing is filled."""
    cells = table.cells[name]
    texts, counts = np.unique(cells[cells != ""][:_SAMPLE].astype(str), return_counts=True)
    if not len(texts):
        return 1.0
    file = next(each for each in table.columns if each.name == name)
    feed, back = feeds[column.name], answered[column.name]
    if feed.values is not None and feed.column == name:
        return 1.0
    if back.answers and column.kind in ("code", "category"):
        return max(
            float(sum(n for text, n in zip(texts, counts, strict=True) if each.of(text) is not None))
            for each in conventions(column, back, file)
        ) / float(counts.sum())
    if column.kind in ("choices", "text"):
        return 1.0
    _, misfits = typed_in(column, back, feed, table, list(pd.unique(texts)), [])
    return float(sum(n for text, n in zip(texts, counts, strict=True) if text not in misfits)) / float(counts.sum())
