"""The pen that writes one block: words and numbers in one language, and a ledger of every number it wrote.

One house formatter: true minus (U+2212), narrow no-break spaces for thousands in French, decimals by language, no signed
zero.  Since every number of a block goes through its pen, the block's `numbers` hold all that the reader sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from symmetry.report.results_view import View
from symmetry.report.rows import GapRow, LevelRow, Row
from symmetry.report.words import WORDS, typeset

__all__ = ["Pen"]

_FACES = {"employee": "employees", "guess": "employees", "management": "employees", "cooperation": "employees"}
_DECIMALS = {"favourable": 1, "top_box": 1, "points": 1, "score": 1, "nps": 0, "lmg": 1, "r2": 1, "tenths": 1}
_DECIMALS |= {"percent": 0, "count": 0, "ranks": 0, "p": 3}  # all others: 2
_PERCENT = {"favourable", "top_box", "lmg", "r2", "percent"}  # shares: shown times 100, with the sign
_HUNDRED = _PERCENT | {"points"}  # percentage points: shown times 100, without it


@dataclass(frozen=True)
class Pen:
    """Writes in the language of a view and remembers.

    `numbers` : what was written, each with its name, raw value and shown form.
    `labels` : quoted texts that hold digits of their own.
    """

    view: View
    numbers: list[dict[str, Any]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    # words

    def word(self, key: str, /, **fields: object) -> str:
        """A sentence of the catalogue with its fields filled; its first letter is a capital if the catalogue's is a field."""
        template = WORDS[self.view.language][key]
        if re.search(r"\d", template):
            self.labels.append(template)
        text = typeset(template.format(**fields), self.view.language)
        return text[:1].upper() + text[1:] if template.startswith("{") else text

    def quote(self, text: str) -> str:
        """A text of the study or of the analyst, in its own words; only its spaces are set."""
        text = typeset(text, self.view.language)
        if re.search(r"\d", text):
            self.labels.append(text)
        return text

    def item(self, key: str, *, quoted: bool = False) -> str:
        """An item's label."""
        label = self.quote(self.view.text(self.view.item(key).get("label"), key))
        return self.word("quote", text=label) if quoted else label

    def audience(self, key: str, *, running: bool = False) -> str:
        """An audience's name; `running` for the middle of a sentence."""
        name = self.quote(self.view.text(self.view.study.get("audiences", {}).get(key), key))
        return name[:1].lower() + name[1:] if running and name[1:2].islower() else name

    def audiences(self, *, running: bool = True) -> dict[str, str]:
        """Both names, as fields of a sentence."""
        return {key: self.audience(key, running=running) for key in ("customers", "employees")}

    def face(self, face: str) -> str:
        """Who speaks, and about what."""
        if face == "customer":
            return self.audience("customers")
        return self.word(f"face.{face}", employees=self.audience(_FACES[face]))

    def voice(self, audience: str, face: str) -> str:
        """Who speaks, by the face where it is one we know."""
        return self.face(face) if face == "customer" or face in _FACES else self.audience(audience)

    def level_name(self, key: str) -> str:
        """A level of the company: a frame item of the study, else one of the levels that have a word."""
        if key not in self.view.study.get("frames", {}) and f"level.{key}" in WORDS[self.view.language]:
            return self.word(f"level.{key}")
        return self.frame(key)

    def frame(self, key: str) -> str:
        """The name of a segment or of the unit."""
        return self.quote(self.view.text(self.view.study.get("frames", {}).get(key, {}).get("label"), key))

    def domain(self, by: str, category: str) -> str:
        """The name of one category of a segment."""
        values = self.view.study.get("frames", {}).get(by, {}).get("values") or {}
        return self.quote(self.view.text(values.get(category), category))

    def wave(self, key: str, *, days: bool = False) -> str:
        """A wave in words: what it is, and its month (or its days) where it has a window.

        A kind says something only beside another wave: a wave alone and without a window has no name to print.  Waves that
        would read alike add their keys.
        """
        said = self._wave(key, days=days)
        alike = [other for other in self.view.waves if self._wave(other, days=days) == said]
        if len(alike) > 1 and not days and self._wave(key, days=True) != said:
            return self.wave(key, days=True)
        return f"{said} ({self.quote(key)})".strip() if len(alike) > 1 else said

    def window(self, key: str) -> tuple[str, str]:
        """First and last day of a wave (ISO), empty where the study has none."""
        window = (self.view.study.get("waves", {}).get(key) or {}).get("window")
        start, end = window if window and not isinstance(window, str) else (window or "").partition("..")[::2]
        return str(start), str(end)

    def months(self, start: str, end: str) -> str:
        """The month of a window of dates (ISO) in words, or its first and last months."""
        names = self.word("months").split()
        both = [f"{names[day.month - 1]} {day.year}" for day in map(date.fromisoformat, (start, end))]
        first, last = both
        return self.quote(last if first == last else self.word("wave.months", first=first, last=last))

    def days(self, start: str, end: str) -> str:
        """A window of dates (ISO) in words."""
        first, last = date.fromisoformat(start), date.fromisoformat(end)
        months = self.word("months").split()
        days = ["1er" if day.day == 1 and self.view.language == "fr" else str(day.day) for day in (first, last)]
        if (first.year, first.month) == (last.year, last.month):
            fields = {"first": days[0], "last": days[1], "month": months[last.month - 1], "year": last.year}
            return self.quote(self.word("opening.window.month", **fields))
        both = [
            self.word("date", day=number, month=months[day.month - 1], year=day.year)
            for number, day in zip(days, (first, last), strict=True)
        ]
        return self.quote(self.word("opening.window", start=both[0], end=both[1]))

    # numbers

    def number(self, value: float, kind: str, *, name: str = "", signed: bool = False, percent: bool = True) -> str:
        """One number: `kind` is a statistic, or percent, count, plain; shares are given between 0 and 1."""
        scaled = 100 * value if kind in _HUNDRED else value
        text = self._digits(scaled, _DECIMALS.get(kind, 2), signed)
        if kind in _PERCENT and percent:
            text = typeset(WORDS[self.view.language]["number.percent"].format(number=text), self.view.language)
        return self._wrote(name or kind, value, text)

    def tick(self, value: float, kind: str, decimals: int) -> str:
        """A number of an axis, with only the decimals its steps need."""
        scaled = 100 * value if kind in _HUNDRED else value
        text = self._digits(scaled, decimals, False)
        if kind in _PERCENT:
            text = typeset(WORDS[self.view.language]["number.percent"].format(number=text), self.view.language)
        return self._wrote("axis", value, text)

    def count(self, value: float | None, *, name: str = "n") -> str:
        """A whole number."""
        return self.number(value or 0, "count", name=name)

    def level(self, row: Row | None, *, name: str = "") -> str:
        """The estimate of a level."""
        if row is None or row.estimate is None:
            return self.word("absent")
        return self.number(row.estimate, row.statistic, name=name or _name(row), signed=row.statistic == "nps")

    def gap(self, row: Row) -> str:
        """The estimate of a gap, signed, without unit."""
        return self.number(row.estimate or 0.0, row.statistic, name=_name(row), signed=True, percent=False)

    def signed(self, value: float, statistic: str, *, name: str) -> str:
        """A signed number of a statistic, without unit, such as a gap as measured."""
        return self.number(value, statistic, name=name, signed=True, percent=False)

    def general(self, row: GapRow) -> str:
        """The general difference that a relative gap is counted beyond."""
        if row.general is None:
            raise ValueError("a relative gap holds the general difference it is counted beyond")
        return self.number(row.general, row.statistic, name=f"{_name(row)}/general", signed=True, percent=False)

    def interval(self, row: Row | None, *, gap: bool = False) -> str:
        """The interval of a row: one unit, at its end."""
        if row is None or row.lower is None or row.upper is None:
            return ""
        signed = gap or row.statistic == "nps"
        lower = self.number(row.lower, row.statistic, name=f"{_name(row)}/lower", signed=signed, percent=False)
        upper = self.number(row.upper, row.statistic, name=f"{_name(row)}/upper", signed=signed, percent=not gap)
        return self.word("number.interval", lower=lower, upper=upper)

    def between(
        self, low: float | None, high: float | None, kind: str, *, name: str, signed: bool = False, percent: bool = True
    ) -> str:
        """Two ends of any interval, one unit at its end; nothing where an end is not told."""
        if low is None or high is None:
            return ""
        lower = self.number(low, kind, name=f"{name}/lower", signed=signed, percent=False)
        upper = self.number(high, kind, name=f"{name}/upper", signed=signed, percent=percent)
        return self.word("number.interval", lower=lower, upper=upper)

    def p(self, value: float, *, name: str) -> str:
        """The probability of a test, never written as nothing at all: 0.023, or < 0.001."""
        if value >= 0.0005:
            return self.number(value, "p", name=name)
        return self.word("number.below", number=self.number(0.001, "p", name=f"{name}/below"))

    def smallest(self, value: float | None, statistic: str) -> str:
        """A smallest gap of interest with its unit."""
        shown = 100 * (value or 0) if statistic in _HUNDRED else (value or 0)
        decimals = next(places for places in range(4) if places == 3 or abs(shown - round(shown, places)) < 1e-9)
        number = self._wrote("smallest", value or 0, self._digits(shown, decimals, False))
        return self.word(f"amount.{statistic}", number=number)

    def unit(self, item: str, statistic: str, *, of: str) -> str:
        """What a number is counted in; `of` is level or gap."""
        if statistic in ("lmg", "r2"):
            return self.word("unit.variance")
        scale = self.view.scale(item)
        ends_of = {"nps": (-100, 100), "score": (0, 100)}
        low, high = ends_of.get(statistic, (scale.get("low", 1), scale.get("high", 5)))
        ends = {
            key: self._wrote("scale", end, self._digits(float(end), 0, False))
            for key, end in (("low", low), ("high", high))
        }
        return self.word(f"unit.{of}.{statistic}", **ends)

    def n(self, value: float | None) -> str:
        """How many answers (or units, where a publisher gave only their percentages) a number rests on."""
        return self.word("n.units" if self.view.manifest.get("published") else "n", n=self.count(value))

    def n_two(self, row: GapRow) -> str:
        """How many on each side of a pair."""
        key = "n.two.units" if self.view.manifest.get("published") else "n.two"
        return self.word(
            key, n_a=self.count(row.n_a, name="n_a"), n_b=self.count(row.n_b, name="n_b"), **self.audiences()
        )

    def hidden(self) -> str:
        """Why a cell is empty, without saying how many it holds."""
        return self.word("hidden", min_cell=self.count(self.view.manifest.get("min_cell", 10), name="min_cell"))

    def confidence(self) -> str:
        """The level of the intervals."""
        return self.number(self.view.level, "percent", name="level")

    def chance(self, value: float, *, name: str = "chance") -> str:
        """A probability, never so round that it would promise certainty: at most 99 %, at least 1 %."""
        kept = min(max(value, 0.01), 0.99)
        shown = self.number(kept, "percent", name=name)
        return shown if kept == value else self.word("chance.more" if value > kept else "chance.less", chance=shown)

    def _wave(self, key: str, *, days: bool) -> str:
        about = self.view.study.get("waves", {}).get(key) or {}
        said = [self.word(f"wave.{about['kind']}")] if about.get("kind") and len(self.view.waves) > 1 else []
        start, end = self.window(key)
        if start and end:
            said.append(self.days(start, end) if days else self.months(start, end))
        return ", ".join(said)

    def _digits(self, value: float, decimals: int, signed: bool) -> str:
        words = WORDS[self.view.language]
        plain = f"{abs(value):,.{decimals}f}"
        zero = not plain.strip("0.,")
        sign = "" if zero else "\u2212" if value < 0 else "+" if signed else ""
        whole, _, rest = plain.partition(".")
        return sign + whole.replace(",", words["number.thousands"]) + (words["number.decimal"] + rest if rest else "")

    def _wrote(self, name: str, value: float, shown: str) -> str:
        entry = {"name": name, "value": value, "shown": shown}
        if entry not in self.numbers:
            self.numbers.append(entry)
        return shown


def _name(row: Row) -> str:
    voice = f"{row.audience}.{row.face}" if isinstance(row, LevelRow) else ""
    where = f"{row.by}={row.domain}" if row.by else ""
    return "/".join(part for part in (row.wave, voice, row.item, row.statistic, where) if part)
