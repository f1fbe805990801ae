"""Banner tables: many items by several heads of columns, with bases, effective bases and letters of significance, in one call.

A head is a segment (sex, region) whose columns are lettered A, B, C…; a Total stands first.  On each line every pair of columns
of a head is compared by t = difference / se, se from the design's covariance between the two columns (they share strata and
psus), p adjusted inside its family; the higher one carries the other's letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of
from symmetry.errors import DesignError
from symmetry.estimate.banners.asking import Statistics, asked_of
from symmetry.estimate.banners.cells import cells_of_banner, columns_of, heads_of, parts_of
from symmetry.estimate.banners.coded import Words
from symmetry.estimate.banners.families import check_method
from symmetry.estimate.banners.letters import compared, letters
from symmetry.estimate.banners.phrases import check_language

__all__ = ["Banner", "banner"]

Segments = str | Sequence[str | Sequence[str]]
_MOST_NAMED = 12
_FAMILIES: dict[str, list[str]] = {"line": ["line", "head"], "item": ["item", "head"], "head": ["head"]}


@dataclass(frozen=True, eq=False)
class Banner:
    """A banner table of L lines by C columns.

    design : where it comes from.  cells : L × C rows, lines outermost (see `table`).  tests : a row for each pair of columns of
    a head on each line (see `banner`).  columns : head, column, letter and bases of each column.  levels : confidence levels of
    capital letters and, if there are two, of small ones.  adjust, family, base_at_least, lang : see `banner`.
    """

    design: Design
    cells: pd.DataFrame
    tests: pd.DataFrame
    columns: pd.DataFrame
    levels: tuple[float, ...]
    adjust: str | None
    family: str
    base_at_least: int
    lang: str = "en"

    def __repr__(self) -> str:
        heads = self.columns["head"].nunique() - 1
        items = self.cells["item"].nunique()
        return f"Banner: {items} items, {len(self.lines)} lines by {len(self.columns)} columns in {heads} heads and a total"

    @property
    def lines(self) -> pd.DataFrame:
        """Item, statistic, category, text and unit of each of the L lines."""
        names = ["item", "title", "statistic", "category", "line", "unit"]
        return self.cells.iloc[:: len(self.columns)][names].reset_index(drop=True)

    def grid(self, name: str) -> np.ndarray:
        """One column of `cells` as lines by columns (L, C)."""
        return np.asarray(self.cells[name].to_numpy().reshape(-1, len(self.columns)))

    def table(self) -> pd.DataFrame:
        """One row a cell: the house's columns, and line, column, letter, bases and the letters it is higher than."""
        return self.cells

    def wide(self, show: str = "text", *, decimals: int = 0) -> pd.DataFrame:
        """The table as readers see it, or any column of `table` in its shape; see `symmetry.estimate.banners.words`."""
        from symmetry.estimate.banners.words import wide

        return wide(self, show, decimals=decimals)

    def to_excel(self, path: str | Path, *, title: str = "", decimals: int = 0) -> Path:
        """Write a workbook; see `symmetry.estimate.write_excel`."""
        from symmetry.estimate.banners.workbook import write_excel

        return write_excel(self, path, title=title, decimals=decimals)


def banner(
    design: Design,
    items: str | Sequence[str],
    segments: Segments,
    *,
    statistics: Statistics = None,
    level: float | Sequence[float] = (0.95, 0.90),
    adjust: str | None = "holm",
    family: str = "line",
    base_at_least: int = 30,
    titles: Mapping[str, str] | None = None,
    labels: Mapping[str, Words] | None = None,
    lang: str = "en",
) -> Banner:
    """Items by segments: shares, means or scores with bases, effective bases and letters of significance.

    Parameters
    ----------
    design : n respondents; a missing answer leaves its item's base, a missing segment its head.
    items : columns of answers: text, categories, yes or no, numbers.
    segments : columns that make heads; several in a list inside the list are crossed.
    statistics : what to show, for all items or by item: "share" (every answer), "mean", "nps", "top_box", "bottom_box", "csat",
        "ces", any verb of `symmetry.estimate` that takes `by`, or (title, verb); one or several.  None: shares of text and of
        yes or no, shares and mean of up to 12 whole codes, the mean of other numbers.
    level : confidence level of capital letters, and a lower one for small letters.
    adjust : how p-values of a family are adjusted (`estimate.adjust`), None for not at all.
    family : the pairs of columns of a head on one "line" (the trade's habit), on all lines of an "item", or all of a "head".
    base_at_least : a column whose answers to an item, counted or effective, are fewer is flagged and not compared.
    titles, labels : words for columns of the frame, and column → answer → words.
    lang : of all that readers see, "en" or "fr": lines, bases, numbers of `wide()`, and the workbook with its notes.

    Returns
    -------
    Banner.  `table()` has a row for each line × column; `tests` one for each pair: head, item, line, category, a, b, letters,
    difference (a minus b), se, df, p, p_adjusted, note (why it was not tested); `wide()` and `to_excel()` are for readers.

    Raises
    ------
    DesignError : a column is absent, nobody answered an item, a head has more than 26 columns, an unknown name or language.

    Notes
    -----
    A pair's degrees of freedom are the fewer of its two columns', across audiences Satterthwaite's.  Effective bases are
    answers over the design effect, of an item's shares the mean effect Σ (1 - p) deff / (K - 1) [1]_.  A pair without error
    (all answers alike on both sides, a census) is not tested.  R twins: ``svyby(~x, ~g, design, svymean, covmat = TRUE)``,
    ``svycontrast(m, c(a = 1, b = -1))``, ``2 * pt(-abs(t), df)``, ``p.adjust(p, "holm")``

    References
    ----------
    .. [1] Rao, Scott (1981). The analysis of categorical data from complex sample surveys. JASA 76, 221-230.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> frame = pd.DataFrame({"region": ["north", "south"] * 100, "likely": rng.integers(6, 11, 200)})
    >>> frame["pays"] = np.where(rng.random(200) < np.where(frame["region"] == "north", 0.7, 0.4), "card", "cash")
    >>> found = estimate.banner(design.Design(frame), ["pays", "likely"], ["region"], statistics={"likely": "nps"})
    >>> print(found.wide().to_string())
    head                      Total region
    column                    Total  north  south
    letter                               A      B
    item   line
    pays   Base (answers)       200    100    100
           Base (weighted)      200    100    100
           Effective base       200    101    101
           card                 42%  56% B    28%
           cash                 58%    44%  72% A
    likely Base (answers)       200    100    100
           Base (weighted)      200    100    100
           Effective base       200    101    101
           Net Promoter Score   +18    +10    +27
    """
    design, levels = design_of(design), _levels(level)
    if family not in _FAMILIES:
        raise DesignError(f"family={family!r} is unknown", mend=f"one of {', '.join(map(repr, _FAMILIES))}")
    check_method(adjust)
    if not isinstance(base_at_least, (int, np.integer)) or isinstance(base_at_least, bool) or base_at_least < 0:
        raise DesignError(f"base_at_least={base_at_least!r} is no number of answers", mend="30 is usual, 0 for none")
    check_language(lang)
    _check_words(design, titles=titles, labels=labels)
    titles, words = {name: str(title) for name, title in (titles or {}).items()}, dict(labels or {})
    asked = asked_of(design, items, statistics, titles=titles, words=words, lang=lang)
    heads = heads_of(design, segments, titles, words, lang)
    columns = columns_of(design, heads)
    parts, *bases = parts_of(design, asked, heads)
    cells, lines = cells_of_banner(
        asked, parts, (bases[0], bases[1]), columns, level=levels[0], base_at_least=base_at_least
    )
    tests = compared(parts, cells, lines, columns, method=adjust, family=_FAMILIES[family])
    cells["higher_than"] = letters(tests, cells, levels)
    return Banner(design, cells, _told(tests, cells), columns, levels, adjust, family, base_at_least, lang)


def _check_words(design: Design, **words: object) -> None:
    """Refuse words for columns that the frame does not have."""
    for kind, given in words.items():
        if given is not None and not isinstance(given, Mapping):
            raise DesignError(f"{kind} are a {type(given).__name__}", mend="give column → words")
        for name in given or ():
            if name not in design.data:
                known = [str(column) for column in design.data.columns]
                near = get_close_matches(str(name), known, 1)
                mend = f"did you mean `{near[0]}`?" if near else f"name a column: {', '.join(known[:_MOST_NAMED])}"
                raise DesignError(f"{kind} are given for `{name}`, which is no column of the frame", mend=mend)


def _told(tests: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Tests with words for their numbers."""
    a, b = tests["cell_a"].to_numpy(int), tests["cell_b"].to_numpy(int)
    words = {name: cells[name].to_numpy()[a] for name in ("item", "statistic", "category", "line", "head")}
    sides = {
        f"{name}_{side}": cells[name].to_numpy()[rows]
        for side, rows in (("a", a), ("b", b))
        for name in ("column", "letter")
    }
    facts = tests[["difference", "se", "df", "p", "p_adjusted", "note"]]
    return pd.DataFrame({**words, **sides}).join(facts)


def _levels(level: float | Sequence[float]) -> tuple[float, ...]:
    """One or two confidence levels, the higher first."""
    given = tuple(level) if isinstance(level, Sequence) else (level,)
    known = all(isinstance(one, (int, float)) and 0 < one < 1 for one in given)
    found = tuple(sorted(given, reverse=True)) if known else ()
    if len(found) not in (1, 2):
        raise DesignError(
            f"{level!r} are no confidence levels for letters",
            mend="give one between 0 and 1, or two: (0.95, 0.90) for capital and small letters",
        )
    return found
