"""What is said, in each language: the catalogue of labels, number formats and sentence templates.

Language is a parameter here and in the rooms that use this one (figures, tables, show), and nowhere
above them.
"""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "zh")


def known_language(lang: str) -> str:
    """Return `lang` when the review is written in it.

    Raises
    ------
    ValueError
        For any language but those in ``LANGUAGES``.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"language {lang!r} is unknown; this review is written in {', '.join(LANGUAGES)}")
    return lang
