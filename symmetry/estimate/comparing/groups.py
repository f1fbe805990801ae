"""Tests of one mean against a number, of two items on the same people, and of two groups of people.

The difference of two groups is a contrast of their domain means, so that its error knows what psus they share and that their
sizes are random: a gaussian model of two groups gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Design, column_of, degrees_of_freedom, design_of, domains, refuse_infinite
from symmetry.errors import DesignError
from symmetry.estimate.comparing.small_samples import METHODS, check_design, mean_piece, reduced
from symmetry.estimate.contrasts import contrast
from symmetry.estimate.intervals import critical
from symmetry.estimate.linearising import check_by, items_of
from symmetry.estimate.means import mean_of
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.tails import t_tail

__all__ = ["Groups", "counted", "group_means", "groups_of", "item_values", "t_test"]

_RULES = ("own", "design", *METHODS)


def t_test(
    design: Design,
    items: str | Sequence[str],
    *,
    by: str | None = None,
    groups: Sequence[object] | None = None,
    paired: str | None = None,
    against: float = 0.0,
    df: str | float = "own",
    level: float = 0.95,
) -> pd.DataFrame:
    """Test a mean, a difference between two items, or a difference between two groups.

    Parameters
    ----------
    items : numeric columns, or arithmetic of columns ("after - before"); a row of the result each.
    by : the column of two groups; none tests a mean.
    groups : which two of the column's values, the first being subtracted; none takes the two there are, in sorted order.
    paired : a second item that is taken from the first, person by person.
    against : what the mean, or the difference, is under the hypothesis.
    df : "own": psus minus strata of those who answered, less 1 for two groups; between the audiences of a stacked design,
        Satterthwaite's over them.  "design": the first rule in a stacked design too.  "bell_mccaffrey", "imbens_kolesar" or
        "satterthwaite": see `small_sample`, which changes the error too.  A number: that many.
    level : of the interval, between 0 and 1.

    Returns
    -------
    Frame with a row an item: test, item, contrast, null, estimate, se, lower, upper, statistic (t), df, p (two-sided), n, note.
    A group in which nobody answered, or without degrees of freedom, leaves NaN and says so.

    Raises
    ------
    DesignError : not two groups, a column that is absent or not numeric, nobody answered at all, an unknown rule.

    Notes
    -----
    R twins: ``svyttest(x ~ g, design)``, ``svyttest(I(x - y) ~ 0, design)``.  For one mean R takes psus minus strata minus 1.

    References
    ----------
    .. [1] Korn, Graubard (1999). Analysis of Health Surveys. Wiley, section 3.2.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3, 4, 4], "side": list("ceceecec"), "trust": [5, 4, 3, 2, 1, 4, 2, 5]})
    >>> told = t_test(Design(answers, psu="branch"), "trust", by="side")
    >>> told[["contrast", "estimate", "se", "statistic", "df", "p"]].round(4)
      contrast  estimate      se  statistic   df       p
    0    e - c     -2.0  0.5774    -3.4641  2.0  0.0742
    """
    rule = _rule(df)
    if not isinstance(level, (int, float)) or not 0 < level < 1:
        raise DesignError(f"a confidence level of {level!r} is not between 0 and 1", mend="0.95 is usual")
    if not isinstance(against, (int, float)) or not np.isfinite(against):
        raise DesignError(f"a mean cannot be tested against {against!r}", mend="give a number")
    if by is not None and paired is not None:
        raise DesignError("a test is of two groups or of pairs", mend="leave out by= or paired=")
    if by is None and groups is not None:
        raise DesignError("groups are values of a column", mend="name it with by=")
    variables = [(label, _variable(design, label, paired)) for label in items_of(items)]
    if by is None:
        told = [_one(design, label, values, rule) for label, values in variables]
        labels = [("paired t" if paired else "one-sample t", label, f"{label} - {paired}" if paired else "")
                  for label, _ in variables]  # fmt: skip
    else:
        pair = groups_of(design, by, groups, most=2)
        told = [_two(design, label, values, pair, rule) for label, values in variables]
        labels = [("two-sample t", label, pair.contrast) for label, _ in variables]
    if all(found.n == 0 for found in told):
        raise DesignError(
            f"nobody answered {', '.join(label for label, _ in variables)}"
            + (f" in both groups of `{by}`" if by else ""),
            mend="check the columns and the groups",
        )
    return pd.DataFrame([_row(label, found, float(against), level) for label, found in zip(labels, told, strict=True)])


@dataclass(frozen=True)
class Groups:
    """Groups of people: the column, its values in order, and the number of the group of each row (n,), -1 for none."""

    by: str
    values: list[object]
    code: np.ndarray

    @property
    def contrast(self) -> str:
        """Two groups as a difference, the second minus the first."""
        return f"{self.values[1]} - {self.values[0]}"


def groups_of(design: Design, by: str, groups: Sequence[object] | None, *, most: int | None = None) -> Groups:
    """Find the groups that a column makes.

    Parameters
    ----------
    groups : values to keep, in order; none keeps all that somebody of some weight has, sorted.
    most : how many there may be.

    Raises
    ------
    DesignError : no such column, a value nobody has, fewer than two groups or more than `most`.
    """
    if not isinstance(by, str) or by not in design_of(design).data:
        raise DesignError(
            f"no column `{by}` to make groups of" if isinstance(by, str) else f"{by!r} is no column of groups",
            mend="name one column of the design's data",
        )
    check_by([by])
    held = domains(design, [by])
    there = np.bincount(held.code[design.layout.weight != 0], minlength=held.size + 1)[: held.size] > 0
    labels = held.keys[by].tolist()
    found = [label for label, some in zip(labels, there, strict=True) if some]
    values: list[object] = list(found if groups is None else groups)
    for value in values:
        if value not in found:
            raise DesignError(
                f"nobody has `{by}` = {value!r}", mend=f"name two of {', '.join(repr(one) for one in found[:8])}"
            )
    if len(values) < 2 or len(set(values)) < len(values):
        has = "no groups" if not values else f"one group, {values[0]!r}" if len(values) == 1 else "a group twice"
        raise DesignError(f"`{by}` makes {has}, and a comparison needs two", mend="choose another column")
    if most is not None and len(values) > most:
        raise DesignError(
            f"`{by}` makes {len(values)} groups: {', '.join(repr(one) for one in values[:8])}",
            mend="name two of them with groups=, or compare all with rank_test or wald",
        )
    place = np.full(held.size + 1, -1)
    for number, value in enumerate(values):
        place[labels.index(value)] = number
    return Groups(by, values, np.where(design.layout.weight != 0, place[held.code], -1))


def _variable(design: Design, label: str, paired: str | None) -> np.ndarray:
    """An item as floats (n,), less its pair."""
    values = item_values(design, label)
    return values if paired is None else values - item_values(design, paired)


def item_values(design: Design, text: str) -> np.ndarray:
    """A column, or arithmetic of columns, as floats (n,)."""
    if text in design_of(design).data or not any(sign in text for sign in "+-*/("):
        values = column_of(design, text)
    else:
        try:
            values = np.broadcast_to(np.asarray(design.data.eval(text, engine="python"), float), len(design.data))
        except Exception as error:  # pandas raises what Python and the columns raise
            raise DesignError(
                f"{text!r} cannot be worked out: {error}", mend="name a numeric column, or arithmetic of such columns"
            ) from error
    refuse_infinite(values, f"`{text}`")
    return values


def _rule(df: str | float) -> str | float:
    """A rule of degrees of freedom, or a number of them."""
    if isinstance(df, str) and df in _RULES:
        return df
    if isinstance(df, (int, float)) and not isinstance(df, bool) and df > 0:
        return float(df)
    raise DesignError(
        f"df={df!r} is no rule of degrees of freedom",
        mend=f"one of {', '.join(repr(name) for name in _RULES)}, or a number above 0",
    )


@dataclass(frozen=True)
class _Found:
    """A value with error, degrees of freedom, answers and note."""

    value: float = np.nan
    se: float = np.nan
    df: float = np.nan
    n: int = 0
    note: str = ""


def _one(design: Design, label: str, values: np.ndarray, rule: str | float) -> _Found:
    """A mean."""
    if not (np.isfinite(values) & (design.layout.weight != 0)).any():
        return _Found(note="nobody answered")
    est = mean_of(design, [(label, values)], by=())
    return _told(est, design, [(values, np.ones(len(values), bool))], sparse.csr_array([[1.0]]), rule, less=0)


def _two(design: Design, label: str, values: np.ndarray, pair: Groups, rule: str | float) -> _Found:
    """A difference of two groups, the second minus the first."""
    here = np.isfinite(values) & (pair.code >= 0)
    empty = [value for number, value in enumerate(pair.values) if not (here & (pair.code == number)).any()]
    if empty:
        note = " or ".join(f"`{pair.by}` = {value!r}" for value in empty)
        return _Found(n=0, note=f"nobody answered in {note}")
    est = group_means(design, label, values, pair)
    matrix = sparse.csr_array([[-1.0, 1.0]])
    gap = contrast(est, matrix).noted(["; ".join(dict.fromkeys(filter(None, est.note)))])
    return _told(gap, design, [(values, pair.code == k) for k in (0, 1)], matrix, rule, less=1)


def group_means(design: Design, label: str, values: np.ndarray, groups: Groups) -> Estimate:
    """Means of a variable (n,) in groups that all have answers, in the order of the groups."""
    est = mean_of(design, [(label, np.where(groups.code >= 0, values, np.nan))], by=[groups.by])
    rows = est.labels[groups.by].tolist()
    return est.select([rows.index(value) for value in groups.values])


def _told(
    est: Estimate,
    design: Design,
    parts: Sequence[tuple[np.ndarray, np.ndarray]],
    matrix: sparse.csr_array,
    rule: str | float,
    *,
    less: int,
) -> _Found:
    """What is said of the one value of an estimate, a combination of the means of some parts, under a rule of df."""
    few = _few(est, rule)
    est = counted(est, less, across=rule != "design")
    if isinstance(rule, str) and rule in METHODS:
        check_design(design)
        pieces = [mean_piece(design, 0, values, rows) for values, rows in parts]
        est = reduced(est, pieces, matrix, method=rule)
    free = float(est.df[0])
    if isinstance(rule, float):
        free = rule if free > 0 else free
    note = [est.note[0] if est.note else "", few]
    if not free > 0 and "no degrees of freedom" not in note[0]:
        note.append("no degrees of freedom")
    return _Found(float(est.values[0]), float(est.se[0]), free, int(est.n[0]), "; ".join(filter(None, note)))


def _few(est: Estimate, rule: str | float) -> str:
    """A warning where one side of a comparison rests on few psus and df are counted over both."""
    own, pooled = float(est.df[0]), float(degrees_of_freedom(est.design, est.influence.presence)[0])
    if rule not in ("own", "design") or not 0 < own < min(10, pooled / 2):
        return ""
    return f'one group alone has {own:.3g} degrees of freedom, and p may be too small: see df="bell_mccaffrey"'


def counted(est: Estimate, less: int, *, across: bool = True) -> Estimate:
    """Count df as psus minus strata minus `less`; those of values across audiences stay, where `across` says so."""
    pooled = degrees_of_freedom(est.design, est.influence.presence) - less
    mixed = across & (est.part < 0)
    return replace(est, df=np.where(est.df <= 0, 0.0, np.where(mixed, est.df, np.maximum(pooled, 0.0))))


def _row(labels: tuple[str, str, str], found: _Found, against: float, level: float) -> dict[str, object]:
    """A row of the result."""
    test, item, name = labels
    usable = found.df > 0
    se = found.se if usable else np.nan
    away = found.value - against
    half = se * float(critical(np.array([found.df]), (1 + level) / 2)[0]) if usable else np.nan
    t = np.divide(away, se) if se != 0 else np.copysign(np.inf, away) if away else 0.0
    exact = "no sampling error" if se == 0 else ""
    return {
        "test": test,
        "item": item,
        "contrast": name,
        "null": against,
        "estimate": found.value,
        "se": se,
        "lower": found.value - half,
        "upper": found.value + half,
        "statistic": float(t),
        "df": found.df,
        "p": t_tail(float(t), found.df),
        "n": found.n,
        "note": "; ".join(filter(None, (found.note, exact))),
    }
