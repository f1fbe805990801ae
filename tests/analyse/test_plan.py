"""A plan held against its study: read whole, refused with places, its departures told."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.analyse.plan import Plan, Roles, load_plan
from symmetry.errors import SpecError
from symmetry.spec import Margin

ROOT = Path(__file__).parents[2]
BANK = f"study: {(ROOT / 'survey_specs' / 'everyday_bank').as_posix()}\n"
PLANS = sorted((ROOT / "analyses").glob("*/plan.yaml"))
FILES = """waves: [hot]
data:
  hot:
    customers:
      file: answers.csv
      respondent: id
      where: {wave: 2027}
      columns:
        recommend: Q1
        listened: {column: Q2}
        region: {column: code, characters: 1-2, values: {NO: north, SO: south}}
      ignore: [comment]
"""
TRUTH = "waves: [cold-2027]\ndata: {simulate: truth.yaml, seed: 1}\n"


@pytest.fixture
def plan(tmp_path: Path):
    """Load a plan from its text; `truth.yaml` stands beside it."""

    def _plan(text: str) -> Plan:
        (tmp_path / "truth.yaml").write_text("anything\n", encoding="utf-8")
        (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
        return load_plan(tmp_path)

    return _plan


@pytest.mark.parametrize("file", PLANS, ids=lambda file: file.parent.name)
def test_the_plans_we_ship_are_sound_and_pre_registered(file: Path) -> None:
    """No error and no departure; notes in both languages; the folder names the plan."""
    plan = load_plan(file)
    assert () == plan.departures
    assert {"en", "fr"} == set(plan.notes)
    assert load_plan(file.parent) == plan
    assert file.parent.name == plan.key == plan.study.key


def test_the_four_plans_are_there() -> None:
    """One for each study."""
    assert ["everyday_bank", "nyc_schools_2011", "nyc_schools_2015", "sfo_airport_2017"] == [
        file.parent.name for file in PLANS
    ]


def test_what_a_plan_leaves_out_comes_from_the_study(plan) -> None:
    """Outcome, drivers, segments, comparisons, thresholds, language and title."""
    found = plan(BANK + TRUTH)
    registered = found.study.registered
    assert (registered.outcome, registered.drivers) == (found.outcome, found.drivers)
    assert (registered.segments, registered.comparisons) == (found.segments, found.comparisons)
    assert (10, "fr", found.study.title) == (found.min_cell, found.language, found.title)
    assert (0.95, "bh", None, "apart") == (found.level, found.adjust, found.published, found.units)
    assert {"customers": Roles(), "employees": Roles()} == found.roles
    assert (1, "truth.yaml", {}) == (found.seed, found.truth.name, found.sources)


def test_a_source_is_relative_to_the_plan(plan, tmp_path: Path) -> None:
    """File, columns, slices, recodes and filters arrive as fieldwork reads them."""
    found = plan(BANK + FILES)
    source = found.sources["hot", "customers"]
    assert tmp_path / "answers.csv" == source.file
    assert ("Q1", None, None) == tuple(
        getattr(source.columns["recommend"], name) for name in ("column", "characters", "values")
    )
    region = source.columns["region"]
    assert ("code", (1, 2), {"NO": "north", "SO": "south"}) == (region.column, region.characters, region.values)
    assert ({"wave": "2027"}, "id", ("comment",)) == (source.where, source.respondent, source.ignore)
    assert (None, None) == (found.truth, found.seed)


def test_ignoring_the_others_is_none(plan) -> None:
    """`ignore: others` leaves out whatever is not mapped."""
    assert plan(BANK + FILES.replace("[comment]", "others")).sources["hot", "customers"].ignore is None


def test_psus_of_both_audiences_are_shared_unless_said_otherwise(plan) -> None:
    """Two audiences with a psu each share it; `apart` keeps them apart, `surveyed` makes strata of them."""
    design = "design:\n  customers: {psu: branch}\n  employees: {psu: branch}\n"
    assert "shared" == plan(BANK + TRUTH + design).units
    assert "apart" == plan(BANK + TRUTH + design + "  units: apart\n").units
    assert "surveyed" == plan(BANK + TRUTH + design + "  units: surveyed\n").units


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("outcome: satisfied", "Outcome: satisfied (the study announced recommend)."),
        ("segments: [region]", "Segments: region (the study announced region, channel)."),
    ],
)
def test_a_departure_from_the_study_is_told(plan, line: str, sentence: str) -> None:
    """What was not pre-registered becomes a sentence that names both."""
    told = plan(BANK + TRUTH + "language: en\n" + line + "\n").departures
    assert [sentence] == [departure["en"] for departure in told]


def test_other_margins_are_departures_of_each_comparison(plan) -> None:
    """In each language, with both margins."""
    told = plan(BANK + TRUTH + "smallest: [0.5 points]\n").departures
    assert (
        "Plus petit écart d'intérêt : 0.5 points / 5 pct (customer–management) (l'étude prévoyait 0.3 points / 5 pct)."
    ) == told[1]["fr"]
    assert 3 == len(told)


def test_saying_what_the_study_said_is_no_departure(plan) -> None:
    """The same outcome, drivers, segments and margins written again change nothing."""
    again = "outcome: recommend\nsegments: [region, channel]\nsmallest: [0.3 points, 5 pct, 10 nps]\nmin_cell: 10\n"
    found = plan(BANK + TRUTH + again)
    assert () == found.departures
    assert found.study.registered.comparisons == found.comparisons


def test_a_new_margin_holds_in_its_unit_alone(plan) -> None:
    """A plan's 0.5 points replaces 0.3 points and leaves pct and nps as registered."""
    margins = plan(BANK + TRUTH + "smallest: [0.5 points]\n").comparisons[0].smallest
    assert (Margin(0.5, "points"), Margin(5, "pct"), Margin(10, "nps")) == margins


def test_a_threshold_may_rise(plan) -> None:
    """A stricter threshold is taken, and is no departure."""
    found = plan(BANK + TRUTH + "min_cell: 12\n")
    assert (12, ()) == (found.min_cell, found.departures)


COLUMNS = "      columns:\n        recommend: Q1\n"
FAULTS = {
    "unknown wave": (BANK + TRUTH.replace("[cold-2027]", "[¤cold-2028]"), "SPEC04", "did you mean `cold-2027`"),
    "unknown key": (BANK + TRUTH + "¤unti: branch\n", "SPEC01", "did you mean `unit`"),
    "no waves": ("¤" + BANK + "data: {simulate: truth.yaml, seed: 1}\n", "SPEC02", "add `waves"),
    "no such study": ("study: ¤nowhere\n" + TRUTH, "PLA01", "mend the path"),
    "no truth": (BANK + TRUTH.replace("truth.yaml", "¤lies.yaml"), "PLA03", "mend the path"),
    "no seed": (BANK + "waves: [hot]\n¤data: {simulate: truth.yaml}\n", "SPEC02", "add `seed"),
    "truth and files": (BANK + FILES.replace("data:", "¤data:") + "  simulate: truth.yaml\n", "PLA02", "or a file"),
    "no data": (BANK + "waves: [hot]\n¤data: {}\n", "PLA02", "give `simulate`"),
    "frozen and files": (BANK + FILES.replace("data:", "¤data:") + "  frozen: responses\n", "PLA02", "`frozen`"),
    "frozen twice": (BANK + "waves: [hot]\ndata: {frozen: ¤[a, b]}\n", "SPEC03", ""),
    "a wave without data": (
        BANK + FILES.replace("[hot]", "[hot, cold-2027]").replace("data:\n", "¤data:\n"),
        "PLA04 PLA04",
        "add `customers",
    ),
    "an audience without data": (
        BANK + FILES.replace("hot", "cold-2027").replace("  cold", "  ¤cold"),
        "PLA04",
        "add `employees",
    ),
    "an audience not asked": (BANK + FILES + "    ¤employees: {file: a.csv, columns: {}}\n", "SPEC04", "customers"),
    "unknown wave of data": (BANK + FILES + "  ¤hto: {}\n", "SPEC04", "did you mean `hot`"),
    "unknown study column": (BANK + FILES.replace("listened:", "¤listend:"), "SPEC04", "did you mean `listened`"),
    "a face not asked then": (BANK + FILES.replace("listened:", "¤listened.guess:"), "SPEC04", "listened"),
    "unknown category": (BANK + FILES.replace("NO: north", "NO: ¤norht"), "SPEC04", "did you mean `north`"),
    "wrong slice": (BANK + FILES.replace("1-2", "¤2-1"), "SPEC03", "write `1-2`"),
    "unknown key of a source": (BANK + FILES.replace("respondent", "¤respondant"), "SPEC01", "`respondent`"),
    "design of nobody": (BANK + TRUTH + "design:\n  ¤customer: {psu: branch}\n", "SPEC04", "`customers`"),
    "a psu that is no frame item": (BANK + TRUTH + "design:\n  customers: {psu: ¤listened}\n", "SPEC04", "branch"),
    "a psu of the other audience": (BANK + TRUTH + "design:\n  employees: {psu: ¤channel}\n", "SPEC04", "branch"),
    "a weight that is no number": (BANK + TRUTH + "design:\n  customers: {weight: ¤region}\n", "SPEC04", "declare"),
    "sharing without a psu": (
        BANK + TRUTH + "design:\n  customers: {psu: branch}\n  units: ¤shared\n",
        "PLA05",
        "each audience its `psu`",
    ),
    "strata of units without a psu": (
        BANK + TRUTH + "design:\n  customers: {psu: branch}\n  units: ¤surveyed\n",
        "PLA05",
        "each audience its `psu`",
    ),
    "units of neither kind": (BANK + TRUTH + "design: {units: ¤share}\n", "SPEC03", "`shared`"),
    "unknown unit": (BANK + TRUTH + "unit: ¤brunch\n", "SPEC04", "did you mean `branch`"),
    "unknown segment": (BANK + TRUTH + "segments: [region, ¤chanel]\n", "SPEC04", "did you mean `channel`"),
    "a text as segment": (BANK + TRUTH + "segments: [¤branch]\n", "SPEC04", "region, channel"),
    "unknown driver": (BANK + TRUTH + "drivers: [¤listend]\n", "SPEC04", "did you mean `listened`"),
    "a driver as outcome": (BANK + TRUTH + "outcome: ¤listened\n", "SPEC04", "recommend, satisfied"),
    "a lower threshold": (BANK + TRUTH + "min_cell: ¤6\n", "PLA06", "may only rise"),
    "a bare margin": (BANK + TRUTH + "smallest: [¤0.3]\n", "MAR01", "0.3 points"),
    "unknown language": (BANK + TRUTH + "language: ¤de\n", "SPEC04", "fr, en"),
    "a note nobody reads": (BANK + TRUTH + "notes: {¤de: [x]}\n", "SPEC04", "fr, en"),
    "a level of one": (BANK + TRUTH + "level: ¤1\n", "SPEC03", ""),
    "an unknown adjustment": (BANK + TRUTH + "adjust: ¤bonferroni\n", "SPEC03", "bh, by, holm"),
    "a key twice": (BANK + TRUTH + "level: 0.9\n¤level: 0.95\n", "YAML02", "delete it"),
    "not a mapping": ("¤just words\n", "SPEC03", "study"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_a_plan_has_its_place_and_remedy(plan, tmp_path: Path, name: str) -> None:
    """One fault, its own code, at the line and column marked ¤, with a remedy."""
    text, codes, remedy = FAULTS[name]
    line = text[: text.index("¤")].count("\n") + 1
    column = len(text[: text.index("¤")].split("\n")[-1]) + 1
    with pytest.raises(SpecError) as caught:
        plan(text.replace("¤", ""))
    found = caught.value.problems
    assert codes.split() == [problem.code for problem in found], "\n".join(map(str, found))
    assert {(tmp_path / "plan.yaml", line, column)} == {
        (each.where.file, each.where.line, each.where.column) for each in found
    }
    assert remedy in found[0].mend


def test_faults_of_a_plan_do_not_hide_one_another(plan) -> None:
    """Five faults in five parts are reported in one pass, in the order of the file."""
    text = FILES.replace("listened:", "listend:").replace("1-2", "0-2") + "unti: branch\nmin_cell: 3\nlanguage: de\n"
    with pytest.raises(SpecError) as caught:
        plan(BANK + text)
    assert ["SPEC04", "SPEC03", "SPEC01", "PLA06", "SPEC04"] == [problem.code for problem in caught.value.problems]


def test_faults_of_the_study_are_those_of_the_plan(plan) -> None:
    """A study with errors refuses its plan, at the study's own places."""
    faults = ROOT / "tests" / "spec" / "faults" / "small_cells.yaml"
    with pytest.raises(SpecError) as caught:
        plan(f"study: {faults.as_posix()}\n{TRUTH}")
    assert [(faults, "PRV01")] == [(problem.where.file, problem.code) for problem in caught.value.problems]


def test_a_missing_plan_says_which_file(tmp_path: Path) -> None:
    """A folder without plan.yaml is named."""
    with pytest.raises(SpecError, match=r"plan\.yaml: error YAML08 there is no such file"):
        load_plan(tmp_path)


def test_the_digest_follows_plan_and_truth(plan, tmp_path: Path) -> None:
    """Any word of the plan, or of the truth it simulates from, changes the digest."""
    first = plan(BANK + TRUTH).digest
    assert first == plan((BANK + TRUTH).replace("\n", "\r\n")).digest
    assert first != plan(BANK + TRUTH + "level: 0.9\n").digest
    plan(BANK + TRUTH)
    (tmp_path / "truth.yaml").write_text("another\n", encoding="utf-8")
    assert first != load_plan(tmp_path).digest
