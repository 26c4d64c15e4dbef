"""The data package's schema: what tables there are, and what each column may hold.

``data/datapackage.json`` is a Frictionless data package. Beside what that standard defines, a field
carries ``i18n`` (title and description in both languages), ``labels`` (each code in both languages),
``separator`` (the cell is a list of codes), ``references`` (the cell lists keys of another table) and
``numbered`` (the letter of a key that is numbered within its study).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Text = Mapping[str, str]

LANGUAGES = ("en", "zh")


class SchemaError(ValueError):
    """The data package cannot be read or lacks something this code relies on."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    type : str
        ``string``, ``integer``, ``number``, ``boolean`` or ``date``.
    enum : tuple of str or None
        The codes a cell may hold.
    labels : mapping
        Each code's name in both languages.
    separator : str or None
        A cell may hold several codes, parted by it.
    references : tuple (table, column) or None
        The cell's parts are keys of that table.
    numbered : str or None
        The cell is a key made of its study, this letter and a number, which an import gives out.
    """

    name: str
    type: str
    title: Text
    description: Text
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] | None = None
    pattern: re.Pattern[str] | None = None
    minimum: float | None = None
    maximum: float | None = None
    labels: Mapping[str, Text] | None = None
    separator: str | None = None
    references: tuple[str, str] | None = None
    numbered: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must stand in another table (or, with the same name, in this one)."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table: a CSV file under ``data/``."""

    name: str
    path: str
    title: Text
    description: Text
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises
        ------
        KeyError
            When the table has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name!r} has no column {name!r}")


@dataclass(frozen=True)
class Schema:
    """All tables, and the package as it was parsed."""

    tables: Mapping[str, Table]
    raw: Mapping[str, Any]

    def label(self, table: str, column: str, code: str, lang: str) -> str:
        """A code's name in one language.

        Raises
        ------
        KeyError
            When table, column, code or language is unknown: a page never shows a bare code.
        """
        labels = self.tables[table].column(column).labels or {}
        if code not in labels:
            raise KeyError(f"{table}.{column} has no label for {code!r}")
        return labels[code][lang]


def read_schema(path: Path) -> Schema:
    """Parse a data package.

    Raises
    ------
    SchemaError
        When the file is missing, is not JSON, or a table or column lacks a needed part.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        tables = [_table(resource) for resource in raw["resources"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise SchemaError(f"{path.name}: {type(error).__name__}: {error}") from error
    return Schema({table.name: table for table in tables}, raw)


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource["schema"]
    keys = []
    for key in schema.get("foreignKeys", ()):
        reference = key["reference"]
        target = reference["resource"] or resource["name"]
        keys.append(ForeignKey(_names(key["fields"]), target, _names(reference["fields"])))
    return Table(
        name=resource["name"],
        path=resource["path"],
        title=_text(resource, "title"),
        description=_text(resource, "description"),
        columns=tuple(_column(field) for field in schema["fields"]),
        primary_key=_names(schema["primaryKey"]),
        foreign_keys=tuple(keys),
    )


def _column(field: Mapping[str, Any]) -> Column:
    limits = field.get("constraints", {})
    references = field.get("references")
    table, _, column = references.partition(".") if references else ("", "", "")
    return Column(
        name=field["name"],
        type=field["type"],
        title=_text(field, "title"),
        description=_text(field, "description"),
        required=bool(limits.get("required")),
        unique=bool(limits.get("unique")),
        enum=tuple(limits["enum"]) if "enum" in limits else None,
        pattern=re.compile(limits["pattern"]) if "pattern" in limits else None,
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        labels=field.get("labels"),
        separator=field.get("separator"),
        references=(table, column) if references else None,
        numbered=field.get("numbered"),
        unit=field.get("unit"),
    )


def _text(described: Mapping[str, Any], key: str) -> Text:
    return {lang: described["i18n"][key][lang] for lang in LANGUAGES}


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
