"""Three simulated trials in a filled template, as a maintainer would hand them in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl

from analysis.evidence.package import open_book
from analysis.evidence.template import template

DATA = Path(__file__).parents[2] / "data"

SOURCE = {
    "source_url": "https://example.org/simulated",
    "source_kind": "abstract",
    "quote": "simulated for a test: 4 of 20",
    "confidence": "primary",
}
STUDY = {
    "design": "single_arm",
    "cell_source": "bone_marrow",
    "donor": "autologous",
    "route": "IT",
    "stream": "single_arm",
    "inclusion": "included",
    "inclusion_reason": "eligible",
    **SOURCE,
}


def new_trials() -> dict[str, list[dict[str, Any]]]:
    """Three simulated trials, as somebody would fill the template."""
    filled: dict[str, list[dict[str, Any]]] = {
        "studies": [],
        "arms": [],
        "outcomes": [],
        "adverse_events": [],
    }
    arm = {"arm_id": "msc", "label": "MSC", "label_zh": "MSC", "role": "intervention", "unit": "arm"}
    count = {"arm_id": "msc", "statistic": "count", "timepoint_months": 12, "n": 20, **SOURCE}
    none = {"term": "serious adverse event", "category": "serious", "serious": "yes", "definition": "serious"}
    for year, name in ((2027, "simulated2027"), (2028, "simulated2028"), (2029, "simulated2029")):
        study = {"study_id": name, "label": name.title(), "first_author": "Simulated SA", "year": year}
        filled["studies"].append({**study, "title": "A trial", "n_enrolled": 20, "cohort": name, **STUDY})
        filled["arms"].append({"study_id": name, **arm, "route": "IT"})
        for outcome, events in (("edss_improved", 4), ("edss_worsened", 3)):
            value = {"outcome": outcome, "outcome_text": outcome, "events": events}
            filled["outcomes"].append({"study_id": name, **count, **value})
        filled["adverse_events"].append(
            {"study_id": name, "arm_id": "msc", **none, "n_people": 0, "n_at_risk": 20, **SOURCE}
        )
    return filled


def workbook(path: Path, filled: dict[str, list[dict[str, Any]]], data_dir: Path = DATA) -> Path:
    """The template, filled."""
    book = open_book(data_dir)[0]
    assert book is not None
    filled_in = openpyxl.load_workbook(io.BytesIO(template(book)))
    for table, rows in filled.items():
        sheet = filled_in[table]
        names = [cell.value for cell in sheet[2]]
        for number, row in enumerate(rows, start=3):
            for column, value in row.items():
                sheet.cell(number, names.index(column) + 1).value = value
    filled_in.save(path)
    return path
