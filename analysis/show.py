"""What chapters call: figures, tables, sections and sentences, in the page's language.

The language comes from ``QUARTO_PROFILE`` (``en`` where nothing is set). A shown object gives Markdown
that holds the block for HTML and the block for the PDF, so that a cell runs once.

Examples
--------
>>> from analysis import show
>>> from analysis.show import say
>>> show.forest("edss-it")      # doctest: +SKIP
>>> show.table("characteristics")  # doctest: +SKIP
>>> say("edss-it")              # doctest: +SKIP
"""

from __future__ import annotations

import json
from typing import Final

from analysis import figures, tables
from analysis.showing import archive, citing, pictures, sections, session, study_pages
from analysis.showing.blocks import Shown, figure_block, refused_block, table_block
from analysis.showing.said import Say
from analysis.tables import forest_data, synonyms
from analysis.wording import catalogue, escape, facts

say: Final = Say()
SEARCH_SYNONYMS: Final = "search-synonyms.json"


def forest(question: str) -> Shown:
    """The forest plot of a question, as figure ``fig-<question>``.

    Raises
    ------
    KeyError
        With the known questions, when there is none of that id.
    """
    now = session.current()
    synthesis = now.results.question(question)
    drawn = figures.forest(synthesis, now.lang, study_link=now.study_link)
    data = forest_data.table(synthesis, now.lang, now.study_link)
    narrow = figures.forest(synthesis, now.lang, study_link=now.study_link, narrow=True)
    return figure_block(now, drawn, facts.caption(synthesis, now.lang), data, narrow)


def figure(name: str, question: str = "") -> Shown:
    """A figure besides the forest plot: ``figure("safety")``, ``figure("choices", "edss-improved")``.

    Its anchor is ``fig-<name>``, or ``fig-<question>-<name>``; `analysis.showing.pictures` names what
    there is. Where a figure cannot be drawn, the reason stands in its place.
    """
    now = session.current()
    try:
        drawn = pictures.draw(now, name, question)
    except figures.Refused as refused:
        return refused_block(now, refused)
    narrow = pictures.NARROW[name](now) if name in pictures.NARROW else None
    return figure_block(now, drawn, drawn.title, narrow=narrow)


def histories() -> Shown:
    """A figure ``fig-<question>-history`` for each question that two versions or more give a number for.

    A sentence in their place as long as there is none.
    """
    now = session.current()
    shown = [
        figure("history", synthesis.id).markdown
        for synthesis in now.results.questions
        if sum(figures.effect_of(answer) is not None for _, answer in pictures.told(now, synthesis.id)) > 1
    ]
    text = escape.markdown(catalogue.text("figure.history.refused", now.lang))
    return Shown("\n".join(shown) or f"{text}\n", "histories")


def table(name: str, **options: str) -> Shown:
    """A table, as ``tbl-<name>``; ``analysis.tables.TABLES`` names what there is.

    Parameters
    ----------
    **options : str
        What the table asks for, such as ``question="edss-it"`` for ``sensitivity``.
    """
    now = session.current()
    return table_block(now, tables.make(name, now.sources, **options))


def versions() -> Shown:
    """The versions of the review, as table ``tbl-versions``, with a link to the feed.

    On the way it leaves a page for every version, ``v/<version>/``, one for what changed between any two
    of them, ``v/<older>/<newer>/``, and the feed, beside the language's pages.
    """
    now = session.current()
    block = table_block(now, archive.overview(now))
    link = archive.feed_link(now)
    feed = f"\n{escape.fenced(link, 'html')}\n" if link else ""
    return Shown(block.markdown + feed, block.name)


def studies(**conditions: str) -> Shown:
    """A section for each study with everything extracted from it, and where it came from.

    Of very many studies each has a page of its own, ``studies/<study_id>/``, and the chapter lists them.

    Parameters
    ----------
    **conditions : str
        Columns of ``studies.csv`` that a study must have: ``stream="controlled"``.
    """
    return Shown(study_pages.studies(session.current(), conditions), "studies")


def codebook() -> Shown:
    """A section for each data table, ``#codebook-<table>``, with its columns and codes."""
    return Shown(sections.codebook(session.current().sources), "codebook")


def citation() -> Shown:
    """How to cite this version: Vancouver, GB/T 7714 and BibTeX."""
    return citing.block(session.current())


def search_synonyms() -> None:
    """Write the glossary's names of one thing where a search of the site finds them."""
    now = session.current()
    groups = synonyms.synonyms(now.sources.rows("glossary"))
    text = json.dumps(groups, ensure_ascii=False, indent=1)
    session.write(now.folder(SEARCH_SYNONYMS), text + "\n")
