"""What the benchmark changes is a number that a result is made from, whatever the review."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.evidence import load
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


def _build(project: Path) -> list[float | None]:
    """Write the results as a build does; gives the estimates."""
    results = synthesise(load(project / "data"))
    (project / "_site" / "en" / "results.json").write_text(results.to_json(), encoding="utf-8")
    return [found.pooled.estimate if found.pooled else None for found in results.questions]
