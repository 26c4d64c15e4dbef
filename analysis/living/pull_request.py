"""What a proposed change does, for its reader: the findings of the checks, and what changes in the review."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from analysis.evidence import check
from analysis.evidence.findings import Finding, describe, errors
from analysis.living.changes import diff
from analysis.living.errors import LivingError
from analysis.living.report import markdown
from analysis.living.snapshots import of_folder
from analysis.wording import LANGUAGES, catalogue

LONGEST = 60_000
"""Characters of the whole text: GitHub takes 65,536 in a comment."""


def pull_request(base: Path, data_dir: Path) -> str:
    """GitHub Markdown in both languages.

    Parameters
    ----------
    base, data_dir : Path
        The data package as it is on the target branch, and as it is proposed.

    Returns
    -------
    str
        Also when one of the two cannot be used: then the text says why.
    """
    findings = check(data_dir)
    parts = [_findings(findings, lang) for lang in LANGUAGES]
    try:
        changes = diff(of_folder(base), of_folder(data_dir))
    except LivingError as error:
        for lang in LANGUAGES:
            lead = catalogue.text("living.pull_request.incomparable", lang)
            parts.append(f"## {lead}\n\n{_fenced(error.text[lang])}\n")
    else:
        parts += [markdown(changes, lang) for lang in LANGUAGES]
    text = "\n".join(parts)
    if len(text) <= LONGEST:
        return text
    cut = "\n\n".join(catalogue.text("living.pull_request.cut", lang) for lang in LANGUAGES)
    return f"{text[:LONGEST].rpartition(chr(10))[0]}\n\n{cut}\n"


def _findings(findings: Sequence[Finding], lang: str) -> str:
    wrong = len(errors(findings))
    title = catalogue.text("living.pull_request.findings", lang)
    counted = catalogue.text(
        "living.pull_request.counted", lang, errors=wrong, warnings=len(findings) - wrong
    )
    lines = [f"## {title}", "", counted, ""]
    if findings:
        shown = _fenced(describe(findings, (lang,)))
        lines += ["<details>", f"<summary>{title}</summary>", "", shown, "", "</details>", ""]
    return "\n".join(lines)


def _fenced(text: str) -> str:
    """A code block that nothing in `text` can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
