"""`reproduce.zip`: the same bytes each time, and the same results to the byte from what is in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from analysis.evidence import load
from analysis.synthesis import synthesise
from publishing.errors import BookError
from publishing.reproduce import FILES, FOLDERS, write_reproduce

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with its results, since somebody may be editing the original."""
    folder = tmp_path_factory.mktemp("project")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    for name in FILES:
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "results.json").write_text(synthesise(load(folder / "data")).to_json(), encoding="utf-8")
    return folder


def test_what_is_in_it_gives_the_same_results(tmp_path: Path, project: Path) -> None:
    with zipfile.ZipFile(
        write_reproduce(project, project / "results.json", tmp_path / "reproduce.zip")
    ) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "reproduce"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "results", "again.json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (
        (folder / "again.json").read_bytes()
        == (folder / "results.json").read_bytes()
        == (project / "results.json").read_bytes()
    )
    where = "import analysis, pathlib; print(pathlib.Path(analysis.__file__).resolve().parent.parent)"
    used = subprocess.run(
        [sys.executable, "-c", where], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    ).stdout.strip()
    assert Path(used) == folder.resolve(), "the code that ran must be that of the archive"


def test_it_is_the_same_file_each_time(tmp_path: Path, project: Path) -> None:
    first, second = (
        write_reproduce(project, project / "results.json", tmp_path / name) for name in ("a.zip", "b.zip")
    )
    assert first.read_bytes() == second.read_bytes()


def test_it_holds_what_is_needed_and_nothing_else(tmp_path: Path, project: Path) -> None:
    with zipfile.ZipFile(
        write_reproduce(project, project / "results.json", tmp_path / "reproduce.zip")
    ) as archive:
        names = {name.removeprefix("reproduce/") for name in archive.namelist()}
        how_to = archive.read("reproduce/README.md").decode("utf-8")
    assert {"README.md", "results.json", "requirements.lock", "LICENSE", "data/review.yml"} <= names
    assert {"analysis/__main__.py", "publishing/__main__.py", "index.qmd", "chapters/changes.qmd"} <= names
    assert {"Makefile", "assets/fonts.py", "data/versions/2024.0.0/results.json"} <= names
    allowed = {folder.partition("/")[0] for folder in FOLDERS}
    assert {name.partition("/")[0] for name in names if "/" in name} == allowed
    assert not [name for name in names if re.search(r"__pycache__|\.pyc$|/\.|_site|_build", name)]
    assert "如何重新计算" in how_to


def test_results_of_other_data_are_refused(tmp_path: Path, project: Path) -> None:
    other = Path(shutil.copytree(project, tmp_path / "other"))
    with (other / "data" / "studies.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(BookError, match=r"studies\.csv"):
        write_reproduce(other, other / "results.json", tmp_path / "reproduce.zip")
    with pytest.raises(BookError, match="尚无结果"):
        write_reproduce(other, tmp_path / "none.json", tmp_path / "reproduce.zip")
    assert not (tmp_path / "reproduce.zip").exists()


@pytest.mark.slow
def test_the_site_is_built_from_it_without_quarto(tmp_path: Path, project: Path) -> None:
    with zipfile.ZipFile(
        write_reproduce(project, project / "results.json", tmp_path / "reproduce.zip")
    ) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "reproduce"
    (folder / ".cache").mkdir()
    (folder / ".cache" / "fonts").symlink_to(ROOT / ".cache" / "fonts")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("QUARTO_", "PYTHONPATH"))}
    command = [
        sys.executable,
        "-m",
        "publishing",
        "build",
        "--engine",
        "embedded",
        "--lang",
        "en",
        "--no-pdf",
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    site = folder / "_site" / "en"
    assert (site / "results.json").read_bytes() == (folder / "results.json").read_bytes()
    assert (site / "reproduce.zip").read_bytes() == (tmp_path / "reproduce.zip").read_bytes()
