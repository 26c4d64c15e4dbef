"""Every study of the review with all that was extracted from it: sections of a page, or pages of their own.

Where there are too many for one page, the chapter lists them, each is left as a ``page.json`` in
``studies/<study_id>/``, and links to a study lead there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from analysis.evidence.rows import Record
from analysis.showing import sections
from analysis.showing.archive import PAGE_FILE
from analysis.showing.session import STUDIES_FOLDER, STUDIES_PAGE, Session, write
from analysis.tables import characteristics, render
from analysis.tables.model import Line, Table
from analysis.tables.sources import Sources
from analysis.wording import catalogue, escape

_ANY: Final = "study"


def studies(session: Session, conditions: Mapping[str, str]) -> str:
    """Markdown of the studies that have the given columns of ``studies.csv``."""
    sources = session.sources
    chosen = sections.chosen_studies(sources, conditions)
    if not session.has_study_pages:
        return "\n".join(sections.section(sources, study) for study in chosen)
    # All of these pages are equally deep, so that links are the same from each.
    pages = replace(session, page=session.project / STUDIES_FOLDER / _ANY)
    of_pages = pages.sources
    for study in chosen:
        _write_page(pages, of_pages, study)
    return _listed(sources, chosen, "-".join(conditions.values())) if chosen else ""


def _write_page(session: Session, sources: Sources, study: Record) -> None:
    lang, name = session.lang, study["study_id"]
    tables = sections.value_tables(sources, study)
    parts = [f'<div id="study-{escape.html(name)}">{_block(sections.facts(sources, study))}</div>']
    for kind, table in tables.items():
        anchor, title = kind.replace("_", "-"), escape.html(table.caption)
        parts.append(f'<section id="{anchor}" class="level2"><h2>{title}</h2>\n{_block(table)}</section>')
    if not tables:
        parts.append(f"<p>{escape.html(sources.text('study.nothing'))}</p>")
    address = escape.html(session.link(f"{STUDIES_PAGE}#study-{name}"))
    notice = f'<a href="{address}">{escape.html(catalogue.text("study.all", lang))}</a>'
    record = {"title": study["label"], "notice": notice, "html": "\n".join(parts), "search": True}
    write(session.folder(STUDIES_FOLDER) / name / PAGE_FILE, json.dumps(record, ensure_ascii=False) + "\n")


def _block(table: Table) -> str:
    return f'<div class="review-table-block study-table">\n{render.html(table)}\n</div>'


def _listed(sources: Sources, chosen: Sequence[Record], name: str) -> str:
    """The list for the web, each study at the anchor of its section, and the sections for the PDF."""
    keys = ("study", "design", "participants_n", "follow_up")
    lines = (
        Line(
            (
                sources.study(study["study_id"]),
                sources.coded("studies", "design", study.get("design")),
                sources.cell(characteristics.people(sources, study)),
                sources.month_cell(study.get("follow_up_months")),
            ),
            id=f"study-{study['study_id']}",
        )
        for study in chosen
    )
    columns = tuple(sources.column(key) for key in keys)
    table = Table(f"studies-{name.replace('_', '-')}", sources.lang, "", columns, tuple(lines))
    html = f'<div class="review-table-block">\n{render.html(table, tools=True)}\n</div>'
    printed = "\n".join(sections.printed_section(sources, study) for study in chosen)
    hidden = f'::::: {{.content-hidden when-format="html"}}\n{printed}\n:::::\n'
    return f"{escape.fenced(html, 'html')}\n\n{hidden}"
