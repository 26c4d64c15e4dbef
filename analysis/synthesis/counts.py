"""Plain counts for prose: how many studies, trials, values, by dotted name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from analysis.evidence.rows import Record
from analysis.synthesis.results import Synthesis

if TYPE_CHECKING:
    from analysis.evidence import Evidence

VALUE_TABLES = ("outcomes", "adverse_events", "estimates", "study_values")


def count_evidence(evidence: Evidence) -> dict[str, float]:
    """Count what the evidence tables hold.

    Returns
    -------
    dict
        ``studies.<inclusion>``, ``studies.included.<stream>``, ``studies.included.randomised``,
        ``studies.included.design.<design>``, ``studies.included.route.<route>``, ``values.total``,
        ``values.checked``, both also by table (``values.outcomes.checked``), ``values.<confidence>``,
        ``values.from.<source_kind>``, and ``searches.this_review``, ``trials.*``, ``reviews.*``,
        ``risk_of_bias.*``, zero where a review has no such table.
    """
    tables = {name: evidence.rows(name) for name in evidence.tables}
    counts: Counter[str] = Counter()
    for study in tables["studies"]:
        counts["studies.total"] += 1
        counts[f"studies.{study['inclusion']}"] += 1
        if study["inclusion"] == "included":
            counts[f"studies.included.{study['stream']}"] += 1
            counts[f"studies.included.design.{study['design']}"] += 1
            counts[f"studies.included.route.{study['route'] or 'not_reported'}"] += 1
            counts["studies.included.randomised"] += str(study["design"]).startswith("randomised")
    for name in VALUE_TABLES:
        counts[f"values.{name}.total"] = counts[f"values.{name}.checked"] = 0
        for row in tables.get(name, ()):
            counts["values.total"] += 1
            counts[f"values.{row['confidence'] or 'unverified'}"] += 1
            counts[f"values.from.{row.get('source_kind') or 'not_reported'}"] += 1
            counts["values.checked"] += row.get("checked_by") is not None
            counts[f"values.{name}.total"] += 1
            counts[f"values.{name}.checked"] += row.get("checked_by") is not None
    _count_trials(tables.get("trials", []), counts)
    counts["reviews.total"] = len(tables.get("reviews", []))
    counts["reviews.results"] = len(tables.get("review_results", []))
    counts["searches.this_review"] = sum(
        search["done_for"] == "this_review" for search in tables.get("searches", [])
    )
    _count_judgements(tables, counts)
    return dict(sorted(counts.items()))


def count_flow(counts: Mapping[str, float], questions: Iterable[Synthesis]) -> dict[str, float]:
    """The numbers of the study flow that a build counts itself, ``flow.<box>``.

    Parameters
    ----------
    counts : mapping
        From `count_evidence`.
    questions : iterable of Synthesis
        A study is in a meta-analysis when any question pools it.
    """
    pooled = {row.study_id for question in questions for row in question.rows if row.status == "pooled"}
    return {
        "flow.total_studies": counts.get("studies.included", 0),
        "flow.total_reports": counts.get("studies.included", 0) + counts.get("studies.overlapping", 0),
        "flow.total_in_meta_analysis": len(pooled),
    }


def _count_trials(trials: list[Record], counts: Counter[str]) -> None:
    counts["trials.total"] = len(trials)
    for trial in trials:
        counts[f"trials.{str(trial['status']).lower()}"] += 1
        counts["trials.with_results"] += bool(trial.get("results_posted"))


def _count_judgements(tables: dict[str, list[Record]], counts: Counter[str]) -> None:
    statements: list[dict[str, Any]] = [dict(row) for row in tables.get("risk_of_bias", [])]
    counts["risk_of_bias.statements"] = len(statements)
    counts["risk_of_bias.judged"] = sum(
        row.get("judgement") not in (None, "not_assessed") for row in statements
    )
