"""Passages of prose that stand only as long as the results bear them out.

A chapter writes, each on a line of its own::

    `{python} say.given("edss-it.k = 1")`

    A passage that relies on there being one trial.

    `{python} say.otherwise()`

    What is to stand there when there is not one trial. (May be left out, with the line above.)

    `{python} say.end()`

The lines become the fences of Quarto's conditional divs. Where the claim fails and nothing is said
otherwise, a note tells that a passage is being read again.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.evidence import EvidenceError, load
from analysis.options import command_parser, languages
from analysis.showing.session import digest, results_of
from analysis.synthesis import ProtocolError
from analysis.synthesis.results import Results
from analysis.wording import catalogue, escape
from analysis.wording.claims import broken
from store import Store

GUARD: Final = re.compile(r"`\{python\}\s+say\.given\((['\"])(.+?)\1\)`")


def opening(holds: bool, lang: str) -> str:
    """The fence before a passage: shown where its claim holds, left out where it does not."""
    return f'::: {{.content-{"visible" if holds else "hidden"} when-profile="{lang}"}}'


def closing(note: bool, lang: str) -> str:
    """The fence behind a passage; with a note where it is left out and nothing takes its place."""
    told = escape.markdown(catalogue.text("passage.left_out", lang))
    mark = "**" if lang == "zh" else "*"
    return f":::\n\n{mark}{told}{mark}" if note else ":::"


@dataclass(frozen=True)
class Guard:
    """Where a chapter's source states a claim."""

    file: str
    line: int
    claim: str


def guards(project: Path) -> Iterator[Guard]:
    """Every claim of the chapters, in the language that is written first; the second repeats it."""
    for path in (project / "index.qmd", *sorted((project / "chapters").glob("*.qmd"))):
        if path.is_file():
            yield from guards_of(path, path.relative_to(project).as_posix())


def guards_of(path: Path, name: str) -> Iterator[Guard]:
    """The claims of one file."""
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for found in GUARD.finditer(text):
            yield Guard(name, number, found[2])


def findings(
    found: Iterator[Guard], results: Results, inclusion: Mapping[str, str], lang: str
) -> Iterator[str]:
    """What no longer holds, with file and line."""
    for guard in found:
        place = {"file": guard.file, "line": str(guard.line)}
        try:
            failed = broken(guard.claim, results, inclusion)
        except (KeyError, ValueError) as error:
            problem = str(error.args[0])
            yield catalogue.text("passage.wrong", lang, claim=guard.claim, problem=problem, **place)
            continue
        for what in failed:
            yield catalogue.text(
                "passage.broken", lang, condition=what.condition, name=what.name, found=what.found, **place
            )


def warn(claim: str, results: Results, inclusion: Mapping[str, str], lang: str) -> None:
    """Tell whoever builds the pages that the passage being written is left out."""
    name = os.environ.get("QUARTO_DOCUMENT_FILE", "")
    path = Path.cwd() / name
    if name and path.is_file():
        place = (guard for guard in guards_of(path, name) if guard.claim == claim)
        for text in dict.fromkeys(findings(place, results, inclusion, lang)):
            print(text, file=sys.stderr)


def main(argv: list[str]) -> int:
    """Say which passages rely on a claim that no longer holds: ``python -m analysis passages``.

    Returns
    -------
    int
        1 when a claim cannot be read; passages that are left out are warnings.
    """
    parser = command_parser("passages", "Check what the prose relies on. / 核对文字所依据的前提。")
    options = parser.parse_args(argv)
    try:
        evidence = load(options.data)
        store = Store.of(options.data.resolve().parent)
        results = results_of(evidence, store, digest(options.data))
    except (EvidenceError, ProtocolError) as error:
        print(error, file=sys.stderr)
        return 1
    inclusion = {row["study_id"]: row["inclusion"] for row in evidence.rows("studies")}
    known = tuple(guards(options.data.resolve().parent))
    unreadable = left_out = 0
    for guard in known:
        try:
            left_out += bool(broken(guard.claim, results, inclusion))
        except (KeyError, ValueError):
            unreadable += 1
    for lang in languages(options):
        for text in findings(iter(known), results, inclusion, lang):
            print(text, file=sys.stderr)
        print(catalogue.text("passage.summary", lang, count=len(known), left_out=str(left_out)))
    return 1 if unreadable else 0
