"""The tables under the units' pictures: every number of both, unit by unit, none without its interval."""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report.charts.axis import bare
from symmetry.report.charts.frame import table, why
from symmetry.report.charts.funnel import LIMITS
from symmetry.report.markup import Html
from symmetry.report.pen import Pen
from symmetry.report.rows import UnitRow

__all__ = ["funnel_table", "posterior_table"]


def posterior_table(rows: Sequence[UnitRow], pen: Pen) -> Html:
    """Drawn and measured gap, interval, part of the unit's own answers, verdict and n, in the units' own order."""
    heads = [
        pen.frame(pen.view.unit),
        *(pen.word(f"table.{key}") for key in ("posterior", "interval", "direct")),
        pen.word("units.own"),
        pen.word("table.verdict"),
        pen.word("table.n"),
    ]
    return table(heads, [_posterior(row, pen) for row in sorted(rows, key=lambda one: one.domain)], name=heads[0])


def funnel_table(rows: Sequence[UnitRow], pen: Pen) -> Html:
    """Gap as measured, its standard error, both pairs of limits and where the unit stands."""
    chances = {which: pen.number(chance, "r2", name=f"limit/{which}") for which, (_, chance) in LIMITS.items()}
    heads = [
        pen.frame(pen.view.unit),
        *(pen.word(f"table.{key}") for key in ("direct", "error")),
        *(pen.word("funnel.limit.inner", chance=chance) for chance in chances.values()),
        pen.word("table.funnel"),
        pen.word("table.n"),
    ]
    ordered = sorted(rows, key=lambda one: one.domain)
    return table(heads, [_place(row, chances, pen) for row in ordered], name=pen.word("table.funnel"))


def _posterior(row: UnitRow, pen: Pen) -> list[str]:
    name = pen.domain(row.by, row.domain)
    if not row.shown:
        return [name, why(row, pen), "", "", "", "", ""]
    where = f"{row.by}={row.domain}"
    direct = pen.signed(row.direct, row.statistic, name=f"{where}/direct") if row.direct is not None else ""
    own = pen.number(row.own, "percent", name=f"{where}/own") if row.own is not None else ""
    return [name, pen.gap(row), pen.interval(row, gap=True), direct, own, _verdict(row, pen), _counts(row, pen)]


def _verdict(row: UnitRow, pen: Pen) -> str:
    """A verdict with its probability; an undetermined unit gives that of a gap worth attention."""
    word = pen.word(f"verdict.{row.verdict or 'loose'}")
    chance = row.chance_aligned if row.verdict in ("aligned", "accurate") else row.chance_dissonant
    if not row.verdict or chance is None:
        return word
    key = "units.open" if row.verdict == "undetermined" else "units.settled"
    return pen.word(key, verdict=word, chance=pen.chance(chance, name=f"{row.by}={row.domain}/chance"))


def _place(row: UnitRow, chances: dict[str, str], pen: Pen) -> list[str]:
    where, kind = f"{row.by}={row.domain}", row.statistic
    direct = pen.signed(row.direct or 0.0, kind, name=f"{where}/direct")
    error = pen.number(row.direct_se or 0.0, bare(kind), name=f"{where}/direct_se")
    limits = []
    for which, (times, _) in LIMITS.items():
        half = times * (row.funnel_se or 0.0)
        ends = [
            pen.signed((row.target or 0.0) + sign * half, kind, name=f"{where}/{which}/{end}")
            for sign, end in ((-1, "low"), (1, "high"))
        ]
        limits.append(pen.word("number.interval", lower=ends[0], upper=ends[1]))
    said = pen.word("funnel.place.inside")
    if row.funnel:
        side = row.funnel.partition(" ")[0]
        chance = chances["outer" if "99.8" in row.funnel else "inner"]
        said = pen.word(f"funnel.place.between.{side}", chance=chance)
    return [pen.domain(row.by, row.domain), direct, error, *limits, said, _counts(row, pen)]


def _counts(row: UnitRow, pen: Pen) -> str:
    if row.n_a is None or row.n_b is None:
        return pen.count(row.n) if row.n is not None else ""
    return pen.word("number.list", first=pen.count(row.n_a, name="n_a"), last=pen.count(row.n_b, name="n_b"))
