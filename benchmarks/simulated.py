"""Simulated reviews of any size and age: no row of them is evidence.

The bundled review's rows are repeated for made-up copies of its studies, and every study is given counts
of twelve outcomes, drawn at random from a fixed seed, with a question and a forest plot for each.
"""

from __future__ import annotations

import csv
import datetime
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from edits import change_cell, read_table, write_table

from analysis.evidence.schema import read_schema

DATA = Path(__file__).parents[1] / "data"
KEYS = {"review_id", "search_id", "question_id", "box", "report_id", "trial_id", "en"}
OUTCOMES = (
    "neda",
    "disability_progression",
    "relapse_free",
    "gel_people",
    "new_t2_people",
    "mri_active_people",
    "t25fw_improved",
    "9hpt_improved",
    "clinical_improved",
    "vision_improved",
    "sdmt_improved",
    "nfl_reduced",
)
PEOPLE = ("n_enrolled", "n_treated", "n_analysed", "n_randomised")
CHAPTER = "chapters/simulated.qmd"
INCLUDED = {
    "inclusion": "included",
    "inclusion_reason": "eligible",
    "overlaps_with": "",
    "possible_overlap_with": "",
    "registration": "",
    "doi": "",
}
HEAD = """\
# {{< meta chapter-titles.simulated >}} {#sec-simulated}

```{python}
from analysis import show
```

"""


def multiplied(times: int, folder: Path) -> int:
    """Write a data package with so many copies of each row; gives the number of rows."""
    schema = read_schema(DATA / "datapackage.json")
    total = 0
    for name in ("datapackage.json", "review.yml", "references.bib"):
        (folder / name).write_bytes((DATA / name).read_bytes())
    for table in schema.tables.values():
        with (DATA / table.path).open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        # Tables without a study have a fixed set of rows; they stay single.
        copies = times if "study_id" in header and not KEYS & set(header) else 1
        with (folder / table.path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for copy in range(copies):
                writer.writerows([_renamed(header, row, copy) for row in rows])
                total += len(rows)
    return total


def _renamed(header: list[str], row: list[str], copy: int) -> list[str]:
    if copy == 0:
        return row
    renamed = []
    for name, text in zip(header, row, strict=True):
        if text and (name in ("study_id", "cohort", "doi", "registration") or name.endswith("overlap_with")):
            text = (
                ""
                if name in ("doi", "registration")
                else ";".join(f"{part}c{copy}" for part in text.split(";"))
            )
        elif text and (name in ("value_id", "rob_id", "same_people_as", "overlaps_with")):
            parts = [part.rpartition("-") for part in text.split(";")]
            text = ";".join(
                f"{head or tail}c{copy}{mark}{tail if head else ''}" for head, mark, tail in parts
            )
        renamed.append(text)
    return renamed


def simulate(project: Path, studies: int) -> None:
    """Turn a copy of the project into a review of so many simulated studies.

    Parameters
    ----------
    project : Path
        The copy; its ``data/``, ``_quarto.yml`` and chapters are changed.
    """
    data = project / "data"
    treated = {row["study_id"] for row in read_table(DATA / "arms.csv") if row["role"] == "intervention"}
    multiplied(-(-studies // len(treated)), data)
    treated = {row["study_id"] for row in read_table(data / "arms.csv") if row["role"] == "intervention"}
    names = [row["study_id"] for row in read_table(data / "studies.csv")]
    kept = {None, "", *[name for name in names if name in treated][:studies]}
    for path in data.glob("*.csv"):
        if path.name != "excluded.csv":
            _rewrite(path, lambda row: row if row.get("study_id") in kept else None)
    _rewrite(data / "studies.csv", lambda row: row | INCLUDED | {"cohort": row["study_id"]})
    _add_outcomes(data)
    _add_questions(project)


def release(project: Path, versions: int) -> None:
    """Release so many versions more, a month after another, a result's count one less in each.

    Parameters
    ----------
    project : Path
        The copy; its ``data/`` is changed.
    """
    for number in range(versions):
        change_cell(project, number)
        day = datetime.date.today() + datetime.timedelta(days=30 * number)
        command = [sys.executable, "-m", "analysis", "release", "--date", day.isoformat()]
        subprocess.run(command, cwd=project, check=True, capture_output=True)


def _rewrite(path: Path, change: Callable[[dict[str, str]], dict[str, str] | None]) -> None:
    if rows := read_table(path):
        columns = list(rows[0])
        write_table(path, [changed for row in rows if (changed := change(row)) is not None], columns)


def _add_outcomes(data: Path) -> None:
    """Twelve counts for each study, with shares that vary between studies."""
    chance = random.Random(2026)
    arms = {row["study_id"]: row for row in read_table(data / "arms.csv") if row["role"] == "intervention"}
    with (data / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        names = list(csv.DictReader(file).fieldnames or ())
    with (data / "outcomes.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        for study in read_table(data / "studies.csv"):
            arm = arms.get(study["study_id"], {})
            sizes = [
                int(row[name]) for row in (study, arm) for name in PEOPLE if row.get(name, "").isdecimal()
            ]
            people = min([*sizes, chance.randint(8, 60)])
            for outcome in OUTCOMES:
                share = chance.betavariate(4, 6)
                writer.writerow(
                    {
                        "value_id": f"{study['study_id']}-o9{OUTCOMES.index(outcome) + 1:02}",
                        "study_id": study["study_id"],
                        "arm_id": arm.get("arm_id", ""),
                        "outcome": outcome,
                        "outcome_text": "simulated",
                        "timepoint_months": "12",
                        "statistic": "count",
                        "n": people,
                        "events": sum(chance.random() < share for _ in range(people)),
                        "source_url": "https://example.org/simulated",
                        "source_kind": "full_text",
                        "quote": "simulated",
                        "confidence": "primary",
                    }
                )


def _add_questions(project: Path) -> None:
    """A question for each outcome, like the review's own of a share, and a chapter that shows them all."""
    review = (project / "data" / "review.yml").read_text(encoding="utf-8")
    found = re.search(r"\n  - id: edss-improved\n.*?(?=\n  - id: |\n\S)", review, re.DOTALL)
    assert found, "the review has a question edss-improved to take after"
    blocks, calls = [], []
    for outcome in OUTCOMES:
        name = f"sim-{outcome.replace('_', '-')}"
        block = (
            found[0]
            .replace("id: edss-improved", f"id: {name}")
            .replace("outcome: edss_improved", f"outcome: {outcome}")
        )
        block = re.sub(r"\n    (?:subgroup_by|stream|related|min_important):.*", "", block)
        title = f'title: {{en: "Simulated: {outcome}", zh: "模拟：{outcome}"}}'
        blocks.append(re.sub(r"title: .*", title, block))
        calls.append(f'```{{python}}\nshow.forest("{name}")\n```\n')
    end = found.end()
    review = review[:end] + "".join(blocks) + review[end:]
    (project / "data" / "review.yml").write_text(review, encoding="utf-8")
    (project / CHAPTER).write_text(HEAD + "\n".join(calls), encoding="utf-8")
    _insert(project / "_quarto.yml", "    - chapters/safety.qmd\n", f"    - {CHAPTER}\n")
    for lang, words in (("en", "Simulated outcomes"), ("zh", "模拟结局")):
        _insert(project / f"_quarto-{lang}.yml", "chapter-titles:\n", f"  simulated: {words}\n")


def _insert(path: Path, after: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(after) == 1, f"{after!r} in {path.name}"
    path.write_text(content.replace(after, after + text), encoding="utf-8")
