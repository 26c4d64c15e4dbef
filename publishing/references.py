"""The book's references as files for reference managers: BibTeX and RIS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from publishing.errors import BookError
from publishing.keys import step_key
from publishing.pandoc import PandocError, pandoc
from publishing.project import Book
from store import Store

BIBTEX, RIS = "references.bib", "references.ris"
# CSL's types that RIS names otherwise than a generic reference.
TYPES: Mapping[str, str] = {
    "article-journal": "JOUR",
    "article": "UNPB",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "software": "COMP",
    "thesis": "THES",
    "webpage": "ELEC",
}
FIELDS: Mapping[str, str] = {
    "title": "TI",
    "container-title": "T2",
    "volume": "VL",
    "issue": "IS",
    "edition": "ET",
    "publisher": "PB",
    "publisher-place": "CY",
    "abstract": "AB",
    "language": "LA",
    "ISSN": "SN",
    "ISBN": "SN",
    "DOI": "DO",
    "URL": "UR",
    "note": "N1",
}


def write_references(book: Book, folder: Path) -> list[Path]:
    """Write ``references.bib`` and ``references.ris``; nothing for a book without a bibliography."""
    sources = [path for path in book.bibliography if path.suffix == ".bib"]
    if not sources:
        return []
    text = "\n".join(path.read_text(encoding="utf-8").strip() + "\n" for path in sources)
    store = Store.of(book.project_dir)
    try:
        records = json.loads(
            store.memo_text(step_key("csljson", text), lambda: pandoc(text, "bibtex", "csljson"))
        )
    except PandocError as error:
        raise BookError(f"references: {error}", f"参考文献：{error}", file=str(sources[0])) from error
    written = {BIBTEX: text, RIS: "".join(map(ris, records))}
    for name, content in written.items():
        (folder / name).write_text(content, encoding="utf-8", newline="")
    return [folder / name for name in written]


def ris(record: Mapping[str, Any]) -> str:
    """One reference of CSL's JSON as a RIS record.

    Examples
    --------
    >>> ris({"id": "a", "type": "book", "title": "T"})
    'TY  - BOOK\\r\\nID  - a\\r\\nTI  - T\\r\\nER  - \\r\\n'
    """
    lines = [("TY", TYPES.get(str(record.get("type")), "GEN")), *_lines(record)]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines if value) + "ER  - \r\n"


def _lines(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "ID", str(record["id"])
    for role, tag in (("author", "AU"), ("editor", "ED")):
        for name in record.get(role, ()):
            family = " ".join(filter(None, (name.get("non-dropping-particle"), name.get("family"))))
            if name.get("literal") == "others":
                # BibTeX's word for authors that are not named one by one.
                family = "et al"
            yield tag, ", ".join(filter(None, (family, name.get("given")))) or str(name.get("literal", ""))
    issued = (record.get("issued", {}).get("date-parts") or [[]])[0]
    if issued:
        yield "PY", str(issued[0])
        yield "DA", "/".join([str(issued[0]), *(f"{int(part):02d}" for part in issued[1:])])
    for field, tag in FIELDS.items():
        yield tag, str(record.get(field, ""))
    first, _, last = str(record.get("page", "")).partition("-")
    yield "SP", first
    yield "EP", last.lstrip("-")
