"""Names of one thing in both languages, from the glossary, for a search to take one for another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.evidence.rows import Record

_BRACKETS = re.compile(r"\s*[(（]([^()（）]*)[)）]")
_ALTERNATIVE = re.compile(r"^(?:亦作|又称|also)[：:]?\s*", re.IGNORECASE)
_LIST, _TIGHT_LIST = re.compile(r"\s+/\s+"), re.compile(r"\s*/\s*")
_SPELLED = re.compile(r"[A-Z][A-Z0-9]+|[\u4e00-\u9fff]+")


def synonyms(rows: Iterable[Record]) -> list[list[str]]:
    """Groups of names; two rows that share a name are one group.

    A row gives its terms, what stands in brackets behind them where that is an abbreviation or another
    name, and its other forms in ``also``. Where both languages list several terms with slashes between
    them, each belongs to its twin only.

    Examples
    --------
    >>> synonyms([{"en": "disease-modifying therapy", "zh": "疾病修正治疗（DMT）", "also": "疾病修饰治疗"}])
    [['disease-modifying therapy', '疾病修正治疗', 'DMT', '疾病修饰治疗']]
    """
    groups: list[list[str]] = []
    for row in rows:
        for names in _of_row(row):
            known = {name.casefold() for name in names}
            shared = [group for group in groups if known & {name.casefold() for name in group}]
            groups = [group for group in groups if group not in shared]
            groups.append(_distinct(name for group in (*shared, names) for name in group))
    return [group for group in groups if len(group) > 1]


def _of_row(row: Record) -> Iterator[list[str]]:
    also = [name.strip() for name in str(row.get("also") or "").split(";") if name.strip()]
    terms = [_listed(str(row[lang]), _LIST) for lang in ("en", "zh")]
    if len(terms[0]) != len(terms[1]):
        terms = [_listed(str(row[lang]), _TIGHT_LIST) for lang in ("en", "zh")]
    if len(terms[0]) == len(terms[1]):
        pairs = [list(pair) for pair in zip(*terms, strict=True)]
    else:
        pairs = [[*terms[0], *terms[1]]] if len(terms[0]) == 1 else [terms[0]]
    for number, pair in enumerate(pairs):
        names = [name for term in pair for name in _names(term)]
        names += also if number == 0 else []
        # One letter stands in too many words to be the name of one thing.
        yield _distinct(name for name in names if len(name) > 1)


def _listed(terms: str, separator: re.Pattern[str]) -> list[str]:
    return separator.split(terms.strip())


def _names(term: str) -> Iterator[str]:
    """A term without its brackets, then what in them is a name too."""
    yield _BRACKETS.sub("", term).strip()
    for inside in _BRACKETS.findall(term):
        name = _ALTERNATIVE.sub("", inside).strip()
        if _SPELLED.fullmatch(name):
            yield name


def _distinct(names: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        if name:
            found.setdefault(name.casefold(), name)
    return list(found.values())
