"""Labels and short texts, in both languages, by key.

The YAML files beside this module are merged into one mapping. Keys nest (``mark: {assumed_n: …}`` is
``mark.assumed_n``); a text is ``{en: …, zh: …}``; where English needs a plural, the English text is
``{one: …, other: …}`` and the caller gives ``count``. Placeholders are ``{name}``.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.wording import LANGUAGES, known_language
from analysis.wording.chinese import spaced
from analysis.yaml_files import Loader

_FOLDER = Path(__file__).parent

Text = Mapping[str, str]
"""One language's text by plural form (``one``, ``other``); ``other`` alone where there is no plural."""


class CatalogueError(Exception):
    """The catalogue is broken, or was asked for something it does not hold."""


def text(key: str, lang: str, **params: str | int) -> str:
    """The text of `key` in `lang`, with its placeholders filled.

    Whole numbers are given thousands separators; any other number has to be formatted first
    (:mod:`analysis.wording.numbers`), because only the caller knows its decimals.

    Raises
    ------
    CatalogueError
        For an unknown key, and for a placeholder too few or too many.
    ValueError
        For a language the review is not written in.
    """
    known_language(lang)
    wanted = placeholders(key)
    forms = load()[key][lang]
    if wanted != set(params) - ({"count"} - wanted):
        raise CatalogueError(f"{key}: placeholders {sorted(wanted)} are wanted, {sorted(params)} were given")
    if len(forms) > 1 and "count" not in params:
        raise CatalogueError(f"{key}: has a plural, so it needs a count")
    form = "one" if "one" in forms and params.get("count") == 1 else "other"
    filled = forms[form].format_map({name: _shown(key, name, value) for name, value in params.items()})
    return spaced(filled) if lang == "zh" else filled


def filled(key: str, lang: str, **available: str | int) -> str:
    """Like :func:`text`, where only the placeholders that `key` asks for are taken from `available`."""
    wanted = placeholders(key)
    return text(key, lang, **{name: value for name, value in available.items() if name in wanted})


@cache
def placeholders(key: str) -> frozenset[str]:
    """The names that `key` wants filled.

    Raises
    ------
    CatalogueError
        For an unknown key.
    """
    entries = load()
    if key not in entries:
        raise CatalogueError(f"the catalogue has no key {key!r}")
    return frozenset(_placeholders(entries[key]["en"]))


def has(key: str) -> bool:
    """Whether the catalogue holds `key`."""
    return key in load()


def keys(prefix: str = "") -> tuple[str, ...]:
    """The keys that start with `prefix`, sorted."""
    return tuple(sorted(key for key in load() if key.startswith(prefix)))


@cache
def load(folder: Path = _FOLDER) -> Mapping[str, Mapping[str, Text]]:
    """Merge and check the YAML files in `folder`.

    Raises
    ------
    CatalogueError
        With everything that is wrong: a key twice, a language missing or empty, placeholders that
        differ between the languages, a file that is no mapping.
    """
    entries: dict[str, Mapping[str, Text]] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        raw = yaml.load(path.read_text(encoding="utf-8"), _Strict) or {}
        if not isinstance(raw, dict):
            wrong.append(f"{path.name}: is not a mapping of keys to texts")
            continue
        for key, leaf in _leaves(raw):
            if key in entries:
                wrong.append(f"{path.name}: {key} is already defined")
            elif problem := _problem(leaf):
                wrong.append(f"{path.name}: {key}: {problem}")
            else:
                entries[key] = {lang: _forms(leaf[lang]) for lang in LANGUAGES}
    if wrong:
        raise CatalogueError("\n".join(wrong))
    return entries


class _Strict(Loader):
    """Refuses a key that stands twice in one mapping, where YAML would keep the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [str(name.value) for name, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise CatalogueError(f"line {node.start_mark.line + 1}: {', '.join(twice)} is already defined")
        return super().construct_mapping(node, deep)


def _leaves(raw: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        key = f"{prefix}{name}"
        is_text = not isinstance(value, dict) or bool(set(LANGUAGES) & set(value))
        if is_text:
            yield key, value
        else:
            yield from _leaves(value, f"{key}.")


def _problem(leaf: Any) -> str | None:
    if not isinstance(leaf, dict) or set(leaf) != set(LANGUAGES):
        found = sorted(str(name) for name in leaf) if isinstance(leaf, dict) else leaf
        return f"wants exactly the languages {', '.join(LANGUAGES)}, has {found!r}"
    for lang in LANGUAGES:
        forms = _forms(leaf[lang])
        if "other" not in forms or not set(forms) <= {"one", "other"}:
            return f"{lang}: plural forms are one and other, found {sorted(forms)}"
        if not all(isinstance(form, str) and form.strip() for form in forms.values()):
            return f"{lang}: has no text"
    first, second = (_placeholders(_forms(leaf[lang])) for lang in LANGUAGES)
    if first != second:
        return f"placeholders differ: {sorted(first)} in {LANGUAGES[0]}, {sorted(second)} in {LANGUAGES[1]}"
    return None


def _forms(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {"other": value}


def _placeholders(forms: Mapping[str, str]) -> set[str]:
    parse = string.Formatter().parse
    return {name for form in forms.values() for _, name, _, _ in parse(form) if name is not None}


def _shown(key: str, name: str, value: str | int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace("-", "\u2212")
    raise CatalogueError(f"{key}: {name}={value!r} must be formatted before it is put into a text")
