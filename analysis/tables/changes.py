"""What each version changed: every result that moved, before and after."""

from __future__ import annotations

from analysis.living.changes import Step, history
from analysis.living.report import question_texts, summary
from analysis.living.snapshots import of_evidence
from analysis.living.versions import read_versions
from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Sources, groups


def table(sources: Sources) -> Table:
    """A row for each result that moved, under the step it moved in, the newest step first."""
    now = of_evidence(sources.evidence, sources.results, sources.data_dir)
    steps = history(read_versions(sources.data_dir), now)
    lines = [
        (_title(step, sources), Line(tuple(Cell(text) for text in question_texts(change, sources.lang))))
        for step in steps
        for change in step.changes.moved()
    ]
    notes = [f"{_title(step, sources)} {summary(step.changes, sources.lang)}" for step in steps]
    if any(step.changes.seed for step in steps):
        notes.append(sources.text("living.report.seed"))
    heads = ("question", "was", "now")
    return Table(
        id="changes",
        lang=sources.lang,
        caption=sources.text("table.changes.caption"),
        columns=(*(sources.column(name) for name in heads), sources.column("meaning", wide=True)),
        lines=groups(lines),
        notes=tuple(notes),
        landscape=True,
    )


def _title(step: Step, sources: Sources) -> str:
    return sources.text("table.changes.step", old=step.changes.old, new=step.changes.new)
