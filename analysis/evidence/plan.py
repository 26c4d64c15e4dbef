"""What an import would do, cell by cell, before anything is written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from analysis.evidence.findings import Finding, describe, visible


@dataclass(frozen=True)
class Change:
    """One cell that would get another value.

    Attributes
    ----------
    table : str
    key : str
        Key of the row, as shown to people.
    column : str
    before : str or None
        None for a row that does not exist yet.
    after : str
    typed : str
        What the imported cell held; differs from `after` where a spreadsheet habit was undone.
    file : str
        Imported file, and sheet.
    row : int
        Row of the imported file.
    """

    table: str
    key: str
    column: str
    before: str | None
    after: str
    typed: str
    file: str
    row: int


@dataclass(frozen=True)
class Plan:
    """Everything an import would do.

    Attributes
    ----------
    source : str
        Name of the imported file.
    changes : tuple of Change
        In the order of the file.
    unchanged : int
        Rows that say nothing new.
    rows : int
        Rows in the file: those that add, change or repeat, and the unplaced ones.
    unplaced : tuple of (file, row)
        Rows that could not be placed; a finding gives the reason for each.
    findings : tuple of Finding
        What the checks would find that they do not find now; an error blocks the writing.
    tables : mapping of str to str
        New content of each file that would change, by its name under ``data/``.
    skipped : tuple of str
        Sheets of the template that are there to be read by people.
    """

    source: str
    changes: tuple[Change, ...]
    unchanged: int
    rows: int
    unplaced: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
    tables: Mapping[str, str]
    skipped: tuple[str, ...] = ()

    @property
    def added(self) -> dict[str, list[str]]:
        """Keys of new rows by table."""
        keys: dict[str, list[str]] = defaultdict(list)
        for change in self.changes:
            if change.before is None and change.key not in keys[change.table]:
                keys[change.table].append(change.key)
        return {table: found for table, found in keys.items() if found}


_WORDS = {
    "add": {"en": "new row", "zh": "新增行"},
    "change": {"en": "changed", "zh": "更改"},
    "read_as": {"en": "read as", "zh": "读作"},
    "unplaced": {"en": "Rows that could not be placed", "zh": "未能归位的行"},
    "skipped": {"en": "Sheets that are not imported", "zh": "不导入的工作表"},
    "summary": {
        "en": "{source}: {rows} rows; {added} new, {changed} cells changed, {same} rows already there, "
        "{unplaced} not placed",
        "zh": "{source}：共 {rows} 行；新增 {added} 行，更改 {changed} 个单元格，"
        "{same} 行已存在，{unplaced} 行未归位",
    },
    "blocked": {
        "en": "Nothing is written: put the errors right first.",
        "zh": "未写入任何内容：请先改正错误。",
    },
    "dry": {
        "en": "Nothing is written yet: run again with --write.",
        "zh": "尚未写入：加 --write 再次运行即可写入。",
    },
    "nothing": {"en": "There is nothing to write.", "zh": "没有需要写入的内容。"},
    "written": {"en": "Written: {files}", "zh": "已写入：{files}"},
}


def describe_plan(plan: Plan, langs: Sequence[str], *, write: bool, written: bool) -> str:
    """The plan for a terminal.

    Parameters
    ----------
    langs : sequence of {"en", "zh"}
    write : bool
        Whether writing was asked for.
    written : bool
        Whether it was done.
    """
    lines: list[str] = []
    last: tuple[str, str] | None = None
    for change in plan.changes:
        place = (change.table, change.key)
        new = change.before is None
        if place != last:
            word = " / ".join(_WORDS["add" if new else "change"][lang] for lang in langs)
            sign = "+" if new else "~"
            lines.append(f"{sign} {change.table} {visible(change.key)}  {word}  ({change.file}:{change.row})")
            last = place
        before = "" if new else f"{visible(change.before or '')} → "
        lines.append(f"    {change.column}: {before}{visible(change.after)}")
        if change.typed != change.after:
            word = " / ".join(_WORDS["read_as"][lang] for lang in langs)
            lines[-1] += f"   ({visible(change.typed)} {word} {visible(change.after)})"
    if plan.findings:
        lines += ["", describe(plan.findings, langs)]
    if plan.unplaced:
        word = " / ".join(_WORDS["unplaced"][lang] for lang in langs)
        lines += ["", f"{word}: " + ", ".join(f"{file}:{row}" for file, row in plan.unplaced)]
    skipped = [name for name in plan.skipped if not name.startswith("_")]
    if skipped:
        word = " / ".join(_WORDS["skipped"][lang] for lang in langs)
        lines += ["", f"{word}: {', '.join(skipped)}"]
    blocked = any(found.severity == "error" for found in plan.findings)
    outcome = "blocked" if blocked else "written" if written else "nothing" if not plan.changes else "dry"
    numbers = {
        "source": plan.source,
        "rows": plan.rows,
        "added": sum(map(len, plan.added.values())),
        "changed": sum(change.before is not None for change in plan.changes),
        "same": plan.unchanged,
        "unplaced": len(plan.unplaced),
        "files": ", ".join(plan.tables),
    }
    lines.append("")
    for lang in langs:
        lines.append(_WORDS["summary"][lang].format(**numbers))
        if write or outcome != "written":
            lines.append(_WORDS[outcome][lang].format(**numbers))
    return "\n".join(lines).lstrip("\n")


def plan_to_json(plan: Plan, *, written: bool) -> str:
    """The plan for programs, without the files' content."""
    record = asdict(plan)
    record["tables"] = list(plan.tables)
    record["written"] = written
    return json.dumps(record, ensure_ascii=False, indent=1)
