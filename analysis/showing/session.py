"""What a chapter shows from: language, project, evidence and results, loaded once per process."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from analysis.evidence import Evidence, load
from analysis.living.status import status
from analysis.showing.places import sections
from analysis.synthesis import synthesise
from analysis.synthesis.results import SCHEMA_VERSION, Results
from analysis.tables.sources import FIXTURES, Place, Sources
from analysis.validation import Agreement, agreements
from analysis.wording import LANGUAGES, known_language

BUILD: Final = "_build"
STUDIES_PAGE: Final = "chapters/studies.html"
CITE_SOURCE: Final = "chapters/authors.qmd"
CITE_SECTION: Final = "sec-cite"
CHANGES_SOURCE: Final = "chapters/changes.qmd"

_ANALYSIS: Final = Path(__file__).resolve().parents[1]
_CODE: Final = ("evidence", "statistics", "synthesis")


@dataclass(frozen=True)
class Session:
    """Where and in which language something is shown.

    Attributes
    ----------
    project : Path
        The folder of ``_quarto.yml``.
    page : Path
        The folder of the page, from which relative links start.
    """

    lang: str
    project: Path
    page: Path
    evidence: Evidence
    results: Results

    @property
    def sources(self) -> Sources:
        """What tables are made from."""
        return Sources(
            self.evidence,
            self.results,
            self.lang,
            self.study_link,
            lambda: agreements_of(self.project / BUILD),
            self.project / "data",
            self.places,
        )

    def places(self) -> dict[str, Place]:
        """The sections of the project's text by their id, with links from this page."""
        return {
            anchor: Place(chapter, title, self.link(f"{name.removesuffix('.qmd')}.html#{anchor}"))
            for anchor, chapter, title, name in sections(self.project, self.lang)
        }

    def folder(self, kind: str) -> Path:
        """Where files of `kind` (``figures``, ``tables``) are written."""
        return self.project / BUILD / self.lang / kind

    def link(self, target: str) -> str:
        """`target`, relative to the language's folder, as a link from this page."""
        path, hash_sign, fragment = target.partition("#")
        return Path(os.path.relpath(self.project / path, self.page)).as_posix() + hash_sign + fragment

    @property
    def cite_link(self) -> str:
        """The section that says how to cite the review; nothing where the review has none."""
        source = self.project / CITE_SOURCE
        if not source.is_file() or f"{{#{CITE_SECTION}" not in source.read_text(encoding="utf-8"):
            return ""
        return self.link(f"{CITE_SOURCE.removesuffix('.qmd')}.html#{CITE_SECTION}")

    def study_link(self, study_id: str) -> str:
        """The study's section."""
        return self.link(f"{STUDIES_PAGE}#study-{study_id}")


def current() -> Session:
    """The session of the cell that is being run.

    Raises
    ------
    ValueError
        When ``QUARTO_PROFILE`` names a language that the review is not written in.
    FileNotFoundError
        When there is no project around the working directory.
    EvidenceError
        When the evidence does not pass its checks.
    """
    lang = known_language(os.environ.get("QUARTO_PROFILE") or "en")
    project = find_project(Path.cwd())
    data_digest = digest([project / "data"], ("*.csv", "*.yml", "*.json"))
    evidence, results = _loaded(project, data_digest)
    if not _offered(project, lang).is_file():
        _publish.cache_clear()  # The build folder was emptied while this process lived on.
    _publish(project, data_digest, lang)
    return Session(lang, project, Path.cwd(), evidence, results)


def find_project(start: Path) -> Path:
    """The folder named by ``QUARTO_PROJECT_DIR``, else the nearest one above with ``_quarto.yml``."""
    named = os.environ.get("QUARTO_PROJECT_DIR")
    if named:
        return Path(named).resolve()
    for folder in (start, *start.parents):
        if (folder / "_quarto.yml").is_file():
            return folder
    raise FileNotFoundError(f"no _quarto.yml in {start.name} or above it: nothing can be shown from here")


def digest(folders: Iterable[Path], patterns: Iterable[str]) -> str:
    """SHA-256 over the names and contents of the files that match."""
    patterns = tuple(patterns)
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
            state = path.stat()
            found.update(path.name.encode() + b"\0" + _content(path, state.st_mtime_ns, state.st_size))
    return found.hexdigest()


@lru_cache(maxsize=1024)
def _content(path: Path, mtime_ns: int, size: int) -> bytes:
    """Digest of one file, read again only when its time or size has changed: every shown number asks."""
    return hashlib.sha256(path.read_bytes()).digest()


@lru_cache(maxsize=2)
def _loaded(project: Path, data_digest: str) -> tuple[Evidence, Results]:
    evidence = load(project / "data")
    results = results_of(evidence, project / BUILD, data_digest)
    for lang in LANGUAGES:
        told = status(results.review, lang, date.today())
        if (project / CHANGES_SOURCE).is_file():
            told["changes"] = CHANGES_SOURCE.removesuffix(".qmd") + ".html"
        state = json.dumps(told, ensure_ascii=False, indent=1)
        write(project / BUILD / lang / "status.json", state + "\n")
    return evidence, results


@lru_cache(maxsize=4)
def _publish(project: Path, data_digest: str, lang: str) -> None:
    """Put ``results.json`` among the files that the site offers."""
    _, results = _loaded(project, data_digest)
    write(_offered(project, lang), results.to_json())


def _offered(project: Path, lang: str) -> Path:
    return project / BUILD / lang / "results.json"


def results_of(evidence: Evidence, build: Path, data_digest: str) -> Results:
    """Read ``results.json`` when it was made from this evidence by this code, else make it anew."""
    code = digest([_ANALYSIS / name for name in _CODE], ["*.py"])
    key = "\n".join((SCHEMA_VERSION, data_digest, code))
    return Results.from_json(_kept(build / "results.json", key, lambda: synthesise(evidence).to_json()))


@lru_cache(maxsize=1)
def agreements_of(build: Path) -> tuple[Agreement, ...]:
    """Read ``validation.json`` when it was made from these fixtures by this code, else make it anew.

    Nothing where the fixtures are not at hand.
    """
    if not FIXTURES.is_dir():
        return ()
    code = digest([_ANALYSIS / "statistics", _ANALYSIS / "validation"], ["*.py"])
    fixtures = digest(
        [FIXTURES, *(FIXTURES / name for name in ("core", "data", "models"))], ["*.json", "*.csv"]
    )

    def compare() -> str:
        records = [found.to_dict() for found in agreements(FIXTURES)]
        return json.dumps(records, ensure_ascii=False, allow_nan=False) + "\n"

    kept = json.loads(_kept(build / "validation.json", f"{code}\n{fixtures}", compare))
    return tuple(Agreement(**record) for record in kept)


def _kept(path: Path, key: str, make: Callable[[], str]) -> str:
    """The text of a file when it was made from what `key` names, else made anew.

    A file of the same name that ends in ``.key`` says what it was made from.
    """
    packages = " ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas"))
    wanted = f"{key}\n{packages}\n"
    key_file = path.with_suffix(".key")
    if path.is_file() and key_file.is_file() and key_file.read_text(encoding="utf-8") == wanted:
        return path.read_text(encoding="utf-8")
    text = make()
    write(path, text)
    write(key_file, wanted)
    return text


def write(path: Path, content: str | bytes) -> None:
    """Write a file in one step, so that a second process never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    partial.replace(path)
