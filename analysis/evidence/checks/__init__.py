"""What must hold beyond the type of each cell; every check gives all its findings.

A check takes the book and yields findings. Rows that could not be read are left out, except where
only their key matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from analysis.evidence.checks import keys, numbers, people, reporting, studies, timing
from analysis.evidence.findings import Finding

if TYPE_CHECKING:
    from analysis.evidence.package import Book

Check = Callable[["Book"], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    keys.primary_keys,
    keys.unique_values,
    keys.foreign_keys,
    keys.listed_references,
    keys.named_columns,
    keys.protocol_names,
    keys.bibliography_entries,
    numbers.counts,
    numbers.statistics_present,
    numbers.zeros,
    numbers.spreads,
    numbers.intervals,
    numbers.percentages,
    numbers.flow,
    people.group_sizes,
    people.arms_add_up,
    people.parts_of_a_study,
    people.shares_add_up,
    people.changes,
    people.implausible_sds,
    studies.cohorts,
    studies.duplicates,
    studies.included_have_arms,
    studies.study_values,
    timing.dates_in_order,
    timing.judgements,
    reporting.checklist_items,
    reporting.declarations,
)


def run_checks(book: Book) -> list[Finding]:
    """All findings of all checks."""
    return [found for check in CHECKS for found in check(book)]
