"""A small simulated review: no row of it is evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.evidence.rows import Record

TEXT = {"en": "simulated", "zh": "模拟"}


def alike(rows: Sequence[Record]) -> list[Record]:
    """Rows that all have every column, as those of a table have."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{**columns, **row} for row in rows]


@dataclass(frozen=True)
class SimulatedEvidence:
    """What the synthesis reads of `analysis.evidence.Evidence`."""

    protocol: dict[str, Any]
    tables: dict[str, list[Record]]
    digests: dict[str, str] = field(default_factory=dict)
    schema: dict[str, Any] = field(default_factory=dict)

    def rows(self, table: str) -> list[Record]:
        return alike(self.tables.get(table, []))

    def label(self, table: str, column: str, code: str, lang: str) -> str:
        return f"{table}.{column}.{code}.{lang}"


def study(study_id: str, **values: Any) -> dict[str, Any]:
    defaults = {
        "study_id": study_id,
        "label": study_id.title(),
        "design": "single_arm",
        "stream": "single_arm",
        "inclusion": "included",
        "cohort": study_id,
        "route": "IT",
        "cell_source": "bone_marrow",
        "donor": "autologous",
        "follow_up_months": 12.0,
    }
    return defaults | values


def arm(study_id: str, arm_id: str = "msc", role: str = "intervention", **values: Any) -> dict[str, Any]:
    return {"study_id": study_id, "arm_id": arm_id, "label": arm_id, "role": role, "route": None} | values


def value(study_id: str, outcome: str, statistic: str, **values: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = dict.fromkeys(
        ("n", "mean", "sd", "events", "p_value", "derived", "checked_by", "timepoint_months")
    )
    defaults |= {"study_id": study_id, "arm_id": "msc", "outcome": outcome, "statistic": statistic}
    defaults |= {"confidence": "primary"} | values
    number = f"{values.get('timepoint_months', '')}-{defaults['arm_id']}"
    return {"value_id": f"{study_id}-{outcome}-{number}"} | defaults


def adverse_event(study_id: str, **values: Any) -> dict[str, Any]:
    defaults = {
        "value_id": f"{study_id}-a01",
        "study_id": study_id,
        "arm_id": "msc",
        "category": "serious",
        "definition": "serious",
        "n_people": 0.0,
        "n_at_risk": 10.0,
        "confidence": "primary",
        "checked_by": None,
    }
    return defaults | values


def question(**values: Any) -> dict[str, Any]:
    texts = ("title", "outcome_name", "description", "favours_low", "favours_high")
    defaults = {
        "id": "improved",
        "kind": "proportion",
        "measure": "PR",
        "outcome": "improved",
        "better": "higher",
        "unit": "share",
        "timepoint": "last",
        "treatment": {"role": "intervention"},
    }
    return defaults | dict.fromkeys(texts, TEXT) | values


def evidence(
    questions: list[dict[str, Any]],
    studies: list[dict[str, Any]],
    outcomes: list[dict[str, Any]] | None = None,
    arms: list[dict[str, Any]] | None = None,
    adverse_events: list[dict[str, Any]] | None = None,
    assumptions: list[dict[str, Any]] | None = None,
) -> SimulatedEvidence:
    """Assemble a simulated review; every study has one treated arm unless `arms` says otherwise."""
    protocol = {
        "id": "simulated",
        "version": "2000.0.0",
        "status": "living",
        "title": TEXT,
        "synthesis": {
            "tau2": "REML",
            "interval": "hksj",
            "prediction": "t_k1",
            "level": 0.95,
            "small_study_minimum_k": 10,
        },
        "assumptions": assumptions or [],
        "questions": questions,
    }
    return SimulatedEvidence(
        protocol,
        {
            "studies": studies,
            "arms": arms if arms is not None else [arm(study["study_id"]) for study in studies],
            "outcomes": outcomes or [],
            "adverse_events": adverse_events or [],
        },
    )
