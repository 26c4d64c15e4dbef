"""What the benchmark changes: a number that a result is made from, whatever the review, or any cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.evidence import check, errors, load
from analysis.synthesis import synthesise
from tests.scale.conftest import benchmark

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("review", [ROOT, ROOT / "tests" / "reviews" / "bcg"], ids=["bundled", "bcg"])
def test_the_changed_cell_changes_a_result_each_time(review: Path, tmp_path: Path) -> None:
    shutil.copytree(review / "data", tmp_path / "data")
    (tmp_path / "_site" / "en").mkdir(parents=True)
    written = (tmp_path / "data" / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    change = benchmark("build").change_cell
    estimates = [_build(tmp_path)]
    for step in range(2):
        change(tmp_path, step)
        estimates.append(_build(tmp_path))
    assert len({str(found) for found in estimates}) == len(estimates)
    now = (tmp_path / "data" / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    assert len(now) == len(written)
    assert 1 <= sum(old != new for old, new in zip(written, now, strict=True)) <= 2


@pytest.mark.parametrize("step", range(3))
def test_a_cell_changed_by_chance_is_one_filled_cell_and_passes_the_checks(step: int, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    before = _cells(tmp_path)
    told = benchmark("build").change_any(tmp_path, step)
    (changed,) = {key for key, text in _cells(tmp_path).items() if before[key] != text}
    assert before[changed]
    assert told == f"{changed[0]} {changed[1] + 2} {changed[2]}"
    assert not errors(check(tmp_path / "data"))


def _cells(project: Path) -> dict[tuple[str, int, str], str]:
    """Every cell of all tables, by file, place and column."""
    read = benchmark("edits").read_table
    return {
        (path.name, number, column): text
        for path in (project / "data").glob("*.csv")
        for number, row in enumerate(read(path))
        for column, text in row.items()
    }


def _build(project: Path) -> list[float | None]:
    """Write the results as a build does; gives the estimates."""
    results = synthesise(load(project / "data"))
    (project / "_site" / "en" / "results.json").write_text(results.to_json(), encoding="utf-8")
    return [found.pooled.estimate if found.pooled else None for found in results.questions]
