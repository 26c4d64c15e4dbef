"""The versions of the review, and how one of them stood."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analysis.living.versions import Stored
from analysis.synthesis.results import Published, Results, Row, Synthesis
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import column
from analysis.wording import catalogue, numbers


def versions(
    stored: Sequence[Stored], unreleased: tuple[str, str] | None, lang: str, link: Callable[[str], str]
) -> Table:
    """A row for each version, the newest first.

    Parameters
    ----------
    unreleased : tuple of str, optional
        What the present state is called and what it changes, where it is not released.
    link : callable
        A version to the address of its page.
    """
    lines = []
    if unreleased is not None:
        name, what = unreleased
        none = Cell(catalogue.text("table.versions.not_released", lang), value="", muted=True)
        lines.append(Line((Cell(name), none, none, Cell(what), Cell(""))))
    for version in reversed(stored):
        meta = version.meta
        lines.append(
            Line(
                (
                    Cell(meta.version, href=link(meta.version)),
                    Cell(numbers.date(meta.date, lang), value=meta.date),
                    Cell(known(f"living.trigger.{meta.trigger}", lang, meta.trigger), value=meta.trigger),
                    Cell(meta.reason[lang]),
                    Cell(numbers.date(meta.search_last, lang), value=meta.search_last),
                )
            )
        )
    none_yet = (heading(catalogue.text("table.versions.none", lang)),)
    return Table(
        id="versions",
        lang=lang,
        caption=catalogue.text("table.versions.caption", lang),
        columns=(
            column("version", lang),
            column("released", lang),
            column("trigger", lang),
            column("what_changed", lang, wide=True),
            column("evidence_to", lang),
        ),
        lines=tuple(lines) or none_yet,
        landscape=True,
    )


def rows(results: Results, lang: str) -> Table:
    """Each study of each question as a version has it: its estimate, or why it is not in the answer."""
    lines: list[Line] = []
    for synthesis in results.questions:
        lines.append(heading(synthesis.title[lang]))
        lines += [_row(row, synthesis, lang) for row in synthesis.rows]
    return Table(
        id="version-studies",
        lang=lang,
        caption=catalogue.text("table.version_studies.caption", lang),
        columns=(column("study", lang), column("estimate", lang), column("place", lang, wide=True)),
        lines=tuple(lines),
    )


def printed(results: Results, lang: str) -> Table:
    """The results that the review before this one printed, in its own words."""
    lines = []
    none = Cell(catalogue.text("table.version_printed.none", lang), value="", muted=True)
    for result in results.published:
        shown = _printed(result, lang)
        quote = Cell(f"“{result.quote}”", lang="" if lang == "en" else "en", href=result.source_url or "")
        outcome = Cell(result.outcome_text, lang="" if lang == "en" else "en")
        lines.append(Line((outcome, Cell(shown) if shown else none, quote)))
    return Table(
        id="version-printed",
        lang=lang,
        caption=catalogue.text("table.version_printed.caption", lang),
        columns=(column("outcome", lang), column("published", lang), column("quote", lang, wide=True)),
        lines=tuple(lines),
    )


def known(key: str, lang: str, code: str, **available: str) -> str:
    """A text of the catalogue; the code itself where a later catalogue has dropped it."""
    return catalogue.filled(key, lang, **available) if key in catalogue.load() else code


def _printed(result: Published, lang: str) -> str:
    """A printed number with its limits where they were printed; shares as they were, in percent."""
    sign = "%" if result.measure == "percentage" else ""
    value, low, high = (
        None if part is None else f"{numbers.plain(part)}{sign}"
        for part in (result.estimate, result.ci_low, result.ci_high)
    )
    return numbers.quoted(value, low, high, lang) if value and low and high else value or ""


def facts(stored: Stored, lang: str) -> Table:
    """When a version was released, why, and how the review stood then."""
    meta = stored.meta
    told = {
        "released": numbers.date(meta.date, lang),
        "trigger": known(f"living.trigger.{meta.trigger}", lang, meta.trigger),
        "what_changed": meta.reason[lang],
        "evidence_to": numbers.date(meta.search_last, lang),
        "status": known(f"living.status.{meta.status}", lang, meta.status),
    }
    lines = (
        Line((Cell(catalogue.text(f"column.{key}", lang)), Cell(text, value=text)))
        for key, text in told.items()
    )
    columns = (column("field", lang), column("value", lang, wide=True))
    return Table("version", lang, "", columns, tuple(lines))


def _row(row: Row, synthesis: Synthesis, lang: str) -> Line:
    name = f"{row.label} ({row.arm})" if row.arm and row.arm != row.label else row.label
    effect = Cell("")
    if row.estimate is not None and row.ci_low is not None and row.ci_high is not None:
        effect = Cell(numbers.estimate(row.estimate, row.ci_low, row.ci_high, synthesis.measure, lang))
    if row.status == "not_pooled":
        code = row.reason or "not_estimable"
        place = known(f"reason.{code}", lang, code, detail=row.reason_detail)
    elif row.weight is None:
        place = catalogue.text(f"table.version_studies.{row.status}", lang)
    else:
        weight = f"{numbers.decimal(row.weight, 1)}%"
        place = catalogue.text("table.version_studies.weight", lang, weight=weight)
    return Line((Cell(name, value=row.study_id), effect, Cell(place)))
