"""A section for each study: what it is, and every value extracted from it, with its source."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.synthesis.tables import Record
from analysis.tables import adverse_events, characteristics, render, values
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.sources import Sources
from analysis.wording import escape, numbers

ORDER = ("included", "overlapping", "awaiting", "excluded")


def studies(sources: Sources, **conditions: str) -> str:
    """Markdown of all sections, or of those whose study has the given columns.

    Parameters
    ----------
    **conditions : str
        Columns of ``studies.csv``, such as ``stream="controlled"`` or ``inclusion="included"``.
    """
    chosen = [
        row
        for row in sources.studies.values()
        if all(row.get(column) == wanted for column, wanted in conditions.items())
    ]
    chosen.sort(key=lambda row: (ORDER.index(row["inclusion"]), row["year"] or 0, row["label"]))
    return "\n".join(section(sources, row) for row in chosen)


def section(sources: Sources, study: Record) -> str:
    """One study's section, anchored at ``study-<study_id>``."""
    parts = [f"### {escape.markdown(study['label'])} {{#study-{study['study_id']}}}", ""]
    parts.append(_block(_facts(sources, study)))
    tables = [table for table in _tables(sources, study) if table.lines]
    parts.extend(_block(table) for table in tables)
    if not tables:
        parts.append(escape.markdown(sources.text("study.nothing")) + "\n")
    return "\n".join(parts)


def _block(table: Table) -> str:
    """A table without number and caption, for the page and for the PDF."""
    title = f'<p class="table-title">{escape.html(table.caption)}</p>\n' if table.caption else ""
    heading = f"#table-title({escape.typst(table.caption)})\n" if table.caption else ""
    html = f'<div class="review-table-block study-table">\n{title}{render.html(table)}\n</div>'
    typst = heading + render.typst(table)
    return f"{escape.fenced(html, 'html')}\n\n{escape.fenced(typst, 'typst')}\n"


def _facts(sources: Sources, study: Record) -> Table:
    """Design, people, treatment, follow-up and place in this review."""
    facts: list[tuple[str, list[Cell]]] = [
        ("reference", [_reference(sources, study)]),
        ("counted", _place(sources, study)),
        (
            "design",
            [sources.coded("studies", "design", study["design"]), *_printed(sources, study, "design_text")],
        ),
        ("population", [*_people(sources, study), *_printed(sources, study, "phenotype")]),
        ("intervention", _treatment(sources, study)),
        ("comparator", _printed(sources, study, "comparator")),
        ("follow_up", [sources.month_cell(study.get("follow_up_months"), study.get("follow_up_text"))]),
        ("registration", _printed(sources, study, "registration", name=True)),
        ("disagreements", _printed(sources, study, "disagreements")),
    ]
    lines = [
        Line((Cell(sources.text(f"study.{key}")), cell))
        for key, cells in facts
        for cell in cells
        if cell.text and not cell.muted
    ]
    return Table(
        id=f"study-{study['study_id']}",
        lang=sources.lang,
        caption="",
        columns=(
            Column("item", sources.text("column.field")),
            Column("value", sources.text("column.value"), wide=True),
        ),
        lines=_once(lines),
    )


def _once(lines: list[Line]) -> tuple[Line, ...]:
    """The item's name only on its first row."""
    found: list[Line] = []
    last = ""
    for line in lines:
        name, cell = line.cells
        found.append(line if name.text != last else Line((Cell("", value=name.text), cell)))
        last = name.text
    return tuple(found)


def _reference(sources: Sources, study: Record) -> Cell:
    parts = [str(study[key]) for key in ("first_author", "title", "journal") if study.get(key)]
    if study.get("year") is not None:
        parts.append(f"{study['year']:.0f}")
    doi = study.get("doi")
    href = f"https://doi.org/{doi}" if doi else study.get("source_url") or ""
    return Cell(". ".join(parts), href=href, lang="" if sources.lang == "en" else "en")


def _place(sources: Sources, study: Record) -> list[Cell]:
    place = sources.label("studies", "inclusion", study["inclusion"])
    reason = study.get("inclusion_reason")
    if reason and reason != "eligible":
        place = numbers.clauses((place, sources.label("studies", "inclusion_reason", reason)), sources.lang)
    note, lang = sources.own(study, "inclusion_note")
    return [Cell(place), *([Cell(note, lang=lang)] if note and not lang else [])]


def _people(sources: Sources, study: Record) -> Iterator[Cell]:
    """People, types of MS, age, sex and EDSS at entry, as far as they are printed."""
    lang = sources.lang
    parts = [characteristics.people(sources, study), characteristics.phenotype(study)]
    if study.get("age_mean") is not None:
        parts.append(sources.text("study.age", value=numbers.plain(study["age_mean"])))
    women, men = study.get("n_female"), study.get("n_male")
    if women is not None and men is not None:
        parts.append(sources.text("study.sex", women=numbers.integer(women), men=numbers.integer(men)))
    if edss := characteristics.baseline_edss(study):
        parts.append(sources.text("study.edss", value=edss))
    yield Cell(numbers.clauses((part for part in parts if part), lang))


def _treatment(sources: Sources, study: Record) -> list[Cell]:
    coded = [
        sources.label("studies", column, study[column])
        for column in ("cell_source", "donor", "route")
        if study.get(column) not in (None, "not_reported")
    ]
    cells = [Cell(numbers.clauses(coded, sources.lang))] if coded else []
    return [*cells, *_printed(sources, study, "dose"), *_printed(sources, study, "n_doses")]


def _printed(sources: Sources, study: Record, column: str, *, name: bool = False) -> list[Cell]:
    """A free text as it was printed, in quotation marks and in its own language."""
    found = study.get(column)
    if not found:
        return []
    return [Cell(str(found) if name else f"“{found}”", lang="" if sources.lang == "en" or name else "en")]


def _tables(sources: Sources, study: Record) -> Iterator[Table]:
    for name in ("outcomes", "estimates", "adverse_events", "study_values"):
        rows = [row for row in sources.rows(name) if row["study_id"] == study["study_id"]]
        yield _values(sources, study, name, rows)


def _values(sources: Sources, study: Record, name: str, rows: list[Record]) -> Table:
    """Every value of one kind, a row each, with source, quote, confidence and check."""
    return Table(
        id=f"{study['study_id']}-{name.replace('_', '-')}",
        lang=sources.lang,
        caption=sources.text(f"study.{name}"),
        columns=(
            sources.column("field"),
            sources.column("value"),
            sources.column("quote", wide=True),
            sources.column("source"),
            sources.column("checked"),
        ),
        lines=tuple(
            Line(
                (
                    _item(sources, name, row),
                    _value(sources, name, row),
                    sources.quote(row),
                    sources.source(row, name),
                    Cell(
                        numbers.clauses(
                            (sources.confidence(row).text, sources.checked(row).text), sources.lang
                        )
                    ),
                ),
                id=row["value_id"],
            )
            for row in rows
        ),
    )


def _item(sources: Sources, name: str, row: Record) -> Cell:
    """What was measured, in which group and when."""
    match name:
        case "outcomes" | "estimates":
            parts = [sources.label(name, "outcome", row["outcome"])]
        case "adverse_events":
            parts = [sources.label(name, "category", row["category"])]
        case _:
            return Cell(sources.text(f"item.{row['field']}"), value=row["field"])
    arm = sources.arm(row)
    if not arm.muted:
        parts.append(arm.text)
    if row.get("timepoint_months") is not None:
        parts.append(numbers.months(float(row["timepoint_months"]), sources.lang))
    return Cell(numbers.clauses(parts, sources.lang))


def _value(sources: Sources, name: str, row: Record) -> Cell:
    match name:
        case "outcomes":
            return Cell(values.shown(row, sources.lang), marks=sources.flag_marks(row))
        case "adverse_events":
            return adverse_events.people_cell(sources, row)
        case "estimates":
            return Cell(values.published(row, sources.lang))
    return Cell(str(row.get("value") or ""), lang="" if sources.lang == "en" else "en")
