"""Simulated results for the test book: what `analysis.show` gives, made by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

WORDS = {
    "en": {"fig": "Simulated estimates.", "tbl": "Simulated counts.", "mean": "The mean is 0.50."},
    "zh": {"fig": "模拟的估计值。", "tbl": "模拟的计数。", "mean": "均值为 0.50。"},
}


def _words() -> dict[str, str]:
    return WORDS[os.environ["QUARTO_PROFILE"]]


class Shown:
    """A result with raw HTML and raw Typst side by side."""

    def __init__(self, identifier: str, html: str, typst: str, caption: str) -> None:
        self.parts = identifier, html, typst, caption

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        identifier, html, typst, caption = self.parts
        raw = f"```{{=html}}\n{html}\n```\n\n```{{=typst}}\n{typst}\n```"
        markdown = f"::: {{#{identifier}}}\n{raw}\n\n{caption}\n:::"
        return {"text/markdown": markdown, "text/plain": identifier}


class Sentence(str):
    """Text that is Markdown already."""

    def _repr_markdown_(self) -> str:
        return str(self)


def figure(identifier: str, notes: str = "first.html#sec-notes") -> Shown:
    """An inline SVG with a link and a data table."""
    html = (
        f'<svg viewBox="0 0 200 40" role="document" aria-label="simulated"><a href="{notes}">'
        '<text x="5" y="25">Alpha 2020</text></a></svg>\n'
        "<details><summary>data</summary><table><tbody><tr><td>1</td></tr></tbody></table></details>"
    )
    return Shown(identifier, html, "#rect(width: 100%)[Alpha 2020]", _words()["fig"])


def table(identifier: str) -> Shown:
    """A raw HTML table."""
    html = (
        "<table><thead><tr><th>study</th><th>n</th></tr></thead>"
        '<tbody><tr id="value-1"><td>Alpha 2020</td><td>10</td></tr></tbody></table>'
    )
    return Shown(identifier, html, "#table(columns: 2, [study], [n], [Alpha 2020], [10])", _words()["tbl"])


def sentence() -> Sentence:
    """A whole sentence in the page's language."""
    return Sentence(_words()["mean"])


def write_status() -> None:
    """What the status block of every page says, with text that must not become markup."""
    lang = os.environ["QUARTO_PROFILE"]
    folder = Path(os.environ.get("REVIEW_BUILD", Path(os.environ["QUARTO_PROJECT_DIR"], "_build"))) / lang
    folder.mkdir(parents=True, exist_ok=True)
    status = {"version": "2026.1 <b>", "evidence_to": "2026-01", "changes": "chapters/first.html#sec-notes"}
    (folder / "status.json").write_text(json.dumps(status), encoding="utf-8")
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "figures" / "simulated.csv").write_text("a,b\n1,2\n", encoding="utf-8")
