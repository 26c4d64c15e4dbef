"""The columns of a forest plot: what stands beside each study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from analysis.figures.forest_sheet import Cell, Column
from analysis.synthesis.results import Row, Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import text

PERCENT_MEASURES: Final = frozenset({"PR", "RD"})
BLANK: Final = "–"
_NUMERIC: Final = ("n", "events", "mean")
_ARMS: Final = (("1", "intervention"), ("2", "control"))
_PERIODS: Final = (("pre", "before"), ("post", "after"))


def shown(value: float, measure: str) -> str:
    """An estimate with its measure's decimals; shares in percent, whose sign stands in the head."""
    factor = 100 if measure in PERCENT_MEASURES else 1
    return numbers.decimal(factor * value, numbers.DECIMALS[measure])


def effect_columns(measure: str, lang: str, *, weights: bool) -> tuple[Column, ...]:
    """Estimate and limits under one head, and the weights."""
    name = text(f"measure.{measure}.short", lang)
    head = text("figure.head.effect", lang, measure=name)
    columns = [Column(part, "", over=head) for part in ("estimate", "low", "high")]
    if weights:
        columns.append(Column("weight", text("figure.head.weight", lang)))
    return tuple(columns)


def effect_cells(
    estimate: float | None, low: float | None, high: float | None, measure: str
) -> dict[str, Cell]:
    """The numbers under :func:`effect_columns`; an interval without an estimate is a prediction."""
    cells: dict[str, Cell] = {}
    if estimate is not None:
        cells["estimate"] = Cell(shown(estimate, measure))
    if low is not None and high is not None:
        cells["low"] = Cell(f"[{shown(low, measure)},")
        cells["high"] = Cell(f"{shown(high, measure)}]")
    return cells


def row_columns(synthesis: Synthesis, lang: str) -> tuple[Column, ...]:
    """The columns that the question asks for, left of the axis."""
    columns: list[Column] = []
    for key in synthesis.columns:
        if key == "events_n" and synthesis.kind == "two_arm":
            head = text("figure.head.events_n", lang)
            columns += [
                Column(f"events{arm}", head, text(f"figure.head.{role}", lang)) for arm, role in _ARMS
            ]
        elif key == "mean_sd_n":
            columns += _mean_columns(synthesis, lang)
        else:
            columns.append(Column(key, text(f"figure.head.{key}", lang)))
    return tuple(columns)


def _mean_columns(synthesis: Synthesis, lang: str) -> list[Column]:
    mean, n = text("figure.head.mean_sd", lang), text("figure.head.n", lang)
    if synthesis.kind == "two_arm":
        return [
            column
            for arm, role in _ARMS
            for over in [text(f"figure.head.{role}", lang)]
            for column in (Column(f"mean{arm}", mean, over), Column(f"n{arm}", n, over))
        ]
    columns = [Column(f"mean_{time}", mean, text(f"figure.head.{name}", lang)) for time, name in _PERIODS]
    return [*columns, Column("n", n)]


def row_cells(row: Row, columns: Sequence[Column], lang: str) -> dict[str, Cell]:
    """A study's cells; what is not known is a dash."""
    cells = {}
    for column in columns:
        cell = _cell(row, column.key, lang)
        if cell is None:
            cell = Cell(BLANK) if column.key.startswith(_NUMERIC) else Cell(after=BLANK)
        cells[column.key] = cell
    return cells


def total_cells(rows: Sequence[Row], columns: Sequence[Column], participants: int | None) -> dict[str, Cell]:
    """Sums for the line of the pooled estimate."""
    cells = {}
    for column in columns:
        key = column.key
        if key == "n" and participants is not None:
            cells[key] = Cell(numbers.integer(participants))
        elif key in ("n1", "n2"):
            cells[key] = Cell(_count(_sum(rows, key)))
        elif key in ("events_n", "events1", "events2"):
            arm = key.removeprefix("events").removeprefix("_n")
            events, people = _sum(rows, f"events{arm}"), _sum(rows, f"n{arm}")
            cells[key] = Cell(_count(events), f"/{_count(people)}")
    return cells


def _cell(row: Row, key: str, lang: str) -> Cell | None:
    data = row.data
    if key in row.attributes:
        words = row.attributes[key][lang]
        return Cell(after=words[:1].upper() + words[1:]) if words else None
    if key == "follow_up":
        months = row.timepoint_months
        return None if months is None else Cell(after=numbers.months(months, lang))
    if key == "n" and data.get("n") is None and data.get("n1") is not None:
        return Cell(_count(_sum([row], "n1") + _sum([row], "n2")))
    if key.startswith("events"):
        arm = key.removeprefix("events").removeprefix("_n")
        events, people = data.get(f"events{arm}"), data.get(f"n{arm}")
        if events is None and people is None:
            return None
        return Cell(_known(events), f"/{_known(people)}")
    if key.startswith("mean"):
        part = key.removeprefix("mean")
        mean, sd = data.get(f"mean{part}"), data.get(f"sd{part}")
        if mean is None:
            return None
        return Cell(numbers.decimal(mean, 2), f"\u00a0({BLANK if sd is None else numbers.decimal(sd, 2)})")
    value = data.get(key)
    return None if value is None else Cell(_count(value))


def _sum(rows: Sequence[Row], key: str) -> float:
    return math.fsum(row.data.get(key) or 0.0 for row in rows)


def _known(value: float | None) -> str:
    return BLANK if value is None else _count(value)


def _count(value: float) -> str:
    """A count; a shared group that was divided can leave a fraction."""
    return numbers.plain(value, 1)


def weight_texts(weights: Mapping[int, float], places: int = 1) -> dict[int, str]:
    """Weights in percent, rounded so that they add up to exactly what they add up to unrounded.

    The largest remainders are rounded up (Hare's method); with `places` 1 they sum to 100.0.
    """
    unit = 10**places
    scaled = {key: weight * unit for key, weight in weights.items()}
    floors = {key: math.floor(value + 1e-9) for key, value in scaled.items()}
    missing = round(math.fsum(scaled.values())) - sum(floors.values())
    by_remainder = sorted(scaled, key=lambda key: (floors[key] - scaled[key], key))
    for key in by_remainder[: max(missing, 0)]:
        floors[key] += 1
    return {key: numbers.decimal(count / unit, places) for key, count in floors.items()}
