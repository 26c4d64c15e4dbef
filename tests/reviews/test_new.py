"""A new review, as `new` writes it, untouched: checks without a finding, tests that pass, a site."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from analysis.evidence import check
from publishing.__main__ import main
from publishing.errors import BookError
from publishing.new import GENERATOR, create

ROOT = Path(__file__).parents[2]
DAY = datetime.date(2031, 4, 5)


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = create(tmp_path_factory.mktemp("new") / "review", DAY)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "fonts").symlink_to(ROOT / ".cache" / "fonts")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run its own code, not ours."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QUARTO_", "PYTHONPATH"))}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_it_passes_its_checks_without_a_finding(review: Path) -> None:
    assert check(review / "data") == []
    done = run(review, "analysis", "check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("target", "offered"), [("check", True), ("bench", False)])
def test_it_offers_only_what_it_can_make(review: Path, target: str, offered: bool) -> None:
    done = subprocess.run(["make", "-n", target], cwd=review, capture_output=True, text=True)
    assert (done.returncode == 0) is offered, done.stderr


@pytest.mark.slow
def test_it_passes_its_own_tests(review: Path) -> None:
    done = run(review, "pytest", "-q")
    assert done.returncode == 0, done.stdout


def test_it_is_dated_and_names_no_other_review(review: Path) -> None:
    protocol = yaml.safe_load((review / "data" / "review.yml").read_text(encoding="utf-8"))
    assert (protocol["version"], protocol["search"]["last"]) == ("2031.0.0", "2031-04")
    assert yaml.safe_load((review / "CITATION.cff").read_text(encoding="utf-8"))["version"] == "2031.0.0"
    first = yaml.safe_load((GENERATOR / "data" / "review.yml").read_text(encoding="utf-8"))
    words = re.compile("mesenchymal|EDSS|间充质|" + re.escape(first["id"]), re.IGNORECASE)
    texts = [
        *review.glob("*"),
        *review.glob("chapters/*"),
        *review.glob("data/*"),
        *review.glob(".github/**/*"),
    ]
    for path in texts:
        if path.is_file() and not path.name.endswith(".lock"):
            text = path.read_text(encoding="utf-8")
            assert not words.search(text), path.name
            assert not re.search(r"@(YEAR|MONTH)@", text), path.name


def test_both_languages_have_the_same_sections(review: Path) -> None:
    div = re.compile(
        r'^(:{3,}) \{\.content-visible when-profile="(en|zh)"\}\n(.*?)^\1$', re.MULTILINE | re.DOTALL
    )
    for path in [review / "index.qmd", *(review / "chapters").glob("*.qmd")]:
        ids: dict[str, list[str]] = {"en": [], "zh": []}
        for _, lang, text in div.findall(path.read_text(encoding="utf-8")):
            ids[lang] += re.findall(r"^## .*\{#(sec-[a-z-]+)\}$", text, flags=re.MULTILINE)
        assert ids["en"] == ids["zh"], path.name


def test_every_table_of_the_package_is_there_and_empty(review: Path) -> None:
    package = json.loads((review / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        lines = (review / "data" / resource["path"]).read_text(encoding="utf-8").splitlines()
        assert lines == [",".join(field["name"] for field in resource["schema"]["fields"])]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BookError, match="文件夹不为空"):
        create(tmp_path, DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert main(["new", str(tmp_path)]) == 1


@pytest.mark.slow
def test_it_builds_untouched(review: Path) -> None:
    done = run(review, "publishing", "build", "--engine", "embedded")
    assert done.returncode == 0, done.stdout + done.stderr
    for lang in ("en", "zh"):
        page = (review / "_site" / lang / "chapters" / "results.html").read_text(encoding="utf-8")
        assert 'id="sec-main-outcome"' in page
        assert (review / "_site" / lang / f"living-review-{lang}.pdf").is_file()
