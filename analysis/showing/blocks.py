"""A figure or a table as the Markdown that a chapter's cell returns.

One block serves both formats: pandoc keeps the raw HTML for the page and the raw Typst for the PDF.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from analysis.figures import Figure, Refused
from analysis.figures.saving import FORMATS
from analysis.showing import drawn
from analysis.showing.lengths import MOST_SPOKEN, rows_of, shortened
from analysis.showing.session import BUILD, Session, code_of, write
from analysis.tables import render
from analysis.tables.model import Table
from analysis.wording import catalogue, escape, numbers
from store import key_of, packages


@dataclass(frozen=True)
class Shown:
    """What a cell returns: Markdown for Quarto and for the embedded renderer alike."""

    markdown: str = field(repr=False)
    name: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Mapping[str, str]:
        return {"text/markdown": self.markdown, "text/plain": self.name}

    def __str__(self) -> str:
        return self.markdown


def figure_block(
    session: Session,
    figure: Figure,
    caption: str,
    table: Table | None = None,
    narrow: Figure | None = None,
) -> Shown:
    """A figure with its downloads, its numbers as a table and itself in words.

    Parameters
    ----------
    caption : str
        Plain text.
    table : Table, optional
        The numbers in the figure.
    narrow : Figure, optional
        The same figure drawn for a phone; the page's style shows one of the two. The downloads and
        the PDF have the wide one.
    """
    files = {suffix: f"figures/{figure.id}.{suffix}" for suffix in FORMATS}
    for suffix, target in files.items():
        write(session.folder("figures").parent / target, drawn.of(figure, suffix, session.store))
    lang = session.lang
    html = "\n".join(
        (
            '<div class="review-figure">',
            drawing(session, figure, "" if narrow is None else "figure-wide"),
            "" if narrow is None else drawing(session, narrow, "figure-narrow"),
            downloads(session, files, figure.title),
            *_rows(figure, table),
            "</div>",
        )
    )
    source = f"/{BUILD}/{lang}/{files['svg']}"
    typst = f"#image({escape.typst(source)}, alt: {escape.typst(figure.alt)}, width: 100%)"
    return _block(figure.id, "", html, typst, caption)


def _rows(figure: Figure, table: Table | None) -> Iterator[str]:
    """The figure's numbers as a table and itself in words; of very many rows, in short and where they are."""
    lang, words = figure.lang, figure.description
    if len(words) <= MOST_SPOKEN:
        if table is not None:
            yield _details("figure-data", "show.figure_data", render.html(table), lang)
        items = "".join(f"<li>{escape.html(sentence)}</li>" for sentence in words)
        yield _details("figure-words", "show.spoken", f"<ol>{items}</ol>", lang)
        return
    count = numbers.integer(len(figure.data))
    parts = (figure.alt, catalogue.text("show.long_figure", lang, count=count))
    text = "".join(f"<p>{escape.html(part)}</p>" for part in parts)
    yield _details("figure-words", "show.spoken_short", text, lang)


def drawing(session: Session, figure: Figure, variant: str) -> str:
    """A figure inline, with room to scroll; `variant` is the class of one drawn for one width."""
    classes = " ".join(name for name in ("figure-drawing", variant) if name)
    return (
        f'<div class="{classes}" tabindex="0" role="group" '
        f'aria-label="{escape.html(figure.title)}" style="--figure-width: {figure.width:.0f}px">\n'
        f"{drawn.inline(figure, session.store)}\n</div>"
    )


def refused_block(session: Session, refused: Refused) -> Shown:
    """Why a figure is not drawn, in its place."""
    html = f'<p class="refused">{escape.html(refused.reason)}</p>'
    caption = catalogue.text("show.not_drawn", session.lang)
    return _block(refused.figure_id, "", html, f"#{{{escape.typst(refused.reason)}}}", caption)


def _details(name: str, key: str, content: str, lang: str) -> str:
    return f'<details class="{name}"><summary>{_text(key, lang)}</summary>\n{content}\n</details>'


def table_block(session: Session, table: Table) -> Shown:
    """A table with its downloads."""
    files = {suffix: f"tables/{table.id}.{suffix}" for suffix in ("csv", "xlsx", "json")}
    folder = session.folder("tables")
    # The byte-order mark tells Excel that the file is UTF-8.
    write(folder / f"{table.id}.csv", "\ufeff" + render.csv_text(table))
    write(folder / f"{table.id}.json", render.json_text(table))
    # Of all the forms this alone takes long to write.
    sheet = json.dumps(render.sheet(table), ensure_ascii=False)
    key = key_of("workbook", sheet, code_of("tables", "evidence"), packages())
    write(folder / f"{table.id}.xlsx", session.store.memo(key, lambda: render.xlsx(table)))
    in_page = shortened(table)
    whole, shown = (numbers.integer(rows_of(one)) for one in (table, in_page))
    told = (
        "" if in_page is table else catalogue.text("show.long_table", session.lang, shown=shown, count=whole)
    )
    html = "\n".join(
        (
            '<div class="review-table-block">',
            *([f'<p class="table-note">{escape.html(told)}</p>'] if told else []),
            render.html(in_page, tools=True),
            downloads(session, files, table.caption),
            "</div>",
        )
    )
    classes = {".landscape": table.landscape, ".data-appendix": table.appendix}
    chosen = " ".join(name for name, wanted in classes.items() if wanted)
    return _block(f"tbl-{table.id}", chosen, html, render.typst(table), table.caption)


def downloads(session: Session, files: Mapping[str, str], title: str, *, cited: bool = False) -> str:
    """Links to the files, named by their format, and to how to cite them unless that stands there."""
    links = []
    for suffix, target in files.items():
        form = suffix.upper()
        label = catalogue.text("show.download_as", session.lang, title=title, format=form)
        href = escape.html(session.link(target))
        links.append(f'<a href="{href}" download aria-label="{escape.html(label)}">{form}</a>')
    if not cited and (cite := session.cite_link):
        links.append(f'<a href="{escape.html(cite)}">{_text("show.cite", session.lang)}</a>')
    return f'<p class="downloads"><span>{_text("show.download", session.lang)}</span> {" ".join(links)}</p>'


def _text(key: str, lang: str) -> str:
    return escape.html(catalogue.text(key, lang))


def _block(anchor: str, classes: str, html: str, typst: str, caption: str) -> Shown:
    attributes = " ".join(part for part in (f"#{anchor}", classes) if part)
    parts = (
        f":::: {{{attributes}}}",
        escape.fenced(html, "html"),
        "",
        escape.fenced(typst, "typst"),
        "",
        escape.markdown(caption),
        "::::",
    )
    return Shown("\n".join(parts) + "\n", anchor)
