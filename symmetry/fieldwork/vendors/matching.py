"""Which column of a file feeds which column of the study: by name, by our exports' names, by words, in this order.

Two file columns that one rule leads to the same column are refused, never chosen between; what only a weaker rule leads to
a column that is fed already stays unused, and is told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from symmetry.errors import Place, Problem
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.nouns import Feed, FileColumn, VendorTable
from symmetry.spec import Answered

__all__ = ["Matched", "match"]

_RULES = ("its name", "the name that our exports give it", "its words", "its short label")
_OWN_WORDS = re.compile(r"other|autre|_?text|comment|.*_text", re.IGNORECASE)
_PIECE = re.compile(r"\{\{|\}\}|\{[a-z][a-z0-9_.]*\}")
_MARK = "\ue000"


@dataclass
class Matched:
    """Feeds by column of the study, why a file column feeds nothing, and what cannot be decided."""

    feeds: dict[str, Feed] = field(default_factory=dict)
    whys: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Target:
    """What a file column is: a column of the study, one choice of it, or its reasons."""

    name: str
    rank: int
    choice: str = ""
    aside: bool = False


def match(
    table: VendorTable, columns: Mapping[str, Answered], several: Iterable[str], given: Mapping[str, Feed]
) -> Matched:
    """Find what feeds each column.

    Parameters
    ----------
    table : the file.
    columns : the study's columns by name, as they return from elsewhere.
    several : those of them that hold several choices.
    given : feeds that a mapping file says; their columns, on both sides, are settled.
    """
    found = Matched(dict(given))
    finder = _Finder({name: each for name, each in columns.items() if name not in given}, frozenset(several))
    settled = {column for feed in given.values() for column in feed.columns}
    claims: dict[tuple[str, str, bool], list[tuple[_Target, FileColumn]]] = defaultdict(list)
    for column in table.columns:
        if column.name in settled:
            continue
        if column.role:
            found.whys[column.name] = f"written by the tool: {column.role}"
            continue
        target = finder.target(column)
        if isinstance(target, str):
            found.whys[column.name] = target
        else:
            claims[target.name, target.choice, target.aside].append((target, column))
            _check_words(table, finder, target, column, found)
    for claimants in claims.values():
        _settle(table, claimants, found)
    return found


def _settle(table: VendorTable, claimants: Sequence[tuple[_Target, FileColumn]], found: Matched) -> None:
    """Give one column of the study, or one choice of it, its file column."""
    best = min(target.rank for target, _ in claimants)
    first = [column for target, column in claimants if target.rank == best]
    target = next(target for target, _ in claimants if target.rank == best)
    if len(first) > 1:
        names = " and ".join(f"`{column.name}`" for column in first)
        what = f"{names} would both feed `{target.name}`, by {_RULES[best]}"
        mend = f"say which in a mapping file: `columns: {{{target.name}: NAME}}`"
        found.problems.append(Problem(Place(table.path), what, mend, "VEN10"))
        return
    for _, column in claimants:
        if column is not first[0]:
            found.whys[column.name] = f"`{first[0].name}` feeds `{target.name}` already, by {_RULES[best]}"
    feed = found.feeds.get(target.name, Feed(target.name, _RULES[best]))
    name = first[0].name
    if target.choice:
        made = Feed(feed.name, feed.rule, feed.column, {**feed.choices, target.choice: name}, feed.aside)
    elif target.aside:
        made = Feed(feed.name, feed.rule, feed.column, feed.choices, name)
    else:
        made = Feed(feed.name, _RULES[best], name, feed.choices, feed.aside)
    found.feeds[target.name] = made


def _check_words(table: VendorTable, finder: _Finder, target: _Target, column: FileColumn, found: Matched) -> None:
    """Refuse a column whose name leads to one question and whose words to another."""
    if target.rank > 1 or target.choice or target.aside:
        return
    said = finder.by_words(column)
    if said and target.name not in said:
        what = f"`{column.name}` is called as `{target.name}` and asks what `{min(said)}` asks"
        mend = f"say which in a mapping file: `columns: {{{target.name}: …}}`"
        found.problems.append(Problem(Place(table.path), what, mend, "VEN10"))


class _Finder:
    """Every name and wording of the columns to be fed."""

    def __init__(self, columns: Mapping[str, Answered], several: frozenset[str]) -> None:
        self.columns, self.several = columns, several
        self.names = _unambiguous((name, each.name) for each in columns.values() for name in each.names)
        self.names |= {name: name for name in columns}
        self.loose = _unambiguous((_loose(name), own) for name, own in self.names.items())
        self.asides = _unambiguous((_loose(name), each.name) for each in columns.values() for name in each.asides)
        self.words: dict[str, set[str]] = defaultdict(set)
        self.labels: dict[str, set[str]] = defaultdict(set)
        self.patterns: list[tuple[re.Pattern[str], str]] = []
        for each in columns.values():
            for words in each.text.values():
                if _PIECE.search(words):
                    self.patterns.append((_pattern(words), each.name))
                else:
                    self.words[plain(words)].add(each.name)
            for words in each.label.values():
                self.labels[plain(words)].add(each.name)

    def target(self, column: FileColumn) -> _Target | str:
        """What a file column is, or why it is nothing."""
        codes = [column.name, f"{column.code}_{column.sub}" if column.sub else column.code]
        for rank, names, key in (
            (0, {name: name for name in self.columns}, str),
            (1, self.names, str),
            (1, self.loose, _loose),
        ):
            for code in codes:
                own = names.get(key(code)) if code else None
                if own:
                    return _Target(own, rank)
        for code in filter(None, codes):
            if _loose(code) in self.asides:
                return _Target(self.asides[_loose(code)], 1, aside=True)
        return self.chosen(column) or self.worded(column)

    def chosen(self, column: FileColumn) -> _Target | str | None:
        """One choice of several, by the code of its question or by its words."""
        own, sub = self.loose.get(_loose(column.code), "") if column.sub else "", column.sub
        if not own:
            heads = [(name, head) for head, name in self.loose.items() if name in self.several]
            long = [(name, head) for name, head in heads if _loose(column.name).startswith(f"{head}_")]
            own, head = max(long, key=lambda each: len(each[1]), default=("", ""))
            sub = _loose(column.name)[len(head) + 1 :] if own else sub
        if not own and column.row:
            asked = self.words.get(plain(column.wording), set()) & self.several
            own = min(asked) if len(asked) == 1 else ""
            sub = sub or column.row
        if own and _OWN_WORDS.fullmatch(sub):
            return f"words of one's own beside `{own}`, which the study does not ask"
        if own not in self.several:
            return None
        answered = self.columns[own]
        choice = _choice_of(answered, sub, column.row)
        return _Target(own, 1, choice) if choice else f"`{own}` has no choice `{sub}`"

    def worded(self, column: FileColumn) -> _Target | str:
        """A column by the words of its question, or of its row."""
        for rank, found in ((2, self.by_words(column)), (3, self.by_words(column, short=True))):
            if len(found) == 1:
                return _Target(min(found), rank)
            if found:
                return f"its words fit {', '.join(f'`{name}`' for name in sorted(found))}: a mapping must say which"
        return "no column of the study has this name or these words"

    def by_words(self, column: FileColumn, *, short: bool = False) -> set[str]:
        """The columns of the study that ask in these words."""
        known = self.labels if short else self.words
        both = (
            [f"{column.wording} [{column.row}]", f"{column.wording} - {column.row}", column.row] if column.row else []
        )
        for words in (*both, *([] if column.row else [column.wording or column.code])):
            said = plain(words)
            found = set(known.get(said, ())) if said else set()
            if not short and not found and said:
                found = {name for pattern, name in self.patterns if pattern.fullmatch(said)}
            if found:
                return found
        return set()


def _choice_of(answered: Answered, sub: str, row: str) -> str:
    """The choice that a code, a number or words stand for."""
    for words in filter(None, (row, sub)):
        said = {
            key for key, label in answered.answers.items() for each in label.values() if plain(each) == plain(words)
        }
        if len(said) == 1:
            return min(said)
    keys = _unambiguous((_loose(key), key) for key in answered.answers)
    keys |= {_loose(theirs): ours for theirs, ours in answered.codes.items()}
    return keys.get(_loose(sub)) or keys.get(_loose(f"c{sub}"), "")


def _loose(name: str) -> str:
    """A name without capitals, and with one sign for all that are no letters."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The names that stand for one thing alone."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, own in pairs:
        found[name].add(own)
    return {name: min(owns) for name, owns in found.items() if len(owns) == 1}


def _pattern(words: str) -> re.Pattern[str]:
    """Words that repeat an answer, with anything in its place."""
    marked = _PIECE.sub(lambda piece: {"{{": "{", "}}": "}"}.get(piece[0], _MARK), words)
    return re.compile(".*".join(re.escape(part) for part in plain(marked).split(_MARK)), re.DOTALL)
