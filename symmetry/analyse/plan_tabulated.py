"""The part of a plan that names counts of answers: which file, whose counts, and what their options mean.

Counts stand beside the answers that the study describes.  Their items need no wording and no place in the study, so what is an
answer and what is favourable is declared here, by the number of options of an item; nothing is guessed from the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from symmetry.analyse.plan_form import CountColumnsForm, OptionsForm, PlanForm, TabulatedForm
from symmetry.fieldwork import TabulatedSource
from symmetry.spec import Faults, Route, Study

__all__ = ["Tabulation", "read_tabulation"]

_AT = ("tabulated",)


@dataclass(frozen=True)
class Tabulation:
    """Counts of answers that a plan names, and how to read them.

    Attributes
    ----------
    source : the file; its `audiences` are those of the study, then the `others` under their own names.
    wave : of which wave the counts are.
    unit : the frame item whose values are the file's units.
    missing : number of options → those that are no answer ("don't know").
    favourable : number of options → those that are favourable; option 1 where nothing is said.
    lists : numbers of options that make an item a list of unlike things, of which there is no mean.
    """

    source: TabulatedSource
    wave: str
    unit: str
    missing: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    favourable: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    lists: tuple[int, ...] = ()

    def ends(self, options: int) -> tuple[int, int]:
        """The first and the last option of items with so many that is an answer.

        Examples
        --------
        >>> source = TabulatedSource(Path("counts.csv"), {}, {})
        >>> Tabulation(source, "once", "school", missing={5: (5,)}).ends(5)
        (1, 4)
        """
        answers = [option for option in range(1, options + 1) if option not in self.missing.get(options, ())]
        return answers[0], answers[-1]


def read_tabulation(faults: Faults, form: PlanForm, study: Study, file: Path) -> Tabulation | None:
    """Read `tabulated:` of a plan, noting each problem; None where the plan has none, or it cannot be read."""
    if form.tabulated is None:
        return None
    made = faults.model(TabulatedForm, _AT)
    columns = faults.model(CountColumnsForm, (*_AT, "columns")) if isinstance(_at(faults, "columns"), dict) else None
    options = faults.model(OptionsForm, (*_AT, "options")) if isinstance(_at(faults, "options"), dict) else None
    options = options or OptionsForm()
    _check_options(faults, options)
    if {"simulate", "seed"} & set(form.data):
        what = "the answers of this plan are simulated: real counts do not belong beside them"
        faults.add("PLA12", _AT, what, "delete `tabulated:`, or name files of answers", key=True)
    if made is None:
        return None
    wave = made.wave or form.waves[0]
    if made.wave is not None:
        faults.known(made.wave, form.waves, "wave of this plan", (*_AT, "wave"))
    units = [key for key, item in study.items.items() if item.role == "frame" and not item.numeric]
    faults.known(made.unit, units, "frame item that names units", (*_AT, "unit"))
    _check_audiences(faults, made, study)
    if columns is None:
        return None
    named = made.audiences | {text: text for text in made.others}
    source = TabulatedSource(file.parent / made.file, columns.model_dump(), named, made.encoding)
    return Tabulation(source, wave, made.unit, options.missing, options.favourable, tuple(options.lists))


def _at(faults: Faults, key: str) -> object:
    return faults.document.at((*_AT, key))


def _check_audiences(faults: Faults, made: TabulatedForm, study: Study) -> None:
    """Each text names one audience of the study, or one of the others under its own name."""
    at: Route = (*_AT, "audiences")
    for text, audience in made.audiences.items():
        faults.known(audience, study.audiences, "audience of this study", (*at, text))
        before = list(made.audiences)[: list(made.audiences).index(text)]
        for other in before:
            if made.audiences[other] == audience:
                what = f"`{other}` and `{text}` are both {audience}: their counts would be mixed"
                faults.add("PLA10", (*at, text), what, "name one of them in `others:`")
    faults.twice(made.others, (*_AT, "others"))
    for index, text in enumerate(made.others):
        if text in made.audiences or text in study.audiences:
            what = f"`{text}` is an audience already: the others are those whom the study does not ask"
            faults.add("PLA10", (*_AT, "others", index), what, "delete it here")


def _check_options(faults: Faults, options: OptionsForm) -> None:
    """Options that an item has, some left to answer with, favourable ones among the answers, and no mean of a list."""
    for part in ("missing", "favourable"):
        for number, chosen in getattr(options, part).items():
            at = _place(faults, part, number)
            answers = [
                each for each in range(1, number + 1) if part == "missing" or each not in _missing(options, number)
            ]
            for option in dict.fromkeys(chosen):
                if option not in answers:
                    why = "which is no answer" if option <= number else f"and has {number}"
                    what = f"`{part}` of items with {number} options names option {option}, {why}"
                    faults.add("PLA11", at, what, f"take some of: {', '.join(map(str, answers))}")
            if set(answers) <= set(chosen):
                what = f"`{part}` of items with {number} options names every one of them"
                faults.add("PLA11", at, what, "leave one out")
            elif part == "missing" and _torn(number, chosen):
                what = f"`missing` of items with {number} options leaves a gap between their answers"
                faults.add("PLA11", at, what, "name options at an end, or put the items in `lists`")
            if number in options.lists:
                what = f"items with {number} options are `lists`, and `{part}` says which of their options count"
                faults.add("PLA11", at, what, f"delete {number} here, or there")


def _torn(number: int, missing: Sequence[int]) -> bool:
    """Whether the options that are left are no run of whole numbers, so that their mean would count a step that is none."""
    left = [option for option in range(1, number + 1) if option not in missing]
    return left[-1] - left[0] >= len(left)


def _missing(options: OptionsForm, number: int) -> tuple[int, ...]:
    found: tuple[int, ...] = options.missing.get(number, ())
    return found


def _place(faults: Faults, part: str, number: int) -> Route:
    """Where the options of items with so many options are declared."""
    at: Route = (*_AT, "options", part)
    held = faults.document.at(at)
    key = next((key for key in held if str(key) == str(number)), None) if isinstance(held, dict) else None
    return at if key is None else (*at, key)
