"""Pages of the versions and of what changed between any two, and the feed: written beside the chapters.

They are no chapters: each is left as a ``page.json`` (a title and its HTML) in the folder of its address,
``v/<version>/`` and ``v/<older>/<newer>/``; the present state is called ``now`` there.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

from analysis import figures
from analysis.evidence.package import SCHEMA_FILE
from analysis.living.archive import Archive
from analysis.living.changes import Changes
from analysis.living.feed import dated, feed
from analysis.living.report import headline, names, reason, summary
from analysis.living.versions import META_FILE, RESULTS_FILE, Stored
from analysis.showing import drawn
from analysis.showing.session import CHANGES_SOURCE, Session, code_of, write
from analysis.tables import changes as tables
from analysis.tables import render, results, versions
from analysis.tables.model import Table
from analysis.wording import catalogue, escape, numbers
from store import key_of, packages

FOLDER = "v"
NOW = "now"
PAGE_FILE = "page.json"
FEED_FILE = "feed.xml"
CHANGES_FILE = "changes.json"
DATA_FILE = "data.zip"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def write_pages(session: Session, archive: Archive) -> None:
    """Write every version's page, every comparison's, and the feed where a version is released."""
    shutil.rmtree(session.folder(FOLDER), ignore_errors=True)
    if dated(archive.stored):
        page = f"{CHANGES_SOURCE.removesuffix('.qmd')}.html"
        write(session.folder(FEED_FILE), feed(archive, session.lang, page=page))
    for place, stored in enumerate(archive.stored):
        _write_version(session, archive, place, stored)
    told_with = (session.lang, session.evidence.digests[SCHEMA_FILE], code_of(), drawn.pens())

    def compared(older: int, newer: int) -> dict[str, str]:
        # Drawing takes longer than all the rest: only neighbours get figures.
        return _comparison(session, archive.between(older, newer), with_figures=newer == older + 1)

    for (older, before), (newer, after) in combinations(enumerate(archive.stored), 2):
        # Stored versions never change, and there are half as many pairs as the square of their number.
        key = key_of("comparison", before.digest, after.digest, *told_with)
        files = session.store.memo_json(key, partial(compared, older, newer))
        _write(session.folder(_at(before.meta.version, after.meta.version)), files)
    for place, stored in enumerate(archive.stored):
        files = _comparison(session, archive.between(place), with_figures=True)
        _write(session.folder(_at(stored.meta.version, NOW)), files)


def overview(session: Session) -> Table:
    """The versions as a table; their pages and the feed are written on the way."""
    archive = session.archive
    write_pages(session, archive)
    pending = archive.pending
    unreleased = None
    if pending is not None:
        unreleased = names(pending, session.lang)[1], reason(pending, session.lang)
    return versions.versions(
        archive.stored, unreleased, session.lang, lambda name: session.link(page_address(name))
    )


def page_address(*parts: str) -> str:
    """The address of a version's page, or of a comparison, from the language's folder."""
    return f"{_at(*parts)}/index.html"


def _at(*parts: str) -> str:
    return "/".join((FOLDER, *parts))


def _write_version(session: Session, archive: Archive, place: int, stored: Stored) -> None:
    version, lang = stored.meta.version, session.lang
    folder = session.folder(_at(version))
    current = stored is archive.stored[-1] and archive.pending is None
    write(folder / RESULTS_FILE, (stored.folder / RESULTS_FILE).read_bytes())
    write(folder / META_FILE, (stored.folder / META_FILE).read_bytes())
    if stored.data is not None:
        data = stored.data
        key = key_of("version", stored.digest, packages())
        write(folder / DATA_FILE, session.store.memo(key, lambda: _zipped(data)))
    parts = [
        render.html(versions.facts(stored, lang)),
        _heading("results", lang),
        *_answers(session, stored),
    ]
    if place:
        changes = archive.between(place - 1, place)
        parts += [_heading("changed", lang), _told(changes, lang)]
        parts.append(
            _link(f"../{changes.old}/{version}/index.html", "compare", lang, old=changes.old, new=version)
        )
    if not current:
        since = archive.between(place)
        parts += [_heading("since", lang), _told(since, lang)]
        parts.append(_link(f"{NOW}/index.html", "compare_now", lang, old=version))
    others = [other.meta.version for other in archive.stored]
    links = [
        _link(f"../{old}/{new}/index.html", "compare", lang, old=old, new=new)
        for old, new in combinations(others, 2)
        if version in (old, new) and (old, new) not in pairwise(others[: place + 1])
    ]
    if links:
        parts += [_heading("others", lang), *links]
    parts += [_heading("files", lang), _files(stored, lang)]
    title = catalogue.text("living.archive.title", lang, version=version)
    notice = _notice("current" if current else "older", version, "../../", lang)
    write(folder / PAGE_FILE, _page(title, notice, parts))


def _answers(session: Session, stored: Stored) -> Iterator[str]:
    """What the version says: its answers and their studies, or what the earlier review printed."""
    found = stored.results
    sources = replace(session.sources, results=found)
    if found.questions:
        yield _block(results.table(sources))
        yield _block(versions.rows(found, session.lang))
    if not found.questions and found.published:
        yield _block(versions.printed(found, session.lang))


def _comparison(session: Session, changes: Changes, *, with_figures: bool) -> dict[str, str]:
    """A comparison's files by name."""
    lang = session.lang
    old, new = names(changes, lang)
    parts = [
        _told(changes, lang),
        f"<p>{escape.html(catalogue.text(f'living.report.level_{changes.level}', lang))}</p>",
    ]
    if with_figures:
        parts += _slopes(session, changes)
    parts += [
        _block(table)
        for table in (
            tables.results_of(changes, lang),
            tables.evidence_of(changes, session.sources),
            tables.protocol_of(changes, lang),
            tables.reversals_of(changes, lang),
        )
    ]
    parts += [_heading("files", lang), f'<p><a href="{CHANGES_FILE}" download>{CHANGES_FILE}</a></p>']
    title = catalogue.text("living.report.title", lang, old=old, new=new)
    page = _page(title, _notice("comparison", changes.old, "../../../", lang), parts)
    return {CHANGES_FILE: changes.to_json(), PAGE_FILE: page}


def _slopes(session: Session, changes: Changes) -> Iterator[str]:
    """Each result before and after, beside one another where there is room."""
    lang = session.lang
    if figures_drawn := figures.slopes(changes.questions, lang):
        panels = (drawn.inline(figure, session.store) for figure in figures_drawn)
        yield '<div class="review-figure figure-panels">\n' + "\n".join(panels) + "\n</div>"
        old, new = names(changes, lang)
        sides = catalogue.text("figure.slope.sides", lang, old=old, new=new)
        told = numbers.sentences([sides, catalogue.text("figure.slope.note", lang)], lang)
        yield f"<p>{escape.html(told)}</p>"


def _page(title: str, notice: str, parts: Sequence[str]) -> str:
    record = {"title": title, "notice": notice, "html": "\n".join(part for part in parts if part)}
    return json.dumps(record, ensure_ascii=False) + "\n"


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        write(folder / name, text)


def _notice(kind: str, version: str, root: str, lang: str) -> str:
    said = escape.html(catalogue.text(f"living.archive.{kind}", lang, version=version))
    link = escape.html(catalogue.text("living.archive.to_current", lang))
    return f'{said} <a href="{root}index.html">{link}</a>'


def _told(changes: Changes, lang: str) -> str:
    """What changed in sentences."""
    said = [headline(changes, lang), summary(changes, lang)]
    return "".join(f"<p>{escape.html(text)}</p>" for text in said if text)


def _files(stored: Stored, lang: str) -> str:
    names_of_files = [RESULTS_FILE, META_FILE, *([DATA_FILE] if stored.data is not None else [])]
    links = " ".join(f'<a href="{name}" download>{name}</a>' for name in names_of_files)
    digests = "\n".join(f"{value}  data/{name}" for name, value in stored.meta.digests.items())
    listed = ""
    if digests:
        title = escape.html(catalogue.text("living.archive.digests", lang))
        listed = f"<details><summary>{title}</summary><pre>{escape.html(digests)}</pre></details>"
    return f'<p class="downloads">{links}</p>{listed}'


def _heading(key: str, lang: str) -> str:
    return f'<h2 id="{key}">{escape.html(catalogue.text(f"living.archive.head_{key}", lang))}</h2>'


def _link(href: str, key: str, lang: str, **params: str) -> str:
    text = escape.html(catalogue.text(f"living.archive.{key}", lang, **params))
    return f'<p><a href="{escape.html(href)}">{text}</a></p>'


def _block(table: Table) -> str:
    title = escape.html(table.caption)
    return (
        '<div class="review-table-block">'
        f'<h3 id="tbl-{escape.html(table.id)}">{title}</h3>\n{render.html(table)}</div>'
    )


def _zipped(folder: Path) -> bytes:
    """A version's data package; the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"data/{path.name}", _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def feed_link(session: Session) -> str:
    """A link to the feed; nothing before a version is released."""
    if not dated(session.archive.stored):
        return ""
    text = escape.html(catalogue.text("living.archive.feed", session.lang))
    return f'<p><a href="{escape.html(session.link(FEED_FILE))}" type="application/atom+xml">{text}</a></p>'
