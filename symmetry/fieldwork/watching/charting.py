"""A control chart of one channel's days, as inline SVG: how many came, what was expected, and what chance explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symmetry.fieldwork.watching.saying import Teller
    from symmetry.fieldwork.watching.volumes import Point, Series

__all__ = ["chart_of"]

_WIDE, _HIGH = 340, 150
_LEFT, _RIGHT, _TOP, _FOOT = 34, 8, 10, 24
_LINE = Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
_TEXT = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')


def chart_of(series: Series, say: Teller) -> Markup:
    """The days of one channel.

    Parameters
    ----------
    series : at least one day.
    say : in whose language it is told to who cannot see it.
    """
    points = series.days
    highest = max(max(point.n, point.high or 0) for point in points)
    top = _rounded(max(highest, 1))
    parts = [*_axes(points, top, say), *_bands(points, top)]
    parts.append(
        Markup('<polyline class="n" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in _path(points, top)))
    )
    for place, (x, y) in enumerate(_path(points, top)):
        if points[place].out:
            parts.append(Markup('<circle class="out" cx="{:.1f}" cy="{:.1f}" r="4.5"/>').format(x, y))
    told = say.say(
        "chart.told",
        what=say.say(series.measure),
        channel=say.value("channel", series.channel),
        days=len(points),
        n=say.count(sum(point.n for point in points)),
        signals=len(series.signals),
        basis=say.say(f"basis.{series.basis}"),
    )
    head = Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}">').format(told, _WIDE, _HIGH)
    return head + Markup("").join(parts) + Markup("</svg>")


def _x(place: float, days: int) -> float:
    return _LEFT + (_WIDE - _LEFT - _RIGHT) * (place + 0.5) / days


def _y(n: float, top: float) -> float:
    return _TOP + (_HIGH - _TOP - _FOOT) * (1 - n / top)


def _path(points: Sequence[Point], top: float) -> list[tuple[float, float]]:
    return [(_x(place, len(points)), _y(point.n, top)) for place, point in enumerate(points)]


def _axes(points: Sequence[Point], top: float, say: Teller) -> list[Markup]:
    """Lines of none, half and most; the first and the last day."""
    parts = []
    for n in (0.0, top / 2, top):
        parts.append(_LINE.format("grid", _LEFT, _y(n, top), _WIDE - _RIGHT, _y(n, top)))
        parts.append(_TEXT.format(_LEFT - 5, _y(n, top) + 4, "end", say.count(n, 1)))
    parts.append(_TEXT.format(_LEFT, _HIGH - 6, "start", say.day(points[0].day.isoformat())))
    if len(points) > 1:
        parts.append(_TEXT.format(_WIDE - _RIGHT, _HIGH - 6, "end", say.day(points[-1].day.isoformat())))
    return parts


def _bands(points: Sequence[Point], top: float) -> list[Markup]:
    """What chance explains, and what was expected, of each day that is judged."""
    parts = []
    half = (_WIDE - _LEFT - _RIGHT) / len(points) / 2
    box = Markup('<rect class="band" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
    for place, point in enumerate(points):
        if point.low is not None and point.high is not None and point.mean is not None:
            x, high, low = _x(place, len(points)), _y(point.high, top), _y(point.low, top)
            parts.append(box.format(x - half, high, 2 * half, low - high))
            parts.append(_LINE.format("mean", x - half, _y(point.mean, top), x + half, _y(point.mean, top)))
    return parts


def _rounded(n: float) -> float:
    """The least of 1, 2, 4, 5, 6, 8 or 10 times a power of ten that holds a number."""
    power = 10 ** (len(str(int(n))) - 1)
    return next(float(step * power) for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= n)
