"""Passages that stand only as long as the results bear them out: in cells, pages and on the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pypandoc
import pytest

from analysis.show import say
from analysis.showing import passages
from analysis.wording import LANGUAGES
from publishing.markdown import run_filter
from publishing.pandoc import READER

ROOT = Path(__file__).resolve().parents[2]
HOLDS, FAILS = "edss-it.k = 1", "edss-it.k = 2"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "chapters").mkdir()
    (folder / "_quarto.yml").write_text("project: {type: book}\n", encoding="utf-8")
    return folder


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest, project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QUARTO_PROFILE", request.param)
    monkeypatch.delenv("QUARTO_PROJECT_DIR", raising=False)
    monkeypatch.delenv("QUARTO_DOCUMENT_FILE", raising=False)
    monkeypatch.chdir(project / "chapters")
    return str(request.param)


def shown(markdown: str, lang: str) -> str:
    """The text that is left of a chapter when its conditions are resolved."""
    settings = {"pass": "number", "profile": lang, "chapter_number": "1", "number_depth": 2}
    document = json.loads(run_filter(f"# T {{#sec-t}}\n\n{markdown}\n", READER, "json", settings))
    document["meta"] = {}
    return str(
        pypandoc.convert_text(json.dumps(document), "plain", format="json", extra_args=["--wrap=none"])
    )


@pytest.mark.parametrize("claim", [HOLDS, FAILS])
@pytest.mark.parametrize("answered", [False, True])
def test_a_passage_is_shown_or_left_out(lang: str, claim: str, answered: bool) -> None:
    parts: list[Callable[[], str]] = [
        lambda: say.given(claim),
        lambda: "Passage.\n\n- item\n\n## Head {#sec-x}",
        *([say.otherwise, lambda: "Otherwise."] if answered else []),
        say.end,
        lambda: "After.",
    ]
    text = shown("\n\n".join(part() for part in parts), lang)
    note = "left out here" if lang == "en" else "暂不显示"
    holds = claim == HOLDS
    assert ("Passage." in text) is holds
    assert ("item" in text) is holds
    assert ("Otherwise." in text) is (answered and not holds)
    assert (note in text) is (not holds and not answered)
    assert "After." in text
    assert ":::" not in text


def test_whoever_builds_is_told(lang: str, project: Path, monkeypatch, capsys) -> None:
    (project / "chapters" / "x.qmd").write_text(f'A\n\n`{{python}} say.given("{FAILS}")`\n', encoding="utf-8")
    monkeypatch.setenv("QUARTO_DOCUMENT_FILE", "x.qmd")
    say.given(FAILS)
    told = capsys.readouterr().err
    assert "x.qmd" in told
    assert "3" in told
    assert FAILS in told
    say.given(HOLDS)
    assert capsys.readouterr().err == ""


def test_the_command_names_file_and_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chapter = project / "chapters" / "y.qmd"
    chapter.write_text(f'`{{python}} say.given("{HOLDS}")`\n\n`{{python}} say.given("{FAILS}")`\n', "utf-8")
    arguments = ["--data", str(project / "data")]
    assert passages.main(arguments) == 0
    told = capsys.readouterr()
    assert "chapters/y.qmd, line 3" in told.err
    assert "chapters/y.qmd，第 3 行" in told.err
    assert "edss-it.k is 1" in told.err
    assert "line 1:" not in told.err.replace("line 1 ", "")
    chapter.write_text('`{python} say.given("edss-it.k is one")`\n', "utf-8")
    assert passages.main(arguments) == 1
    assert "cannot be checked" in capsys.readouterr().err
    chapter.unlink()
