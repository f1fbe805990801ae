"""The picture holds what the table says: marks at the margins' places, bars for all weights, nothing that breaks XML."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import numpy as np
import pandas as pd

from symmetry import weights

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = pd.DataFrame({"region": ["north & <east>"] * 3 + ["south"], "w": [1.0, 1.0, 2.0, 4.0]})
RAKED = weights.rake(SAMPLE, {"region": {"north & <east>": 0.75, "south": 0.25}}, weight="w")


def drawn(frame: pd.DataFrame) -> Xml.Element:
    """The picture, parsed."""
    return Xml.fromstring(weights.plot(frame))


def test_marks_stand_at_the_margins() -> None:
    """Before 50 and 50 %, after 75 and 25 %: the marks' places are linear in the shares, the targets under them."""
    circles = [float(mark.get("cx", 0)) for mark in drawn(RAKED).iter(f"{SVG}circle")][2:]
    bars = [float(mark.get("x1", 0)) for mark in drawn(RAKED).iter(f"{SVG}line") if mark.get("stroke-width") == "2"][1:]
    before, after = circles[::2], circles[1::2]
    np.testing.assert_allclose(before[0], before[1])
    np.testing.assert_allclose(after, bars)
    np.testing.assert_allclose((after[0] - 200) / (after[1] - 200), 3, rtol=1e-3)


def test_every_weight_is_in_a_bar() -> None:
    """Heights of the histogram's bars are proportional to counts: 4 weights in all, the mean weight named 1."""
    bars = [float(mark.get("height", 0)) for mark in drawn(RAKED).iter(f"{SVG}rect")][1:]
    assert 4 == round(sum(bars) / (max(bars) / 2)) or 4 == round(sum(bars) / max(bars))
    texts = [mark.text for mark in drawn(RAKED).iter(f"{SVG}text")]
    assert {"north & <east>", "south", "region", "before", "after", "target"} <= set(texts)


def test_weights_without_margins_have_their_distribution() -> None:
    """A frame that remembers nothing shows the weights alone; so do negative weights."""
    for values in ([1.0, 2.0, 3.0], [-1.0, 2.0, 3.0, 0.0], [1.0, 1.0]):
        assert [] == list(drawn(pd.DataFrame({"weight": values})).iter(f"{SVG}circle"))


def test_no_more_than_sixty_categories_are_drawn() -> None:
    """Of a thousand categories the sixty farthest from their target before weighting are drawn."""
    frame = pd.DataFrame({"c": np.arange(1000)})
    targets = {"c": {c: (c + 1) / 500500 for c in range(1000)}}
    assert 2 * 61 == len(list(drawn(weights.rake(frame, targets)).iter(f"{SVG}circle")))
