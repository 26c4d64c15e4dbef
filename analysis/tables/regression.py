"""Effects explained by numbers of the studies: the coefficients of a meta-regression."""

from __future__ import annotations

from analysis.synthesis.results import MetaRegression, Synthesis
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import Sources
from analysis.wording import catalogue, numbers


def table(sources: Sources, question: str) -> Table:
    """A row for each coefficient, or why there is none.

    Raises
    ------
    KeyError
        For an unknown question.
    """
    synthesis = sources.results.question(question)
    found = synthesis.regression
    lines = tuple(_lines(sources, found)) if found and found.done else ()
    none = (heading(_refused(sources, found)),)
    scale = sources.text(f"regression.scale.{synthesis.scale}")
    return Table(
        id=f"regression-{question}",
        lang=sources.lang,
        caption=sources.text("table.regression.caption", question=synthesis.title[sources.lang]),
        columns=(
            sources.column("moderator"),
            sources.column("coefficient", align="decimal"),
            sources.column("interval_95", align="decimal"),
            sources.column("p", align="decimal"),
        ),
        lines=lines or none,
        notes=tuple(_notes(sources, found, synthesis, scale)) if found and found.done else (),
    )


def _lines(sources: Sources, found: MetaRegression) -> list[Line]:
    lines = []
    for part in found.coefficients:
        label = part.label[sources.lang] or sources.text("regression.intercept")
        span = catalogue.text(
            "number.span",
            sources.lang,
            low=numbers.decimal(part.ci_low, 3),
            high=numbers.decimal(part.ci_high, 3),
        )
        p = "" if part.p_value is None else numbers.p_alone(part.p_value)
        lines.append(
            Line(
                (
                    Cell(label, value=part.name),
                    Cell(numbers.decimal(part.beta, 3), value=part.beta),
                    Cell(span),
                    Cell(p, value=part.p_value),
                )
            )
        )
    return lines


def _notes(sources: Sources, found: MetaRegression, synthesis: Synthesis, scale: str) -> list[str]:
    notes = [sources.text("regression.note", count=found.k, scale=scale)]
    if found.left_out:
        notes.append(sources.text("regression.left_out", count=found.left_out))
    if found.tau2 is not None and found.i2 is not None:
        tau2, i2 = numbers.small(found.tau2), f"{numbers.decimal(found.i2, 0)}%"
        notes.append(sources.text("regression.rest", tau2=tau2, i2=i2))
    if found.r2 is not None:
        notes.append(sources.text("regression.explained", r2=f"{numbers.decimal(found.r2, 0)}%"))
    if found.q_model is not None and found.q_model_p is not None:
        value, p = numbers.decimal(found.q_model, 2), numbers.p_value(found.q_model_p, sources.lang)
        df = f"{found.q_model_df}" if found.df is None else f"{found.q_model_df}, {found.df:.0f}"
        sign = "χ²" if found.df is None else "F"
        notes.append(sources.text("regression.test", sign=sign, df=df, value=value, p=p))
    notes.append(sources.text("regression.caution"))
    return notes


def _refused(sources: Sources, found: MetaRegression | None) -> str:
    if found is None:
        return sources.text("regression.not_planned")
    code = found.reason if found.reason in ("too_few", "not_for_shares") else "not_estimable"
    return catalogue.filled(f"regression.{code}", sources.lang, count=found.k, minimum=found.minimum_k)
