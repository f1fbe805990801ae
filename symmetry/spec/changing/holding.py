"""Which fields a fielded wave holds fast, and under which code a change of each is refused.

Patterns are those of `rules`.  What is not here is free: no answer of a fielded wave changes its meaning with it.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HELD"]

_BY_CODE: Mapping[str, tuple[str, ...]] = {
    "FLD01": ("Item.faces.*.*", "Item.values.*.*", "Study.languages.*"),
    "FLD02": (
        "Grid.kind",
        "Grid.unit",
        "Item.ask_if",
        "Item.negative.*",
        "Item.numeric",
        "Item.scale",
        "Item.scales.*",
        "Item.values.*",
        "Rotation.blocks.*",
        "Rotation.seed",
        "Scale.boxes",
        "Scale.choices.*",
        "Scale.choices.*.*",
        "Scale.earliest",
        "Scale.ends.*",
        "Scale.exclusive.*",
        "Scale.high",
        "Scale.kind",
        "Scale.labels.*",
        "Scale.latest",
        "Scale.low",
        "Scale.max",
        "Scale.min",
        "Scale.missing.*",
        "Scale.reversed",
        "Scale.unit.*",
        "Wave.after",
        "Wave.arms",
        "Wave.delay",
        "Wave.items",
        "Wave.kind",
    ),
    "FLD03": (
        "Alert.when",
        "Comparison.smallest.*",
        "Item.mirrors.*",
        "Item.role",
        "Margin.value",
        "Privacy.employees",
        "Privacy.keep_identity",
        "Privacy.keep_verbatim",
        "Privacy.min_cell",
        "Registered.alerts.*",
        "Registered.comparisons.*",
        "Registered.drivers.*",
        "Registered.outcome",
        "Registered.segments.*",
        "Study.targets.*",
        "Study.targets.*.*",
        "Study.trims.*",
    ),
    "FLD06": (
        "Grid.items.*",
        "Item.audiences.*",
        "Item.faces.*",
        "Study.grids.*",
        "Study.items.*",
        "Wave.audiences.*",
        "Wave.items.*",
    ),
}
HELD: Mapping[str, str] = {pattern: code for code, patterns in _BY_CODE.items() for pattern in patterns}
"""What a fielded wave holds fast: pattern → code.  What is not here may change."""
