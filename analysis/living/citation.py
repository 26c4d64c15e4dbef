"""How to cite this version: Vancouver, GB/T 7714, BibTeX and RIS, from ``CITATION.cff`` and the protocol.

Nothing is filled in that is not written there: without a date of release the citation says that it has
none, and without names it names "the maintainers" as its authors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from analysis.living.releasing import CITATION_FILE
from analysis.wording import catalogue
from analysis.yaml_files import read_yaml

STYLES: Final = ("vancouver", "gbt7714", "bibtex")
# What an author that nobody has named yet says of itself in CITATION.cff.
_PLACEHOLDER: Final = "to be completed"
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_VANCOUVER_AUTHORS: Final = 6
_GBT_AUTHORS: Final = 3
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TEX: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_",
    "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Author:
    """A person (family and given names), or a group, which has a family name only.

    Examples
    --------
    >>> person = Author("Example", "Ann Bea")
    >>> person.full, person.inverted, person.initials
    ('Ann Bea Example', 'Example, Ann Bea', 'AB')
    >>> Author("张", "三").full
    '张三'
    """

    family: str
    given: str = ""

    @property
    def is_han(self) -> bool:
        return bool(_HAN.search(self.family))

    @property
    def full(self) -> str:
        """As it is said."""
        return f"{self.family}{self.given}" if self.is_han else f"{self.given} {self.family}".strip()

    @property
    def inverted(self) -> str:
        """Family name first, as reference managers want it."""
        return f"{self.family}, {self.given}" if self.given else self.family

    @property
    def initials(self) -> str:
        return "".join(part[0].upper() for part in re.split(r"[\s.-]+", self.given) if part)

    def short(self, family: str) -> str:
        """Family name and initials; a Chinese name and a group in full."""
        return self.full if self.is_han or not self.given else f"{family} {self.initials}"


@dataclass(frozen=True)
class Citation:
    """What is known of this version, in one language.

    Attributes
    ----------
    authors : tuple of Author
        Empty while nobody is named.
    date : str
        Day of the release (ISO), or nothing for a version that is not released.
    url, doi : str
        Nothing where there is none.
    """

    id: str
    lang: str
    title: str
    version: str
    authors: tuple[Author, ...] = ()
    date: str = ""
    url: str = ""
    doi: str = ""

    def vancouver(self, accessed: str) -> str:
        """After the National Library of Medicine; `accessed` stands for the day of reading, if any."""
        text = f". {self._version()}. {self._day() or self._undated()}"
        if self.url:
            cited = f" [cited {accessed}]" if accessed else ""
            text = f" [Internet]{text}{cited}. Available from: {self.url}"
        names = [author.short(author.family) for author in self.authors]
        return f"{self._names(names, _VANCOUVER_AUTHORS, ', ')}. {self.title}{text}.{self._doi()}"

    def gbt7714(self, accessed: str) -> str:
        """After GB/T 7714—2015, as an electronic bulletin (EB/OL)."""
        issued = f"({self.date})" if self.date else ""
        names = [author.short(author.family.upper()) for author in self.authors]
        carrier, read = ("EB/OL", f"[{accessed}]. {self.url}") if self.url else ("EB", "")
        text = f"{self._names(names, _GBT_AUTHORS, ', ')}. {self.title}[{carrier}]. {self._version()}"
        return f"{text}. {issued}{read}".rstrip(". ") + "." + self._doi()

    def bibtex(self) -> str:
        """An entry for BibTeX and what reads it."""
        names = [
            _tex(author.inverted) if author.given else f"{{{_tex(author.full)}}}" for author in self.authors
        ]
        fields = {
            "author": " and ".join(names) or f"{{{_tex(self._nobody())}}}",
            "title": f"{{{_tex(self.title)}}}",
            "year": self.date[:4],
            "version": self.version,
            "note": _tex(self._version()),
            "doi": self.doi,
            "url": self.url,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join((f"@misc{{{self.id}-{self.version},", *lines, "}")) + "\n"

    def ris(self) -> str:
        """A record for reference managers."""
        fields = [
            ("TY", "ELEC"),
            *(("AU", author.inverted) for author in self.authors),
            *([] if self.authors else [("AU", self._nobody())]),
            ("TI", self.title),
            ("PY", self.date[:4]),
            ("DA", self.date.replace("-", "/")),
            ("ET", self._version()),
            ("DO", self.doi),
            ("UR", self.url),
            ("LA", self.lang),
        ]
        lines = [f"{tag}  - {_one_line(value)}" for tag, value in fields if value]
        return "\r\n".join((*lines, "ER  - ", ""))

    def told(self) -> dict[str, Any]:
        """What is known, for the heads of pages and the PDF's title page."""
        known = {
            "citation": self.vancouver(""),
            "authors": [author.full for author in self.authors],
            "date": self.date,
            "doi": self.doi,
        }
        return {name: value for name, value in known.items() if value}

    def _names(self, names: Sequence[str], most: int, comma: str) -> str:
        if not names:
            return self._nobody()
        rest = [catalogue.text("living.cite.et_al", self.lang)] if len(names) > most else []
        return comma.join((*names[:most], *rest))

    def _nobody(self) -> str:
        return catalogue.text("living.cite.maintainers", self.lang)

    def _version(self) -> str:
        return catalogue.text("living.cite.version", self.lang, version=self.version)

    def _undated(self) -> str:
        return f"[{catalogue.text('living.cite.undated', self.lang)}]"

    def _day(self) -> str:
        parts = self.date.split("-")
        if len(parts) < 3:
            return self.date
        return f"{parts[0]} {_MONTHS[int(parts[1]) - 1]} {int(parts[2])}"

    def _doi(self) -> str:
        return f" doi: {self.doi}" if self.doi else ""


def citation(project: Path, review: Mapping[str, Any], lang: str, site_url: str = "") -> Citation:
    """This version's citation.

    Parameters
    ----------
    project : Path
        The folder of ``CITATION.cff``; a review without one is cited without names and date.
    review : mapping
        ``Results.review``.
    site_url : str, optional
        Where the site is shown; else ``url`` of ``CITATION.cff``.
    """
    path = project / CITATION_FILE
    known = read_yaml(path) if path.is_file() else {}
    version = str(review["version"])
    # The file's date is that of the version it names.
    is_released = str(known.get("version", "")) == version
    address = f"{site_url}/{lang}/" if site_url else str(known.get("url", ""))
    return Citation(
        id=str(review["id"]),
        lang=lang,
        title=str(review["title"][lang]),
        version=version,
        authors=tuple(_authors(known.get("authors", ()))),
        date=str(known.get("date-released", "")) if is_released else "",
        url=address,
        doi=str(known.get("doi", "")),
    )


def _authors(listed: Sequence[Mapping[str, Any]]) -> list[Author]:
    found = [
        Author(str(entry.get("family-names") or entry.get("name", "")), str(entry.get("given-names", "")))
        for entry in listed
    ]
    return [author for author in found if author.family and _PLACEHOLDER not in author.family]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in _one_line(text))
