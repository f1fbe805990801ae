"""Columns as numbered answers with words: what the lines and columns of a table are, whatever the type they are stored in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, domains, series_of
from symmetry.errors import DesignError
from symmetry.estimate.banners.phrases import decimal, say

__all__ = ["Coded", "Words", "coded", "crossed", "numbers"]

_MOST_ANSWERS = 200
Words = Mapping[Hashable, str]


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of K different answers.

    name : of the column, or of several that are crossed; title : what readers see.  code (n,) : numbers 0 … K - 1, -1 where
    missing.  values : what is stored, K of them; texts : the same in words.
    """

    name: str
    title: str
    code: np.ndarray
    values: tuple[Hashable, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.values)


def coded(design: Design, name: str, *, title: str = "", words: Words | None = None, lang: str = "en") -> Coded:
    """Number the answers of a column.

    Parameters
    ----------
    name : column of text, categories (which keep their order, and those nobody chose), yes or no, or numbers.
    title : for readers; none takes the name.
    lang : of yes and no.
    words : answer → what readers see; answers nobody gave are kept too.  Text takes its order, then the alphabet's.

    Returns
    -------
    Coded; numbers stay in their own order.

    Raises
    ------
    DesignError : no such column, nobody answered, or more than 200 different answers.
    """
    column, told = _column(design, name), _told(name, words)
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, found = np.asarray(column.cat.codes, np.int64), list(column.cat.categories)
        ordered = [*found, *(value for value in told if value not in set(found))]
    else:
        known = domains(design, [name])
        code, found = known.code.astype(np.int64), [_whole(value) for value in known.keys[name].tolist()]
        code = np.where(code == len(found), -1, code)
        if len(found) > _MOST_ANSWERS:
            raise DesignError(
                f"`{name}` has {len(found):,} different answers: too many for a table",
                mend=f"group them, at most {_MOST_ANSWERS}, or ask for the mean of a number",
            )
        ordered = _ordered(found, told)
    place = {value: number for number, value in enumerate(ordered)}
    moved = np.array([*(place[value] for value in found), -1])
    texts = tuple(told.get(value, _text(value, lang)) for value in ordered)
    if twice := [text for text, count in Counter(texts).items() if count > 1]:
        raise DesignError(
            f"two answers of `{name}` read {twice[0]!r}",
            mend="give each words of its own; to count them together, group them in the frame",
        )
    if numbers(design, name) is not None and not all(isinstance(value, Real) for value in ordered):
        other = next(value for value in ordered if not isinstance(value, Real))
        raise DesignError(f"`{name}` holds numbers, and {other!r} is none", mend="give words for its numbers alone")
    return Coded(name, title or name, moved[code], tuple(ordered), texts)


def _told(name: str, words: Words | None) -> dict[Hashable, str]:
    """Words for answers as given, answer → text."""
    if words is not None and not (isinstance(words, Mapping) and all(isinstance(text, str) for text in words.values())):
        raise DesignError(f"the words for `{name}` are no texts", mend='give answer → text: {1: "Not at all"}')
    return dict(words or {})


def crossed(
    design: Design,
    names: Sequence[str],
    *,
    title: str = "",
    words: Mapping[str, Words] | None = None,
    lang: str = "en",
) -> Coded:
    """Number the crossings of several columns, of those that hold respondents; see `coded`."""
    if len(names) == 1:
        return coded(design, names[0], title=title, words=(words or {}).get(names[0]), lang=lang)
    sides = [coded(design, name, words=(words or {}).get(name), lang=lang) for name in names]
    code, sizes = np.zeros(len(design.data), np.int64), [len(side) for side in sides]
    for side in sides:
        code = np.where((code < 0) | (side.code < 0), -1, code * len(side) + side.code)
    found, place = np.unique(code, return_inverse=True)
    missing = int(found[0] < 0)
    if not len(found[missing:]):
        raise DesignError(f"`{'` × `'.join(names)}` is missing on every row", mend="check the columns")
    digits = np.array(np.unravel_index(found[missing:], sizes)).T
    return Coded(
        name=" × ".join(names),
        title=title or " × ".join(names),
        code=place - missing,
        values=tuple(tuple(side.values[at] for side, at in zip(sides, row, strict=True)) for row in digits),
        texts=tuple(" × ".join(side.texts[at] for side, at in zip(sides, row, strict=True)) for row in digits),
    )


def numbers(design: Design, name: str) -> np.ndarray | None:
    """Answers of a numeric column as floats (n,); None where it holds no numbers, or yes and no."""
    column = _column(design, name)
    kind = column.dtype
    if (
        isinstance(kind, pd.CategoricalDtype)
        or pd.api.types.is_bool_dtype(kind)
        or not pd.api.types.is_numeric_dtype(kind)
    ):
        return None
    return column_of(design, name)


def _column(design: Design, name: str) -> pd.Series:
    """A column of the design's data that somebody answered."""
    column = series_of(design, name)
    if not column.notna().any():
        raise DesignError(f"nobody answered `{name}`", mend="leave it out, or check the column")
    return column


def _ordered(found: list[Hashable], told: Words) -> list[Hashable]:
    """Numbers by size, other answers as the words tell them and then as found; those nobody gave among them."""
    every = [*found, *(value for value in told if value not in set(found))]
    sizes = [value for value in every if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(sizes) == len(every):
        return [*sorted(sizes)]
    return [*told, *(value for value in found if value not in told)]


def _whole(value: Hashable) -> Hashable:
    """Whole numbers as such: a column with missing answers stores them as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(value: Hashable, lang: str) -> str:
    """An answer in words, whole numbers without decimals."""
    if isinstance(value, (bool, np.bool_)):
        return say(lang, "yes" if value else "no")
    return decimal(f"{value:g}", lang) if isinstance(value, float) else str(value)
