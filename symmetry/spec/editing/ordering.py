"""In which order the keys of a study stand: what a thing is first, then its words, then how it is mirrored and waived.

Items, scales, waves and choices keep the order of their author, which is that of the questionnaire.  A key that the grammar
does not know stays behind the one it followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from symmetry.spec.nouns import FACES
from symmetry.spec.reading import Route

__all__ = ["ORDERS", "in_order", "order_of"]

K = TypeVar("K")

ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": (
            *("symmetry", "study", "title", "languages", "source", "waive"),
            *("audiences", "promise", "service", "management", "cooperation", "journeys"),
            *("scales", "items", "grids", "rotation", "waves", "contact", "owners", "privacy", "weights", "plan"),
        ),
        "service": ("promise", "attitudes", "respect"),
        "management": ("promise", "attitudes", "moments"),
        "cooperation": ("promise", "attitudes", "moments"),
        "management.moments.*": ("channel", "name", "emotion", "rituals", "cues"),
        "cooperation.moments.*": ("channel", "name", "emotion", "rituals", "cues"),
        "journeys.*": ("name", "moments"),
        "journeys.*.moments.*": ("channel", "name", "emotion", "rituals", "cues"),
        "scales.*": (
            *("type", "points", "boxes", "reversed", "choices", "exclusive", "min", "max", "decimals", "unit"),
            *("missing", "ends", "labels"),
        ),
        "scales.*.missing": ("na", "dk", "refused"),
        "items.*": (
            *("role", "type", "of", "promise", "at", "sense", "scale", "label", "values", "owner", "ask_if"),
            *(*FACES, "scales", "negative", "mirror", "waive"),
        ),
        "items.*.scales": FACES,
        "items.*.mirror": FACES,
        "grids.*": ("kind", "title", "unit", "items"),
        "rotation": ("seed", "blocks"),
        "waves.*": (
            *("kind", "after", "delay", "arms", "window", "open_for", "audiences", "items", "sample", "invite"),
            "reminders",
        ),
        "waves.*.invite": ("subject", "text", "sms"),
        "waves.*.sample.*": ("size", "rate", "units", "by", "allocation", "method", "measure", "order", "quotas"),
        "waves.*.sample.*.units": ("of", "size", "method", "measure"),
        "contact": ("quarantine", "max_per_year", "cold_first", "hours", "tz", "channels"),
        "owners.*": ("name", "sees", "of", "within", "hours"),
        "privacy": ("min_cell", "employees", "keep_verbatim", "keep_identity"),
        "weights.*": ("rake", "trim"),
        "plan": ("outcome", "drivers", "segments", "dissonance", "expect", "alerts"),
        "plan.dissonance.*": ("a", "b", "smallest"),
        "plan.expect": ("units", "customers", "employees", "hot", "finite"),
        "plan.expect.units": ("drawn", "of", "together", "cost"),
        **dict.fromkeys(
            ("plan.expect.customers", "plan.expect.employees"),
            ("answers", "invited", "response", "of", "sd", "share", "sd_nps", "icc", "deff", "cost"),
        ),
        "plan.expect.hot.*": ("contacts", "delivered", "response", "alerts"),
        "plan.alerts.*": ("when", "owner", "call_back", "close", "minutes", "escalate"),
    }
)


def order_of(route: Route, keys: Sequence[str], languages: Sequence[str]) -> tuple[str, ...]:
    """The order of the keys of a mapping; nothing where it is that of its author.

    Parameters
    ----------
    route : where the mapping stands.
    keys : its keys.
    languages : those of the study, the source first.

    Examples
    --------
    >>> order_of(("owners", "quality"), ["sees", "name"], ["fr"]), order_of(("owners",), ["b", "a"], ["fr"])
    (('name', 'sees', 'of', 'within', 'hours'), ())
    """
    for pattern, order in ORDERS.items():
        parts = pattern.split(".") if pattern else []
        if len(parts) == len(route) and all(part in ("*", str(own)) for part, own in zip(parts, route, strict=True)):
            return order
    return tuple(languages) if keys and set(keys) <= set(languages) else ()


def in_order(named: Sequence[tuple[str, K]], order: Sequence[str]) -> list[K]:
    """Things in the order of their names; one whose name is not in it stays behind the one it followed.

    Examples
    --------
    >>> in_order([("scale", 1), ("note", 2), ("role", 3)], ("role", "scale"))
    [3, 1, 2]
    """
    ranks: list[int] = []
    for name, _ in named:
        ranks.append(order.index(name) if name in order else ranks[-1] if ranks else -1)
    return [named[place][1] for place in sorted(range(len(named)), key=lambda place: ranks[place])]
