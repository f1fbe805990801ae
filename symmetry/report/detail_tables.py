"""The tables of the analyst's part: effect sizes, ranks, agreement, parts of the variance, tabulated answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.report.charts.frame import table, why
from symmetry.report.markup import Html
from symmetry.report.pen import Pen
from symmetry.report.rows import AgreementRow, EffectRow, PartitionRow, RankRow, TabulatedRow

__all__ = ["agreement_table", "effects_table", "partition_table", "ranks_table", "tabulated_table"]

_SIZES = ("hedges_g", "cliff_delta", "superiority")
_DASH = "–"  # not told; the reason stands above the table
_GOOD, _CAREFUL = 0.70, 0.50  # customary readings of ICC(2)


def effects_table(rows: Sequence[EffectRow], pen: Pen) -> Html:
    """Hedges g, Cliff's delta and the probability of superiority of each pair, each with its interval."""
    heads = [pen.word("table.item"), *(pen.word(f"effects.{key}", **pen.audiences()) for key in _SIZES)]
    heads.append(pen.word("effects.size"))
    body: list[list[str]] = []
    for face in dict.fromkeys(row.b for row in rows):
        body.append([pen.face(face)])
        kept: dict[str, dict[str, EffectRow]] = {}
        for row in rows:
            if row.b == face:
                kept.setdefault(row.item, {})[row.statistic] = row
        body += [[pen.item(item), *_effect(found, pen)] for item, found in kept.items()]
    return table(heads, body, name=pen.word("effects.title"))


def ranks_table(rows: Sequence[RankRow], pen: Pen) -> Html:
    """Rank of each item on either side, and the difference with its interval."""
    both = pen.audiences(running=False)
    heads = [
        pen.word("table.item"),
        both["customers"],
        both["employees"],
        pen.word("ranks.difference"),
        pen.word("table.interval"),
    ]
    body: list[list[str]] = []
    for face in dict.fromkeys(row.b for row in rows):
        body.append([pen.face(face)])
        found = sorted((row for row in rows if row.b == face), key=lambda row: (row.rank_a or 1e9, row.item))
        body += [_ranked(row, pen) for row in found]
    return table(heads, body, name=pen.word("ranks.title"))


def agreement_table(rows: Sequence[AgreementRow], pen: Pen) -> Html:
    """ICC(1) with its interval, ICC(2), rwg, average deviation, and what the averages of units may be used for."""
    keys = ("icc1", "icc2", "reading", "rwg", "rwg_low", "ad", "k", "units")
    heads = [pen.word("table.item"), *(pen.word(f"agreement.{key}") for key in keys)]
    body: list[list[str]] = []
    for voice in dict.fromkeys((row.audience, row.face) for row in rows):
        body.append([pen.voice(*voice)])
        body += [_agreed(row, pen) for row in rows if (row.audience, row.face) == voice]
    return table(heads, body, name=pen.word("agreement.title"))


def partition_table(rows: Sequence[PartitionRow], pen: Pen) -> Html:
    """Share of each level with its interval, and how many groups it has."""
    heads = [pen.word(f"table.{key}") for key in ("item", "level_of", "share_of", "interval", "groups")]
    body: list[list[str]] = []
    for voice in dict.fromkeys((row.audience, row.face) for row in rows):
        body.append([pen.voice(*voice)])
        body += [_shared(row, pen) for row in rows if (row.audience, row.face) == voice]
    return table(heads, body, name=pen.word("shares.title"))


def tabulated_table(rows: Sequence[TabulatedRow], pen: Pen) -> Html:
    """Level and agreement of items that came as counts of answers."""
    keys = ("level", "interval", "sd", "icc1", "icc2", "rwg", "ad", "units", "n")
    heads = [pen.word("table.item"), *(pen.word(f"tabulated.{key}") for key in keys)]
    body: list[list[str]] = []
    for audience in dict.fromkeys(row.audience for row in rows):
        body.append([pen.audience(audience)])
        body += [_counted(row, pen) for row in rows if row.audience == audience]
    return table(heads, body, name=pen.word("tabulated.title"))


def _effect(found: Mapping[str, EffectRow], pen: Pen) -> list[str]:
    cells = []
    for key in _SIZES:
        row = found.get(key)
        if row is None or not row.shown:
            cells.append("" if row is None else why(row, pen))
            continue
        kind, signed = ("percent", False) if key == "superiority" else ("plain", True)
        cells.append(_with_interval(row, kind, signed, pen))
    size = next((row.size for key in ("cliff_delta", "hedges_g") if (row := found.get(key)) and row.size), "")
    return [*cells, pen.word(f"effects.size.{size}") if size in _WORDS else pen.quote(size)]


_WORDS = ("negligible", "small", "medium", "large")


def _with_interval(row: EffectRow, kind: str, signed: bool, pen: Pen) -> str:
    named = f"{row.b}/{row.item}/{row.statistic}"
    value = pen.number(row.estimate or 0.0, kind, name=named, signed=signed)
    if row.lower is None or row.upper is None:
        return value
    low = pen.number(row.lower, kind, name=f"{named}/lower", signed=signed, percent=False)
    high = pen.number(row.upper, kind, name=f"{named}/upper", signed=signed)
    return pen.word("table.within", value=value, interval=pen.word("number.interval", lower=low, upper=high))


def _ranked(row: RankRow, pen: Pen) -> list[str]:
    if not row.shown or row.rank_a is None or row.rank_b is None:
        return [pen.item(row.item), "", "", why(row, pen), ""]
    named = f"{row.b}/{row.item}/rank"
    interval = ""
    if row.lower is not None and row.upper is not None:
        low, high = (
            _rank(row.lower, f"{named}/lower", pen, signed=True),
            _rank(row.upper, f"{named}/upper", pen, signed=True),
        )
        interval = pen.word("number.interval", lower=low, upper=high)
    return [
        pen.item(row.item),
        *(_rank(rank, f"{named}/{side}", pen) for side, rank in (("a", row.rank_a), ("b", row.rank_b))),
        _rank(row.estimate or 0.0, named, pen, signed=True),
        interval,
    ]


def _rank(value: float, name: str, pen: Pen, *, signed: bool = False) -> str:
    """A rank, with a decimal only where items share one."""
    return pen.number(value, "ranks" if value == round(value) else "tenths", name=name, signed=signed)


def _agreed(row: AgreementRow, pen: Pen) -> list[str]:
    name = pen.item(row.item)
    if not row.shown:
        return [name, why(row, pen), *[""] * 7]
    named = f"{row.audience}/{row.item}/{row.face}"
    icc1 = _plain(row.icc1, f"{named}/icc1", pen)
    if row.icc1_lower is not None and row.icc1_upper is not None:
        low, high = (
            _plain(row.icc1_lower, f"{named}/icc1/lower", pen),
            _plain(row.icc1_upper, f"{named}/icc1/upper", pen),
        )
        icc1 = pen.word("table.within", value=icc1, interval=pen.word("number.interval", lower=low, upper=high))
    return [
        name,
        icc1,
        _plain(row.icc2, f"{named}/icc2", pen),
        _reading(row.icc2, pen),
        _plain(row.rwg, f"{named}/rwg", pen) or _DASH,
        pen.number(row.rwg_low, "percent", name=f"{named}/rwg_low") if row.rwg_low is not None else _DASH,
        _plain(row.ad, f"{named}/ad", pen) or _DASH,
        pen.number(row.k, "tenths", name=f"{named}/k") if row.k is not None else "",
        pen.count(row.units, name=f"{named}/units") if row.units is not None else "",
    ]


def _reading(icc2: float | None, pen: Pen) -> str:
    """What an average of a unit may be used for."""
    if icc2 is None:
        return ""
    shown = round(icc2, 2)  # the word never denies the number beside it
    return pen.word(
        "agreement.good" if shown >= _GOOD else "agreement.careful" if shown >= _CAREFUL else "agreement.noisy"
    )


def _shared(row: PartitionRow, pen: Pen) -> list[str]:
    cells = [pen.item(row.item), pen.level_name(row.level)]
    if not row.shown:
        return [*cells, why(row, pen), "", ""]
    named = f"{row.audience}/{row.item}/{row.level}"
    cells.append(pen.number(row.share or 0.0, "r2", name=f"{named}/share"))
    interval = ""
    if row.lower is not None and row.upper is not None:
        low = pen.number(row.lower, "r2", name=f"{named}/lower", percent=False)
        interval = pen.word("number.interval", lower=low, upper=pen.number(row.upper, "r2", name=f"{named}/upper"))
    return [*cells, interval, pen.count(row.groups, name=f"{named}/groups") if row.groups is not None else ""]


def _counted(row: TabulatedRow, pen: Pen) -> list[str]:
    named = f"{row.audience}/{row.item}"
    if not row.shown:
        return [pen.item(row.item), why(row, pen), *[""] * 8]
    interval = ""
    if row.lower is not None and row.upper is not None:
        ends = [
            _plain(end, f"{named}/tabulated/{name}", pen) for name, end in (("low", row.lower), ("high", row.upper))
        ]
        interval = pen.word("number.interval", lower=ends[0], upper=ends[1])
    return [
        pen.item(row.item),
        _plain(row.estimate, f"{named}/tabulated", pen),
        interval,
        *(_plain(getattr(row, key), f"{named}/{key}", pen) for key in ("sd_within", "icc1", "icc2", "rwg", "ad")),
        pen.count(row.units, name=f"{named}/units"),
        pen.count(row.n, name=f"{named}/n"),
    ]


def _plain(value: float | None, name: str, pen: Pen) -> str:
    return pen.number(value, "plain", name=name) if value is not None else ""
