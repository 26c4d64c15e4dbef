"""A small simulated review's evidence, with every case that the figures have to tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.evidence.rows import Record
from analysis.synthesis.adverse_events import event_shares
from analysis.synthesis.results import SCHEMA_VERSION, Published, Results
from tests.figures import samples
from tests.synthesis.simulated import alike

BOXES = (
    "previous_studies",
    "databases",
    "screened",
    "excluded_screening",
    "assessed",
    "excluded_assessment",
    "new_studies",
    "total_studies",
    "total_reports",
)

VOCABULARIES: dict[tuple[str, str], dict[str, tuple[str, str]]] = {
    ("studies", "inclusion"): {"included": ("included", "纳入"), "awaiting": ("awaiting", "待分类")},
    ("studies", "route"): {
        "IT": ("intrathecal", "鞘内"),
        "IV": ("intravenous", "静脉"),
        "not_reported": ("not reported", "未报告"),
    },
    ("studies", "cell_source"): {
        "bone_marrow": ("bone marrow", "骨髓"),
        "umbilical_cord": ("umbilical cord", "脐带"),
    },
    ("arms", "route"): {"IT": ("intrathecal", "鞘内"), "IV": ("intravenous", "静脉")},
    ("adverse_events", "category"): {
        "serious": ("serious adverse event", "严重不良事件"),
        "headache": ("headache", "头痛"),
        "infection": ("infection", "感染"),
    },
    ("adverse_events", "definition"): {
        "serious": ("all serious events", "全部严重事件"),
        "major": ("“major” events", "“重大”事件"),
    },
    ("trials", "status"): {
        "recruiting": ("recruiting", "招募中"),
        "completed": ("completed", "已完成"),
        "unknown": ("unknown", "状态不明"),
    },
    ("risk_of_bias", "tool"): {"rob2": ("RoB 2", "RoB 2")},
    ("risk_of_bias", "domain"): {
        "d1": ("randomisation", "随机化"),
        "d2": ("deviations from intended interventions", "偏离既定干预"),
    },
    ("risk_of_bias", "judgement"): {
        "low": ("low risk", "低风险"),
        "some_concerns": ("some concerns", "可能存在风险"),
        "high": ("high risk", "高风险"),
        "no_information": ("no information", "无信息"),
        "not_assessed": ("not assessed", "未评估"),
    },
    ("flow", "box"): {name: (f"{name.replace('_', ' ')} (simulated)", f"{name}（模拟）") for name in BOXES},
    ("excluded", "reason"): {
        "case_report": ("case report", "病例报告"),
        "same_people": ("same people", "同一批患者"),
    },
    ("review_results", "outcome"): {"edss": ("EDSS change", "EDSS 变化")},
    ("review_results", "axis"): {"controlled_difference": ("differences between groups", "组间差异")},
}


class SimulatedEvidence:
    """Stands in for ``analysis.evidence.Evidence``."""

    def __init__(self) -> None:
        self.tables = {name: alike(rows) for name, rows in _TABLES.items()}
        tables = {table for table, _ in VOCABULARIES}
        self.schema = {
            "resources": [
                {
                    "name": table,
                    "schema": {
                        "fields": [
                            {"name": column, "constraints": {"enum": list(codes)}}
                            for (own, column), codes in VOCABULARIES.items()
                            if own == table
                        ]
                    },
                }
                for table in sorted(tables)
            ]
        }

    def rows(self, table: str) -> list[Record]:
        """A table's rows."""
        return self.tables[table]

    def label(self, table: str, column: str, code: str, lang: str) -> str:
        """A code in words."""
        return VOCABULARIES[table, column][code][lang == "zh"]


def _rows(columns: str, *rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns.split(), row, strict=True)) for row in rows]


_TABLES = {
    "studies": _rows(
        "study_id label year inclusion stream route cell_source n_enrolled n_treated n_analysed",
        ("s1", "Simulated 2010", 2010, "included", "single_arm", "IT", "bone_marrow", 25, None, None),
        ("s2", "Simulated 2014", 2014, "included", "controlled", "IV", "bone_marrow", 144, None, None),
        ("s3", "Simulated 2014b", 2014, "awaiting", "controlled", "IV", "umbilical_cord", None, None, None),
        ("s4", "Simulated n.d.", None, "included", "single_arm", None, "umbilical_cord", None, 9, None),
        ("s5", "Simulated 2020", 2020, "excluded", "single_arm", "IT", "bone_marrow", 1, None, None),
    ),
    "arms": _rows(
        "study_id arm_id role route",
        ("s2", "cells", "intervention", "IV"),
        ("s2", "sham", "control", None),
    ),
    "adverse_events": _rows(
        "value_id study_id arm_id category term definition n_people n_events n_at_risk same_people_as "
        "confidence",
        ("a1", "s1", "all", "serious", "any", "serious", 0, None, 25, None, "primary"),
        ("a2", "s2", "cells", "serious", "any", "major", 3, None, 70, None, "secondary"),
        ("a3", "s2", "sham", "serious", "any", "serious", 50, None, 74, None, "primary"),
        ("a4", "s1", "all", "headache", "headache", None, None, None, 25, None, "primary"),
        ("a5", "s2", "cells", "headache", "headache", None, 20, None, 70, None, "primary"),
        ("a6", "s2", "cells", "infection", "cold", None, None, 4, None, None, "primary"),
        ("a7", "s5", "all", "headache", "headache", None, 1, None, 1, None, "primary"),
    ),
    "trials": _rows(
        "trial_id registry kind status route start n registry_url same_trial_as",
        ("T1", "R", "msc", "recruiting", "IT", "2024-05", 40, "https://example.org/T1", None),
        ("T2", "R", "msc", "completed", "IV", "2012-01", 20, "https://example.org/T2", None),
        ("T3", "R", "msc", "completed", "IV", "2012-07", None, "https://example.org/T3", None),
        ("T4", "R", "msc", "unknown", "IV", None, 144, "https://example.org/T4", None),
        ("T5", "R", "msc", "completed", "IV", "2012-01", 20, "https://example.org/T5", "T2"),
        ("T6", "R", "related", "completed", "IV", "2012-01", 20, "https://example.org/T6", None),
    ),
    "risk_of_bias": _rows(
        "study_id tool domain judgement",
        ("s1", "rob2", "d1", "low"),
        ("s1", "rob2", "d1", "high"),
        ("s1", "rob2", "d2", "some_concerns"),
        ("s2", "rob2", "d1", "not_assessed"),
        ("s2", "rob2", "d1", "not_assessed"),
        ("s2", "rob2", "d2", "no_information"),
        ("s4", "rob2", "d1", "low"),
    ),
    "flow": _rows(
        "box n status reason",
        ("previous_studies", 30, "reported", None),
        ("databases", 1200, "reported", None),
        ("screened", None, "not_reported", None),
        ("excluded_screening", 900, "reported", None),
        ("assessed", 40, "reported", None),
        ("excluded_assessment", 7, "reported", "case_report"),
        ("excluded_assessment", 5, "reported", "same_people"),
        ("new_studies", 3, "reported", None),
        ("total_studies", None, "computed", None),
        ("total_reports", None, "computed", None),
    ),
}


def results() -> Results:
    """Simulated results that go with it, with three results of simulated earlier reviews."""

    def printed(number: int, estimate: float | None, low: float | None, high: float | None) -> Published:
        return Published(
            result_id=f"r{number}",
            review_id=f"review{number}",
            review_label=f"Simulated review {2018 + number}",
            year=2018 + number,
            outcome="edss",
            outcome_text="EDSS",
            subgroup="6 months" if number == 1 else None,
            measure="WMD",
            estimate=estimate,
            ci_low=low,
            ci_high=high,
            i2=40.0 if number == 1 else None,
            p_value=None,
            p_text=None,
            axis="controlled_difference",
            mixed_with_hsct=number == 2,
            is_seed=number == 1,
            quote="",
            source_url=None,
        )

    return Results(
        schema_version=SCHEMA_VERSION,
        review={},
        inputs={},
        packages={},
        counts={"studies.included": 3, "studies.overlapping": 2},
        questions=(samples.simulated(3),),
        published=(printed(1, -0.3, -0.6, -0.1), printed(2, -0.5, -1.1, 0.1), printed(3, -0.2, None, None)),
        adverse_events=event_shares(SimulatedEvidence().rows("adverse_events"), 0.95),
    )
