"""The words of a plan's outlook, in English and French (`planner_words_french`): plain ones, for those who choose the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symmetry.analyse.planner_words_french import FRENCH

__all__ = ["LANGUAGES", "WORDS", "Voice"]

_EN = {
    "title": "What this study will be able to say",
    "sample": "Planned sample: {customers} {a}, {employees} {b}{units}.",
    "sample.units": ", in {units} units",
    "of": "{number} (of {every})",
    "assumed": "Assumed, because nobody says: {list}. Write them in `plan: expect:` or give them as options.",
    "assumed.of": "{name} {value} ({audience})",
    "assumed.both": "{name} {value}",
    "assumed.sd": "spread of an answer",
    "assumed.share": "favourable share",
    "assumed.sd_nps": "spread of an NPS answer",
    "assumed.icc": "likeness inside a unit",
    "assumed.deff": "effect of weights",
    "assumed.together": "likeness of both audiences over units",
    "assumed.cost": "cost of an answer",
    "told": "Nothing is assumed: the study says it all.",
    "customers": "{a}",
    "employees": "{b}",
    "units": "units",
    "face.employee": "{A} and {b}",
    "face.management": "{A} and {b} on their manager",
    "face.cooperation": "{A} and {b} on other teams",
    "face.guess": "{A} and what {b} think they say",
    "head": "A gap of {margin}",
    "judged": "{who}: {number} pairs judged together",
    "answers": "answers",
    "error": "error",
    "aligned": "aligned",
    "if.none": "no gap",
    "if.staff": "all staff",
    "if": "at {gap}",
    "found": "found",
    "from": "from",
    "strict": "  hardest of {family}",
    "strict.by": "  hardest of {family} (BY)",
    "unit.points": "points",
    "unit.pct": "percentage points",
    "unit.nps": "NPS points",
    "unit.score": "points of 100",
    "unit.top": "percentage points of the highest answer",
    "elsewhere": "These pairs have their verdict in {unit}, the first of their margins; this one is told beside it.",
    "how": "Percentages are chances. `aligned, no gap`: to be told aligned where there is no gap; `all staff`: the "
    "same if all {b} answered; `found from`: the smallest true gap called dissonant {times}. Rows are for a pair "
    "alone; `hardest of 9`: where 9 pairs are judged together and no other one is clear, the worst that adjusting for"
    " them (BH, or BY for pairs judged against the other gaps) can do.",
    "points": "{number} points",
    "points.one": "{number} point",
    "pct": "{number} percentage points",
    "pct.one": "{number} percentage point",
    "top": "{number} percentage points of the highest answer",
    "top.one": "{number} percentage point of the highest answer",
    "score": "{number} points of 100",
    "score.one": "{number} point of 100",
    "nps": "{number} NPS points",
    "nps.one": "{number} NPS point",
    "everybody": "everybody",
    "inside": "inside one unit",
    "place": "{label}: {category}",
    "where": "where",
    "dissonant": "dissonant",
    "undetermined": "undetermined",
    "material": "dissonant, clearly more than the margin",
    "none": "-",
    "how.smallest": "Of each segment the smallest category is shown; --format csv has them all.",
    "cheapest": "The cheapest sample that gives a verdict {times}",
    "claim.dissonant": "dissonant, if the gap is {gap}",
    "claim.aligned": "aligned, if there is no gap",
    "cost": "cost",
    "verdict": "verdict",
    "colon": ":",
    "list": "; ",
    "say.none": "A gap of {margin}: there will be no verdict: {why}.",
    "chance": "as planned",
    "sentences": "In plain words",
    "say.alone": " for a pair judged alone",
    "say.aligned.yes": "A gap of {margin}: where there is no gap, the study will say so {chance} of the time{alone}"
    "{strict}.",
    "say.aligned.employees": "A gap of {margin}: where there is no gap, the study will say so only {chance} of the "
    "time{alone}{strict}; it would take more {b}.",
    "say.aligned.never": "A gap of {margin}: the study cannot say that there is no gap ({chance} of the time{alone}"
    "{strict}); not even if all {b} answered.",
    "say.strict": ", {strict} in the hardest case of {family} judged together",
    "say.found": "A true gap is found {times} from {gap} on{alone}{strict}.",
    "say.found.strict": ", from {gap} on in the hardest case of {family}",
    "say.found.strict.none": ", none that the scale allows in the hardest case of {family}",
    "say.found.none": "No gap that the scale allows is found {times}, not even by a pair judged alone.",
    "say.need": "Least costly to say “{claim}”{alone}: {sample}, for {cost}{strict} (planned: {planned}).",
    "say.need.strict": "; in the hardest case of {family}: {sample}, for {cost}",
    "say.need.strict.none": "; in the hardest case of {family} no sample there can be is enough",
    "say.need.none": "To say “{claim}” no sample there can be is enough, not even for a pair judged alone, unless the "
    "margin is wider.",
    "say.need.sample": "{customers} {a} and {employees} {b}{units}",
    "say.inside.none": "Inside one unit ({customers} {a}, {employees} {b}) there will be no verdict: {why}.",
    "say.inside": "Inside one unit ({customers} {a}, {employees} {b}) only gaps of {gap} or more are found {times}"
    "{alone}.",
    "say.inside.never": "Inside one unit ({customers} {a}, {employees} {b}) no gap is found {times}.",
    "say.left": "Segments whose sizes are not told are left out: {names}. Give both audiences a file of targets.",
    "say.relative": "Pairs in one's own relation are judged against the other gaps; they are planned as if they were "
    "not, which is cautious.",
    "why.hidden": "fewer than {least} answers are never shown",
    "why.few": "the answers are worth fewer than the verdict takes",
    "why.lone": "one unit alone says nothing of the others",
    "times": "{chance} of the time",
    "picture.verdicts": "Chance of each verdict",
    "picture.verdicts.means": "From left to right the true gap, from none to {times} times the smallest gap of "
    "interest (the dashed line); the higher a colour, the likelier its verdict, with the planned sample and for a "
    "pair alone.",
    "picture.ground": "How many to ask",
    "picture.ground.means": "Chance to say “aligned” where there is no gap, by the number of answers, a pair alone. "
    "The framed cell is the planned sample; a dash: no verdict.",
    "picture.tables": "Every place",
    "picture.tables.means": "Everybody, the smallest category of each segment, and inside one unit.",
    "load": "Calling people back",
    "load.means": "What alerts of a hot wave ask of those who call back, on an average day and on a full one.",
    "load.of": "{wave}: {owner}",
    "load.wave": "wave: who calls",
    "load.rate": "asked",
    "load.alerts": "alerts",
    "load.most": "full day",
    "load.needed": "needs",
    "load.hours": "there are",
    "load.borne": "borne",
    "load.over": "After `{wave}`, alerts need {needed} on a full day{besides}; four fifths of the {hours} of {owner} are "
    "{limit}: too much. Asked of {rate} of the events they are borne; write `rate: {write}` in its `sample`"
    "{instead}, or find more hours.",
    "load.fits": "After `{wave}`, alerts need {needed} on a full day{besides}; four fifths of the {hours} of {owner} are "
    "{limit}: they are borne, up to {rate} of the events.",
    "load.fits.all": "After `{wave}`, alerts need {needed} on a full day{besides}; four fifths of the {hours} of {owner} "
    "are {limit}: everybody can be asked.",
    "load.never": "After `{wave}`, nobody can be asked: alerts need {needed} on a full day{besides}, and four fifths of "
    "the {hours} of {owner} are {limit}.",
    "load.besides": " (with those of {waves})",
    "load.instead": " in place of `size`",
    "load.lacking": "After `{wave}`, some numbers are left out, for nobody says them: add {lines}",
    "load.how": "A full day: no more on 19 days in 20 (Poisson). Borne: it takes four fifths of the hours at most, at "
    "{minutes} minutes a case. Days that differ, as Mondays, come on top: so one fifth stays free.",
    "gap": "true gap, in {unit}",
    "picture.axes": "Across, answers of {a}; down, of {b}.",
    "or": " or ",
    "alt": "{margin}. No gap: aligned {aligned}, undetermined {open}. A gap of {gap}: dissonant {dissonant}.",
}
WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "fr": FRENCH}
LANGUAGES = tuple(WORDS)
_POINT, _THOUSANDS = {"en": ".", "fr": ","}, {"en": ",", "fr": "\u202f"}
_SMALL = 0.01


@dataclass(frozen=True)
class Voice:
    """Says things in one language, with the names that a study gives its audiences."""

    language: str
    customers: str = "customers"
    employees: str = "employees"

    def say(self, key: str, **fields: object) -> str:
        """A text of the catalogue with its fields filled, the first letter a capital where it is that of a name."""
        names = {"a": _running(self.customers), "b": _running(self.employees), "A": self.customers}
        return self._set(WORDS[self.language][key].format(**(names | fields)))

    def _set(self, text: str) -> str:
        """French spaces that a line may not break at."""
        for loose in ("« ", " »", " :", " ;", " %", " ?") if self.language == "fr" else ():
            text = text.replace(loose, loose.replace(" ", "\u00a0"))
        return text

    def number(self, value: float, decimals: int = 0) -> str:
        """A number, the zeros at its end left out.

        Examples
        --------
        >>> Voice("fr").number(0.45, 2), Voice("en").number(12590.0), Voice("en").number(0.3, 2)
        ('0,45', '12,590', '0.3')
        """
        plain = f"{value:,.{decimals}f}"
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return plain.translate({ord(","): _THOUSANDS[self.language], ord("."): _POINT[self.language]})

    def percent(self, value: float, *, bare: bool = False) -> str:
        """A chance; neither 0 nor 1 unless it is.

        Examples
        --------
        >>> Voice("en").percent(0.902), Voice("en").percent(0.9976), Voice("fr").percent(0.002, bare=True)
        ('90%', '>99%', '<1')
        """
        sign = "" if bare else {"en": "%", "fr": "\u00a0%"}[self.language]
        if 0 < value < _SMALL or 1 - _SMALL < value < 1:
            space = "" if bare or self.language == "en" else "\u00a0"
            return f"<{space}1{sign}" if value < _SMALL else f">{space}99{sign}"
        return f"{100 * value:.0f}{sign}"

    def margin(self, value: float, unit: str, *, bare: bool = False) -> str:
        """A gap in its unit; `bare` without it.

        Examples
        --------
        >>> Voice("fr").margin(0.3, "points"), Voice("en").margin(5, "pct"), Voice("en").margin(0.451, "points", bare=True)
        ('0,3 point', '5 percentage points', '0.45')
        """
        told = self.number(value, 2 if unit == "points" else 1)
        one = value < 2 if self.language == "fr" else told == "1"
        return told if bare else self.say(f"{unit}.one" if one else unit, number=told)


def _running(name: str) -> str:
    """A name in the middle of a sentence."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
