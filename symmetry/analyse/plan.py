"""An analysis declared before its data: which answers, drawn how, compared where.

Outcome, drivers, segments, smallest gaps and thresholds come from the study's own `plan:` and `privacy:`.  What a plan
changes of them is a departure, kept as a sentence that the report prints; a threshold may only rise.  Paths are relative to
the plan.  The files themselves are opened by `fieldwork`, so that a plan can be read where its data are not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from symmetry.analyse.plan_form import LonelyPsu, Missing, PlanForm
from symmetry.analyse.plan_parts import Parts, Roles, Units
from symmetry.analyse.plan_tabulated import Tabulation, read_tabulation
from symmetry.errors import SpecError
from symmetry.fieldwork import Source
from symmetry.spec import (
    ALL,
    Comparison,
    Faults,
    Item,
    Margin,
    Study,
    Text,
    check_text,
    check_units,
    in_order,
    load,
    read_yaml,
    units_of,
)

__all__ = ["Plan", "Roles", "load_plan"]


_DEPARTURES = {
    "en": (
        {"outcome": "Outcome", "drivers": "Drivers", "segments": "Segments", "smallest": "Smallest gap of interest"},
        "{part}: {now} (the study announced {before}).",
    ),
    "fr": (
        {"outcome": "Résultat", "drivers": "Leviers", "segments": "Segments", "smallest": "Plus petit écart d'intérêt"},
        "{part} : {now} (l'étude prévoyait {before}).",
    ),
}


@dataclass(frozen=True)
class Plan:
    """What to analyse, ready to run; `departures` say, in each language, what the study had not registered.

    `waves` begins with the main one. Answers come from `truth` and `seed`, or from `sources`, one per wave and audience, or
    lie in the folder `frozen`. `units` says whether a psu that both audiences have is one ("shared") or two ("apart"), or a
    stratum of persons in each audience, all units being surveyed ("surveyed"); `unit` is the frame item of the picture of
    units; `published` names who made figures of whole units public, where nothing is left to protect; `missing` is what
    becomes of respondents who lack an answer to a driver; `tabulated` is a file of counts that stands beside the answers.
    """

    path: Path
    key: str
    study: Study
    language: str
    waves: tuple[str, ...]
    truth: Path | None
    seed: int | None
    sources: Mapping[tuple[str, str], Source]
    roles: Mapping[str, Roles]
    units: Units
    unit: str | None
    segments: tuple[str, ...]
    outcome: str
    drivers: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    min_cell: int
    published: str | None
    level: float
    adjust: Literal["bh", "by", "holm", "two_stage"]
    lonely_psu: LonelyPsu
    missing: Missing
    notes: Mapping[str, tuple[str, ...]]
    departures: tuple[Text, ...]
    digest: str
    title: Text = field(default_factory=dict)
    tabulated: Tabulation | None = None
    frozen: Path | None = None


def load_plan(path: Path | str) -> Plan:
    """Read a plan and its study, and hold one against the other.

    Parameters
    ----------
    path : `plan.yaml` or its folder.

    Raises
    ------
    SpecError : every problem of the plan, or of its study, with file, line and column.
    """
    file = Path(path)
    file = file if file.suffix in (".yaml", ".yml") else file / "plan.yaml"
    faults = Faults(document := read_yaml(file), list(document.problems))
    if not isinstance(document.data, dict):
        if not document.problems:
            faults.add("SPEC03", (), "a plan is a mapping: {key: value}", "begin with `study: …`")
        raise SpecError(faults.problems)
    form = faults.model(PlanForm, ())
    study = _study(faults, file)
    if form is None or study is None:
        raise SpecError(in_order(faults.problems, file))
    plan = _Reader(faults, form, study, file).plan()
    if faults.problems:
        raise SpecError(in_order(faults.problems, file))
    return plan


def _study(faults: Faults, file: Path) -> Study | None:
    """The study of a plan; its own problems are the plan's."""
    named = faults.document.at(("study",))
    if not isinstance(named, str):
        return None
    if not (file.parent / named).exists():
        faults.add("PLA01", ("study",), f"there is no study at `{named}`, seen from the plan", "mend the path")
        return None
    try:
        return load(file.parent / named)
    except SpecError as error:
        faults.problems.extend(error.problems)
        return None


class _Reader(Parts):
    """Holds a plan's form against its study, part by part."""

    def __init__(self, faults: Faults, form: PlanForm, study: Study, file: Path) -> None:
        super().__init__(faults, form, study, file)
        self.departures: list[Text] = []

    def plan(self) -> Plan:
        """Every part of the plan; where problems were noted, parts may be missing."""
        form, study = self.form, self.study
        language = form.language or study.languages[0]
        self.faults.known(language, study.languages, "language of this study", ("language",))
        for index, wave in enumerate(form.waves):
            if self.faults.known(wave, study.waves, "wave", ("waves", index)):
                self._check_wave(wave, index)
        truth, seed, sources = self.data()
        frozen = self.frozen()
        roles, units = self.design()
        registered = study.registered
        segments = self._chosen("segments", form.segments, registered.segments, self._categorical())
        drivers = self._chosen("drivers", self._drivers(), registered.drivers, self._of("driver"))
        outcome = self._outcome()
        comparisons = self._comparisons()
        if form.unit is not None:
            held = [key for key, item in study.items.items() if item.role == "frame" and not item.numeric]
            self.faults.known(form.unit, held, "frame item to make units of", ("unit",))
        return Plan(
            path=self.file,
            key=self.file.parent.resolve().name if self.file.stem == "plan" else self.file.stem,
            study=study,
            language=language,
            waves=tuple(form.waves),
            truth=truth,
            frozen=frozen,
            seed=seed,
            sources=sources,
            roles=roles,
            units=units,
            unit=form.unit,
            segments=segments,
            outcome=outcome,
            drivers=drivers,
            comparisons=comparisons,
            min_cell=self._min_cell(),
            published=self._published(),
            level=form.level,
            adjust=form.adjust,
            lonely_psu=form.lonely_psu,
            missing=form.missing,
            notes=self._notes(),
            departures=tuple(self.departures),
            digest=_digest(self.file, truth),
            title=check_text(self.faults, form.title, study.languages, ("title",)) or study.title,
            tabulated=read_tabulation(self.faults, form, study, self.file),
        )

    def _chosen(
        self, part: str, chosen: Sequence[str] | None, registered: tuple[str, ...], options: Sequence[str]
    ) -> tuple[str, ...]:
        """What the plan chooses instead of what was registered; a departure where they differ."""
        if chosen is None:
            return registered
        for index, key in enumerate(chosen):
            self.faults.known(key, options, part.rstrip("s"), (part, index))
        if list(chosen) != list(registered):
            self._depart(part, ", ".join(chosen) or "–", ", ".join(registered) or "–")
        return tuple(chosen)

    def _depart(self, part: str, now: str, before: str) -> None:
        """Tell a departure in every language of the report."""
        self.departures.append(
            {
                language: sentence.format(part=words[part], now=now, before=before)
                for language, (words, sentence) in _DEPARTURES.items()
            }
        )

    def _published(self) -> str | None:
        """Who made the figures public: a claim that fits unit figures alone, never the answers of persons."""
        named = self.form.published
        answers = [item for item in self.study.items.values() if item.faces and item.scale and not item.scale.published]
        if named is not None and answers:
            what = f"`{answers[0].key}` holds answers of persons: a plan cannot declare them public"
            mend = "remove `published:`; it is for figures of whole units, on scales of type percent or score"
            self.faults.add("PLA07", ("published",), what, mend, key=True)
        return named

    def _outcome(self) -> str:
        registered, chosen = self.study.registered.outcome, self.form.outcome
        if chosen is None:
            return registered
        if self.faults.known(chosen, self._of("outcome"), "outcome", ("outcome",)) and chosen != registered:
            self._depart("outcome", chosen, registered)
        return chosen

    def _check_wave(self, wave: str, index: int) -> None:
        """An analysis reads what customers and employees answered; its first wave asks the outcome."""
        asked = self.study.waves[wave]
        if "observers" in asked.audiences:
            what = f"wave `{wave}` is filled in by observers: there is nothing to weight or to compare"
            self.faults.add("PLA08", ("waves", index), what, "leave it out; `import` and `freeze` keep its answers")
        outcome = self.form.outcome or self.study.registered.outcome
        if index == 0 and outcome in self.study.items and outcome not in asked.items:
            what = f"the first wave, `{wave}`, does not ask the outcome `{outcome}`"
            self.faults.add("PLA09", ("waves", index), what, "put a wave that asks it first, or name another outcome")

    def _drivers(self) -> Sequence[str] | None:
        return self._of("driver") if self.form.drivers == [ALL] else self.form.drivers

    def _of(self, role: str) -> list[str]:
        return [key for key, item in self.study.items.items() if item.role == role]

    def _categorical(self) -> list[str]:
        return [key for key, item in self.study.items.items() if item.values]

    def _comparisons(self) -> tuple[Comparison, ...]:
        """The study's comparisons, with the plan's margins where it names some."""
        registered, chosen = self.study.registered.comparisons, self.form.smallest
        if chosen is None:
            return registered
        items = list(self.study.items.values())
        paired = [item for each in registered for item in items if {each.a, each.b} <= set(item.faces)]
        check_units(self.faults, ("smallest",), chosen, paired)
        changed = tuple(replace(each, smallest=_margins(each, chosen, items)) for each in registered)
        for old, new in zip(registered, changed, strict=True):
            if old != new:
                before, now = (" / ".join(map(str, each.smallest)) for each in (old, new))
                self._depart("smallest", f"{now} ({old.a}–{old.b})", before)
        return changed

    def _min_cell(self) -> int:
        least, chosen = self.study.privacy.min_cell, self.form.min_cell
        if chosen is not None and chosen < least:
            what = f"cells of {chosen} answers: the study promised at least {least}"
            self.faults.add("PLA06", ("min_cell",), what, "a threshold may only rise")
        return least if chosen is None else chosen

    def _notes(self) -> dict[str, tuple[str, ...]]:
        for language in self.form.notes:
            self.faults.known(language, self.study.languages, "language of this study", ("notes", language), key=True)
        return {language: tuple(texts) for language, texts in self.form.notes.items()}


def _margins(registered: Comparison, chosen: Sequence[Margin], items: Sequence[Item]) -> tuple[Margin, ...]:
    """The registered margins, each replaced by the plan's in its unit, and the plan's in units that the pairs use."""
    used = {unit for item in items if {registered.a, registered.b} <= set(item.faces) for unit in units_of(item)}
    by_unit = {margin.unit: margin for margin in registered.smallest}
    by_unit |= {margin.unit: margin for margin in chosen if margin.unit in used}
    return tuple(by_unit.values())


def _digest(file: Path, truth: Path | None) -> str:
    """One hash of the plan and its truth, whatever the line ends of the system."""
    sha = hashlib.sha256()
    for each in (file, truth):
        if each is not None:
            sha.update("\n".join(each.read_text(encoding="utf-8-sig").splitlines()).encode() + b"\0")
    return sha.hexdigest()
