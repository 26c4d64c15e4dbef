"""The checklists themselves, from the YAML files beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from analysis.yaml_files import read_yaml

Text = Mapping[str, str]

_FOLDER: Final = Path(__file__).parent

CHECKLISTS: Final = ("prisma-2020", "prisma-2020-abstracts", "prisma-lsr")


@dataclass(frozen=True)
class Item:
    """One line of a checklist.

    Attributes
    ----------
    id : str
        Its key in ``reporting.csv``.
    number : str
        As the checklist numbers it; nothing where that is not known.
    section, topic, text : Text
        In each language; the English text is the source's.
    rule : str
        Name in ``analysis.reporting.rules.RULES`` of what looks at the evidence; nothing where only the
        maintainers can say.
    from_abstract : bool
        Whether the item is known from an abstract only, not in the wording of the checklist.
    """

    id: str
    number: str
    section: Text
    topic: Text
    text: Text
    rule: str = ""
    from_abstract: bool = False


@cache
def items(checklist: str) -> tuple[Item, ...]:
    """The lines of a checklist, in its order.

    Raises
    ------
    KeyError
        When there is no such checklist.
    """
    if checklist not in CHECKLISTS:
        raise KeyError(f"there is no checklist {checklist!r}; there is {', '.join(CHECKLISTS)}")
    content = read_yaml(_FOLDER / f"{checklist}.yml")
    return tuple(_item(entry, part["title"]) for part in content["sections"] for entry in part["items"])


@cache
def by_id() -> Mapping[str, Item]:
    """The lines of all checklists by their id."""
    return {item.id: item for checklist in CHECKLISTS for item in items(checklist)}


def _item(entry: Mapping[str, Any], section: Text) -> Item:
    return Item(
        id=entry["id"],
        number=str(entry.get("number", "")),
        section=section,
        topic=entry["topic"],
        text=entry["text"],
        rule=entry.get("rule", ""),
        from_abstract=entry.get("from_abstract", False),
    )
