"""Records of studies: the same people once, the same report once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.evidence.findings import Finding, finding

if TYPE_CHECKING:
    from analysis.evidence.package import Book
    from analysis.evidence.reading import Row

_REGISTRATION = re.compile(r"NCT\d{8}|\d{4}-\d{6}-\d{2}(?:-\d{2})?")


def cohorts(book: Book) -> Iterator[Finding]:
    """A cohort has one included record; an overlapping record overlaps with something."""
    included: dict[str, str] = {}
    members: dict[str, list[str]] = defaultdict(list)
    for row in book.rows("studies"):
        members[row["cohort"]].append(row["study_id"])
        if row["inclusion"] != "included":
            continue
        if row["cohort"] in included:
            other = included[row["cohort"]]
            yield finding(
                "cohort_twice",
                row.file,
                row.number,
                "cohort",
                row["cohort"],
                cohort=row["cohort"],
                other=other,
            )
        else:
            included[row["cohort"]] = row["study_id"]
    for row in book.rows("studies"):
        alone = len(members[row["cohort"]]) == 1 and not row["overlaps_with"]
        if row["inclusion"] == "overlapping" and alone:
            yield finding("overlap_with_nothing", row.file, row.number, "overlaps_with")


def duplicates(book: Book) -> Iterator[Finding]:
    """A DOI stands once; a registration number stands in one cohort."""
    dois: dict[str, str] = {}
    numbers: dict[str, Row] = {}
    for row in book.rows("studies"):
        doi = (row["doi"] or "").lower()
        if doi in dois:
            yield finding("doi_twice", row.file, row.number, "doi", row["doi"], other=dois[doi])
        elif doi:
            dois[doi] = row["study_id"]
        for number in _REGISTRATION.findall(row["registration"] or ""):
            first = numbers.setdefault(number, row)
            if first["cohort"] != row["cohort"]:
                yield finding(
                    "registration_twice",
                    row.file,
                    row.number,
                    "registration",
                    row["registration"],
                    other=first["study_id"],
                    number=number,
                )


def included_have_arms(book: Book) -> Iterator[Finding]:
    """Every included study has an arm that values can belong to."""
    with_arms = {row["study_id"] for row in book.all_rows("arms")}
    for row in book.rows("studies"):
        if row["inclusion"] == "included" and row["study_id"] not in with_arms:
            yield finding("included_without_arm", row.file, row.number, "study_id", row["study_id"])


def study_values(book: Book) -> Iterator[Finding]:
    """A quoted study-level number is the one that the table of studies holds."""
    studies = {row["study_id"]: row for row in book.rows("studies")}
    for row in book.rows("study_values"):
        study = studies.get(row["study_id"])
        if study is None or row["alternative"]:
            continue
        known = study.get(row["field"])
        if isinstance(known, bool) or not isinstance(known, int | float):
            continue
        # Texts such as “42 (34-49)” or “2022 (online; print 2023)” hold the number among others.
        printed = [float(text) for text in re.findall(r"\d+(?:\.\d+)?", row["value"])]
        if float(known) not in printed:
            yield finding(
                "study_value_differs", row.file, row.number, "value", row["value"], known=f"{known:g}"
            )
