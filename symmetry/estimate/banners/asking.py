"""What a banner table asks: the statistics of each item, its lines, and one call for all items that ask the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from symmetry.design import Design, cells_of
from symmetry.errors import DesignError
from symmetry.estimate.banners.coded import Coded, Words, coded, numbers
from symmetry.estimate.banners.phrases import say, titled
from symmetry.estimate.boxes import bottom_box, top_box
from symmetry.estimate.linearising import items_of
from symmetry.estimate.loyalty import ces, csat, nps
from symmetry.estimate.means import mean
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.totals import coded_share

__all__ = ["Asked", "Line", "Statistics", "Verb", "answers_of", "asked_of", "found_by"]

Verb = Callable[..., Estimate]
Wish = str | Verb | tuple[str, Verb | str]
Statistics = Wish | Sequence[Wish] | Mapping[str, Wish | Sequence[Wish]] | None

_VERBS: dict[str, Verb] = {verb.__name__: verb for verb in (bottom_box, ces, csat, mean, nps, top_box)}
_CODED = 12
_ENTRIES = 8_000_000  # of a gradient by cell, at a time
_ANSWERS = "{} (numbers of answers)"


@dataclass(frozen=True, eq=False)
class Asked:
    """One item: whether it holds numbers, who answered, its answers, (title, verb or name) of all asked of them, the language."""

    name: str
    title: str
    numeric: bool
    answered: np.ndarray
    coded: Coded | None
    wishes: tuple[tuple[str, str | Verb], ...]
    lang: str


@dataclass(frozen=True)
class Line:
    """A line of the table: number of the item and of the wish, the statistic, and the answer it is about ("" if none)."""

    item: int
    wish: int
    statistic: str
    category: Hashable
    text: str
    unit: str


def asked_of(
    design: Design,
    items: str | Sequence[str],
    statistics: Statistics,
    *,
    titles: Mapping[str, str],
    words: Mapping[str, Words],
    lang: str,
) -> list[Asked]:
    """Take items and statistics as given."""
    names = items_of(items)
    if len(set(names)) < len(names):
        raise DesignError("an item is named twice", mend="name each once, and its statistics together")
    if isinstance(statistics, Mapping) and (unknown := [name for name in statistics if name not in names]):
        raise DesignError(f"statistics are given for `{unknown[0]}`, which is no item", mend="name it among the items")
    told = [titles.get(name, name) for name in names]
    if twice := [title for title in told if told.count(title) > 1]:
        raise DesignError(f"two items have the title {twice[0]!r}", mend="give each its own: readers see nothing else")
    asked = zip(names, told, strict=True)
    return [_asked(design, name, statistics, title, words.get(name), lang) for name, title in asked]


def answers_of(asked: Sequence[Asked]) -> dict[str, np.ndarray]:
    """Columns with the numbers of the answers, missing as NaN, for items that are no numbers themselves."""
    held = [one.coded for one in asked if one.coded is not None and not one.numeric]
    return {_ANSWERS.format(found.name): np.where(found.code < 0, np.nan, found.code) for found in held}


def found_by(
    design: Design, asked: Sequence[Asked], present: np.ndarray, by: Sequence[str]
) -> Iterable[tuple[Estimate, list[Line]]]:
    """Estimates by domain and the line of each of their rows; items that nobody in a domain answered (`present`) stand out."""
    together: dict[Hashable, list[tuple[int, int]]] = {}
    for number in np.flatnonzero(present).tolist():
        for place, (_, wish) in enumerate(asked[number].wishes):
            same: Hashable = (number, place) if callable(wish) else wish
            if wish == "share" and (held := asked[number].coded) is not None:
                same = ("share", asked[number].numeric, held.values)
            together.setdefault(same, []).append((number, place))
    cells = len(cells_of(design, by).group)
    for places in together.values():
        held = asked[places[0][0]].coded
        outputs = 1 if held is None else len(held)
        most = max(1, _ENTRIES // (cells * outputs * (outputs + 1)))
        for start in range(0, len(places), most):
            some = places[start : start + most]
            yield _found(design, [asked[number] for number, _ in some], some, by)


def _found(
    design: Design, asked: list[Asked], places: list[tuple[int, int]], by: Sequence[str]
) -> tuple[Estimate, list[Line]]:
    """One call for items that ask the same."""
    title, wish = asked[0].wishes[places[0][1]]
    names, first = [one.name for one in asked], asked[0].coded
    if wish == "share" and first is not None:
        codes = np.asarray(first.values, float) if asked[0].numeric else np.arange(len(first))
        outputs = pd.DataFrame({"category": np.arange(len(first))})
        items = [(one.name, [one.name if one.numeric else _ANSWERS.format(one.name)]) for one in asked]
        est = coded_share(design, items, codes, outputs, by=by)
    elif callable(wish):
        est = wish(design, names[0], by=by)
        if not isinstance(est, Estimate):
            raise DesignError(
                f"the statistic `{title}` of `{names[0]}` gave a {type(est).__name__}",
                mend="give a verb that returns an Estimate",
            )
        est = replace(est, labels=est.labels.assign(item=names[0]))
    else:
        est = _VERBS[str(wish)](design, names, by=by)
    place = dict(zip(names, places, strict=True))
    return est, _lines(est, asked, place, by, share=wish == "share")


def _lines(
    est: Estimate, asked: list[Asked], place: Mapping[str, tuple[int, int]], by: Sequence[str], *, share: bool
) -> list[Line]:
    """The line of each row of an estimate."""
    labels = est.labels
    rest = [labels[name].tolist() for name in labels if name not in ("statistic", "item", *by)]
    item_of = {one.name: one for one in asked}
    unit = "share" if est.method == "logit" else ""
    lines = []
    for row, (statistic, name) in enumerate(zip(labels["statistic"], labels["item"], strict=True)):
        number, wish = place[name]
        told, found = item_of[name].wishes[wish][0], item_of[name].coded
        if share and found is not None:
            code = rest[0][row]
            category, text = found.values[code], found.texts[code]
        else:
            category = " × ".join(str(column[row]) for column in rest)
            text = say(item_of[name].lang, "line", title=told, answer=category) if category else told
        own = unit or ("points" if statistic == "nps" else "number")
        lines.append(Line(number, wish, statistic, category, text, own))
    return lines


def _asked(design: Design, name: str, statistics: Statistics, title: str, words: Words | None, lang: str) -> Asked:
    """One item and what is asked of it."""
    wanted = statistics.get(name) if isinstance(statistics, Mapping) else statistics
    given = numbers(design, name)
    few = given is None or _few(given)
    if wanted is None:
        wanted = "share" if given is None or (few and _zero_one(given)) else ["share", "mean"] if few else "mean"
    wishes = tuple(_wish(name, wish, lang) for wish in _several(wanted))
    if not wishes:
        raise DesignError(f"no statistic is asked of `{name}`", mend="name one, or leave the item out")
    if twice := [wish for place, wish in enumerate(wishes) if wish in wishes[:place]]:
        raise DesignError(f"the statistic `{twice[0][0]}` of `{name}` is asked twice", mend="name it once")
    shares = any(wish == "share" for _, wish in wishes)
    found = coded(design, name, title=title, words=words, lang=lang) if shares else None
    answered = np.asarray(design.data[name].notna(), bool)
    return Asked(name, title, given is not None, answered, found, wishes, lang)


def _several(wanted: Wish | Sequence[Wish]) -> list[Wish]:
    """One statistic or several, in a list; (title, verb) is one."""
    if isinstance(wanted, str) or callable(wanted) or not isinstance(wanted, Sequence):
        return [wanted]
    if isinstance(wanted, tuple) and len(wanted) == 2 and isinstance(wanted[0], str) and callable(wanted[1]):
        return [(wanted[0], wanted[1])]
    return [*wanted]


def _wish(item: str, wish: Wish, lang: str) -> tuple[str, str | Verb]:
    """A statistic with the title of its line."""
    title, verb = wish if isinstance(wish, tuple) else ("", wish)
    if isinstance(verb, str) and verb != "share" and verb not in _VERBS:
        known = ", ".join(repr(name) for name in sorted({*_VERBS, "share"}))
        raise DesignError(
            f"no statistic of `{item}` is called {verb!r}",
            mend=f"one of {known}, or a verb of symmetry.estimate, alone or as (title, verb)",
        )
    if not isinstance(verb, str) and not callable(verb):
        raise DesignError(f"{verb!r} is no statistic", mend='name one, "mean", or give a verb')
    own = verb if isinstance(verb, str) else getattr(getattr(verb, "func", verb), "__name__", "statistic").strip("<>")
    return title or titled(own, lang), verb


def _few(values: np.ndarray) -> bool:
    """Whether numbers are a few whole codes."""
    if len(set(values[:4096][np.isfinite(values[:4096])].tolist())) > _CODED:
        return False
    found = np.unique(values[~np.isnan(values)])
    return len(found) <= _CODED and bool((found == np.rint(found)).all())


def _zero_one(values: np.ndarray) -> bool:
    """Whether numbers are 0 and 1 alone."""
    return set(np.unique(values[~np.isnan(values)]).tolist()) <= {0.0, 1.0}
