"""Where a label may stand beside its mark without meeting a mark or another label: in pixels, for one width of the plot."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["PLACES", "sides"]

Side = tuple[int, int, str]
Box = tuple[float, float, float, float]

PLACES: tuple[Side, ...] = (
    *((9, 4, "start"), (-9, 4, "end"), (0, -9, "middle"), (0, 18, "middle")),
    *((9, -9, "start"), (9, 17, "start"), (-9, -9, "end"), (-9, 17, "end"), (0, -22, "middle"), (0, 31, "middle")),
)


def sides(
    spots: Sequence[tuple[float, float]],
    lengths: Sequence[float],
    *,
    within: tuple[float, float],
    others: Sequence[tuple[float, float]] = (),
    order: Sequence[Side] = PLACES,
) -> list[Side | None]:
    """The first free side of each mark, in their order; None where its label fits nowhere.

    Parameters
    ----------
    spots : marks that carry a label, in pixels from the top left.
    lengths : how long their labels are, in pixels.
    within : width and height of the plot.
    others : marks without a label, which labels keep clear of too.
    order : the sides to try, the best one first.

    Notes
    -----
    A label that fits nowhere is taken to stand at the right or at the left, in turn: the next ones keep clear of it.

    Examples
    --------
    >>> sides([(50.0, 50.0), (70.0, 50.0)], [8.0, 8.0], within=(100.0, 100.0))
    [(-9, 4, 'end'), (9, 4, 'start')]
    """
    taken = [_around(x, y) for x, y in spots]
    marks = [_around(x, y) for x, y in others]
    found: list[Side | None] = []
    for place, ((x, y), long) in enumerate(zip(spots, lengths, strict=True)):
        full = taken[:place] + taken[place + 1 :] + marks
        side = next((side for side in order if not _meets(_box(x, y, side, long), full, within)), None)
        taken.append(_box(x, y, side or order[place % 2], long))
        found.append(side)
    return found


def _around(x: float, y: float) -> Box:
    return x - 8, y - 8, x + 8, y + 8


def _box(x: float, y: float, side: Side, long: float) -> Box:
    dx, dy, anchor = side
    left = x + dx - {"start": 0.0, "middle": long / 2, "end": long}[anchor]
    return left, y + dy - 11, left + long, y + dy + 2


def _meets(box: Box, others: Sequence[Box], within: tuple[float, float]) -> bool:
    over = any(box[0] < one[2] and one[0] < box[2] and box[1] < one[3] and one[1] < box[3] for one in others)
    return over or box[0] < 0 or box[2] > within[0] + 12 or box[1] < 0 or box[3] > within[1]
