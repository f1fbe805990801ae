"""The verdict strip: how many pairs are dissonant, aligned or open, and which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.report.charts.frame import key_mark
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.reasons import reasons
from symmetry.report.rows import GapRow

__all__ = ["ORDER", "quadrant_word", "standing", "verdict_strip", "verdict_word"]

ORDER = ("dissonant", "misjudged", "aligned", "accurate", "undetermined", "loose", "hidden")
_JUDGED = ORDER[:5]
_SURE = 0.80  # a quadrant less probable than this says so on the strip; the table says it of every pair


def standing(row: GapRow) -> str:
    """Where a pair belongs: its verdict, or why it has none."""
    if not row.shown:
        return "hidden"
    return row.verdict or "loose"


def verdict_word(row: GapRow, pen: Pen) -> str:
    """A verdict in words, with its grade: material says that the gap is beyond the smallest one even allowing for chance."""
    verdict = standing(row)
    return pen.word(f"verdict.{verdict}.material" if _is_material(row) else f"verdict.{verdict}")


def _is_material(row: GapRow) -> bool:
    return row.grade == "material" and standing(row) in ("dissonant", "misjudged")


def quadrant_word(row: GapRow, pen: Pen) -> str:
    """The quadrant of the French mirror survey that a settled pair is in, or the direction of a wrong guess; else nothing."""
    verdict = standing(row)
    if row.quadrant and verdict in ("dissonant", "aligned"):
        relative = verdict == "dissonant" and row.mirror == "parallel"
        return pen.word(f"quadrant.{row.quadrant}{'.relative' if relative else ''}", **pen.audiences())
    if verdict == "misjudged":
        return pen.word("quadrant.optimist" if (row.estimate or 0) < 0 else "quadrant.pessimist")
    return ""


def verdict_strip(rows: Sequence[GapRow], pen: Pen, *, title: str) -> Html:
    """One family of pairs: a bar of counts, then a chip for each pair under its verdict.

    Parameters
    ----------
    rows : the pairs of the family, overall.
    title : what the family is about.
    """
    groups = {verdict: [row for row in rows if standing(row) == verdict] for verdict in ORDER}
    groups = {verdict: found for verdict, found in groups.items() if found}
    lists = [
        _group(verdict, found, pen, many_faces=len({row.b for row in rows}) > 1) for verdict, found in groups.items()
    ]
    return element(
        "div", element("h3", title), _bar(groups, pen), element("div", *lists, class_="verdicts"), class_="family"
    )


def _bar(groups: Mapping[str, Sequence[GapRow]], pen: Pen) -> Html | None:
    judged = {verdict: len(found) for verdict, found in groups.items() if verdict in _JUDGED}
    total = sum(judged.values())
    if not total:
        return None
    parts: list[Html] = []
    start = 0.0
    for verdict, count in judged.items():
        width = 100 * count / total
        parts.append(
            element("rect", x=f"{start:.2f}%", width=f"{width:.2f}%", y="0", height="100%", class_=f"part {verdict}")
        )
        middle = f"{start + width / 2:.2f}%"
        parts.append(
            element(
                "text",
                pen.count(count, name=f"count/{verdict}"),
                x=middle,
                y="50%",
                text_anchor="middle",
                dominant_baseline="central",
                class_=f"on {verdict}",
            )
        )
        start += width
    said = ", ".join(f"{pen.word(f'verdict.{verdict}')} {count}" for verdict, count in judged.items())
    return element("svg", element("title", said), *parts, class_="tally", role="img", aria_label=said)


def _group(verdict: str, rows: Sequence[GapRow], pen: Pen, *, many_faces: bool) -> Html:
    ordered = sorted(rows, key=lambda row: (-abs(row.estimate or 0.0) / (row.smallest or 1.0), row.item, row.b))
    kinds: dict[str, list[GapRow]] = {}
    for row in ordered:
        kinds.setdefault(quadrant_word(row, pen), []).append(row)
    lists: list[Html] = []
    for kind, found in sorted(kinds.items(), key=lambda entry: not entry[0]):
        kind = kind or (pen.word("quadrant.between") if len(kinds) > 1 else "")
        chips = [element("li", *_chip(row, verdict, pen, many_faces=many_faces), class_="chip") for row in found]
        lists += [element("p", kind, class_="quadrant")] if kind else []
        lists.append(element("ul", *chips, role="list"))
    head = element(
        "h4",
        key_mark(verdict),
        " ",
        pen.word(f"verdict.{verdict}"),
        " ",
        element("span", pen.count(len(rows), name=f"count/{verdict}"), class_="tallied"),
    )
    means = reasons(rows, pen) if verdict == "hidden" else pen.word(f"verdict.{verdict}.means")
    if any(_is_material(row) for row in rows):
        means += pen.word("grade.material.means")
    return element(
        "div",
        element("div", head, element("p", means, class_="means")),
        element("div", *lists),
        class_=f"verdict {verdict}",
    )


def _chip(row: GapRow, verdict: str, pen: Pen, *, many_faces: bool) -> list[Html]:
    label = pen.item(row.item)
    if many_faces and row.b != "employee":
        label = f"{label} ({pen.word(f'face.short.{row.b}')})"
    head: list[Html] = [element("span", label, class_="label")]
    if row.estimate is not None:  # a loose pair is shown and has no gap
        head.append(element("span", pen.gap(row), class_="figure"))
    remarks = []
    if _is_material(row):
        remarks.append(pen.word("grade.material"))
    if quadrant_word(row, pen) and row.quadrant_chance is not None and row.quadrant_chance < _SURE:
        remarks.append(pen.word("quadrant.doubt", chance=pen.chance(row.quadrant_chance, name="quadrant_chance")))
    if verdict == "undetermined" and row.n_to_settle:
        remarks.append(pen.word("verdict.settle", n=pen.count(row.n_to_settle, name="n_to_settle")))
    return [*head, *(element("span", text, class_="remark") for text in remarks)]
