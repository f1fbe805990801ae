"""The planner's pictures: the chance of each verdict along the true gap, and of "aligned" over the answers of both audiences.

Areas stretch with the page (a box of 100 by 100 without aspect ratio); every text is live HTML beside them, so that it keeps its
size on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symmetry.report.markup import Html, element, join

__all__ = ["STYLE", "Curve", "Spot", "ground_picture", "verdict_curves"]

STYLE = """
.multiples { display: grid; gap: 22px 40px; margin-top: 18px;
  grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); }
.multiples > .panel { display: grid; grid-row: span 3; grid-template-rows: subgrid; gap: 0; margin: 0; }
.multiples h3 { align-self: end; }
.regions { margin: 10px 14px 0 44px; position: relative; }
.regions svg { display: block; width: 100%; height: 190px; overflow: visible; }
.regions .aligned { fill: var(--meet); } .regions .undetermined { fill: #dfe3e6; }
.regions .dissonant { fill: #c07a94; } .regions .material { fill: var(--part); }
.regions .edge { stroke: var(--paper); stroke-width: 1.5; fill: none; vector-effect: non-scaling-stroke; }
.regions .smallest { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
.gauge span { position: absolute; font-size: 13px; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.gauge.along { position: relative; height: 22px; } .gauge.along span { transform: translateX(-50%); top: 4px; }
.gauge.up { position: absolute; inset: 0 auto 22px -44px; width: 38px; } .gauge.up span { right: 0; transform: translateY(-50%); }
.regions + .scale { text-align: right; margin: 0 14px 0 0; max-width: none; }
.tone { display: inline-block; width: 15px; height: 15px; border-radius: 2px; }
.tone.aligned { background: var(--meet); } .tone.undetermined { background: #dfe3e6; }
.tone.dissonant { background: #c07a94; } .tone.material { background: var(--part); }
.ground { width: auto; table-layout: fixed; margin-top: 10px; font-size: 14px; }
.ground th, .ground td { padding: 6px 4px; text-align: center; border: 2px solid var(--paper); width: 62px; white-space: nowrap; }
.ground thead th { border-bottom-width: 2px; } .ground thead .corner { width: 54px; }
.ground td { background: #eceeef; } .ground td.strong { color: #fff; }
.ground td.planned { outline: 3px solid var(--ink); outline-offset: -2px; }
@media (max-width: 640px) { .ground { font-size: 13px; width: 100%; } .ground th, .ground td { width: auto; padding: 6px 1px; } }
#tables h3 { margin: 34px 0 4px; } #tables .means { margin-top: 14px; }
@media print { .regions svg { height: 110px; } .multiples { grid-template-columns: 1fr 1fr; }
  .ground td, .tone, .regions svg { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""
_ORDER = ("material", "dissonant", "undetermined", "aligned")


@dataclass(frozen=True)
class Curve:
    """One true gap with the chances of the verdicts; material is a part of dissonant."""

    gap: float
    dissonant: float
    material: float
    aligned: float


@dataclass(frozen=True)
class Spot:
    """One place of the ground: answers of both audiences and a chance, None where there is no verdict."""

    customers: int
    employees: int
    chance: float | None


def verdict_curves(
    curves: Sequence[Curve],
    smallest: float,
    *,
    title: str,
    alt: str,
    axis: str,
    ticks: Sequence[tuple[float, str]],
    percent: Callable[[float], str],
) -> Html:
    """One small multiple: areas of the verdicts on top of each other, from dissonant below to aligned above.

    Parameters
    ----------
    curves : by increasing gap.
    smallest : the smallest gap of interest, a dashed line.
    title, alt, axis : what it is about, the picture in words, what the axis counts.
    ticks : gaps with their words.
    percent : words of a share.
    """
    end = curves[-1].gap
    heights = [[0.0, *_stacked(curve)] for curve in curves]
    areas = [_area([c.gap / end for c in curves], heights, place, name) for place, name in enumerate(_ORDER)]
    x = f"{100 * smallest / end:.2f}"
    line = element("line", x1=x, x2=x, y1="0", y2="100", class_="smallest")
    picture = element(
        "svg", *areas, line, viewBox="0 0 100 100", preserveAspectRatio="none", role="img", aria_label=alt
    )
    up = [element("span", percent(share), style=f"top:{100 - 100 * share:.0f}%") for share in (0.0, 0.5, 1.0)]
    across = [element("span", words, style=f"left:{100 * gap / end:.2f}%") for gap, words in ticks]
    plot = element(
        "div",
        element("div", *up, class_="gauge up", aria_hidden="true"),
        picture,
        element("div", *across, class_="gauge along", aria_hidden="true"),
        class_="regions",
    )
    return element("div", element("h3", title), plot, element("p", axis, class_="scale"), class_="panel")


def ground_picture(
    spots: Sequence[Spot],
    planned: tuple[int, int],
    *,
    number: Callable[[float], str],
    percent: Callable[[float], str],
) -> Html:
    """A table whose cells are as dark as their chance is high: customers from left to right, employees from top to bottom.

    Parameters
    ----------
    spots : every crossing of the two.
    planned : customers and employees of the planned sample, whose cell is framed.
    """
    across, down = sorted({spot.customers for spot in spots}), sorted({spot.employees for spot in spots})
    known = {(spot.customers, spot.employees): spot.chance for spot in spots}
    heads = [element("th", number(each), scope="col") for each in across]
    top = element("tr", element("th", "", class_="corner"), *heads)
    rows = [
        element(
            "tr",
            element("th", number(staff), scope="row"),
            *(_cell(known[each, staff], (each, staff) == planned, percent) for each in across),
        )
        for staff in down
    ]
    return element("table", element("thead", top), element("tbody", *rows), class_="ground")


def _stacked(curve: Curve) -> list[float]:
    """Tops of the areas from below: material, dissonant, undetermined, aligned."""
    return [min(curve.material, curve.dissonant), curve.dissonant, 1 - curve.aligned, 1.0]


def _area(shares: Sequence[float], heights: Sequence[Sequence[float]], place: int, name: str) -> Html:
    """One area between two tops."""
    upper = [(100 * x, 100 - 100 * row[place + 1]) for x, row in zip(shares, heights, strict=True)]
    lower = [(100 * x, 100 - 100 * row[place]) for x, row in zip(shares, heights, strict=True)]
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in [*upper, *reversed(lower)])
    edge = " ".join(f"{x:.2f},{y:.2f}" for x, y in upper)
    return join([element("polygon", points=points, class_=name), element("polyline", points=edge, class_="edge")])


def _cell(chance: float | None, planned: bool, percent: Callable[[float], str]) -> Html:
    classes = " ".join(
        filter(None, ["planned" if planned else "", "strong" if chance is not None and chance > 0.55 else ""])
    )
    style = None if chance is None else f"background-color:rgba(12,102,86,{0.06 + 0.94 * chance:.2f})"
    return element("td", "–" if chance is None else percent(chance), class_=classes or None, style=style)
