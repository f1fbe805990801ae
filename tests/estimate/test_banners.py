"""Banner tables on small frames worked by hand: lines, columns, bases, letters, and what is told of what cannot be compared."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, stack
from symmetry.errors import DesignError
from symmetry.estimate import Banner
from symmetry.estimate.banners.phrases import _SAID
from symmetry.estimate.banners.words import key


def people(n: int = 240) -> pd.DataFrame:
    """Respondents of two regions and three plans, of which nobody has the last; answers of every type."""
    rng = np.random.default_rng(8)
    region = np.repeat(["north", "south"], n // 2)
    north = region == "north"
    return pd.DataFrame(
        {
            "region": region,
            "plan": pd.Categorical(rng.choice(["basic", "plus"], n), categories=["plus", "basic", "gold"]),
            "weight": rng.uniform(0.5, 2.0, n),
            "pays": np.where(rng.random(n) < np.where(north, 0.75, 0.35), "card", "cash"),
            "trust": np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 5, n) + north),
            "likely": rng.integers(0, 11, n),
            "spent": rng.lognormal(5, 1, n),
            "member": rng.random(n) < 0.4,
            "app": (rng.random(n) < 0.5).astype(int),
        }
    )


@pytest.fixture(scope="module")
def design() -> Design:
    """The respondents, weighted."""
    return Design(people(), weight="weight")


@pytest.fixture(scope="module")
def table(design: Design) -> Banner:
    """Five items by two heads."""
    return estimate.banner(design, ["pays", "trust", "likely", "spent", "member"], ["region", "plan"])


def cell(table: Banner, item: str, line: str, column: str) -> pd.Series:
    """One cell."""
    (found,) = table.table().query("item == @item and line == @line and column == @column").itertuples(index=False)
    return pd.Series(found._asdict())


def test_every_cell_is_the_estimate_of_its_domain(design: Design, table: Banner) -> None:
    """Values, errors, intervals and design effects are those of `share` and `mean`, one call a cell."""
    for item, line, verb in (
        ("pays", "card", estimate.share),
        ("trust", "Mean", estimate.mean),
        ("spent", "Mean", estimate.mean),
    ):
        for by in ("region", "plan"):
            slow = verb(design, item, by=[by]).table()
            slow = slow[slow["category"] == line] if verb is estimate.share else slow
            for row in slow.itertuples():
                fast = cell(table, item, line, getattr(row, by))
                for name in ("estimate", "se", "lower", "upper", "df", "deff", "n", "n_eff"):
                    np.testing.assert_allclose(fast[name], getattr(row, name), rtol=1e-12)
    np.testing.assert_allclose(
        cell(table, "pays", "card", "Total")["estimate"], estimate.share(design, "pays").values[0]
    )


def test_bases_are_answers_and_their_weights(design: Design, table: Banner) -> None:
    """Counted, weighted and effective; of an item with missing answers those who answered it."""
    frame = design.data[design.data["region"].eq("north") & design.data["trust"].notna()]
    found = cell(table, "trust", "Mean", "north")
    assert len(frame) == found["base"]
    np.testing.assert_allclose(found["base_weighted"], frame["weight"].sum())
    shares = table.table().query("item == 'trust' and statistic == 'share' and column == 'north' and estimate > 0")
    mean_effect = ((1 - shares["estimate"]) * shares["deff"]).sum() / (len(shares) - 1)
    np.testing.assert_allclose(found["base_effective"], len(frame) / mean_effect)


def test_lines_fit_the_type_of_an_item(design: Design) -> None:
    """Text and yes or no as shares, few codes as shares and mean, other numbers as a mean, 0 and 1 as shares."""
    table = estimate.banner(design, ["pays", "member", "trust", "spent", "app"], "region")
    lines = table.lines.groupby("item", sort=False)["line"].agg(list).to_dict()
    expected = {"pays": ["card", "cash"], "member": ["No", "Yes"], "trust": ["1", "2", "3", "4", "5", "Mean"]}
    assert expected | {"spent": ["Mean"], "app": ["0", "1"]} == lines


def test_letters_name_the_lower_column(table: Banner) -> None:
    """North pays by card more often: its cell names the south's letter, and the south's none."""
    assert "B" == cell(table, "pays", "card", "north")["higher_than"]
    assert "" == cell(table, "pays", "card", "south")["higher_than"]
    assert "A" == cell(table, "pays", "cash", "south")["higher_than"]


def test_small_letters_are_between_two_levels(design: Design) -> None:
    """A pair between the two levels gets a small letter; with one level it gets none."""
    p = float(estimate.banner(design, "trust", "region", statistics="mean", adjust=None).tests["p"].iloc[0])
    between = {"capital": (1 - 2 * p, 0.5), "small": (1 - p / 2, 1 - 2 * p), "none": (1 - p / 2, 1 - p / 1.5)}
    found = {
        name: estimate.banner(design, "trust", "region", statistics="mean", level=level).cells["higher_than"].tolist()
        for name, level in between.items()
    }
    assert {"capital": ["", "B", ""], "small": ["", "b", ""], "none": ["", "", ""]} == found


@pytest.mark.parametrize(("family", "size"), [("line", 3), ("item", 9), ("head", 12)])
def test_families_are_as_large_as_told(family: str, size: int) -> None:
    """Bonferroni times the pairs of a line, of an item's lines, of a head's lines."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"g": rng.choice(list("abc"), 300), "x": rng.choice(list("uvw"), 300), "y": rng.normal(size=300)}
    )
    tests = estimate.banner(Design(frame), ["x", "y"], "g", adjust="bonferroni", family=family).tests.query(
        "item == 'x'"
    )
    np.testing.assert_allclose(tests["p_adjusted"], np.minimum(size * tests["p"], 1.0))


def test_columns_nobody_is_in_are_kept(table: Banner) -> None:
    """A category without respondents keeps its column, says so, and is not compared."""
    gold = table.table().query("column == 'gold'")
    assert {"nobody answered"} == set(gold["note"])
    assert gold["estimate"].isna().all()
    assert (gold["base"] == 0).all()
    pairs = table.tests.query("column_b == 'gold'")
    assert {"nobody answered"} == set(pairs["note"])
    assert ["plus", "basic", "gold"] == table.columns.query("head == 'plan'")["column"].tolist()


def test_small_bases_are_flagged_and_not_compared(design: Design) -> None:
    """Below the base asked for, counted or effective, values are shown without letters."""
    table = estimate.banner(design, "pays", "region", base_at_least=119)
    assert table.cells.query("head == 'region'")["small"].all()
    assert {"small base"} == set(table.tests["note"])
    assert "" == "".join(table.cells["higher_than"])
    assert "base of fewer than 119 answers, counted or effective" == cell(table, "pays", "card", "north")["note"]
    assert key(table).startswith("No columns were compared")


def test_answers_all_alike_have_no_error_to_test_by() -> None:
    """0% against 100% without error is not tested, and says why."""
    frame = pd.DataFrame({"g": ["a", "b"] * 50, "x": ["u", "v"] * 50})
    tests = estimate.banner(Design(frame), "x", "g").tests
    assert {"no error to test by"} == set(tests["note"])
    assert tests["p"].isna().all()


def test_columns_without_degrees_of_freedom_are_not_tested() -> None:
    """A column that is one psu has a value and no test."""
    frame = pd.DataFrame({"psu": np.repeat([1, 2, 3], 40), "x": np.tile([1, 2, 3, 4], 30)})
    frame["g"] = np.where(frame["psu"] == 1, "one", "more")
    tests = estimate.banner(Design(frame, psu="psu"), "x", "g", statistics="mean", base_at_least=0).tests
    assert {"no degrees of freedom"} == set(tests["note"])


def test_missing_segments_leave_their_head_alone(design: Design) -> None:
    """Who has no region is out of the regions, and in the total and the other head."""
    frame = design.data.assign(region=design.data["region"].where(np.arange(240) % 3 > 0))
    columns = estimate.banner(Design(frame, weight="weight"), "pays", ["region", "plan"]).columns
    assert [240, 160, 240] == columns.groupby("head", sort=False)["n"].sum().tolist()


def test_weights_of_0_count_nobody(design: Design) -> None:
    """Bases count those with a weight."""
    frame = design.data.assign(weight=np.where(design.data["region"] == "south", 0.0, 1.0))
    table = estimate.banner(Design(frame, weight="weight"), "pays", "region")
    assert [120, 120, 0] == table.columns["n"].tolist()
    assert "nobody answered" == cell(table, "pays", "card", "south")["note"]


def test_words_order_and_name_answers(design: Design) -> None:
    """Labels name codes, keep those nobody chose as lines of 0%, and order text; titles name columns."""
    labels = {"trust": {1: "not", 5: "fully", 6: "beyond"}, "pays": {"cash": "In cash"}, "region": {"south": "South"}}
    table = estimate.banner(
        design,
        ["trust", "pays"],
        "region",
        statistics="share",
        labels=labels,
        titles={"pays": "How do you pay?", "region": "Where"},
    )
    assert ["not", "2", "3", "4", "fully", "beyond", "In cash", "card"] == table.lines["line"].tolist()
    assert (table.cells.query("line == 'beyond'")["estimate"] == 0).all()
    assert ["Total", "South", "north"] == table.columns["column"].tolist()
    assert ["trust", "How do you pay?"] == table.lines["title"].unique().tolist()


def test_heads_may_be_crossed(design: Design) -> None:
    """Two columns in a list make one head of their crossings, in their own orders."""
    columns = estimate.banner(design, "pays", [["region", "plan"]]).columns
    assert ["Total", "north × plus", "north × basic", "south × plus", "south × basic"] == columns["column"].tolist()
    assert "region × plan" == columns["head"].iloc[1]


def test_any_verb_is_a_statistic(design: Design) -> None:
    """Names, verbs with options, titles of one's own, verbs of two columns."""
    wanted = {
        "trust": [
            ("Top answer", partial(estimate.top_box, boxes=1, scale=(1, 5))),
            partial(estimate.bottom_box, boxes=1),
        ],
        "likely": ["nps", "mean"],
        "spent": [estimate.median, ("Per answer", partial(estimate.ratio, denominator="likely"))],
    }
    table = estimate.banner(design, ["trust", "likely", "spent"], "region", statistics=wanted)
    assert ["Top answer", "Bottom box", "Net Promoter Score", "Mean", "Median", "Per answer"] == table.lines[
        "line"
    ].tolist()
    assert ["share", "share", "points", "number", "number", "number"] == table.lines["unit"].tolist()
    slow = estimate.median(design, "spent", by=["region"]).table()
    np.testing.assert_allclose(table.cells.query("line == 'Median' and letter != ''")["lower"], slow["lower"])


def test_audiences_may_be_a_head() -> None:
    """A stacked design compares customers with employees across branches they share."""
    rng = np.random.default_rng(3)
    frames = {
        side: pd.DataFrame({"branch": np.repeat(np.arange(20), 6), "trust": rng.integers(1, 6, 120)})
        for side in ("customers", "staff")
    }
    both = stack({side: Design(frame, psu="branch") for side, frame in frames.items()})
    table = estimate.banner(both, "trust", "audience", statistics="mean")
    slow = estimate.contrast(estimate.mean(both, "trust", by=["audience"]), {"d": {0: 1, 1: -1}}).table()
    np.testing.assert_allclose(table.tests[["difference", "se", "df"]].iloc[0], slow[["estimate", "se", "df"]].iloc[0])


def test_a_wide_frame_is_the_table_as_read(table: Banner) -> None:
    """Bases above lines, letters beside values, dashes where nobody answered; or any column in its shape."""
    wide = table.wide()
    assert ("pays", "Base (answers)") == wide.index[0]
    assert "120" == wide.loc[("pays", "Base (answers)"), ("region", "north", "A")]
    assert wide.loc[("pays", "card"), ("region", "north", "A")].endswith("% B")
    assert "–" == wide.loc[("pays", "card"), ("plan", "gold", "C")]
    assert "Banner: 5 items, 23 lines by 6 columns in 2 heads and a total" == repr(table)
    se = table.wide("se")
    np.testing.assert_allclose(
        se.loc[("pays", "card"), ("region", "north", "A")], cell(table, "pays", "card", "north")["se"]
    )
    with pytest.raises(DesignError, match="a banner has no `colour`"):
        table.wide("colour")


def test_a_french_table_is_the_same_table_in_french(design: Design) -> None:
    """Lines, bases, key and numbers change their language; values, letters and names of columns do not."""
    frame = design.data.assign(loyal=design.data["region"] == "north")
    spoken = Design(frame, weight="weight")
    asked = {"statistics": {"trust": ["mean", "top_box"]}}
    english, french = (
        estimate.banner(spoken, ["trust", "loyal", "spent"], "region", lang=lang, **asked) for lang in ("en", "fr")
    )
    pd.testing.assert_frame_equal(english.table().drop(columns="line"), french.table().drop(columns="line"))
    assert ["Moyenne", "Réponses les plus hautes", "Non", "Oui", "Moyenne"] == list(french.lines["line"])
    told = french.wide()
    assert ["question", "ligne", "groupe", "colonne", "lettre"] == [*told.index.names, *told.columns.names]
    assert ["Base (réponses)", "Base (pondérée)", "Base effective"] == [line for _, line in told.index[:3]]
    assert english.wide().iloc[3, 0].replace(".", ",") == told.iloc[3, 0]
    assert english.wide().iloc[4, 0].replace("%", "\u00a0%") == told.iloc[4, 0]
    assert "majuscules à 95\u00a0%, minuscules à 90\u00a0%" in key(french)


def test_every_text_is_told_in_both_languages() -> None:
    """The two halves of the template take the same facts, and no French text is the English one but for shared words."""
    shared = {"total", "Tests", "Scores", "Notes"}
    for name, (english, french) in _SAID.items():
        assert set(re.findall(r"{(\w+)}", english)) <= set(re.findall(r"{(\w+)}", french))
        assert (name in shared) == (english == french)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"items": "nowhere"}, "no column `nowhere`"),
        ({"items": []}, "no item was named"),
        ({"items": ["pays", "pays"]}, "named twice"),
        ({"items": "silent"}, "nobody answered `silent`"),
        ({"items": "ghosts"}, "nobody with a weight answered `ghosts`"),
        ({"segments": "nowhere"}, "no column `nowhere`"),
        ({"segments": []}, "no segment makes a head"),
        ({"segments": ["region", "region"]}, "the segment `region` is named twice"),
        ({"segments": "many"}, "has 40 columns, and there are 26 letters"),
        ({"items": "spent", "statistics": "share"}, "`spent` has 240 different answers"),
        ({"statistics": "meen"}, "no statistic of `pays` is called 'meen'"),
        ({"statistics": "mean"}, "`pays` is not numeric"),
        ({"statistics": {"trust": "mean"}}, "`trust`, which is no item"),
        ({"statistics": []}, "no statistic is asked of `pays`"),
        ({"statistics": 3}, "3 is no statistic"),
        ({"statistics": lambda design, item, by: 3}, "gave a int"),
        ({"level": 95}, "no confidence levels"),
        ({"level": (0.99, 0.95, 0.9)}, "no confidence levels"),
        ({"adjust": "tukey"}, "no adjustment is called 'tukey'"),
        ({"family": "world"}, "family='world' is unknown"),
        ({"segments": None}, "no segment makes a head"),
        ({"segments": [["region", "region"]]}, "crosses a column with itself"),
        (
            {"segments": ["region", "plan"], "titles": {"region": "Who", "plan": "Who"}},
            "two heads have the title 'Who'",
        ),
        ({"segments": "region", "titles": {"region": "Total"}}, "two heads have the title 'Total'"),
        ({"items": ["pays", "trust"], "titles": {"trust": "pays"}}, "two items have the title 'pays'"),
        ({"titles": 5}, "titles are a int"),
        (
            {"titles": {"pay": "Pays"}},
            "titles are given for `pay`, which is no column of the frame.*did you mean `pays`",
        ),
        ({"labels": {"regoin": {}}}, "labels are given for `regoin`, which is no column.*did you mean `region`"),
        ({"labels": {"zzz": {}}}, "labels are given for `zzz`.*name a column: "),
        ({"lang": "de"}, "lang='de' is unknown.*one of 'en', 'fr'"),
        ({"lang": None}, "lang=None is unknown"),
        ({"labels": {"pays": 5}}, "words for `pays` are no texts"),
        ({"labels": {"pays": {"card": None}}}, "words for `pays` are no texts"),
        ({"labels": {"pays": {"card": "Both", "cash": "Both"}}}, "two answers of `pays` read 'Both'"),
        ({"items": "trust", "labels": {"trust": {"none": "None"}}}, "`trust` holds numbers, and 'none' is none"),
        ({"items": "trust", "statistics": ["mean", "mean"]}, "`Mean` of `trust` is asked twice"),
        ({"level": None}, "no confidence levels"),
        ({"base_at_least": -1}, "base_at_least=-1 is no number of answers"),
        ({"base_at_least": np.nan}, "base_at_least=nan is no number of answers"),
    ],
)
def test_what_cannot_be_asked_is_told(changed: dict[str, object], told: str) -> None:
    """One sentence says what is wrong, and how to mend it."""
    frame = people().assign(silent=np.nan, many=np.arange(240) % 40)
    frame["ghosts"] = np.where(np.arange(240) == 0, 1.0, np.nan)
    frame.loc[0, "weight"] = 0.0
    asked = {"items": "pays", "segments": "region"} | changed
    with pytest.raises(DesignError, match=f"(?s){told}") as caught:
        estimate.banner(Design(frame, weight="weight"), **asked)
    assert caught.value.problems[0].mend
