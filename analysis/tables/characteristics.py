"""Characteristics of the included studies."""

from __future__ import annotations

import re

from analysis.evidence.rows import Record
from analysis.tables.model import Line, Table
from analysis.tables.sources import Sources, groups
from analysis.wording import numbers

PHENOTYPES = ("RRMS", "SPMS", "PPMS", "PRMS")


def table(sources: Sources) -> Table:
    """A row for each included study, controlled ones first."""
    included = [row for row in sources.rows("studies") if row["inclusion"] == "included"]
    included.sort(key=lambda row: (row["stream"] != "controlled", row["year"] or 0, row["label"]))
    return Table(
        id="characteristics",
        lang=sources.lang,
        caption=sources.text("table.characteristics.caption"),
        columns=(
            sources.column("study"),
            sources.column("design"),
            sources.column("country"),
            sources.column("phenotype"),
            sources.column("participants_n"),
            sources.column("baseline_edss"),
            sources.column("cell_source"),
            sources.column("donor"),
            sources.column("route"),
            sources.column("follow_up"),
        ),
        lines=groups(
            [(sources.label("studies", "stream", row["stream"]), _line(sources, row)) for row in included]
        ),
        notes=(sources.text("table.characteristics.note"),),
        landscape=True,
    ).without_empty_columns()


def _line(sources: Sources, row: Record) -> Line:
    return Line(
        (
            sources.study(row["study_id"]),
            sources.coded("studies", "design", row.get("design")),
            sources.cell(countries(sources, row), value=row.get("country_code")),
            sources.cell(phenotype(row)),
            sources.cell(people(sources, row)),
            sources.cell(baseline_edss(row), value=row.get("baseline_edss_mean")),
            sources.coded("studies", "cell_source", row.get("cell_source")),
            sources.coded("studies", "donor", row.get("donor")),
            sources.coded("studies", "route", row.get("route")),
            sources.month_cell(row.get("follow_up_months")),
        )
    )


def countries(sources: Sources, row: Record) -> str:
    """The countries by name."""
    codes = str(row.get("country_code") or "").split(";")
    return numbers.listed((sources.text(f"country.{code}") for code in codes if code), sources.lang)


def phenotype(row: Record) -> str:
    """People by type of multiple sclerosis, or the types where no numbers are printed."""
    counted = [
        f"{name} {numbers.plain(row[field])}{percent}"
        for name in PHENOTYPES
        for field, percent in ((f"n_{name.lower()}", ""), (f"pct_{name.lower()}", "%"))
        if row.get(field)
    ]
    if counted:
        return ", ".join(counted)
    return ", ".join(dict.fromkeys(re.findall("|".join(PHENOTYPES), str(row.get("phenotype") or ""))))


def people(sources: Sources, row: Record) -> str:
    """How many people entered, were treated and were analysed, as far as that is printed."""
    found = [
        sources.text(f"people.{name}", n=numbers.integer(row[f"n_{name}"]))
        for name in ("enrolled", "treated", "analysed")
        if row.get(f"n_{name}") is not None
    ]
    return (", " if sources.lang == "en" else "，").join(found)


def baseline_edss(row: Record) -> str:
    """Mean (and SD) of the EDSS at entry."""
    mean, sd = row.get("baseline_edss_mean"), row.get("baseline_edss_sd")
    if mean is None:
        return ""
    return numbers.plain(mean) + (f" ± {numbers.plain(sd)}" if sd is not None else "")
