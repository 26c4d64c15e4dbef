"""A new version: its number by the rule, its folder under ``data/versions/``, and the citation."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from analysis.evidence.package import PROTOCOL_FILE
from analysis.living.changes import Changes, diff, search_year
from analysis.living.errors import LivingError
from analysis.living.report import reason as told_by
from analysis.living.schedule import TRIGGERS
from analysis.living.snapshots import Snapshot, of_folder, of_version
from analysis.living.versions import (
    DATA_FOLDER,
    FOLDER,
    META_FILE,
    RESULTS_FILE,
    Level,
    Meta,
    Stored,
    Version,
    read_version,
    read_versions,
)
from analysis.synthesis.results import SCHEMA_VERSION, Results, Text
from analysis.wording import LANGUAGES, catalogue

CITATION_FILE = "CITATION.cff"

_VERSION_LINE = re.compile(r"^version:[ \t]*\S+", re.MULTILINE)
_DATE_LINE = re.compile(r"^date-released:.*\n", re.MULTILINE)


def release(
    data_dir: Path,
    date: datetime.date,
    reason: Mapping[str, str] | None = None,
    trigger: str | None = None,
) -> tuple[Stored, Changes | None]:
    """Store the data as a new version, and name it in ``review.yml`` and ``CITATION.cff``.

    Parameters
    ----------
    data_dir : Path
        The data package; ``CITATION.cff`` beside it is kept in step where there is one.
    reason : mapping, optional
        Why there is a new version, in both languages; what changed, in a sentence, where not given.
    trigger : str, optional
        One of `TRIGGERS`; told from what changed where not given.

    Returns
    -------
    tuple
        The version, and what it changes; None for the first one.

    Raises
    ------
    LivingError
        When the data has errors, nothing changed, or the date lies before the last version's.
    """
    if trigger is not None and trigger not in TRIGGERS:
        known = ", ".join(TRIGGERS)
        raise LivingError(
            f"unknown trigger {trigger!r}; there are {known}", f"未知的缘由 {trigger!r}；可用：{known}"
        )
    now = of_folder(data_dir)
    earlier = read_versions(data_dir)
    if not earlier:
        changes: Changes | None = None
        version = Version.parse(str(now.results.review["version"]))
    else:
        last = earlier[-1]
        if date.isoformat() < last.meta.date:
            raise LivingError(
                f"version {last.version} was released on {last.meta.date}, after {date}",
                f"版本 {last.version} 发布于 {last.meta.date}，晚于 {date}",
            )
        changes = diff(of_version(last), now)
        if changes.nothing and reason is None:
            raise LivingError(
                f"nothing changed since version {last.version}; give a --reason to release all the same",
                f"自版本 {last.version} 以来没有变化；如仍要发布，请用 --reason 说明理由",
            )
        level: Level = "patch" if changes.nothing else changes.level
        version = last.version.following(search_year(now), level)
        changes = replace(changes, new=str(version), new_date=date.isoformat(), level=level)
    folder = _write(data_dir, now, version, date, _Why.of(changes, trigger, reason))
    return read_version(folder), changes


def seed_version(data_dir: Path) -> Stored:
    """Store the results that the continued review printed, as the version before the first own one.

    Nothing is computed and no study is told: the record holds the printed results only, and the date is
    that review's year.

    Raises
    ------
    LivingError
        When there are versions already, or no earlier review is marked as the seed.
    """
    if read_versions(data_dir):
        raise LivingError("there are versions already", "已有存储的版本")
    now = of_folder(data_dir)
    printed = tuple(result for result in now.results.published if result.is_seed)
    if not printed:
        raise LivingError("no earlier review is marked is_seed", "没有标记为 is_seed 的既往系统评价")
    version = Version(search_year(now), 0, 0)
    results = Results(
        SCHEMA_VERSION,
        {**now.results.review, "version": str(version)},
        inputs={},
        packages={},
        counts={},
        questions=(),
        published=printed,
    )
    review = now.results.review
    meta = Meta(
        version=str(version),
        date=str(printed[0].year or version.year),
        previous=None,
        level="seed",
        trigger="seed",
        reason={
            lang: catalogue.text("living.seed_reason", lang, review=printed[0].review_label)
            for lang in LANGUAGES
        },
        status=str(review["status"]),
        search_last=str(review["search"]["last"]),
        digests={},
    )
    folder = data_dir / FOLDER / str(version)
    with_files = {RESULTS_FILE: results.to_json(), META_FILE: _json(meta)}
    _store(folder, with_files, None, {})
    return read_version(folder)


@dataclass(frozen=True)
class _Why:
    """Why there is a new version."""

    previous: str | None
    level: str
    trigger: str
    reason: Text

    @classmethod
    def of(cls, changes: Changes | None, trigger: str | None, reason: Text | None) -> _Why:
        code = trigger or _trigger(changes)
        if changes is None or changes.seed:
            told = {lang: catalogue.text(f"living.trigger.{code}", lang) for lang in LANGUAGES}
        else:
            told = {lang: told_by(changes, lang) for lang in LANGUAGES}
        previous, level = (changes.old, changes.level) if changes else (None, "first")
        return cls(previous, level, code, dict(reason or told))


def _trigger(changes: Changes | None) -> str:
    """Why there is a new version, told from what changed."""
    if changes is None or changes.seed:
        return "first"
    about = {change.about for change in changes.protocol}
    if any(change.kind == "added" for change in changes.studies):
        return "new_study"
    if about & {"question", "method", "assumption"}:
        return "methods"
    tables = {cell.table for cell in changes.cells} | {row.table for row in changes.rows}
    if tables & {"risk_of_bias", "certainty"}:
        return "judgement"
    if changes.studies or any(change.is_value for change in changes.cells):
        return "correction"
    if "search" in about or "searches" in tables:
        return "search"
    return "status" if "living" in about else "wording"


def _write(data_dir: Path, now: Snapshot, version: Version, date: datetime.date, why: _Why) -> Path:
    protocol = (data_dir / PROTOCOL_FILE).read_text(encoding="utf-8")
    protocol = _with_version(protocol, version, PROTOCOL_FILE)
    digests = {**now.results.inputs, PROTOCOL_FILE: hashlib.sha256(protocol.encode("utf-8")).hexdigest()}
    results = replace(
        now.results,
        review={**now.results.review, "version": str(version)},
        inputs=dict(sorted(digests.items())),
    )
    review = now.results.review
    meta = Meta(
        version=str(version),
        date=date.isoformat(),
        previous=why.previous,
        level=why.level,
        trigger=why.trigger,
        reason=why.reason,
        status=str(review["status"]),
        search_last=str(review["search"]["last"]),
        digests=dict(results.inputs),
    )
    changed = {data_dir / PROTOCOL_FILE: protocol}
    citation = data_dir.parent / CITATION_FILE
    if citation.is_file():
        text = _with_version(citation.read_text(encoding="utf-8"), version, CITATION_FILE)
        text = _DATE_LINE.sub("", text)
        text = _VERSION_LINE.sub(lambda line: f"{line[0]}\ndate-released: {date.isoformat()}", text, count=1)
        changed[citation] = text
    files = {RESULTS_FILE: results.to_json(), META_FILE: _json(meta)}
    names = [name for name in digests if name != PROTOCOL_FILE]
    copies = {name: (data_dir / name).read_bytes() for name in names}
    copies[PROTOCOL_FILE] = protocol.encode("utf-8")
    folder = data_dir / FOLDER / str(version)
    _store(folder, files, copies, changed)
    return folder


def _with_version(text: str, version: Version, name: str) -> str:
    found, times = _VERSION_LINE.subn(f"version: {version}", text)
    if times != 1:
        raise LivingError(
            f"{name} has {times} lines “version:” where one is needed",
            f"{name} 中应有一行“version:”，实际有 {times} 行",
        )
    return found


def _store(
    folder: Path,
    files: Mapping[str, str],
    data: Mapping[str, bytes] | None,
    changed: Mapping[Path, str],
) -> None:
    """Write the version's folder and the changed files: all of it, or nothing.

    Raises
    ------
    OSError
        When something cannot be written; everything is as it was then.
    """
    partial = folder.with_name(f".{folder.name}")
    shutil.rmtree(partial, ignore_errors=True)
    before = {path: path.read_bytes() for path in changed}
    try:
        partial.mkdir(parents=True)
        for name, text in files.items():
            (partial / name).write_text(text, encoding="utf-8", newline="")
        if data is not None:
            (partial / DATA_FOLDER).mkdir()
            for name, content in data.items():
                (partial / DATA_FOLDER / name).write_bytes(content)
        for path, text in changed.items():
            path.write_text(text, encoding="utf-8", newline="")
        os.rename(partial, folder)
    except OSError:
        for path, content in before.items():
            path.write_bytes(content)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _json(meta: Meta) -> str:
    return json.dumps(asdict(meta), ensure_ascii=False, indent=1) + "\n"
