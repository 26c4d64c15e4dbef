"""Pooled results that earlier reviews printed, by the kind of question they answer."""

from __future__ import annotations

from analysis.synthesis.results import Published
from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Sources, groups
from analysis.wording import numbers

ORDER = ("controlled_difference", "single_arm", "network", "other_diseases", "animal", "none")
PERCENT = frozenset({"percentage"})


def table(sources: Sources, axis: str = "") -> Table:
    """A row for each published result, of one `axis` or of all, never mixed."""
    found = [row for row in sources.results.published if axis in ("", row.axis)]
    if not found:
        raise KeyError(f"no earlier review printed a result of the kind {axis!r}")
    found.sort(key=lambda row: (_place(row), not row.is_seed, -(row.year or 0), row.result_id))
    lines = [
        (sources.label("review_results", "axis", row.axis or "none"), _line(sources, row)) for row in found
    ]
    return Table(
        id=f"earlier-reviews-{axis.replace('_', '-')}" if axis else "earlier-reviews",
        lang=sources.lang,
        caption=sources.text("table.earlier_reviews.caption"),
        columns=(
            sources.column("review"),
            sources.column("outcome"),
            sources.column("subgroup"),
            sources.column("measure"),
            sources.column("published", align="decimal"),
            sources.column("i2", align="right"),
            sources.column("p", align="decimal"),
        ),
        lines=tuple(line for _, line in lines) if axis else groups(lines),
        landscape=True,
    )


def estimate(row: Published, lang: str) -> str:
    """A published estimate as it was printed; nothing where no number was."""
    if row.estimate is None:
        return ""
    unit = "%" if row.measure in PERCENT else ""
    value = numbers.plain(row.estimate) + unit
    if row.ci_low is None or row.ci_high is None:
        return value
    low, high = (numbers.plain(limit) + unit for limit in (row.ci_low, row.ci_high))
    return numbers.quoted(value, low, high, lang)


def _place(row: Published) -> int:
    return ORDER.index(row.axis) if row.axis in ORDER else len(ORDER)


def _line(sources: Sources, row: Published) -> Line:
    review = next(found for found in sources.rows("reviews") if found["review_id"] == row.review_id)
    printed = next(found for found in sources.rows("review_results") if found["result_id"] == row.result_id)
    if row.outcome == "other":
        outcome, lang = sources.own(printed, "outcome_text")
    else:
        outcome, lang = sources.label("review_results", "outcome", row.outcome), ""
    subgroup, subgroup_lang = sources.own(printed, "subgroup")
    mark = (sources.text("table.earlier_reviews.mixed"),) if row.mixed_with_hsct else ()
    value = estimate(row, sources.lang)
    return Line(
        (
            Cell(row.review_label, href=_address(review), marks=mark, id=row.result_id),
            Cell(outcome, lang=lang),
            Cell(subgroup, lang=subgroup_lang),
            Cell(_measure(sources, row), value=row.measure),
            Cell(value or sources.text("table.earlier_reviews.not_printed"), muted=not value),
            Cell("" if row.i2 is None else f"{numbers.plain(row.i2)}%", value=row.i2),
            Cell("" if row.p_value is None else numbers.plain(row.p_value), value=row.p_value),
        )
    )


def _measure(sources: Sources, row: Published) -> str:
    return sources.label("review_results", "measure", row.measure) if row.measure else ""


def _address(review: object) -> str:
    assert isinstance(review, dict)
    return f"https://doi.org/{review['doi']}" if review.get("doi") else review.get("source_url") or ""
