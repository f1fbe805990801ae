"""The page in a browser: axe-core finds nothing, nothing is wider than the screen, and no item is cut by a page of paper."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from symmetry.spec import Study, check, load
from symmetry.spec.showing.rendering import preview
from tests.node import node_package

ROOT = Path(__file__).resolve().parents[2]
STUDIES = {"full": ROOT / "tests" / "spec" / "full", "bank": ROOT / "survey_specs" / "everyday_bank"}
AXE = "4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.slow


def browser(*arguments: str) -> str:
    """What Chromium prints; skips where it is not installed."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("Chromium is not installed (Debian: chromium), so no browser can judge the page")
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, encoding="utf-8").stdout


def asked(page: str, script: str, width: int, folder: Path) -> object:
    """What a script finds in a page; the page's own policy forbids scripts, so that the copy goes without it."""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    script = script.replace("</script", "<\\/script")
    told = "then(found => { document.body.textContent = JSON.stringify(found) })"
    (folder / "page.html").write_text(
        free.replace("</body>", f"<script>Promise.resolve().then(() => {script}).{told}</script></body>"),
        encoding="utf-8",
    )
    printed = browser(
        f"--window-size={width},900", "--virtual-time-budget=90000", "--dump-dom", (folder / "page.html").as_uri()
    )
    found = re.search(r"<body[^>]*>(.*)</body>", printed, re.DOTALL)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.fixture(scope="module", params=[*STUDIES])
def study(request: pytest.FixtureRequest) -> Study:
    """The study with every key, and the demonstration."""
    return load(STUDIES[request.param])


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(study: Study, width: int, tmp_path: Path) -> None:
    """Landmarks, headings, table headers, names, languages and contrast pass every rule of WCAG 2.2 AA that axe-core has."""
    axe = (node_package("axe-core", AXE) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    run = f"{{ {axe}\nreturn axe.run(document, {{runOnly: {{type: 'tag', values: {json.dumps(RULES)}}}}}) }}"
    found = asked(preview(study, check(study.path)), run, width, tmp_path)
    assert isinstance(found, dict)
    assert [] == [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
    assert len(found["passes"]) > 30


@pytest.mark.parametrize("width", [1280, 700, 390, 320])
def test_nothing_is_wider_than_the_screen(study: Study, width: int, tmp_path: Path) -> None:
    """No text is cut and nobody scrolls sideways, even where a word has no end."""
    folder = tmp_path / "endless"
    shutil.copytree(study.path.parent, folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    for word in ("banque", "Reconnaissance", "Écoute", "Attentifs"):
        text = text.replace(word, word * 20)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    page = preview(load(folder))
    wide = f"""{{
        const text = document.documentElement.outerHTML.replace(/<script[^]*/, '');
        const frame = document.createElement('iframe');
        frame.width = {width}; frame.height = 900; document.body.textContent = '';
        return new Promise(done => {{
            frame.onload = () => {{
                const page = frame.contentDocument, room = page.documentElement.clientWidth;
                const boxes = [...page.querySelectorAll('body *')].map(each => [each, each.getBoundingClientRect()]);
                const across = boxes.filter(([, box]) => box.right > room + 1 && box.width > 2);
                done([page.documentElement.scrollWidth - room, across.slice(0, 5).map(([each]) => each.outerHTML.slice(0, 99))]);
            }};
            frame.srcdoc = text; document.body.append(frame);
        }});
    }}"""
    assert [0, []] == asked(page, wide, 1400, tmp_path)


def test_no_item_is_cut_by_a_page_of_paper(study: Study, tmp_path: Path) -> None:
    """Printed, each item stands whole on one page, and every page says which version it is of how many pages."""
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler is not installed (Debian: poppler-utils), so nothing reads the printed page")
    (tmp_path / "page.html").write_text(preview(study, lang="en"), encoding="utf-8")
    browser("--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}", (tmp_path / "page.html").as_uri())
    printed = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "page.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout
    sheets = printed.removesuffix("\f").split("\f")
    for number, sheet in enumerate(sheets, 1):
        assert f"{study.key} · {study.digest[:12]}" in sheet
        assert f"{number} / {len(sheets)}" in sheet
    begun = [len(re.findall(r"Asked in", sheet)) for sheet in sheets]
    ended = [len(re.findall(r"^ *Answers(?::| {2}|$)", sheet, re.MULTILINE)) for sheet in sheets]
    scales = [
        {item.scale.key, *(scale.key for scale in item.scales.values())}
        for item in study.items.values()
        if item.faces and item.scale
    ]
    assert (len(scales), sum(map(len, scales))) == (sum(begun), sum(ended))
    drawn = iter([len(each) for each in scales])
    assert [sum(next(drawn) for _ in range(count)) for count in begun] == ended
