"""A reporting checklist: each item, how far it is answered, where, and why not."""

from __future__ import annotations

from functools import partial
from typing import Final

from analysis.evidence.checks.reporting import unknown_section
from analysis.living.versions import Version, read_versions
from analysis.reporting.answers import Answer, answers, tally
from analysis.reporting.checklists import CHECKLISTS
from analysis.reporting.rules import Found, Review
from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Place, Sources, groups
from analysis.wording import numbers


def table(sources: Sources, checklist: str) -> Table:
    """A row for each item under its part of the checklist.

    Raises
    ------
    EvidenceError
        When ``reporting.csv`` names a section that no chapter has.
    """
    present = Version.parse(str(sources.evidence.protocol["version"]))
    stored = read_versions(sources.data_dir)
    earlier = tuple(
        str(each.version) for each in stored if each.meta.level != "seed" and each.version < present
    )
    given = answers(Review(sources.evidence, sources.results, earlier), checklist)
    counted = tally(given)
    key = checklist.replace("-", "_")
    return Table(
        id=checklist,
        lang=sources.lang,
        caption=sources.text(f"table.reporting.{key}.caption", total=len(given), **counted),
        columns=(
            sources.column("item_number"),
            sources.column("item", wide=True),
            sources.column("reporting_status"),
            sources.column("where"),
            sources.column("reporting_note", wide=True),
            sources.column("wording_en", download_only=True),
        ),
        lines=groups([(answer.item.section[sources.lang], _line(sources, answer)) for answer in given]),
        notes=(sources.text(f"table.reporting.{key}.note"), sources.text("table.reporting.note")),
    )


TABLES: Final = {checklist: partial(table, checklist=checklist) for checklist in CHECKLISTS}


def _line(sources: Sources, answer: Answer) -> Line:
    item, lang = answer.item, sources.lang
    marks = (sources.text("table.reporting.from_abstract"),) if item.from_abstract else ()
    places = tuple(_place(sources, answer, name) for name in answer.sections)
    titles = numbers.clauses((cell.text for cell in places), lang)
    return Line(
        (
            Cell(item.number or "–", value=item.number),
            Cell(
                sources.text("table.reporting.item", topic=item.topic[lang], text=item.text[lang]),
                marks=marks,
            ),
            Cell(
                sources.text(f"reporting.status.{answer.status}"),
                value=answer.status,
                muted=answer.status == "not_applicable",
            ),
            Cell(titles, value="; ".join(answer.sections), parts=places),
            Cell(_why(sources, answer)),
            Cell(item.text["en"], lang="en" if lang != "en" else ""),
        ),
        id=item.id,
    )


def _why(sources: Sources, answer: Answer) -> str:
    own = answer.note.get("note" if sources.lang == "en" else f"note_{sources.lang}")
    found = _said(sources, answer.found) if answer.found else ""
    return numbers.sentences([part for part in (found, str(own or "")) if part], sources.lang)


def _said(sources: Sources, found: Found) -> str:
    return sources.text(f"reporting.note.{found.note}", **found.params)


def _place(sources: Sources, answer: Answer, name: str) -> Cell:
    known = sources.places()
    if name not in known:
        raise unknown_section(answer.row, name)
    place = known[name]
    return Cell(_named(sources, place), href=place.href)


def _named(sources: Sources, place: Place) -> str:
    if place.is_chapter:
        return place.title
    return sources.text("table.reporting.place", chapter=place.chapter, section=place.title)
