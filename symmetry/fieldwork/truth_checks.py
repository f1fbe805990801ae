"""What the form of truth.yaml cannot tell: shares that sum to one, words that the study knows, nothing left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symmetry.errors import Problem
from symmetry.fieldwork.columns import columns_of
from symmetry.fieldwork.truth_model import TruthModel, level_of
from symmetry.spec import AUDIENCE_OF, Document, Item, Route, Study, nearest

__all__ = ["faults"]


def faults(document: Document, study: Study, model: TruthModel) -> list[Problem]:
    """Find every fault of a truth that has the right form, each with its place in the file."""
    return _Checks(document, study, model).problems


class _Checks:
    """What the form alone cannot tell: shares that sum to one, and words that mean something in the study."""

    def __init__(self, document: Document, study: Study, model: TruthModel) -> None:
        self.document, self.study, self.model = document, study, model
        self.problems: list[Problem] = []
        if model.truth != study.key:
            self._add(
                ("truth",),
                f"this truth is of study `{model.truth}`, not of `{study.key}`",
                "name the right file",
                "SIM10",
            )
            return
        self._network()
        self._shares()
        self._person()
        self._words()
        self._field()
        self._faces()
        self._known()

    def _add(self, path: Route, what: str, mend: str, code: str) -> None:
        self.problems.append(Problem(self.document.place(path), what, mend, code))

    def _one_of(self, path: Route, name: str, allowed: Iterable[str], kind: str) -> bool:
        options = list(allowed)
        if name in options:
            return True
        self._add(path, f"there is no {kind} `{name}`", nearest(name, options), "SIM11")
        return False

    def _network(self) -> None:
        network = self.model.network
        frames = [item.key for item in self.study.items.values() if item.role == "frame"]
        self._one_of(("network", "unit"), network.unit, frames, "frame item")
        self._one_of(("network", "region"), network.region, frames, "frame item")
        self._categories(("network", "payroll"), network.region, network.payroll, complete=True)
        self._categories(("network", "customers"), network.region, network.customers, complete=True)
        self._sums_to_one(("network", "customers"), network.customers)

    def _shares(self) -> None:
        for audience, variables in self.model.shares.items():
            for variable, shares in variables.items():
                path = ("shares", audience, variable)
                if self._one_of(path, variable, self._closed(), "item with categories"):
                    self._categories(path, variable, shares, complete=True)
                self._sums_to_one(path, shares)

    def _person(self) -> None:
        for audience in (each for each in self.study.audiences if each != "observers"):
            loading = self.model.person.branch.get(audience)
            if loading is None:
                self._add(
                    ("person", "branch"), f"`branch` has no loading for {audience}", f"add `{audience}: 0.2`", "SIM12"
                )
            elif self.model.person.general**2 + loading**2 >= 1:
                what = f"`general` and `branch` of {audience} leave nothing to the item: their squares sum to 1 or more"
                self._add(("person", "branch", audience), what, "lower one of them", "SIM13")

    def _words(self) -> None:
        """Look every item, variable and category up in the study."""
        model, asked = self.model, [item.key for item in self.study.items.values() if item.rated]
        for name in (*model.levels, *model.na):
            part = "levels" if name in model.levels else "na"
            self._one_of((part, name), name, asked, "item with a scale")
        open_ones = [item.key for item in self.study.items.values() if item.role == "verbatim"]
        for name in model.verbatims:
            self._one_of(("verbatims", name), name, open_ones, "verbatim")
        for audience, variables in model.shifts.items():
            self._variables(("shifts", audience), variables)
        for audience, items in model.item_shifts.items():
            for name, variables in items.items():
                self._one_of(("item_shifts", audience, name), name, asked, "item with a scale")
                self._variables(("item_shifts", audience, name), variables)
        for audience, outcomes in model.drivers.items():
            own = "customer" if audience == "customers" else "employee"
            faced = [item.key for item in self.study.items.values() if own in item.faces and item.rated]
            for outcome, weights in outcomes.items():
                self._one_of(("drivers", audience, outcome), outcome, faced, f"item with a face `{own}`")
                plain = [name for name in faced if name not in outcomes]
                for driver in weights:
                    self._one_of(
                        ("drivers", audience, outcome, driver), driver, plain, "driver (an outcome drives nothing)"
                    )

    def _field(self) -> None:
        for wave, parts in self.model.field.items():
            self._one_of(("field", wave), wave, self.study.waves, "wave")
            for audience, part in parts.items():
                path = ("field", wave, audience)
                self._variables((*path, "factors"), part.factors)
                highest = part.rate
                for factors in part.factors.values():
                    highest *= max(factors.values(), default=1.0)
                if highest > 1:
                    self._add(
                        (*path, "rate"),
                        f"rate × factors reaches {highest:.2f}, which is no probability",
                        "lower them",
                        "SIM14",
                    )
                for name in part.moved:
                    self._one_of((*path, "moved", name), name, self.study.items, "item")
        for key, declared in self.study.waves.items():
            have = self.model.field.get(key, {})
            for audience in declared.audiences:
                if audience not in have and audience != "observers":
                    what = f"wave `{key}` asks {audience}, and the truth does not say how they take part"
                    self._add(("field", key), what, f"add `{key}: {{{audience}: {{rate: …}}}}`", "SIM15")

    def _faces(self) -> None:
        """Check that every face of the study has a level, within its scale in every wave."""
        for item in self.study.items.values():
            if item.scale is None or not item.rated:
                continue
            if item.scale.published:
                self._add(
                    (),
                    f"`{item.key}`: a {item.scale.kind} scale holds published figures; they are not simulated",
                    "import them",
                    "SIM16",
                )
                continue
            if item.scale.kind not in self.model.spread:
                self._add(
                    ("spread",), f"no spread for {item.scale.kind} scales", f"add `{item.scale.kind}: 1.0`", "SIM12"
                )
            if item.key in self.model.na and "na" not in item.scale.missing:
                self._add(
                    ("na", item.key), f"the scale of `{item.key}` has no code for na", "take the line out", "SIM17"
                )
            for face in item.faces if item.role != "observation" else ():
                self._face(item, face)

    def _face(self, item: Item, face: str) -> None:
        level, scale = level_of(self.model, item, face), item.scale
        if level is None or scale is None:
            what = f"face {face} of `{item.key}` has neither a level nor a default for its scale"
            self._add(("levels", item.key), what, f"add `levels: {{{item.key}: {{{face}: …}}}}`", "SIM18")
            return
        low, high = (-100.0, 100.0) if scale.kind == "nps" else (scale.low, scale.high)
        moves = [0.0] + [
            part.moved[item.key]
            for parts in self.model.field.values()
            for audience, part in parts.items()
            if audience == AUDIENCE_OF[face] and item.key in part.moved
        ]
        if not low < level + min(moves) <= level + max(moves) < high:
            what = (
                f"level {level:g} of face {face} of `{item.key}` must stay between {low:g} and {high:g} in every wave"
            )
            self._add(("levels", item.key, face), what, "mend the level, or `moved` of a wave", "SIM19")

    def _known(self) -> None:
        """Check that the truth can fill every column that is not a face."""
        for wave, declared in self.study.waves.items():
            for audience in (each for each in declared.audiences if each != "observers"):
                shares = self.model.shares.get(audience, {})
                filled = {self.model.network.unit, self.model.network.region, *shares, *self.model.verbatims}
                for column in columns_of(self.study, wave, audience):
                    scaled = column.face is not None and column.item.rated
                    if not scaled and column.name not in filled:
                        what = f"the truth says nothing of `{column.name}`, which the study holds for {audience}"
                        problem = Problem(
                            self.document.place(("shares",)), what, f"add it to `shares: {audience}`", "SIM20"
                        )
                        self.problems += [] if problem in self.problems else [problem]

    def _variables(self, path: Route, variables: Mapping[str, Mapping[str, float]]) -> None:
        for variable, by_category in variables.items():
            if self._one_of((*path, variable), variable, self._closed(), "item with categories"):
                self._categories((*path, variable), variable, by_category, complete=False)

    def _categories(self, path: Route, variable: str, named: Iterable[str], *, complete: bool) -> None:
        item = self.study.items.get(variable)
        if item is None or item.values is None:
            return
        for category in named:
            self._one_of((*path, category), category, item.values, f"category of `{variable}`")
        lacking = [category for category in item.values if category not in set(named)]
        if complete and lacking:
            self._add(path, f"`{variable}` lacks {', '.join(lacking)}", "give every category", "SIM21")

    def _closed(self) -> list[str]:
        return [item.key for item in self.study.items.values() if item.values is not None]

    def _sums_to_one(self, path: Route, shares: Mapping[str, float]) -> None:
        if abs(sum(shares.values()) - 1) > 1e-9:
            self._add(path, f"the shares sum to {sum(shares.values()):g}, not to 1", "mend them", "SIM22")
