"""The whole data package: its tables, its protocol, and both at once as `Evidence`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from analysis.evidence.findings import EvidenceError, Finding, errors, finding, in_order
from analysis.evidence.reading import Reading, Row, read_table
from analysis.evidence.rows import Record, records
from analysis.evidence.schema import Schema, SchemaError, read_schema
from analysis.yaml_files import read_yaml

SCHEMA_FILE = "datapackage.json"
PROTOCOL_FILE = "review.yml"
BIBLIOGRAPHY_FILE = "references.bib"


@dataclass(frozen=True)
class Book:
    """What the checks look at: readings of every table, the protocol, the bibliography.

    Attributes
    ----------
    readings : mapping of str to Reading
        By table name.
    protocol : mapping or None
        ``review.yml`` as parsed; None where it cannot be read.
    bibliography : str
        Text of ``references.bib``.
    """

    schema: Schema
    readings: Mapping[str, Reading]
    protocol: Mapping[str, Any] | None
    bibliography: str

    def rows(self, table: str) -> tuple[Row, ...]:
        """Rows of a table that were read; none where the package has no such table."""
        return self.readings[table].rows if table in self.readings else ()

    def all_rows(self, table: str) -> tuple[Row, ...]:
        """Rows read and refused: a key in a refused row is a key all the same."""
        return self.rows(table) + (self.readings[table].refused if table in self.readings else ())


@dataclass(frozen=True)
class Evidence:
    """Checked evidence.

    Attributes
    ----------
    protocol : mapping
        ``review.yml`` as parsed.
    tables : mapping of str to sequence of Record
        Rows by table name: every column of the table with its value, None where it is missing. Numbers and
        whole numbers are floats, dates `datetime.date`.
    digests : mapping of str to str
        SHA-256 of each input file by its name.
    schema : mapping
        ``datapackage.json`` as parsed.
    warnings : tuple of Finding
        What the checks found that does not stop a build.
    """

    protocol: Mapping[str, Any]
    tables: Mapping[str, Sequence[Record]]
    digests: Mapping[str, str]
    schema: Mapping[str, Any]
    warnings: tuple[Finding, ...] = ()
    parsed_schema: Schema = field(repr=False, default_factory=lambda: Schema({}, {}))

    def rows(self, table: str) -> list[Record]:
        """A table's rows; none where the review has no such table."""
        return list(self.tables.get(table, ()))

    def label(self, table: str, column: str, code: str, lang: str) -> str:
        """A code's name in one language; see `Schema.label`."""
        return self.parsed_schema.label(table, column, code, lang)


def check(data_dir: Path) -> list[Finding]:
    """Everything that is wrong or doubtful in a data package, at once.

    Parameters
    ----------
    data_dir : Path
        Folder with ``datapackage.json``, the tables and ``review.yml``.

    Returns
    -------
    list of Finding
        Errors first, then by file and row; empty when nothing was found.
    """
    return open_book(data_dir)[1]


def load(data_dir: Path) -> Evidence:
    """The evidence, typed and checked.

    Raises
    ------
    EvidenceError
        When any finding is an error; it carries all findings.
    """
    book, findings = open_book(data_dir)
    if book is None or errors(findings):
        raise EvidenceError(findings)
    names = [reading.table.path for reading in book.readings.values()]
    names += [SCHEMA_FILE, PROTOCOL_FILE, BIBLIOGRAPHY_FILE]
    return Evidence(
        protocol=book.protocol or {},
        tables={name: records(reading) for name, reading in book.readings.items()},
        digests={name: hashlib.sha256((data_dir / name).read_bytes()).hexdigest() for name in sorted(names)},
        schema=book.schema.raw,
        warnings=tuple(findings),
        parsed_schema=book.schema,
    )


def open_book(
    data_dir: Path, replaced: Mapping[str, Reading] | None = None, bibliography: str | None = None
) -> tuple[Book | None, list[Finding]]:
    """Read everything and check it.

    Parameters
    ----------
    replaced : mapping, optional
        Readings to use in place of tables on disk (an import that is not written yet).
    bibliography : str, optional
        Text to use in place of the bibliography on disk.

    Returns
    -------
    tuple
        The book (None when the schema cannot be read) and all findings in order.
    """
    from analysis.evidence.checks import run_checks

    try:
        schema = read_schema(data_dir / SCHEMA_FILE)
    except SchemaError as error:
        return None, [finding("schema_unreadable", SCHEMA_FILE, reason=error)]
    findings: list[Finding] = []
    replaced = replaced or {}
    readings = {
        name: replaced[name] if name in replaced else read_table(table, data_dir)
        for name, table in schema.tables.items()
    }
    for reading in readings.values():
        findings.extend(reading.findings)
    protocol = _protocol(data_dir / PROTOCOL_FILE, findings)
    if bibliography is None:
        bibliography = _bibliography(data_dir / BIBLIOGRAPHY_FILE, findings)
    book = Book(schema, readings, protocol, bibliography)
    findings.extend(run_checks(book))
    return book, in_order(findings)


def _protocol(path: Path, findings: list[Finding]) -> Mapping[str, Any] | None:
    try:
        parsed = read_yaml(path)
    except FileNotFoundError:
        findings.append(finding("file_missing", path.name))
        return None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark is not None else None
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        findings.append(finding("protocol_unreadable", path.name, row, reason=reason))
        return None
    if not isinstance(parsed, dict):
        findings.append(finding("protocol_unreadable", path.name, 1, reason="not a mapping"))
        return None
    return parsed


def _bibliography(path: Path, findings: list[Finding]) -> str:
    if not path.is_file():
        findings.append(finding("file_missing", path.name))
        return ""
    return path.read_text(encoding="utf-8", errors="replace")
