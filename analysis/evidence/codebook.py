"""The codebook: every table, column and code, straight from the schema, so that both cannot drift apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.evidence.cells import expectation
from analysis.evidence.schema import Column, ForeignKey, Schema, Table


@dataclass(frozen=True)
class ColumnEntry:
    """One column as a reader needs it.

    Attributes
    ----------
    holds : str
        What a cell may hold, in words.
    codes : tuple of (code, label)
        The codes with their names.
    rules : tuple of str
        ``required``, ``unique`` and keys, in words.
    """

    name: str
    title: str
    description: str
    holds: str
    codes: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class TableEntry:
    """One table with its columns."""

    name: str
    file: str
    title: str
    description: str
    columns: tuple[ColumnEntry, ...]


_WORDS = {
    "required": {"en": "required", "zh": "必填"},
    "unique": {"en": "each value once", "zh": "值唯一"},
    "key": {"en": "key of the table", "zh": "主键"},
    "refers": {"en": "refers to {table}.{column}", "zh": "指向 {table}.{column}"},
    "column": {"en": "column", "zh": "列"},
    "meaning": {"en": "meaning", "zh": "含义"},
    "holds": {"en": "holds", "zh": "取值"},
    "text": {"en": "text", "zh": "文字"},
    "code": {"en": "a code (below)", "zh": "代码（见下）"},
    "codes": {"en": "codes parted by “{separator}” (below)", "zh": "以“{separator}”分隔的代码（见下）"},
}


def codebook(schema: Schema, lang: str) -> tuple[TableEntry, ...]:
    """The codebook in one language.

    Parameters
    ----------
    schema : Schema
    lang : {"en", "zh"}
    """
    return tuple(
        TableEntry(
            table.name,
            table.path,
            table.title[lang],
            table.description[lang],
            tuple(_entry(table, column, lang) for column in table.columns),
        )
        for table in schema.tables.values()
    )


def to_markdown(tables: Sequence[TableEntry], lang: str) -> str:
    """The codebook as pandoc Markdown: a section and a pipe table for each table."""
    head = [_WORDS[word][lang] for word in ("column", "meaning", "holds")]
    lines: list[str] = []
    for table in tables:
        lines += [f"## {_plain(table.title)} (`{table.file}`) {{#codebook-{table.name}}}", ""]
        lines += [_plain(table.description), "", f"| {' | '.join(head)} |", "|---|---|---|"]
        for column in table.columns:
            holds = "; ".join((_plain(column.holds), *map(_plain, column.rules)))
            meaning = f"**{_plain(column.title)}.** {_plain(column.description)}"
            lines.append(f"| `{column.name}` | {meaning} | {holds} |")
        lines.append("")
        for column in table.columns:
            if column.codes:
                named = "; ".join(f"`{code}` {_plain(label)}" for code, label in column.codes)
                lines += [f"`{column.name}`: {named}", ""]
    return "\n".join(lines)


def _entry(table: Table, column: Column, lang: str) -> ColumnEntry:
    rules = []
    if column.required:
        rules.append(_WORDS["required"][lang])
    if table.primary_key == (column.name,):
        rules.append(_WORDS["key"][lang])
    elif column.unique:
        rules.append(_WORDS["unique"][lang])
    target = _target(table, column)
    if target:
        rules.append(_WORDS["refers"][lang].format(table=target[0], column=target[1]))
    return ColumnEntry(
        name=column.name,
        title=column.title[lang],
        description=column.description[lang],
        holds=_holds(column, lang),
        codes=tuple((code, label[lang]) for code, label in (column.labels or {}).items()),
        rules=tuple(rules),
    )


def _holds(column: Column, lang: str) -> str:
    if column.labels and column.separator:
        return _WORDS["codes"][lang].format(separator=column.separator)
    if column.labels:
        return _WORDS["code"][lang]
    if column.type == "string":
        return _WORDS["text"][lang]
    return expectation(column)[lang]


def _target(table: Table, column: Column) -> tuple[str, str] | None:
    if column.references:
        return column.references
    keys: Sequence[ForeignKey] = sorted(table.foreign_keys, key=lambda key: len(key.columns))
    for key in keys:
        if column.name in key.columns:
            return key.table, key.target[key.columns.index(column.name)]
    return None


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]<>#|$@~^" else char for char in text)
