"""Sections made from the evidence: one for each study with all that was extracted from it, and one for
each data table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from analysis.evidence.codebook import codebook as entries
from analysis.evidence.rows import Record
from analysis.tables import adverse_events, characteristics, render, values
from analysis.tables import codebook as codebooks
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.sources import Sources
from analysis.wording import escape, numbers

ORDER = ("included", "overlapping", "awaiting", "excluded")


def chosen_studies(sources: Sources, conditions: Mapping[str, str]) -> list[Record]:
    """The studies that have the given columns of ``studies.csv``, in the order of their sections."""
    chosen = [
        row
        for row in sources.studies.values()
        if all(row.get(column) == wanted for column, wanted in conditions.items())
    ]
    return sorted(chosen, key=lambda row: (ORDER.index(row["inclusion"]), row["year"] or 0, row["label"]))


def codebook(sources: Sources) -> str:
    """Markdown of a section for each data table: what it holds, column by column."""
    parts = []
    for entry in entries(sources.evidence.parsed_schema, sources.lang):
        title = escape.markdown(f"{entry.title} ({entry.file})")
        parts += [f"### {title} {{#codebook-{entry.name}}}", "", escape.markdown(entry.description), ""]
        parts.append(_block(replace(codebooks.columns(sources, entry), caption="")))
    return "\n".join(parts)


def section(sources: Sources, study: Record) -> str:
    """One study's section, anchored at ``study-<study_id>``."""
    parts = [_heading(study), _block(facts(sources, study))]
    tables = value_tables(sources, study)
    parts.extend(_block(table, web_only=name == "study_values") for name, table in tables.items())
    if not tables:
        parts.append(escape.markdown(sources.text("study.nothing")) + "\n")
    return "\n".join(parts)


def printed_section(sources: Sources, study: Record) -> str:
    """The section as the PDF has it, of a study that has a page of its own on the web."""
    return f"{_heading(study)}\n{_printed_block(facts(sources, study))}\n"


def value_tables(sources: Sources, study: Record) -> dict[str, Table]:
    """Every value extracted from a study, a table for each data table that has any."""
    return {name: _values(sources, study, name, rows) for name, rows in _rows(sources, study)}


def _heading(study: Record) -> str:
    return f"### {escape.markdown(study['label'])} {{#study-{study['study_id']}}}\n"


def _block(table: Table, *, web_only: bool = False) -> str:
    """A table without number and caption; one for the web only is folded there and left out of the PDF."""
    title = escape.html(table.caption)
    content = render.html(table)
    if web_only:
        inner = f"<details><summary>{title}</summary>\n{content}\n</details>"
    else:
        inner = (f'<p class="table-title">{title}</p>\n' if title else "") + content
    blocks = [escape.fenced(f'<div class="review-table-block study-table">\n{inner}\n</div>', "html")]
    if not web_only:
        blocks.append(_printed_block(table))
    return "\n\n".join(blocks) + "\n"


def _printed_block(table: Table) -> str:
    heading = f"#minor-title({escape.typst(table.caption)})\n" if table.caption else ""
    return escape.fenced(heading + render.typst(table), "typst")


def facts(sources: Sources, study: Record) -> Table:
    """Design, people, treatment, follow-up and place in this review."""
    follow_up = sources.month_cell(study.get("follow_up_months"), study.get("follow_up_text"))
    registration, registration_lang = sources.own(study, "registration")
    rows = [
        ("reference", _reference(sources, study)),
        *_place(sources, study),
        ("design", sources.coded("studies", "design", study.get("design"))),
        *_printed(sources, study, "design", "design_text"),
        ("population", _people(sources, study)),
        *_printed(sources, study, "population", "phenotype"),
        ("intervention", _treatment(sources, study)),
        *_printed(sources, study, "dose", "dose"),
        *_printed(sources, study, "doses", "n_doses"),
        *_printed(sources, study, "comparator", "comparator"),
        ("follow_up", follow_up),
        ("registration", Cell(registration, lang=registration_lang)),
        *_printed(sources, study, "disagreements", "disagreements"),
    ]
    columns = (
        Column("item", sources.text("column.field")),
        Column("value", sources.text("column.value"), wide=True),
    )
    lines = (
        Line((Cell(sources.text(f"study.{key}")), cell)) for key, cell in rows if cell.text and not cell.muted
    )
    return Table(f"study-{study['study_id']}", sources.lang, "", columns, tuple(lines))


def _reference(sources: Sources, study: Record) -> Cell:
    parts = [str(study[key]) for key in ("first_author", "title", "journal") if study.get(key)]
    if study.get("year") is not None:
        parts.append(f"{study['year']:.0f}")
    doi = study.get("doi")
    href = f"https://doi.org/{doi}" if doi else study.get("source_url") or ""
    return Cell(". ".join(parts), href=href, lang="" if sources.lang == "en" else "en")


def _place(sources: Sources, study: Record) -> Iterator[tuple[str, Cell]]:
    place = sources.label("studies", "inclusion", study["inclusion"])
    reason = study.get("inclusion_reason")
    if reason and reason != "eligible":
        place = numbers.clauses((place, sources.label("studies", "inclusion_reason", reason)), sources.lang)
    yield "counted", Cell(place)
    note, lang = sources.own(study, "inclusion_note")
    if note and not lang:
        yield "note", Cell(note)


def _people(sources: Sources, study: Record) -> Cell:
    """People, types of MS, age, sex and EDSS at entry, as far as they are printed."""
    parts = [characteristics.people(sources, study), characteristics.phenotype(study)]
    if study.get("age_mean") is not None:
        parts.append(sources.text("study.age", value=numbers.plain(study["age_mean"])))
    women, men = study.get("n_female"), study.get("n_male")
    if women is not None and men is not None:
        parts.append(sources.text("study.sex", women=numbers.integer(women), men=numbers.integer(men)))
    if edss := characteristics.baseline_edss(study):
        parts.append(sources.text("study.edss", value=edss))
    return Cell(numbers.clauses((part for part in parts if part), sources.lang))


def _treatment(sources: Sources, study: Record) -> Cell:
    coded = [
        sources.label("studies", column, study[column])
        for column in ("cell_source", "donor", "route")
        if study.get(column) not in (None, "not_reported")
    ]
    return Cell(numbers.clauses(coded, sources.lang))


def _printed(sources: Sources, study: Record, key: str, column: str) -> Iterator[tuple[str, Cell]]:
    """A free text as it was printed, in quotation marks and in its own language."""
    if found := study.get(column):
        yield f"{key}_printed", Cell(f"“{found}”", lang="" if sources.lang == "en" else "en")


def _rows(sources: Sources, study: Record) -> Iterator[tuple[str, list[Record]]]:
    """The extracted values of a study, by table; tables without any are left out."""
    for name in ("outcomes", "estimates", "adverse_events", "study_values"):
        if rows := sources.of_study(name, study["study_id"]):
            yield name, rows


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
