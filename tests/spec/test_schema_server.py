"""The schema in an editor: yaml-language-server as npm has it, told of our schema by the first line of the study alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from symmetry.spec.editing.describing import ROLES
from symmetry.spec.editing.schema import MODELINE, write_schema
from tests.language_server import LanguageServer

HERE = Path(__file__).parent
FULL = HERE / "full" / "study.yaml"
GOOD = [FULL, *sorted((HERE.parents[1] / "survey_specs").glob("*/study.yaml"))]


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    """One server for all."""
    with LanguageServer() as running:
        yield running


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The full study with its schema beside it, as its author has them open."""
    return opened(FULL, tmp_path)


def opened(source: Path, folder: Path) -> Path:
    """A copy of a study that begins with the line that names its schema."""
    file = folder / "study.yaml"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([f"{MODELINE}\n", *lines]), encoding="utf-8")
    write_schema(file)
    return file


def typed(study: Path, line: str, instead: str) -> tuple[str, int, int]:
    """The study while its author types: one line replaced, and the place of the cursor `|` in it."""
    text = study.read_text(encoding="utf-8")
    assert text.count(f"\n{line}\n") >= 1, line
    before, after = text.split(f"\n{line}\n", 1)
    start, rest = instead.split("|")
    last = (before + "\n" + start).rsplit("\n", 1)[-1]
    return f"{before}\n{start}{rest}\n{after}", (before + "\n" + start).count("\n"), len(last)


@pytest.mark.parametrize(
    ("line", "instead", "offered"),
    [
        ("    at: visit.welcome", "    at: |", {"visit.welcome", "visit.meeting", "request.answer"}),
        ("    promise: respectful", "    promise: |", {"respectful", "attentive", "reliable"}),
        ("    role: driver", "    role: |", set(ROLES)),
        ("    owner: quality", "    owner: |", {"quality", "branch_manager"}),
        ("  outcome: recommend", "  outcome: |", {"recommend", "satisfied"}),
        ("  segments: [region]", "  segments: [|]", {"region", "channel"}),
        ("    audiences: [customers]", "    audiences: [|]", {"customers", "employees", "observers"}),
        ("    kind: hot", "    kind: |", {"hot", "cold"}),
        ("    type: csat", "    type: |", {"csat", "date", "multiple", "text"}),
        ("    sense: sight", "    sense: |", {"sight", "touch", "smell", "hearing"}),
        ("    scales: {management: effort}", "    scales: {management: |}", {"agree5", "effort", "nps"}),
        ("    negative: [cooperation]", "    negative: [|]", {"management", "cooperation"}),
        ("    within: branch", "    within: |", {"branch", "region"}),
    ],
    ids=lambda each: each.strip() if isinstance(each, str) else "",
)
def test_ids_and_words_are_offered(
    server: LanguageServer, study: Path, line: str, instead: str, offered: set[str]
) -> None:
    """After a key, the server offers what this study declares: ids of scales, promises, moments, owners, and all roles."""
    text, row, column = typed(study, line, instead)
    server.open(study, text)
    assert offered <= set(server.completions(study, row, column))


def test_the_scales_of_this_study_are_offered_and_no_other(server: LanguageServer, study: Path) -> None:
    """After `scale:` stands exactly what `scales:` declares."""
    text, row, column = typed(study, "    scale: agree5", "    scale: |")
    server.open(study, text)
    scales = {"agree5", "csat5", "nps", "effort", "share", "tenure", "reasons", "minutes", "day", "words"}
    assert scales == set(server.completions(study, row, column))


def test_the_items_of_a_wave_are_offered_with_their_labels(server: LanguageServer, study: Path) -> None:
    """In `items: […]` of a wave every item that is asked is offered, with its label; no frame item is."""
    text, row, column = typed(study, "    items: [recommend, listened, why]", "    items: [recommend, |]")
    server.open(study, text)
    found = server.completions(study, row, column)
    assert {"listened", "why", "seniority", "entrance"} <= set(found)
    assert not {"region", "branch", "channel"} & set(found)
    assert "Écoute" in str(found["listened"]["documentation"])


def test_sections_and_keys_are_offered(server: LanguageServer, study: Path) -> None:
    """On an empty line at the left the missing sections are offered; in an item, the keys of its role alone."""
    text = study.read_text(encoding="utf-8")
    head = text[: text.index("\nprivacy:")] + "\n"
    server.open(study, head)
    assert {"privacy", "weights", "plan"} <= set(server.completions(study, head.count("\n"), 0))
    text, row, column = typed(study, "    sense: sight", "    |")
    server.open(study, text)
    found = set(server.completions(study, row, column))
    assert {"sense", "owner", "ask_if"} <= found
    assert not {"mirror", "values", "negative"} & found


def test_an_item_without_a_role_yet_may_become_any(server: LanguageServer, study: Path) -> None:
    """Before its role is typed, an item is offered the role and every key that some role has."""
    text, row, column = typed(study, "    role: engagement", "    |")
    server.open(study, text)
    assert {"role", "negative", "values", "sense", "ask_if"} <= set(server.completions(study, row, column))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("\nservice:", "one promise, three attitudes with respect among them"),
        ("    scale: agree5", "How it is answered: a key of `scales`"),
        ("    mirror: {employee", "How far this face follows the customer face"),
        ("    promise: attentive", "`attentive`: Attentifs"),
        ("    role: dri", "something promised, asked on every face"),
        ("    guess: au", "`auto` to have it made from the customer face"),
        ("quotas", "most answers wanted"),
    ],
)
def test_a_key_explains_itself(server: LanguageServer, study: Path, words: str, said: str) -> None:
    """Over a key or a value, the server shows our words for it."""
    text = study.read_text(encoding="utf-8")
    end = text.index(words) + len(words) - 1
    server.open(study)
    assert said in server.hover(study, text.count("\n", 0, end), end - text.rfind("\n", 0, end) - 1)


@pytest.mark.parametrize("source", GOOD, ids=lambda file: file.parent.name)
def test_a_good_study_has_nothing_underlined(server: LanguageServer, tmp_path: Path, source: Path) -> None:
    """No diagnostic on the studies we ship, French questions with their ` ?` among them."""
    file = opened(source, tmp_path)
    server.open(file)
    assert [] == server.diagnostics(file)


def test_a_french_question_is_a_question(server: LanguageServer, study: Path) -> None:
    """A space before the question mark, bare and inside braces, is nothing to underline; a bare colon is."""
    line = "    label: {fr: Fierté, en: Pride}"
    text, row, _ = typed(study, line, "    label: {fr: Votre avis ?, en: Your view?}|")
    server.open(study, text)
    assert [] == server.diagnostics(study)
    text, row, _ = typed(study, line, "    label:\n      fr: À votre avis : oui\n      en: Yes|")
    server.open(study, text)
    assert row - 1 in [each["range"]["start"]["line"] for each in server.diagnostics(study)]


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("    promise: attentive", "    promise: atentive|", "attentive"),
        ("    owner: quality", "    ower: quality|", "ower"),
        ("    delay: 2h", "    delay: 2|", "string"),
        ("    window: 2027-03-01..2027-03-21", "    window: 2027-03-01|", "two days in order"),
        ("    within: branch", "    within: branche|", "branch"),
        ("    points: 7", "    points: 70|", "11"),
    ],
)
def test_a_slip_is_underlined_on_its_line(
    server: LanguageServer, study: Path, line: str, instead: str, said: str
) -> None:
    """An id that is not declared, a key that does not exist, a wait without its unit: marked where they stand."""
    text, row, _ = typed(study, line, instead)
    server.open(study, text)
    found = server.diagnostics(study)
    assert [row] == sorted({each["range"]["start"]["line"] for each in found})
    assert said in " ".join(each["message"] for each in found)
