"""A picture of what weighting did, as SVG text: every margin before and after beside its target, and the spread of weights.

Written by hand, so that it needs no plotting library: a notebook shows it, a browser opens it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from symmetry.weights.coding import as_frame, numbers
from symmetry.weights.describing import describe

__all__ = ["plot"]

_WIDTH, _LEFT, _RIGHT, _ROW = 760, 200, 64, 22
_INK, _GREY, _PALE, _BEFORE, _AFTER = "#1f2933", "#5f6b76", "#e3e7eb", "#b45309", "#1d4ed8"
_MOST = 60  # categories shown


def plot(
    frame: pd.DataFrame, *, weight: str = "weight", targets: Mapping[Any, Mapping[Any, float]] | None = None
) -> str:
    """Draw the margins before and after weighting, and the distribution of the weights.

    Parameters
    ----------
    frame, weight, targets : as `describe` takes them.

    Returns
    -------
    SVG text: a row a category with its share before (hollow) and after (full) and its target (bar), the categories farthest from
    their target before weighting if there are more than 60; below, a histogram of the weights over their mean.

    Raises
    ------
    DataError : as `describe` raises.

    Notes
    -----
    R twin: none.

    Examples
    --------
    >>> from symmetry.weights import rake
    >>> drawn = plot(rake(pd.DataFrame({"region": ["n", "n", "s"]}), {"region": {"n": 0.5, "s": 0.5}}))
    >>> drawn[:4], drawn.count("<circle"), drawn.rstrip()[-6:]
    ('<svg', 6, '</svg>')
    """
    frame = as_frame(frame)
    told = describe(frame, weight=weight, targets=targets)
    facts = told.set_index("measure")["value"]
    rows = _margins(told)
    parts = [
        _text(16, 26, f"What weighting did: {weight}", size=16, bold=True),
        _text(
            16,
            46,
            f"n {facts['n']:,.0f}   effective n {facts['n_eff']:,.0f}   Kish design effect {facts['kish_deff']:.2f}   "
            f"smallest {facts['min']:.3g}   largest {facts['max']:.3g}",
            colour=_GREY,
        ),
    ]
    top = 70
    if len(rows):
        drawn, top = _draw_margins(rows, top)
        parts += drawn
    w = numbers(frame, weight, "the weight")
    drawn, top = _draw_histogram(w[w != 0], top)
    parts += drawn
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}" '
    style = 'role="img" font-family="system-ui, sans-serif" font-size="12">'
    title = (
        f"<title>Margins before and after weighting, and the distribution of the weights in {escape(weight)}</title>"
    )
    back = f'<rect width="{_WIDTH}" height="{top}" fill="#ffffff"/>'
    return "\n".join([head + style, title, back, *parts, "</svg>\n"])


def _margins(told: pd.DataFrame) -> pd.DataFrame:
    """One row a category: variable, category, before, after, target; the farthest ones if there are too many."""
    keys = ["variable", "category", "target", "value"]
    before, after = (
        told.loc[told["measure"] == f"margin_{when}", keys].reset_index(drop=True) for when in ("before", "after")
    )
    rows = after.rename(columns={"value": "after"}).assign(before=before["value"])
    if len(rows) > _MOST:
        far = (rows["before"] - rows["target"]).abs().nlargest(_MOST).index
        rows = rows.loc[sorted(far)]
    return rows.reset_index(drop=True)


def _draw_margins(rows: pd.DataFrame, top: int) -> tuple[list[str], int]:
    """The margins: an axis of shares, then a row a category under the name of its variable."""
    most = float(rows[["before", "after", "target"]].to_numpy().max())
    ticks = _ticks(most)
    scale = (_WIDTH - _LEFT - _RIGHT) / max(ticks[-1], most)
    parts, y = _legend(top), top + 34
    body: list[str] = []
    variable = None
    for row in rows.itertuples():
        if row.variable != variable:
            variable = row.variable
            y += 8
            body.append(_text(16, y + 4, _short(str(variable), 60), bold=True))
            y += _ROW
        before, after, target = (_LEFT + scale * float(share) for share in (row.before, row.after, row.target))
        body += [
            _text(_LEFT - 12, y + 4, _short(str(row.category), 26), anchor="end"),
            f'<line x1="{before:.1f}" x2="{after:.1f}" y1="{y}" y2="{y}" stroke="{_PALE}" stroke-width="4"/>',
            f'<line x1="{target:.1f}" x2="{target:.1f}" y1="{y - 8}" y2="{y + 8}" stroke="{_INK}" stroke-width="2"/>',
            f'<circle cx="{before:.1f}" cy="{y}" r="4.5" fill="#ffffff" stroke="{_BEFORE}" stroke-width="2"/>',
            f'<circle cx="{after:.1f}" cy="{y}" r="4" fill="{_AFTER}"/>',
            _text(_WIDTH - 12, y + 4, f"{100 * float(row.target):.1f} %", anchor="end", colour=_GREY),
        ]
        y += _ROW
    grid = []
    for tick in ticks:
        x = _LEFT + scale * tick
        grid.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 30}" y2="{y}" stroke="{_PALE}"/>')
        grid.append(_text(x, y + 16, f"{100 * tick:g} %", anchor="middle", colour=_GREY))
    return [*parts, *grid, *body], y + 40


def _legend(top: int) -> list[str]:
    """What the marks mean."""
    y = top + 8
    return [
        f'<circle cx="{_LEFT + 5}" cy="{y}" r="4.5" fill="#ffffff" stroke="{_BEFORE}" stroke-width="2"/>',
        _text(_LEFT + 16, y + 4, "before"),
        f'<circle cx="{_LEFT + 85}" cy="{y}" r="4" fill="{_AFTER}"/>',
        _text(_LEFT + 96, y + 4, "after"),
        f'<line x1="{_LEFT + 155}" x2="{_LEFT + 155}" y1="{y - 8}" y2="{y + 8}" stroke="{_INK}" stroke-width="2"/>',
        _text(_LEFT + 164, y + 4, "target"),
        _text(_WIDTH - 12, y + 4, "target", anchor="end", colour=_GREY),
    ]


def _draw_histogram(w: np.ndarray, top: int) -> tuple[list[str], int]:
    """How many have which weight, over the mean weight; what lies beyond the 99.9th percentile joins the last bar."""
    ratio = w / w.mean()
    low, high = min(0.0, float(ratio.min())), max(float(np.quantile(ratio, 0.999)), 2.0)
    counts, edges = np.histogram(np.clip(ratio, low, high), bins=40, range=(low, high))
    height, base = 120, top + 150
    scale, tall = (_WIDTH - _LEFT - _RIGHT) / (high - low), height / counts.max()
    parts = [
        _text(16, top + 12, "Distribution of the weights", bold=True),
        _text(16, top + 30, "1 = mean weight", colour=_GREY),
    ]
    for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
        x, wide = _LEFT + scale * (left - low), scale * (right - left) - 1
        parts.append(
            f'<rect x="{x:.1f}" y="{base - tall * count:.1f}" width="{wide:.1f}" height="{tall * count:.1f}" fill="{_AFTER}"/>'
        )
    parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{base}" y2="{base}" stroke="{_GREY}"/>')
    for tick in (tick for tick in _ticks(high) if tick <= high):
        x = _LEFT + scale * (tick - low)
        parts.append(_text(x, base + 16, f"{tick:g}", anchor="middle", colour=_GREY))
    beyond = int((ratio > high).sum())
    if beyond:
        told = f"{beyond:,} above, up to {ratio.max():.3g}"
        parts.append(_text(_WIDTH - _RIGHT, base + 34, told, anchor="end", colour=_GREY))
    return parts, base + 48


def _ticks(most: float) -> Sequence[float]:
    """Round values from 0 to just above the largest, five or so of them."""
    rough = max(most, 1e-9) / 4
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * unit for unit in (1, 2, 2.5, 5, 10) if power * unit >= rough)
    return [float(round(number * step, 10)) for number in range(int(np.ceil(most / step - 1e-9)) + 1)]


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, bold: bool = False, colour: str = _INK
) -> str:
    weight = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f'<text {place}{weight} xml:space="preserve">{escape(words)}</text>'


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
