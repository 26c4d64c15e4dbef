"""Results that earlier reviews printed, carried into the record as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.synthesis.results import Published

if TYPE_CHECKING:
    from analysis.evidence import Evidence


def published_results(evidence: Evidence) -> tuple[Published, ...]:
    """Every row of ``review_results.csv`` with its review; empty where a review has no such table."""
    reviews = {row["review_id"]: row for row in evidence.rows("reviews")}
    found = []
    for row in evidence.rows("review_results"):
        review = reviews[row["review_id"]]
        found.append(
            Published(
                result_id=row["result_id"],
                review_id=row["review_id"],
                review_label=review["label"],
                year=None if review["year"] is None else int(review["year"]),
                outcome=row["outcome"],
                outcome_text=row["outcome_text"],
                subgroup=row["subgroup"],
                measure=row["measure"],
                estimate=row["estimate"],
                ci_low=row["ci_low"],
                ci_high=row["ci_high"],
                i2=row["i2_percent"],
                p_value=row["p_value"],
                p_text=row["p_text"],
                axis=row["axis"],
                mixed_with_hsct=bool(review["mixed_with_hsct"]),
                is_seed=bool(review["is_seed"]),
                quote=row["quote"],
                source_url=row["source_url"],
            )
        )
    return tuple(found)
