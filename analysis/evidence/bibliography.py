"""The bibliography's keys, and entries for new studies from what their own rows print."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ENTRY = re.compile(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
_SPECIAL = {char: f"\\{char}" for char in "&%$#_"} | {
    "{": "(",
    "}": ")",
    "\\": "/",
    "~": " ",
    "^": " ",
}


def entry_keys(text: str) -> set[str]:
    """Keys of a BibTeX text."""
    return set(_ENTRY.findall(text))


def bibtex_entry(study: Mapping[str, str]) -> str:
    """A BibTeX entry from a row of the studies table; what the row lacks, the entry lacks.

    Parameters
    ----------
    study : mapping
        Cells of the row as text.
    """
    fields = {
        "author": _author(study.get("first_author", "")),
        "title": f"{{{_escape(study.get('title') or study['label'])}}}",
        "journal": _escape(study.get("journal", "")),
        "year": study.get("year", ""),
        "doi": _verbatim(study.get("doi", "")),
        "pmid": study.get("pmid", ""),
        "url": "" if study.get("doi") else _verbatim(study.get("source_url", "")),
    }
    kind = "article" if study.get("journal") else "misc"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@{kind}{{{study['study_id']},", *lines, "}", ""))


def _author(name: str) -> str:
    """“Harris VK” as “Harris, V. K. and others”: the tables hold first authors only."""
    surname, _, initials = name.strip().rpartition(" ")
    if not surname or not (initials.isalpha() and initials.isupper()):
        return f"{{{_escape(name)}}}" if name else ""
    return f"{_escape(surname)}, {' '.join(f'{letter}.' for letter in initials)} and others"


def _escape(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in text)


def _verbatim(text: str) -> str:
    return text.translate({ord("{"): None, ord("}"): None, ord("\\"): None})
