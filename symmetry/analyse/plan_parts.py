"""The parts of a plan that say where answers come from and how people were drawn, held against the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from symmetry.analyse.plan_form import FrozenForm, PlanForm, RolesForm, SourceForm, TruthForm
from symmetry.fieldwork import ColumnRule, Source, columns_of
from symmetry.spec import ALL, Faults, Route, Study, nearest

__all__ = ["Parts", "Roles", "Units"]

Units = Literal["shared", "apart", "surveyed"]


@dataclass(frozen=True)
class Roles:
    """Frame items that say how an audience was drawn; all optional."""

    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    fpc: str | None = None


class Parts:
    """Reads `data` and `design` of a plan, noting each problem."""

    def __init__(self, faults: Faults, form: PlanForm, study: Study, file: Path) -> None:
        self.faults, self.form, self.study, self.file = faults, form, study, file

    def data(self) -> tuple[Path | None, int | None, dict[tuple[str, str], Source]]:
        """A known truth with its seed, or a source for each wave and audience; neither where answers were frozen before."""
        data, sources = self.form.data, dict[tuple[str, str], Source]()
        files = [key for key in data if key not in ("simulate", "seed", "frozen")]
        if [bool(files), bool({"simulate", "seed"} & set(data)), "frozen" in data].count(True) != 1:
            several = "data come from files, from a known truth or were frozen before: this plan names two of them"
            what = several if data else "no data are named"
            mend = "give `simulate` and `seed`, or a file for each wave and audience, or `frozen` and a folder"
            self.faults.add("PLA02", ("data",), what, mend, key=True)
            return None, None, {}
        if "frozen" in data:
            return None, None, {}
        if not files:
            truth = self.faults.model(TruthForm, ("data",))
            path = self.file.parent / truth.simulate if truth else None
            if path is not None and not path.exists():
                self.faults.add(
                    "PLA03",
                    ("data", "simulate"),
                    f"there is no truth at `{path.name}`, seen from the plan",
                    "mend the path",
                )
                path = None
            return path, truth.seed if truth else None, {}
        for wave in files:
            if not self.faults.known(wave, self.form.waves, "wave of this plan", ("data", wave), key=True):
                continue
            given = data[wave] if isinstance(data[wave], dict) else {}
            asked = self.study.waves[wave].audiences if wave in self.study.waves else tuple(given)
            for audience in given:
                if self.faults.known(audience, asked, "audience in this wave", ("data", wave, audience), key=True):
                    source = self._source(wave, audience)
                    sources |= {(wave, audience): source} if source and wave in self.study.waves else {}
        for wave in self.form.waves:
            for audience in self.study.waves[wave].audiences if wave in self.study.waves else ():
                if self.faults.document.at(("data", wave, audience)) is None:
                    what = f"wave `{wave}` asks {audience}, and the plan names no data of theirs"
                    self.faults.add(
                        "PLA04", ("data", wave), what, f"add `{audience}: {{file: …, columns: …}}`", key=True
                    )
        return None, None, sources

    def frozen(self) -> Path | None:
        """The folder of answers frozen before, where the plan names one."""
        if set(self.form.data) != {"frozen"}:
            return None
        form = self.faults.model(FrozenForm, ("data",))
        return self.file.parent / form.frozen if form else None

    def _source(self, wave: str, audience: str) -> Source | None:
        """One file and its columns, each of which the study must hold for this audience in this wave."""
        at: Route = ("data", wave, audience)
        form = self.faults.model(SourceForm, at)
        if form is None or wave not in self.study.waves or audience not in self.study.waves[wave].audiences:
            return None
        held = {column.name: column.item for column in columns_of(self.study, wave, audience)}
        for name, rule in form.columns.items():
            place: Route = (*at, "columns", name)
            if self.faults.known(name, held, f"column of {audience} in this study", place, key=True):
                for text, value in (rule.values or {}).items():
                    options = held[name].values
                    if options is not None:
                        self.faults.known(value, options, f"category of `{name}`", (*place, "values", text))
        return Source(
            file=self.file.parent / form.file,
            columns={
                name: ColumnRule(rule.column, rule.characters, rule.values) for name, rule in form.columns.items()
            },
            where=form.where,
            respondent=form.respondent,
            encoding=form.encoding,
            ignore=None if form.ignore == [ALL] else tuple(form.ignore),
        )

    def design(self) -> tuple[dict[str, Roles], Units]:
        """The roles of each audience, and what the psus of both audiences are to each other."""
        roles = {audience: Roles() for audience in self.study.audiences if audience != "observers"}
        for key in self.form.design:
            at: Route = ("design", key)
            if key == "units" or not self.faults.known(key, (*self.study.audiences, "units"), "audience", at, key=True):
                continue
            form = self.faults.model(RolesForm, at)
            if form is None:
                continue
            roles[key] = Roles(form.weight, form.stratum, form.psu, form.fpc)
            frames = [item for item in self.study.items.values() if item.role == "frame" and key in item.audiences]
            for role in ("weight", "stratum", "psu", "fpc"):
                name = getattr(form, role)
                number = role in ("weight", "fpc")
                fit = [item.key for item in frames if item.numeric == number]
                if name is not None:
                    kind = f"{'number' if number else 'category or text'} among the frame items of {key}"
                    self.faults.known(name, fit, kind, (*at, role))
        return roles, self._units(roles)

    def _units(self, roles: Mapping[str, Roles]) -> Units:
        """What the psus of both audiences are to each other: one, two, or strata of which persons are the psus."""
        named, known = self.form.design.get("units"), get_args(Units)
        lonely = [audience for audience, role in roles.items() if role.psu is None]
        if named not in (None, *known):
            what = f"units are {', '.join(known[:-1])} or {known[-1]}, not `{named}`"
            self.faults.add("SPEC03", ("design", "units"), what, nearest(named, known))
        elif named in ("shared", "surveyed") and lonely:
            what = f"{lonely[0]} have no psu that could be {'shared' if named == 'shared' else 'a stratum'}"
            self.faults.add("PLA05", ("design", "units"), what, "give each audience its `psu`, or write `units: apart`")
        elif named == "shared" and len(roles) < 2:
            what = "one audience alone shares no unit"
            self.faults.add("PLA05", ("design", "units"), what, "delete it, or write `units: apart`")
        default: Units = "shared" if not lonely and len(roles) == 2 else "apart"
        return next((each for each in known if each == named), default)
