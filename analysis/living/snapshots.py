"""One state of the review, to be compared with another: a stored version, or a folder as it stands."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.evidence import Evidence, EvidenceError, errors, load
from analysis.evidence.findings import describe
from analysis.evidence.package import PROTOCOL_FILE, SCHEMA_FILE
from analysis.evidence.schema import Schema, SchemaError, read_schema
from analysis.living.errors import LivingError
from analysis.living.versions import FOLDER, META_FILE, Meta, Stored, read_version
from analysis.synthesis import ProtocolError, Results, synthesise
from analysis.yaml_files import read_yaml
from store import digest

Key = tuple[str, ...]

_schemas: dict[str, Schema] = {}


@dataclass(frozen=True)
class TableText:
    """A table's cells as they are written.

    Attributes
    ----------
    key : tuple of str
        Columns that name a row.
    text : str
        The file's; two tables of the same text hold the same and need not be taken apart.
    """

    name: str
    key: tuple[str, ...]
    text: str = field(repr=False)

    @cached_property
    def rows(self) -> Mapping[Key, Mapping[str, str]]:
        """Cells by column, by the row's key."""
        rows = [
            {column: (cell or "").strip() for column, cell in row.items() if column is not None}
            for row in csv.DictReader(io.StringIO(self.text, newline=""))
        ]
        return {tuple(row.get(column, "") for column in self.key): row for row in rows}


@dataclass(frozen=True)
class Snapshot:
    """One state of the review.

    Attributes
    ----------
    name : str
        The version; for a folder that is not a stored version, the version its ``review.yml`` names.
    meta : Meta or None
        None for what is not released.
    protocol : mapping
        ``review.yml`` as parsed; empty for a seed.
    schema : Schema or None
        None for a seed.
    results : Results
    """

    name: str
    meta: Meta | None
    protocol: Mapping[str, Any]
    schema: Schema | None
    tables: Mapping[str, TableText]
    results: Results

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """Every single setting of the protocol as JSON, by its path; a list of plain values is one."""
        return dict(_settings(self.protocol))


def open_snapshot(named: str | Path, data_dir: Path) -> Snapshot:
    """The state that somebody names.

    Parameters
    ----------
    named : str or Path
        A stored version's number, or a folder: a project (with ``data/``) or a data package.
    data_dir : Path
        The data package whose stored versions are meant.

    Raises
    ------
    LivingError
        When there is no such version or folder, or it cannot be read.
    """
    stored = data_dir / FOLDER / str(named)
    if (stored / META_FILE).is_file():
        return of_version(read_version(stored))
    for folder in (Path(named) / "data", Path(named)):
        if (folder / SCHEMA_FILE).is_file():
            return of_folder(folder)
    raise LivingError(
        f"there is no version and no data package {str(named)!r}",
        f"没有名为 {str(named)!r} 的版本或数据包",
    )


def of_version(stored: Stored) -> Snapshot:
    """A stored version."""
    data = stored.data
    if data is None:
        return Snapshot(stored.meta.version, stored.meta, {}, None, {}, stored.results)
    schema = _schema(data)
    return Snapshot(
        stored.meta.version, stored.meta, _protocol(data), schema, _tables(schema, data), stored.results
    )


def of_folder(data_dir: Path) -> Snapshot:
    """A data package as it stands, its results computed now.

    Raises
    ------
    LivingError
        When its checks find an error, or its protocol cannot be carried out.
    """
    try:
        evidence = load(data_dir)
        results = synthesise(evidence)
    except EvidenceError as error:
        found = {lang: describe(errors(error.findings), (lang,)) for lang in ("en", "zh")}
        raise LivingError(
            f"the data have errors:\n{found['en']}", f"数据存在错误：\n{found['zh']}"
        ) from error
    except ProtocolError as error:
        raise LivingError(*str(error).split("\n", 1)) from error
    return of_evidence(evidence, results, data_dir)


def of_evidence(evidence: Evidence, results: Results, data_dir: Path) -> Snapshot:
    """A data package that is loaded already, with its results.

    Parameters
    ----------
    data_dir : Path
        The folder that `evidence` was loaded from.
    """
    schema = evidence.parsed_schema
    version = str(evidence.protocol.get("version", ""))
    return Snapshot(version, None, evidence.protocol, schema, _tables(schema, data_dir), results)


def _schema(data_dir: Path) -> Schema:
    path = data_dir / SCHEMA_FILE
    try:
        # Most versions have the same.
        known = digest(path)
        if known not in _schemas:
            _schemas[known] = read_schema(path)
    except (OSError, SchemaError) as error:
        raise LivingError(str(error), f"无法读取数据结构：{error}") from error
    return _schemas[known]


def _protocol(data_dir: Path) -> Mapping[str, Any]:
    parsed = read_yaml(data_dir / PROTOCOL_FILE)
    return parsed if isinstance(parsed, dict) else {}


def _tables(schema: Schema, data_dir: Path) -> dict[str, TableText]:
    return {
        name: TableText(name, table.primary_key, (data_dir / table.path).read_text(encoding="utf-8-sig"))
        for name, table in schema.tables.items()
    }


def _settings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _settings(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for place, part in enumerate(value, start=1):
            name = part.get("id", place) if isinstance(part, Mapping) else place
            yield from _settings(part, f"{path}.{name}")
    else:
        yield path, json.dumps(value, ensure_ascii=False, default=_iso)


def _iso(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in review.yml")
