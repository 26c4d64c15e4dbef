"""Tables, one a file, each made from evidence and results in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from analysis.tables import (
    adverse_events,
    assumptions,
    changes,
    characteristics,
    codebook,
    double_check,
    earlier_reviews,
    evidence_map,
    excluded,
    flow,
    glossary,
    regression,
    reporting,
    results,
    risk_of_bias,
    schedule,
    searches,
    sensitivity,
    serious_adverse_events,
    summary_of_findings,
    trials,
    validation,
    values,
)
from analysis.tables.model import Table
from analysis.tables.sources import Sources

TABLES: Mapping[str, Callable[..., Table]] = MappingProxyType(
    {
        "characteristics": characteristics.table,
        "excluded": excluded.table,
        "adverse-events": adverse_events.table,
        "serious-adverse-events": serious_adverse_events.table,
        "values": values.table,
        "results": results.table,
        "regression": regression.table,
        "sensitivity": sensitivity.table,
        "earlier-reviews": earlier_reviews.table,
        "ongoing": trials.ongoing,
        "trials": trials.registered,
        "assumptions": assumptions.table,
        "changes": changes.table,
        "changed-evidence": changes.evidence,
        "changed-protocol": changes.protocol,
        "reversals": changes.reversals,
        "evidence-map": evidence_map.table,
        "summary-of-findings": summary_of_findings.table,
        "risk-of-bias": risk_of_bias.table,
        "schedule": schedule.table,
        "searches": searches.table,
        "flow": flow.table,
        "glossary": glossary.table,
        "codebook": codebook.table,
        "double-check": double_check.table,
        "validation": validation.table,
        "validation-summary": validation.summary,
        **reporting.TABLES,
    }
)
"""What `make` knows, by name."""


def make(name: str, sources: Sources, **options: str) -> Table:
    """The table of that name.

    Raises
    ------
    KeyError
        With what there is, when there is none.
    """
    if name not in TABLES:
        near = get_close_matches(name, TABLES, n=2) or list(TABLES)
        raise KeyError(f"there is no table {name!r}; there is {', '.join(near)}")
    return TABLES[name](sources, **options)
