"""What an editor changes, each time anew: no state comes back that was built before."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from analysis.evidence import check, errors
from analysis.living.versions import RESULTS_FILE, read_versions

_REMARK = "One more remark, number"


def change_cell(folder: Path, step: int) -> None:
    """Take one from the largest count that a result is made from: never a state that was built before."""
    used = used_values(folder)
    with outcomes(folder) as rows:
        # A percentage printed beside the count would contradict it.
        counts = [
            row
            for row in rows
            if row["value_id"] in used and row["events"] not in ("", "0") and not row["percent"]
        ]
        assert counts, "no result is made from a count"
        chosen = max(counts, key=lambda row: int(row["events"]))
        chosen["events"] = str(int(chosen["events"]) - 1)


def change_remark(folder: Path, step: int) -> None:
    """Add to the remark on a value that no result is made from, another one each time.

    A second remark on the same value would spare most: that the value has changed is told already.
    """
    used = used_values(folder)
    with outcomes(folder) as rows:
        chosen = next(row for row in rows if row["value_id"] not in used and _REMARK not in row["note"])
        chosen["note"] = f"{chosen['note']} {_REMARK} {step}."


def change_any(folder: Path, step: int) -> str:
    """Correct one filled cell, taken by chance from all tables, so that the tables still pass the checks.

    Returns
    -------
    str
        Table, line and column; the same for the same tables and `step`.
    """
    tables = {path: read_table(path) for path in sorted((folder / "data").glob("*.csv"))}
    cells = [
        (path, number, column)
        for path, rows in tables.items()
        for number, row in enumerate(rows)
        for column, text in row.items()
        if text
    ]
    for path, number, column in random.Random(step).sample(cells, len(cells)):
        rows = tables[path]
        before = rows[number][column]
        rows[number][column] = _corrected(before)
        write_table(path, rows, list(rows[0]))
        if not errors(check(folder / "data")):
            return f"{path.name} {number + 2} {column}"
        rows[number][column] = before
        write_table(path, rows, list(rows[0]))
    raise AssertionError("no cell can be changed")


def _corrected(text: str) -> str:
    """Another last digit of a number, or a word more."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text[:-1] + str((int(text[-1]) + 1) % 10)
    return f"{text} corrected"


def used_values(folder: Path) -> set[str]:
    """The values of the evidence that a result is made from."""
    path = folder / "_site" / "en" / RESULTS_FILE
    if not path.is_file():
        path = read_versions(folder / "data")[-1].folder / RESULTS_FILE
    record = json.loads(path.read_text(encoding="utf-8"))
    studies = (row for question in record["questions"] for row in question["rows"])
    return {name for row in studies if row["status"] in ("pooled", "single") for name in row["value_ids"]}


@contextmanager
def outcomes(folder: Path) -> Iterator[list[dict[str, str]]]:
    """The rows of the table of outcomes, to be changed."""
    path = folder / "data" / "outcomes.csv"
    rows = read_table(path)
    yield rows
    write_table(path, rows, list(rows[0]))


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table, each cell as it stands in the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    """Write a table's rows under these columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def change_one_language(folder: Path, step: int) -> None:
    """Add a sentence to a chapter in one language."""
    change_prose(folder, step, languages=("en",))


def change_prose(folder: Path, step: int, languages: Sequence[str] = ("en", "zh")) -> None:
    """Add a sentence to a chapter, in both languages unless told otherwise."""
    path = folder / "chapters" / "discussion.qmd"
    sentences = {"en": f" One more sentence, number {step}.", "zh": f"再加一句，第 {step} 句。"}
    for lang in languages:
        text = path.read_text(encoding="utf-8")
        opening = f'::: {{.content-visible when-profile="{lang}"}}'
        start = text.index(opening) + len(opening)
        end = next(
            found.end()
            for found in re.finditer(r"^(?![#:`\s\-|]).+$", text[start:], re.MULTILINE)
            if "{python}" not in found[0]
        )
        path.write_text(text[: start + end] + sentences[lang] + text[start + end :], encoding="utf-8")
