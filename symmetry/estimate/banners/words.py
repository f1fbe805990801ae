"""A banner table in words: numbers as readers see them, bases, and what must be said beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from symmetry.errors import DesignError

if TYPE_CHECKING:
    from symmetry.estimate.banners.making import Banner

__all__ = ["BASES", "digits", "key", "notes", "wide", "written"]

BASES = {"base": "Base (answers)", "base_weighted": "Base (weighted)", "base_effective": "Effective base"}
_FAMILY = {
    "line": "the pairs of columns of one head on one line",
    "item": "the pairs of columns of one head on all lines of an item",
    "head": "the pairs of columns of one head on all lines of the table",
}
_METHODS = {"bh": "Benjamini–Hochberg", "by": "Benjamini–Yekutieli", "sidak": "Šidák"}
_METHODS |= {name: name.capitalize() for name in ("holm", "hochberg", "bonferroni")}
_TESTS = (
    "Two-sided t of the difference between two columns of a head; its error comes from the sampling design (weights, "
    "strata, psus, finite populations), the covariance between the two columns included."
)
_EFFECTIVE = (
    "Answers over the design effect: the size of a simple random sample that would be as precise. "
    "Of shares by the mean design effect of the answers (Rao and Scott 1981)."
)


def wide(banner: Banner, show: str = "text", *, decimals: int = 0) -> pd.DataFrame:
    """The table in its shape, lines by columns.

    Parameters
    ----------
    show : "text", values with their letters and the bases above them, or a column of `table()`.
    decimals : of percentages and scores; means show two more, or fewer where they are large.

    Returns
    -------
    Frame with (item, line) by (head, column, letter).
    """
    columns = pd.MultiIndex.from_frame(banner.columns[["head", "column", "letter"]])
    lines = banner.lines
    if show != "text":
        if show not in banner.cells:
            raise DesignError(f"a banner has no `{show}`", mend=f"one of {', '.join(banner.cells.columns)}")
        return pd.DataFrame(banner.grid(show), index=_index(lines["title"], lines["line"]), columns=columns)
    values, letters, small = (banner.grid(name) for name in ("estimate", "higher_than", "small"))
    bases = [banner.grid(name) for name in BASES]
    titles, names, rows = [], [], []
    for number, line in enumerate(lines.itertuples()):
        if number == 0 or lines["item"].iloc[number - 1] != line.item:
            titles += [line.title] * 3
            names += list(BASES.values())
            few = [f"{n:,}{'*' if some else ''}" for n, some in zip(bases[0][number], small[number], strict=True)]
            rows += [few, *([written(n, "base", 0) for n in base[number]] for base in bases[1:])]
        titles.append(line.title)
        names.append(line.line)
        places = digits(line.unit, values[number], decimals)
        told = [written(value, line.unit, places) for value in values[number]]
        rows.append([f"{text} {more}".strip() for text, more in zip(told, letters[number], strict=True)])
    return pd.DataFrame(np.array(rows, object), index=_index(titles, names), columns=columns)


def digits(unit: str, values: np.ndarray, decimals: int) -> int:
    """Decimals of a line: as asked for shares and scores; two more for means, fewer where these are large."""
    known = np.abs(values[np.isfinite(values)])
    if unit != "number" or not len(known):
        return decimals
    return decimals + (2 if known.max() < 100 else 1 if known.max() < 1000 else 0)


def written(value: float, unit: str, decimals: int) -> str:
    """A number as text: per cent, points with their sign, thousands set apart, a dash where there is none.

    Examples
    --------
    >>> written(0.4251, "share", 0), written(-12.4, "points", 0), written(0.2, "points", 0), written(np.nan, "share", 0)
    ('43%', '−12', '0', '–')
    """
    if not np.isfinite(value):
        return "–"
    text = f"{100 * value:.{decimals}f}%" if unit == "share" else f"{value:,.{decimals}f}"
    if not text.strip("-0.%,"):
        return text.removeprefix("-")
    return f"+{text}" if unit == "points" and value > 0 else text.replace("-", "−")


def key(banner: Banner) -> str:
    """How to read the letters, in one sentence."""
    if not (banner.tests["note"] == "").any():
        return "No columns were compared: a letter would name a lower column of the same head."
    capital, *rest = (f"{100 * level:.4g}%" for level in banner.levels)
    small = f", small letters at {rest[0]}" if rest else ""
    star = f" * and grey: {_few(banner)}; not compared." if banner.cells["small"].any() else ""
    return f"A letter names a column of the same head that this one is higher than: capitals at {capital}{small}.{star}"


def notes(banner: Banner) -> list[tuple[str, str]]:
    """What a reader may ask of the table: about, and the answer."""
    adjusted = f"{_METHODS.get(banner.adjust or '', banner.adjust)}, over {_FAMILY[banner.family]}"
    tested = int((banner.tests["note"] == "").sum())
    left = banner.tests.loc[banner.tests["note"] != "", "note"].value_counts(sort=False)
    why = "; ".join(f"{count:,} {note}" for note, count in left.items())
    head, *more = repr(banner.design).split("\n")
    return [
        ("Reading", key(banner)),
        ("Design", head.removeprefix("Design: ")),
        *(("Assumed", line.strip()) for line in more),
        ("Tests", _TESTS),
        ("Degrees of freedom", "Psus minus strata, the fewer of the two columns'; Satterthwaite's across audiences."),
        ("Adjustment", f"p-values adjusted by {adjusted}." if banner.adjust else "None: each pair stands alone."),
        ("Compared", f"{tested:,} pairs of columns; not compared: {why or 'none'}."),
        ("Base (answers)", "Respondents of some weight who answered the item."),
        ("Base (weighted)", "Sum of their weights."),
        ("Effective base", _EFFECTIVE),
        ("Small bases", f"* and grey: {_few(banner)}; shown, not compared."),
        ("Empty columns", "– : nobody in the column answered the item."),
        ("Scores", "Net Promoter Score in points, −100 to 100. Shares are percentages of the column's weighted base."),
        ("In R", "svyby(~item, ~segment, design, svymean, covmat = TRUE); svycontrast; 2 * pt(-abs(t), df); p.adjust"),
    ]


def _few(banner: Banner) -> str:
    """What a small base is."""
    return f"fewer than {banner.base_at_least} answers, counted or effective"


def _index(titles: object, names: object) -> pd.MultiIndex:
    """Item and line as an index."""
    return pd.MultiIndex.from_arrays([titles, names], names=["item", "line"])
