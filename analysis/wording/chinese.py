"""The one rule for spaces in Chinese text.

A normal space stands between a Han character and a Latin letter, digit or sign; none stands between
two Han characters, nor next to full-width punctuation.
"""

from __future__ import annotations

import re

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_FULL_WIDTH = "，。；：？！、（）《》〈〉「」『』【】“”‘’…—～·"
_LATIN = "A-Za-z0-9%‰°±×−+²³τχα-ωΑ-Ωâ-ž"

_RULES = (
    (re.compile(f"([{_HAN}])([{_LATIN}])"), r"\1 \2"),
    (re.compile(f"([{_LATIN}])([{_HAN}])"), r"\1 \2"),
    (re.compile(f"(?<=[{_HAN}])[ \t\n]+(?=[{_HAN}])"), ""),
    (re.compile(f"[ \t\n]+(?=[{_FULL_WIDTH}])"), ""),
    (re.compile(f"(?<=[{_FULL_WIDTH}])[ \t\n]+"), ""),
)


def spaced(text: str) -> str:
    """Apply the rule to `text`.

    Examples
    --------
    >>> spaced("鞘内注射MSC 后 ， 1 项 试验")
    '鞘内注射 MSC 后，1 项试验'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
