"""What a chapter shows from: language, project, evidence and results, loaded once per process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final, TypeVar

from analysis.evidence import Evidence, load
from analysis.living.archive import Archive, open_archive
from analysis.living.citation import Citation, citation
from analysis.living.status import status
from analysis.living.versions import FOLDER as VERSIONS
from analysis.living.versions import is_changed, read_versions
from analysis.showing.lengths import MOST_SECTIONS
from analysis.showing.places import sections
from analysis.synthesis import synthesise
from analysis.synthesis.results import SCHEMA_VERSION, Results, from_record, to_record
from analysis.tables.sources import FIXTURES, Place, Sources
from analysis.validation import Agreement, agreements
from analysis.wording import known_language
from store import Store, digest_of, key_of, packages
from store.readings import lines

BUILD: Final = "_build"
BUILD_VARIABLE: Final = "REVIEW_BUILD"
"""Names another folder than ``_build``, so that chapters run at once do not mix their files."""
STUDIES_PAGE: Final = "chapters/studies.html"
STUDIES_FOLDER: Final = "studies"
CITE_SOURCE: Final = "chapters/authors.qmd"
CITE_SECTION: Final = "sec-cite"
CHANGES_SOURCE: Final = "chapters/changes.qmd"
SITE_URL_VARIABLE: Final = "REVIEW_SITE_URL"

_ANALYSIS: Final = Path(__file__).resolve().parents[1]
_DATA: Final = (".csv", ".yml", ".json", ".bib")
_ROOMS: Final = ("evidence", "statistics", "synthesis")

T = TypeVar("T")


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
            lambda: agreements_of(self.project),
            self.project / "data",
            lambda: self.places,
            lambda: self.archive,
        )

    @property
    def archive(self) -> Archive:
        """The stored versions and the present state."""
        data = self.project / "data"
        folders = [path for path in (data / VERSIONS).glob("*") if path.is_dir()]
        files = (path for folder in folders for path in folder.glob("*.json"))
        return _archive(self.project, digest_of(files, self.project), digest(data))

    @cached_property
    def places(self) -> dict[str, Place]:
        """The sections of the project's text by their id, with links from this page."""
        return {
            anchor: Place(chapter, title, self.link(f"{name.removesuffix('.qmd')}.html#{anchor}"))
            for anchor, chapter, title, name in sections(self.project, self.lang)
        }

    @property
    def store(self) -> Store:
        """What was made before."""
        return Store.of(self.project)

    def folder(self, kind: str) -> Path:
        """Where files of `kind` (``figures``, ``tables``) are written."""
        return build_folder(self.project) / self.lang / kind

    def link(self, target: str) -> str:
        """`target`, relative to the language's folder, as a link from this page."""
        path, hash_sign, fragment = target.partition("#")
        return Path(os.path.relpath(self.project / path, self.page)).as_posix() + hash_sign + fragment

    @property
    def state(self) -> dict[str, str]:
        """The state of the review today, as it stands on top of every page."""
        return _state(self.project, self.results, self.lang)

    @property
    def citation(self) -> Citation:
        """How to cite this version."""
        return _citation(self.project, self.results, self.lang)

    @property
    def cite_link(self) -> str:
        """The section that says how to cite the review; nothing where the review has none."""
        return self.link(target) if (target := _cite_target(self.project)) else ""

    @property
    def has_study_pages(self) -> bool:
        """Whether each study has a page of its own."""
        return len(self.evidence.rows("studies")) > MOST_SECTIONS

    def study_link(self, study_id: str) -> str:
        """The study's section, or its page where there are too many for one."""
        page = f"{STUDIES_FOLDER}/{study_id}/index.html" if self.has_study_pages else STUDIES_PAGE
        return self.link(f"{page}#study-{study_id}")


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
    data_digest = digest(project / "data")
    evidence, results = loaded(project, data_digest)
    build = build_folder(project)
    if not _offered(build, lang).is_file():
        _publish.cache_clear()  # The build folder was emptied while this process lived on.
    _publish(project, build, data_digest, lang)
    return Session(lang, project, Path.cwd(), evidence, results)


def build_folder(project: Path) -> Path:
    """Where cells leave what the site offers."""
    return Path(os.environ.get(BUILD_VARIABLE) or project / BUILD)


def find_project(start: Path) -> Path:
    """The folder named by ``QUARTO_PROJECT_DIR``, else the nearest one above with ``_quarto.yml``."""
    named = os.environ.get("QUARTO_PROJECT_DIR")
    if named:
        return Path(named).resolve()
    for folder in (start, *start.parents):
        if (folder / "_quarto.yml").is_file():
            return folder
    raise FileNotFoundError(f"no _quarto.yml in {start.name} or above it: nothing can be shown from here")


def digest(data_dir: Path) -> str:
    """SHA-256 over the names and contents of the evidence's files."""
    # As text: a chapter asks hundreds of times.
    names = (name for name in os.listdir(data_dir) if name.endswith(_DATA))
    return digest_of((f"{data_dir}/{name}" for name in names), data_dir)


@cache
def code_of(*names: str) -> str:
    """SHA-256 over the code of rooms of the analysis, words and templates included; of all without names."""
    rooms = [_ANALYSIS / name for name in names] or [_ANALYSIS]
    files = (path for room in rooms for path in room.rglob("*.*"))
    return digest_of((path for path in files if path.suffix != ".pyc" and path.is_file()), _ANALYSIS)


@lru_cache(maxsize=2)
def loaded(project: Path, data_digest: str) -> tuple[Evidence, Results]:
    """The project's evidence and its results, as long as `digest` gives the same."""
    evidence = load(project / "data")
    return evidence, results_of(evidence, Store.of(project), data_digest)


@lru_cache(maxsize=2)
def _archive(project: Path, stored_digest: str, data_digest: str) -> Archive:
    """The archive, read again only when a file of the data has changed."""
    return open_archive(*loaded(project, data_digest), project / "data")


@lru_cache(maxsize=4)
def _publish(project: Path, build: Path, data_digest: str, lang: str) -> None:
    """Leave the record of every result and the state of the review among what the site offers."""
    told, record = _offer(project, data_digest, lang)
    write(build / lang / "status.json", told)
    write(build / "results.json", record)
    write(_offered(build, lang), record)


@lru_cache(maxsize=4)
def _offer(project: Path, data_digest: str, lang: str) -> tuple[str, str]:
    """The state of the review and the record of every result, as JSON."""
    _, results = loaded(project, data_digest)
    told = _state(project, results, lang) | _citation(project, results, lang).told()
    if (project / CHANGES_SOURCE).is_file():
        told["changes"] = CHANGES_SOURCE.removesuffix(".qmd") + ".html"
    told["cite"] = _cite_target(project)
    if results.questions:
        # The protocol's first question, whatever it found, stands for the review where it is shared.
        first = results.questions[0]
        told["figure"] = f"figures/fig-{first.id}.svg"
        told["figure_title"] = first.title[lang]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n", results.to_json()


def _state(project: Path, results: Results, lang: str) -> dict[str, str]:
    later = is_changed(read_versions(project / "data"), results)
    return status(results.review, lang, date.today(), later=later)


def _citation(project: Path, results: Results, lang: str) -> Citation:
    return citation(project, results.review, lang, os.environ.get(SITE_URL_VARIABLE, "").rstrip("/"))


def _cite_target(project: Path) -> str:
    source = project / CITE_SOURCE
    if not source.is_file() or not lines(source, rf"#.*\{{#{CITE_SECTION}"):
        return ""
    return f"{CITE_SOURCE.removesuffix('.qmd')}.html#{CITE_SECTION}"


def _offered(build: Path, lang: str) -> Path:
    return build / lang / "results.json"


def results_of(evidence: Evidence, store: Store, data_digest: str) -> Results:
    """The results of this evidence by this code, computed when they are not kept."""
    code = (SCHEMA_VERSION, code_of(*_ROOMS), packages())

    def keeping(kind: type[T], made_from: str, make: Callable[[], T]) -> T:
        # Two processes that compute the same results at once share the answers.
        key = key_of("answer", str(kind), made_from, *code)
        return from_record(kind, store.memo_json(key, lambda: to_record(make())))

    results = key_of("results", data_digest, *code)
    return Results.from_json(store.memo_text(results, lambda: synthesise(evidence, keeping).to_json()))


@lru_cache(maxsize=1)
def agreements_of(project: Path) -> tuple[Agreement, ...]:
    """The comparison of these fixtures with this code, computed when it is not kept.

    Nothing where the fixtures are not at hand.
    """
    if not FIXTURES.is_dir():
        return ()
    fixtures = digest_of((path for path in FIXTURES.rglob("*") if path.suffix in _DATA), FIXTURES)
    key = key_of("validation", code_of("validation", "statistics"), fixtures, packages())
    kept = Store.of(project).memo_json(key, lambda: [found.to_dict() for found in agreements(FIXTURES)])
    return tuple(Agreement(**record) for record in kept)


def write(path: Path, content: str | bytes) -> None:
    """Write a file in one step, so that a second process never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    partial.replace(path)
