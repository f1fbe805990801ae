"""What an outlook says, part by part, in words and cells: the terminal and the page lay the same parts out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from symmetry.analyse.planner import Outlook
from symmetry.analyse.planner_scope import Compared
from symmetry.analyse.planner_words import Voice

__all__ = [
    "Group",
    "assumptions",
    "deciding",
    "groups",
    "judged",
    "needs_table",
    "places_table",
    "sample_told",
    "sentences",
    "voice_of",
]

_FAR = 1.5
Cells = list[list[str]]


@dataclass(frozen=True)
class Group:
    """Comparisons that one margin holds for, on scales of one length: their chances differ only by their families."""

    unit: str
    smallest: float
    compared: tuple[Compared, ...]
    table: pd.DataFrame
    needs: pd.DataFrame

    def of(self, one: Compared) -> pd.DataFrame:
        """Rows of the table of one of its comparisons."""
        return self.table[(self.table["a"] == one.a) & (self.table["b"] == one.b)]

    def needs_of(self, one: Compared, within: str) -> pd.DataFrame:
        """Samples for one of its comparisons, "alone" or "strict"."""
        rows = (self.needs["a"] == one.a) & (self.needs["b"] == one.b) & (self.needs["within"] == within)
        return self.needs[rows]

    @property
    def families(self) -> list[Compared]:
        """Comparisons of several pairs, one of each size of family."""
        several = {one.strict(1): one for one in self.compared if one.strict(1) > 1}
        return [several[size] for size in sorted(several)]

    @property
    def beside(self) -> bool:
        """Whether all its pairs have their verdict in another margin, so that this one is only told beside it."""
        return all(one.judged for one in self.compared)


def voice_of(found: Outlook, language: str) -> Voice:
    """The voice of an outlook, with the study's names of its audiences."""
    names = {key: found.audiences.get(key, {}) for key in ("customers", "employees")}
    return Voice(language, *(name.get(language) or next(iter(name.values()), key) for key, name in names.items()))


def groups(found: Outlook) -> list[Group]:
    """Comparisons by their margin, in the order of the plan."""
    keys = dict.fromkeys((one.unit, one.smallest, one.span) for one in found.compared)
    made = []
    for unit, smallest, span in keys:
        held = tuple(one for one in found.compared if (one.unit, one.smallest, one.span) == (unit, smallest, span))
        names = [f"{one.a}-{one.b}" for one in held]
        parts = []
        for table in (found.table, found.needs):
            same = (table["unit"] == unit) & (table["smallest"] == smallest)
            parts.append(table[same & (table["a"] + "-" + table["b"]).isin(names)])
        made.append(Group(unit, smallest, held, *parts))
    return made


def deciding(found: Outlook) -> list[Group]:
    """Groups in whose margin some pair has its verdict: those that are put into sentences and pictures."""
    return [group for group in groups(found) if not group.beside]


def judged(group: Group, voice: Voice) -> str:
    """Who is compared, and how many pairs are judged together."""
    told = [voice.say("judged", who=voice.say(f"face.{one.b}"), number=one.family) for one in group.compared]
    parts = [voice.say("list").join(told) + "."]
    if group.beside:
        units = dict.fromkeys(voice.say(f"unit.{one.judged}") for one in group.compared)
        parts.append(voice.say("elsewhere", unit=", ".join(units)))
    return " ".join(parts)


def sample_told(found: Outlook, voice: Voice) -> str:
    """The planned sample in one sentence."""
    facts = found.facts

    def of(number: float, every: float) -> str:
        told = voice.number(number)
        return voice.say("of", number=told, every=voice.number(every)) if math.isfinite(every) else told

    units = voice.say("sample.units", units=of(facts.units, facts.all_units)) if facts.units is not None else ""
    both = {side.name: of(side.answers, side.population) for side in facts.sides}
    return voice.say("sample", **both, units=units)


def assumptions(found: Outlook, voice: Voice) -> str:
    """What nobody said, and what is taken instead."""
    told = []
    for each in found.facts.assumed:
        fields = {"name": voice.say(f"assumed.{each.name}"), "value": voice.number(each.value, 2)}
        audience = voice.say(each.audience) if each.audience else ""
        told.append(voice.say("assumed.of" if audience else "assumed.both", **fields, audience=audience))
    return voice.say("assumed", list=", ".join(told)) if told else voice.say("told")


def places_table(found: Outlook, group: Group, voice: Voice) -> tuple[Cells, Cells]:
    """Heads in two lines, and a row for everybody (alone, and in each family), the smallest category of each segment, a unit."""
    rows = group.of(group.compared[0])
    far = min(rows["gap"], key=lambda each: abs(each - _FAR * group.smallest))
    at = voice.say("if", gap=voice.margin(far, group.unit, bare=True))
    names = ("where", "answers", "error", "aligned", "aligned", "dissonant", "found")
    heads = [
        [voice.say(key) for key in names],
        ["", "", "", voice.say("if.none"), voice.say("if.staff"), at, voice.say("from")],
    ]
    cells: Cells = []
    for by, domain in _smallest(rows):
        here = rows[(rows["by"] == by) & (rows["domain"] == domain)]
        none, some = here[here["gap"] == here["gap"].min()].iloc[0], here[here["gap"] == far].iloc[0]
        cells.append(
            [_place(by, domain, found, voice), *_answers(none, group, voice), *_chances(none, some, "", group, voice)]
        )
        for one in group.families if not by and not none["note"] else ():
            own = group.of(one)
            own = own[(own["by"] == "") & (own["domain"] == "")]
            hard = own[own["gap"] == own["gap"].min()].iloc[0], own[own["gap"] == far].iloc[0]
            cells.append([_strict(one, voice), "", "", *_chances(*hard, "_strict", group, voice)])
    return heads, cells


def needs_table(group: Group, voice: Voice) -> tuple[Cells, Cells]:
    """Heads and, for each verdict, the cheapest samples: for a pair alone, and in the hardest case of each family."""
    heads = [[voice.say(key) for key in ("verdict", "units", "customers", "employees", "cost", "chance")]]
    first, cells = group.needs_of(group.compared[0], "alone"), list[list[str]]()
    for claim in first["claim"]:
        for one, within in [(group.compared[0], "alone"), *((each, "strict") for each in group.families)]:
            rows = group.needs_of(one, within)
            row = rows[rows["claim"] == claim].iloc[0]
            gap = voice.margin(row["gap"], group.unit, bare=True)
            name = voice.say(f"claim.{claim}", gap=gap) if within == "alone" else _strict(one, voice)
            numbers = [row[key] for key in ("units", "customers", "employees", "cost")]
            told = [voice.number(each) if _known(each) else voice.say("none") for each in numbers]
            cells.append([name, *told, voice.percent(row["planned_chance"], bare=True)])
    return heads, cells


def sentences(found: Outlook, voice: Voice) -> list[str]:
    """What can be concluded, what cannot, and what it would take."""
    times = voice.say("times", chance=voice.percent(found.chance))
    said = [_of_everybody(group, found, voice, times) for group in deciding(found)]
    said += _inside(found, voice, times)
    if any(one.relative for one in found.compared):
        said.append(voice.say("say.relative"))
    if found.left:
        said.append(voice.say("say.left", names=", ".join(found.left)))
    return list(dict.fromkeys(said))


def _strict(one: Compared, voice: Voice) -> str:
    return voice.say("strict.by" if one.harder else "strict", family=one.family)


def _smallest(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Everybody, the category of each segment with the fewest answers, and inside one unit."""
    least = rows[["customers", "employees"]].min(axis=1)
    kept = [least.loc[part.index].idxmin() for _, part in rows.groupby("by", sort=False)]
    return [(str(rows.loc[place, "by"]), str(rows.loc[place, "domain"])) for place in kept]


def _place(by: str, domain: str, found: Outlook, voice: Voice) -> str:
    if by in ("", "unit"):
        return voice.say("inside" if by else "everybody")
    words = found.words.get(by, {})
    texts = ((words.get("label", {}), by), (words.get("values", {}).get(domain, {}), domain))
    label, category = (text.get(voice.language) or next(iter(text.values()), key) for text, key in texts)
    return voice.say("place", label=label.lower(), category=category)


def _answers(row: Any, group: Group, voice: Voice) -> list[str]:
    both = f"{voice.number(row['customers'])} / {voice.number(row['employees'])}"
    return [both, voice.number(row["se"], 3 if group.unit == "points" else 1)]


def _chances(none: Any, some: Any, suffix: str, group: Group, voice: Voice) -> list[str]:
    """Aligned without a gap, the same with all staff, dissonant at a larger gap, found from; a dash where nothing can be said."""
    gap, dash = float(none[f"found_from{suffix}"]), voice.say("none")
    found = dash if math.isnan(gap) else voice.margin(gap, group.unit, bare=True)
    staff = "" if suffix else voice.percent(none["aligned_ever"], bare=True)
    if none["note"]:
        return [dash, staff, dash, found]
    aligned, dissonant = (
        voice.percent(row[f"{name}{suffix}"], bare=True) for row, name in ((none, "aligned"), (some, "dissonant"))
    )
    return [aligned, staff, dissonant, found]


def _of_everybody(group: Group, found: Outlook, voice: Voice, times: str) -> str:
    """What one margin lets the study say of everybody, and the least costly sample."""
    rows = group.of(group.compared[0])
    first = rows[rows["by"] == ""].iloc[0]
    margin = voice.margin(group.smallest, group.unit)
    if first["note"]:
        return voice.say("say.none", margin=margin, why=voice.say(f"why.{first['note']}", least=found.min_cell))
    alone, hardest = voice.say("say.alone") if group.families else "", group.families[-1:]
    chance = voice.percent(float(first["aligned"]))
    told = found_strict = ""
    for one in hardest:
        rows = group.of(one)
        hard = rows[rows["by"] == ""].iloc[0]
        told = voice.say("say.strict", strict=voice.percent(float(hard["aligned_strict"])), family=one.family)
        gap = float(hard["found_from_strict"])
        found_strict = voice.say(
            "say.found.strict.none" if math.isnan(gap) else "say.found.strict",
            gap=voice.margin(gap, group.unit),
            family=one.family,
        )
    parts = [voice.say(f"say.aligned.{first['ever']}", margin=margin, chance=chance, alone=alone, strict=told)]
    gap = float(first["found_from"])
    if math.isnan(gap):
        parts.append(voice.say("say.found.none", times=times))
    else:
        fields = {"gap": voice.margin(gap, group.unit), "alone": alone, "strict": found_strict}
        parts.append(voice.say("say.found", times=times, **fields))
    return " ".join([*parts, *_least(group, hardest, voice, alone)])


def _least(group: Group, hardest: list[Compared], voice: Voice, alone: str) -> list[str]:
    """The least costly sample for each claim: of a pair alone, and in the hardest case."""
    said = []
    for _, row in group.needs_of(group.compared[0], "alone").iterrows():
        claim = voice.say(f"claim.{row['claim']}", gap=voice.margin(row["gap"], group.unit))
        if row["note"]:
            said.append(voice.say("say.need.none", claim=claim))
            continue
        strict = ""
        for one in hardest:
            needs = group.needs_of(one, "strict")
            hard = needs[needs["claim"] == row["claim"]].iloc[0]
            key = "say.need.strict.none" if hard["note"] else "say.need.strict"
            strict = voice.say(key, family=one.family, **_sample(hard, voice))
        planned = voice.number(row["planned_cost"])
        fields = {"claim": claim, "alone": alone, "strict": strict, "planned": planned}
        said.append(voice.say("say.need", **fields, **_sample(row, voice)))
    return said


def _sample(row: Any, voice: Voice) -> dict[str, str]:
    """A sample in words, and what it costs; nothing where there is none."""
    if row["note"]:
        return {}
    units = voice.say("sample.units", units=voice.number(row["units"])) if _known(row["units"]) else ""
    both = {name: voice.number(row[name]) for name in ("customers", "employees")}
    return {"sample": voice.say("say.need.sample", **both, units=units), "cost": voice.number(row["cost"])}


def _inside(found: Outlook, voice: Voice, times: str) -> list[str]:
    """What can be said inside one unit; nothing where nobody spoke of units."""
    kept = deciding(found)
    units = pd.concat([group.table for group in kept])
    units = units[(units["by"] == "unit") & (units["gap"] == 0)]
    if units.empty:
        return []
    first = units.iloc[0]
    fields: dict[str, str] = {name: voice.number(first[name]) for name in ("customers", "employees")}
    if first["note"]:
        return [voice.say("say.inside.none", **fields, why=voice.say(f"why.{first['note']}", least=found.min_cell))]
    pairs = zip(units["found_from"], units["unit"], strict=True)
    gaps = dict.fromkeys(voice.margin(gap, unit) for gap, unit in pairs if not math.isnan(gap))
    if not gaps:
        return [voice.say("say.inside.never", **fields, times=times)]
    alone = voice.say("say.alone") if any(group.families for group in kept) else ""
    return [voice.say("say.inside", **fields, times=times, alone=alone, gap=voice.say("or").join(gaps))]


def _known(value: Any) -> bool:
    return value is not None and not math.isnan(float(value))
