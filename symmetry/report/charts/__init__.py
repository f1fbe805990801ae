"""The house pictures, in pure Python: rows of live text with a small SVG each.

An SVG of a row has percent coordinates and no viewBox: it stretches with the page while marks and text keep their size, so that a
label is as readable on a phone as on a desk.  Every row is a labelled image, computed from its data.
"""

from __future__ import annotations

from symmetry.report.charts.dumbbell import levels_chart, pairs_chart
from symmetry.report.charts.funnel import funnel_chart
from symmetry.report.charts.importance_map import importance_map, spots_of
from symmetry.report.charts.levers import levers_chart
from symmetry.report.charts.penalties import penalties_chart
from symmetry.report.charts.posterior import posterior_chart
from symmetry.report.charts.shares import shares_chart
from symmetry.report.charts.strip import verdict_strip
from symmetry.report.charts.units import units_chart

__all__ = [
    "funnel_chart",
    "importance_map",
    "levels_chart",
    "levers_chart",
    "pairs_chart",
    "penalties_chart",
    "posterior_chart",
    "shares_chart",
    "spots_of",
    "units_chart",
    "verdict_strip",
]
