"""The questions under every other defensible choice."""

from __future__ import annotations

from analysis.synthesis.results import Alternative, Pooled, Synthesis
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import Sources
from analysis.wording import facts, numbers


def table(sources: Sources, question: str = "") -> Table:
    """A row for each choice, of every question or of one.

    Raises
    ------
    KeyError
        For an unknown question.
    """
    if question:
        chosen: tuple[Synthesis, ...] = (sources.results.question(question),)
        title = chosen[0].title[sources.lang]
        caption = sources.text("table.sensitivity.caption_of", question=title)
    else:
        chosen = tuple(found for found in sources.results.questions if found.alternatives)
        caption = sources.text("table.sensitivity.caption")
    lines: list[Line] = []
    for synthesis in chosen:
        if not question:
            lines.append(heading(synthesis.title[sources.lang]))
        lines.append(_main_line(sources, synthesis))
        lines.extend(_line(sources, synthesis, alternative) for alternative in synthesis.alternatives)
    return Table(
        id=f"sensitivity-{question}" if question else "sensitivity",
        lang=sources.lang,
        caption=caption,
        columns=(
            sources.column("choice"),
            sources.column("studies", align="right"),
            sources.column("estimate", align="decimal"),
            sources.column("p", align="decimal"),
            sources.column("tau2", align="decimal"),
            sources.column("i2", align="right"),
            sources.column("no_difference"),
        ),
        lines=tuple(lines),
    )


def _main_line(sources: Sources, synthesis: Synthesis) -> Line:
    head = synthesis.headline
    pooled = head if isinstance(head, Pooled) else None
    low_high = None if head is None else facts.limits(head)
    return _cells(
        sources,
        synthesis,
        sources.text("table.sensitivity.main"),
        synthesis.k,
        low_high,
        pooled.p_value if pooled else None,
        pooled.tau2 if pooled else None,
        pooled.i2 if pooled else None,
    )


def _line(sources: Sources, synthesis: Synthesis, found: Alternative) -> Line:
    values = None
    if found.estimate is not None and found.ci_low is not None and found.ci_high is not None:
        values = (found.estimate, found.ci_low, found.ci_high)
    name = facts.alternative_text(found, sources.lang)
    return _cells(sources, synthesis, name, found.k, values, found.p_value, found.tau2, found.i2)


def _cells(
    sources: Sources,
    synthesis: Synthesis,
    name: str,
    k: int,
    values: tuple[float, float, float] | None,
    p: float | None,
    tau2: float | None,
    i2: float | None,
) -> Line:
    lang = sources.lang
    estimate = Cell(sources.text("table.results.nothing"), value="", muted=True)
    contains = ""
    if values is not None:
        estimate = Cell(numbers.estimate(*values, synthesis.measure, lang))
        if synthesis.null_value is not None:
            outside = facts.excludes_null(synthesis, values[1], values[2])
            contains = sources.text(f"table.sensitivity.{'excludes' if outside else 'includes'}")
    shown_p = "" if p is None or synthesis.null_value is None else numbers.p_alone(p)
    return Line(
        (
            Cell(name[:1].upper() + name[1:]),
            Cell(numbers.integer(k), value=k),
            estimate,
            Cell(shown_p, value=p if shown_p else None),
            Cell("" if tau2 is None else numbers.small(tau2), value=tau2),
            Cell("" if i2 is None else f"{numbers.decimal(i2, 0)}%", value=i2),
            Cell(contains),
        )
    )
