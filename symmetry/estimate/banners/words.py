"""A banner table in words: numbers as readers see them, bases, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from symmetry.errors import DesignError
from symmetry.estimate.banners.phrases import decimal, heading, note_in, say

if TYPE_CHECKING:
    from symmetry.estimate.banners.making import Banner

__all__ = ["bases", "check_decimals", "digits", "key", "notes", "wide", "written"]

_BASES = ("base", "base_weighted", "base_effective")
_METHODS = {"bh": "Benjamini–Hochberg", "by": "Benjamini–Yekutieli", "sidak": "Šidák"}
_ROLES = {
    "weight": "poids",
    "stratum": "strate",
    "psu": "unité primaire",
    "fpc": "population finie",
    "probability": "probabilité",
}
_METHODS |= {name: name.capitalize() for name in ("holm", "hochberg", "bonferroni")}


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
    check_decimals(decimals)
    columns = pd.MultiIndex.from_frame(banner.columns[["head", "column", "letter"]])
    lines = banner.lines
    if show != "text":
        if show not in banner.cells:
            raise DesignError(f"a banner has no `{show}`", mend=f"one of {', '.join(banner.cells.columns)}")
        return pd.DataFrame(banner.grid(show), index=_index(lines["title"], lines["line"]), columns=columns)
    values, letters, small = (banner.grid(name) for name in ("estimate", "higher_than", "small"))
    counted, *sums = (banner.grid(name) for name in _BASES)
    lang = banner.lang
    titles, names, rows = [], [], []
    for number, line in enumerate(lines.itertuples()):
        if number == 0 or lines["item"].iloc[number - 1] != line.item:
            titles += [line.title] * 3
            names += list(bases(lang).values())
            few = zip(counted[number], small[number], strict=True)
            rows.append([written(n, "base", 0, lang) + "*" * bool(some) for n, some in few])
            rows += [[written(n, "base", 0, lang) for n in base[number]] for base in sums]
        titles.append(line.title)
        names.append(line.line)
        places = digits(line.unit, values[number], decimals)
        told = [written(value, line.unit, places, lang) for value in values[number]]
        rows.append([f"{text} {more}".strip() for text, more in zip(told, letters[number], strict=True)])
    made = pd.DataFrame(np.array(rows, object), index=_index(titles, names), columns=columns)
    return made.rename_axis(index=lambda name: heading(name, lang), columns=lambda name: heading(name, lang))


def check_decimals(decimals: int) -> None:
    """Refuse a number of decimals that is none."""
    if not isinstance(decimals, (int, np.integer)) or isinstance(decimals, bool) or not 0 <= decimals <= 9:
        raise DesignError(f"decimals={decimals!r} cannot be", mend="a whole number from 0 to 9")


def digits(unit: str, values: np.ndarray, decimals: int) -> int:
    """Decimals of a line: as asked for shares and scores; two more for means, fewer where these are large."""
    known = np.abs(values[np.isfinite(values)])
    if unit != "number" or not len(known):
        return decimals
    return decimals + (2 if known.max() < 100 else 1 if known.max() < 1000 else 0)


def written(value: float, unit: str, decimals: int, lang: str = "en") -> str:
    """A number as text: per cent, points with their sign, thousands set apart, a dash where there is none.

    Examples
    --------
    >>> written(0.4251, "share", 0), written(-12.4, "points", 0), written(0.2, "points", 0), written(np.nan, "share", 0)
    ('43%', '−12', '0', '–')
    >>> written(3.604, "number", 2, "fr")
    '3,60'
    """
    if not np.isfinite(value):
        return "–"
    plain = f"{100 * value:.{decimals}f}" if unit == "share" else f"{value:,.{decimals}f}"
    if not plain.strip("-0.,"):
        plain = plain.removeprefix("-")
    elif unit == "points" and value > 0:
        plain = f"+{plain}"
    text = decimal(plain, lang).replace("-", "−")
    return say(lang, "per cent", value=text) if unit == "share" else text


def bases(lang: str) -> dict[str, str]:
    """The three bases, column of the tidy table → title of the line."""
    return {name: say(lang, name) for name in _BASES}


def key(banner: Banner) -> str:
    """How to read the letters, in one sentence."""
    lang = banner.lang
    if not (banner.tests["note"] == "").any():
        return say(lang, "silent key")
    capital, *rest = (say(lang, "per cent", value=decimal(f"{100 * level:.4g}", lang)) for level in banner.levels)
    small = say(lang, "small letters", level=rest[0]) if rest else ""
    star = say(lang, "star", few=_few(banner)) if banner.cells["small"].any() else ""
    return say(lang, "key", capital=capital, small=small, star=star)


def notes(banner: Banner) -> list[tuple[str, str]]:
    """What a reader may ask of the table: about, and the answer."""
    lang = banner.lang
    tested = decimal(f"{int((banner.tests['note'] == '').sum()):,}", lang)
    design, *assumed = _design(banner)
    adjusted = say(
        lang,
        "adjusted" if banner.adjust else "alone",
        method=_METHODS.get(banner.adjust or "", banner.adjust),
        family=say(lang, f"family {banner.family}"),
    )
    told = [
        ("Reading", key(banner)),
        ("Design", design),
        *(("Assumed", line) for line in assumed),
        ("Tests", say(lang, "tests")),
        ("Degrees of freedom", say(lang, "df")),
        ("Adjustment", adjusted),
        ("Compared", say(lang, "compared", tested=tested, why=_why(banner))),
        *((name, say(lang, f"about {name}")) for name in _BASES),
        ("Small bases", say(lang, "small", few=_few(banner))),
        ("Empty columns", say(lang, "empty")),
        ("Scores", say(lang, "scores")),
        ("In R", "svyby(~item, ~segment, design, svymean, covmat = TRUE); svycontrast; 2 * pt(-abs(t), df); p.adjust"),
    ]
    return [(say(lang, about), answer) for about, answer in told]


def _why(banner: Banner) -> str:
    """Why pairs were not compared, and how many."""
    left = banner.tests.loc[banner.tests["note"] != "", "note"].value_counts(sort=False)
    lang = banner.lang
    why = [f"{decimal(f'{count:,}', lang)} {note_in(str(note), lang)}" for note, count in left.items()]
    return "; ".join(why) if lang == "en" and why else "\u202f; ".join(why) or say(lang, "none")


def _design(banner: Banner) -> list[str]:
    """The design in words, and what it assumes, a line each."""
    design, lang = banner.design, banner.lang
    head, *more = repr(design).split("\n")
    assumed = [note_in(line.strip(), lang) for line in more]
    if lang == "en":
        return [head.removeprefix("Design: "), *assumed]
    layout = design.layout
    given = {role: getattr(design, role) for role in _ROLES}
    roles = [f"{_ROLES[role]} {_named(names)}" for role, names in given.items() if names]
    size = say(lang, "rows", n=len(design.data))
    if layout.replicates is None or layout.replicates.plan is not None:
        size += say(lang, "psus", psus=len(layout.psus), strata=len(layout.strata), s="s" * (len(layout.strata) > 1))
    parts = [" et ".join(layout.parts)] if len(layout.parts) > 1 else []
    return ["\u202f; ".join(filter(None, [size, ", ".join(roles), *parts])), *assumed]


def _named(names: str | Sequence[str]) -> str:
    """Names of a role's columns, the innermost first."""
    told = [names] if isinstance(names, str) else list(names)
    return " dans ".join(f"`{name}`" for name in reversed(told))


def _few(banner: Banner) -> str:
    """What a small base is."""
    return say(banner.lang, "few", n=banner.base_at_least)


def _index(titles: object, names: object) -> pd.MultiIndex:
    """Item and line as an index."""
    return pd.MultiIndex.from_arrays([titles, names], names=["item", "line"])
