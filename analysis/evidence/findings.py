"""What a check has to say, in both languages, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from analysis.evidence.messages import MESSAGES

Text = Mapping[str, str]
Severity = Literal["error", "warning"]

_SHOWN = 80


@dataclass(frozen=True)
class Finding:
    """One thing wrong, or doubtful, in the evidence.

    Attributes
    ----------
    severity : {"error", "warning"}
        An error stops the build; a warning asks somebody to look.
    file : str
        File name under ``data/``, or the name of an imported file (with its sheet).
    row : int or None
        Row as a spreadsheet counts it, the header being row 1; None for the whole file.
    column : str or None
        Column name; None for the whole row.
    value : str
        What stands there.
    expected, message : mapping
        What should stand there, and what is wrong: ``{"en": …, "zh": …}``.
    code : str
        Name of the check, for programs.
    """

    severity: Severity
    file: str
    row: int | None
    column: str | None
    value: str
    expected: Text
    message: Text
    code: str


class EvidenceError(Exception):
    """The evidence cannot be used; ``findings`` says why, in both languages."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(describe(self.findings))


def finding(
    code: str,
    file: str,
    row: int | None = None,
    column: str | None = None,
    value: object = "",
    expected: Text | None = None,
    **params: object,
) -> Finding:
    """A finding worded by the catalogue.

    Parameters
    ----------
    code : str
        Key of `MESSAGES`.
    expected : mapping, optional
        In place of the catalogue's expectation.
    **params
        What the catalogue's placeholders stand for.

    Raises
    ------
    KeyError
        When the catalogue has no such code or a placeholder has no value.
    """
    entry = MESSAGES[code]
    wanted = expected or {lang: text.format(**params) for lang, text in entry.expected.items()}
    return Finding(
        severity=entry.severity,
        file=file,
        row=row,
        column=column,
        value="" if value is None else str(value),
        expected=dict(wanted),
        message={lang: text.format(**params) for lang, text in entry.message.items()},
        code=code,
    )


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that stop a build."""
    return tuple(found for found in findings if found.severity == "error")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by file and row."""
    return sorted(
        findings, key=lambda found: (found.severity, found.file, found.row or 0, found.column or "")
    )


def describe(findings: Iterable[Finding], langs: Sequence[str] = ("en", "zh")) -> str:
    """The findings as text for a terminal, one paragraph each.

    Parameters
    ----------
    langs : sequence of {"en", "zh"}
        Languages to word them in.
    """
    return "\n".join(_paragraph(found, langs) for found in in_order(findings))


def to_json(findings: Iterable[Finding]) -> str:
    """The findings as a JSON list, in the same order as `describe`."""
    return json.dumps([asdict(found) for found in in_order(findings)], ensure_ascii=False, indent=1)


def _paragraph(found: Finding, langs: Sequence[str]) -> str:
    kind = {
        "error": {"en": "ERROR", "zh": "错误"},
        "warning": {"en": "warning", "zh": "警告"},
    }[found.severity]
    place = found.file
    if found.row is not None:
        place += f":{found.row}"
    if found.column:
        place += f" [{found.column}]"
    shown = f" = {visible(found.value)}" if found.value or found.column else ""
    lines = [f"{' '.join(kind[lang] for lang in langs)}  {place}{shown}"]
    for lang in langs:
        stop, wanted = {"en": (". ", "Expected: "), "zh": ("。", "应为：")}[lang]
        line = found.message[lang]
        if found.expected.get(lang):
            line += f"{stop}{wanted}{found.expected[lang]}"
        lines.append(f"    {line}{stop.strip()}")
    return "\n".join(lines)


def visible(value: str) -> str:
    """A cell's text made safe for a terminal: quoted, control characters escaped, long text cut."""
    text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in value)
    return f"“{text[:_SHOWN]}…”" if len(text) > _SHOWN else f"“{text}”"
