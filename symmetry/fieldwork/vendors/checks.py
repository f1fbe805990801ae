"""What is wrong with a file as a whole: another survey, columns that nothing feeds, cells that slid, labels that disagree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.columns import Column, columns_of
from symmetry.fieldwork.vendors.conventions import conventions, reason_of, whole
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.matching import match
from symmetry.fieldwork.vendors.nouns import Feed, FileColumn, VendorTable
from symmetry.fieldwork.vendors.typing_in import typed_in
from symmetry.spec import Answered, Study, answered_elsewhere

__all__ = ["check_columns", "check_labels", "check_shift", "several_of"]

_SHOWN = 40
_HARDLY = 4  # fewer than one in so many columns: another survey
_FIRST = re.compile(r"([+-]?\d+)\s*(?:[-–—=.:)]\s*|$)")
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
    """Hold the labels of a file's values against the study: the scale may be turned, another, or begin elsewhere.

    Parameters
    ----------
    column, answered, feed : the study's column, how it returns, and what feeds it.
    file, table : the file column and its file.

    Returns
    -------
    One fault (VEN07) where the label of a code is none that the study gives it, or notes: labels of what the study has no
    words for, which nobody can hold against anything.
    """
    if not file.labels or feed.values is not None or column.kind in ("choices", "text"):
        return []
    there = {text for text in set(table.cells[file.name]) if text and text not in file.missing}
    listed = column.kind in ("code", "category")
    codes = next(conventions(column, answered, file))
    if listed and any(codes.of(text) is None for text in there):
        return []  # its values are no codes of ours: they are read by their labels
    unheard = []
    for value, named in file.labels.items():
        own = codes.of(value) if listed else value
        looked_at = value in there or (listed and own in answered.answers and own not in answered.reasons)
        if own is None or value in file.missing or not looked_at or not named.strip():
            continue
        fault = _another(answered, own, value, named)
        if listed and fault:
            what = f"`{file.name}` labels {value} “{named}”, {fault}"
            every = ", ".join(f"{text}: …" for text in file.labels)
            mend = f"say what each is: `columns: {{{column.name}: {{column: {file.name}, values: {{{every}}}}}}}`"
            return [Problem(Place(table.path), what, mend, "VEN07")]
        known = reason_of(column, answered, value, named) if value in there else None
        if known is None and not _agrees(answered, own, value, named):
            unheard.append(f"{value} “{named}”")
    what = f"the file calls {', '.join(unheard)}, for which the study has no words"
    return [Problem(Place(table.path), what, "", "VEN07", "note")] if unheard else []


def _another(answered: Answered, own: str, value: str, named: str) -> str:
    """Why a label is none of those that the study gives a code; "" where it is, or where the study has only its number."""
    if _agrees(answered, own, value, named):
        return ""
    ours = next(iter(answered.answers.get(own, {}).values()), own)
    said = f"{own} is “{ours}”" if ours != own else f"{own} is {own}"
    first = _FIRST.match(named)
    for code, label in answered.answers.items():
        if any(plain(words) == plain(named) for words in label.values()):
            return f"which is {code} in the study, where {said}"
    if first and first[1] != whole(value):
        return f"which begins with another number, and {said} in the study"
    return f"and {said} in the study" if ours != own else ""


def _agrees(answered: Answered, own: str, value: str, named: str) -> bool:
    """Whether a label is one that the study gives a code in any language, its own number before it or not."""
    first = _FIRST.match(named)
    said = plain(named[first.end() :] if first and first[1] == whole(value) else named)
    ours = {plain(words) for words in answered.answers.get(own, {}).values()} | {plain(own)}
    cut = named.endswith("…") and any(words.startswith(said) for words in ours)
    return said in ours or said == "" or whole(named) == whole(value) or cut


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
