"""The codes of a column in the order of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.evidence import Evidence


def vocabulary(evidence: Evidence, table: str, column: str) -> tuple[str, ...]:
    """The codes that `column` of `table` may hold.

    Raises
    ------
    KeyError
        When the schema has no such column, or it has no controlled vocabulary.
    """
    for resource in evidence.schema["resources"]:
        if resource["name"] == table:
            for field in resource["schema"]["fields"]:
                if field["name"] == column:
                    return tuple(field["constraints"]["enum"])
    raise KeyError(f"the schema has no column {column!r} in {table!r}")
