"""Our statistics beside a reference program's.

How it stays true: `analysis.validation.agreements` computes our side anew from the data sets under
``tests/reference``, and ``tests/pool/test_validation.py`` fails when any of it drifts from the reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.tables.model import Cell, Column, Line, Table, heading
from analysis.tables.sources import Sources, groups
from analysis.validation import SECTIONS, Agreement
from analysis.wording import numbers

PLACES = 9


def table(sources: Sources, section: str = "") -> Table:
    """A row for each comparison, of one `section` or of all.

    Raises
    ------
    KeyError
        With the sections there are, when there is none of that name.
    """
    if section and section not in SECTIONS:
        raise KeyError(f"there is no section {section!r}; there is {', '.join(SECTIONS)}")
    chosen = [found for found in sources.agreements() if section in ("", found.section)]
    caption = sources.text("table.validation.caption")
    if section:
        name = SECTIONS[section][sources.lang]
        caption = sources.text("table.validation.caption_of", section=name)
    lines = [(SECTIONS[found.section][sources.lang], _line(sources, found)) for found in chosen]
    return Table(
        id=f"validation-{section.replace('_', '-')}" if section else "validation",
        lang=sources.lang,
        caption=caption,
        columns=(
            sources.column("data_set"),
            sources.column("quantity"),
            sources.column("reference_value", align="decimal"),
            sources.column("ours", align="decimal"),
            sources.column("difference", align="decimal"),
            sources.column("figures", align="right"),
            sources.column("note", wide=True),
            Column("promised", "promised", download_only=True),
        ),
        lines=(tuple(line for _, line in lines) if section else groups(lines)) or _nothing(sources),
        notes=(sources.text("table.validation.note"),),
        landscape=True,
    ).without_empty_columns()


def summary(sources: Sources) -> Table:
    """A row for each section: how many figures were compared, and the largest difference."""
    found = sources.agreements()
    sections = {name: [one for one in found if one.section == name] for name in SECTIONS}
    return Table(
        id="validation-summary",
        lang=sources.lang,
        caption=sources.text("table.validation.summary"),
        columns=(
            sources.column("what"),
            sources.column("data_sets", align="right"),
            sources.column("figures", align="right"),
            sources.column("largest", align="decimal"),
            sources.column("agree"),
        ),
        lines=tuple(
            _summed(sources, name, members)
            for name, members in sections.items()
            if members and name != "reference_wrong"
        )
        or _nothing(sources),
        notes=(sources.text("table.validation.note"),),
    )


def shown(value: float) -> str:
    """A number with nine decimals, tiny ones as smaller than the last of them; 0 as itself."""
    return "0" if value == 0 else numbers.small(value, PLACES)


def _nothing(sources: Sources) -> tuple[Line, ...]:
    return (heading(sources.text("show.no_rows")),)


def _line(sources: Sources, found: Agreement) -> Line:
    return Line(
        (
            Cell(found.dataset),
            Cell(found.quantity[sources.lang]),
            Cell(shown(found.reference), value=found.reference),
            Cell(shown(found.ours), value=found.ours),
            Cell(shown(abs(found.difference)), value=found.difference),
            Cell(numbers.integer(found.figures), value=found.figures),
            Cell(found.note[sources.lang] if found.note else ""),
            Cell("", value=found.promised),
        )
    )


def _summed(sources: Sources, name: str, members: Sequence[Agreement]) -> Line:
    agreeing = all(found.agrees for found in members)
    largest = max(abs(found.difference) for found in members)
    figures = sum(found.figures for found in members)
    data_sets = len({found.dataset for found in members})
    return Line(
        (
            Cell(SECTIONS[name][sources.lang], value=name),
            Cell(numbers.integer(data_sets), value=data_sets),
            Cell(numbers.integer(figures), value=figures),
            Cell(shown(largest), value=largest),
            Cell(sources.text(f"show.{'yes' if agreeing else 'no'}"), value=agreeing),
        )
    )
