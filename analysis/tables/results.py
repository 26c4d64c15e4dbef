"""Every question of the protocol with its answer so far."""

from __future__ import annotations

from analysis.synthesis.results import Pooled, Synthesis
from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Sources, groups
from analysis.wording import facts, numbers

ORDER = ("two_arm", "generic", "before_after", "proportion")


def table(sources: Sources) -> Table:
    """A row for each question, controlled comparisons first."""
    questions = sorted(sources.results.questions, key=lambda found: ORDER.index(found.kind))
    return Table(
        id="results",
        lang=sources.lang,
        caption=sources.text("table.results.caption"),
        columns=(
            sources.column("question"),
            sources.column("studies", align="right"),
            sources.column("participants", align="right"),
            sources.column("estimate", align="decimal"),
            sources.column("p", align="decimal"),
            sources.column("prediction"),
            sources.column("i2", align="right"),
            sources.column("certainty"),
        ),
        lines=groups([(sources.text(f"kind.{found.kind}"), _line(sources, found)) for found in questions]),
        notes=(sources.text("table.results.no_reference"),),
        landscape=True,
    )


def estimate_cell(sources: Sources, synthesis: Synthesis) -> Cell:
    """Estimate and interval; a note where they rest on something assumed."""
    head = synthesis.headline
    if head is None:
        return Cell(sources.text("table.results.nothing"), value="", muted=True)
    values = facts.limits(head)
    assumed = any(row.marks for row in synthesis.used)
    return Cell(
        numbers.estimate(*values, synthesis.measure, sources.lang),
        marks=(sources.text("table.results.assumed"),) if assumed else (),
    )


def _line(sources: Sources, synthesis: Synthesis) -> Line:
    head = synthesis.headline
    pooled = head if isinstance(head, Pooled) else None
    lang = sources.lang
    p = pooled.p_value if pooled is not None and synthesis.null_value is not None else None
    prediction = facts.prediction(head, synthesis.measure, lang) if head is not None else ""
    return Line(
        (
            Cell(synthesis.title[lang], value=synthesis.id),
            Cell(numbers.integer(synthesis.k), value=synthesis.k),
            Cell("" if synthesis.participants is None else numbers.integer(synthesis.participants)),
            estimate_cell(sources, synthesis),
            Cell("" if p is None else numbers.p_alone(p), value=p),
            Cell(prediction),
            Cell("" if pooled is None or pooled.i2 is None else f"{numbers.decimal(pooled.i2, 0)}%"),
            Cell(facts.certainty(synthesis, lang), muted=synthesis.certainty == "not_assessed"),
        )
    )
