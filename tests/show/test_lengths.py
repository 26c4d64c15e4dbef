"""What of long figures and tables stands in a page; everything here is simulated."""

from __future__ import annotations

import pytest

from analysis.figures import forest
from analysis.showing.blocks import figure_block, table_block
from analysis.showing.lengths import FIRST_ROWS, MOST_ROWS, MOST_SPOKEN, rows_of, shortened
from analysis.tables import forest_data
from analysis.tables.model import Cell, Column, Line, Table
from analysis.wording import LANGUAGES
from tests.figures.samples import simulated


class Session:
    """What blocks ask of a session."""

    cite_link = ""

    def __init__(self, folder, lang):
        from store import Store

        self._folder, self.lang, self.store = folder, lang, Store(None)

    def folder(self, kind):
        return self._folder / kind

    def link(self, target):
        return f"../{target}"


def table(rows: int, lang: str = "en") -> Table:
    lines = [Line((Cell("A group"),), heading=True)]
    lines += [Line((Cell(f"row {number}"), Cell(str(number)))) for number in range(rows)]
    return Table("simulated", lang, "Simulated", (Column("a", "A"), Column("b", "B")), tuple(lines))


def test_a_table_is_whole_up_to_the_threshold_and_begun_beyond() -> None:
    whole = table(MOST_ROWS)
    assert shortened(whole) is whole
    begun = shortened(table(MOST_ROWS + 1))
    assert rows_of(begun) == FIRST_ROWS
    assert begun.lines == whole.lines[: FIRST_ROWS + 1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_long_table_says_how_many_rows_there_are_and_its_files_hold_all(lang, tmp_path) -> None:
    rows = MOST_ROWS + 1
    block = table_block(Session(tmp_path, lang), table(rows, lang)).markdown
    page = block.partition("{=typst}")[0]
    assert f"row {FIRST_ROWS - 1}<" in page
    assert f"row {FIRST_ROWS}<" not in page
    assert str(rows) in page
    assert str(FIRST_ROWS) in page
    assert len((tmp_path / "tables" / "simulated.csv").read_text().splitlines()) == rows + 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("studies", "long"), [(MOST_SPOKEN - 2, False), (MOST_SPOKEN + 1, True)])
def test_a_long_figure_says_where_its_rows_are(lang, studies, long, tmp_path) -> None:
    synthesis = simulated(studies)
    figure = forest(synthesis, lang)
    data = forest_data.table(synthesis, lang, lambda study: f"#{study}")
    page = figure_block(Session(tmp_path, lang), figure, "Simulated", data).markdown
    named = synthesis.rows[0].label in page
    assert named is not long
    assert ('class="figure-data"' in page) is not long
    if long:
        assert str(len(figure.data)) in page
        assert figure.alt.replace('"', "&quot;")[:40] in page
    assert synthesis.rows[0].label in (tmp_path / "figures" / f"{figure.id}.csv").read_text()
